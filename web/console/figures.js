// @ts-check
// Plain numbers and clock times as charts and tiles show them, in the locale of the browser.
import { LOCALES } from "./locales.js";

const WHOLE = new Intl.NumberFormat(LOCALES, { maximumFractionDigits: 0 });
const TENTHS = new Intl.NumberFormat(LOCALES, { maximumFractionDigits: 1 });
const HUNDREDTHS = new Intl.NumberFormat(LOCALES, { maximumFractionDigits: 2 });
const MINUTE = new Intl.DateTimeFormat(LOCALES, { hour: "2-digit", minute: "2-digit" });

/** As exact as is worth reading: "1,234", "12.5", "0.25". @param {number} value */
export function number(value) {
  const size = Math.abs(value);
  if (size >= 100 || Number.isInteger(value)) return WHOLE.format(value);
  return (size >= 1 ? TENTHS : HUNDREDTHS).format(value);
}

/** "11:42". @param {number} instant  milliseconds since 1970 */
export function minuteOfDay(instant) {
  return MINUTE.format(instant);
}

/** "1 process", "2 processes". @param {number} amount @param {string} one @param {string} [many] */
export function count(amount, one, many = `${one}s`) {
  return `${number(amount)} ${amount === 1 ? one : many}`;
}

/** How long something has lasted: "8 s", "12 min", "3 h", "2 d". @param {number} seconds */
export function span(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 100) return `${whole} s`;
  if (whole < 100 * 60) return `${Math.round(whole / 60)} min`;
  if (whole < 48 * 3600) return `${Math.round(whole / 3600)} h`;
  return `${Math.round(whole / 86_400)} d`;
}
