// @ts-check
// A calendar on a page: a week's grid where there is room, a day's list where there is not, and the way from week to
// week. It reads what it shows for the days it shows, and again when told that something changed.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { explain } from "../words.js";
import { dayAgenda } from "./agenda.js";
import { dateRange, zoneLabel } from "./format.js";
import { weekGrid } from "./grid.js";
import { addDays, dateIn, instantOf, mondayOf } from "./zones.js";

/**
 * @typedef {import("./grid.js").Item} Item
 *
 * @typedef {object} CalendarView
 * @property {HTMLElement} node
 * @property {() => Promise<void>} reload   reads and draws what is shown now anew
 * @property {(zone: string) => void} setZone
 * @property {() => string} date            the chosen day on a narrow screen, else the first that is shown and not past
 * @property {() => void} stop
 */

const WIDE = "(min-width: 56rem)";
/** How often the line of the present moves. */
const MINUTE = 60_000;

/**
 * @param {object} options
 * @param {string} options.label
 * @param {string} options.zone
 * @param {(from: number, to: number) => Promise<Item[]>} options.read  everything in a span of time
 * @param {import("./grid.js").Hands} [options.hands]
 * @param {string} [options.date]  a day to begin with, else today
 * @param {any[]} [options.beside] stands in the bar above
 * @returns {CalendarView}
 */
export function calendarView({ label, zone, read, hands = {}, date, beside = [] }) {
  let first = mondayOf(date ?? dateIn(zone, clock.now()));
  /** @type {Item[]} */
  let items = [];
  let turn = 0;
  const grid = weekGrid({ label, hands });
  const agenda = dayAgenda({ label, hands });
  if (date) agenda.turnTo(date);
  const wide = matchMedia(WIDE);
  const place = h("div.cal-place");
  const trouble = h("div", { role: "alert" });
  const title = h("h2.cal-range", { "aria-live": "polite" });
  const where = h("p.quiet.small.with-icon");

  const days = () => Array.from({ length: 7 }, (_, index) => addDays(first, index));
  const draw = () => {
    title.textContent = dateRange(first, addDays(first, 6));
    replace(where, icon("globe"), `Times of ${zoneLabel(zone, instantOf(zone, first, 720))}`);
    const shown = wide.matches ? grid : agenda;
    shown.show(zone, days(), items);
    if (place.firstChild !== shown.node) replace(place, shown.node);
  };
  const reload = async () => {
    const mine = ++turn;
    const [from, to] = [instantOf(zone, first), instantOf(zone, addDays(first, 7))];
    try {
      const found = await read(from, to);
      if (mine !== turn) return;
      items = found;
      replace(trouble);
    } catch (error) {
      if (mine !== turn) return;
      const again = h("button.button.small", { type: "button", onclick: () => void reload() }, "Try again");
      replace(trouble, h("div.banner.bad", icon("warn"), h("p", explain(error).text), again));
    }
    draw();
  };
  /** @param {string} monday */
  const turnTo = (monday) => {
    first = monday;
    // What was shown of another week says nothing of this one.
    items = [];
    draw();
    void reload();
  };
  const today = () => {
    const now = dateIn(zone, clock.now());
    agenda.turnTo(now);
    turnTo(mondayOf(now));
  };
  const step = (/** @type {number} */ weeks, /** @type {string} */ name, /** @type {string} */ sign) =>
    h(
      "button.button.small.icon-only",
      { type: "button", ariaLabel: name, onclick: () => turnTo(addDays(first, 7 * weeks)) },
      icon(sign),
    );
  const bar = h(
    "div.cal-bar",
    h(
      "div.row.tight.fixed",
      h("button.button.small", { type: "button", onclick: today }, "Today"),
      step(-1, "The week before", "left"),
      step(1, "The week after", "right"),
    ),
    h("div.grow", title, where),
    beside,
  );
  wide.addEventListener("change", draw);
  const timer = setInterval(draw, MINUTE);
  const node = h("div.stack.cal", bar, trouble, place);
  draw();
  return {
    node,
    reload,
    setZone(next) {
      if (next === zone) return;
      const at = wide.matches ? first : agenda.date || first;
      zone = next;
      first = mondayOf(at);
      draw();
      void reload();
    },
    date() {
      const now = dateIn(zone, clock.now());
      if (!wide.matches) return agenda.date || now;
      return first > now ? first : now;
    },
    stop() {
      clearInterval(timer);
      wide.removeEventListener("change", draw);
      grid.stop();
    },
  };
}
