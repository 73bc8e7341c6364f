// @ts-check
/**
 * Who this tab is. Log-ins are shared by all tabs of a browser; which of them a tab uses is the tab's own
 * choice, so two windows can be two people. A new tab becomes whoever was used last.
 *
 * Events:
 * - `change` (Person | null): this tab became somebody, somebody else, or nobody
 * - `remembered` (Person[]): another set of people can be chosen from
 * - `expired` (RapportError): the server does not want this log-in any more; followed by `change` (null)
 */

import { send } from "./api.js";
import { Emitter } from "./emitter.js";
import { RapportError, notSignedIn } from "./errors.js";
import { PREFIX, Tokens } from "./tokens.js";

const LAST = "rapport.last";
const TAB = "rapport.tab.account";

/** @typedef {import("./tokens.js").Person} Person */
/** @typedef {import("./api.js").Fetch} Fetch */
/** @typedef {{change: Person | null, remembered: Person[], expired: RapportError}} Events */

/** @typedef {import("./types.d.ts").Http.RegisterBody} Registration */

/** @extends {Emitter<Events>} */
export class Accounts extends Emitter {
  #url;
  #fetch;
  #local;
  #session;
  #tokens;
  #page;
  /** @type {Person | null} */
  #current = null;

  /**
   * @param {object} parts
   * @param {string} parts.url
   * @param {Fetch} [parts.fetch]
   * @param {Storage} [parts.local]
   * @param {Storage} [parts.session]
   * @param {LockManager} [parts.locks]
   * @param {EventTarget} [parts.page]  tells `storage` events
   */
  constructor({
    url,
    fetch = globalThis.fetch.bind(globalThis),
    local = localStorage,
    session = sessionStorage,
    locks = globalThis.navigator?.locks,
    page = globalThis,
  }) {
    super();
    this.#url = url;
    this.#fetch = fetch;
    this.#local = local;
    this.#session = session;
    this.#page = page;
    this.#tokens = new Tokens({ url, fetch, storage: local, locks });
    const id = session.getItem(TAB) ?? local.getItem(LAST);
    if (id) this.#become(this.#tokens.read(id)?.person ?? null);
    page.addEventListener("storage", this.#onStorage);
  }

  /** Who this tab is. */
  get current() {
    return this.#current;
  }

  /** Everybody who is signed in in this browser. */
  get remembered() {
    return this.#tokens.people();
  }

  /**
   * @param {string} email
   * @param {string} password
   * @returns {Promise<Person>}
   * @throws {RapportError} BAD_CREDENTIALS, ACCOUNT_LOCKED, ACCOUNT_SUSPENDED, RATE_LIMITED, …
   */
  async signIn(email, password) {
    const reply = await this.#post("login", { email, password });
    const person = await this.#tokens.keep(reply, email.trim());
    this.#become(person);
    this.emit("remembered", this.remembered);
    this.emit("change", person);
    return person;
  }

  /**
   * Open an account, and sign in with it.
   * @param {Registration} application
   * @returns {Promise<Person>}
   * @throws {RapportError} EMAIL_TAKEN, INVALID_PAYLOAD with `details.fields`, …
   */
  async register(application) {
    await this.#post("register", application);
    return this.signIn(application.email, application.password);
  }

  /**
   * Let this tab be another remembered person.
   * @param {string} userId
   * @returns {Promise<Person>}
   * @throws {RapportError} NOT_SIGNED_IN
   */
  async use(userId) {
    const login = this.#tokens.read(userId);
    if (!login) throw notSignedIn();
    if (this.#current?.userId !== userId) {
      this.#become(login.person);
      this.emit("change", login.person);
    }
    return login.person;
  }

  /** End this log-in, in all tabs. It is gone from this browser also when the server cannot be told. */
  async signOut() {
    const person = this.#current;
    if (!person) return;
    const login = await this.#tokens.forget(person.userId);
    // That took its turn behind a refresh, perhaps; meanwhile this tab may be somebody else.
    if (this.#current?.userId === person.userId) this.#leave();
    if (!login) return;
    try {
      await this.#post("logout", { refreshToken: login.refreshToken }, true);
    } catch (error) {
      // Nobody has the tokens any more; they end by themselves.
      if (!(error instanceof RapportError)) throw error;
    }
  }

  /**
   * A good access token of {@link current}; renewed when less than a minute is left of it.
   * @param {{stale?: string}} [options]  `stale`: a token that was refused, or is about to run out
   * @returns {Promise<string>}
   * @throws {RapportError}
   */
  async accessToken({ stale } = {}) {
    const person = this.#current;
    if (!person) throw notSignedIn();
    try {
      return await this.#tokens.fresh(person.userId, stale);
    } catch (error) {
      if (error instanceof RapportError && ends(error)) await this.#expire(person, error);
      // Another tab signed out, and we had not heard of it yet.
      else if (RapportError.of(error).code === "NOT_SIGNED_IN" && this.#current === person) this.#leave();
      throw error;
    }
  }

  /**
   * The person's own facts changed (a new name, say).
   * @param {Partial<Pick<Person, "name" | "email">>} facts
   */
  async correct(facts) {
    if (!this.#current) throw notSignedIn();
    const { userId } = this.#current;
    await this.#tokens.correct(userId, facts);
    this.#current = this.#tokens.read(userId)?.person ?? null;
    this.emit("change", this.#current);
  }

  /** Hear nothing any more. */
  close() {
    this.#page.removeEventListener("storage", this.#onStorage);
  }

  /**
   * @param {Person} person
   * @param {RapportError} error
   */
  async #expire(person, error) {
    await this.#tokens.forget(person.userId);
    if (this.#current?.userId !== person.userId) return;
    this.emit("expired", error);
    this.#leave();
  }

  /** @param {Event} event  another tab wrote to `localStorage` (a tab does not hear itself) */
  #onStorage = (event) => {
    const { key } = /** @type {StorageEvent} */ (event);
    if (key !== null && !key.startsWith(PREFIX)) return;
    this.emit("remembered", this.remembered);
    if (this.#current && !this.#tokens.read(this.#current.userId)) this.#leave();
  };

  /** @param {Person | null} person */
  #become(person) {
    this.#current = person;
    if (!person) return;
    this.#session.setItem(TAB, person.userId);
    this.#local.setItem(LAST, person.userId);
  }

  #leave() {
    this.#current = null;
    // Kept: a reload of this tab must not turn it into whoever else is remembered.
    this.emit("remembered", this.remembered);
    this.emit("change", null);
  }

  /**
   * @param {string} what
   * @param {unknown} body
   * @param {boolean} [keepalive]
   */
  #post(what, body, keepalive) {
    return send(this.#fetch, `${this.#url}/api/auth/${what}`, { method: "POST", body, keepalive });
  }
}

/**
 * Whether a refused refresh means that the log-in is over.
 * @param {RapportError} error
 */
function ends(error) {
  return error.status === 401 || error.code === "ACCOUNT_SUSPENDED";
}
