// @ts-check
// The card gave no more: the client chooses another or confirms with the bank; the coach learns only that
// payment is being sorted out.
import { h, replace, uid } from "../dom.js";
import { cardBrand, duration } from "../format.js";
import { icon } from "../icons.js";
import { storyOf } from "../open-call.js";
import { toast, toastTrouble } from "../toast.js";
import { explain, refusal } from "../words.js";
import { bankStep } from "./bank.js";

/** @typedef {import("../../client/live-call.js").LiveCall} LiveCall */

class LowBalance {
  #app;
  #call;
  #drawn = "";
  /**
   * What the server had not told again after a reload, or what a try came to.
   * @type {{reason?: string, clientSecret?: string | null}}
   */
  #known = {};
  #looking = false;
  #stopBank = () => {};
  #stops;
  node = h("div.low-balance-place", { role: "status" });

  /**
   * @param {import("../main.js").App} app
   * @param {LiveCall} call
   */
  constructor(app, call) {
    this.#app = app;
    this.#call = call;
    this.#stops = [call.on("change", this.#draw), call.on("low-balance", () => (this.#known = {}))];
    this.#draw();
  }

  stop() {
    this.#stopBank();
    for (const stop of this.#stops) stop();
  }

  #draw = () => {
    const { lowBalance: low, role, authorizedSeconds } = this.#call.snapshot;
    const key = JSON.stringify([low, this.#known, authorizedSeconds]);
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#stopBank();
    if (!low) return this.#clear();
    if (role === "callee") return replace(this.node, forCoach(this.#call));
    const known = this.#known;
    if (low.reason === null && !known.reason && !this.#looking) void this.#look();
    const secret = "clientSecret" in known ? known.clientSecret : low.clientSecret;
    replace(this.node, this.#forClient(known.reason ?? low.reason ?? undefined, secret));
  };

  #clear() {
    this.#known = {};
    const solved = this.node.hasChildNodes() && !this.#call.closed;
    if (solved) toast("The next minutes are paid for.", { kind: "good" });
    replace(this.node);
  }

  /** After a reload only the document knows why. */
  async #look() {
    this.#looking = true;
    try {
      const story = await this.#app.rapport.api.get(storyOf(this.#call.sessionId));
      const hold = story.holds.at(-1);
      const reason = hold?.refusal ?? hold?.state ?? "card_declined";
      this.#known = { reason, clientSecret: hold?.clientSecret ?? null };
      this.#draw();
    } catch {
      // Another card can be chosen without knowing why; the next change looks again.
    } finally {
      this.#looking = false;
    }
  }

  /**
   * @param {string | undefined} reason
   * @param {string | null | undefined} secret
   */
  #forClient(reason, secret) {
    const end = duration(this.#call.snapshot.authorizedSeconds);
    const stops = `The call stops at ${end} unless it is paid for.`;
    const bank = secret ? bankStep(this.#app, secret, this.#confirm) : null;
    this.#stopBank = bank?.stop ?? (() => {});
    return h(
      "section.low-balance.card",
      { ariaLabel: "Payment" },
      h(
        "div.row.fixed.low-balance-head",
        h("span.bad", icon("card")),
        h(
          "div",
          h("h2", secret ? "Your bank wants to confirm the next minutes" : "The card pays no further"),
          h("p", secret ? stops : `${refusal(reason)} ${stops}`),
        ),
      ),
      bank?.node,
      otherCard(this.#app, this.#use),
    );
  }

  #confirm = async () => {
    const { status } = await this.#call.paymentConfirmed();
    if (status !== "requires_action") this.#tell(status);
  };

  /** @param {string} cardId */
  #use = async (cardId) => {
    try {
      const { status, clientSecret } = await this.#call.useCard(cardId);
      if (status !== "requires_action") return this.#tell(status);
      this.#known = { reason: "requires_action", clientSecret };
      this.#draw();
    } catch (error) {
      toastTrouble(error);
    }
  };

  /** @param {string} status */
  #tell(status) {
    if (status === "authorized") return;
    this.#known = { clientSecret: null };
    toast("That card was refused too. Try another one.", { kind: "bad" });
    this.#draw();
  }
}

/**
 * The place where the client is asked for another way to pay; empty while there is no need.
 * @param {import("../main.js").App} app
 * @param {LiveCall} call
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function lowBalance(app, call) {
  const place = new LowBalance(app, call);
  return { node: place.node, stop: () => place.stop() };
}

/** @param {LiveCall} call */
function forCoach(call) {
  return h(
    "div.banner.warn",
    icon("clock"),
    h(
      "p",
      "The payment for the next minutes is being sorted out. If that fails, the call ends at " +
        `${duration(call.snapshot.authorizedSeconds)}; every second until then is yours.`,
    ),
  );
}

/**
 * @param {import("../main.js").App} app
 * @param {(cardId: string) => Promise<void>} use
 */
function otherCard(app, use) {
  const id = uid("other-card");
  const node = h("div.field", h("span.skeleton.line"));
  app.rapport.api.get("/api/payment-methods").then(
    ({ items }) => {
      const select = h(
        `select#${id}`,
        items.map((/** @type {any} */ card) =>
          h("option", { value: card.id }, `${cardBrand(card.brand)} •••• ${card.last4}`),
        ),
      );
      const go = h("button.button.primary.wide", { type: "button" }, "Pay with this card");
      go.addEventListener("click", async () => {
        go.disabled = true;
        go.setAttribute("aria-busy", "true");
        await use(select.value);
        go.disabled = false;
        go.removeAttribute("aria-busy");
      });
      replace(
        node,
        h("label", { for: id }, "Another card"),
        select,
        go,
        h("a.small", { href: "/cards" }, "Add a card (the call goes on meanwhile)"),
      );
    },
    (error) => replace(node, h("p.bad", explain(error).text)),
  );
  return node;
}
