// @ts-check
// Every refusal, ending and notification in words: what happened, and a way on. A test compares the tables with the
// server's own lists, so none is without its sentence.
import { BOOKING_NOTIFICATIONS } from "./booking-words.js";
import { AFTER, ENDINGS } from "./ending-words.js";
import { money } from "./format.js";
import { BROWSER_ERRORS, ERRORS, REFUSALS, RELOAD } from "./refusal-words.js";

/**
 * @typedef {object} Way
 * @property {string} label
 * @property {string} [href]
 * @property {() => void} [run]
 */

/**
 * @typedef {"caller" | "callee"} Role  of a call
 *
 * @typedef {object} Explanation
 * @property {string} title  a few words
 * @property {string} text   what happened and what can be done
 * @property {Way} [action]
 */

/** @typedef {{code?: string, message?: string, details?: {[name: string]: any}, retryAfterMs?: number}} Trouble */

const EXPLAINED = new Map(Object.entries({ ...BROWSER_ERRORS, ...ERRORS }));

/** @param {string | undefined} reason */
export function refusal(reason) {
  return (reason && REFUSALS[reason]) || "The bank said no to this card.";
}

/** @param {number | undefined} milliseconds */
function patience(milliseconds) {
  if (!milliseconds) return "";
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 90) return ` Try again in ${seconds} second${seconds === 1 ? "" : "s"}.`;
  return ` Try again in ${Math.ceil(seconds / 60)} minutes.`;
}

/**
 * What went wrong, for a person.
 * @param {unknown} error  a RapportError, or anything that was thrown
 * @returns {Explanation}
 */
export function explain(error) {
  const { code = "", message = "", details, retryAfterMs } = /** @type {Trouble} */ (error ?? {});
  const known = EXPLAINED.get(code);
  if (!known) return { title: "Something went wrong", text: message || "Please try again.", action: RELOAD };
  if (code === "PAYMENT_REFUSED") {
    return {
      ...known,
      text: `${refusal(details?.reason)} The coach was not disturbed and nothing was charged.`,
    };
  }
  if (code === "RATE_LIMITED" && retryAfterMs) {
    return { ...known, text: `That was quicker than the server allows.${patience(retryAfterMs)}` };
  }
  if (retryAfterMs && code !== "TOO_MANY_CONNECTIONS")
    return { ...known, text: known.text + patience(retryAfterMs) };
  return known;
}

/**
 * Why a call ended, for one side of it.
 * @param {string | null | undefined} reason
 * @param {Role} [role]
 * @returns {Explanation}
 */
export function ending(reason, role = "caller") {
  const known = reason ? ENDINGS[reason] : undefined;
  if (!known) return { title: "Call ended", text: "The call is over." };
  const action = role === "caller" ? AFTER[/** @type {string} */ (reason)] : undefined;
  return { title: known.title, text: known[role], ...(action ? { action } : {}) };
}

/**
 * States of calls: domain.calls.states.CallState. `kind` is the class of the badge.
 * @type {{[state: string]: {label: string, kind: string}}}
 */
export const CALL_STATES = {
  reserving: { label: "Checking the card", kind: "busy" },
  requires_action: { label: "Waiting for the bank", kind: "warn" },
  ringing: { label: "Ringing", kind: "busy" },
  ready: { label: "Connecting", kind: "busy" },
  live: { label: "Live", kind: "online" },
  paused: { label: "Paused", kind: "warn" },
  ending: { label: "Settling", kind: "busy" },
  settled: { label: "Settled", kind: "good" },
  unpaid: { label: "Card refused", kind: "bad" },
  declined: { label: "Declined", kind: "offline" },
  missed: { label: "Missed", kind: "warn" },
  cancelled: { label: "Cancelled", kind: "offline" },
  abandoned: { label: "Not joined", kind: "offline" },
  failed: { label: "No connection", kind: "offline" },
};

/** States of payments: domain.payments.payment.PaymentState. @type {{[state: string]: {label: string, kind: string}}} */
export const PAYMENT_STATES = {
  created: { label: "Prepared", kind: "busy" },
  requires_action: { label: "Waiting for the bank", kind: "warn" },
  processing: { label: "In progress", kind: "busy" },
  authorized: { label: "Held", kind: "busy" },
  capturing: { label: "Being charged", kind: "busy" },
  captured: { label: "Paid", kind: "good" },
  partially_refunded: { label: "Partly refunded", kind: "warn" },
  refunded: { label: "Refunded", kind: "offline" },
  failed: { label: "Failed", kind: "bad" },
  cancelled: { label: "Nothing due", kind: "offline" },
  written_off: { label: "On the house", kind: "good" },
};

/** States of bookings: domain.booking.states.BookingState. @type {{[state: string]: {label: string, kind: string}}} */
export const BOOKING_STATES = {
  requested: { label: "Waiting for the coach", kind: "warn" },
  time_suggested: { label: "Other times suggested", kind: "warn" },
  pending_payment: { label: "Waiting for payment", kind: "warn" },
  confirmed: { label: "Confirmed", kind: "good" },
  pending_minimum_attendees: { label: "Not enough people yet", kind: "warn" },
  scheduled: { label: "Takes place", kind: "good" },
  completed: { label: "Completed", kind: "offline" },
  no_show: { label: "Missed", kind: "bad" },
  declined: { label: "Declined", kind: "offline" },
  expired: { label: "Expired", kind: "offline" },
  cancelled_by_client: { label: "Cancelled by the client", kind: "offline" },
  cancelled_by_coach: { label: "Cancelled by the coach", kind: "offline" },
};

/** Coaches' statuses. @type {{[status: string]: {label: string, kind: string}}} */
export const STATUSES = {
  online: { label: "Online", kind: "online" },
  busy: { label: "In a call", kind: "busy" },
  offline: { label: "Offline", kind: "offline" },
};

/** Why a call stands still, as `live-session-paused` says it. @type {{[reason: string]: string}} */
export const PAUSES = {
  socket_lost: "One of you lost the connection to the server.",
  socket_replaced: "One of you moved to another window or device.",
  proof_missing: "No picture or sound is coming through.",
  media_connecting: "The connection between you is being made anew.",
  media_disconnected: "The connection between you was interrupted.",
  media_failed: "The connection between you broke.",
  media_denied: "One side reports that nothing arrives.",
};

/** @param {string | null | undefined} reason */
export function pause(reason) {
  return (reason && PAUSES[reason]) || "The connection was interrupted.";
}

/**
 * @typedef {{kind: string, params: {[name: string]: string}, createdAt: string}} Notification
 * @typedef {{icon: string, title: string, text: string, href?: string}} Told
 */

/** "$12.00". @param {{[name: string]: string}} params  with minor units, as texts */
function moneyOf({ amount, currency }) {
  return amount && currency ? money({ amount: Number(amount), currency }) : "Money";
}

/** Kinds of notifications. @type {{[kind: string]: (params: {[name: string]: string}) => Told}} */
export const NOTIFICATIONS = {
  missed_call: (params) => ({
    icon: "phone",
    title: "Missed call",
    text: `${params.clientName ?? "A client"} called and you did not pick up.`,
    ...(params.sessionId ? { href: `/receipts/${params.sessionId}` } : {}),
  }),
  went_offline: () => ({
    icon: "clock",
    title: "You were set offline",
    text: "You missed several calls in a row, so clients see you offline. Go online again at your desk.",
    href: "/desk",
  }),
  ...BOOKING_NOTIFICATIONS,
  payment_refunded: (params) => ({
    icon: "card",
    title: "Money is on its way back",
    text:
      `${moneyOf(params)} goes back to the card that paid` + (params.title ? ` for “${params.title}”.` : "."),
    ...(params.bookingId ? { href: `/bookings/${params.bookingId}` } : {}),
  }),
  overtime_failed: (params) => ({
    icon: "warn",
    title: "The overtime could not be charged",
    text: `“${params.title ?? "A session"}” with ${params.personName ?? "the other side"}: the card gave no more.`,
    ...(params.bookingId ? { href: `/bookings/${params.bookingId}` } : {}),
  }),
  connection_requested: (params) => ({
    icon: "people",
    title: "Somebody asks to connect",
    text: `${params.personName ?? "Somebody"} wants to connect with you.`,
    href: "/connections",
  }),
  connection_accepted: (params) => ({
    icon: "people",
    title: "You are connected",
    text: `${params.personName ?? "Somebody"} accepted.`,
    href: "/connections",
  }),
};

/** @param {Notification} notification @returns {Told} */
export function told(notification) {
  const known = NOTIFICATIONS[notification.kind];
  if (known) return known(notification.params);
  return { icon: "bell", title: notification.kind.replaceAll("_", " "), text: "" };
}

/** "$37.50 is held for the first 15 minutes…". @param {{amount: number, currency: string}} rate @param {number} minutes */
export function heldText(rate, minutes) {
  const held = money({ amount: rate.amount * minutes, currency: rate.currency });
  const first = minutes === 1 ? "minute" : `${minutes} minutes`;
  return (
    `${held} is held on your card for the first ${first}. You pay only for the seconds you talk; ` +
    "the rest is released when the call ends."
  );
}
