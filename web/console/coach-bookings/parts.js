// @ts-check
// What the list of bookings and a booking's own page both show.
import { h } from "../dom.js";
import { BOOKING_STATES } from "../words.js";

/** @typedef {import("./standing.js").BookingView} BookingView */

/** "3 of 8 places". @param {BookingView} view */
export function placesText({ attendees = 0, capacity }) {
  return `${attendees} of ${capacity} place${capacity === 1 ? "" : "s"}`;
}

/** States whose words are others for the coach than for everybody. @type {{[state: string]: string}} */
const OWN = { requested: "Waits for you", cancelled_by_coach: "Cancelled by you" };

/** @param {string} state */
export function coachState(state) {
  return OWN[state] ?? BOOKING_STATES[state]?.label ?? state;
}

/** @param {string} state */
export function stateBadge(state) {
  const [label, kind] = [coachState(state), BOOKING_STATES[state]?.kind ?? "offline"];
  return h(`span.badge.${kind}`, label);
}

/** @param {BookingView} view */
export function isGroup(view) {
  return view.format === "group" && !view.groupId;
}

/** How full a group is, as a bar. @param {BookingView} view */
export function fullness(view) {
  const bar = h("span");
  bar.style.setProperty("--part", `${Math.min(100, (100 * (view.attendees ?? 0)) / (view.capacity || 1))}%`);
  return h(
    "div.full-bar",
    h(
      "div.row.between",
      h("strong.figures", placesText(view)),
      h("span.quiet.small", `takes place from ${view.minAttendees}`),
    ),
    h("div.meter", { "aria-hidden": "true" }, bar),
  );
}
