// @ts-check
// What is known of a call that this person has open, and which tab holds it.

/**
 * @typedef {import("./format.js").Money} Money
 * @typedef {import("../client/live-call.js").LiveCall} LiveCall
 * @typedef {import("./devices.js").Opened} Opened
 *
 * @typedef {object} Incoming
 * @property {string} sessionId
 * @property {{userId: string, name: string, avatarUrl?: string | null}} client
 * @property {Money} ratePerMinute
 * @property {string} expiresAt
 *
 * @typedef {object} OpenCall
 * @property {string | null} sessionId  null until the server has answered
 * @property {"caller" | "callee"} role
 * @property {string} state  of domain.calls.states.CallState
 * @property {string | null} reason  why it is over
 * @property {"here" | "elsewhere"} where  whether this tab holds it
 * @property {string} peerName
 * @property {Money | null} rate
 * @property {string | null} expiresAt  of the present step before an answer
 * @property {string | null} clientSecret  while the bank wants to see the client
 * @property {Opened | null} devices  own camera and microphone
 * @property {LiveCall | null} call
 * @property {import("../client/errors.js").RapportError | null} trouble  why it could not be joined
 *
 * @typedef {{sessionId: string, state: string, version: number, reason?: string | null}} Update
 */

/** States in which both have, or may take, their seats. */
export const SEATED = new Set(["ready", "live", "paused"]);
/** States in which a call occupies its client and its coach. */
export const OPEN = new Set(["reserving", "requires_action", "ringing", ...SEATED]);

const HELD = "rapport.tab.call";

/** Which call this tab holds, over a reload. */
export const held = {
  /** @param {string} sessionId */
  take: (sessionId) => sessionStorage.setItem(HELD, sessionId),
  /** @param {string} sessionId */
  is: (sessionId) => sessionStorage.getItem(HELD) === sessionId,
  drop: () => sessionStorage.removeItem(HELD),
};

/**
 * @param {"caller" | "callee"} role
 * @param {string} peerName
 * @returns {OpenCall}
 */
export function blank(role, peerName) {
  return {
    sessionId: null,
    role,
    state: "ready",
    reason: null,
    where: "here",
    peerName,
    rate: null,
    expiresAt: null,
    clientSecret: null,
    devices: null,
    call: null,
    trouble: null,
  };
}

/**
 * Where the document of a call is.
 * @param {string} sessionId  perhaps out of an address, where anybody may write anything
 */
export function storyOf(sessionId) {
  return `/api/live-sessions/${encodeURIComponent(sessionId)}`;
}

/**
 * An open call as its document tells it; null if it is over, or not a call of this person's to take part in.
 * @param {any} told  GET /api/live-sessions/{sessionId}
 * @returns {OpenCall | null}
 */
export function fromStory(told) {
  const { sessionId, state, role } = told;
  const callee = role === "callee";
  // An admin reads everybody's calls and is in none of them; a ring is told by an event of its own.
  if (!OPEN.has(state) || !role || (callee && !SEATED.has(state))) return null;
  return {
    ...blank(role, callee ? told.client.name : told.coach.name),
    sessionId,
    state,
    rate: told.ratePerMinute,
    expiresAt: told.expiresAt,
    where: held.is(sessionId) ? "here" : "elsewhere",
    clientSecret: told.holds.at(-1)?.clientSecret ?? null,
  };
}
