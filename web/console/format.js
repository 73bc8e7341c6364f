// @ts-check
// Numbers, money and time as a person reads them, in the locale of their browser.
import { clock } from "./clock.js";
import { LOCALES } from "./locales.js";

/** @typedef {{amount: number, currency: string}} Money  minor units, ISO 4217 */

/** @param {string} currency */
function digits(currency) {
  const options = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return options.maximumFractionDigits ?? 2;
}

/** Minor units as a number in the currency's own unit: 3750 USD → 37.5. @param {Money} value */
export function major({ amount, currency }) {
  return amount / 10 ** digits(currency);
}

/** {@link major} as a number field takes it: "2.50". @param {Money} value */
export function plain(value) {
  return major(value).toFixed(digits(value.currency));
}

/**
 * The opposite of {@link major}, rounded to whole minor units.
 * @param {number} value
 * @param {string} currency
 */
export function minor(value, currency) {
  return Math.round(value * 10 ** digits(currency));
}

/** "$37.50". @param {Money} value */
export function money(value) {
  const format = new Intl.NumberFormat(LOCALES, { style: "currency", currency: value.currency });
  return format.format(major(value));
}

/** "$2.50 / min". @param {Money} value */
export function rate(value) {
  return `${money(value)} / min`;
}

/** "3:07", "1:02:05". @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** "3 minutes 7 seconds": for those who hear it. @param {number} seconds */
export function spoken(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 3600), "hour"],
    [Math.floor(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ].filter(([count]) => count);
  return parts.map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`).join(" ") || "0 seconds";
}

/** "21 Nov, 11:42"; with the year if it is another one. @param {string | number | Date} instant */
export function when(instant) {
  const date = new Date(instant);
  const thisYear = date.getFullYear() === new Date().getFullYear();
  return new Intl.DateTimeFormat(LOCALES, {
    day: "numeric",
    month: "short",
    ...(thisYear ? {} : { year: "numeric" }),
    hour: "numeric",
    minute: "2-digit",
  }).format(date);
}

/** "11:42:07". @param {string | number | Date} instant */
export function timeOfDay(instant) {
  return new Intl.DateTimeFormat(LOCALES, { hour: "numeric", minute: "2-digit", second: "2-digit" }).format(
    new Date(instant),
  );
}

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/**
 * "2 minutes ago", "just now"; the date itself when it is a week away or more.
 * @param {string | number | Date} instant  of the product's time, as everything the server tells
 * @param {number} [now] milliseconds
 */
export function relative(instant, now = clock.now()) {
  const seconds = (new Date(instant).getTime() - now) / 1000;
  const away = Math.abs(seconds);
  if (away < 45) return "just now";
  if (away >= 7 * 86_400) return when(instant);
  const [unit, size] = UNITS.find(([, length]) => away >= length * 0.75) ?? UNITS[2];
  return new Intl.RelativeTimeFormat(LOCALES).format(Math.round(seconds / size), unit);
}

/** "English" for "en"; the code itself where nobody knows it. @param {string} code */
export function language(code) {
  try {
    return new Intl.DisplayNames(LOCALES, { type: "language" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "Germany" for "DE". @param {string} code */
export function country(code) {
  try {
    return new Intl.DisplayNames(LOCALES, { type: "region" }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** "DC" for "Demo Coach". @param {string} name */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0], words[words.length - 1]] : words;
  return letters.map((word) => [...word][0].toLocaleUpperCase()).join("") || "?";
}

/** "Visa". @param {string} brand */
export function cardBrand(brand) {
  const known = /** @type {{[brand: string]: string}} */ ({
    visa: "Visa",
    mastercard: "Mastercard",
    amex: "American Express",
    discover: "Discover",
    diners: "Diners Club",
    jcb: "JCB",
    unionpay: "UnionPay",
  });
  return known[brand] ?? "Card";
}
