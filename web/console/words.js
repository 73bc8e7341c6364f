// @ts-check
// Every refusal, ending and notification in words: what happened, and a way on. A test compares the tables with the
// server's own lists, so none is without its sentence.
import { money, relative } from "./format.js";

/**
 * @typedef {object} Way
 * @property {string} label
 * @property {string} [href]
 * @property {() => void} [run]
 */

/**
 * @typedef {object} Explanation
 * @property {string} title  a few words
 * @property {string} text   what happened and what can be done
 * @property {Way} [action]
 */

/** @typedef {{code?: string, message?: string, details?: {[name: string]: any}, retryAfterMs?: number}} Trouble */

const COACHES = { label: "Find another coach", href: "/coaches" };
const CARDS = { label: "Go to cards", href: "/cards" };
const RECEIPTS = { label: "See your calls", href: "/receipts" };
const SIGN_IN = { label: "Sign in", href: "/sign-in" };
const PROFILE = { label: "Open profile", href: "/profile" };
const RELOAD = { label: "Reload the page", run: () => location.reload() };

/** Codes of the server: domain/errors.py. @type {{[code: string]: Explanation}} */
export const ERRORS = {
  INVALID_PAYLOAD: { title: "Something is not filled in right", text: "Please look at the marked fields and try again." },
  UNKNOWN_EVENT: {
    title: "This page is out of date",
    text: "The server does not know what this page asked for. Reload it to get the present one.",
    action: RELOAD,
  },
  NOT_FOUND: { title: "Not found", text: "It does not exist, or it is not yours to see." },
  METHOD_NOT_ALLOWED: {
    title: "This page is out of date",
    text: "The server does not take this request any more. Reload the page to get the present one.",
    action: RELOAD,
  },
  PAYLOAD_TOO_LARGE: { title: "Too long", text: "The server does not take that much at once. Please shorten it." },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "This page is out of date",
    text: "The server did not understand what was sent. Reload the page and try again.",
    action: RELOAD,
  },
  RATE_LIMITED: { title: "A little too fast", text: "Please wait a moment, then try again." },
  UNAUTHENTICATED: { title: "Please sign in again", text: "You are not signed in here any more.", action: SIGN_IN },
  TOKEN_EXPIRED: { title: "Please sign in again", text: "You were away for a long time.", action: SIGN_IN },
  TOKEN_REUSED: {
    title: "Signed out for your safety",
    text: "An old key of this log-in turned up a second time, so the whole log-in was ended. Sign in again; " +
      "if you did not restore an old copy of this browser, change your password.",
    action: SIGN_IN,
  },
  BAD_CREDENTIALS: {
    title: "That did not match",
    text: "The e-mail address or the password is wrong. Check both and try again.",
  },
  ACCOUNT_LOCKED: {
    title: "Locked for a while",
    text: "There were too many failed attempts with this address. It opens again by itself within 15 minutes.",
  },
  ACCOUNT_SUSPENDED: {
    title: "This account is suspended",
    text: "An operator has shut it out for now. Please write to them to learn why.",
  },
  ACCOUNT_UNVERIFIED: {
    title: "Not verified yet",
    text: "You can look around, but not pay or take calls, until this account is verified. " +
      "The operator does that with “rapport verify” and your e-mail address.",
    action: PROFILE,
  },
  EMAIL_TAKEN: {
    title: "There is an account already",
    text: "Somebody has registered with this e-mail address. If that was you, sign in instead.",
    action: SIGN_IN,
  },
  FORBIDDEN: { title: "Not allowed", text: "Your account may not do this." },
  ORIGIN_REFUSED: {
    title: "This address is not allowed in",
    text: "The server takes no connections from pages of this address. Open the console at the server's own address.",
  },
  TOO_MANY_CONNECTIONS: {
    title: "Too many open tabs",
    text: "This account, or this network, has as many connections as the server takes. Close some tabs; " +
      "this one tries again by itself.",
  },
  COACH_OFFLINE: {
    title: "The coach just went offline",
    text: "Nobody was there to hear it ring. You paid nothing.",
    action: COACHES,
  },
  COACH_BUSY: {
    title: "The coach is in another call",
    text: "Try again when the mark is green. You paid nothing.",
    action: COACHES,
  },
  CALL_OPEN: {
    title: "You have a call already",
    text: "End the open call, or go back to it, before you start another one.",
    action: RECEIPTS,
  },
  BLOCKED: { title: "You cannot call this coach", text: "Another coach will be glad to take your call.", action: COACHES },
  OWN_ACCOUNT: { title: "That is you", text: "Nobody can call or block themselves.", action: COACHES },
  ANSWERED_ELSEWHERE: {
    title: "Answered on another device",
    text: "You, or somebody with your account, took this call in another tab or on another device.",
  },
  GONE: { title: "This call is over", text: "It ended before this reached the server.", action: RECEIPTS },
  NOT_JOINED: {
    title: "This tab is not in the call",
    text: "The call is held by another tab or device. Take it over by opening it here again.",
  },
  STALE_EPOCH: {
    title: "The connection was made anew",
    text: "What was sent belonged to the connection before. It is put right by itself.",
  },
  ILLEGAL_SIGNAL: {
    title: "The connection got out of step",
    text: "The two browsers could not agree on a connection. Reconnect to start afresh.",
  },
  ILLEGAL_STATE: {
    title: "Not possible right now",
    text: "Things have moved on since this page was drawn. Look again and try once more.",
  },
  PAYMENT_REFUSED: {
    title: "The card was refused",
    text: "The bank said no, so the coach was not disturbed and nothing was charged. Try another card.",
    action: CARDS,
  },
  NO_PAYMENT_METHOD: {
    title: "A card is needed first",
    text: "Save a card, then call. You pay only for the time you really talk.",
    action: CARDS,
  },
  UNAVAILABLE: {
    title: "The server is catching its breath",
    text: "Something it depends on did not answer in time. Nothing was lost; try again in a moment.",
  },
  INTERNAL: {
    title: "That was our fault",
    text: "Something unexpected went wrong on the server. Try again; if it stays, tell the operator.",
  },
};

/** Codes that this browser gives itself. @type {{[code: string]: Explanation}} */
export const BROWSER_ERRORS = {
  OFFLINE: {
    title: "No connection",
    text: "The server cannot be reached. Check your network; the page goes on by itself when it is back.",
  },
  NO_ANSWER: { title: "No answer", text: "The server did not answer in time. Look whether it happened, then try again." },
  NOT_SIGNED_IN: { title: "Please sign in", text: "Nobody is signed in in this tab.", action: SIGN_IN },
  UNEXPECTED: {
    title: "Something went wrong",
    text: "The answer was not what this page expected. Reload it and try again.",
    action: RELOAD,
  },
  MEDIA_FAILED: {
    title: "The call's connection failed",
    text: "Your browser could not take a step of the connection. Reconnect to start afresh.",
  },
  DISCONNECTED: { title: "No connection", text: "The line to the server is down. It comes back by itself; then try again." },
};

/** Stripe's decline codes as far as the owner of a card may see them. @type {{[reason: string]: string}} */
export const REFUSALS = {
  card_declined: "The bank declined the card and gave no reason.",
  generic_decline: "The bank declined the card and gave no reason.",
  do_not_honor: "The bank declined the card and gave no reason.",
  insufficient_funds: "There is not enough money on the card for the first minutes.",
  card_velocity_exceeded: "The card was used too often or for too much lately.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The card's security code is wrong.",
  processing_error: "The bank had a problem of its own. It may work in a few minutes.",
  authentication_required: "The bank wants you to confirm it, and that did not happen.",
  requires_action: "The bank wants you to confirm the next minutes.",
  authentication_expired: "The bank's confirmation came too late.",
};

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
  const known = ERRORS[code] ?? BROWSER_ERRORS[code];
  if (!known) return { title: "Something went wrong", text: message || "Please try again.", action: RELOAD };
  if (code === "PAYMENT_REFUSED") {
    return { ...known, text: `${refusal(details?.reason)} The coach was not disturbed and nothing was charged.` };
  }
  if (code === "RATE_LIMITED" && retryAfterMs) {
    return { ...known, text: `That was quicker than the server allows.${patience(retryAfterMs)}` };
  }
  if (retryAfterMs && code !== "TOO_MANY_CONNECTIONS") return { ...known, text: known.text + patience(retryAfterMs) };
  return known;
}

/**
 * @typedef {"caller" | "callee"} Role
 * @typedef {{title: string, caller: string, callee: string}} Ending
 */

/** Why calls end: domain.calls.session.EndReason; what each side is told. @type {{[reason: string]: Ending}} */
export const ENDINGS = {
  ended_by_client: {
    title: "Call ended",
    caller: "You ended the call. You pay for the seconds you talked, and nothing else.",
    callee: "The client ended the call.",
  },
  ended_by_coach: {
    title: "Call ended",
    caller: "The coach ended the call. You pay for the seconds you talked, and nothing else.",
    callee: "You ended the call.",
  },
  authorization_exhausted: {
    title: "The paid time was used up",
    caller: "The card held no more, so the call stopped exactly where the money did. With another card you can call again.",
    callee: "The client's card held no more, so the call stopped there. Every second talked is yours.",
  },
  connection_lost: {
    title: "The connection was lost",
    caller: "Nobody came back in time. The pause is not charged: you pay until the moment the connection broke.",
    callee: "Nobody came back in time. You are paid until the moment the connection broke.",
  },
  media_denied: {
    title: "No picture or sound on one side",
    caller: "One side saw and heard, the other said it did not, so the call never began. Nothing was charged.",
    callee: "One side saw and heard, the other said it did not, so the call never began.",
  },
  suspended: {
    title: "The call was stopped",
    caller: "An operator shut one of the two accounts out. You pay for the seconds you talked.",
    callee: "An operator shut one of the two accounts out. The seconds talked are yours.",
  },
  payment_refused: {
    title: "The card was refused",
    caller: "The coach was not disturbed and nothing was charged. Try another card.",
    callee: "The client's card was refused before it rang.",
  },
  authorization_timeout: {
    title: "The bank did not answer",
    caller: "Your card's confirmation did not come in time. Nothing was charged; try again or take another card.",
    callee: "The client's bank did not answer in time.",
  },
  declined: {
    title: "Not now",
    caller: "The coach cannot take a call at the moment. Nothing was charged.",
    callee: "You declined this call.",
  },
  no_answer: {
    title: "No answer",
    caller: "The coach did not pick up. Nothing was charged; try again later or find another coach.",
    callee: "You missed this call.",
  },
  cancelled: {
    title: "Call taken back",
    caller: "You took the call back before it began. Nothing was charged.",
    callee: "The client took the call back before it began.",
  },
  not_joined: {
    title: "Somebody did not come",
    caller: "The call was accepted, but one of you did not get in. Nothing was charged.",
    callee: "The call was accepted, but one of you did not get in.",
  },
  no_media: {
    title: "No connection between you",
    caller: "Your browsers found no way to each other. Nothing was charged. Another network, without a strict firewall, helps.",
    callee: "Your browsers found no way to each other. Another network, without a strict firewall, helps.",
  },
};

/** What may be done after a call ended like this, for the one who paid. @type {{[reason: string]: Way}} */
const AFTER = {
  authorization_exhausted: CARDS,
  payment_refused: CARDS,
  authorization_timeout: CARDS,
  declined: COACHES,
  no_answer: COACHES,
};

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

/** Coaches' statuses. @type {{[status: string]: {label: string, kind: string}}} */
export const STATUSES = {
  online: { label: "Online", kind: "online" },
  busy: { label: "In a call", kind: "busy" },
  offline: { label: "Offline", kind: "offline" },
};

/** Why a call stands still, as `live-session-paused` says it. @type {{[reason: string]: string}} */
export const PAUSES = {
  socket_lost: "One of you lost the connection to the server.",
  socket_replaced: "One of you moved to another tab or device.",
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
  return `${held} is held on your card for the first ${minutes} minutes. You pay only for the seconds you talk; ` +
    "the rest is released when the call ends.";
}

/** "online for 5 minutes" and its like, for a title. @param {string} status @param {string | undefined} since */
export function statusSince(status, since) {
  const label = STATUSES[status]?.label ?? status;
  return since ? `${label} since ${relative(since)}` : label;
}
