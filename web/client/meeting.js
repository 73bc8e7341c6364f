// @ts-check
/**
 * What a live call and a scheduled session have in common for one side, from {@link Meeting.join} until it is
 * over or {@link Meeting.leave}: the seat, the media, and a page that may be hidden or lose its network.
 * Subclasses know what is told on their namespace.
 *
 * Events, besides those of the subclass:
 * - `change` (Facts): something in {@link Meeting.snapshot} changed
 * - `remote` (MediaStream): tracks of the other side came; the stream is the same object all the time
 * - `seat-taken` ({deviceId?}): another device of the same person has the seat now; this one is out
 * - `connection` ({state: RTCPeerConnectionState}), `socket` (State), `quality` (Sample)
 * - `trouble` (RapportError): something failed that is tried again, or that can be done without
 * - `closed` (RapportError): nothing will come of this object any more, and why: GONE after an end,
 *   `seat_taken`, DISCONNECTED after {@link Meeting.leave}, or the refusal that made it give up
 */

import { Emitter } from "./emitter.js";
import { RapportError, disconnected } from "./errors.js";
import { MediaLink } from "./media-link.js";
import { OwnMedia } from "./own-media.js";
import { PageLife } from "./page-life.js";

/** @typedef {import("./own-media.js").Kind} Kind */
/** @typedef {import("./seat.js").Snapshot} Snapshot */
/**
 * @template F
 * @typedef {object} CommonEvents
 * @property {F} change
 * @property {{deviceId?: string}} seat-taken
 * @property {import("./socket.js").State} socket
 * @property {RapportError} closed
 */
/** @typedef {Omit<import("./media-link.js").Events, "gone">} MediaEvents */

/**
 * @typedef {object} MeetingParts
 * @property {MediaStream} media  the own camera and microphone; they stay their owner's
 * @property {(configuration: RTCConfiguration) => RTCPeerConnection} [rtc]
 * @property {() => number} [now]  milliseconds, monotonic
 *
 * @typedef {object} Told  by which names a namespace tells what every meeting has
 * @property {string} signal
 * @property {string} peerJoined
 * @property {string} peerLeft
 * @property {string} taken
 */

/** The seat is not there for now; what was asked may be asked again. */
const UNSEATED = new Set(["DISCONNECTED", "NOT_JOINED"]);

/**
 * @template {import("./seat.js").Seat<any>} S
 * @template F  what is known
 * @template {CommonEvents<F> & MediaEvents} E
 * @extends {Emitter<E>}
 */
export class Meeting extends Emitter {
  #seat;
  #told;
  #link;
  #own;
  #page;
  #facts;
  /** @type {ReturnType<typeof waiting<F>> | null} */
  #joining = null;
  #closed = false;
  /** Of the last one who asked how it ended. */
  #reading = Promise.resolve();

  /**
   * @param {MeetingParts & {seat: (mayResume: () => boolean) => S, told: Told, facts: F}} parts
   */
  constructor({ media, rtc, now = () => performance.now(), seat, told, facts }) {
    super();
    this.#facts = facts;
    this.#told = told;
    this.#own = new OwnMedia(media);
    this.#seat = seat(() => this.#link.begun);
    this.#link = new MediaLink({ seat: this.#seat, own: this.#own, rtc, now });
    this.#page = new PageLife({
      hide: () => this.#seat.leave(),
      show: () => this.#seat.take(),
      network: () => this.#link.nudge(),
    });
    this.#listen();
  }

  /** Everything known of it. */
  get snapshot() {
    return this.#facts;
  }

  /** The other side's tracks. */
  get remote() {
    return this.#link.remote;
  }

  /** Whether our own tracks are disabled, because nothing is to be sent for now. */
  get covered() {
    return this.#own.covered;
  }

  /** Whether nothing will come of this object any more: ended, taken, refused or left. */
  get closed() {
    return this.#closed;
  }

  /**
   * Take the seat. Everything else follows by itself, reconnections too.
   * @returns {Promise<F>}
   * @throws {RapportError} GONE (not possible yet, or over), NOT_FOUND, or why no connection with this account
   *   is possible. A server that cannot be reached is tried until {@link leave}.
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

  /** Let the seat go; the other side learns of it. */
  leave() {
    this.close(disconnected());
  }

  /**
   * @param {Kind} kind
   * @param {boolean} muted
   */
  setMuted(kind, muted) {
    this.#own.setMuted(kind, muted);
    this.#say("change", this.#facts);
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

  // --- for subclasses --------------------------------------------------------------------------------------

  /** @protected */
  get seat() {
    return this.#seat;
  }

  /** Whether somebody asked to join. @protected */
  get begun() {
    return this.#joining !== null;
  }

  /**
   * Seated, for the first time or again: the facts, by the answer to the handshake.
   * @protected
   * @param {any} _snapshot
   */
  onJoined(_snapshot) {}

  /**
   * The namespace told something; the media has been told already.
   * @protected
   * @param {string} _name
   * @param {any} _data
   */
  onTold(_name, _data) {}

  /**
   * The server says that it is over, but not how: find out, and {@link close}. It may say so on several ways at once;
   * whoever asks while somebody is finding out waits for that, and knows then what there is to know.
   * @protected
   * @returns {Promise<void>}
   */
  readEnd() {
    this.#reading = this.#reading.then(async () => {
      if (!this.#closed) await this.findEnd();
    });
    return this.#reading;
  }

  /**
   * Ask how it ended; if it did, tell so and {@link close}. Never throws.
   * @protected
   * @returns {Promise<void>}
   */
  async findEnd() {}

  /**
   * @protected
   * @param {F} facts
   * @param {{covered?: boolean}} [options]  whether nothing of our own is to be sent now
   */
  learn(facts, { covered = false } = {}) {
    this.#facts = facts;
    this.#own.cover(covered);
    this.#say("change", facts);
  }

  /**
   * Say something that must arrive: as soon as the connection is back, if it is lost.
   * @protected
   * @param {string} event
   * @param {object} payload
   */
  async insist(event, payload) {
    while (!this.#closed) {
      try {
        await this.#seat.ask(event, payload);
        return;
      } catch (error) {
        const refusal = RapportError.of(error);
        if (refusal.code === "GONE") return this.readEnd();
        if (!UNSEATED.has(refusal.code)) throw refusal;
        await this.#seatedOrOver();
      }
    }
  }

  /**
   * @protected
   * @param {RapportError} why  a join that is still waiting fails with it, too
   */
  close(why) {
    if (this.#closed) return;
    this.#closed = true;
    this.#page.stop();
    this.#link.close();
    this.#seat.leave();
    this.#own.release();
    // Nobody has to wait for it.
    this.#joining?.promise.catch(() => {});
    this.#joining?.reject(why);
    this.#say("closed", why);
  }

  // --- what happens ----------------------------------------------------------------------------------------

  #listen() {
    const seat = this.#seat;
    seat.on("joined", ({ snapshot }) => {
      this.onJoined(snapshot);
      this.#link.joined(snapshot);
      this.#joining?.resolve(this.#facts);
    });
    seat.on("event", ({ name, data }) => this.#onEvent(name, data));
    seat.on("refused", (refusal) => this.#onRefused(refusal));
    seat.on("socket", (state) => this.#say("socket", state));
    for (const name of /** @type {const} */ (["remote", "connection", "quality", "trouble"])) {
      this.#link.on(name, (data) => this.#say(name, data));
    }
    this.#link.on("gone", () => this.readEnd());
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  #onEvent(name, data) {
    const told = this.#told;
    if (name === told.signal) return void this.#link.receive(data);
    if (name === told.taken) return this.#taken(data.deviceId);
    if (name === told.peerJoined) this.#link.peerJoined(data.epoch);
    if (name === told.peerLeft) this.#link.peerLeft();
    this.onTold(name, data);
  }

  /** @param {RapportError} refusal */
  async #onRefused(refusal) {
    if (refusal.code === "seat_taken") return this.#taken();
    if (refusal.code === "GONE") await this.readEnd();
    if (this.#closed) return;
    this.#say("trouble", refusal);
    this.close(refusal);
  }

  /** @param {string} [deviceId] */
  #taken(deviceId) {
    if (this.#closed) return;
    this.#say("seat-taken", { deviceId });
    this.close(new RapportError({ code: "seat_taken", message: "It goes on at another device." }));
  }

  /**
   * What every meeting tells; of the subclass' own events the compiler knows only there.
   * @template {keyof (CommonEvents<F> & MediaEvents)} N
   * @param {N} name
   * @param {(CommonEvents<F> & MediaEvents)[N]} data
   */
  #say(name, data) {
    this.emit(/** @type {any} */ (name), /** @type {any} */ (data));
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

/**
 * A promise, and what settles it.
 * @template F
 */
function waiting() {
  /** @type {(facts: F) => void} */
  let resolve = () => {};
  /** @type {(why: RapportError) => void} */
  let reject = () => {};
  /** @type {Promise<F>} */
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
}
