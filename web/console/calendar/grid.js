// @ts-check
// A week as columns of days: what is open, what is offered, what is booked. A mouse or a pen draws a new span on empty
// ground, moves what may be moved, and pulls its ends; the keyboard opens each thing as a button, and its form.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { pointing, stand } from "./drag.js";
import { timeOfDay, timeRange, weekday } from "./format.js";
import { WHOLE_DAY, lanes, partOf } from "./layout.js";
import { dateIn, minutesIn } from "./zones.js";

/**
 * @typedef {object} Item  one thing in a calendar
 * @property {string} key     names it among all
 * @property {"window" | "slot" | "booking" | "busy"} kind  a window is ground to stand on; the others stand beside each other
 * @property {number} start   milliseconds
 * @property {number} end
 * @property {string} title
 * @property {string} [note]  more words, where there is room
 * @property {string} [look]  further classes: "waits", "over", "firm"
 * @property {boolean} [movable]
 * @property {any} [source]   what it was made of
 *
 * @typedef {object} Hands  what a person can do; what is left out cannot be done
 * @property {(item: Item) => void} [open]
 * @property {(start: number, end: number) => void} [draw]  a new span on empty ground
 * @property {(item: Item, start: number, end: number) => void} [move]
 */

/** Where a day begins for who opens the calendar. */
const MORNING = 7;

/** @param {string} date @param {string} today */
function head(date, today) {
  return h(
    "div.cal-head",
    { class: date === today ? "today" : "" },
    h("span.cal-weekday", weekday(date)),
    h("span.cal-date.figures", { "aria-current": date === today ? "date" : null }, String(Number(date.slice(8)))),
  );
}

/** The hours at the side. */
function hours() {
  const marks = Array.from({ length: 23 }, (_, index) => {
    const mark = h("span.cal-hour.figures", timeOfDay((index + 1) * 60));
    mark.style.setProperty("--from", String((index + 1) * 60));
    return mark;
  });
  return h("div.cal-hours", { "aria-hidden": "true" }, marks);
}

/**
 * @param {Item} item
 * @param {string} zone
 * @param {boolean} opens
 */
function card(item, zone, opens) {
  const short = item.end - item.start < 45 * 60_000;
  const words = [
    h("strong.cal-title", item.title),
    h("span.cal-time.figures", timeRange(item.start, item.end, zone)),
    item.note && h("span.cal-note", item.note),
  ];
  const classes = `cal-card ${item.kind} ${item.look ?? ""} ${short ? "short" : ""} ${item.movable ? "movable" : ""}`;
  const grips = item.movable && [h("span.cal-grip.upper"), h("span.cal-grip.lower")];
  return opens
    ? h("button", { type: "button", class: classes, dataset: { key: item.key } }, words, grips)
    : h("div", { class: classes, dataset: { key: item.key } }, words);
}

/**
 * @param {object} options
 * @param {string} options.label
 * @param {Hands} [options.hands]
 */
export function weekGrid({ label, hands = {} }) {
  const heads = h("div.cal-heads");
  const body = h("div.cal-body");
  const scroller = h("div.cal-scroll", { tabindex: "0", role: "group", ariaLabel: `${label}, hour by hour` }, body);
  const node = h("section.cal-grid.card.flush", { ariaLabel: label }, heads, scroller);
  /** @type {{zone: string, days: string[], items: Item[]}} */
  let shown = { zone: "UTC", days: [], items: [] };
  let scrolled = false;
  const sized = new ResizeObserver(() => scroll());
  sized.observe(scroller);
  const drag = pointing(body, () => shown, hands);

  body.addEventListener("click", (/** @type {MouseEvent} */ event) => {
    const target = event.target instanceof Element ? event.target.closest("button[data-key]") : null;
    const key = target instanceof HTMLElement ? target.dataset.key : undefined;
    const item = shown.items.find((one) => one.key === key);
    if (item && !drag.swallows()) hands.open?.(item);
  });

  /** @param {string} date @param {string} today */
  function day(date, today) {
    const parts = shown.items.flatMap((item) => {
      const part = partOf(item, date, shown.zone);
      return part ? [{ ...part, item }] : [];
    });
    const ground = parts.filter((one) => one.item.kind === "window");
    const rest = lanes(parts.filter((one) => one.item.kind !== "window"));
    const column = h(
      "div.cal-day",
      { role: "group", ariaLabel: weekday(date, "long"), dataset: { date }, class: date === today ? "today" : "" },
      ground.map((one) => {
        const area = h(
          `div.cal-window.${one.item.look || "plain"}`,
          h("span.visually-hidden", `${one.item.title}, ${timeRange(one.item.start, one.item.end, shown.zone)}`),
        );
        stand(area, one);
        return area;
      }),
      h(
        "ol.plain",
        rest.map((place) => {
          const entry = h("li.cal-entry", card(place.part.item, shown.zone, Boolean(hands.open)));
          stand(entry, place.part, place);
          return entry;
        }),
      ),
    );
    if (date === today) {
      const line = h("div.cal-now", { "aria-hidden": "true" });
      line.style.setProperty("--from", String(minutesIn(shown.zone, clock.now())));
      column.append(line);
    }
    return column;
  }

  /** Begin in the morning, or earlier if something is earlier; once, as soon as it has a size and something to show. */
  function scroll() {
    if (scrolled || scroller.clientHeight === 0 || shown.days.length === 0) return;
    scrolled = true;
    sized.disconnect();
    const starts = shown.items.filter((one) => one.kind !== "window").map((one) => minutesIn(shown.zone, one.start));
    const first = Math.min(MORNING * 60, ...starts.map((minutes) => minutes - 15));
    scroller.scrollTop = (Math.max(0, first - 15) / WHOLE_DAY) * scroller.scrollHeight;
  }

  return {
    node,
    /** @param {string} zone @param {string[]} days @param {Item[]} items */
    show(zone, days, items) {
      if (drag.busy()) return;
      shown = { zone, days, items };
      const focused = document.activeElement instanceof HTMLElement && body.contains(document.activeElement);
      const key = focused ? /** @type {HTMLElement} */ (document.activeElement).dataset.key : undefined;
      const today = dateIn(zone, clock.now());
      replace(heads, h("span.cal-corner"), days.map((date) => head(date, today)));
      replace(body, hours(), days.map((date) => day(date, today)));
      if (key) /** @type {HTMLElement | null} */ (body.querySelector(`[data-key="${CSS.escape(key)}"]`))?.focus();
      scroll();
    },
    stop() {
      sized.disconnect();
      drag.stop();
    },
  };
}
