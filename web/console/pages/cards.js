// @ts-check
// Saved cards: which one pays, taking one away, and on the offline gateway, adding a test card.
import { RapportError } from "../../client/errors.js";
import { randomId } from "../../client/random-id.js";
import { confirm } from "../dialog.js";
import { h, redrawList } from "../dom.js";
import { cardBrand, country } from "../format.js";
import { icon } from "../icons.js";
import { toast, toastTrouble } from "../toast.js";
import { refusal } from "../words.js";

/**
 * @typedef {import("../router.js").Context} Context
 *
 * @typedef {object} Card  of GET /api/payment-methods
 * @property {string} id
 * @property {string} brand
 * @property {string} last4
 * @property {number} expMonth
 * @property {number} expYear
 * @property {string} [country]
 * @property {boolean} isDefault
 */

/** @param {Card} card */
function cardName(card) {
  return `${cardBrand(card.brand)} ending in ${card.last4}`;
}

/** @param {Card} card */
function cardFace(card) {
  return h(
    `span.card-face.brand-${card.brand.replaceAll(/[^a-z]/g, "")}`,
    { "aria-hidden": "true" },
    h("span", cardBrand(card.brand)),
    h("span.figures", `•••• ${card.last4}`),
  );
}

/**
 * @param {Card} card
 * @param {{choose: (card: Card) => void, remove: (card: Card) => void}} run
 */
function cardItem(card, run) {
  const month = String(card.expMonth).padStart(2, "0");
  return h(
    "li.list-item.card-item",
    cardFace(card),
    h(
      "div.grow",
      h("strong.block", cardName(card)),
      h(
        "span.quiet.small",
        `Good until ${month}/${card.expYear}`,
        card.country && ` · ${country(card.country)}`,
      ),
    ),
    h(
      "div.row.tight.card-acts",
      card.isDefault
        ? h("span.badge.good", "Pays by default")
        : h(
            "button.button.small",
            {
              type: "button",
              onclick: () => run.choose(card),
              ariaLabel: `Make ${cardName(card)} the default`,
            },
            "Make default",
          ),
      h(
        "button.button.quiet.danger.small.icon-only",
        { type: "button", onclick: () => run.remove(card), ariaLabel: `Remove ${cardName(card)}` },
        icon("trash"),
      ),
    ),
  );
}

/**
 * @param {Context} ctx
 * @param {(card: Card) => void} added
 */
function testCards(ctx, added) {
  const cards = ctx.app.about.payments.testCards ?? [];
  const add = (/** @type {string} */ token) => async (/** @type {any} */ event) => {
    const button = event.currentTarget;
    button.disabled = true;
    button.setAttribute("aria-busy", "true");
    try {
      const body = { paymentMethodToken: token };
      added(
        await ctx.rapport.api.post("/api/payment-methods", body, { idempotencyKey: randomId() }),
      );
    } catch (error) {
      const { code, details } = RapportError.of(error);
      // In the words of a call it would say that no coach was disturbed.
      if (code === "PAYMENT_REFUSED")
        toast(`${refusal(String(details?.reason))} It was not saved.`, { kind: "bad" });
      else toastTrouble(error);
    } finally {
      button.disabled = false;
      button.removeAttribute("aria-busy");
    }
  };
  return h(
    "section.card.flush",
    { "aria-labelledby": "test-cards" },
    h(
      "div.card-pad.stack.tight",
      h("h2#test-cards", "Add a test card"),
      h(
        "p.quiet",
        "This server runs with an offline gateway: no bank, no money. Each of these cards behaves in its own way.",
      ),
    ),
    h(
      "ul.list.ruled",
      cards.map(({ token, label }) =>
        h(
          "li.list-item",
          h("div.grow", h("strong.block", label), h("code.quiet.small", token)),
          h(
            "button.button.small",
            { type: "button", onclick: add(token), ariaLabel: `Add: ${label}` },
            icon("plus"),
            "Add",
          ),
        ),
      ),
    ),
  );
}

function realStripe() {
  return h(
    "section.card.stack.tight",
    h("h2", "Adding a card"),
    h(
      "p",
      "Card numbers are typed into Stripe's own form and never reach this server. That form comes with the hosted " +
        "checkout, which this console does not have yet.",
    ),
    h(
      "p.quiet",
      "Until then, a card is saved over the API: make a payment method with Stripe's library, then send its token to ",
      h("code", "POST /api/payment-methods"),
      ".",
    ),
  );
}

function noCards() {
  return h(
    "div.empty",
    h("span.empty-icon", icon("card")),
    h("h2", "No card yet"),
    h(
      "p",
      "A card is needed before you call. Nothing is taken when you save it; you pay only for the time you talk.",
    ),
  );
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function cardsPage(ctx) {
  const { api } = ctx.rapport;
  const place = h("div.card.flush");
  const read = async () => /** @type {Card[]} */ ((await api.get("/api/payment-methods")).items);
  const draw = (/** @type {Card[]} */ cards) => {
    const sorted = [...cards].sort((one, other) => Number(other.isDefault) - Number(one.isDefault));
    redrawList(
      place,
      cards.length === 0
        ? noCards()
        : h(
            "ul.list",
            { ariaLabel: "Saved cards" },
            sorted.map((card) => cardItem(card, { choose, remove })),
          ),
    );
  };
  const attempt = async (/** @type {() => Promise<unknown>} */ work, /** @type {string} */ done) => {
    try {
      await work();
      draw(await read());
      toast(done, { kind: "good" });
    } catch (error) {
      toastTrouble(error);
    }
  };
  const choose = (/** @type {Card} */ card) =>
    attempt(() => api.put(`/api/payment-methods/${card.id}/default`), `${cardName(card)} pays from now on.`);
  const remove = async (/** @type {Card} */ card) => {
    const sure = await confirm({
      title: `Remove ${cardName(card)}?`,
      body: "Calls that it has paid for stay in your history. You can save it again any time.",
      yes: "Remove card",
      danger: true,
    });
    if (sure)
      await attempt(() => api.delete(`/api/payment-methods/${card.id}`), `${cardName(card)} is removed.`);
  };
  draw(await read());
  const added = async (/** @type {Card} */ card) => {
    draw(await read());
    toast(`${cardName(card)} is saved.`, { kind: "good" });
  };
  const sandbox = ctx.app.about.payments.gateway === "sandbox";
  const node = h(
    "section.page.narrow",
    h(
      "header.page-head",
      h(
        "div",
        h("h1", "Cards"),
        h("p", "The default card pays for your calls and sessions, unless you choose another one before."),
      ),
    ),
    place,
    sandbox ? testCards(ctx, added) : realStripe(),
  );
  return { title: "Cards", node };
}
