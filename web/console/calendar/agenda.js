// @ts-check
// A week for a narrow screen: seven days to choose from, and the chosen one as a list.
import { clock } from "../clock.js";
import { h, redrawList } from "../dom.js";
import { icon } from "../icons.js";
import { dayName, timeRange, weekday } from "./format.js";
import { partOf } from "./layout.js";
import { dateIn } from "./zones.js";

/** @typedef {import("./grid.js").Item} Item */

/** @type {{[kind: string]: string}} */
const ICONS = { window: "clock", slot: "plus", booking: "user", busy: "close" };

/**
 * @param {Item[]} items
 * @param {string} date
 * @param {string} zone
 */
function of(items, date, zone) {
  return items.filter((one) => partOf(one, date, zone)).sort((one, other) => one.start - other.start);
}

/** @param {Item[]} things  of a day */
function said(things) {
  const booked = things.filter((one) => one.kind === "booking").length;
  const open = things.some((one) => one.kind === "window" || one.kind === "slot");
  return { booked, open };
}

export class DayAgenda {
  #hands;
  #strip;
  #list = h("div");
  /** @type {{zone: string, days: string[], items: Item[]}} */
  #shown = { zone: "UTC", days: [], items: [] };
  #date = "";

  /** @param {{label: string, hands?: import("./grid.js").Hands}} options */
  constructor({ label, hands = {} }) {
    this.#hands = hands;
    this.#strip = h("div.cal-strip", { role: "group", ariaLabel: `${label}: days` });
    this.node = h("section.stack", { ariaLabel: label }, this.#strip, this.#list);
  }

  /** The chosen day. */
  get date() {
    return this.#date;
  }

  /** Another day, from the next time on that something is shown. @param {string} date */
  turnTo(date) {
    this.#date = date;
  }

  /** @param {string} zone @param {string[]} days @param {Item[]} items */
  show(zone, days, items) {
    this.#shown = { zone, days, items };
    const today = dateIn(zone, clock.now());
    if (!days.includes(this.#date)) this.#date = days.includes(today) ? today : (days[0] ?? "");
    const buttons = days.map((day) => this.#dayButton(day, today));
    redrawList(this.#strip, buttons);
    const things = of(items, this.#date, zone);
    redrawList(
      this.#list,
      h("h2.cal-day-name", dayName(this.#date, "long")),
      things.length > 0
        ? h(
            "ul.list.card.flush",
            things.map((item) => this.#entry(item)),
          )
        : h("div.card.empty", h("p", "Nothing is open and nothing is booked on this day.")),
    );
  }

  /** @param {string} day */
  #choose(day) {
    this.#date = day;
    const { zone, days, items } = this.#shown;
    this.show(zone, days, items);
  }

  /** @param {string} day @param {string} today */
  #dayButton(day, today) {
    const { booked, open } = said(of(this.#shown.items, day, this.#shown.zone));
    const facts = [booked && `${booked} booked`, open && "open", day === today && "today"]
      .filter(Boolean)
      .join(", ");
    return h(
      "button.cal-pick",
      {
        type: "button",
        ariaPressed: day === this.#date,
        class: day === today ? "today" : "",
        onclick: () => this.#choose(day),
      },
      h("span.visually-hidden", [dayName(day, "long"), facts].filter(Boolean).join(": ")),
      h("span.small", { "aria-hidden": "true" }, weekday(day, "narrow")),
      h("strong.figures", { "aria-hidden": "true" }, String(Number(day.slice(8)))),
      h("span.cal-dots", { "aria-hidden": "true" }, booked > 0 && h("i.booked"), open && h("i.open")),
    );
  }

  /** @param {Item} item */
  #entry(item) {
    const content = [
      h("span.cal-mark", { class: `${item.kind} ${item.look ?? ""}` }, icon(ICONS[item.kind] ?? "clock")),
      h(
        "span.grow.stack.tight",
        h("strong.figures", timeRange(item.start, item.end, this.#shown.zone)),
        h("span.clip", item.title),
        item.note && h("span.quiet.small.clip", item.note),
      ),
    ];
    const opens = this.#hands.open && (item.kind === "slot" || item.kind === "booking");
    const open = () => this.#hands.open?.(item);
    return h(
      "li",
      opens
        ? h("button.list-item.cal-line", { type: "button", onclick: open }, content, icon("right"))
        : h("div.list-item.cal-line", content),
    );
  }
}
