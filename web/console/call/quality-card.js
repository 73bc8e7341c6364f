// @ts-check
// How good the line was, as each side measured it.
import { h, svg } from "../dom.js";

/** @typedef {import("./story.js").Story} Story */

const WIDTH = 240;
const HEIGHT = 44;

/** @param {number[]} values */
function median(values) {
  if (values.length === 0) return null;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** @param {Story} story */
export function qualityCard(story) {
  if (story.quality.length === 0) return null;
  const sides = /** @type {const} */ ([
    ["caller", story.client.name],
    ["callee", story.coach.name],
  ]);
  return h(
    "section.card.stack",
    h("h2", "Connection"),
    h(
      "div.columns.even",
      sides.map(([side, name]) =>
        sideOf(
          name,
          story.quality.filter((one) => one.side === side),
        ),
      ),
    ),
    h("p.quiet.small", "The last minutes, as each browser measured them every five seconds."),
  );
}

/**
 * @param {string} name
 * @param {Story["quality"]} samples
 */
function sideOf(name, samples) {
  const of = (/** @type {string} */ key) =>
    samples.map((one) => one.measured[key]).filter((value) => value !== undefined);
  const trips = of("rttMs");
  const facts = [
    ["Round trip", median(trips), "ms"],
    ["Jitter", median(of("jitterMs")), "ms"],
    ["Lost", median(of("lossPct")), "%"],
    ["Frames", median(of("fpsIn")), "a second"],
  ];
  return h(
    "div.stack.tight",
    h("h3", name),
    samples.length === 0 && h("p.quiet.small", "Not measured."),
    trips.length > 1 && spark(trips, name),
    h(
      "dl.facts",
      facts
        .filter(([, value]) => value !== null)
        .map(([term, value, unit]) => [h("dt", term), h("dd.figures", `${number(Number(value))} ${unit}`)]),
    ),
  );
}

/** @param {number} value */
function number(value) {
  return new Intl.NumberFormat(undefined, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/**
 * @param {number[]} values
 * @param {string} name
 */
function spark(values, name) {
  const top = Math.max(...values, 50);
  const x = (/** @type {number} */ index) => ((index / (values.length - 1)) * WIDTH).toFixed(1);
  const y = (/** @type {number} */ value) => (HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1);
  const points = values.map((value, index) => `${x(index)},${y(value)}`);
  const range = `${number(Math.min(...values))} to ${number(Math.max(...values))}`;
  const words = `Round-trip time at ${name}: ${range} milliseconds`;
  return svg(
    "svg.spark",
    { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": words },
    svg("polyline", { points: points.join(" "), "vector-effect": "non-scaling-stroke" }),
  );
}
