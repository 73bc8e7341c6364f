// @ts-check
// Recurrence rules (RFC 5545, section 3.3.10), as far as the console makes them: daily or weekly, on these weekdays,
// every so many, so many times or until a day. Another rule is kept as it is and told as well as it goes.
import { dayName, weekdayName } from "./format.js";
import { addDays, weekdayOf } from "./zones.js";

export const DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];

/**
 * @typedef {object} Rule
 * @property {"DAILY" | "WEEKLY"} freq
 * @property {number} interval
 * @property {number[]} days     0 is Monday; of weekly rules
 * @property {number} [count]
 * @property {string} [until]    a date, the last one that may be meant
 */

/** @param {Rule} rule @returns {string} */
export function ruleText({ freq, interval, days, count, until }) {
  const parts = [`FREQ=${freq}`];
  if (interval > 1) parts.push(`INTERVAL=${interval}`);
  if (freq === "WEEKLY" && days.length) {
    const sorted = [...new Set(days)].sort((one, other) => one - other);
    parts.push(`BYDAY=${sorted.map((day) => DAYS[day]).join(",")}`);
  }
  if (count) parts.push(`COUNT=${count}`);
  // A date, not an instant: the last day is meant as the calendar's zone has it.
  else if (until) parts.push(`UNTIL=${until.replaceAll("-", "")}`);
  return parts.join(";");
}

/**
 * The counterpart of {@link ruleText}; null for a rule that its form cannot show.
 * @param {string} text
 * @returns {Rule | null}
 */
export function parseRule(text) {
  const parts = new Map(
    text
      .replace(/^RRULE:/i, "")
      .split(";")
      .filter(Boolean)
      .map((part) => /** @type {[string, string]} */ (part.toUpperCase().split("=", 2))),
  );
  const known = new Set(["FREQ", "INTERVAL", "BYDAY", "COUNT", "UNTIL", "WKST"]);
  const freq = parts.get("FREQ");
  if ((freq !== "DAILY" && freq !== "WEEKLY") || [...parts.keys()].some((name) => !known.has(name)))
    return null;
  const days = (parts.get("BYDAY") ?? "")
    .split(",")
    .filter(Boolean)
    .map((day) => DAYS.indexOf(day));
  if (days.includes(-1) || (freq === "DAILY" && days.length > 0)) return null;
  const count = Number(parts.get("COUNT") ?? 0);
  const until = /^(\d{4})(\d{2})(\d{2})/.exec(parts.get("UNTIL") ?? "");
  return {
    freq,
    interval: Number(parts.get("INTERVAL") ?? 1),
    days,
    ...(count ? { count } : {}),
    ...(until ? { until: `${until[1]}-${until[2]}-${until[3]}` } : {}),
  };
}

/** "Every 2 weeks on Monday and Friday, 10 times". @param {string} text */
export function ruleWords(text) {
  const rule = parseRule(text);
  if (!rule) return `Repeats by the rule ${text}`;
  const [one, many] = rule.freq === "DAILY" ? ["day", "days"] : ["week", "weeks"];
  const often = rule.interval === 1 ? `Every ${one}` : `Every ${rule.interval} ${many}`;
  const on = rule.days.length ? ` on ${joined(rule.days.map((day) => weekdayName(day)))}` : "";
  const times = rule.count ? `, ${rule.count} time${rule.count === 1 ? "" : "s"}` : "";
  const until = rule.until ? `, until ${dayName(rule.until)}` : "";
  return often + on + times + until;
}

/** @param {string[]} words */
function joined(words) {
  return words.length < 2
    ? words.join("")
    : `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}

/**
 * The first day of a series that is to begin on a date: the next one that its rule allows.
 * @param {string} text
 * @param {string} date
 */
export function firstDay(text, date) {
  const days = parseRule(text)?.days ?? [];
  if (days.length === 0) return date;
  const week = Array.from({ length: 7 }, (_, index) => addDays(date, index));
  return week.find((day) => days.includes(weekdayOf(day))) ?? date;
}
