// @ts-check
// A count that runs down, as a quiet ring around what it is about.
import { clock } from "./clock.js";
import { h, svg } from "./dom.js";

const RADIUS = 47;
const ROUND = 2 * Math.PI * RADIUS;

/**
 * A ring that closes as time runs out, with `inside` in the middle.
 * @param {object} options
 * @param {() => string | null | undefined} options.until  the instant (domain time) at which nothing is left
 * @param {number} options.seconds  of a full ring
 * @param {Node} options.inside
 * @param {(left: number) => void} [options.tell]  called a few times a second with the seconds that are left
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function countdownRing({ until, seconds, inside, tell }) {
  const left = svg("circle.countdown-left", { cx: 50, cy: 50, r: RADIUS, "stroke-dasharray": ROUND });
  const node = h(
    "div.countdown",
    svg(
      "svg",
      { viewBox: "0 0 100 100", "aria-hidden": "true" },
      svg("circle.countdown-all", { cx: 50, cy: 50, r: RADIUS }),
      left,
    ),
    h("div.countdown-in", inside),
  );
  const stop = clock.every(() => {
    const instant = until();
    const rest = instant ? clock.until(instant) : seconds;
    left.style.setProperty("stroke-dashoffset", String(ROUND * (1 - Math.min(1, rest / seconds))));
    tell?.(rest);
  });
  return { node, stop };
}
