// @ts-check
/**
 * What one side still has to say about its connection, in one ICE generation: a description, then candidates.
 *
 * The server refuses candidates of a generation whose offer it has not taken, so they wait for its
 * acknowledgement. A description is taken when it is sent, not when it was made: what was gathered meanwhile
 * is in it (RFC 8829, section 5.4), so that repeating it repeats all.
 */

import { RapportError } from "./errors.js";

/** @import { IceCandidate, SessionDescription } from "./types.d.ts" */
/** @typedef {{description: SessionDescription} | {candidate: IceCandidate}} Signal */

const AGAIN_MS = 1_000;
/** The seat has to be taken (again) first. */
const UNSEATED = new Set(["DISCONNECTED", "NOT_JOINED"]);

export class SignalOutbox {
  #send;
  #onTaken;
  #onStale;
  #onTrouble;
  #open = true;
  /** Rises with every seat: a question that was asked in an earlier one fails late. */
  #seat = 0;
  #epoch = 0;
  /** Rises when what waits here becomes void. */
  #generation = 0;
  /** @type {(() => RTCSessionDescription | null) | null} */
  #description = null;
  #described = false;
  /** @type {IceCandidate[]} */
  #candidates = [];
  #busy = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {(epoch: number, signal: Signal) => Promise<unknown>} parts.send
   * @param {(epoch: number) => void} parts.onTaken  the server took a description of this generation
   * @param {(epoch: number) => void} parts.onStale  the other side was first: this is the present generation
   * @param {(error: RapportError) => void} parts.onTrouble
   */
  constructor({ send, onTaken, onStale, onTrouble }) {
    this.#send = send;
    this.#onTaken = onTaken;
    this.#onStale = onStale;
    this.#onTrouble = onTrouble;
  }

  /**
   * Another generation, or another connection: forget what waits.
   * @param {number} epoch
   */
  begin(epoch) {
    clearTimeout(this.#timer);
    this.#epoch = epoch;
    this.#generation += 1;
    this.#description = null;
    this.#described = false;
    this.#candidates = [];
    this.#busy = false;
  }

  /**
   * Say the present description, once more if it was said already.
   * @param {() => RTCSessionDescription | null} description
   */
  describe(description) {
    this.#description = description;
    this.#pump();
  }

  /** @param {IceCandidate} candidate */
  trickle(candidate) {
    this.#candidates.push(candidate);
    this.#pump();
  }

  /** The seat is lost: keep everything. */
  pause() {
    this.#open = false;
  }

  /** The seat is taken. */
  resume() {
    this.#open = true;
    this.#seat += 1;
    this.#pump();
  }

  /** Nothing is sent any more. */
  close() {
    this.begin(this.#epoch);
    this.#open = false;
  }

  async #pump() {
    if (this.#busy || !this.#open) return;
    const generation = this.#generation;
    this.#busy = true;
    while (this.#open && generation === this.#generation && this.#description) await this.#describeNow();
    if (generation !== this.#generation) return;
    this.#busy = false;
    if (this.#described && this.#open) for (const one of this.#candidates.splice(0)) this.#trickleNow(one);
  }

  async #describeNow() {
    const generation = this.#generation;
    const seat = this.#seat;
    const describe = this.#description;
    const description = describe?.();
    this.#description = null;
    if (!description) return;
    try {
      await this.#send(this.#epoch, { description: { type: description.type, sdp: description.sdp } });
      if (generation !== this.#generation) return;
      this.#described = true;
      this.#onTaken(this.#epoch);
    } catch (error) {
      if (generation !== this.#generation) return;
      const refusal = RapportError.of(error);
      // Of an offer that was repeated while its first answer was on the way: that one has counted.
      if (refusal.code === "ILLEGAL_SIGNAL" && description.type === "answer") return;
      const again = this.#failed(refusal, seat);
      this.#description ??= again === null ? null : describe;
      if (again) await this.#rest(again);
    }
  }

  /** @param {IceCandidate} candidate */
  async #trickleNow(candidate) {
    const generation = this.#generation;
    const seat = this.#seat;
    try {
      await this.#send(this.#epoch, { candidate });
    } catch (error) {
      if (generation !== this.#generation) return;
      const again = this.#failed(RapportError.of(error), seat);
      if (again === null || generation !== this.#generation) return;
      this.#candidates.push(candidate);
      if (again) await this.#rest(again);
      this.#pump();
    }
  }

  /**
   * What a refusal means for what was refused.
   * @param {RapportError} error
   * @param {number} seat  from which it was said
   * @returns {number | null} milliseconds after which to try again; null for never
   */
  #failed(error, seat) {
    if (UNSEATED.has(error.code)) {
      if (seat === this.#seat) this.#open = false;
      return 0;
    }
    if (error.code === "STALE_EPOCH") {
      this.#onStale(error.details.epoch);
      return null;
    }
    if (error.retryable || error.code === "INTERNAL") return error.retryAfterMs ?? AGAIN_MS;
    this.#onTrouble(error);
    return null;
  }

  /** @param {number} ms @returns {Promise<void>} */
  #rest(ms) {
    return new Promise((resolve) => {
      this.#timer = setTimeout(resolve, ms);
    });
  }
}
