// @ts-check
// Why calls end, in words for each of the two sides.
import { CARDS, COACHES } from "./refusal-words.js";

/** @typedef {import("./words.js").Way} Way */

/**
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
    caller:
      "The card held no more, so the call stopped exactly where the money did. With another card you can call again.",
    callee: "The client's card held no more, so the call stopped there. Every second talked is yours.",
  },
  connection_lost: {
    title: "The connection was lost",
    caller:
      "Nobody came back in time. The pause is not charged: you pay until the moment the connection broke.",
    callee: "Nobody came back in time. You are paid until the moment the connection broke.",
  },
  media_denied: {
    title: "No picture or sound on one side",
    caller:
      "One side saw and heard, the other said it did not, so the call never began. Nothing was charged.",
    callee: "One side saw and heard, the other said it did not, so the call never began.",
  },
  suspended: {
    title: "The call was stopped",
    caller: "An operator shut one of the two accounts out. You pay for the seconds you talked.",
    callee: "An operator shut one of the two accounts out. The seconds talked are yours.",
  },
  payment_refused: {
    title: "The card was refused",
    caller:
      "It was refused, or your bank did not confirm it. The coach was not disturbed and nothing was charged. " +
      "Try again, or take another card.",
    callee: "The client's card was refused before it rang.",
  },
  authorization_timeout: {
    title: "The bank did not answer",
    caller:
      "Your card's confirmation did not come in time. Nothing was charged; try again or take another card.",
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
    caller:
      "Your browsers found no way to each other. Nothing was charged. Another network, without a strict firewall, helps.",
    callee: "Your browsers found no way to each other. Another network, without a strict firewall, helps.",
  },
};

/** What may be done after a call ended like this, for the one who paid. @type {{[reason: string]: Way}} */
export const AFTER = {
  authorization_exhausted: CARDS,
  payment_refused: CARDS,
  authorization_timeout: CARDS,
  declined: COACHES,
  no_answer: COACHES,
};
