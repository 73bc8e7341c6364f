// @ts-check
/**
 * Rapport's browser client, whole. It draws nothing; a user interface listens to it.
 *
 *     const rapport = new Rapport({ url: location.origin });
 *     await rapport.accounts.signIn(email, password);
 *     rapport.notifications.connect();
 *     await rapport.prepareCall();
 *     const call = rapport.call(sessionId, { media });
 *     await call.join();
 *
 * How it speaks to the server, and how to write another: docs/client.md.
 */

import { io } from "/web/vendor/socket.io.js";

import { Accounts } from "./accounts.js";
import { Api } from "./api.js";
import { deviceId } from "./device.js";
import { offline } from "./errors.js";
import { Notifications } from "./notifications.js";

/** @typedef {import("./live-call.js").LiveCall} LiveCall */
/** @typedef {import("./video-session.js").VideoSession} VideoSession */

export { RapportError } from "./errors.js";

export class Rapport {
  #socket;
  /** @type {Set<LiveCall>} */
  #calls = new Set();
  /** @type {Set<VideoSession>} */
  #sessions = new Set();
  #who;
  /** @type {Promise<string> | undefined} */
  #device;
  /** @type {typeof import("./live-call.js").LiveCall | undefined} */
  #LiveCall;
  /** @type {typeof import("./video-session.js").VideoSession | undefined} */
  #VideoSession;

  /**
   * @param {object} [options]
   * @param {string} [options.url]  of the server, without a path
   * @param {Storage} [options.local]
   * @param {Storage} [options.session]
   */
  constructor({ url = location.origin, local = localStorage, session = sessionStorage } = {}) {
    this.accounts = new Accounts({ url, local, session });
    this.api = new Api({ url, accounts: this.accounts });
    const device = () => (this.#device ??= deviceId({ session }));
    const connect = /** @type {import("./socket.js").Connect} */ (io);
    this.#socket = { url, io: connect, accounts: this.accounts, device };
    this.notifications = new Notifications({ ...this.#socket, session });
    this.notifications.on("live_session_update", (update) => {
      for (const call of this.#calls) call.heard(update);
    });
    this.notifications.on("booking_update", (update) => {
      for (const session of this.#sessions) session.heard(update);
    });
    this.#who = this.accounts.current?.userId;
    this.accounts.on("change", (person) => this.#become(person?.userId));
  }

  /** The id of this tab as a device, as `acceptedDeviceId` names it. */
  get device() {
    return this.#socket.device();
  }

  /**
   * Fetch the part of this client that only calls need. Due before {@link call}; best asked for as soon
   * as it rings, so that nobody waits for it.
   * @throws {RapportError} OFFLINE
   */
  async prepareCall() {
    try {
      this.#LiveCall ??= (await import("./live-call.js")).LiveCall;
    } catch (error) {
      throw offline(error);
    }
  }

  /**
   * This side of a call that was accepted, after {@link prepareCall}. At most one of a call at a time.
   * @param {string} sessionId
   * @param {{media: MediaStream}} parts
   * @returns {LiveCall}
   */
  call(sessionId, { media }) {
    if (!this.#LiveCall) throw new Error("prepareCall() comes before call()");
    const call = new this.#LiveCall({ sessionId, media, api: this.api, socket: this.#socket });
    this.#calls.add(call);
    call.on("closed", () => this.#calls.delete(call));
    return call;
  }

  /**
   * Fetch the part of this client that only scheduled sessions need. Due before {@link session}.
   * @throws {RapportError} OFFLINE
   */
  async prepareSession() {
    try {
      this.#VideoSession ??= (await import("./video-session.js")).VideoSession;
    } catch (error) {
      throw offline(error);
    }
  }

  /**
   * This side of a scheduled session, after {@link prepareSession}. At most one of a booking at a time.
   * @param {string} bookingId
   * @param {{media: MediaStream}} parts
   * @returns {VideoSession}
   */
  session(bookingId, { media }) {
    if (!this.#VideoSession) throw new Error("prepareSession() comes before session()");
    const session = new this.#VideoSession({ bookingId, media, api: this.api, socket: this.#socket });
    this.#sessions.add(session);
    session.on("closed", () => this.#sessions.delete(session));
    return session;
  }

  /** Leave every call, close every socket, hear nothing any more. The log-in stays. */
  close() {
    for (const one of [...this.#calls, ...this.#sessions]) one.leave();
    this.notifications.close();
    this.accounts.close();
  }

  /** Nothing goes on in the name of somebody else. @param {string | undefined} userId */
  #become(userId) {
    if (userId === this.#who) return;
    this.#who = userId;
    for (const one of [...this.#calls, ...this.#sessions]) one.leave();
    this.notifications.close();
  }
}
