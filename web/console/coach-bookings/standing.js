// @ts-check
// A booking as its coach reads it: what it waits for, and what can be done now. Pure.
import { length, whole } from "../calendar/format.js";

/** @typedef {any} BookingView  BookingReply of the API */
/** @typedef {"accept" | "decline" | "suggest" | "cancel" | "complete" | "no-show" | "reopen" | "join" | "meet"} Act */

/** A client who does not come is waited for so long. */
export const NO_SHOW_MS = 15 * 60_000;
/** A room stays open a while for overtime. */
const AFTER_MS = 60 * 60_000;

const STANDS = new Set(["confirmed", "scheduled"]);
const ENDS = new Set(["pending_payment", "confirmed", "pending_minimum_attendees", "scheduled"]);

/**
 * What its coach can do with it at an instant, the most obvious first.
 * @param {BookingView} view
 * @param {number} now  milliseconds, domain time
 * @returns {Act[]}
 */
export function actsOf(view, now) {
  const [start, end] = [Date.parse(view.start), Date.parse(view.end)];
  const { state } = view;
  /** @type {Act[]} */
  const acts = [];
  if (STANDS.has(state) && now < end + AFTER_MS && (view.meetingUrl || now >= Date.parse(view.joinFrom))) {
    acts.push(view.meetingUrl ? "meet" : "join");
  }
  if (state === "requested" || view.rescheduling) acts.push("accept", "decline");
  if (state === "requested" || state === "time_suggested") acts.push("suggest");
  if (STANDS.has(state) && now >= start) acts.push("complete");
  if (state === "confirmed" && now >= start + NO_SHOW_MS) acts.push("no-show");
  if (ENDS.has(state) && now < start) acts.push("cancel");
  if (state === "cancelled_by_coach" && view.blocksTime && now < end) acts.push("reopen");
  return acts;
}

/** @param {BookingView} view */
function client(view) {
  return view.client?.name ?? "the client";
}

/**
 * What it waits for, or how it ended.
 * @param {BookingView} view
 * @param {string} zone
 */
export function coachStanding(view, zone) {
  const until = view.expiresAt
    ? ` until ${whole(view.expiresAt, view.expiresAt, zone).replace(/ – .*$/, "")}`
    : "";
  if (view.rescheduling) {
    const { start, end } = view.rescheduling;
    return `${client(view)} would rather come ${whole(start, end, zone)}. Both times are held until you answer.`;
  }
  switch (view.state) {
    case "requested":
      return `Waits for your answer${until}. The time is held meanwhile.`;
    case "time_suggested":
      return `You suggested other times; ${client(view)} can choose${until}. Nothing is held meanwhile.`;
    case "pending_payment":
      return `Waits for the payment${until}. The time is held meanwhile.`;
    case "confirmed":
      return view.price.amount === 0
        ? "It takes place. There was nothing to pay."
        : "It is paid and takes place.";
    case "pending_minimum_attendees":
      return `${view.minAttendees - (view.attendees ?? 0)} more needed. A day before, it is called off and paid back if they do not come.`;
    case "scheduled":
      return "Enough people have paid: it takes place.";
    case "completed":
      return "It took place.";
    case "no_show":
      return missed(view);
    case "declined":
      return "It was declined. Nothing was charged.";
    case "expired":
      return "It was not answered, paid or filled in time.";
    case "cancelled_by_client":
      return `${client(view)} cancelled it.`;
    case "cancelled_by_coach":
      return view.blocksTime
        ? "You cancelled it; what was paid went back. Its time is still blocked."
        : "You cancelled it; what was paid went back.";
    default:
      return "";
  }
}

/** @param {BookingView} view */
function missed(view) {
  if (view.missedBy === "client") return `${client(view)} did not come. The payment stays yours.`;
  if (view.missedBy === "coach") return "You did not come. The client got everything back.";
  return "Neither of you came. The client got everything back.";
}

/** "1 h · in Europe/Berlin", what else is to know about when. @param {BookingView} view @param {string} zone */
export function timeNote(view, zone) {
  const minutes = (Date.parse(view.end) - Date.parse(view.start)) / 60_000;
  const theirs =
    view.timeZone && view.timeZone !== zone ? `the client is in ${view.timeZone.replaceAll("_", " ")}` : "";
  return [length(minutes), theirs].filter(Boolean).join(" · ");
}
