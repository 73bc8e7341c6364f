// @ts-check
// Where things stand in a calendar: which part of a day they take, and beside whom. Pure.
import { addDays, dateIn, instantOf, minutesIn } from "./zones.js";

/** Starts and ends are on quarters of an hour. */
export const STEP = 15;
export const WHOLE_DAY = 1440;

/**
 * @typedef {{start: number, end: number}} Timed  milliseconds
 * @typedef {{from: number, to: number}} Part     minutes of a day as its clocks show them
 */

/**
 * The part of a date that something takes, as the clocks of the zone show it; null if none. On the day on which
 * clocks are put back, something within the repeated hour would have no length: it gets that of its duration.
 * @param {Timed} item
 * @param {string} date
 * @param {string} zone
 * @returns {Part | null}
 */
export function partOf({ start, end }, date, zone) {
  const [first, last] = [instantOf(zone, date), instantOf(zone, addDays(date, 1))];
  if (start >= last || end <= first) return null;
  const from = start <= first ? 0 : minutesIn(zone, start);
  const to = end >= last ? WHOLE_DAY : minutesIn(zone, end);
  if (to > from) return { from, to };
  return { from, to: Math.min(WHOLE_DAY, from + Math.max(STEP, (end - start) / 60_000)) };
}

/**
 * Beside each other where they overlap: each part's lane, and among how many.
 * @template {Part} P
 * @param {P[]} parts
 * @returns {{part: P, lane: number, lanes: number}[]}
 */
export function lanes(parts) {
  const sorted = [...parts].sort((one, other) => one.from - other.from || other.to - one.to);
  /** @type {{part: P, lane: number, lanes: number}[]} */
  const placed = [];
  /** @type {{part: P, lane: number, lanes: number}[]} */
  let cluster = [];
  let until = -1;
  for (const part of sorted) {
    if (part.from >= until) {
      cluster = [];
      until = -1;
    }
    const taken = new Set(cluster.filter((one) => one.part.to > part.from).map((one) => one.lane));
    let lane = 0;
    while (taken.has(lane)) lane += 1;
    const place = { part, lane, lanes: 1 };
    cluster.push(place);
    placed.push(place);
    until = Math.max(until, part.to);
    const wide = Math.max(...cluster.map((one) => one.lane)) + 1;
    for (const one of cluster) one.lanes = wide;
  }
  return placed;
}

/** The nearest quarter of an hour within a day. @param {number} minutes @param {"round" | "floor"} [how] */
export function snap(minutes, how = "round") {
  return Math.max(0, Math.min(WHOLE_DAY, Math[how](minutes / STEP) * STEP));
}

/**
 * What a hand drew over an empty day, from where it began to where it is: at least a quarter of an hour.
 * @param {number} began  minutes
 * @param {number} now
 * @returns {Part}
 */
export function drawn(began, now) {
  const [low, high] = began <= now ? [began, now] : [now, began];
  const from = Math.min(snap(low, "floor"), WHOLE_DAY - STEP);
  return { from, to: Math.max(from + STEP, snap(high + STEP - 1, "floor")) };
}

/**
 * The instants of a part of a date. What has no length there, because clocks are put forward over it, gives null.
 * @param {Part} part
 * @param {string} date
 * @param {string} zone
 * @returns {Timed | null}
 */
export function timesOf({ from, to }, date, zone) {
  const [start, end] = [instantOf(zone, date, from), instantOf(zone, date, to)];
  return end > start ? { start, end } : null;
}
