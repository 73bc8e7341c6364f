// @ts-check
// What happened to a booking, as a notification tells it. One sentence serves both sides: `personName` is the other one.
import { when } from "./format.js";

/** @typedef {{[name: string]: string}} Params */

/** "“Breathing” with Mara Weiß on 21 Nov, 11:42". @param {Params} params */
function which({ title, personName, start }) {
  const what = title ? `“${title}”` : "A session";
  const who = personName ? ` with ${personName}` : "";
  const at = start && !Number.isNaN(Date.parse(start)) ? ` on ${when(start)}` : "";
  return what + who + at;
}

/** @param {Params} params */
function link({ bookingId }) {
  return bookingId ? { href: `/bookings/${bookingId}` } : {};
}

/**
 * @param {string} icon
 * @param {string} title
 * @param {(params: Params) => string} text
 */
function told(icon, title, text) {
  return (/** @type {Params} */ params) => ({ icon, title, text: text(params), ...link(params) });
}

/** @type {{[kind: string]: (params: Params) => import("./words.js").Told}} */
export const BOOKING_NOTIFICATIONS = {
  booking_requested: told(
    "calendar",
    "A client asks for a time",
    (p) => `${which(p)}. Accept it, decline it, or suggest other times.`,
  ),
  booking_confirmed: told("check", "Booking confirmed", (p) => `${which(p)} is paid and takes place.`),
  booking_accepted: told(
    "card",
    "Accepted: please pay",
    (p) => `${which(p)} is held for you until it is paid.`,
  ),
  booking_declined: told(
    "close",
    "Request declined",
    (p) => `${which(p)} does not take place. Nothing was charged.`,
  ),
  booking_times_suggested: told(
    "clock",
    "Other times suggested",
    (p) => `For ${which(p)} there are other times to choose from.`,
  ),
  booking_rescheduled: told(
    "calendar",
    "Moved to another time",
    (p) => `${which(p)} is the new time. Price and payment stay.`,
  ),
  reschedule_requested: told(
    "clock",
    "Another time is wished for",
    (p) => `${which(p)}: until it is accepted, the old time stays.`,
  ),
  reschedule_declined: told("close", "The other time was declined", (p) => `${which(p)} stays as it was.`),
  booking_cancelled: told("close", "Booking cancelled", (p) => `${which(p)} does not take place.`),
  booking_expired: told(
    "clock",
    "Booking expired",
    (p) => `${which(p)} was not answered or paid in time; the time is free again.`,
  ),
  booking_reminder: told("bell", "Your session comes near", (p) =>
    p.hours ? `${which(p)}, in ${p.hours} hour${p.hours === "1" ? "" : "s"}.` : `${which(p)}.`,
  ),
  booking_no_show: told("warn", "A session was missed", (p) => `${which(p)}: somebody did not come.`),
  group_registered: told("people", "A new place in your group", (p) => `${which(p)}.`),
  group_full_refunded: told(
    "people",
    "The group was full",
    (p) => `${which(p)}: the last place was gone. You get your money back.`,
  ),
  group_cancelled_minimum: told(
    "people",
    "The group does not take place",
    (p) => `${which(p)}: not enough people registered. Whoever paid gets the money back.`,
  ),
};
