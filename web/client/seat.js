// @ts-check
/**
 * The seat of one side in a call or a scheduled session: its dedicated socket, and the handshake after every
 * connect. Nothing is replayed there: each handshake answers with everything that is so now
 * (docs/decisions/0010-no-replay-in-calls.md). `live-seat.js` and `video-seat.js` say how the two namespaces
 * call things.
 *
 * Events:
 * - `joined` ({snapshot, resumed}): seated, for the first time or again
 * - `event` ({name, data}): what the server says; never before the `joined` that it belongs to
 * - `lost`: the socket is gone, for now
 * - `refused` (RapportError): this device will not be seated; the socket is closed
 * - `socket` (State)
 */

import { backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { RapportError } from "./errors.js";
import { Socket } from "./socket.js";

/**
 * @typedef {object} Names  what a namespace calls things
 * @property {string} namespace
 * @property {string} join  the handshake
 * @property {string} signal
 * @property {string} mediaState
 * @property {string} [quality]  samples of the connection, where they are wanted
 *
 * @typedef {{name: string, data: any}} Told
 *
 * @typedef {object} Snapshot  what media needs of the answer to a handshake
 * @property {boolean} polite
 * @property {number} epoch
 * @property {boolean} peerPresent
 * @property {number} proofIntervalMs
 * @property {import("./types.d.ts").IceServer[]} iceServers
 */
/**
 * @template {Snapshot} S
 * @typedef {object} Events
 * @property {{snapshot: S, resumed: boolean}} joined
 * @property {Told} event
 * @property {undefined} lost
 * @property {RapportError} refused
 * @property {import("./socket.js").State} socket
 */

/** The handshake reads the database; whoever does not answer in this time is asked again. */
const JOIN_MS = 6_000;

/**
 * @typedef {object} OwnParts
 * @property {Names} names
 * @property {Record<string, string>} subject  which call or session: goes with every question
 * @property {() => boolean} mayResume  whether a peer connection survived
 *
 * @typedef {Omit<import("./socket.js").SocketParts, "namespace" | "since">} SeatSocket
 */

/**
 * @template {Snapshot} S
 * @extends {Emitter<Events<S>>}
 */
export class Seat extends Emitter {
  #names;
  #subject;
  #device;
  #mayResume;
  #socket;
  #seated = false;
  /** Whether this object ever held the seat. */
  #held = false;
  /** Rises with every connection. */
  #connection = 0;
  /** @type {Told[]} */
  #early = [];
  /** @type {(() => void) | undefined} */
  #stopWaiting;

  /** @param {SeatSocket & OwnParts} parts */
  constructor({ names, subject, mayResume, ...parts }) {
    super();
    this.#names = names;
    this.#subject = subject;
    this.#device = parts.device;
    this.#mayResume = mayResume;
    this.#socket = new Socket({ ...parts, namespace: names.namespace });
    this.#socket.on("state", (state) => this.#onState(state));
    this.#socket.on("event", (event) => this.#onEvent(event));
  }

  /** Whether this device holds the seat now. */
  get seated() {
    return this.#seated;
  }

  /** Take the seat, and keep it. */
  take() {
    this.#socket.open();
  }

  /** Let the seat go; the other side learns of it at once. */
  leave() {
    this.#connection += 1;
    this.#stopWaiting?.();
    this.#socket.close();
  }

  /**
   * Ask in the name of this seat.
   * @param {string} event
   * @param {object} payload
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<any>}
   * @throws {RapportError}
   */
  ask(event, payload, options) {
    return this.#socket.ask(event, { ...this.#subject, ...payload }, options);
  }

  /**
   * Something for the other side.
   * @param {number} epoch
   * @param {import("./signal-outbox.js").Signal} signal
   */
  signal(epoch, signal) {
    return this.ask(this.#names.signal, { epoch, ...signal });
  }

  /**
   * What arrives here.
   * @param {number} epoch
   * @param {import("./media-proof.js").MediaState} state
   */
  reportMedia(epoch, state) {
    return this.ask(this.#names.mediaState, { epoch, state });
  }

  /** How good the line is; nothing happens where nobody wants to know. @param {object} sample */
  async reportQuality(sample) {
    if (this.#names.quality) await this.ask(this.#names.quality, sample);
  }

  /**
   * The handshake once more on this socket: new credentials for the relays (they live for an hour at most).
   * @returns {Promise<S>}
   */
  async refresh() {
    return this.ask(this.#names.join, { deviceId: await this.#device(), resume: true });
  }

  /** @param {import("./socket.js").State} state */
  #onState(state) {
    this.emit("socket", state);
    if (state.state === "connected") {
      this.#join(++this.#connection);
      return;
    }
    this.#early = [];
    this.#stopWaiting?.();
    if (this.#seated) {
      this.#seated = false;
      this.emit("lost", undefined);
    }
    if (state.state === "closed" && state.code) this.emit("refused", new RapportError({ code: state.code }));
  }

  /** @param {number} connection */
  async #join(connection) {
    for (let failures = 0; ; failures += 1) {
      const resume = this.#mayResume();
      try {
        const ask = { deviceId: await this.#device(), resume };
        const snapshot = await this.ask(this.#names.join, ask, { timeoutMs: JOIN_MS });
        if (connection === this.#connection) this.#joined(snapshot, resume);
        return;
      } catch (error) {
        const refusal = RapportError.of(error);
        if (connection !== this.#connection || refusal.code === "DISCONNECTED") return;
        if (!refusal.retryable && refusal.code !== "INTERNAL") return this.#refused(refusal);
        await this.#rest(refusal.retryAfterMs ?? backoff(failures));
        if (connection !== this.#connection) return;
      }
    }
  }

  /**
   * @param {S} snapshot
   * @param {boolean} resume
   */
  #joined(snapshot, resume) {
    this.#seated = true;
    const resumed = resume && this.#held;
    this.#held = true;
    this.emit("joined", { snapshot, resumed });
    // What the other side said may be here before the answer to our handshake is.
    for (const event of this.#early.splice(0)) this.emit("event", event);
  }

  /** @param {RapportError} refusal */
  #refused(refusal) {
    this.leave();
    this.emit("refused", refusal);
  }

  /** @param {Told} event */
  #onEvent(event) {
    if (this.#seated) this.emit("event", event);
    else this.#early.push(event);
  }

  /** @param {number} ms @returns {Promise<void>} */
  #rest(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#stopWaiting = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
