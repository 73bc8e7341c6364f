// What stands in for a browser in these tests: storage, locks, a login server, sockets. All in memory.

import { setImmediate as turn } from "node:timers/promises";

import { RapportError } from "../../web/client/errors.js";

/** Let everything that is ready run. */
export async function settle(turns = 20) {
  for (let left = turns; left > 0; left -= 1) await turn();
}

/** A refusal of the server. */
export function refusal(code, more = {}) {
  return new RapportError({ code, message: code, ...more });
}

/** `localStorage` of one browser; each tab has a view of its own, and hears what the others write. */
export class SharedStorage {
  #items = new Map();
  #tabs = [];

  /** The view of one tab. */
  tab(page = new EventTarget()) {
    this.#tabs.push(page);
    const items = this.#items;
    const told = (key) => {
      for (const other of this.#tabs) {
        if (other !== page) other.dispatchEvent(Object.assign(new Event("storage"), { key }));
      }
    };
    return {
      get length() {
        return items.size;
      },
      key: (index) => [...items.keys()][index] ?? null,
      getItem: (key) => items.get(key) ?? null,
      setItem: (key, value) => {
        items.set(key, String(value));
        told(key);
      },
      removeItem: (key) => {
        items.delete(key);
        told(key);
      },
    };
  }
}

/** `navigator.locks` of one origin: exclusive locks, first come, first served. */
export class SharedLocks {
  #last = new Map();

  request(name, ...rest) {
    const [options, work] = rest.length > 1 ? rest : [{}, rest[0]];
    const before = this.#last.get(name) ?? Promise.resolve();
    const aborted = new Promise((_, reject) => {
      options.signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
    let given = true;
    const mine = options.signal ? Promise.race([before, aborted]).catch((error) => {
      given = false;
      throw error;
    }) : before;
    const done = mine.then(() => work({ name }));
    this.#last.set(name, Promise.allSettled([before, done.catch(() => given)]).then(() => {}));
    return done;
  }
}

/** The part of the server that gives out tokens, with its 30 s (docs/decisions/0008-refresh-tokens.md). */
export class LoginServer {
  /** How the next requests fail, one after the other: `lost` after it was done, `offline` before. */
  faults = [];
  /** Further milliseconds on the server's clock. */
  later = 0;
  refreshes = 0;
  loggedOut = [];
  lifetime = 900;
  /** How far the server's clock is off (ms). */
  skew = 0;
  #families = new Map();
  #access = 0;

  fetch = async (url, { method, body, headers }) => {
    const path = new URL(url).pathname;
    await turn();
    const fault = this.faults.shift();
    if (fault === "offline") throw new TypeError("Failed to fetch");
    const [status, reply] = this.#answer(method, path, body ? JSON.parse(body) : null, headers);
    await turn();
    if (fault === "lost") throw new TypeError("Failed to fetch");
    return new Response(reply === null ? null : JSON.stringify(reply), { status });
  };

  /** End somebody's log-ins. */
  revoke(userId) {
    this.#families.delete(userId);
  }

  #now() {
    return Date.now() + this.skew + this.later;
  }

  #answer(method, path, body, headers) {
    if (path === "/api/auth/login") return this.#login(body);
    if (path === "/api/auth/refresh-token") return this.#refresh(body);
    if (path === "/api/auth/logout") {
      this.loggedOut.push(body.refreshToken);
      return [204, null];
    }
    const token = headers.Authorization?.slice("Bearer ".length);
    if (path === "/api/echo") return [200, { method, body, token }];
    return [404, { code: "NOT_FOUND", detail: "There is nothing here." }];
  }

  #login({ email, password }) {
    if (password !== "right") return [401, { code: "BAD_CREDENTIALS", detail: "No." }];
    const userId = email.split("@")[0];
    this.#families.set(userId, { number: 1, rotatedAt: -Infinity });
    return [200, this.#pair(userId)];
  }

  #refresh({ refreshToken }) {
    this.refreshes += 1;
    const [userId, number] = refreshToken.split(":");
    const family = this.#families.get(userId);
    if (!family) return [401, { code: "UNAUTHENTICATED", detail: "Log in again." }];
    if (Number(number) === family.number) {
      family.number += 1;
      family.rotatedAt = this.#now();
    } else if (this.#now() - family.rotatedAt > 30_000) {
      this.#families.delete(userId);
      return [401, { code: "TOKEN_REUSED", detail: "Used before." }];
    }
    return [200, this.#pair(userId)];
  }

  #pair(userId) {
    const iat = this.#now() / 1000;
    this.#access += 1;
    const claims = btoa(JSON.stringify({ sub: userId, iat, exp: iat + this.lifetime, n: this.#access }));
    return {
      accessToken: `head.${claims}.sign`,
      refreshToken: `${userId}:${this.#families.get(userId).number}`,
      expiresAt: new Date((iat + this.lifetime) * 1000).toISOString(),
      user: { userId, role: "client", name: `Test ${userId}` },
    };
  }
}

/** One connection of socket.io-client, and the server's end of it. */
export class FakeConnection {
  asked = [];
  closed = false;
  #listeners = new Map();
  #any = null;

  constructor(url, options) {
    this.url = url;
    this.options = options;
  }

  on(name, listener) {
    this.#listeners.set(name, listener);
  }

  onAny(listener) {
    this.#any = listener;
  }

  off() {
    this.#listeners.clear();
  }

  offAny() {
    this.#any = null;
  }

  emit(event, payload, acknowledge) {
    this.asked.push({ event, payload, acknowledge });
  }

  disconnect() {
    this.closed = true;
  }

  // --- the server's end -------------------------------------------------------------------------------------

  accept() {
    this.#listeners.get("connect")?.();
  }

  refuse(code, more = {}) {
    const error = new Error(code ?? "xhr poll error");
    this.#listeners.get("connect_error")?.(code ? Object.assign(error, { data: { code, ...more } }) : error);
  }

  say(name, data) {
    this.#any?.(name, data);
  }

  lose(closing) {
    if (closing) this.say("closing", closing);
    this.#listeners.get("disconnect")?.("transport close");
  }

  /** Acknowledge the last question of a name. */
  answer(event, data = {}) {
    this.asked.findLast((one) => one.event === event).acknowledge({ ok: true, data });
  }

  refuseAsk(event, code, more = {}) {
    const error = { code, message: code, retryable: false, ...more };
    this.asked.findLast((one) => one.event === event).acknowledge({ ok: false, error });
  }
}

/** socket.io-client's `io`, and every connection that it made. */
export function fakeIo() {
  const connections = [];
  const io = (url, options) => {
    const connection = new FakeConnection(url, options);
    connections.push(connection);
    return connection;
  };
  return { io, connections, last: () => connections.at(-1) };
}

/** Accounts as sockets see them: a token, and another one on demand. */
export class FakeAccounts {
  current = { userId: "u1", role: "client", name: "Test", email: "u1@example.test" };
  /** What asking for a token fails with. */
  trouble = null;
  given = 0;

  async accessToken({ stale } = {}) {
    if (this.trouble) throw this.trouble;
    if (stale !== undefined && stale === `token-${this.given}`) this.given += 1;
    return `token-${this.given}`;
  }
}
