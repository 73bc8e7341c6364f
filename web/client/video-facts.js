// @ts-check
/**
 * What is known of a scheduled session: the snapshot of the last handshake, and every event since. Pure: old
 * facts and an event give new facts. What has a lower `version`, or is of an earlier overtime, is old news.
 */

/** @typedef {{amount: number, currency: string}} Money  minor units of an ISO 4217 currency */

/**
 * @typedef {object} Overtime  more minutes, asked for by one and confirmed by the other
 * @property {number} number
 * @property {number} minutes
 * @property {string} state  domain.scheduled.states.OvertimeState
 * @property {"client" | "coach"} requestedBy
 * @property {string} expiresAt  until then it has to be confirmed
 * @property {Money} price  of all its minutes
 * @property {string | null} [clientSecret]  the bank wants to see the client: 3-D Secure
 * @property {string | null} [reason]  why the card was refused
 *
 * @typedef {object} Meter  of all overtime together
 * @property {boolean} running
 * @property {number} authorizedSeconds  the session stops when so many are used up
 * @property {number} billableSeconds
 * @property {Money} amount
 *
 * @typedef {object} Joined  the answer to `join-session`, as far as this client needs it
 * @property {string} bookingId
 * @property {"client" | "coach"} role
 * @property {boolean} polite
 * @property {string} state
 * @property {number} version
 * @property {import("./types.d.ts").IceServer[]} iceServers
 * @property {string | null} iceNote
 * @property {boolean} peerPresent
 * @property {string} peerName
 * @property {number} epoch
 * @property {string} title
 * @property {string} start
 * @property {string} end
 * @property {number} proofIntervalMs
 * @property {number} clockSpeed
 * @property {string} serverTime
 * @property {Money} overtimeRate
 * @property {Overtime | null} [overtime]
 * @property {Meter | null} [meter]
 *
 * @typedef {object} Facts
 * @property {string} bookingId
 * @property {"client" | "coach" | null} role  null until joined
 * @property {string} state  `joining` until joined; then domain.scheduled.states.SessionState
 * @property {number} version
 * @property {string} title
 * @property {string} peerName
 * @property {boolean} peerPresent
 * @property {string} start  RFC 3339, domain time
 * @property {string} end  of the booked time
 * @property {boolean} endingSoon
 * @property {Money | null} overtimeRate  per minute
 * @property {Overtime | null} overtime  the newest one
 * @property {Meter | null} meter  once overtime runs
 * @property {string | null} endReason
 * @property {number} clockSpeed  domain seconds per real second
 * @property {string | null} iceNote  why there is no relay, if there is none
 */

/** States of overtime in which somebody waits for something. */
export const OPEN_OVERTIME = Object.freeze(new Set(["pending_confirmation", "authorized", "active"]));
/** States that a session never leaves towards talk. */
const OVER = new Set(["ended", "cancelled"]);

/** @param {string} state */
export function isOver(state) {
  return OVER.has(state);
}

/**
 * Before the handshake.
 * @param {string} bookingId
 * @returns {Facts}
 */
export function nothingYet(bookingId) {
  return {
    bookingId, role: null, state: "joining", version: -1, title: "", peerName: "", peerPresent: false,
    start: "", end: "", endingSoon: false, overtimeRate: null, overtime: null, meter: null, endReason: null,
    clockSpeed: 1, iceNote: null,
  };
}

/**
 * What a handshake answered. It replaces everything; only what it does not tell is kept.
 * @param {Facts} before
 * @param {Joined} joined
 * @returns {Facts}
 */
export function joinedWith(before, joined) {
  const { role, state, version, title, peerName, peerPresent, start, end, clockSpeed, iceNote } = joined;
  const { overtimeRate, overtime = null, meter = null } = joined;
  return {
    ...before,
    role, state, version, title, peerName, peerPresent, start, end, clockSpeed, iceNote, overtimeRate, meter,
    overtime: overtime ? newer(before.overtime, overtime) : null,
  };
}

/** @type {Record<string, (before: Facts, data: any) => Partial<Facts>>} */
const AFTER = {
  "session-peer-joined": ({ state }) =>
    ({ peerPresent: true, state: state === "open" ? "in_progress" : state }),
  "session-peer-left": () => ({ peerPresent: false }),
  "session-ending-soon": () => ({ endingSoon: true }),
  "overtime-update": (before, data) => ({
    overtime: newer(before.overtime, data),
    meter: data.meter ?? before.meter,
  }),
  "overtime-tick": (before, { billableSeconds, amount, authorizedSeconds }) =>
    ({ meter: { ...before.meter, running: true, billableSeconds, amount, authorizedSeconds } }),
  "session-ended": (_, { reason = null }) =>
    ({ state: "ended", endReason: reason, overtime: null, endingSoon: false }),
};

/**
 * The facts after an event; null if it is old news, or says nothing about the session.
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

/**
 * @param {Overtime | null} before
 * @param {Overtime} next
 * @returns {Overtime}
 */
function newer(before, next) {
  if (before && next.number < before.number) return before;
  // Only the event that asks for 3-D Secure carries the secret, and only to the client; the handshake may not.
  const same = before?.number === next.number && next.state === "pending_confirmation";
  return { ...next, clientSecret: next.clientSecret ?? (same ? before.clientSecret : null) };
}
