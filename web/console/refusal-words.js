// @ts-check
// Every code of the server, and of this browser, in words: what happened, and a way on.

/** @typedef {import("./words.js").Explanation} Explanation */

export const COACHES = { label: "Find another coach", href: "/coaches" };
export const CARDS = { label: "Go to cards", href: "/cards" };
const RECEIPTS = { label: "See your calls", href: "/receipts" };
const SIGN_IN = { label: "Sign in", href: "/sign-in" };
const PROFILE = { label: "Open profile", href: "/profile" };
export const RELOAD = { label: "Reload the page", run: () => location.reload() };

/** Codes of the server: domain/errors.py. @type {{[code: string]: Explanation}} */
export const ERRORS = {
  INVALID_PAYLOAD: {
    title: "Something is not filled in right",
    text: "Please look at the marked fields and try again.",
  },
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
  PAYLOAD_TOO_LARGE: {
    title: "Too long",
    text: "The server does not take that much at once. Please shorten it.",
  },
  UNSUPPORTED_MEDIA_TYPE: {
    title: "This page is out of date",
    text: "The server did not understand what was sent. Reload the page and try again.",
    action: RELOAD,
  },
  RATE_LIMITED: { title: "A little too fast", text: "Please wait a moment, then try again." },
  UNAUTHENTICATED: {
    title: "Please sign in again",
    text: "You are not signed in here any more.",
    action: SIGN_IN,
  },
  TOKEN_EXPIRED: { title: "Please sign in again", text: "You were away for a long time.", action: SIGN_IN },
  TOKEN_REUSED: {
    title: "Signed out for your safety",
    text:
      "An old key of this log-in turned up a second time, so the whole log-in was ended. Sign in again; " +
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
    text:
      "You can look around, but not pay or take calls, until this account is verified. Follow the link in the mail that we " +
      "sent you; your profile sends another. Whom an operator knows, “rapport verify” lets in as well.",
    action: PROFILE,
  },
  LINK_INVALID: {
    title: "This link does not work any more",
    text: "It works once and for a while. Ask for a new one, and use the newest mail.",
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
    text:
      "This account, or this network, has as many connections as the server takes. Close some tabs; " +
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
  BLOCKED: {
    title: "You cannot call this coach",
    text: "Another coach will be glad to take your call.",
    action: COACHES,
  },
  OWN_ACCOUNT: { title: "That is you", text: "Nobody can call or block themselves.", action: COACHES },
  ANSWERED_ELSEWHERE: {
    title: "Answered on another device",
    text: "You, or somebody with your account, took this call in another tab or on another device.",
  },
  GONE: { title: "This call is over", text: "It ended before this reached the server.", action: RECEIPTS },
  NOT_JOINED: {
    title: "This tab is not in the call",
    text: "The call is held in another window or on another device. Take it over by opening it here again.",
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
  SLOT_TAKEN: {
    title: "This time is taken",
    text: "Something else is booked then, or the time is not offered any more. Please choose another one.",
  },
  TOO_MANY_UNPAID_BOOKINGS: {
    title: "Three bookings are unpaid already",
    text: "Pay or cancel one of them, then book the next.",
    action: { label: "See your bookings", href: "/bookings" },
  },
  TOO_EARLY: { title: "Too early", text: "This is possible only later. Try again when it is time." },
  TOO_LATE: { title: "Too late", text: "The time for this is over. Nothing was changed." },
  GROUP_FULL: {
    title: "The group is full",
    text: "The last place was taken just now. You paid nothing for it, or get it back by itself.",
  },
  ALREADY_REGISTERED: {
    title: "You are registered already",
    text: "You have a place in this group.",
    action: { label: "See your bookings", href: "/bookings" },
  },
  CALENDAR_PRIVATE: {
    title: "This calendar is not open to you",
    text: "The coach shows it only to those they are connected with, or to nobody. Ask them to connect.",
  },
  CODE_INVALID: {
    title: "This code does not work here",
    text: "It is misspelled, not valid now, or not for this session. The price without it stands.",
  },
  CODE_USED_UP: {
    title: "This code is used up",
    text: "Somebody took its last use, or you used it before. The price without it stands.",
  },
  VERSION_MISMATCH: {
    title: "Changed meanwhile",
    text:
      "You, or somebody with your account, changed this in another window. What is shown now is the newest; " +
      "look at it and change it again.",
  },
  VERSION_REQUIRED: {
    title: "This page is out of date",
    text: "It did not say which state it wants to change. Reload it and try again.",
    action: RELOAD,
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
  NO_ANSWER: {
    title: "No answer",
    text: "The server did not answer in time. Look whether it happened, then try again.",
  },
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
  DISCONNECTED: {
    title: "No connection",
    text: "The line to the server is down. It comes back by itself; then try again.",
  },
};

/** Stripe's decline codes as far as the owner of a card may see them. @type {{[reason: string]: string}} */
export const REFUSALS = {
  card_declined: "The bank declined the card and gave no reason.",
  generic_decline: "The bank declined the card and gave no reason.",
  do_not_honor: "The bank declined the card and gave no reason.",
  insufficient_funds: "There is not enough money on the card.",
  card_velocity_exceeded: "The card was used too often or for too much lately.",
  expired_card: "The card has expired.",
  incorrect_cvc: "The card's security code is wrong.",
  processing_error: "The bank had a problem of its own. It may work in a few minutes.",
  authentication_required: "The bank wants you to confirm it, and that did not happen.",
  requires_action: "The bank wants you to confirm the next minutes.",
  authentication_expired: "The bank's confirmation came too late.",
};
