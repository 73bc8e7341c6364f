// @ts-check
// Amounts as people write them, to minor units and back without a floating point in between.

/** @param {string} currency */
function digitsOf(currency) {
  return (
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2
  );
}

/**
 * "12.50" or "12,5" as minor units: 1250 of USD, 12500 of KWD. Null for what is no amount of this currency: letters,
 * a sign, a fraction that it does not have, or more than can be counted exactly.
 * @param {string} text
 * @param {string} currency
 * @returns {number | null}
 */
export function parseAmount(text, currency) {
  const found = /^(\d+)(?:[.,](\d*))?$/.exec(text.trim());
  if (!found) return null;
  const digits = digitsOf(currency);
  const fraction = (found[2] ?? "").replace(/0+$/, "");
  if (fraction.length > digits) return null;
  const minor = Number(found[1] + fraction.padEnd(digits, "0"));
  return Number.isSafeInteger(minor) ? minor : null;
}

/** "12.50" for 1250 of USD. @param {{amount: number, currency: string}} money */
export function amountText({ amount, currency }) {
  const digits = digitsOf(currency);
  const text = String(amount).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** Whole per cents from 1 to 100; null for anything else. @param {string} text */
export function parsePercent(text) {
  const found = /^(\d{1,3})\s*%?$/.exec(text.trim());
  const value = found ? Number(found[1]) : 0;
  return value >= 1 && value <= 100 ? value : null;
}
