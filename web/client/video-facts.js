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
 * @property {boolean} [confirmed]  the other side said yes; what is missing is the bank
 * @property {Money} price  of all its minutes
 * @property {string | null} [clientSecret]  the bank wants to see the client: 3-D Secure
 * @property {string | null} [reason]  why the card was refused
 *
 * @typedef {object} Meter  of all overtime together
 * @property {boolean} running
 * @property {number} authorizedSeconds  the session stops when so many are used up
 * @property {number} billableSeconds
 * @property {Money} amount
 * @property {string | null} [graceEndsAt]  it stands still, and ends everything then; domain time
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
 * @property {string} endsAt  `end`, or later with overtime
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
 * @property {string} endsAt  `end`, or later with overtime
 * @property {boolean} endingSoon
 * @property {Money | null} overtimeRate  per minute
 * @property {Overtime | null} overtime  the newest one
 * @property {Meter | null} meter  once overtime runs
 * @property {string | null} endReason
 * @property {Money | null} amount  of the overtime, once all is over
 * @property {number} clockSpeed  domain seconds per real second
 * @property {string | null} iceNote  why there is no relay, if there is none
 */

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
    start: "", end: "", endsAt: "", endingSoon: false, overtimeRate: null, overtime: null, meter: null,
    endReason: null, amount: null, clockSpeed: 1, iceNote: null,
  };
}

/**
 * What a handshake answered. It replaces everything; only what it does not tell is kept.
 * @param {Facts} before
 * @param {Joined} joined
 * @returns {Facts}
 */
export function joinedWith(before, joined) {
  const { role, state, version, title, peerName, peerPresent, start, end, endsAt } = joined;
  const { clockSpeed, iceNote, overtimeRate, overtime = null, meter = null } = joined;
  return {
    ...before,
    role, state, version, title, peerName, peerPresent, start, end, endsAt, clockSpeed, iceNote, overtimeRate,
    meter,
    overtime: overtime ? newer(before.overtime, overtime) : null,
  };
}

/** @type {Record<string, (before: Facts, data: any) => Partial<Facts>>} */
const AFTER = {
  "session-peer-joined": (before, { state }) => ({ peerPresent: true, state: state ?? before.state }),
  "session-peer-left": () => ({ peerPresent: false }),
  "session-ending-soon": (_, { endsAt }) => ({ endingSoon: true, endsAt }),
  "overtime-update": (before, { bookingId, version, endsAt, ...overtime }) => ({
    endsAt: endsAt ?? before.endsAt,
    // What is agreed takes the end away again.
    endingSoon: before.endingSoon && !(endsAt > before.endsAt),
    overtime: newer(before.overtime, overtime),
  }),
  "overtime-meter": (_, { running, authorizedSeconds, billableSeconds, amount, graceEndsAt = null }) =>
    ({ meter: { running, authorizedSeconds, billableSeconds, amount, graceEndsAt } }),
  "overtime-tick": (_, { billableSeconds, amount, authorizedSeconds }) =>
    ({ meter: { running: true, billableSeconds, amount, authorizedSeconds, graceEndsAt: null } }),
  "session-ended": (_, { reason = null, amount = null }) =>
    ({ state: "ended", endReason: reason, amount, overtime: null, endingSoon: false }),
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

/**
 * Whether the meter of overtime stands still although it should run: then nothing is sent, as in a call that is
 * paused (docs/decisions/0007-media-denied.md).
 * @param {Facts} facts
 */
export function standsStill({ meter }) {
  return meter !== null && !meter.running && Boolean(meter.graceEndsAt);
}
