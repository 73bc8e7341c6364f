// @ts-check
/** How long to wait before the next try. Pure. */

const FLOOR_MS = 500;
const CEILING_MS = 15_000;

/**
 * Exponential backoff with jitter: thousands of clients that lost the same server must not come back as one.
 * @param {number} failures  in a row, before this wait: 0, 1, 2, …
 * @param {() => number} [random]
 * @returns {number} milliseconds between half a second and 15 s
 */
export function backoff(failures, random = Math.random) {
  const top = Math.min(CEILING_MS, FLOOR_MS * 2 ** (failures + 1));
  return Math.round(FLOOR_MS + random() * (top - FLOOR_MS));
}
