// @ts-check
// Of when the numbers on the screen are, said all the time; and loudly, once they are old.
import { h } from "../dom.js";
import { span } from "../figures.js";
import { timeOfDay } from "../format.js";
import { explain } from "../words.js";
import { mark, say } from "./keyed.js";

/** Seconds after which numbers are old: three readings missed. */
const OLD = 10;

/** @param {HTMLElement} page  gets the class "stale" while its numbers are old */
export function freshness(page) {
  let at = "";
  let read = performance.now();
  /** @type {unknown} */
  let trouble = null;
  const badge = h("span.badge");
  const time = h("span.quiet.small.figures");
  // Only what it says of staleness is read out; a clock that is read out every second helps nobody.
  const alert = h("p.visually-hidden", { role: "status" });
  const draw = () => {
    const age = (performance.now() - read) / 1000;
    const old = age > OLD;
    page.classList.toggle("stale", old);
    mark(badge, old ? "warn" : "good", old ? `${span(age)} old` : "Live");
    const why = trouble ? `${explain(trouble).title}. ` : "";
    say(time, old ? `${why}As of ${timeOfDay(at)}` : `as of ${timeOfDay(at)}`);
    say(alert, old ? "The numbers are old; the server does not answer." : "");
  };
  return {
    node: h("div.freshness.row.tight", badge, time, alert),
    draw,
    /** Numbers of now. @param {string} instant */
    fresh(instant) {
      at = instant;
      read = performance.now();
      trouble = null;
      draw();
    },
    /** They could not be read. @param {unknown} error */
    failed(error) {
      trouble = error;
      draw();
    },
  };
}
