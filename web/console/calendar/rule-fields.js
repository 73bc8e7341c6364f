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

/**
 * @param {object} options
 * @param {import("./rules.js").Rule | null} options.rule  what to begin with, or null
 * @param {() => string} options.date    the first day
 * @returns {{node: any, read: () => string}}  the rule; it throws what the form shows at the field
 */
export function ruleFields({ rule, date }) {
  const day = date() ? weekdayOf(date()) : 0;
  const begin = rule ?? { freq: "WEEKLY", interval: 1, days: [day], count: 10 };
  const freq = field({
    label: "Repeats",
    name: "freq",
    control: select(
      [
        ["WEEKLY", "Weekly"],
        ["DAILY", "Daily"],
      ],
      begin.freq,
    ),
  });
  const interval = field({
    label: "Every",
    name: "interval",
    wrong: "From 1 to 52.",
    hint: "1 for each, 2 for every other one.",
    input: { type: "number", min: 1, max: 52, step: 1, required: true, value: begin.interval },
  });
  const days = choices(
    Array.from({ length: 7 }, (_, index) => ({ value: String(index), label: weekdayName(index, "short") })),
    { legend: "On", name: "days", chosen: (begin.days.length ? begin.days : [day]).map(String), many: true, kind: "weekday-picks" },
  );
  const ends = field({
    label: "Ends",
    name: "ends",
    control: select(
      [
        ["count", "After a number"],
        ["until", "On a day"],
      ],
      begin.until ? "until" : "count",
    ),
  });
  const count = field({
    label: "Times",
    name: "count",
    wrong: "From 1 to 366.",
    input: { type: "number", min: 1, max: 366, step: 1, value: begin.count ?? 10 },
  });
  const until = field({ label: "Last day", name: "until", input: { type: "date", value: begin.until ?? "" } });
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
      const end = control(ends).value;
      if (weekly && days.values().length === 0) throw wrongField("days", "Choose at least one day.");
      if (end === "until" && !control(until).value) throw wrongField("until", "Please fill this in.");
      return ruleText({
        freq: weekly ? "WEEKLY" : "DAILY",
        interval: Number(control(interval).value),
        days: weekly ? days.values().map(Number) : [],
        ...(end === "count" ? { count: Number(control(count).value) } : {}),
        ...(end === "until" ? { until: control(until).value } : {}),
      });
    },
  };
}
