// @ts-check
// What a session costs, and why it costs that.
import { h } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";

/**
 * @typedef {object} Quote  of POST /api/prices/calculate, and in a booking
 * @property {number} base  minor units, tax included
 * @property {number} amount
 * @property {string} currency
 * @property {"base" | "time_rate" | "special_period" | "code"} reason
 * @property {string} label  the coach's word for the rule, or the code
 */

/** "Evening discount", "Code WELCOME"; empty for the plain price. @param {Pick<Quote, "reason" | "label">} quote */
export function reasonWords({ reason, label }) {
  if (reason === "base") return "";
  if (reason === "code") return `Code ${label}`;
  return label || (reason === "time_rate" ? "Price of this time of day" : "Price of these days");
}

/** "Evening discount, −20%"; the per cent are left out where they would be a lie. @param {Quote} quote */
export function savingWords(quote) {
  const words = reasonWords(quote);
  if (!words || quote.amount >= quote.base) return words;
  const percent = (100 * (quote.base - quote.amount)) / quote.base;
  const whole = Math.round(percent);
  return Math.abs(percent - whole) < 0.05 ? `${words}, −${whole}%` : words;
}

/** The price as it is read at a glance. @param {Quote} quote */
export function priceNode(quote) {
  const { base, amount, currency } = quote;
  const lower = amount < base;
  const reason = savingWords(quote);
  return h(
    "div.price",
    h(
      "p.price-line.figures",
      lower && [
        h("span.visually-hidden", "Instead of "),
        h("s.quiet", money({ amount: base, currency })),
        h("span.visually-hidden", " now "),
      ],
      h("strong.figures.big", amount === 0 ? "Free" : money({ amount, currency })),
    ),
    reason && h("p.price-reason", h("span.badge.good", icon("tag"), reason)),
  );
}
