// @ts-check
/**
 * One side of a scheduled session: what {@link Meeting} does for both sides of a conversation, and overtime.
 *
 * Events, besides those of {@link Meeting}:
 * - `peer-joined`, `peer-left`, `ending-soon`, `overtime` (Overtime), `meter` and `tick` (Meter): what the
 *   server tells
 * - `ended` ({reason}): the session is over, for both; `closed` follows
 */

import { RapportError } from "./errors.js";
import { Meeting } from "./meeting.js";
import { Meter, priceOf } from "./meter.js";
import { factsAfter, isOver, joinedWith, nothingYet, standsStill } from "./video-facts.js";
import { VideoSeat } from "./video-seat.js";

/** @typedef {import("./video-facts.js").Facts} Facts */
/**
 * @typedef {object} OwnEvents
 * @property {object} peer-joined
 * @property {object} peer-left
 * @property {object} ending-soon
 * @property {import("./video-facts.js").Overtime} overtime
 * @property {import("./video-facts.js").Meter} meter
 * @property {import("./video-facts.js").Meter & {minute: number}} tick
 * @property {{reason: string | null}} ended
 */
/** @typedef {import("./meeting.js").MediaEvents} MediaEvents */
/** @typedef {OwnEvents & import("./meeting.js").CommonEvents<Facts> & MediaEvents} Events */

/** What the server tells, and as which event it is passed on. */
const TOLD = new Map(/** @type {const} */ ([
  ["session-peer-joined", "peer-joined"],
  ["session-peer-left", "peer-left"],
  ["session-ending-soon", "ending-soon"],
  ["overtime-update", "overtime"],
  ["overtime-meter", "meter"],
  ["overtime-tick", "tick"],
]));
const COMMON = Object.freeze({
  signal: "session-signal",
  peerJoined: "session-peer-joined",
  peerLeft: "session-peer-left",
  taken: "session-seat-taken",
});

/**
 * @typedef {object} OwnParts
 * @property {string} bookingId
 * @property {import("./api.js").Api} api
 * @property {import("./seat.js").SeatSocket} socket
 *
 * @typedef {OwnParts & import("./meeting.js").MeetingParts} SessionParts
 */

/** @extends {Meeting<VideoSeat, Facts, Events>} */
export class VideoSession extends Meeting {
  #api;
  #now;
  #meter = new Meter();

  /** @param {SessionParts} parts */
  constructor({ bookingId, api, socket, now = () => performance.now(), ...parts }) {
    super({
      ...parts,
      now,
      told: COMMON,
      facts: nothingYet(bookingId),
      seat: (mayResume) => new VideoSeat({ ...socket, bookingId, mayResume }),
    });
    this.#api = api;
    this.#now = now;
  }

  get bookingId() {
    return this.snapshot.bookingId;
  }

  /** Go; the session goes on, and one may come back until its end. @override */
  leave() {
    // Said for the record of who was there; the socket that closes says it, too.
    if (this.seat.seated) this.seat.ask("leave-session", {}).catch(() => {});
    super.leave();
  }

  /** End it, for both. While the connection is lost, as soon as it is back. */
  end() {
    return this.insist("session-end", {});
  }

  /**
   * Ask the other side for more time.
   * @param {number} minutes
   * @param {string} [paymentMethodId]  if the client asks, who pays; the default card without
   */
  requestOvertime(minutes, paymentMethodId) {
    return this.seat.ask("request-overtime", { minutes, ...(paymentMethodId ? { paymentMethodId } : {}) });
  }

  /**
   * Say yes to the overtime that is asked for.
   * @param {string} [paymentMethodId]  if the client says it
   * @returns {Promise<{status: string, clientSecret?: string | null}>} `requires_action`: 3-D Secure first
   */
  confirmOvertime(paymentMethodId) {
    const card = paymentMethodId ? { paymentMethodId } : {};
    return this.seat.ask("confirm-overtime", { number: this.snapshot.overtime?.number ?? 0, ...card });
  }

  /** Say no to it, or take the own wish back. */
  declineOvertime() {
    return this.seat.ask("decline-overtime", { number: this.snapshot.overtime?.number ?? 0 });
  }

  /**
   * 3-D Secure is done; the server looks.
   * @returns {Promise<{status: string, clientSecret?: string | null}>}
   */
  overtimePaymentConfirmed() {
    return this.seat.ask("overtime-payment-confirmed", {});
  }

  /** Billable seconds of overtime with fractions, by now; for display, never above what is authorized. */
  billableNow() {
    return this.#meter.read(this.#now());
  }

  /** What that costs; for display, since the server's amount alone is charged. */
  amountNow() {
    return priceOf(this.snapshot.overtimeRate, this.billableNow());
  }

  /**
   * `/notifications` tells of bookings too: of a session that was called off, or of an end that was missed.
   * @param {{bookingId: string, state: string}} update
   */
  heard({ bookingId, state }) {
    const off = !["confirmed", "scheduled", "pending_minimum_attendees"].includes(state);
    if (bookingId === this.bookingId && off && this.begun) this.readEnd();
  }

  // --- what happens ----------------------------------------------------------------------------------------

  /** @override @param {import("./video-facts.js").Joined} snapshot */
  onJoined(snapshot) {
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
    if (name === "session-ended") return this.#ended();
    const told = TOLD.get(/** @type {any} */ (name));
    if (told) this.emit(told, data);
  }

  /** @override @param {Facts} facts */
  learn(facts) {
    const before = this.snapshot.meter;
    const { meter } = facts;
    this.#meter.speed = facts.clockSpeed;
    this.#meter.limit = meter?.authorizedSeconds || Infinity;
    if (!meter?.running) this.#meter.stand(meter?.billableSeconds ?? 0);
    else if (!before?.running || meter.billableSeconds !== before.billableSeconds) {
      this.#meter.run(meter.billableSeconds, this.#now());
    }
    super.learn(facts, { covered: standsStill(facts) });
  }

  // --- how it ends -----------------------------------------------------------------------------------------

  /** Over, perhaps, while nobody could tell us: the record knows. @override */
  async findEnd() {
    try {
      const record = await this.#api.get(`/api/sessions/${this.bookingId}`);
      if (this.closed || !isOver(record.state)) return;
      this.learn({ ...this.snapshot, state: record.state, endReason: record.endReason ?? null });
      this.#ended();
    } catch (error) {
      this.emit("trouble", RapportError.of(error));
    }
  }

  #ended() {
    const { endReason: reason, state } = this.snapshot;
    this.emit("ended", { reason });
    this.close(new RapportError({ code: "GONE", message: "The session is over.", details: { state } }));
  }
}
