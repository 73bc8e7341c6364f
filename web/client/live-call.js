// @ts-check
/**
 * One side of a live call: what {@link Meeting} does for both sides of a conversation, and the meter. See
 * docs/client.md for the whole picture.
 *
 * Events, besides those of {@link Meeting}:
 * - `peer-joined`, `peer-left`, `started`, `tick`, `paused`, `resumed`, `low-balance`, `extended`: the
 *   server's events, by their data
 * - `ended` ({reason, billableSeconds, amount}): the call is over, for both; `closed` follows
 */

import { endedWith, factsAfter, isOver, joinedWith, nothingYet } from "./call-facts.js";
import { RapportError } from "./errors.js";
import { LiveSeat } from "./live-seat.js";
import { Meeting } from "./meeting.js";
import { Meter, priceOf } from "./meter.js";

/** @import { Authorization, Joined, LiveEvents, LiveSessionUpdated } from "./types.d.ts" */
/** @typedef {import("./call-facts.js").Facts} Facts */
/**
 * @typedef {object} OwnEvents
 * @property {LiveEvents["live-peer-joined"]} peer-joined
 * @property {LiveEvents["live-peer-left"]} peer-left
 * @property {LiveEvents["live-session-started"]} started
 * @property {LiveEvents["live-session-tick"]} tick
 * @property {LiveEvents["live-session-paused"]} paused
 * @property {LiveEvents["live-session-resumed"]} resumed
 * @property {LiveEvents["live-session-low-balance"]} low-balance
 * @property {LiveEvents["live-session-extended"]} extended
 * @property {{reason: string | null, billableSeconds: number, amount: import("./call-facts.js").Money |
 *   null}} ended
 */
/** @typedef {import("./meeting.js").MediaEvents} MediaEvents */
/** @typedef {OwnEvents & import("./meeting.js").CommonEvents<Facts> & MediaEvents} Events */

/** What the server tells of the call, and as which event it is passed on. */
const TOLD = new Map(/** @type {const} */ ([
  ["live-peer-joined", "peer-joined"],
  ["live-peer-left", "peer-left"],
  ["live-session-started", "started"],
  ["live-session-tick", "tick"],
  ["live-session-paused", "paused"],
  ["live-session-resumed", "resumed"],
  ["live-session-low-balance", "low-balance"],
  ["live-session-extended", "extended"],
]));
const COMMON = Object.freeze({
  signal: "live-signal", peerJoined: "live-peer-joined", peerLeft: "live-peer-left", taken: "live-seat-taken",
});

/**
 * @typedef {object} OwnParts
 * @property {string} sessionId
 * @property {import("./api.js").Api} api
 * @property {import("./seat.js").SeatSocket} socket
 *
 * @typedef {OwnParts & import("./meeting.js").MeetingParts} CallParts
 */

/** @extends {Meeting<LiveSeat, Facts, Events>} */
export class LiveCall extends Meeting {
  #api;
  #now;
  #meter = new Meter();
  /** The server's clock of the call, and ours, at the last handshake. */
  #clock = { domain: 0, local: 0 };

  /** @param {CallParts} parts */
  constructor({ sessionId, api, socket, now = () => performance.now(), ...parts }) {
    super({
      ...parts,
      now,
      told: COMMON,
      facts: nothingYet(sessionId),
      seat: (mayResume) => new LiveSeat({ ...socket, sessionId, mayResume }),
    });
    this.#api = api;
    this.#now = now;
  }

  get sessionId() {
    return this.snapshot.sessionId;
  }

  /**
   * End the call, for both. While the connection is lost, as soon as it is back.
   * @param {string} [reason]  kept in the timeline
   */
  end(reason) {
    return this.insist("live-session-end", reason === undefined ? {} : { reason });
  }

  /**
   * Go on with another card.
   * @param {string} paymentMethodId
   * @returns {Promise<Authorization>} `requires_action`: 3-D Secure first
   */
  async useCard(paymentMethodId) {
    return this.#authorized(await this.seat.ask("live-payment-method", { paymentMethodId }));
  }

  /**
   * 3-D Secure is done; the server looks.
   * @returns {Promise<Authorization>}
   */
  async paymentConfirmed() {
    return this.#authorized(await this.seat.ask("live-payment-confirmed", {}));
  }

  /** Billable seconds with fractions, by now; for display, never above what is authorized. */
  billableNow() {
    return this.#meter.read(this.#now());
  }

  /** What that costs; for display, since the server's amount alone is charged. */
  amountNow() {
    return priceOf(this.snapshot.rate, this.billableNow());
  }

  /** Real seconds until a paused call ends; null while it is not paused. */
  graceSecondsLeft() {
    const { graceEndsAt, clockSpeed } = this.snapshot;
    if (graceEndsAt === null) return null;
    const domain = this.#clock.domain + (this.#now() - this.#clock.local) * clockSpeed;
    return Math.max((Date.parse(graceEndsAt) - domain) / 1000 / clockSpeed, 0);
  }

  /**
   * `/notifications` tells of calls too: of an end that this call's own socket missed.
   * @param {LiveSessionUpdated} update
   */
  heard({ sessionId, state }) {
    if (sessionId === this.sessionId && isOver(state) && this.begun) this.readEnd();
  }

  // --- what happens ----------------------------------------------------------------------------------------

  /** @override @param {Joined} snapshot */
  onJoined(snapshot) {
    this.#clock = { domain: Date.parse(snapshot.serverTime), local: this.#now() };
    this.learn(joinedWith(this.snapshot, snapshot));
  }

  /**
   * @override
   * @param {string} name
   * @param {any} data
   */
  onTold(name, data) {
    const facts = factsAfter(this.snapshot, name, data);
    if (!facts) return;
    this.learn(facts);
    if (name === "live-session-ended") return this.#ended();
    const told = TOLD.get(/** @type {any} */ (name));
    if (told) this.emit(told, data);
  }

  /** @override @param {Facts} facts */
  learn(facts) {
    const before = this.snapshot;
    this.#meter.speed = facts.clockSpeed;
    this.#meter.limit = facts.authorizedSeconds || Infinity;
    if (facts.state !== "live") this.#meter.stand(facts.billableSeconds);
    else if (before.state !== "live" || facts.billableSeconds !== before.billableSeconds) {
      this.#meter.run(facts.billableSeconds, this.#now());
    }
    super.learn(facts, { covered: facts.state === "paused" });
  }

  /** @param {Authorization} authorization */
  #authorized(authorization) {
    if (authorization.status === "authorized") this.learn({ ...this.snapshot, lowBalance: null });
    return authorization;
  }

  // --- how it ends -----------------------------------------------------------------------------------------

  /** Over, perhaps, while nobody could tell us: the document knows. @override */
  async findEnd() {
    try {
      const session = await this.#api.get(`/api/live-sessions/${this.sessionId}`);
      if (this.closed || !isOver(session.state)) return;
      this.learn(endedWith(this.snapshot, session));
      this.#ended();
    } catch (error) {
      this.emit("trouble", RapportError.of(error));
    }
  }

  #ended() {
    const { endReason: reason, billableSeconds, amount, state } = this.snapshot;
    this.emit("ended", { reason, billableSeconds, amount });
    this.close(new RapportError({ code: "GONE", message: "The call is over.", details: { state } }));
  }

  /** @override @param {RapportError} why */
  close(why) {
    if (!this.closed) this.#meter.stand(this.snapshot.billableSeconds);
    super.close(why);
  }
}
