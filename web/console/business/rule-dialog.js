// @ts-check
// What makes a session cheaper at some times: rates by the time of day, and special periods.
import { randomId } from "../asking.js";
import { dayName, timeOfDay, weekdayName } from "../calendar/format.js";
import { WEEKDAYS, toField, toWire } from "../calendar/week-form.js";
import { wrongField } from "../calendar/moments.js";
import { parseTime } from "../calendar/zones.js";
import { choices } from "../choices.js";
import { h } from "../dom.js";
import { formDialog } from "../form-dialog.js";
import { field } from "../form.js";
import { control, numberOf, textOf, wholeField } from "./fields.js";

/**
 * @typedef {object} PriceRule
 * @property {string} priceRuleId
 * @property {string} label
 * @property {number} percent
 * @property {{days: string[], from: string, to: string}} [timeRate]
 * @property {{first: string, last: string}} [period]
 * @property {string[]} sessionTypeIds
 * @property {number} version
 *
 * @typedef {{sessionTypeId: string, name: string}} Offered
 */

/** Runs of neighbouring days: "Mon – Fri", "Sat, Sun". @param {string[]} days */
export function daysText(days) {
  const indexes = days.map((day) => WEEKDAYS.indexOf(day)).sort((one, other) => one - other);
  /** @type {number[][]} */
  const runs = [];
  for (const index of indexes) {
    const run = runs[runs.length - 1];
    if (run && run[run.length - 1] === index - 1) run.push(index);
    else runs.push([index]);
  }
  const name = (/** @type {number} */ index) => weekdayName(index, "short");
  return runs
    .flatMap((run) => (run.length > 2 ? [`${name(run[0])} – ${name(run[run.length - 1])}`] : run.map(name)))
    .join(", ");
}

/** When a rule holds, in words. @param {PriceRule} rule */
export function ruleTimes({ timeRate, period }) {
  if (period)
    return period.first === period.last
      ? dayName(period.first)
      : `${dayName(period.first)} – ${dayName(period.last)}`;
  if (!timeRate) return "";
  const time = (/** @type {string} */ text) => timeOfDay(parseTime(text) ?? 0);
  return `${daysText(timeRate.days)}, ${time(timeRate.from)} – ${time(timeRate.to)}`;
}

/**
 * Which session types something is for; nothing to ask where there is only one.
 * @param {Offered[]} offered
 * @param {string[]} chosen
 */
export function forTypes(offered, chosen) {
  if (offered.length < 2) return { node: null, values: () => chosen };
  return choices(
    offered.map((one) => ({ value: one.sessionTypeId, label: one.name })),
    { legend: "For", name: "sessionTypeIds", chosen, many: true, hint: "None chosen: for all." },
  );
}

/** @param {PriceRule["timeRate"]} rate */
function rateFields(rate = { days: ["mon", "tue", "wed", "thu", "fri"], from: "18:00", to: "22:00" }) {
  const days = choices(
    WEEKDAYS.map((value, index) => ({ value, label: weekdayName(index, "short") })),
    { legend: "On", name: "timeRate.days", chosen: rate.days, many: true, kind: "weekday-picks" },
  );
  const time = (/** @type {string} */ label, /** @type {string} */ name, /** @type {string} */ value) =>
    field({ label, name, input: { type: "time", required: true, value: toField(value) } });
  const [from, to] = [time("From", "timeRate.from", rate.from), time("To", "timeRate.to", rate.to)];
  return {
    node: h(
      "div.stack",
      days.node,
      h("div.field-group", from, to),
      h(
        "p.quiet.small",
        "Sessions that start then. Times of your calendar; an end before the start is on the next day.",
      ),
    ),
    read: () => {
      if (days.values().length === 0) throw wrongField("timeRate.days", "Choose at least one day.");
      return { timeRate: { days: days.values(), from: control(from).value, to: toWire(control(to).value) } };
    },
  };
}

/** @param {PriceRule["period"]} period */
function periodFields(period) {
  const day = (/** @type {string} */ label, /** @type {string} */ name, value = "") =>
    field({ label, name, input: { type: "date", required: true, value } });
  const [first, last] = [
    day("First day", "period.first", period?.first),
    day("Last day", "period.last", period?.last),
  ];
  return {
    node: h(
      "div.stack",
      h("div.field-group.dates", first, last),
      h("p.quiet.small", "Sessions that start on these days, both included."),
    ),
    read: () => {
      if (control(last).value < control(first).value)
        throw wrongField("period.last", "The last day is not before the first one.");
      return { period: { first: control(first).value, last: control(last).value } };
    },
  };
}

/**
 * @param {import("../main.js").App} app
 * @param {{kind: "timeRate" | "period", rule?: PriceRule, offered: Offered[]}} options
 */
export function ruleDialog(app, { kind, rule, offered }) {
  const rate = kind === "timeRate";
  const label = field({
    label: "Name",
    name: "label",
    hint: "Clients read it beside the price.",
    wrong: "1 to 60 characters.",
    input: {
      required: true,
      maxlength: 60,
      value: rule?.label ?? "",
      placeholder: rate ? "Evening discount" : "Winter special",
    },
  });
  const percent = wholeField("Cheaper by (%)", "percent", rule?.percent ?? 20, { min: 1, max: 100 });
  const times = rate ? rateFields(rule?.timeRate) : periodFields(rule?.period);
  const types = forTypes(offered, rule?.sessionTypeIds ?? []);
  const idempotencyKey = randomId();
  const { api } = app.rapport;
  const path = `/api/price-rules/${rule?.priceRuleId}`;
  return formDialog({
    title: rule ? rule.label : rate ? "New rate by time of day" : "New special period",
    submit: rule ? "Save" : "Add it",
    content: [h("div.field-group", label, percent), times.node, types.node],
    send: async () => {
      const body = {
        label: textOf(label),
        percent: numberOf(percent),
        sessionTypeIds: types.values(),
        ...times.read(),
      };
      if (rule) await api.put(path, body, { version: rule.version });
      else await api.post("/api/price-rules", body, { idempotencyKey });
    },
    also: rule ? [{ label: "Remove", run: () => api.delete(path) }] : [],
  });
}
