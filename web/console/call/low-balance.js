// @ts-check
// The card gave no more: the client chooses another or confirms with the bank; the coach learns only that
// payment is being sorted out.
import { h, replace, uid } from "../dom.js";
import { cardBrand, duration } from "../format.js";
import { icon } from "../icons.js";
import { storyOf } from "../open-call.js";
import { toast } from "../toast.js";
import { explain, refusal } from "../words.js";
import { bankStep } from "./bank.js";

/** @typedef {import("../../client/live-call.js").LiveCall} LiveCall */

/**
 * @param {import("../main.js").App} app
 * @param {LiveCall} call
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function lowBalance(app, call) {
  const node = h("div.low-balance-place", { role: "status" });
  let drawn = "";
  let stopBank = () => {};
  /**
   * What the server had not told again after a reload, or what a try came to.
   * @type {{reason?: string, clientSecret?: string | null}}
   */
  let known = {};
  let looking = false;

  const draw = () => {
    const low = call.snapshot.lowBalance;
    const key = JSON.stringify([low, known, call.snapshot.authorizedSeconds]);
    if (key === drawn) return;
    drawn = key;
    stopBank();
    if (!low) {
      known = {};
      if (node.hasChildNodes() && !call.closed) toast("The next minutes are paid for.", { kind: "good" });
      return replace(node);
    }
    if (call.snapshot.role === "callee") return replace(node, forCoach(call));
    if (low.reason === null && !known.reason && !looking) void look();
    const reason = known.reason ?? low.reason ?? undefined;
    const secret = "clientSecret" in known ? known.clientSecret : low.clientSecret;
    replace(node, forClient(reason, secret));
  };

  /** After a reload only the document knows why. */
  const look = async () => {
    looking = true;
    try {
      const story = await app.rapport.api.get(storyOf(call.sessionId));
      const hold = story.holds.at(-1);
      known = {
        reason: hold?.refusal ?? hold?.state ?? "card_declined",
        clientSecret: hold?.clientSecret ?? null,
      };
      draw();
    } catch {
      // Another card can be chosen without knowing why; the next change looks again.
    } finally {
      looking = false;
    }
  };

  /**
   * @param {string | undefined} reason
   * @param {string | null | undefined} secret
   */
  function forClient(reason, secret) {
    const stops = `The call stops at ${duration(call.snapshot.authorizedSeconds)} unless it is paid for.`;
    const bank = secret ? bankStep(app, secret, confirm) : null;
    stopBank = bank?.stop ?? (() => {});
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
      otherCard(app, use),
    );
  }

  const confirm = async () => {
    const { status } = await call.paymentConfirmed();
    if (status !== "requires_action") tell(status);
  };

  /** @param {string} cardId */
  const use = async (cardId) => {
    try {
      const { status, clientSecret } = await call.useCard(cardId);
      if (status === "requires_action") {
        known = { reason: "requires_action", clientSecret };
        return draw();
      }
      tell(status);
    } catch (error) {
      const { title, text } = explain(error);
      toast(`${title}. ${text}`, { kind: "bad" });
    }
  };

  /** @param {string} status */
  const tell = (status) => {
    if (status === "authorized") return;
    known = { clientSecret: null };
    toast("That card was refused too. Try another one.", { kind: "bad" });
    draw();
  };

  const stops = [call.on("change", draw), call.on("low-balance", () => (known = {}))];
  draw();
  return {
    node,
    stop() {
      stopBank();
      for (const stop of stops) stop();
    },
  };
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
