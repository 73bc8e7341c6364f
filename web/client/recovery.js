// @ts-check
/**
 * When to restart ICE. Pure: facts in, a decision out.
 *
 * The browser's own states are late: `disconnected` may mend itself, `failed` comes after half a minute (RFC
 * 7675), and the grace of a call is 45 s. So what counts is whether media arrives. A restart is of use only
 * while both sides sit in the call, and not while one is under way already.
 */

/** How long silence is borne (ms), by what the browser says of the connection. */
const PATIENCE = Object.freeze({ failed: 0, disconnected: 3_000, connected: 5_000, connecting: 10_000 });
/** After a change of the network, or back from somewhere, media should be there at once. */
const NUDGED_MS = 2_000;
/** The polite side leaves the first try to the other: if both restart, one of the two does it in vain. */
const POLITENESS_MS = 3_000;
/** A restart takes this long to come to anything; each further one is given more. */
const STEP_MS = 4_000;
const LONGEST_STEP_MS = 12_000;
/** So often ICE is restarted before a new connection is made. */
const RESTARTS = 2;

/**
 * @typedef {object} Facts
 * @property {number} now  milliseconds, monotonic
 * @property {number} epoch
 * @property {RTCPeerConnectionState | null} connection
 * @property {number | null} grewAt  when inbound media grew last
 * @property {boolean} together  both sides sit in the call
 */

export class Recovery {
  #polite;
  #tries = 0;
  /** From here on media should have come, and has not. */
  #since = 0;
  #epoch = -1;
  #nudged = false;

  /** @param {boolean} polite */
  constructor(polite) {
    this.#polite = polite;
  }

  /**
   * The network changed, or this page was away: media that does not flow now will not by itself.
   * @param {number} now
   */
  nudge(now) {
    this.#since = now;
    this.#nudged = true;
  }

  /**
   * @param {Facts} facts
   * @returns {"restart" | "renew" | null}
   */
  decide({ now, epoch, connection, grewAt, together }) {
    // Somebody restarted, or is not there: the patience begins anew.
    if (!together || epoch !== this.#epoch) this.#since = now;
    this.#epoch = epoch;
    if (grewAt !== null && grewAt > this.#since) {
      this.#since = grewAt;
      this.#tries = 0;
      this.#nudged = false;
    }
    if (!together || now - this.#since < this.#patience(connection)) return null;
    this.#tries += 1;
    this.#since = now;
    this.#nudged = false;
    return this.#tries % (RESTARTS + 1) === 0 ? "renew" : "restart";
  }

  /** @param {RTCPeerConnectionState | null} connection */
  #patience(connection) {
    const known = connection !== null && connection in PATIENCE;
    const patience = PATIENCE[known ? /** @type {keyof typeof PATIENCE} */ (connection) : "connecting"];
    const first = this.#nudged ? Math.min(patience, NUDGED_MS) : patience;
    const step = Math.min(STEP_MS * this.#tries, LONGEST_STEP_MS);
    return Math.max(first, step) + (this.#polite ? POLITENESS_MS : 0);
  }
}
