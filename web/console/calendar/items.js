// @ts-check
// What the API tells of a coach's time, as things in a calendar. Pure.
import { coachState, placesText } from "../coach-bookings/parts.js";
import { ruleWords } from "./rules.js";

/** @typedef {import("./grid.js").Item} Item */

/** What is over, and keeps no time from anybody. */
const GONE = new Set(["declined", "expired", "cancelled_by_client", "cancelled_by_coach"]);
const ASKS = new Set(["requested", "time_suggested", "pending_payment", "pending_minimum_attendees"]);

/** @param {{start: string, end: string}} timed */
function times({ start, end }) {
  return { start: Date.parse(start), end: Date.parse(end) };
}

/**
 * What a coach offers: hours of the weekly schedule as ground, slots and occurrences of series to take hold of.
 * @param {any[]} offered  items of GET /api/bookings/availability
 * @param {Map<string, string>} names  of session types by id
 * @param {number} now
 * @returns {Item[]}
 */
export function offeredItems(offered, names, now) {
  return offered.map((one) => (one.source === "schedule" ? windowItem(one) : slotItem(one, names, now)));
}

/** @param {any} window @returns {Item} */
function windowItem(window) {
  const title = window.instant ? "Open by your weekly hours" : "Open by your weekly hours, on request";
  return { key: `window ${window.start}`, kind: "window", title, ...times(window) };
}

/** @param {any} slot @param {Map<string, string>} names @param {number} now @returns {Item} */
function slotItem(slot, names, now) {
  const only = slot.sessionTypeIds.map((/** @type {string} */ id) => names.get(id)).filter(Boolean);
  const notes = [only.join(", "), slot.recurrence ? ruleWords(slot.recurrence.rule) : ""];
  return {
    key: `slot ${slot.slotId} ${slot.start}`,
    kind: "slot",
    title: slot.instant ? "Free" : "Free on request",
    note: notes.filter(Boolean).join(" · "),
    look: slot.recurrence ? "series" : "",
    movable: Date.parse(slot.start) > now,
    source: slot,
    ...times(slot),
  };
}

/** Where a booking stands, in one look. @param {any} booking */
export function lookOf({ state }) {
  if (state === "cancelled_by_coach") return "blocked";
  if (ASKS.has(state)) return "waits";
  return state === "completed" || state === "no_show" ? "over" : "firm";
}

/**
 * Bookings that take time, and times that are only wished for.
 * @param {any[]} bookings  BookingViews
 * @returns {Item[]}
 */
export function bookingItems(bookings) {
  const own = bookings.filter((one) => !one.groupId && (one.blocksTime || !GONE.has(one.state)));
  return own.flatMap((booking) => {
    const label = coachState(booking.state);
    // Whom one meets says more than what it is called.
    const [title, more] = booking.client
      ? [booking.client.name, booking.title]
      : [booking.title, placesText(booking)];
    /** @type {Item} */
    const item = {
      key: `booking ${booking.bookingId}`,
      kind: "booking",
      title,
      note: [more, label].filter(Boolean).join(" · "),
      look: lookOf(booking),
      source: booking,
      ...times(booking),
    };
    const wish = booking.rescheduling;
    if (!wish) return [item];
    const wished = times(wish);
    return [
      item,
      {
        ...item,
        ...wished,
        key: `wish ${booking.bookingId}`,
        note: "Wished for instead",
        look: "waits",
      },
    ];
  });
}
