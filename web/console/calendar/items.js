// @ts-check
// What the API tells of a coach's time, as things in a calendar. Pure.
import { placesText } from "../coach-bookings/parts.js";
import { BOOKING_STATES } from "../words.js";
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
 * The hours of the weekly schedule.
 * @param {{start: string, end: string}[]} windows
 * @returns {Item[]}
 */
export function windowItems(windows) {
  return windows.map((one) => ({
    key: `window ${one.start}`,
    kind: "window",
    title: "Open by your weekly hours",
    ...times(one),
  }));
}

/**
 * @param {import("./slot-dialog.js").Slot[]} slots
 * @param {Map<string, string>} names  of session types by id
 * @param {number} now
 * @returns {Item[]}
 */
export function slotItems(slots, names, now) {
  return slots.map((slot) => {
    const only = (slot.sessionTypeIds ?? []).map((id) => names.get(id)).filter(Boolean);
    const notes = [only.length ? only.join(", ") : "", slot.recurrence ? ruleWords(slot.recurrence.rule) : ""];
    const past = Date.parse(slot.start) <= now;
    return {
      key: `slot ${slot.slotId} ${slot.start}`,
      kind: "slot",
      title: slot.instant ? "Free" : "Free on request",
      note: notes.filter(Boolean).join(" · "),
      look: slot.recurrence ? "series" : "",
      movable: !past,
      source: slot,
      ...times(slot),
    };
  });
}

/** Where a booking stands, in one look. @param {any} booking */
export function lookOf({ state }) {
  if (state === "cancelled_by_coach") return "blocked";
  if (ASKS.has(state)) return "asks";
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
    const { label } = BOOKING_STATES[booking.state] ?? { label: booking.state };
    const who = booking.format === "group" ? placesText(booking) : (booking.client?.name ?? "");
    /** @type {Item} */
    const item = {
      key: `booking ${booking.bookingId}`,
      kind: "booking",
      title: booking.title,
      note: [who, label].filter(Boolean).join(" · "),
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
        look: "asks",
      },
    ];
  });
}
