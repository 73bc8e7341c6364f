// @ts-check
// How much of a session is left, and overtime on its meter.
import { clock } from "../clock.js";
import { h } from "../dom.js";
import { duration, money } from "../format.js";

/** @typedef {import("../../client/video-session.js").VideoSession} VideoSession */

/** From here on one had better come to an end, seconds. */
const SOON = 5 * 60;

/**
 * What the clock of the room says.
 * @param {import("../../client/video-facts.js").Facts} facts
 * @param {number} now  milliseconds, domain time
 * @returns {{label: string, seconds: number, part: number, soon: boolean}}
 */
export function remaining(facts, now) {
  const [start, end] = [Date.parse(facts.start), Date.parse(facts.endsAt || facts.end)];
  if (now < start) {
    return { label: "until it begins", seconds: (start - now) / 1000, part: 0, soon: false };
  }
  const left = Math.max(0, (end - now) / 1000);
  const part = Math.min(100, Math.max(0, (100 * (now - start)) / Math.max(1, end - start)));
  return { label: "left", seconds: left, part, soon: left <= SOON };
}

/**
 * @param {VideoSession} session
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function remainingCard(session) {
  const time = h("span.call-time.figures", { role: "timer", ariaLabel: "Time left" });
  const label = h("span.quiet.call-label");
  const bar = h("span");
  const track = h("div.meter", bar);
  const meter = h("p.call-ahead.figures", { hidden: true });
  const heard = h("p.visually-hidden", { role: "status" });
  const node = h(
    "section.call-meter",
    { ariaLabel: "Time" },
    h("div.call-figures", time, label),
    track,
    meter,
    heard,
  );
  const draw = () => {
    const facts = session.snapshot;
    if (!facts.start) return;
    const shown = remaining(facts, clock.now());
    put(time, duration(Math.ceil(shown.seconds)));
    put(label, shown.label);
    bar.style.setProperty("--part", `${shown.part.toFixed(1)}%`);
    track.classList.toggle("warn", shown.soon);
    const running = facts.meter;
    meter.hidden = !running;
    const cost = session.amountNow();
    if (running && cost) {
      const still = running.running ? "" : " (stands still)";
      put(meter, `Overtime: ${duration(session.billableNow())}, ${money(cost)}${still}`);
    }
  };
  const stops = [
    clock.every(draw),
    session.on("ending-soon", () => {
      const minutes = Math.round(remaining(session.snapshot, clock.now()).seconds / 60);
      heard.textContent = `The session ends in ${minutes} minute${minutes === 1 ? "" : "s"}.`;
    }),
  ];
  return { node, stop: () => stops.forEach((stop) => stop()) };
}

/** Only what is new touches the page. @param {HTMLElement} node @param {string} text */
function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
