// @ts-check
// The group sessions of a coach: places fill up while one looks.
import { randomId } from "../../client/random-id.js";
import { whole } from "../calendar/format.js";
import { clock } from "../clock.js";
import { h, redrawList } from "../dom.js";
import { icon } from "../icons.js";
import { signal } from "../store.js";
import { toastTrouble } from "../toast.js";
import { priceNode } from "./price.js";
import { zone } from "./zone.js";

/**
 * @typedef {object} Group  of GET /api/coaches/{userId}/groups
 * @property {string} bookingId
 * @property {string} title
 * @property {string} state
 * @property {string} start
 * @property {string} end
 * @property {import("./price.js").Quote} price
 * @property {number} capacity
 * @property {number} minAttendees
 * @property {number} attendees  paid places
 * @property {string | null} [placeId]  the viewer's own booking of a place
 */

/** "3 of 8 places taken". @param {Group} group */
export function placesWords({ attendees, capacity }) {
  const left = Math.max(0, capacity - attendees);
  if (left === 0) return `All ${capacity} places are taken`;
  return `${attendees} of ${capacity} places taken, ${left} left`;
}

/** What is missing until it takes place; empty when nothing is. @param {Group} group */
export function missingWords({ attendees, minAttendees }) {
  const missing = minAttendees - attendees;
  if (missing <= 0) return "";
  return `Takes place once ${missing} more ${missing === 1 ? "person is" : "people are"} registered.`;
}

/**
 * @param {Group} group
 * @param {{own: boolean, register: (group: Group) => Promise<void>}} parts
 */
function groupItem(group, { own, register }) {
  const full = group.attendees >= group.capacity;
  const part = Math.min(100, (100 * group.attendees) / Math.max(1, group.capacity));
  const bar = h("span");
  bar.style.setProperty("--part", `${part.toFixed(1)}%`);
  const button = h(
    "button.button.primary",
    { type: "button", disabled: full, ariaLabel: `${full ? "Full:" : "Take a place in"} ${group.title}` },
    full ? "Full" : "Take a place",
  );
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    await register(group);
    button.removeAttribute("aria-busy");
    button.disabled = full;
  });
  const go = group.placeId
    ? h("a.button", { href: `/bookings/${group.placeId}` }, "Your place")
    : own
      ? h("a.button", { href: `/bookings/${group.bookingId}` }, "Open")
      : button;
  return h(
    "li.group-item.stack.tight",
    h("h3", group.title),
    h("p.with-icon", icon("calendar"), whole(group.start, group.end, zone.value)),
    h("div.meter", { "aria-hidden": "true" }, bar),
    h(
      "p.small.figures",
      h("span", placesWords(group)),
      missingWords(group) && h("span.quiet", `. ${missingWords(group)}`),
    ),
    h("div.row.between", priceNode(group.price), go),
  );
}

/**
 * Throws CALENDAR_PRIVATE where the calendar is not open to the viewer.
 * @param {import("../main.js").App} app
 * @param {{userId: string, coachId: string, name: string}} coach
 * @returns {Promise<{node: HTMLElement, again: () => Promise<void>, dispose: () => void}>}
 */
export async function groupSessions(app, coach) {
  const { api } = app.rapport;
  const address = `/api/coaches/${encodeURIComponent(coach.userId)}/groups`;
  const own = app.user.value?.userId === coach.userId;
  const shown = signal(/** @type {Group[]} */ ([]));
  const list = h("ul.plain.stack.group-list", { "aria-live": "polite" });
  const node = h(
    "section.card.stack",
    { ariaLabel: "Group sessions", hidden: true },
    h("h2", "Group sessions"),
    list,
  );
  const again = async () => {
    const { items } = await api.get(address);
    shown.value = items.filter((/** @type {Group} */ one) => Date.parse(one.start) > clock.now());
  };
  /** @param {Group} group */
  const register = async (group) => {
    try {
      const place = await api.post(
        `/api/bookings/${group.bookingId}/register`,
        { timeZone: zone.value },
        { idempotencyKey: randomId() },
      );
      app.navigate(`/bookings/${place.bookingId}`);
    } catch (error) {
      toastTrouble(error);
      await again().catch(() => {});
    }
  };
  const draw = () => {
    node.hidden = shown.value.length === 0;
    redrawList(
      list,
      shown.value.map((group) => groupItem(group, { own, register })),
    );
  };
  // First what may be refused: whoever is refused is left with nothing to let go of.
  await again();
  const stops = [shown.subscribe(draw), zone.subscribe(draw)];
  return { node, again, dispose: () => stops.forEach((stop) => stop()) };
}
