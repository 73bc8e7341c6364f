// @ts-check
/**
 * One side of a live call, from {@link LiveCall.join} until it ends or {@link LiveCall.leave}: the seat, the
 * negotiation, the proof of media, the meter. See docs/client.md for the whole picture.
 *
 * Events:
 * - `change` (Facts): something in {@link LiveCall.snapshot} changed
 * - `remote` (MediaStream): tracks of the other side came; the stream is the same object for the whole call
 * - `peer-joined`, `peer-left`, `started`, `tick`, `paused`, `resumed`, `low-balance`, `extended`: the
 *   server's events, by their data
 * - `ended` ({reason, billableSeconds, amount}): the call is over, for both
 * - `seat-taken` ({deviceId?}): another device of the same person has the call now; this one is out
 * - `connection` ({state: RTCPeerConnectionState}), `socket` (State), `quality` (Sample)
 * - `trouble` (RapportError): something failed that is tried again, or that this call can do without
 * - `closed` (RapportError): nothing will come of this object any more, and why: GONE after an end,
 *   `seat_taken`, DISCONNECTED after {@link LiveCall.leave}, or the refusal that made it give up
 */

import { endedWith, factsAfter, isOver, joinedWith, nothingYet } from "./call-facts.js";
import { Emitter } from "./emitter.js";
import { RapportError, disconnected } from "./errors.js";
import { LiveSeat } from "./live-seat.js";
import { MediaLink } from "./media-link.js";
import { Meter } from "./meter.js";
import { OwnMedia } from "./own-media.js";
import { PageLife } from "./page-life.js";

/** @import { Authorization, Joined, LiveEvents, LiveSessionUpdated } from "./types.d.ts" */
/** @typedef {import("./call-facts.js").Facts} Facts */
/**
 * @typedef {object} OwnEvents
 * @property {Facts} change
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
 * @property {{deviceId?: string}} seat-taken
 * @property {import("./socket.js").State} socket
 * @property {RapportError} closed
 */
/** @typedef {OwnEvents & Omit<import("./media-link.js").Events, "gone">} Events */
/** @typedef {import("./own-media.js").Kind} Kind */

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

/**
 * @typedef {object} CallParts
 * @property {string} sessionId
 * @property {MediaStream} media  the own camera and microphone; they stay their owner's
 * @property {import("./api.js").Api} api
 * @property {Omit<import("./socket.js").SocketParts, "namespace" | "since">} socket
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} [rtc]
 * @property {() => number} [now]  milliseconds, monotonic
 */

/** @extends {Emitter<Events>} */
export class LiveCall extends Emitter {
  #parts;
  #now;
  #own;
  #seat;
  #link;
  #meter = new Meter();
  #page;
  /** @type {Facts} */
  #facts;
  /** The server's clock of the call, and ours, at the last handshake. */
  #clock = { domain: 0, local: 0 };
  /** @type {ReturnType<typeof waiting> | null} */
  #joining = null;
  #closed = false;
  #reading = false;

  /** @param {CallParts} parts */
  constructor(parts) {
    super();
    const { sessionId, media, socket, now = () => performance.now() } = parts;
    this.#parts = parts;
    this.#now = now;
    this.#facts = nothingYet(sessionId);
    this.#own = new OwnMedia(media);
    this.#seat = new LiveSeat({ ...socket, sessionId, mayResume: () => this.#link.begun });
    this.#link = new MediaLink({ seat: this.#seat, own: this.#own, rtc: parts.rtc, now });
    this.#page = new PageLife({
      hide: () => this.#seat.leave(),
      show: () => this.#seat.take(),
      network: () => this.#link.nudge(),
    });
    this.#listen();
  }

  /** Everything known of the call. */
  get snapshot() {
    return this.#facts;
  }

  get sessionId() {
    return this.#facts.sessionId;
  }

  /** The other side's tracks. */
  get remote() {
    return this.#link.remote;
  }

  /** Whether the call is paused, and our own tracks are therefore disabled. */
  get covered() {
    return this.#own.covered;
  }

  /** Whether nothing will come of this object any more: ended, taken, refused or left. */
  get closed() {
    return this.#closed;
  }

  /**
   * Take the seat. Everything else follows by itself, reconnections too.
   * @returns {Promise<Facts>}
   * @throws {RapportError} GONE (not accepted yet, or over: then `ended` came before), NOT_FOUND, or why no
   *   connection with this account is possible. A server that cannot be reached is tried until {@link leave}.
   */
  join() {
    if (this.#closed) return Promise.reject(disconnected());
    if (!this.#joining) {
      this.#joining = waiting();
      this.#page.start();
      this.#seat.take();
    }
    return this.#joining.promise;
  }

  /** Let the seat go without ending the call; the other side waits for the grace. */
  leave() {
    this.#close(disconnected());
  }

  /**
   * End the call, for both. While the connection is lost, as soon as it is back.
   * @param {string} [reason]  kept in the timeline
   */
  async end(reason) {
    while (!this.#closed) {
      try {
        await this.#seat.ask("live-session-end", reason === undefined ? {} : { reason });
        return;
      } catch (error) {
        const refusal = RapportError.of(error);
        if (refusal.code === "GONE") return this.#readEnd();
        if (!["DISCONNECTED", "NOT_JOINED"].includes(refusal.code)) throw refusal;
        await this.#seatedOrOver();
      }
    }
  }

  /**
   * Go on with another card.
   * @param {string} paymentMethodId
   * @returns {Promise<Authorization>} `requires_action`: 3-D Secure first
   */
  async useCard(paymentMethodId) {
    return this.#authorized(await this.#seat.ask("live-payment-method", { paymentMethodId }));
  }

  /**
   * 3-D Secure is done; the server looks.
   * @returns {Promise<Authorization>}
   */
  async paymentConfirmed() {
    return this.#authorized(await this.#seat.ask("live-payment-confirmed", {}));
  }

  /**
   * @param {Kind} kind
   * @param {boolean} muted
   */
  setMuted(kind, muted) {
    this.#own.setMuted(kind, muted);
    this.emit("change", this.#facts);
  }

  /** @param {Kind} kind */
  muted(kind) {
    return this.#own.muted(kind);
  }

  /**
   * Send another camera or microphone, or none.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async setTrack(kind, track) {
    this.#own.replace(kind, track);
    await this.#link.send(kind, track);
  }

  /** Make a new path to the other side, in the same connection: for a "reconnect" button. */
  restartIce() {
    return this.#link.restart();
  }

  /** Billable seconds with fractions, by now; for display, never above what is authorized. */
  billableNow() {
    return this.#meter.read(this.#now());
  }

  /** What that costs; for display, since the server's amount alone is charged. */
  amountNow() {
    const { rate } = this.#facts;
    // As the server rounds: half up, once.
    return rate && { ...rate, amount: Math.floor((rate.amount * Math.floor(this.billableNow())) / 60 + 0.5) };
  }

  /** Real seconds until a paused call ends; null while it is not paused. */
  graceSecondsLeft() {
    const { graceEndsAt, clockSpeed } = this.#facts;
    if (graceEndsAt === null) return null;
    const domain = this.#clock.domain + (this.#now() - this.#clock.local) * clockSpeed;
    return Math.max((Date.parse(graceEndsAt) - domain) / 1000 / clockSpeed, 0);
  }

  /**
   * `/notifications` tells of calls too: of an end that this call's own socket missed.
   * @param {LiveSessionUpdated} update
   */
  heard({ sessionId, state }) {
    if (sessionId === this.sessionId && isOver(state) && this.#joining) this.#readEnd();
  }

  // --- what happens ----------------------------------------------------------------------------------------

  #listen() {
    const seat = this.#seat;
    seat.on("joined", ({ snapshot }) => this.#onJoined(snapshot));
    seat.on("event", ({ name, data }) => this.#onEvent(/** @type {keyof LiveEvents} */ (name), data));
    seat.on("refused", (refusal) => this.#onRefused(refusal));
    seat.on("socket", (state) => this.emit("socket", state));
    for (const name of /** @type {const} */ (["remote", "connection", "quality", "trouble"])) {
      this.#link.on(name, (data) => this.emit(name, data));
    }
    this.#link.on("gone", () => this.#readEnd());
  }

  /** @param {Joined} snapshot */
  #onJoined(snapshot) {
    this.#clock = { domain: Date.parse(snapshot.serverTime), local: this.#now() };
    this.#learn(joinedWith(this.#facts, snapshot));
    this.#link.joined(snapshot);
    this.#joining?.resolve(this.#facts);
  }

  /**
   * @param {keyof LiveEvents} name
   * @param {any} data
   */
  #onEvent(name, data) {
    if (name === "live-signal") return void this.#link.receive(data);
    if (name === "live-seat-taken") return this.#taken(data.deviceId);
    if (name === "live-peer-joined") this.#link.peerJoined(data.epoch);
    if (name === "live-peer-left") this.#link.peerLeft();
    const facts = factsAfter(this.#facts, name, data);
    if (!facts) return;
    this.#learn(facts);
    if (name === "live-session-ended") return this.#ended();
    const told = TOLD.get(/** @type {any} */ (name));
    if (told) this.emit(told, data);
  }

  /** @param {RapportError} refusal */
  async #onRefused(refusal) {
    if (refusal.code === "seat_taken") return this.#taken();
    if (refusal.code === "GONE") await this.#readEnd();
    if (this.#closed) return;
    this.emit("trouble", refusal);
    this.#close(refusal);
  }

  /** @param {Facts} facts */
  #learn(facts) {
    const before = this.#facts;
    this.#facts = facts;
    this.#meter.speed = facts.clockSpeed;
    this.#meter.limit = facts.authorizedSeconds || Infinity;
    if (facts.state !== "live") this.#meter.stand(facts.billableSeconds);
    else if (before.state !== "live" || facts.billableSeconds !== before.billableSeconds) {
      this.#meter.run(facts.billableSeconds, this.#now());
    }
    this.#own.cover(facts.state === "paused");
    this.emit("change", facts);
  }

  /** @param {Authorization} authorization */
  #authorized(authorization) {
    if (authorization.status === "authorized") this.#learn({ ...this.#facts, lowBalance: null });
    return authorization;
  }

  // --- how it ends -----------------------------------------------------------------------------------------

  /** Over, perhaps, while nobody could tell us: the document knows. */
  async #readEnd() {
    if (this.#closed || this.#reading) return;
    this.#reading = true;
    try {
      const session = await this.#parts.api.get(`/api/live-sessions/${this.sessionId}`);
      if (this.#closed || !isOver(session.state)) return;
      this.#learn(endedWith(this.#facts, session));
      this.#ended();
    } catch (error) {
      this.emit("trouble", RapportError.of(error));
    } finally {
      this.#reading = false;
    }
  }

  #ended() {
    const { endReason: reason, billableSeconds, amount, state } = this.#facts;
    this.emit("ended", { reason, billableSeconds, amount });
    this.#close(new RapportError({ code: "GONE", message: "The call is over.", details: { state } }));
  }

  /** @param {string} [deviceId] */
  #taken(deviceId) {
    if (this.#closed) return;
    this.emit("seat-taken", { deviceId });
    this.#close(new RapportError({ code: "seat_taken", message: "The call goes on at another device." }));
  }

  /** @param {RapportError} why  a join that is still waiting fails with it, too */
  #close(why) {
    if (this.#closed) return;
    this.#closed = true;
    this.#page.stop();
    this.#link.close();
    this.#seat.leave();
    this.#own.release();
    this.#meter.stand(this.#facts.billableSeconds);
    // Nobody has to wait for it.
    this.#joining?.promise.catch(() => {});
    this.#joining?.reject(why);
    this.emit("closed", why);
  }

  /** @returns {Promise<void>} */
  #seatedOrOver() {
    return new Promise((resolve) => {
      if (this.#closed || this.#seat.seated) return resolve();
      const stops = [this.#seat.on("joined", done), this.on("closed", done)];
      function done() {
        for (const stop of stops) stop();
        resolve();
      }
    });
  }
}

/** A promise, and what settles it. */
function waiting() {
  /** @type {(facts: Facts) => void} */
  let resolve = () => {};
  /** @type {(why: RapportError) => void} */
  let reject = () => {};
  /** @type {Promise<Facts>} */
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
