// @ts-check
/**
 * `/notifications`: one socket per tab, from {@link Notifications.connect} to {@link Notifications.close}. Whatever a
 * person must not miss comes here, numbered, once, in order, over any reconnect.
 *
 * Events: every server event by its own name (docs/reference.md), and
 * - `state` (State of socket.js)
 * - `reload` ({first: boolean}): something may have been missed, so read everything on screen anew; `first` for a tab
 *   that connects for the first time
 */

import { Emitter } from "./emitter.js";
import { RapportError, disconnected, notSignedIn } from "./errors.js";
import { Feed } from "./feed.js";
import { Socket } from "./socket.js";

export class Notifications extends Emitter {
  #parts;
  #session;
  /** @type {Socket | null} */
  #socket = null;
  /** @type {Feed | null} */
  #feed = null;
  /** Coaches who are watched: the server forgets them with the connection. @type {Set<string>} */
  #watched = new Set();

  /** @param {Omit<import("./socket.js").SocketParts, "namespace" | "since"> & {session?: Storage}} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.#session = parts.session ?? sessionStorage;
  }

  /** @returns {import("./socket.js").State["state"]} */
  get state() {
    return this.#socket?.state ?? "idle";
  }

  /** Connect in the name of whoever this tab is. Nothing happens if it is connected already. */
  connect() {
    if (this.#socket && this.#socket.state !== "closed") return;
    const who = this.#parts.accounts.current;
    if (!who) throw notSignedIn();
    const feed = new Feed(this.#session, who.userId);
    const since = () => feed.position ?? undefined;
    const socket = new Socket({ ...this.#parts, namespace: "/notifications", since });
    this.#feed = feed;
    this.#socket = socket;
    socket.on("event", ({ name, data }) => this.#hear(name, data));
    socket.on("state", (state) => {
      this.emit("state", state);
      if (state.state === "connected") this.#watchAgain();
    });
    socket.open();
  }

  /** Disconnect, and stay away. */
  close() {
    this.#watched.clear();
    this.#socket?.close();
  }

  /**
   * Send an event; the `data` of its acknowledgement.
   * @param {string} event
   * @param {object} [payload]
   * @returns {Promise<any>}
   * @throws {RapportError}
   */
  ask(event, payload) {
    return this.#socket?.ask(event, payload) ?? Promise.reject(disconnected());
  }

  /**
   * Watch coaches, over reconnects too: their present states come as the answer and after each reconnect as
   * `coach_status` events, like every change.
   * @param {string[]} coachIds
   * @returns {Promise<{coachId: string, status: string, ratePerMinute: object, since: string}[]>}
   */
  async watch(coachIds) {
    for (const id of coachIds) this.#watched.add(id);
    if (coachIds.length === 0) return [];
    return (await this.ask("coach_status_watch", { coachIds })).statuses;
  }

  /** @param {string[]} coachIds */
  async unwatch(coachIds) {
    for (const id of coachIds) this.#watched.delete(id);
    if (coachIds.length > 0) await this.ask("coach_status_unwatch", { coachIds });
  }

  /** Everything up to now was shown on this device. */
  async acknowledge() {
    const seq = this.#feed?.position?.seq;
    if (seq !== undefined) await this.ask("notifications_ack", { seq });
  }

  /**
   * @param {string} name
   * @param {any} data
   */
  #hear(name, data) {
    const feed = this.#feed;
    if (!feed) return;
    if (name === "recovered") this.#recovered(feed, data);
    else if (!feed.take(data)) return;
    this.emit(name, data);
  }

  /**
   * Follows every connect, after what was missed: where the feed stands now.
   * @param {Feed} feed
   * @param {{recovered: boolean, epoch: string | null, seq: number | null}} told
   */
  #recovered(feed, { recovered, epoch, seq }) {
    const first = feed.position === null;
    feed.stand(epoch === null || seq === null ? null : { epoch, seq });
    if (!recovered) this.emit("reload", { first });
  }

  async #watchAgain() {
    if (this.#watched.size === 0) return;
    try {
      for (const status of await this.watch([...this.#watched])) this.emit("coach_status", status);
    } catch (error) {
      // Lost again: the next connect watches again.
      if (RapportError.of(error).code !== "DISCONNECTED") this.emit("trouble", RapportError.of(error));
    }
  }
}
