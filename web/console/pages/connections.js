// @ts-check
// People one is connected with: who asks, who was asked, who is.
import { avatar } from "../avatar.js";
import { confirm } from "../dialog.js";
import { h, redrawList, replace } from "../dom.js";
import { relative } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toast, toastTrouble } from "../toast.js";

/** @typedef {import("../booking/connect.js").Connection} Connection */

const PAGE = 50;

/** @type {{title: string, of: (one: Connection) => boolean}[]} */
const PARTS = [
  { title: "They ask to connect", of: (one) => one.state === "pending" && !one.mine },
  { title: "Connected", of: (one) => one.state === "accepted" },
  { title: "Waiting for an answer", of: (one) => one.state === "pending" && one.mine },
];

function nobody() {
  return h(
    "div.card.empty",
    h("span.empty-icon", icon("people")),
    h("h2", "No connections yet"),
    h(
      "p",
      "Some coaches show their calendar to connections alone. Ask them on their page; who asks you appears here.",
    ),
    h("a.button.primary", { href: "/coaches" }, "Find a coach"),
  );
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function connectionsPage(ctx) {
  const { api, notifications } = ctx.rapport;
  const coach = ctx.app.user.value?.role === "coach";
  const shown = new Paging(
    (cursor) => api.get("/api/connections", { limit: PAGE, cursor }),
    (/** @type {Connection} */ one) => one.connectionId,
  );
  const place = h("div.stack.loose");
  const more = h("button.button", { type: "button" }, "Show more");
  const foot = h("div.row.centre", more);

  /** @param {() => Promise<unknown>} work @param {string} done */
  const act = async (work, done) => {
    try {
      await work();
      toast(done, { kind: "good" });
    } catch (error) {
      toastTrouble(error);
    }
    await shown.again().then(draw, toastTrouble);
  };
  /** @param {Connection} one @param {string} what @param {string} done */
  const answer = (one, what, done) => () =>
    act(() => api.post(`/api/connections/${one.connectionId}/${what}`), done);
  /** @param {Connection} one */
  const remove = (one) => async () => {
    const asked = one.state === "pending";
    const sure = await confirm({
      title: asked ? `Take the wish to connect with ${one.name} back?` : `Disconnect from ${one.name}?`,
      body: asked ? undefined : "Calendars that are open to connections alone are closed to each other then.",
      yes: asked ? "Take it back" : "Disconnect",
      danger: true,
    });
    if (sure) await act(() => api.delete(`/api/connections/${one.connectionId}`), "Done.");
  };

  /** @param {Connection} one */
  const ways = (one) => {
    if (one.state === "pending" && !one.mine) {
      return [
        h(
          "button.button.primary.small",
          {
            type: "button",
            ariaLabel: `Accept ${one.name}`,
            onclick: answer(one, "accept", `You are connected with ${one.name}.`),
          },
          "Accept",
        ),
        h(
          "button.button.small",
          { type: "button", ariaLabel: `Decline ${one.name}`, onclick: answer(one, "decline", "Declined.") },
          "Decline",
        ),
      ];
    }
    const label =
      one.state === "pending"
        ? `Take the wish to connect with ${one.name} back`
        : `Disconnect from ${one.name}`;
    return h(
      "button.button.quiet.small.icon-only",
      { type: "button", ariaLabel: label, onclick: remove(one) },
      icon("close"),
    );
  };

  /** @param {Connection} one */
  const line = (one) =>
    h(
      "li.list-item.connection",
      avatar(one.name, one.avatarUrl ?? null),
      h(
        "div.grow",
        // Only coaches have a page; whoever is no coach is connected with coaches.
        h("strong.block.clip", coach ? one.name : h("a", { href: `/coaches/${one.userId}` }, one.name)),
        one.message && h("p.quiet.small.prewrap", `“${one.message}”`),
        h("span.quiet.small", relative(one.createdAt)),
      ),
      h("div.row.tight.card-acts", ways(one)),
    );

  function draw() {
    const parts = PARTS.map(({ title, of }) => ({ title, some: shown.items.filter(of) })).filter(
      ({ some }) => some.length > 0,
    );
    foot.hidden = !shown.more;
    if (parts.length === 0) return replace(place, nobody());
    redrawList(
      place,
      parts.map(({ title, some }) =>
        h(
          "section.stack.tight",
          h("h2", title),
          h("ul.list.card.flush", { ariaLabel: title }, some.map(line)),
        ),
      ),
    );
  }

  more.addEventListener("click", () => void shown.next().then(draw, toastTrouble));
  await shown.next();
  draw();
  const kept = bag();
  const again = () => void shown.again().then(draw, toastTrouble);
  kept.add(
    notifications.on("notification", ({ kind }) => kind.startsWith("connection_") && again()),
    notifications.on("reload", ({ first }) => first || again()),
  );
  const node = h(
    "section.page.narrow",
    h(
      "header.page-head",
      h("div", h("h1", "Connections"), h("p", "Who may see calendars that are not open to all.")),
    ),
    place,
    foot,
  );
  return { title: "Connections", node, dispose: kept.dispose };
}
