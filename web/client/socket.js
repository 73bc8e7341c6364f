// @ts-check
/**
 * One namespace over one Socket.IO connection of its own, kept up until it is closed.
 *
 * Every question has an answer or an error; every event is passed on in the order of the server. What follows
 * a lost connection is decided by the server's `closing` code (docs/reference.md, "Why the server closes a
 * socket"):
 *
 * - the token is the trouble (`token_expired`, `revoked`): get another one, and connect with it, or be
 *   closed;
 * - come back later (`draining`, `unavailable`, …): wait as long as we are told, else with backoff;
 * - do not come back (`seat_taken`, `protocol_error`, …): closed.
 *
 * Events: `state` (State), `event` ({name, data}).
 */

import { backoff } from "./backoff.js";
import { Emitter } from "./emitter.js";
import { RapportError, disconnected, noAnswer } from "./errors.js";

/** A call request waits for the payment gateway, which has 8 s. */
const ACK_MS = 15_000;
/** The server closes a connection without a namespace after 10 s. */
const CONNECT_MS = 12_000;

const TOKEN_TROUBLE = new Set([
  "token_expired", "revoked", "TOKEN_EXPIRED", "UNAUTHENTICATED", "ACCOUNT_SUSPENDED",
]);
/** CONNECT_ERRORs that the very same CONNECT may not get again; every other one is for good. */
const PASSING = new Set(["RATE_LIMITED", "TOO_MANY_CONNECTIONS", "UNAVAILABLE", "INTERNAL"]);

/**
 * @typedef {object} State
 * @property {"idle" | "connecting" | "connected" | "waiting" | "draining" | "closed"} state
 *   `waiting`: for the next try; `draining`: the same, as long as a stopping server told us
 * @property {string} [code]  why the last connection ended
 * @property {number} [retryInMs]
 * @property {boolean} [mayReconnect]  whether somebody, or something, will try again
 */

/** @typedef {import("socket.io-client").Socket} RawSocket */
/** @typedef {(url: string, options: Record<string, unknown>) => RawSocket} Connect  the library's `io` */

/**
 * @typedef {object} SocketParts
 * @property {string} url  of the server, without a path
 * @property {string} namespace
 * @property {Connect} io
 * @property {import("./accounts.js").Accounts} accounts
 * @property {() => Promise<string>} device
 * @property {() => object | undefined} [since]  where this tab stands in its feed
 * @property {EventTarget} [page]  tells `online`
 * @property {() => number} [random]
 */

/** @extends {Emitter<{state: State, event: {name: string, data: any}}>} */
export class Socket extends Emitter {
  #parts;
  #page;
  /** @type {State} */
  #state = { state: "idle" };
  /** @type {RawSocket | null} */
  #raw = null;
  /** Rises with every try: what an older one still has to say is void. */
  #try = 0;
  #failures = 0;
  /** Tries in a row that were refused for their token. */
  #refusals = 0;
  /** @type {string | undefined} */
  #token;
  /** @type {string | undefined} */
  #stale;
  /** @type {import("./types.d.ts").ClosingNotice | null} */
  #notice = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {Set<(error: RapportError) => void>} */
  #asked = new Set();

  /** @param {SocketParts} parts */
  constructor(parts) {
    super();
    this.#parts = parts;
    this.#page = parts.page ?? globalThis;
  }

  /** @returns {State["state"]} */
  get state() {
    return this.#state.state;
  }

  /** Connect, and stay connected. */
  open() {
    if (this.state !== "idle" && this.state !== "closed") return;
    this.#page.addEventListener("online", this.#onOnline);
    this.#failures = this.#refusals = 0;
    this.#connect();
  }

  /** Disconnect, for good. */
  close() {
    this.#finish({ state: "closed", mayReconnect: false });
  }

  /** Let this connection go and connect anew, now. */
  reconnect() {
    if (this.state !== "idle" && this.state !== "closed") this.#connect();
  }

  /**
   * Send an event; the `data` of its acknowledgement.
   * @param {string} event
   * @param {object} [payload]
   * @param {{timeoutMs?: number}} [options]
   * @returns {Promise<any>}
   * @throws {RapportError} the server's refusal, DISCONNECTED or NO_ANSWER
   */
  ask(event, payload = {}, { timeoutMs = ACK_MS } = {}) {
    const raw = this.#raw;
    if (!raw || this.state !== "connected") return Promise.reject(disconnected(this.#notice?.code));
    return new Promise((resolve, reject) => {
      /** @param {RapportError} error */
      const fail = (error) => {
        clearTimeout(timer);
        this.#asked.delete(fail);
        reject(error);
      };
      const timer = setTimeout(() => fail(noAnswer(event)), timeoutMs);
      this.#asked.add(fail);
      raw.emit(event, payload, (/** @type {any} */ envelope) => {
        if (!this.#asked.delete(fail)) return;
        clearTimeout(timer);
        if (envelope?.ok === true) resolve(envelope.data ?? {});
        else reject(new RapportError(envelope?.error ?? { code: "UNEXPECTED" }));
      });
    });
  }

  // --- connecting ------------------------------------------------------------------------------------------

  async #connect() {
    this.#drop("reconnecting");
    const turn = ++this.#try;
    this.#tell({ state: "connecting" });
    const { accounts, device, since } = this.#parts;
    try {
      const stale = this.#stale;
      const [token, deviceId] = await Promise.all([accounts.accessToken({ stale }), device()]);
      if (turn !== this.#try) return;
      this.#token = token;
      const position = since?.();
      this.#open({ token, deviceId, ...(position ? { since: position } : {}) });
    } catch (error) {
      if (turn === this.#try) this.#noToken(RapportError.of(error));
    }
  }

  /** @param {RapportError} error */
  #noToken(error) {
    if (error.retryable) this.#wait(error.code, error.retryAfterMs);
    else this.#finish({ state: "closed", code: error.code, mayReconnect: false });
  }

  /** @param {Record<string, unknown>} auth */
  #open(auth) {
    const { io, url, namespace } = this.#parts;
    // A connection of its own (`forceNew`), used once: what comes after it is not the library's to decide.
    const raw = io(url + namespace, {
      transports: ["websocket"], forceNew: true, reconnection: false, timeout: CONNECT_MS, auth,
    });
    this.#raw = raw;
    this.#timer = setTimeout(() => this.#lost("CONNECT_TIMEOUT"), CONNECT_MS);
    raw.on("connect", () => {
      clearTimeout(this.#timer);
      this.#failures = this.#refusals = 0;
      this.#stale = undefined;
      this.#tell({ state: "connected" });
    });
    raw.on("connect_error", (error) => this.#refused(/** @type {any} */ (error).data));
    raw.on("disconnect", () => this.#lost());
    raw.onAny((name, data) => this.#hear(name, data));
  }

  /** @param {{code?: string, retryAfterMs?: number} | undefined} data  none if nobody answered */
  #refused(data) {
    const code = data?.code;
    if (code === undefined) this.#wait("OFFLINE");
    else if (TOKEN_TROUBLE.has(code)) this.#anotherToken(code);
    else if (PASSING.has(code)) this.#wait(code, data?.retryAfterMs);
    else this.#finish({ state: "closed", code, mayReconnect: false });
  }

  // --- connected -------------------------------------------------------------------------------------------

  /**
   * @param {string} name
   * @param {any} data
   */
  #hear(name, data) {
    if (name === "closing") this.#notice = data;
    // `closing` follows with the same wait; this is for a server that has no time left to send it.
    if (name === "server_draining") this.#notice = { code: "draining", mayReconnect: true, ...data };
    if (name === "session_expiring") this.#renew();
    this.emit("event", { name, data });
  }

  /** The token runs out: go on with the next one, on the same connection. */
  async #renew() {
    const turn = this.#try;
    try {
      const token = await this.#parts.accounts.accessToken({ stale: this.#token });
      if (turn !== this.#try) return;
      await this.ask("token_refresh", { token });
      this.#token = token;
    } catch (error) {
      // Somebody signed in anew in another tab: that is another log-in, which needs another connection.
      const other = RapportError.of(error).code === "FORBIDDEN";
      if (other && turn === this.#try) this.#connect();
      // Else the server closes this connection when the token has run out, and says so.
    }
  }

  /** @param {string} [why] */
  #lost(why) {
    const notice = this.#notice;
    const code = notice?.code ?? why;
    if (code !== undefined && TOKEN_TROUBLE.has(code)) this.#anotherToken(code);
    else if (!notice || notice.mayReconnect) this.#wait(code, notice?.reconnectInMs);
    else this.#finish({ state: "closed", code, mayReconnect: false });
  }

  /** @param {string} code */
  #anotherToken(code) {
    this.#stale = this.#token;
    this.#refusals += 1;
    if (this.#refusals <= 1) this.#connect();
    // A new token, and it is refused too: this log-in will not do.
    else this.#finish({ state: "closed", code, mayReconnect: false });
  }

  /**
   * @param {string} [code]
   * @param {number | null} [told]  milliseconds
   */
  #wait(code, told) {
    this.#drop(code);
    this.#try += 1;
    const retryInMs = told ?? backoff(this.#failures++, this.#parts.random);
    this.#timer = setTimeout(() => this.#connect(), retryInMs);
    this.#tell({ state: code === "draining" ? "draining" : "waiting", code, retryInMs, mayReconnect: true });
  }

  /** The network is back. A server that told us how long to wait is obeyed all the same. */
  #onOnline = () => {
    if (this.state === "waiting" && this.#notice === null) this.#connect();
  };

  /** @param {State} state */
  #finish(state) {
    this.#try += 1;
    this.#page.removeEventListener("online", this.#onOnline);
    this.#drop(state.code);
    if (this.state !== "closed" && this.state !== "idle") this.#tell(state);
  }

  /** @param {string} [why] */
  #drop(why) {
    clearTimeout(this.#timer);
    const raw = this.#raw;
    this.#raw = null;
    if (raw) {
      raw.off();
      raw.offAny();
      raw.disconnect();
    }
    for (const fail of [...this.#asked]) fail(disconnected(why));
  }

  /** @param {State} state */
  #tell(state) {
    if (state.state === "connecting") this.#notice = null;
    this.#state = state;
    this.emit("state", state);
  }
}
