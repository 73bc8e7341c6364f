// @ts-check
// What a coach's page offers to be booked, and how one is connected with the coach. It follows the coach's time.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { money } from "../format.js";
import { bookingForm } from "./book.js";
import { closedWords, connectState } from "./connect.js";
import { groupSessions } from "./groups.js";
import { inOwnWords, lengthWords } from "./types.js";

/**
 * @typedef {import("./types.js").SessionType} SessionType
 * @typedef {{userId: string, coachId: string, name: string}} Coach
 */

/** Who cannot book sees what there is. @param {SessionType[]} types */
function readOnly(types) {
  return h(
    "ul.list.type-list",
    types.map((type) =>
      h(
        "li.list-item",
        h(
          "div.grow",
          h("strong.block", inOwnWords(type.names)),
          h("span.quiet.small", inOwnWords(type.descriptions)),
        ),
        h("div.end", h("strong.figures", money(type.price)), h("span.quiet.small", lengthWords(type))),
      ),
    ),
  );
}

/**
 * The calendar is not open to the viewer: why, and the way in, which stands here instead of beside.
 * @param {unknown} refusal
 * @param {HTMLElement | undefined} way
 */
function closed(refusal, way) {
  const { title, text, connect } = closedWords(refusal);
  return [h("div.banner", icon("shield"), h("div", h("strong", title), h("p", text))), connect && way].filter(
    Boolean,
  );
}

/**
 * Looks whether the calendar can be looked into at all, for a span of a minute; throws CALENDAR_PRIVATE if not.
 * @param {import("../router.js").Context} ctx
 * @param {Coach} coach
 * @param {SessionType} type
 */
async function look(ctx, coach, type) {
  const from = clock.now();
  await ctx.rapport.api.get(`/api/coaches/${encodeURIComponent(coach.userId)}/starts`, {
    sessionTypeId: type.sessionTypeId,
    from: new Date(from).toISOString(),
    to: new Date(from + 60_000).toISOString(),
    minutes: type.durationDefault,
  });
}

/**
 * Settles once all is drawn, so that nothing moves when the page is shown.
 * @param {import("../router.js").Context} ctx
 * @param {Coach} coach
 * @param {object} parts
 * @param {HTMLElement} parts.place
 * @param {HTMLElement | null} parts.connect  where one connects; null for oneself
 * @param {boolean} parts.mayBook
 * @param {ReturnType<typeof import("../store.js").bag>} parts.kept  of the page: what it lets go of
 */
export async function showOffer(ctx, coach, { place, connect, mayBook, kept }) {
  const { app, rapport } = ctx;
  let left = false;
  kept.add(() => (left = true));
  const state = connect && connectState(app, coach);
  if (connect && state) replace(connect, state.node);
  /** @type {[{items: SessionType[]}, unknown]} */
  const [{ items }] = await Promise.all([
    rapport.api.get(`/api/coaches/${encodeURIComponent(coach.userId)}/session-types`),
    // That one may connect is worth no word when it fails.
    state?.again().catch(() => {}),
  ]);
  const alone = items.filter((one) => one.format === "one_to_one");
  /** @type {{node: Node, again: () => unknown, dispose: () => void}[]} */
  const followed = [];
  const heading = h("h2", "Book a session");
  /** @type {any} */
  let refusal = null;
  const keep = (/** @type {any} */ error) => {
    if (error.code !== "CALENDAR_PRIVATE") throw error;
    refusal = error;
    return null;
  };
  const groups = items.some((one) => one.format === "group")
    ? await groupSessions(app, coach).catch(keep)
    : null;
  if (groups) followed.push(groups);
  if (mayBook && !refusal && alone.length > 0) await look(ctx, coach, alone[0]).catch(keep);
  const shut = mayBook && refusal;
  const card =
    (alone.length > 0 || shut) && h("section.card.stack.book-card", { ariaLabel: "Book a session" }, heading);
  if (card) {
    if (shut) card.append(...closed(refusal, state?.node), readOnly(items));
    else if (!mayBook) card.append(readOnly(alone));
    else {
      const form = bookingForm(app, coach, alone);
      followed.push(form);
      card.append(form.node);
      await form.ready;
    }
  }
  if (left) return followed.forEach((one) => one.dispose());
  replace(place, card, groups?.node);
  const again = () => followed.forEach((one) => void Promise.resolve(one.again()).catch(() => {}));
  kept.add(
    rapport.notifications.on("availability_update", ({ coachId }) => coachId === coach.coachId && again()),
    rapport.notifications.on("reload", ({ first }) => first || again()),
    rapport.notifications.on("notification", ({ kind }) => {
      if (kind.startsWith("connection_")) void state?.again().catch(() => {});
    }),
    () => followed.forEach((one) => one.dispose()),
  );
}
