// @ts-check
/**
 * The seat of one side in a call: its dedicated `/live` socket, and the handshake after every connect.
 * Nothing is replayed on `/live`: each handshake answers with everything that is so now
 * (docs/decisions/0010-no-replay-in-calls.md).
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

/** @import { Joined, LiveEvents, LiveRequests } from "./types.d.ts" */
/** @typedef {{name: keyof LiveEvents, data: any}} Told */
/**
 * @typedef {object} Events
 * @property {{snapshot: Joined, resumed: boolean}} joined
 * @property {Told} event
 * @property {undefined} lost
 * @property {RapportError} refused
 * @property {import("./socket.js").State} socket
 */

/** The handshake reads the database; whoever does not answer in this time is asked again. */
const JOIN_MS = 6_000;

/** @extends {Emitter<Events>} */
export class LiveSeat extends Emitter {
  #sessionId;
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

  /**
   * @param {Omit<import("./socket.js").SocketParts, "namespace" | "since"> & {
   *   sessionId: string, mayResume: () => boolean}} parts  `mayResume`: whether a peer connection survived
   */
  constructor({ sessionId, mayResume, ...parts }) {
    super();
    this.#sessionId = sessionId;
    this.#device = parts.device;
    this.#mayResume = mayResume;
    this.#socket = new Socket({ ...parts, namespace: "/live" });
    this.#socket.on("state", (state) => this.#onState(state));
    this.#socket.on("event", (event) => this.#onEvent(/** @type {Told} */ (event)));
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
   * @template {keyof LiveRequests} E
   * @param {E} event
   * @param {Omit<LiveRequests[E]["payload"], "sessionId">} payload
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<LiveRequests[E]["reply"]>}
   * @throws {RapportError}
   */
  ask(event, payload, options) {
    return this.#socket.ask(event, { sessionId: this.#sessionId, ...payload }, options);
  }

  /**
   * The handshake once more on this socket: new credentials for the relays (they live for an hour at most).
   * @returns {Promise<Joined>}
   */
  async refresh() {
    return this.ask("join-live-session-handshake", { deviceId: await this.#device(), resume: true });
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
        const snapshot = await this.ask("join-live-session-handshake", ask, { timeoutMs: JOIN_MS });
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
   * @param {Joined} snapshot
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
