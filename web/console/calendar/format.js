// @ts-check
// Times of a calendar as a person reads them: in the locale of their browser, and in a zone that is said.
import { LOCALES } from "../locales.js";
import { dateIn, offsetLabel } from "./zones.js";

/** @typedef {number | string} Instant  milliseconds since 1970, or RFC 3339 */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
function formatOf(options) {
  const key = JSON.stringify(options);
  const made = formats.get(key) ?? new Intl.DateTimeFormat(LOCALES, options);
  formats.set(key, made);
  return made;
}

/** @param {Instant} instant */
function ms(instant) {
  return typeof instant === "number" ? instant : Date.parse(instant);
}

/** "9:30 AM", "09:30". @param {Instant} instant @param {string} zone */
export function clockTime(instant, zone) {
  return formatOf({ hour: "numeric", minute: "2-digit", timeZone: zone }).format(ms(instant));
}

/** A time of day without a date: minutes since midnight. @param {number} minutes */
export function timeOfDay(minutes) {
  return clockTime((minutes % 1440) * 60_000, "UTC");
}

/** "9:30 – 10:15 AM". @param {Instant} start @param {Instant} end @param {string} zone */
export function timeRange(start, end, zone) {
  const format = formatOf({ hour: "numeric", minute: "2-digit", timeZone: zone });
  if (dateIn(zone, ms(start)) === dateIn(zone, ms(end))) return format.formatRange(ms(start), ms(end));
  return `${format.format(ms(start))} – ${format.format(ms(end))}`;
}

/** "Tue, Mar 3"; with the year if it is another one than now. @param {Instant} instant @param {string} zone */
export function dayOf(instant, zone) {
  return dayName(dateIn(zone, ms(instant)));
}

/**
 * "Tue, Mar 3" for "2026-03-03"; with the year if it is another one than now.
 * @param {string} date
 * @param {"short" | "long"} [length]
 */
export function dayName(date, length = "short") {
  const thisYear = date.slice(0, 4) === String(new Date().getFullYear());
  return formatOf({
    weekday: length,
    day: "numeric",
    month: length,
    ...(thisYear ? {} : { year: "numeric" }),
    timeZone: "UTC",
  }).format(Date.parse(`${date}T00:00:00Z`));
}

/** "Tue", "Tuesday". @param {string} date @param {"short" | "long" | "narrow"} [length] */
export function weekday(date, length = "short") {
  return formatOf({ weekday: length, timeZone: "UTC" }).format(Date.parse(`${date}T00:00:00Z`));
}

/** "Tuesday" for 1; Monday is 0. @param {number} index @param {"short" | "long"} [length] */
export function weekdayName(index, length = "long") {
  // 2024 began with a Monday.
  return weekday(`2024-01-0${index + 1}`, length);
}

/** "Mar 2 – 8, 2026". @param {string} first @param {string} last */
export function dateRange(first, last) {
  const format = formatOf({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  return format.formatRange(Date.parse(`${first}T00:00:00Z`), Date.parse(`${last}T00:00:00Z`));
}

/** "Tue, Mar 3, 9:30 – 10:15 AM". @param {Instant} start @param {Instant} end @param {string} zone */
export function whole(start, end, zone) {
  return `${dayOf(start, zone)}, ${timeRange(start, end, zone)}`;
}

/** "45 min", "1 h", "1 h 30 min". @param {number} minutes */
export function length(minutes) {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  return [hours && `${hours} h`, (rest || !hours) && `${rest} min`].filter(Boolean).join(" ");
}

/** "Europe/Berlin (UTC+2)". @param {string} zone @param {number} instant */
export function zoneLabel(zone, instant) {
  const offset = offsetLabel(zone, instant);
  return zone === "UTC" ? "UTC" : `${zone.replaceAll("_", " ")} (${offset})`;
}
