// @ts-check
// A week for a narrow screen: seven days to choose from, and the chosen one as a list.
import { clock } from "../clock.js";
import { h, redrawList, replace } from "../dom.js";
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

/**
 * @param {object} options
 * @param {string} options.label
 * @param {import("./grid.js").Hands} [options.hands]
 * @param {(date: string) => void} [options.chosen]
 */
export function dayAgenda({ label, hands = {}, chosen }) {
  const strip = h("div.cal-strip", { role: "group", ariaLabel: `${label}: days` });
  const list = h("div");
  const node = h("section.stack", { ariaLabel: label }, strip, list);
  /** @type {{zone: string, days: string[], items: Item[]}} */
  let shown = { zone: "UTC", days: [], items: [] };
  let date = "";

  /** @param {string} day */
  function choose(day) {
    date = day;
    chosen?.(day);
    draw();
  }

  /** @param {string} day @param {string} today */
  function dayButton(day, today) {
    const things = of(shown.items, day, shown.zone);
    const booked = things.filter((one) => one.kind === "booking").length;
    const open = things.some((one) => one.kind === "window" || one.kind === "slot");
    const said = [booked && `${booked} booked`, open && "open", day === today && "today"].filter(Boolean).join(", ");
    return h(
      "button.cal-pick",
      {
        type: "button",
        ariaPressed: day === date,
        class: day === today ? "today" : "",
        onclick: () => choose(day),
      },
      h("span.visually-hidden", [dayName(day, "long"), said].filter(Boolean).join(": ")),
      h("span.small", { "aria-hidden": "true" }, weekday(day, "narrow")),
      h("strong.figures", { "aria-hidden": "true" }, String(Number(day.slice(8)))),
      h("span.cal-dots", { "aria-hidden": "true" }, booked > 0 && h("i.booked"), open && h("i.open")),
    );
  }

  /** @param {Item} item */
  function entry(item) {
    const content = [
      h("span.cal-mark", { class: `${item.kind} ${item.look ?? ""}` }, icon(ICONS[item.kind] ?? "clock")),
      h(
        "span.grow.stack.tight",
        h("strong.figures", timeRange(item.start, item.end, shown.zone)),
        h("span.clip", item.title),
        item.note && h("span.quiet.small.clip", item.note),
      ),
    ];
    const opens = hands.open && item.kind !== "window" && item.kind !== "busy";
    const open = () => hands.open?.(item);
    return h(
      "li",
      opens
        ? h("button.list-item.cal-line", { type: "button", onclick: open }, content, icon("right"))
        : h("div.list-item.cal-line", content),
    );
  }

  function draw() {
    const { zone, days, items } = shown;
    const today = dateIn(zone, clock.now());
    if (!days.includes(date)) date = days.includes(today) ? today : (days[0] ?? "");
    redrawList(strip, days.map((day) => dayButton(day, today)));
    const things = of(items, date, zone);
    replace(
      list,
      h("h2.cal-day-name", dayName(date, "long")),
      things.length > 0
        ? h("ul.list.card.flush", things.map(entry))
        : h("div.card.empty", h("p", "Nothing is open and nothing is booked on this day.")),
    );
  }

  return {
    node,
    /** @param {string} zone @param {string[]} days @param {Item[]} items */
    show(zone, days, items) {
      shown = { zone, days, items };
      draw();
    },
    get date() {
      return date;
    },
    /** @param {string} day */
    turnTo(day) {
      date = day;
    },
  };
}
