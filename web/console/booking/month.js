// @ts-check
// Months, and which starts fall on which of their days in a zone. Pure. A month is "2026-03", a date "2026-03-29".
import { addDays, dateIn, instantOf, weekdayOf } from "../calendar/zones.js";

/** @typedef {{start: string, end: string, instant: boolean}} Start  of GET /api/coaches/{userId}/starts */

/** @param {string} date */
export function monthOf(date) {
  return date.slice(0, 7);
}

/** @param {string} month @param {number} by  months */
export function addMonths(month, by) {
  const [year, number] = month.split("-").map(Number);
  return new Date(Date.UTC(year, number - 1 + by, 1)).toISOString().slice(0, 7);
}

/** The days of a month, in weeks from Monday to Sunday; null where the week belongs to another month. @param {string} month */
export function weeksOf(month) {
  const first = `${month}-01`;
  const next = `${addMonths(month, 1)}-01`;
  /** @type {(string | null)[]} */
  const days = Array.from({ length: weekdayOf(first) }, () => null);
  for (let date = first; date < next; date = addDays(date, 1)) days.push(date);
  while (days.length % 7) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(7 * week, 7 * week + 7));
}

/**
 * The span of a month in a zone, not before `now`; null if all of it is past.
 * @param {string} month
 * @param {string} zone
 * @param {number} now  milliseconds
 */
export function spanOf(month, zone, now) {
  const from = Math.max(instantOf(zone, `${month}-01`), now);
  const to = instantOf(zone, `${addMonths(month, 1)}-01`);
  return from < to ? { from, to } : null;
}

/**
 * Starts by the date on which they begin in a zone, in their order.
 * @param {Start[]} starts
 * @param {string} zone
 */
export function byDay(starts, zone) {
  /** @type {Map<string, Start[]>} */
  const days = new Map();
  for (const one of starts) {
    const date = dateIn(zone, Date.parse(one.start));
    const known = days.get(date);
    if (known) known.push(one);
    else days.set(date, [one]);
  }
  return days;
}

/** @typedef {"Night" | "Morning" | "Afternoon" | "Evening"} Part */

/**
 * The starts of one day, parted as people speak of a day.
 * @param {Start[]} starts
 * @param {(instant: number) => number} minutes  since midnight, in the zone
 * @returns {[Part, Start[]][]}
 */
export function partsOfDay(starts, minutes) {
  /** @type {(from: number, to: number) => Start[]} */
  const between = (from, to) =>
    starts.filter((one) => {
      const at = minutes(Date.parse(one.start));
      return at >= from && at < to;
    });
  /** @type {[Part, Start[]][]} */
  const parts = [
    ["Night", between(0, 300)],
    ["Morning", between(300, 720)],
    ["Afternoon", between(720, 1020)],
    ["Evening", between(1020, 1440)],
  ];
  return parts.filter(([, some]) => some.length > 0);
}
