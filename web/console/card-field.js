// @ts-check
// Which saved card pays: the default, or another one after that was refused.
import { h, replace, uid } from "./dom.js";
import { cardBrand } from "./format.js";
import { icon } from "./icons.js";
import { explain } from "./words.js";

/** @typedef {{id: string, brand: string, last4: string, isDefault: boolean}} Card  of GET /api/payment-methods */

/**
 * @param {import("./main.js").App} app
 * @param {object} [options]
 * @param {string | null} [options.refused]  a card that was refused just now: another one is offered first
 * @param {string} [options.without]  what to say to somebody who has no card
 * @returns {{node: HTMLElement, chosen: () => string | null, ready: Promise<void>}}
 */
export function cardField(app, { refused = null, without = "You need a card before you can call. " } = {}) {
  const id = uid("card");
  /** @type {HTMLSelectElement | null} */
  let select = null;
  const add = h("a", { href: "/cards" }, "Add a card");
  // A link inside a modal leads away from it.
  add.addEventListener("click", () =>
    add.closest("dialog")?.dispatchEvent(new Event("cancel", { cancelable: true })),
  );
  const node = h("div.field", h("span.skeleton.line"));
  const ready = app.rapport.api.get("/api/payment-methods").then(
    (/** @type {{items: Card[]}} */ { items }) => {
      if (items.length === 0) {
        return replace(node, h("div.banner.warn", icon("card"), h("p", without), add));
      }
      const options = items.map((card) =>
        h(
          "option",
          { value: card.id },
          `${cardBrand(card.brand)} •••• ${card.last4}${card.isDefault ? " (default)" : ""}`,
        ),
      );
      const others = items.filter((card) => card.id !== refused);
      const first = others.find((card) => card.isDefault) ?? others[0] ?? items[0];
      select = h(`select#${id}`, { value: first.id }, options);
      replace(node, h("div.row.between", h("label.label", { for: id }, "Pay with"), add), select);
    },
    (/** @type {unknown} */ error) => replace(node, h("p.banner.bad", explain(error).text)),
  );
  return { node, chosen: () => select?.value ?? null, ready };
}
