// @ts-check
// A week as columns of days: what is open, what is offered, what is booked. A mouse or a pen draws a new span on empty
// ground, moves what may be moved, and pulls its ends; the keyboard opens each thing as a button, and its form.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { Pointing, stand } from "./drag.js";
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
 * @typedef {import("./layout.js").Part} Part
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
    h(
      "span.cal-date.figures",
      { "aria-current": date === today ? "date" : null },
      String(Number(date.slice(8))),
    ),
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

/** The line of the present. @param {string} zone */
function nowLine(zone) {
  const line = h("div.cal-now", { "aria-hidden": "true" });
  line.style.setProperty("--from", String(minutesIn(zone, clock.now())));
  return line;
}

/** What is open by the weekly schedule: ground, which nobody takes hold of. @param {Item} item @param {Part} part @param {string} zone */
function ground(item, part, zone) {
  const words = `${item.title}, ${timeRange(item.start, item.end, zone)}`;
  const area = h("div.cal-window", h("span.visually-hidden", words));
  stand(area, part);
  return area;
}

export class WeekGrid {
  #hands;
  #heads = h("div.cal-heads");
  #body = h("div.cal-body");
  #scroller;
  #drag;
  #sized;
  /** @type {{zone: string, days: string[], items: Item[]}} */
  #shown = { zone: "UTC", days: [], items: [] };

  /** @param {{label: string, hands?: Hands}} options */
  constructor({ label, hands = {} }) {
    this.#hands = hands;
    const named = { tabindex: "0", role: "group", ariaLabel: `${label}, hour by hour` };
    this.#scroller = h("div.cal-scroll", named, this.#body);
    this.node = h("section.cal-grid.card.flush", { ariaLabel: label }, this.#heads, this.#scroller);
    this.#drag = new Pointing(this.#body, () => this.#shown, hands);
    this.#body.addEventListener("click", this.#click);
    this.#sized = new ResizeObserver(() => this.#scroll());
    this.#sized.observe(this.#scroller);
  }

  /** @param {string} zone @param {string[]} days @param {Item[]} items */
  show(zone, days, items) {
    if (this.#drag.busy) return;
    this.#shown = { zone, days, items };
    const focused = /** @type {HTMLElement | null} */ (document.activeElement);
    const key = focused && this.#body.contains(focused) ? focused.dataset.key : undefined;
    const today = dateIn(zone, clock.now());
    replace(
      this.#heads,
      h("span.cal-corner"),
      days.map((date) => head(date, today)),
    );
    replace(
      this.#body,
      hours(),
      days.map((date) => this.#day(date, today)),
    );
    if (key)
      /** @type {HTMLElement | null} */ (
        this.#body.querySelector(`[data-key="${CSS.escape(key)}"]`)
      )?.focus();
    this.#scroll();
  }

  stop() {
    this.#sized.disconnect();
    this.#drag.stop();
  }

  /** @param {string} date @param {string} today */
  #day(date, today) {
    const { zone, items } = this.#shown;
    const parts = items.flatMap((item) => {
      const part = partOf(item, date, zone);
      return part ? [{ ...part, item }] : [];
    });
    const placed = lanes(parts.filter((one) => one.item.kind !== "window"));
    return h(
      "div.cal-day",
      {
        role: "group",
        ariaLabel: weekday(date, "long"),
        dataset: { date },
        class: date === today ? "today" : "",
      },
      parts.filter((one) => one.item.kind === "window").map((one) => ground(one.item, one, zone)),
      h(
        "ol.plain",
        placed.map((place) => {
          const entry = h("li.cal-entry", card(place.part.item, zone, Boolean(this.#hands.open)));
          stand(entry, place.part, place);
          return entry;
        }),
      ),
      date === today && nowLine(zone),
    );
  }

  /** @param {MouseEvent} event */
  #click = (event) => {
    const target = event.target instanceof Element ? event.target.closest("button[data-key]") : null;
    const key = target instanceof HTMLElement ? target.dataset.key : undefined;
    const item = this.#shown.items.find((one) => one.key === key);
    if (item && !this.#drag.swallows) this.#hands.open?.(item);
  };

  /** Begin in the morning, or earlier if something is earlier; once, as soon as there is a size and something to show. */
  #scroll() {
    const { zone, days, items } = this.#shown;
    if (this.#scroller.clientHeight === 0 || days.length === 0 || this.#scrolled) return;
    this.#scrolled = true;
    this.#sized.disconnect();
    const starts = items.filter((one) => one.kind !== "window").map((one) => minutesIn(zone, one.start));
    const first = Math.min(MORNING * 60, ...starts) - 15;
    this.#scroller.scrollTop = (Math.max(0, first) / WHOLE_DAY) * this.#scroller.scrollHeight;
  }
  #scrolled = false;
}
