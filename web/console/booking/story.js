// @ts-check
// A booking in words: what it waits for, what happened to it. Pure; for the client's side, and what both sides share.
import { clockTime, dayOf, whole } from "../calendar/format.js";
import { money } from "../format.js";

/**
 * @typedef {import("../format.js").Money} Money
 * @typedef {{at: string, what: string, by: string, detail?: {[name: string]: string | number}}} Entry
 * @typedef {{start: string, end: string}} Times
 *
 * @typedef {object} BookingView  of GET /api/bookings/{bookingId}, as far as the console reads it
 * @property {string} bookingId
 * @property {string} state
 * @property {number} version
 * @property {{coachId: string, userId: string, name: string, avatarUrl?: string | null}} coach
 * @property {{userId: string, name: string, avatarUrl?: string | null} | null} [client]
 * @property {string} sessionTypeId
 * @property {string} title
 * @property {"one_to_one" | "group"} format
 * @property {string} start
 * @property {string} end
 * @property {string | null} [timeZone]
 * @property {boolean} firm
 * @property {string} goals
 * @property {import("./price.js").Quote} price
 * @property {string | null} [paymentId]
 * @property {string | null} [paymentState]
 * @property {string | null} [expiresAt]
 * @property {Times[]} suggestions
 * @property {(Times & {expiresAt: string}) | null} [rescheduling]
 * @property {string | null} [groupId]
 * @property {string | null} [placeId]  of the viewer in this group session
 * @property {number | null} [capacity]
 * @property {number | null} [minAttendees]
 * @property {number | null} [attendees]
 * @property {string | null} [meetingUrl]
 * @property {string | null} [missedBy]  `client`, `coach` or `both`
 * @property {string} joinFrom
 * @property {{allowed: boolean, refundPercent: number, refund?: Money | null, fullRefundUntil: string,
 *   partialRefundUntil: string, rescheduleUntil?: string | null} | null} [cancellable]
 * @property {Entry[]} timeline
 * @property {"coach" | "client"} role
 */

/** States in which a booking is still to come. */
export const AHEAD = new Set([
  "requested",
  "time_suggested",
  "pending_payment",
  "confirmed",
  "pending_minimum_attendees",
  "scheduled",
]);
/** States in which nothing happens to it any more. */
export const OVER = new Set([
  "completed",
  "no_show",
  "declined",
  "expired",
  "cancelled_by_client",
  "cancelled_by_coach",
]);
/** States in which a client may ask for another time. */
export const MOVABLE = new Set(["requested", "confirmed"]);

/**
 * What a booking waits for, or how it ended, for its client.
 * @param {BookingView} view
 * @param {string} zone
 */
export function standing(view, zone) {
  const coach = view.coach.name;
  const group = Boolean(view.groupId);
  switch (view.state) {
    case "requested":
      return `${coach} has to confirm this time. It is held for you; nothing is charged before.`;
    case "time_suggested":
      return `${coach} cannot make it at that time, but offers others. Nobody holds them: the first who takes one has it.`;
    case "pending_payment":
      return group
        ? "A place is yours as soon as it is paid, while there are places."
        : "The time is held for you. It is yours as soon as it is paid.";
    case "confirmed":
      return view.rescheduling
        ? `You asked for ${whole(view.rescheduling.start, view.rescheduling.end, zone)}. Until ${coach} answers, the time above stays yours.`
        : group
          ? "Your place is paid. You find the way to the meeting here."
          : "All is set. You can enter ten minutes before it begins.";
    case "completed":
      return "It took place.";
    case "no_show":
      return missed(view.missedBy, coach);
    case "declined":
      return "It does not take place. Nothing was charged.";
    case "expired":
      return group
        ? "It did not come about in time. Whatever was paid goes back to the card."
        : "It was not answered or paid in time, so the time is free again.";
    case "cancelled_by_client":
      return "You cancelled it.";
    case "cancelled_by_coach":
      return `${coach} had to cancel. Whatever was paid goes back to the card, all of it.`;
    default:
      return "";
  }
}

/** @param {string | null | undefined} by @param {string} coach */
function missed(by, coach) {
  if (by === "client") return "You did not come, so nothing goes back.";
  return `${coach} did not come. All of it goes back to your card.`;
}

/** Who did it, for whoever reads it. @param {string} by @param {BookingView} view */
function who(by, view) {
  if (by === view.role) return "You";
  if (by === "coach") return view.coach.name;
  if (by === "client") return view.client?.name ?? "The client";
  return null;
}

/** @param {string | number | undefined} instant @param {string} zone */
function to(instant, zone) {
  return instant ? ` to ${dayOf(instant, zone)}, ${clockTime(instant, zone)}` : "";
}

/** @type {{[what: string]: (who: string | null, view: BookingView, entry: Entry, zone: string) => string}} */
export const HAPPENED = {
  create: (who, view) =>
    view.groupId
      ? `${who ?? "Somebody"} registered`
      : view.firm
        ? `${who ?? "Somebody"} booked`
        : `${who ?? "Somebody"} asked for a time`,
  accept: (who) => `${who ?? "The coach"} accepted`,
  decline: (who) => `${who ?? "Somebody"} declined`,
  suggest: (who) => `${who ?? "The coach"} suggested other times`,
  choose: (who) => `${who ?? "The client"} chose one of the suggested times`,
  pay: (_, view) => (view.price.amount === 0 ? "Confirmed, nothing to pay" : "Paid"),
  reschedule: (who, _, { detail }, zone) => `${who ?? "Somebody"} moved it${to(detail?.to, zone)}`,
  wish: (who, _, { detail }, zone) => `${who ?? "The client"} asked to move it${to(detail?.to, zone)}`,
  decline_wish: (who) => `${who ?? "The coach"} kept the time as it was`,
  expire_wish: () => "The wish for another time was not answered in time",
  replace_wish: () => "A newer wish for another time took its place",
  reach_minimum: () => "Enough people are registered: it takes place",
  lose_minimum: () => "Somebody left: not enough people for now",
  expire: () => "Expired",
  cancel_by_client: (who) => `${who ?? "The client"} cancelled`,
  cancel_by_coach: (who) => `${who ?? "The coach"} cancelled`,
  complete: () => "Completed",
  miss: () => "Somebody did not come",
  refunded: () => "Money went back",
  reopen: (who) => `${who ?? "The coach"} opened the time again`,
};

/**
 * One line of a timeline.
 * @param {Entry} entry
 * @param {BookingView} view
 * @param {string} zone
 */
export function happened(entry, view, zone) {
  const known = HAPPENED[entry.what];
  const words = known ? known(who(entry.by, view), view, entry, zone) : sentence(entry.what);
  const { amount, currency } = entry.detail ?? {};
  const sum =
    typeof amount === "number" && amount > 0
      ? `: ${money({ amount, currency: String(currency ?? view.price.currency) })}`
      : "";
  return words + sum;
}

/** What somebody wrote to it, if anything. @param {Entry} entry */
export function said({ detail }) {
  const text = detail?.message ?? detail?.reason;
  return typeof text === "string" ? text : "";
}

/** @param {string} name  in_snake_case */
function sentence(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
