// @ts-check
// Fields for how something repeats.
import { choices } from "../choices.js";
import { h } from "../dom.js";
import { field, select } from "../form.js";
import { weekdayName } from "./format.js";
import { ruleText } from "./rules.js";
import { wrongField } from "./moments.js";
import { weekdayOf } from "./zones.js";

/** @param {any} node */
function control(node) {
  return node.querySelector("[name]");
}

/** How often, and when it ends. @param {import("./rules.js").Rule} begin */
function counts(begin) {
  const freq = select(
    [
      ["WEEKLY", "Weekly"],
      ["DAILY", "Daily"],
    ],
    begin.freq,
  );
  const ends = select(
    [
      ["count", "After a number"],
      ["until", "On a day"],
    ],
    begin.until ? "until" : "count",
  );
  /** @param {string} label @param {string} name @param {number} max @param {number} value @param {string} [hint] */
  const whole = (label, name, max, value, hint) =>
    field({
      label,
      name,
      hint,
      wrong: `From 1 to ${max}.`,
      input: { type: "number", min: 1, max, step: 1, required: true, value },
    });
  return {
    freq: field({ label: "Repeats", name: "freq", control: freq }),
    interval: whole("Every", "interval", 52, begin.interval, "1 for each, 2 for every other one."),
    ends: field({ label: "Ends", name: "ends", control: ends }),
    count: whole("Times", "count", 366, begin.count ?? 10),
    until: field({ label: "Last day", name: "until", input: { type: "date", value: begin.until ?? "" } }),
  };
}

/** @param {number[]} chosen */
function weekdays(chosen) {
  const names = Array.from({ length: 7 }, (_, index) => ({
    value: String(index),
    label: weekdayName(index, "short"),
  }));
  return choices(names, {
    legend: "On",
    name: "days",
    chosen: chosen.map(String),
    many: true,
    kind: "weekday-picks",
  });
}

/**
 * @param {object} options
 * @param {import("./rules.js").Rule | null} options.rule  what to begin with, or null
 * @param {() => string} options.date    the first day
 * @returns {{node: any, read: () => string}}  the rule; it throws what the form shows at the field
 */
export function ruleFields({ rule, date }) {
  const day = date() ? weekdayOf(date()) : 0;
  const begin = rule ?? { freq: "WEEKLY", interval: 1, days: [day], count: 10 };
  const { freq, interval, ends, count, until } = counts(/** @type {import("./rules.js").Rule} */ (begin));
  const days = weekdays(begin.days.length ? begin.days : [day]);
  const show = () => {
    days.node.hidden = control(freq).value !== "WEEKLY";
    count.hidden = control(ends).value !== "count";
    until.hidden = control(ends).value !== "until";
  };
  const node = h(
    "div.stack",
    h("div.field-group", freq, interval),
    days.node,
    h("div.field-group", ends, count, until),
  );
  node.addEventListener("change", show);
  show();
  return {
    node,
    read() {
      const weekly = control(freq).value === "WEEKLY";
      const counted = control(ends).value === "count";
      if (weekly && days.values().length === 0) throw wrongField("days", "Choose at least one day.");
      if (!counted && !control(until).value) throw wrongField("until", "Please fill this in.");
      return ruleText({
        freq: weekly ? "WEEKLY" : "DAILY",
        interval: Number(control(interval).value),
        days: weekly ? days.values().map(Number) : [],
        ...(counted ? { count: Number(control(count).value) } : { until: control(until).value }),
      });
    },
  };
}
