// @ts-check
// How long something still lasts.
import { duration } from "../format.js";

/** "2 days", "3 hours", "4:59". @param {number} seconds */
export function leftWords(seconds) {
  const hours = Math.floor(seconds / 3600);
  if (hours >= 48) return `${Math.floor(hours / 24)} days`;
  if (hours >= 2) return `${hours} hours`;
  return duration(seconds);
}
