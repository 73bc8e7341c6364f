// @ts-check
/**
 * What is known of a call: the snapshot of the last handshake, and every event since. Pure: old facts and an
 * event give new facts. Events that carry a `version` older than the snapshot's are old news
 * (docs/decisions/0010-no-replay-in-calls.md).
 */

/** @typedef {{amount: number, currency: string}} Money  minor units of an ISO 4217 currency */

/**
 * @typedef {object} Facts
 * @property {string} sessionId
 * @property {"caller" | "callee" | null} role  null until joined
 * @property {string} state  of the call: `ready`, `live`, `paused`, …; `joining` until joined
 * @property {number} version
 * @property {Money | null} rate  per minute
 * @property {number} authorizedSeconds  the call stops when so many are used up
 * @property {number} billableSeconds  at the last event; see `LiveCall.billableNow()`
 * @property {Money | null} amount  at the last event
 * @property {number} tickedMinutes
 * @property {string} peerName
 * @property {boolean} peerPresent
 * @property {string | null} pausedReason
 * @property {string | null} graceEndsAt  domain time: see `LiveCall.graceSecondsLeft()`
 * @property {{reason: string | null, clientSecret: string | null} | null} lowBalance  what the next block
 *   needs
 * @property {string | null} endReason
 * @property {number} clockSpeed  domain seconds per real second
 * @property {string | null} iceNote  why there is no relay, if there is none
 */

/** States that a call never leaves towards talk. */
const OVER = new Set([
  "ending", "settled", "unpaid", "declined", "missed", "cancelled", "abandoned", "failed",
]);

/** @param {string} state */
export function isOver(state) {
  return OVER.has(state);
}

/**
 * Before the handshake.
 * @param {string} sessionId
 * @returns {Facts}
 */
export function nothingYet(sessionId) {
  return {
    sessionId, role: null, state: "joining", version: -1, rate: null, authorizedSeconds: 0,
    billableSeconds: 0, amount: null, tickedMinutes: 0, peerName: "", peerPresent: false, pausedReason: null,
    graceEndsAt: null,
    lowBalance: null, endReason: null, clockSpeed: 1, iceNote: null,
  };
}

/**
 * What a handshake answered. It replaces everything; only what it does not tell is kept.
 * @param {Facts} before
 * @param {import("./types.d.ts").Joined} joined
 * @returns {Facts}
 */
export function joinedWith(before, joined) {
  const { role, state, version, rate, authorizedSeconds, billableSeconds, amount, tickedMinutes } = joined;
  const { peerName, peerPresent, clockSpeed, iceNote, paused, lowBalance } = joined;
  return {
    ...before,
    role, state, version, rate, authorizedSeconds, billableSeconds, amount, tickedMinutes,
    peerName, peerPresent, clockSpeed, iceNote,
    pausedReason: paused?.reason ?? null,
    graceEndsAt: paused?.graceEndsAt ?? null,
    lowBalance: lowBalance ? (before.lowBalance ?? { reason: null, clientSecret: null }) : null,
  };
}

/**
 * A call that is over, as HTTP tells it.
 * @param {Facts} before
 * @param {import("./types.d.ts").Http.SessionReply} session  `GET /api/live-sessions/{sessionId}`
 * @returns {Facts}
 */
export function endedWith(before, session) {
  const { state, version, billableSeconds, amount, ratePerMinute: rate, endReason = null } = session;
  return { ...before, state, version, billableSeconds, amount, rate, endReason, ...RUNNING };
}

/** @type {Record<string, (before: Facts, data: any) => Partial<Facts>>} */
const AFTER = {
  "live-peer-joined": () => ({ peerPresent: true }),
  "live-peer-left": () => ({ peerPresent: false }),
  "live-session-started": () => ({ state: "live", ...RUNNING }),
  "live-session-resumed": (_, { billableSeconds }) => ({ state: "live", billableSeconds, ...RUNNING }),
  "live-session-paused": (_, { reason, billableSeconds, graceEndsAt }) =>
    ({ state: "paused", billableSeconds, pausedReason: reason, graceEndsAt }),
  "live-session-tick": (before, { minute, billableSeconds, amount, authorizedSeconds }) => ({
    tickedMinutes: minute,
    billableSeconds,
    amount,
    authorizedSeconds,
    // Another block was found meanwhile.
    lowBalance: authorizedSeconds > before.authorizedSeconds ? null : before.lowBalance,
  }),
  "live-session-low-balance": (_, { authorizedSeconds, reason, clientSecret = null }) =>
    ({ authorizedSeconds, lowBalance: { reason, clientSecret } }),
  "live-session-extended": (_, { authorizedSeconds }) => ({ authorizedSeconds, lowBalance: null }),
  "live-session-ended": (_, { reason, billableSeconds, amount }) =>
    ({ state: "ending", endReason: reason, billableSeconds, amount, ...RUNNING }),
};
const RUNNING = Object.freeze({ pausedReason: null, graceEndsAt: null });

/**
 * The facts after an event; null if it is old news, or says nothing about the call.
 * @param {Facts} before
 * @param {string} name
 * @param {any} data
 * @returns {Facts | null}
 */
export function factsAfter(before, name, data) {
  const change = AFTER[name];
  if (!change || (typeof data.version === "number" && data.version < before.version)) return null;
  const version = typeof data.version === "number" ? data.version : before.version;
  return { ...before, ...change(before, data), version };
}
