// @ts-check
// What the forms of a coach's business share.
import { wrongField } from "../calendar/moments.js";
import { field } from "../form.js";
import { amountText, parseAmount } from "./amounts.js";

const AMOUNT = "An amount like 49.50, please.";

/** The control of a field. @param {any} node @returns {any} */
export function control(node) {
  return node.querySelector("[name]");
}

/** What stands in a field, without blanks around it. @param {any} node @returns {string} */
export function textOf(node) {
  return control(node).value.trim();
}

/** A whole number, or null where nothing was written. @param {any} node @returns {number | null} */
export function numberOf(node) {
  return control(node).value === "" ? null : Number(control(node).value);
}

/**
 * A field for a whole number.
 * @param {string} label
 * @param {string} name
 * @param {number | null | undefined} value
 * @param {{min: number, max: number, step?: number, hint?: string, required?: boolean, wrong?: string}} limits
 */
export function wholeField(label, name, value, { min, max, step = 1, hint, required = true, wrong }) {
  return field({
    label,
    name,
    hint,
    wrong:
      wrong ??
      (step === 1 ? `A whole number from ${min} to ${max}.` : `From ${min} to ${max}, in steps of ${step}.`),
    input: { type: "number", inputmode: "numeric", min, max, step, required, value: value ?? "" },
  });
}

/**
 * A field for an amount of money, in the currency's own unit; {@link amountOf} reads it.
 * @param {string} label
 * @param {string} name
 * @param {{amount: number, currency: string} | null} value
 * @param {string} currency
 * @param {{hint?: string, required?: boolean, wrong?: string}} [options]
 */
export function amountField(label, name, value, currency, { hint, required = true, wrong = AMOUNT } = {}) {
  return field({
    label: `${label} (${currency})`,
    name,
    hint,
    wrong,
    input: { inputmode: "decimal", autocomplete: "off", required, value: value ? amountText(value) : "" },
  });
}

/**
 * @param {any} node  made by {@link amountField}
 * @param {string} currency
 * @returns {{amount: number, currency: string} | null}  null where nothing was written; it throws what is no amount
 */
export function amountOf(node, currency) {
  const text = textOf(node);
  if (text === "") return null;
  const amount = parseAmount(text, currency);
  if (amount === null) throw wrongField(control(node).name, AMOUNT);
  return { amount, currency };
}
