// @ts-check
// What a person was told: newest first, new ones as they come, read and unread.
import { h, replace } from "../dom.js";
import { relative, when } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toast } from "../toast.js";
import { explain, told } from "../words.js";

/**
 * @typedef {object} Item  of GET /api/notifications
 * @property {string} id
 * @property {string} kind
 * @property {{[name: string]: string}} params
 * @property {string} createdAt
 * @property {string} [readAt]
 */

const PAGE = 20;

/**
 * @param {Item} item
 * @param {(item: Item) => void} read
 */
function line(item, read) {
  const { icon: name, title, text, href } = told(item);
  const unread = !item.readAt;
  const content = [
    h("span.note-icon", icon(name)),
    h(
      "span.grow",
      h("strong.block", unread && h("span.visually-hidden", "Unread: "), title),
      h("span.quiet.block", text),
      h(
        "time.quiet.small",
        { datetime: item.createdAt, title: when(item.createdAt) },
        relative(item.createdAt),
      ),
    ),
    unread && h("span.dot", { "aria-hidden": "true" }),
  ];
  const main = href
    ? h("a.list-item", { href, onclick: () => unread && read(item) }, content)
    : h("div.list-item", content);
  return h(
    "li.note",
    { class: unread ? "unread" : "", dataset: { id: item.id } },
    main,
    unread &&
      h(
        "button.button.quiet.small.icon-only.note-read",
        { type: "button", ariaLabel: `Mark as read: ${title}`, onclick: () => read(item) },
        icon("check"),
      ),
  );
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function notificationsPage(ctx) {
  const { app, rapport } = ctx;
  const kept = bag();
  /** @type {Item[]} */
  let items = [];
  /** @type {string | undefined} */
  let cursor;
  const list = h("ul.list", { ariaLabel: "Notifications" });
  const card = h("div.card.flush", list);
  const more = h("button.button", { type: "button" }, "Show more");
  const foot = h("div.row.centre", more);
  const readAll = h("button.button.small", { type: "button" }, icon("check"), "Mark all as read");

  const draw = () => {
    const nothing = h(
      "div.empty",
      h("span.empty-icon", icon("bell")),
      h("h2", "All quiet"),
      h("p", "Missed calls and other things worth knowing appear here, at once."),
    );
    replace(card, items.length ? list : nothing);
    replace(
      list,
      items.map((item) => line(item, (one) => void mark([one.id]))),
    );
    foot.hidden = !cursor;
  };
  const load = async () => {
    const page = await rapport.api.get("/api/notifications", { limit: PAGE, ...(cursor ? { cursor } : {}) });
    items = [...items, ...page.items];
    cursor = page.nextCursor;
    app.unread.value = page.unread;
    draw();
  };
  /** @param {string[] | null} ids  null for all */
  const mark = async (ids) => {
    try {
      const { unread } = await rapport.api.post("/api/notifications/read", ids ? { ids } : { all: true });
      app.unread.value = unread;
      const readAt = new Date().toISOString();
      items = items.map((item) =>
        !ids || ids.includes(item.id) ? { ...item, readAt: item.readAt ?? readAt } : item,
      );
      draw();
    } catch (error) {
      const { title, text } = explain(error);
      toast(`${title}. ${text}`, { kind: "bad" });
    }
  };
  const again = async () => {
    items = [];
    cursor = undefined;
    await load();
  };
  more.addEventListener("click", () => void load());
  readAll.addEventListener("click", () => void mark(null));
  kept.add(
    app.unread.subscribe((count) => (readAll.disabled = count === 0)),
    rapport.notifications.on("notification", (/** @type {Item} */ item) => {
      if (items.some((one) => one.id === item.id)) return;
      items = [item, ...items];
      draw();
    }),
    rapport.notifications.on("reload", ({ first }) => first || void again()),
  );
  await load();
  void rapport.notifications.acknowledge().catch(() => {});
  const node = h(
    "section.page.narrow",
    h(
      "header.page-head",
      h("div", h("h1", "Notifications"), h("p", "What happened while you were away, and now.")),
      readAll,
    ),
    card,
    foot,
  );
  return { title: "Notifications", node, dispose: kept.dispose };
}
