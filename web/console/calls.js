// @ts-check
// The calls of this person, as this tab knows them: one that rings, and one that is open. They follow the
// server's events, which come to every tab; the tab that asked, accepted or took over holds the call
// ("here"), the others know of it.
import { RapportError } from "../client/errors.js";
import { askAgain, isGone, randomId } from "./asking.js";
import { clock } from "./clock.js";
import { openDevices, release } from "./devices.js";
import { showReceipt, tellRing } from "./call/outcome.js";
import { OPEN, SEATED, blank, fromStory, held, storyOf } from "./open-call.js";
import { navigate } from "./router.js";
import { signal } from "./store.js";

/**
 * @typedef {import("../client/live-call.js").LiveCall} LiveCall
 * @typedef {import("./devices.js").Opened} Opened
 * @typedef {import("./open-call.js").Incoming} Incoming
 * @typedef {import("./open-call.js").OpenCall} OpenCall
 * @typedef {import("./open-call.js").Update} Update
 */

export class Calls {
  #app;
  #notifications;
  /** Updates that overtook the answer to a request. @type {Map<string, Update>} */
  #early = new Map();
  /** The newest version heard of each call: what is older changes nothing. @type {Map<string, number>} */
  #versions = new Map();
  /** @type {(() => void)[]} */
  #unhear = [];
  #expiry = 0;
  /** The call that this tab is accepting. @type {string | null} */
  #answering = null;

  /** @param {import("./main.js").App} app */
  constructor(app) {
    this.#app = app;
    this.incoming = signal(/** @type {Incoming | null} */ (null));
    this.current = signal(/** @type {OpenCall | null} */ (null));
    const { notifications, accounts } = app.rapport;
    this.#notifications = notifications;
    notifications.on("live_session_ringing", (ring) => this.#onRinging(ring));
    notifications.on("live_session_update", (update) => void this.#onUpdate(update));
    notifications.on("reload", () => void this.#readAnew());
    let who = accounts.current?.userId;
    accounts.on("change", (person) => {
      // The same person with a new name keeps their call.
      if (person?.userId !== who) this.#forget();
      who = person?.userId;
    });
    window.addEventListener("beforeunload", (event) => {
      const { current } = this;
      if (current.value?.where === "here" && SEATED.has(current.value.state)) event.preventDefault();
    });
  }

  // --- what a person does --------------------------------------------------------------------------------

  /**
   * Call a coach. The answer is the call, ringing or waiting for the client's bank; what comes of it is told
   * by {@link current}.
   * @param {{coachId: string, name: string, ratePerMinute: import("./format.js").Money}} coach
   * @param {{paymentMethodId?: string, devices: Opened}} options
   * @throws {RapportError}
   */
  async request(coach, { paymentMethodId, devices }) {
    this.#prepare();
    const payload = { coachId: coach.coachId, clientRequestId: randomId(), paymentMethodId };
    const asked = { state: "reserving", rate: coach.ratePerMinute, devices };
    this.current.value = { ...blank("caller", coach.name), ...asked };
    try {
      const made = await askAgain(this.#notifications, "live_session_request", payload);
      held.take(made.sessionId);
      const { sessionId, state, expiresAt, ratePerMinute: rate, authorization } = made;
      this.#patch({ sessionId, state, expiresAt, rate, clientSecret: authorization.clientSecret });
      await this.#follow(
        this.#early.get(sessionId) ?? { sessionId, state, version: 0, reason: "authorization_timeout" },
      );
    } catch (error) {
      this.current.value = null;
      throw error;
    } finally {
      this.#early.clear();
    }
  }

  /** Take the request back. @throws {RapportError} */
  async cancel() {
    const sessionId = this.current.value?.sessionId;
    if (sessionId) await askAgain(this.#notifications, "live_session_cancel", { sessionId });
  }

  /**
   * 3-D Secure is done, says the client; the gateway is read again.
   * @returns {Promise<import("../client/types.d.ts").Authorization>}
   */
  async paymentConfirmed() {
    const sessionId = this.current.value?.sessionId ?? "";
    return askAgain(this.#notifications, "live_payment_confirmed", { sessionId });
  }

  /**
   * Answer the ring, on this device.
   * @param {Incoming} ring
   * @param {Opened} devices
   * @throws {RapportError}
   */
  async accept(ring, devices) {
    const { sessionId } = ring;
    // Known before the server tells everybody, so that this tab does not take its own answer for another's.
    held.take(sessionId);
    this.#answering = sessionId;
    try {
      await askAgain(this.#notifications, "live_session_accept", { sessionId });
    } catch (error) {
      held.drop();
      if (isGone(error)) this.#ringIsOver(sessionId);
      throw error;
    } finally {
      this.#answering = null;
    }
    this.#ringIsOver(sessionId);
    const known = this.current.value?.sessionId === sessionId ? this.current.value : null;
    const { client, ratePerMinute: rate } = ring;
    const seat = known ?? blank("callee", client.name);
    this.current.value = { ...seat, sessionId, state: "ready", where: "here", rate, devices };
    await this.#join({ show: true });
  }

  /** Not now. @param {string} sessionId */
  async decline(sessionId) {
    try {
      await askAgain(this.#notifications, "live_session_decline", { sessionId });
    } catch (error) {
      if (!isGone(error)) throw error;
    }
    this.#ringIsOver(sessionId);
  }

  /** Take the call over from another window. */
  async moveHere() {
    const sessionId = this.current.value?.sessionId;
    if (!sessionId) return;
    held.take(sessionId);
    this.#patch({ where: "here", trouble: null });
    await this.#join({ show: true });
  }

  /**
   * Make a call of this person the current one, if it is open and none other is.
   * @param {string} sessionId
   * @throws {RapportError} NOT_FOUND
   */
  async open(sessionId) {
    const told = await this.#app.rapport.api.get(storyOf(sessionId));
    if (!this.current.value) await this.#know(told);
  }

  /** Try again to get into a call that could not be joined. */
  async joinAgain() {
    this.#patch({ trouble: null });
    await this.#join({ show: false });
  }

  /** An outcome was read: nothing is open any more. */
  dismiss() {
    const known = this.current.value;
    if (!known || OPEN.has(known.state)) return;
    release(known.devices?.stream);
    this.current.value = null;
  }

  // --- what the server tells -----------------------------------------------------------------------------

  /** @param {Incoming} ring */
  #onRinging(ring) {
    this.#prepare();
    this.incoming.value = ring;
    clearTimeout(this.#expiry);
    // The end of a ring is told; should that get lost, it ends by itself.
    const wait = (clock.until(ring.expiresAt) / clock.speed) * 1000 + 2_000;
    this.#expiry = window.setTimeout(() => this.#ringIsOver(ring.sessionId), wait);
  }

  /** @param {string} sessionId */
  #ringIsOver(sessionId) {
    if (this.incoming.value?.sessionId === sessionId) this.incoming.value = null;
  }

  /** @param {Update} update */
  async #onUpdate(update) {
    const known = this.#versions.get(update.sessionId) ?? 0;
    if (update.version < known) return;
    this.#versions.set(update.sessionId, update.version);
    if (this.current.value && this.current.value.sessionId === null) {
      this.#early.set(update.sessionId, update);
      return;
    }
    await this.#follow(update);
  }

  /** @param {Update} update */
  async #follow({ sessionId, state, reason = null }) {
    const ring = this.incoming.value;
    if (ring?.sessionId === sessionId && state !== "ringing") {
      this.#ringIsOver(sessionId);
      if (!held.is(sessionId)) tellRing(ring, state);
    }
    const current = this.current.value;
    if (current?.sessionId === sessionId) return this.#moved(state, reason);
    // The own accept goes on by itself as soon as it is acknowledged.
    if (OPEN.has(state) && sessionId !== this.#answering) await this.#discover(sessionId);
  }

  /**
   * @param {string} state
   * @param {string | null} reason
   */
  async #moved(state, reason) {
    const before = this.current.value;
    if (!before) return;
    if (!OPEN.has(state)) return this.#over(before, state, reason);
    this.#patch({ state, reason });
    if (SEATED.has(state) && before.where === "here" && !before.call && !SEATED.has(before.state)) {
      await this.#join({ show: true });
    }
  }

  /**
   * An open call that this tab does not know: it reloaded, or another tab began it.
   * @param {string} sessionId
   */
  async #discover(sessionId) {
    const told = this.#engaged ? null : await this.#read(sessionId);
    if (told && !this.#engaged) await this.#know(told);
  }

  /** Whether a call is open: no other may take its place, or it would go on unseen. */
  get #engaged() {
    const current = this.current.value;
    return current !== null && OPEN.has(current.state);
  }

  /** @param {any} told  GET /api/live-sessions/{sessionId} */
  async #know(told) {
    const known = fromStory(told);
    if (!known) return;
    this.current.value = known;
    if (known.where === "elsewhere") return;
    if (SEATED.has(known.state)) void this.#join({ show: false });
    else (await import("./start-call.js")).showOutgoing(this.#app);
  }

  /** The feed may have a hole: see what is open. */
  async #readAnew() {
    let listed;
    try {
      listed = await this.#app.rapport.api.get("/api/live-sessions", { limit: 5 });
    } catch {
      return; // The connection is on its way out again; the next one reads.
    }
    const open = listed.items.filter((/** @type {any} */ one) => OPEN.has(one.state));
    const ring = this.incoming.value;
    if (ring && !open.some((/** @type {any} */ one) => one.sessionId === ring.sessionId))
      this.incoming.value = null;
    const { current } = this;
    if (current.value && current.value.sessionId === null) return; // Asked for just now: the answer tells.
    const mine = listed.items.find((/** @type {any} */ one) => one.sessionId === current.value?.sessionId);
    if (mine) await this.#moved(mine.state, mine.endReason ?? null);
    if (!current.value && open.length) await this.#discover(open[0].sessionId);
  }

  /** @param {string} sessionId @returns {Promise<any>} */
  async #read(sessionId) {
    try {
      return await this.#app.rapport.api.get(storyOf(sessionId));
    } catch {
      return null;
    }
  }

  // --- in the call ---------------------------------------------------------------------------------------

  /** While it rings, so that whoever accepts need not wait; joining asks again, and says so if it failed. */
  #prepare() {
    this.#app.rapport.prepareCall().catch(() => undefined);
  }

  /** @param {{show: boolean}} options  `show`: go to the page of the call */
  async #join({ show }) {
    try {
      await this.#app.rapport.prepareCall();
    } catch (error) {
      if (this.current.value) this.#patch({ trouble: RapportError.of(error) });
      return;
    }
    const before = this.current.value;
    const sessionId = before?.sessionId;
    if (!sessionId || before.call) return;
    if (show) navigate(`/call/${sessionId}`);
    const devices = before.devices ?? (await openDevices());
    const now = this.current.value;
    // Over meanwhile, or somebody asked for it twice.
    if (now?.sessionId !== sessionId || now.call) return release(devices.stream);
    const call = this.#app.rapport.call(sessionId, { media: devices.stream });
    this.#patch({ devices, call, trouble: null });
    this.#listen(call, sessionId);
    // What keeps it from joining closes it, too.
    await call.join().catch(() => undefined);
  }

  /**
   * Nothing will come of this call object: it could not be joined, or was refused later.
   * @param {LiveCall} call
   * @param {RapportError} why
   */
  async #closed(call, why) {
    this.#unlisten();
    if (this.current.value?.call !== call) return;
    if (why.code === "GONE" || why.code === "NOT_FOUND") {
      const told = await this.#read(call.sessionId);
      if (this.current.value?.call !== call) return;
      return this.#over(this.current.value, told?.state ?? "failed", told?.endReason ?? null);
    }
    this.#patch({ call: null, trouble: why });
  }

  /**
   * @param {LiveCall} call
   * @param {string} sessionId
   */
  #listen(call, sessionId) {
    this.#unlisten();
    this.#unhear = [
      call.on("change", (snapshot) => {
        if (SEATED.has(snapshot.state)) this.#patch({ state: snapshot.state });
      }),
      call.on("seat-taken", () => this.#seatTaken(call)),
      call.on("closed", (why) => void this.#closed(call, why)),
      call.on("ended", ({ reason }) => {
        const current = this.current.value;
        if (current?.sessionId === sessionId) this.#over(current, "ending", reason);
      }),
    ];
  }

  #unlisten() {
    for (const stop of this.#unhear.splice(0)) stop();
  }

  /** @param {LiveCall} call */
  #seatTaken(call) {
    this.#unlisten();
    void call.leave();
    held.drop();
    release(this.current.value?.devices?.stream);
    this.#patch({ where: "elsewhere", call: null, devices: null });
  }

  /**
   * The call is over. Before anybody talked it is told where it was asked for; afterwards the receipt tells
   * everything.
   * @param {OpenCall} before
   * @param {string} state
   * @param {string | null} reason
   */
  #over(before, state, reason) {
    this.#unlisten();
    void before.call?.leave();
    release(before.devices?.stream);
    held.drop();
    const seated = SEATED.has(before.state);
    if (!seated) {
      const mine = before.role === "caller" && before.where === "here" && reason !== "cancelled";
      this.current.value = mine ? { ...before, state, reason, call: null, devices: null } : null;
      return;
    }
    this.current.value = null;
    showReceipt(before, reason);
  }

  /** This tab becomes somebody else, or nobody. */
  #forget() {
    this.#unlisten();
    void this.current.value?.call?.leave();
    release(this.current.value?.devices?.stream);
    held.drop();
    clearTimeout(this.#expiry);
    this.#versions.clear();
    this.incoming.value = null;
    this.current.value = null;
  }

  /** @param {Partial<OpenCall>} changes */
  #patch(changes) {
    if (this.current.value) this.current.value = { ...this.current.value, ...changes };
  }
}
