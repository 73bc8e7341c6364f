// @ts-check
// Paying for a booking: with a saved card, here; or on the gateway's own page, and back. The deadline counts down. What
// the gateway says is final; this page only asks the server to look there.
import { RapportError } from "../../client/errors.js";
import { randomId } from "../../client/random-id.js";
import { bankStep } from "../call/bank.js";
import { cardField } from "../card-field.js";
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { explain, refusal } from "../words.js";
import { leftWords } from "./left.js";

/** @typedef {import("./story.js").BookingView} BookingView */

/** Should the word of a payment get lost, the gateway is looked at again. */
const LOOK_AGAIN_MS = 4_000;
/** From here on the countdown is said to be short, seconds. */
const SHORT = 120;

/**
 * @param {import("../main.js").App} app
 * @param {BookingView} view
 * @param {object} parts
 * @param {boolean} parts.returned  from the gateway's page just now, with word that it is paid
 * @param {() => Promise<void>} parts.reread  the booking, after something was paid
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function payPanel(app, view, { returned, reread }) {
  const { api } = app.rapport;
  const kept = bag();
  const steps = bag();
  const place = h("div.stack");
  const problem = h("div", { role: "alert" });
  const price = { amount: view.price.amount, currency: view.price.currency };
  /** @type {string | null} */
  let refused = null;
  let key = randomId();

  const say = (/** @type {string} */ title, /** @type {string} */ text) =>
    replace(problem, h("div.banner.bad", icon("warn"), h("p", h("strong", `${title}. `), text)));

  /** @param {unknown} error */
  const trouble = (error) => {
    const { title, text } = explain(error);
    const { code, details } = RapportError.of(error);
    if (code === "PAYMENT_REFUSED")
      say("The card was refused", `${refusal(String(details?.reason))} Nothing was charged.`);
    else if (code === "NO_PAYMENT_METHOD") say(title, "Save a card, or pay on the payment page.");
    else say(title, text);
  };

  /** Ask the server to look at the gateway; true once nothing more is to be done here. @param {string} paymentId */
  const confirm = async (paymentId) => {
    const { state, failure } = await api.post("/api/payments/confirm", { paymentId });
    if (["failed", "cancelled"].includes(state)) {
      say("That did not work", `${failure ? refusal(failure) : "It was not paid."} Nothing was charged.`);
      form();
      return true;
    }
    if (["requires_action", "created", "processing"].includes(state)) return false;
    await reread();
    return true;
  };

  /** @param {string} words */
  const waiting = (words) => replace(place, h("p.with-icon", { role: "status" }, icon("clock"), words));

  /** Look again until the gateway has said what came of it. @param {string} paymentId @param {string} words */
  const watch = (paymentId, words) => {
    steps.dispose();
    waiting(words);
    let looking = false;
    const look = async () => {
      if (looking) return;
      looking = true;
      try {
        if (await confirm(paymentId)) clearInterval(timer);
      } catch (error) {
        if (!RapportError.of(error).retryable) {
          clearInterval(timer);
          trouble(error);
          form();
        }
      } finally {
        looking = false;
      }
    };
    const timer = setInterval(look, LOOK_AGAIN_MS);
    steps.add(() => clearInterval(timer));
    void look();
  };

  /** @param {{paymentId: string, clientSecret: string}} intent */
  const bank = ({ paymentId, clientSecret }) => {
    steps.dispose();
    const step = bankStep(app, clientSecret, () => confirm(paymentId), "the payment goes on by itself");
    steps.add(step.stop);
    const other = h("button.button.quiet", { type: "button" }, "Pay in another way");
    other.addEventListener("click", form);
    replace(
      place,
      h("h3", "Your bank asks you to confirm"),
      h("p", "It wants to be sure that it is you who pays (3-D Secure)."),
      step.node,
      h("div.row", other),
    );
  };

  /** @param {any} button @param {() => Promise<void>} work */
  const busy = async (button, work) => {
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    replace(problem);
    try {
      await work();
    } catch (error) {
      key = randomId();
      trouble(error);
      if (RapportError.of(error).code === "ILLEGAL_STATE") await reread().catch(() => {});
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  };

  function form() {
    steps.dispose();
    const card = cardField(app, {
      refused,
      without: "No card is saved here. Add one, or pay on the payment page. ",
    });
    const pay = h(
      "button.button.primary.big.wide",
      { type: "button", disabled: true },
      `Pay ${money(price)}`,
    );
    card.ready.then(() => (pay.disabled = !card.chosen()));
    pay.addEventListener("click", () =>
      busy(pay, async () => {
        const paymentMethodId = card.chosen();
        refused = paymentMethodId;
        const body = { bookingId: view.bookingId, ...(paymentMethodId ? { paymentMethodId } : {}) };
        const intent = await api.post("/api/payments/intents", body, { idempotencyKey: key });
        key = randomId();
        if (intent.state === "requires_action" && intent.clientSecret) bank(intent);
        else watch(intent.paymentId, "Being paid…");
      }),
    );
    const hosted = h("button.button.wide", { type: "button" }, "Pay on the payment page", icon("external"));
    hosted.addEventListener("click", () =>
      busy(hosted, async () => {
        const { url } = await api.post(
          "/api/payments/checkout-session",
          { bookingId: view.bookingId },
          { idempotencyKey: randomId() },
        );
        if (url) location.assign(url);
        else await reread();
      }),
    );
    replace(place, card.node, pay, h("p.or.quiet.small", "or"), hosted);
  }

  const left = h("strong.figures");
  const line = h("p.with-icon.deadline", icon("clock"), h("span", "To be paid within ", left));
  if (view.expiresAt) {
    const until = view.expiresAt;
    const stop = clock.every(() => {
      const rest = clock.until(until);
      left.textContent = leftWords(Math.ceil(rest));
      line.classList.toggle("bad", rest < SHORT);
    });
    kept.add(stop);
  }
  /** A payment that was begun before this page was opened anew goes on where it was. @param {string} paymentId */
  const resume = async (paymentId) => {
    const payment = await api.get(`/api/payments/${paymentId}`).catch(() => null);
    if (payment?.clientSecret) bank(payment);
    else form();
  };
  if (returned && view.paymentId) watch(view.paymentId, "Looking whether the payment arrived…");
  else if (view.paymentId && view.paymentState === "requires_action") void resume(view.paymentId);
  else form();
  const node = h(
    "section.card.stack.pay-card",
    { ariaLabel: "Payment" },
    h("div.row.between", h("h2", "Pay"), view.expiresAt && line),
    problem,
    place,
  );
  return {
    node,
    stop() {
      kept.dispose();
      steps.dispose();
    },
  };
}
