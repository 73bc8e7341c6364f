// @ts-check
/**
 * `/notifications`: one socket per tab, from {@link Notifications.connect} to {@link Notifications.close}.
 * Whatever a person must not miss comes here, numbered, once, in order, over any reconnect.
 *
 * Events: every server event by its own name (docs/reference.md), and
 * - `state` (State of socket.js)
 * - `reload` ({first: boolean}): something may have been missed, so read everything on screen anew; `first`
 *   for a tab that connects for the first time
 */

import { Emitter } from "./emitter.js";
import { RapportError, disconnected, notSignedIn } from "./errors.js";
import { Feed } from "./feed.js";
import { Socket } from "./socket.js";

/** @import { CoachStatus, NotificationsEvents, NotificationsRequests, Recovered } from "./types.d.ts" */
/** @typedef {import("./socket.js").State} State */
/**
 * @typedef {object} OwnEvents
 * @property {State} state
 * @property {{first: boolean}} reload
 * @property {RapportError} trouble
 * @property {CoachStatus} coach_status  of which the reply to a watch is as well
 */
/** @typedef {Omit<NotificationsEvents, "coach_status"> & OwnEvents} Events */

/** @extends {Emitter<Events>} */
export class Notifications extends Emitter {
  #parts;
  #session;
  /** @type {Socket | null} */
  #socket = null;
  /** @type {Feed | null} */
  #feed = null;
  /**
   * By how many each coach is watched; the server forgets them with the connection.
   * @type {Map<string, number>}
   */
  #watched = new Map();

  /** @param {Omit<import("./socket.js").SocketParts, "namespace" | "since"> & {session?: Storage}} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.#session = parts.session ?? sessionStorage;
  }

  /** @returns {State["state"]} */
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
    socket.on("event", ({ name, data }) => this.#hear(/** @type {keyof NotificationsEvents} */ (name), data));
    socket.on("state", (state) => {
      this.emit("state", state);
      if (state.state === "connected") this.#watchAgain();
    });
    socket.open();
  }

  /** Disconnect, and stay away. Who watches a coach watches again after the next {@link connect}. */
  close() {
    this.#socket?.close();
  }

  /**
   * Send an event; the `data` of its acknowledgement.
   * @template {keyof NotificationsRequests} E
   * @param {E} event
   * @param {NotificationsRequests[E]["payload"]} payload
   * @returns {Promise<NotificationsRequests[E]["reply"]>}
   * @throws {RapportError}
   */
  ask(event, payload) {
    return this.#socket?.ask(event, payload) ?? Promise.reject(disconnected());
  }

  /**
   * Watch coaches, over reconnects too: their present states come as the answer, and after each reconnect as
   * `coach_status` events, like every change.
   * @param {string[]} coachIds
   * @returns {Promise<CoachStatus[]>}
   */
  async watch(coachIds) {
    for (const id of coachIds) this.#watched.set(id, (this.#watched.get(id) ?? 0) + 1);
    return this.#statuses(coachIds);
  }

  /**
   * The counterpart of as many {@link watch}es.
   * @param {string[]} coachIds
   */
  async unwatch(coachIds) {
    const left = coachIds.filter((id) => {
      const others = (this.#watched.get(id) ?? 1) - 1;
      if (others > 0) this.#watched.set(id, others);
      else this.#watched.delete(id);
      return others <= 0;
    });
    if (left.length === 0 || this.state !== "connected") return;
    await this.ask("coach_status_unwatch", { coachIds: left });
  }

  /** Everything up to now was shown on this device. */
  async acknowledge() {
    const seq = this.#feed?.position?.seq;
    if (seq !== undefined) await this.ask("notifications_ack", { seq });
  }

  /**
   * @param {keyof NotificationsEvents} name
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
   * @param {Recovered} told
   */
  #recovered(feed, { recovered, epoch, seq }) {
    const first = feed.position === null;
    feed.stand(epoch === null || seq === null ? null : { epoch, seq });
    if (!recovered) this.emit("reload", { first });
  }

  /** @param {string[]} coachIds @returns {Promise<CoachStatus[]>} */
  async #statuses(coachIds) {
    if (coachIds.length === 0) return [];
    return (await this.ask("coach_status_watch", { coachIds })).statuses;
  }

  async #watchAgain() {
    try {
      for (const status of await this.#statuses([...this.#watched.keys()])) this.emit("coach_status", status);
    } catch (error) {
      // Lost again: the next connect watches again.
      if (RapportError.of(error).code !== "DISCONNECTED") this.emit("trouble", RapportError.of(error));
    }
  }
}
