// @ts-check
// Wall time and instants, in any IANA zone, by what the browser knows of zones. A date is "2026-03-29", a time of day is
// minutes since midnight as clocks show it, an instant is milliseconds since 1970.

const MINUTE = 60_000;
const DAY = 86_400_000;

/** @typedef {{year: number, month: number, day: number, hour: number, minute: number}} Wall */

/** Making one costs more than using it. @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {string} zone */
function formatOf(zone) {
  const known = formats.get(zone);
  if (known) return known;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    calendar: "gregory",
    numberingSystem: "latn",
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
  });
  formats.set(zone, made);
  return made;
}

/** The zone of this browser. */
export function ownZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
}

/**
 * What clocks and calendars of a zone show.
 * @param {string} zone
 * @param {number} instant
 * @returns {Wall}
 */
export function wallIn(zone, instant) {
  const found = { year: 0, month: 0, day: 0, hour: 0, minute: 0 };
  for (const { type, value } of formatOf(zone).formatToParts(instant)) {
    if (type in found) found[/** @type {keyof Wall} */ (type)] = Number(value);
  }
  return found;
}

/** @param {Wall} wall  as if it were UTC */
function asUtc({ year, month, day, hour, minute }) {
  return Date.UTC(year, month - 1, day, hour, minute);
}

/** The date in a zone. @param {string} zone @param {number} instant */
export function dateIn(zone, instant) {
  const { year, month, day } = wallIn(zone, instant);
  return dateOf(Date.UTC(year, month - 1, day));
}

/** Minutes since midnight, as the clocks of a zone show them. @param {string} zone @param {number} instant */
export function minutesIn(zone, instant) {
  const { hour, minute } = wallIn(zone, instant);
  return hour * 60 + minute;
}

/** @param {number} utc */
function dateOf(utc) {
  return new Date(utc).toISOString().slice(0, 10);
}

/** Days before or after a date. @param {string} date @param {number} days */
export function addDays(date, days) {
  return dateOf(Date.parse(`${date}T00:00:00Z`) + days * DAY);
}

/** 0 for Monday to 6 for Sunday. @param {string} date */
export function weekdayOf(date) {
  return (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The Monday on or before a date. @param {string} date */
export function mondayOf(date) {
  return addDays(date, -weekdayOf(date));
}

/**
 * The instant of a wall time. Where clocks are put forward, a time that they skip is that much later; where they
 * are put back, the first of the two is meant.
 * @param {string} zone
 * @param {string} date
 * @param {number} [minutes]  since midnight; 1440 is the next midnight
 */
export function instantOf(zone, date, minutes = 0) {
  const wanted = Date.parse(`${date}T00:00:00Z`) + minutes * MINUTE;
  // The offsets a day before and after are all that can hold here: clocks do not change twice in two days.
  const offsets = [wanted - DAY, wanted + DAY].map((near) => asUtc(wallIn(zone, near)) - near);
  const found = offsets
    .map((offset) => wanted - offset)
    .filter((instant) => asUtc(wallIn(zone, instant)) === wanted);
  if (found.length > 0) return Math.min(...found);
  return wanted - offsets[0];
}

/**
 * Whether a wall time exists on a date: it does not, where clocks are put forward over it.
 * @param {string} zone
 * @param {string} date
 * @param {number} minutes
 */
export function exists(zone, date, minutes) {
  const instant = instantOf(zone, date, minutes);
  const on = minutes === 1440 ? addDays(date, 1) : date;
  return dateIn(zone, instant) === on && minutesIn(zone, instant) === minutes % 1440;
}

/** Half past nine: 570 for "09:30", "24:00" is the end of a day; null for anything else. @param {string} text */
export function parseTime(text) {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2]);
  return Number(found[2]) < 60 && minutes <= 1440 ? minutes : null;
}

/** "09:30" for 570. @param {number} minutes */
export function timeText(minutes) {
  const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
  return `${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** "UTC+2" or "UTC+5:30", as it is at an instant. @param {string} zone @param {number} instant */
export function offsetLabel(zone, instant) {
  const floor = Math.floor(instant / MINUTE) * MINUTE;
  const minutes = (asUtc(wallIn(zone, floor)) - floor) / MINUTE;
  if (minutes === 0) return "UTC";
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? "−" : "+"}${hours}${rest ? `:${String(rest).padStart(2, "0")}` : ""}`;
}

/** Every zone that this browser knows, and these. @param {...string} more */
export function zones(...more) {
  return [...new Set(["UTC", ownZone(), ...more, ...Intl.supportedValuesOf("timeZone")])]
    .filter(Boolean)
    .sort();
}
