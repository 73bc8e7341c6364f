// @ts-check
/** HTTP: JSON in and out, problems (RFC 9457) as {@link RapportError}, the bearer token kept fresh. */

import { RapportError, noAnswer, offline } from "./errors.js";

/** Adding a card asks the gateway, which may take 8 s. */
const TIMEOUT_MS = 20_000;
/** A new token may help: it ran out, or it was of a log-in that another tab has replaced. */
const TOKEN_TROUBLE = new Set(["TOKEN_EXPIRED", "UNAUTHENTICATED"]);

/** @typedef {typeof globalThis.fetch} Fetch */

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {unknown} [body]  sent as JSON
 * @property {string} [token]
 * @property {Record<string, string>} [headers]
 * @property {number} [timeoutMs]
 * @property {boolean} [keepalive]  let it finish when the page is closed
 */

/**
 * One request; the parsed JSON, or null if there is none.
 * @param {Fetch} fetch
 * @param {string} url
 * @param {Request} request
 * @returns {Promise<any>}
 * @throws {RapportError}
 */
export async function send(fetch, url, request) {
  const { method, body, token, headers, timeoutMs = TIMEOUT_MS, keepalive = false } = request;
  /** @type {Record<string, string>} */
  const all = { Accept: "application/json", ...headers };
  if (body !== undefined) all["Content-Type"] = "application/json";
  if (token !== undefined) all.Authorization = `Bearer ${token}`;
  const payload = body === undefined ? undefined : JSON.stringify(body);
  const signal = AbortSignal.timeout(timeoutMs);
  let response, text;
  try {
    // No cookies: whoever sends no token is nobody.
    const credentials = /** @type {const} */ ("omit");
    response = await fetch(url, { method, headers: all, body: payload, signal, keepalive, credentials });
    text = await response.text();
  } catch (error) {
    throw signal.aborted ? noAnswer(`${method} ${new URL(url).pathname}`) : offline(error);
  }
  return read(response, text);
}

/**
 * @param {Response} response
 * @param {string} text
 */
function read(response, text) {
  let body = null;
  try {
    body = text === "" ? null : JSON.parse(text);
  } catch (error) {
    // A proxy's own page, for example.
    throw foreign(response.status, error);
  }
  if (response.ok) return body;
  if (typeof body?.code !== "string") throw foreign(response.status);
  const { code, detail, retryable, details, retryAfterMs, requestId } = body;
  throw new RapportError({
    code, message: detail, retryable, details, retryAfterMs, requestId, status: response.status,
  });
}

/**
 * @param {number} status
 * @param {unknown} [cause]
 */
function foreign(status, cause) {
  const unavailable = status >= 502 && status <= 504;
  const message = `What answered is not Rapport (HTTP ${status}).`;
  const code = unavailable ? "UNAVAILABLE" : "UNEXPECTED";
  return new RapportError({ code, message, retryable: unavailable, status }, cause);
}

/** @typedef {string | number | boolean | null | undefined} Value */

/**
 * @typedef {object} Change
 * @property {number} [version]  of what was read: the change is refused with VERSION_MISMATCH if somebody was
 *   faster
 */

/**
 * The version as a strong entity tag (RFC 9110, section 8.8.3).
 * @param {Change} [options]
 * @returns {Record<string, string> | undefined}
 */
function ifMatch({ version } = {}) {
  return version === undefined ? undefined : { "If-Match": `"${version}"` };
}

/** Requests in the name of whoever is signed in in this tab; without a name if nobody is. */
export class Api {
  #url;
  #accounts;
  #fetch;

  /**
   * @param {object} parts
   * @param {string} parts.url  of the server, without a path
   * @param {import("./accounts.js").Accounts} parts.accounts
   * @param {Fetch} [parts.fetch]
   */
  constructor({ url, accounts, fetch = globalThis.fetch.bind(globalThis) }) {
    this.#url = url;
    this.#accounts = accounts;
    this.#fetch = fetch;
  }

  /**
   * @param {string} path
   * @param {Record<string, Value | Value[]>} [query]  null and undefined are left out; a list is
   *   said as often as it has values
   * @returns {Promise<any>}
   */
  get(path, query = {}) {
    const given = Object.entries(query).flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value])
        .filter((one) => one !== undefined && one !== null)
        .map((one) => [name, String(one)]),
    );
    const search = new URLSearchParams(given).toString();
    return this.#ask(search ? `${path}?${search}` : path, { method: "GET" });
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {{idempotencyKey?: string}} [options]  the same key gives the same answer, however often it is
   *   sent
   * @returns {Promise<any>}
   */
  post(path, body, { idempotencyKey } = {}) {
    const headers = idempotencyKey ? { "Idempotency-Key": idempotencyKey } : undefined;
    return this.#ask(path, { method: "POST", body, headers });
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {Change} [options]
   * @returns {Promise<any>}
   */
  patch(path, body, options) {
    return this.#ask(path, { method: "PATCH", body, headers: ifMatch(options) });
  }

  /**
   * @param {string} path
   * @param {unknown} [body]
   * @param {Change} [options]
   * @returns {Promise<any>}
   */
  put(path, body, options) {
    return this.#ask(path, { method: "PUT", body, headers: ifMatch(options) });
  }

  /**
   * @param {string} path
   * @param {Change} [options]
   * @returns {Promise<any>}
   */
  delete(path, options) {
    return this.#ask(path, { method: "DELETE", headers: ifMatch(options) });
  }

  /**
   * @param {string} path
   * @param {Request} request
   */
  async #ask(path, request) {
    const who = this.#accounts.current?.userId;
    if (who === undefined) return send(this.#fetch, this.#url + path, request);
    const token = await this.#accounts.accessToken();
    try {
      return await send(this.#fetch, this.#url + path, { ...request, token });
    } catch (error) {
      const refused = error instanceof RapportError && TOKEN_TROUBLE.has(error.code);
      // Never in the name of somebody else, who became this tab's account meanwhile.
      if (!refused || this.#accounts.current?.userId !== who) throw error;
      const next = await this.#accounts.accessToken({ stale: token });
      return send(this.#fetch, this.#url + path, { ...request, token: next });
    }
  }
}
