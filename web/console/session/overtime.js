// @ts-check
// More time: one asks, the other says yes, the client's card is held, and only what is used is charged.
import { bankStep } from "../call/bank.js";
import { cardField } from "../card-field.js";
import { clock } from "../clock.js";
import { h, replace, uid } from "../dom.js";
import { duration, money, rate } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toast, toastTrouble } from "../toast.js";
import { refusal } from "../words.js";

/**
 * @typedef {import("../../client/video-session.js").VideoSession} VideoSession
 * @typedef {import("../../client/video-facts.js").Facts} Facts
 * @typedef {import("../../client/video-facts.js").Overtime} Overtime
 */

const CHOICES = [5, 10, 15, 30];

/**
 * Which of its views the card shows.
 * @param {Facts} facts
 * @returns {"none" | "offer" | "mine" | "asked" | "bank" | "waiting_bank" | "agreed" | "active"}
 */
export function viewOf({ overtime, role, state, overtimeRate }) {
  const sold = overtimeRate !== null && overtimeRate.amount > 0;
  const usual = sold && state === "in_progress" ? "offer" : "none";
  if (!overtime) return usual;
  if (overtime.state === "pending_confirmation") {
    if (overtime.clientSecret && role === "client") return "bank";
    if (overtime.confirmed) return "waiting_bank";
    return overtime.requestedBy === role ? "mine" : "asked";
  }
  if (overtime.state === "authorized") return "agreed";
  if (overtime.state === "active") return "active";
  return usual;
}

/** What became of a wish, for a toast; null while it lives. @param {Overtime} overtime @param {string} peer @param {string} role */
export function outcomeWords({ state, requestedBy, reason, minutes }, peer, role) {
  if (state === "declined") {
    return requestedBy === role
      ? `${peer} has no more time today.`
      : `The wish for ${minutes} more minutes is gone.`;
  }
  if (state === "expired") return `Nobody answered the wish for ${minutes} more minutes.`;
  if (state === "failed") {
    return role === "client"
      ? `${refusal(reason ?? undefined)} You can ask again with another card.`
      : "The client's card was refused.";
  }
  return null;
}

class OvertimeCard {
  #app;
  #session;
  #peer;
  #drawn = "";
  #shown = bag();
  #kept = bag();
  #place = h("div.stack.tight");
  node = h("section.card.stack.tight.overtime", { ariaLabel: "More time", hidden: true }, this.#place);

  /**
   * @param {import("../main.js").App} app
   * @param {VideoSession} session
   * @param {string} peer
   */
  constructor(app, session, peer) {
    this.#app = app;
    this.#session = session;
    this.#peer = peer;
    this.#kept.add(
      session.on("change", this.#draw),
      session.on("overtime", () => this.#tell()),
    );
    this.#draw();
  }

  stop() {
    this.#shown.dispose();
    this.#kept.dispose();
  }

  #tell() {
    const { overtime, role } = this.#session.snapshot;
    const words = overtime && outcomeWords(overtime, this.#peer, role ?? "client");
    if (words) toast(words, { kind: overtime.state === "failed" ? "bad" : "info" });
    if (overtime?.state === "authorized")
      toast(`${overtime.minutes} more minutes are agreed.`, { kind: "good" });
  }

  #draw = () => {
    const facts = this.#session.snapshot;
    const view = viewOf(facts);
    const key = JSON.stringify([
      view,
      facts.overtime,
      facts.overtimeRate,
      facts.endingSoon && view === "offer",
    ]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#shown.dispose();
    this.node.hidden = view === "none";
    this.node.classList.toggle("urgent", view === "asked" || view === "bank");
    const { overtime } = facts;
    if (view === "none") return replace(this.#place);
    if (view === "offer" || !overtime) return this.#offer(facts);
    const views = {
      mine: () => this.#mine(overtime),
      asked: () => this.#asked(overtime),
      bank: () => this.#bank(overtime),
      waiting_bank: () => [
        h("h2", "More time"),
        h("p", { role: "status" }, "The bank of the client is being asked…"),
      ],
      agreed: () => this.#agreed(overtime),
      active: () => this.#agreed(overtime),
    };
    replace(this.#place, views[view]());
  };

  /** @param {Facts} facts */
  #offer({ endingSoon, role, overtimeRate }) {
    const open = h("button.button.wide", { type: "button" }, icon("plus"), "Ask for more time");
    if (endingSoon) open.classList.add("primary");
    open.addEventListener("click", () => this.#form(role === "client", overtimeRate));
    replace(
      this.#place,
      endingSoon && h("p.with-icon", { role: "status" }, icon("clock"), "This session ends soon."),
      open,
    );
  }

  /** @param {boolean} pays @param {import("../format.js").Money | null} each */
  #form(pays, each) {
    const id = uid("more");
    const words = (/** @type {number} */ minutes) =>
      each
        ? `${minutes} minutes, ${money({ ...each, amount: each.amount * minutes })}`
        : `${minutes} minutes`;
    const select = h(
      `select#${id}`,
      { value: "10" },
      CHOICES.map((minutes) => h("option", { value: String(minutes) }, words(minutes))),
    );
    const card = pays ? this.#card() : null;
    const ask = h("button.button.primary", { type: "button" }, "Ask");
    const back = h("button.button.quiet", { type: "button" }, "Not now");
    back.addEventListener("click", () => {
      this.#drawn = "";
      this.#draw();
    });
    ask.addEventListener("click", () =>
      this.#busy(ask, async () => {
        await this.#session.requestOvertime(Number(select.value), card?.chosen() ?? undefined);
      }),
    );
    replace(
      this.#place,
      h("h2", "More time"),
      h("div.field", h("label", { for: id }, "How much more"), select),
      card?.node,
      each && h("p.quiet.small", `${rate(each)}, charged by the second and only for what is used.`),
      h("div.row", ask, back),
    );
    select.focus();
  }

  /** @param {Overtime} overtime */
  #mine(overtime) {
    const back = h("button.button.quiet", { type: "button" }, "Take it back");
    back.addEventListener("click", () => this.#busy(back, () => this.#session.declineOvertime()));
    return [
      h("h2", "More time"),
      h(
        "p",
        { role: "status" },
        `You asked for ${overtime.minutes} more minutes. ${this.#peer} has `,
        this.#left(overtime),
        " to answer.",
      ),
      h("div.row", back),
    ];
  }

  /** @param {Overtime} overtime */
  #asked(overtime) {
    const pays = this.#session.snapshot.role === "client";
    const card = pays ? this.#card() : null;
    const yes = h(
      "button.button.primary",
      { type: "button" },
      pays ? `Yes, hold ${money(overtime.price)}` : "Yes, go on",
    );
    const no = h("button.button", { type: "button" }, "No");
    yes.addEventListener("click", () =>
      this.#busy(yes, async () => void (await this.#session.confirmOvertime(card?.chosen() ?? undefined))),
    );
    no.addEventListener("click", () => this.#busy(no, () => this.#session.declineOvertime()));
    return [
      h("h2", { role: "status" }, `${this.#peer} asks for ${overtime.minutes} more minutes`),
      h(
        "p",
        pays
          ? `${money(overtime.price)} is held on your card; only what is used is charged.`
          : `It brings up to ${money(overtime.price)}, paid by the client.`,
      ),
      card?.node,
      h("p.quiet.small", "Answer within ", this.#left(overtime), "."),
      h("div.row", yes, no),
    ];
  }

  /** @param {Overtime} overtime */
  #bank(overtime) {
    const secret = overtime.clientSecret ?? "";
    const look = async () => {
      await this.#session.overtimePaymentConfirmed();
    };
    const step = bankStep(this.#app, secret, look, "the session goes on by itself");
    this.#shown.add(step.stop);
    const no = h("button.button.quiet", { type: "button" }, "Do without");
    no.addEventListener("click", () => this.#busy(no, () => this.#session.declineOvertime()));
    return [
      h("h2", { role: "status" }, "Your bank asks you to confirm"),
      h("p", `${money(overtime.price)} for ${overtime.minutes} more minutes (3-D Secure).`),
      step.node,
      h("div.row", no),
    ];
  }

  /** @param {Overtime} overtime */
  #agreed(overtime) {
    const more = h("button.button.quiet.small", { type: "button" }, "Still more time");
    const { role, overtimeRate } = this.#session.snapshot;
    more.addEventListener("click", () => this.#form(role === "client", overtimeRate));
    return [
      h("h2", `${overtime.minutes} more minutes`),
      h(
        "p.quiet",
        overtime.state === "active"
          ? "They are running. Only what is used is charged."
          : "They begin where the booked time ends. Only what is used is charged.",
      ),
      h("div.row", more),
    ];
  }

  /** @param {Overtime} overtime */
  #left({ expiresAt }) {
    const node = h("strong.figures");
    this.#shown.add(clock.every(() => (node.textContent = duration(Math.ceil(clock.until(expiresAt))))));
    return node;
  }

  #card() {
    const card = cardField(this.#app, { without: "You need a card for that. " });
    // Going to another page would leave the room.
    void card.ready.then(() => card.node.querySelector("a")?.setAttribute("target", "_blank"));
    return card;
  }

  /** @param {any} button @param {() => Promise<unknown>} work */
  async #busy(button, work) {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      await work();
    } catch (error) {
      toastTrouble(error);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  }
}

/**
 * @param {import("../main.js").App} app
 * @param {VideoSession} session
 * @param {string} peer
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function overtimeCard(app, session, peer) {
  const card = new OvertimeCard(app, session, peer);
  return { node: card.node, stop: () => card.stop() };
}
