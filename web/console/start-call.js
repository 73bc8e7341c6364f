// @ts-check
// From "Call" to the answer: one dialog that prepares the call, rings, waits for the bank, and says what
// came of it.
import { avatar } from "./avatar.js";
import { bankStep } from "./call/bank.js";
import { preview } from "./call/preview.js";
import { cardField } from "./card-field.js";
import { countdownRing } from "./countdown.js";
import { dialog } from "./dialog.js";
import { h, replace, uid } from "./dom.js";
import { rate } from "./format.js";
import { icon } from "./icons.js";
import { SEATED } from "./open-call.js";
import { bag } from "./store.js";
import { startTone } from "./tones.js";
import { ending, explain, heldText } from "./words.js";

/**
 * @typedef {import("./main.js").App} App
 * @typedef {{coachId: string, name: string, avatarUrl?: string | null, ratePerMinute:
 *   import("./format.js").Money}} Coach
 * @typedef {{title: string, text: string}} Words
 */

const RING_SECONDS = 30;
const ACTION_SECONDS = 180;
const BLOCK_MINUTES = 15;
/** Ends after which another card may help. */
const ABOUT_CARD = new Set(["payment_refused", "authorization_timeout"]);

/**
 * Call a coach: asks for devices and a card first. Returns at once; everything else happens in a dialog.
 * @param {App} app
 * @param {Coach} coach
 */
export function startCall(app, coach) {
  const current = app.calls.current.value;
  if (current?.sessionId) void alreadyCalling(app, current);
  else new CallDialog(app, coach).prepare();
}

/**
 * One call at a time.
 * @param {App} app
 * @param {import("./open-call.js").OpenCall} current
 */
async function alreadyCalling(app, current) {
  const where = current.where === "elsewhere" ? ", in another window or on another device" : "";
  const go = await dialog({
    title: `You are in a call with ${current.peerName}`,
    body: `It is still open${where}. End it before you start another one.`,
    actions: [
      { label: "Close", value: false, kind: "quiet" },
      { label: "Go to the call", value: true, kind: "primary" },
    ],
  });
  if (go) app.navigate(`/call/${current.sessionId}`);
}

/**
 * After a reload: the dialog of a call that this tab had begun and nobody has answered yet.
 * @param {App} app
 */
export function showOutgoing(app) {
  const current = app.calls.current.value;
  if (!current?.rate) return;
  const coach = { coachId: "", name: current.peerName, ratePerMinute: current.rate };
  new CallDialog(app, coach).follow();
}

class CallDialog {
  #app;
  #coach;
  #views = bag();
  #unfollow = () => {};
  /** What is drawn, so that a change that concerns something else draws nothing anew. */
  #drawn = "";
  #heading = uid("call");
  /** The card of the last try: the next one begins with another. @type {string | null} */
  #refusedCard = null;

  /**
   * @param {App} app
   * @param {Coach} coach
   */
  constructor(app, coach) {
    this.#app = app;
    this.#coach = coach;
    this.inside = h("div.dialog-in.call-dialog-in");
    this.element = h("dialog.dialog.call-dialog", { "aria-labelledby": this.#heading }, this.inside);
    this.element.addEventListener("cancel", (/** @type {Event} */ event) => {
      event.preventDefault();
      // While it rings, Escape must not leave a coach ringing for nobody.
      if (["prepare", "outcome"].includes(this.#drawn)) this.#close();
    });
    document.body.append(this.element);
    this.element.showModal();
  }

  /**
   * Devices, card, price.
   * @param {Words} [notice]  why one is back here
   */
  prepare(notice) {
    this.#unfollow();
    const call = h(
      "button.button.primary.big",
      { type: "button", disabled: true },
      icon("phone"),
      "Call now",
    );
    const card = cardField(this.#app, { refused: this.#refusedCard });
    /** @type {import("./devices.js").Opened | null} */
    let opened = null;
    const update = () => (call.disabled = !opened?.stream.getTracks().length || !card.chosen());
    const mirror = preview((now) => {
      opened = now;
      update();
    });
    card.ready.then(update);
    call.addEventListener("click", () => {
      const devices = mirror.keep();
      if (devices) void this.#request(devices, card.chosen());
    });
    this.#show(
      "prepare",
      `Call ${this.#coach.name}`,
      [
        h("p.call-rate.figures", h("strong", rate(this.#coach.ratePerMinute)), ", billed by the second"),
        notice &&
          h(
            "div.banner.bad",
            { role: "alert" },
            icon("warn"),
            h("div", h("strong", notice.title), h("p", notice.text)),
          ),
        mirror.node,
        card.node,
        h(
          "p.quiet.small",
          heldText(this.#coach.ratePerMinute, this.#app.about.calls?.blockMinutes ?? BLOCK_MINUTES),
        ),
        mirror.devices,
      ],
      [this.#cancelButton(() => this.#close()), call],
      [() => mirror.dispose()],
    );
  }

  /** Show what the call is doing, from now on. */
  follow() {
    this.#unfollow();
    this.#unfollow = this.#app.calls.current.subscribe((current) => {
      // A request that was refused leaves no call; its answer says why.
      if (!current && this.#drawn === "asking") return;
      if (!current || SEATED.has(current.state)) return this.#close();
      if (current.state === "reserving") return this.#asking();
      if (current.state === "requires_action") return this.#bank(current);
      if (current.state === "ringing") return this.#ringing(current);
      return this.#over(current.reason);
    });
  }

  /**
   * @param {import("./devices.js").Opened} devices
   * @param {string | null} paymentMethodId
   */
  async #request(devices, paymentMethodId) {
    this.#asking();
    this.#refusedCard = paymentMethodId;
    const asked = this.#app.calls.request(this.#coach, {
      devices,
      paymentMethodId: paymentMethodId ?? undefined,
    });
    this.follow();
    try {
      await asked;
    } catch (error) {
      this.#unfollow();
      for (const track of devices.stream.getTracks()) track.stop();
      this.#refused(error);
    }
  }

  #asking() {
    this.#show(
      "asking",
      `Calling ${this.#coach.name}`,
      [
        h(
          "div.calling",
          avatar(this.#coach.name, this.#coach.avatarUrl, "big"),
          h("p", { role: "status" }, "Asking your bank to hold the first minutes…"),
          h("p.quiet.small", "The coach hears nothing of it before the money is held."),
        ),
      ],
      [],
    );
  }

  /** @param {import("./open-call.js").OpenCall} current */
  #bank(current) {
    if (this.#drawn === "bank" || !current.clientSecret) return;
    const left = h("p.quiet.figures.small", { "aria-hidden": "true" });
    const step = bankStep(this.#app, current.clientSecret, () => this.#app.calls.paymentConfirmed());
    const ring = countdownRing({
      until: () => this.#app.calls.current.value?.expiresAt,
      seconds: ACTION_SECONDS,
      inside: avatar(this.#coach.name, this.#coach.avatarUrl, "big"),
      tell: (rest) => (left.textContent = `${Math.ceil(rest)} s left`),
    });
    this.#show(
      "bank",
      "Your bank asks you to confirm",
      [
        h(
          "div.calling",
          ring.node,
          h(
            "p",
            "Your bank asks you to confirm this payment (3-D Secure). The coach rings when that is done.",
          ),
          left,
          step.node,
        ),
      ],
      [this.#cancelButton(() => this.#app.calls.cancel(), "Cancel the call")],
      [step.stop, ring.stop],
    );
  }

  /** @param {import("./open-call.js").OpenCall} current */
  #ringing(current) {
    if (this.#drawn === "ringing") return;
    const left = h("p.quiet.figures.small", { "aria-hidden": "true" });
    const ring = countdownRing({
      until: () => this.#app.calls.current.value?.expiresAt,
      seconds: this.#app.about.calls?.ringSeconds ?? RING_SECONDS,
      inside: avatar(this.#coach.name, this.#coach.avatarUrl, "big"),
      tell: (rest) => (left.textContent = rest > 0 ? `${Math.ceil(rest)} s` : "No answer so far…"),
    });
    const tone = startTone("ringback");
    this.#show(
      "ringing",
      `Ringing ${this.#coach.name}`,
      [
        h(
          "div.calling.ringing",
          ring.node,
          h("p", { role: "status" }, "Waiting for an answer"),
          left,
          h(
            "p.quiet.small",
            `${rate(current.rate ?? this.#coach.ratePerMinute)}. Nothing is charged before you talk.`,
          ),
        ),
      ],
      [this.#cancelButton(() => this.#app.calls.cancel(), "Cancel the call")],
      [ring.stop, tone.stop],
    );
  }

  /** @param {string | null} reason */
  #over(reason) {
    this.#unfollow();
    if (!reason || !ABOUT_CARD.has(reason)) this.#refusedCard = null;
    const words = ending(reason, "caller");
    this.#app.calls.dismiss();
    if (reason && ABOUT_CARD.has(reason) && this.#coach.coachId) return this.prepare(words);
    this.#outcome(words, { again: reason === "no_answer" && this.#coach.coachId !== "" });
  }

  /** @param {unknown} error */
  #refused(error) {
    const words = explain(error);
    const code = /** @type {{code?: string}} */ (error).code ?? "";
    if (["PAYMENT_REFUSED", "NO_PAYMENT_METHOD"].includes(code)) return this.prepare(words);
    this.#outcome(words, {
      again: ["NO_ANSWER", "DISCONNECTED", "OFFLINE", "UNAVAILABLE", "RATE_LIMITED"].includes(code),
    });
  }

  /**
   * @param {Words & {action?: {label: string, href?: string, run?: () => void}}} words
   * @param {{again: boolean}} options
   */
  #outcome({ title, text, action }, { again }) {
    this.#unfollow();
    const close = this.#cancelButton(() => this.#close(), "Close");
    const href = action?.href;
    this.#show(
      "outcome",
      title,
      [
        h(
          "div.calling",
          avatar(this.#coach.name, this.#coach.avatarUrl, "big"),
          h("p", { role: "status" }, text),
        ),
      ],
      [
        close,
        href && h("a.button", { href, onclick: () => this.#close() }, action.label),
        again && h("button.button.primary", { type: "button", onclick: () => this.prepare() }, "Try again"),
      ],
    );
    close.focus();
  }

  /**
   * @param {string} name
   * @param {string} title
   * @param {import("./dom.js").Child[]} body
   * @param {import("./dom.js").Child[]} actions
   * @param {(() => void)[]} [stops]  when another view takes its place
   */
  #show(name, title, body, actions, stops = []) {
    if (this.#drawn === name && name === "asking") return;
    this.#views.dispose();
    this.#views.add(...stops);
    this.#drawn = name;
    replace(
      this.inside,
      h(`h2#${this.#heading}`, { tabindex: "-1" }, title),
      h("div.dialog-body.stack", body),
      actions.some(Boolean) && h("div.dialog-actions", actions),
    );
    // What had the focus is gone; the heading says what is here now.
    this.inside.querySelector("h2")?.focus({ preventScroll: true });
  }

  /**
   * @param {() => unknown} run
   * @param {string} [label]
   */
  #cancelButton(run, label = "Cancel") {
    const button = h("button.button.quiet", { type: "button" }, label);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        await run();
      } catch {
        // Too late to cancel: the call went on, and the dialog shows it.
        button.disabled = false;
      }
    });
    return button;
  }

  #close() {
    this.#unfollow();
    this.#views.dispose();
    if (this.element.open) this.element.close();
    this.element.remove();
  }
}
