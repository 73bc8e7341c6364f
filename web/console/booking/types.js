// @ts-check
// What a coach offers, as a client reads it.
import { length } from "../calendar/format.js";
import { money } from "../format.js";
import { LOCALES } from "../locales.js";

/**
 * @typedef {import("../format.js").Money} Money
 *
 * @typedef {object} SessionType  of GET /api/coaches/{userId}/session-types
 * @property {string} sessionTypeId
 * @property {{[language: string]: string}} names
 * @property {{[language: string]: string}} [descriptions]
 * @property {"one_to_one" | "group"} format
 * @property {Money} price  of `durationDefault` minutes
 * @property {number} durationMin
 * @property {number} durationMax
 * @property {number} durationDefault
 * @property {number[]} [durations]
 * @property {boolean} instant
 * @property {{fullRefundHours: number, partialRefundHours: number, partialRefundPercent: number}} [policy]
 */

/** How durations rise, minutes. */
const STEP = 15;

/**
 * A text in the reader's language, else in English, else in whatever there is.
 * @param {{[language: string]: string} | undefined} texts
 * @param {readonly string[]} [locales]
 */
export function inOwnWords(texts, locales = LOCALES) {
  if (!texts) return "";
  const own = locales.map((one) => one.split("-")[0]).find((one) => texts[one]);
  return texts[own ?? "en"] ?? Object.values(texts)[0] ?? "";
}

/** How long such a session may last, minutes. @param {SessionType} type */
export function durationsOf(type) {
  if (type.durations) return type.durations;
  const all = new Set([type.durationDefault]);
  for (let minutes = type.durationMin; minutes <= type.durationMax; minutes += STEP) all.add(minutes);
  return [...all].sort((one, other) => one - other);
}

/** "30 – 90 min", "1 h". @param {SessionType} type */
export function lengthWords(type) {
  const all = durationsOf(type);
  const [least, most] = [all[0], all[all.length - 1]];
  return least === most ? length(least) : `${length(least)} – ${length(most)}`;
}

/** "$60.00 for 1 h", or with all lengths there are. @param {SessionType} type */
export function priceWords(type) {
  const usual = `${money(type.price)} for ${length(type.durationDefault)}`;
  return durationsOf(type).length > 1 ? `${usual} · ${lengthWords(type)}` : usual;
}

/** "24 hours", "2 days". @param {number} hours */
function span(hours) {
  if (hours >= 48 && hours % 24 === 0) return `${hours / 24} days`;
  return `${hours} hour${hours === 1 ? "" : "s"}`;
}

/** What comes back when one cancels. @param {SessionType} type */
export function policyWords({ policy }) {
  if (!policy) return "";
  const { fullRefundHours: full, partialRefundHours: part, partialRefundPercent: percent } = policy;
  const all = full === 0 ? "Cancel before it begins" : `Cancel ${span(full)} ahead`;
  const rest = percent > 0 && part < full ? `, ${span(part)} ahead ${percent}% of it` : "";
  return `${all} and all of it comes back${rest}.`;
}
