// @ts-check
/**
 * The log-ins that this browser remembers, and the one rule by which tabs share and renew them.
 *
 * An access token lives for minutes; a refresh token is good once, for the next pair. Who presents an old one
 * later than 30 s after is taken for a thief, and the whole log-in ends
 * (docs/decisions/0008-refresh-tokens.md). Therefore:
 *
 * - one tab refreshes at a time: under a Web Lock, and after reading storage again, since another tab may
 *   just have stored the next pair;
 * - a reply that got lost is asked for again at once with the *same* refresh token: for 30 s the server
 *   answers with the same successor;
 * - where there are no Web Locks (they need a secure context), tabs may refresh at the same time: the same 30
 *   s make that harmless.
 */

import { send } from "./api.js";
import { RapportError, notSignedIn } from "./errors.js";

/**
 * @typedef {object} Person
 * @property {string} userId
 * @property {string} [coachId]
 * @property {"client" | "coach" | "admin"} role
 * @property {string} name
 * @property {string} email
 */

/**
 * @typedef {object} Login
 * @property {Person} person
 * @property {string} accessToken
 * @property {string} refreshToken
 * @property {number} expiresAt  of the access token, by the clock of *this* machine (ms)
 * @property {number} lifetime  of the access token (ms)
 */

/** @import { Http } from "./types.d.ts" */
/** @typedef {import("./api.js").Fetch} Fetch */
/** @typedef {(name: string, work: () => Promise<any>) => Promise<any>} Lock */

export const PREFIX = "rapport.login.";
/** Refresh so long before the access token runs out: as early as the server warns (`session_expiring`). */
const AHEAD_MS = 60_000;
/** A lost reply is asked for again after so long. With these time-outs all tries end within the 30 s. */
const AGAIN_MS = [300, 1_000, 3_000];
const REFRESH_TIMEOUT_MS = 5_000;

/** Log-ins in `localStorage`, where all tabs of this origin, and nobody else, can read them. */
export class Tokens {
  #url;
  #fetch;
  #storage;
  #lock;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {Fetch} parts.fetch
   * @param {Storage} parts.storage
   * @param {LockManager | undefined} parts.locks
   */
  constructor({ url, fetch, storage, locks }) {
    this.#url = url;
    this.#fetch = fetch;
    this.#storage = storage;
    /** @type {Lock} */
    this.#lock = locks ? (name, work) => locks.request(name, work) : queue();
  }

  /**
   * @param {string} userId
   * @returns {Login | null}
   */
  read(userId) {
    const text = this.#storage.getItem(PREFIX + userId);
    if (text === null) return null;
    try {
      return JSON.parse(text);
    } catch {
      // Nobody but a person at this machine writes such a thing; it is no log-in.
      return null;
    }
  }

  /** All remembered people. @returns {Person[]} */
  people() {
    const keys = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index) ?? "");
    const ids = keys.filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length));
    return ids.sort().flatMap((id) => this.read(id)?.person ?? []);
  }

  /**
   * Keep what a log-in answered.
   * @param {Http.TokensReply} reply
   * @param {string} email  the reply does not tell it
   * @returns {Promise<Person>}
   */
  async keep(reply, email) {
    const login = loginOf(reply, email);
    await this.#alone(login.person.userId, async () => this.#write(login));
    return login.person;
  }

  /**
   * Change what is remembered of somebody.
   * @param {string} userId
   * @param {Partial<Person>} facts
   */
  async correct(userId, facts) {
    await this.#alone(userId, async () => {
      const login = this.read(userId);
      if (login) this.#write({ ...login, person: { ...login.person, ...facts, userId } });
    });
  }

  /**
   * Forget a log-in; what it was, to end it at the server.
   * @param {string} userId
   * @returns {Promise<Login | null>}
   */
  forget(userId) {
    // In turn with a refresh, which otherwise would store its pair afterwards and bring the log-in back.
    return this.#alone(userId, async () => {
      const login = this.read(userId);
      this.#storage.removeItem(PREFIX + userId);
      return login;
    });
  }

  /**
   * An access token that is good for a while.
   * @param {string} userId
   * @param {string} [stale]  a token that the server does not want (any more): never the answer
   * @returns {Promise<string>}
   * @throws {RapportError} NOT_SIGNED_IN; the server's refusal; OFFLINE or NO_ANSWER if nothing better is
   *   known
   */
  async fresh(userId, stale) {
    const login = this.read(userId);
    if (login && usable(login, stale)) return login.accessToken;
    return this.#alone(userId, async () => {
      const again = this.read(userId);
      if (!again) throw notSignedIn();
      return usable(again, stale) ? again.accessToken : this.#refresh(again, stale);
    });
  }

  /**
   * @param {Login} login
   * @param {string | undefined} stale
   * @returns {Promise<string>}
   */
  async #refresh(login, stale) {
    const { userId, email } = login.person;
    let reply;
    try {
      reply = await this.#exchange(login.refreshToken);
    } catch (error) {
      const stored = this.read(userId);
      // Without locks: another tab was faster, and its pair is the right one.
      if (stored && stored.refreshToken !== login.refreshToken) return stored.accessToken;
      const last = login.expiresAt > Date.now() && login.accessToken !== stale;
      if (last && error instanceof RapportError && error.retryable) return login.accessToken;
      throw error;
    }
    const stored = this.read(userId);
    if (!stored) throw notSignedIn();
    if (stored.refreshToken !== login.refreshToken) return stored.accessToken;
    const next = loginOf(reply, email);
    this.#write(next);
    return next.accessToken;
  }

  /** @param {string} refreshToken */
  async #exchange(refreshToken) {
    const request = { method: "POST", body: { refreshToken }, timeoutMs: REFRESH_TIMEOUT_MS };
    for (const wait of [...AGAIN_MS, null]) {
      try {
        return await send(this.#fetch, `${this.#url}/api/auth/refresh-token`, request);
      } catch (error) {
        if (wait === null || !(error instanceof RapportError && error.retryable)) throw error;
        await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs ?? wait));
      }
    }
    throw new Error("unreachable");
  }

  /** @param {Login} login */
  #write(login) {
    this.#storage.setItem(PREFIX + login.person.userId, JSON.stringify(login));
  }

  /**
   * One tab at a time.
   * @template T
   * @param {string} userId
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  #alone(userId, work) {
    return this.#lock(`${PREFIX}${userId}`, work);
  }
}

/**
 * @param {Login} login
 * @param {string} [stale]
 */
function usable(login, stale) {
  // Of a short-lived token, the last fifth.
  const ahead = Math.min(AHEAD_MS, login.lifetime / 5);
  return login.accessToken !== stale && login.expiresAt - Date.now() > ahead;
}

/**
 * A log-in as it is stored. The server's clock and ours may differ by hours, so its `expiresAt` is not
 * compared with our time: how long the token lives is read from the token itself (`exp` - `iat`, RFC 7519),
 * counted from now.
 * @param {Http.TokensReply} reply
 * @param {string} email
 * @returns {Login}
 */
function loginOf(reply, email) {
  const { userId, coachId, role, name } = reply.user;
  const person = { userId, ...(coachId ? { coachId } : {}), role, name, email };
  const { iat, exp } = claimsOf(reply.accessToken);
  const lifetime = (exp - iat) * 1000;
  const { accessToken, refreshToken } = reply;
  return { person, accessToken, refreshToken, lifetime, expiresAt: Date.now() + lifetime };
}

/**
 * The claims of a JSON Web Token; whether they are true is the server's business.
 * @param {string} token
 * @returns {{iat: number, exp: number}}
 */
function claimsOf(token) {
  const middle = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
  return JSON.parse(atob(middle));
}

/**
 * Turns within this page alone, where there are no Web Locks.
 * @returns {Lock}
 */
function queue() {
  /** @type {Map<string, Promise<unknown>>} */
  const last = new Map();
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work, work);
    last.set(name, turn.catch(() => {}));
    return turn;
  };
}
