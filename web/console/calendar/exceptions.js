// @ts-check
// Days that are unlike their weekday: other hours, or away.
import { confirm } from "../dialog.js";
import { choices } from "../choices.js";
import { h } from "../dom.js";
import { formDialog } from "../form-dialog.js";
import { field } from "../form.js";
import { icon } from "../icons.js";
import { dayName, timeOfDay } from "./format.js";
import { windowFields } from "./week-form.js";
import { wrongField } from "./moments.js";
import { parseTime } from "./zones.js";

/**
 * @typedef {import("./week-form.js").Window} Window
 * @typedef {{date: string, windows: Window[]}} Exception
 */

/** "9:00 AM – 12:00 PM, 2:00 – 5:00 PM", or "Away". @param {Window[]} windows */
export function windowsText(windows) {
  const time = (/** @type {string} */ text) => timeOfDay(parseTime(text) ?? 0);
  return windows.length ? windows.map((one) => `${time(one.from)} – ${time(one.to)}`).join(", ") : "Away";
}

/**
 * @param {object} options
 * @param {string} options.date
 * @param {Exception} [options.exception]  one to change
 * @param {(date: string, windows: Window[]) => Promise<void>} options.save
 */
export function exceptionDialog({ date, exception, save }) {
  const day = field({
    label: "Day",
    name: "date",
    wrong: "A day from today up to two years ahead.",
    input: { type: "date", required: true, value: exception?.date ?? date, readonly: Boolean(exception) },
  });
  const away = choices(
    [
      { value: "away", label: "Away", hint: "Nothing can be booked on this day." },
      { value: "hours", label: "Other hours" },
    ],
    {
      legend: "On this day",
      name: "windows",
      chosen: [exception?.windows.length ? "hours" : "away"],
      changed: ([value]) => (hours.hidden = value === "away"),
    },
  );
  const windows = windowFields({
    name: "exceptions",
    label: "this day",
    windows: exception?.windows.length ? exception.windows : [{ from: "09:00", to: "12:00" }],
  });
  const hours = h(
    "div.stack.tight",
    { hidden: !exception?.windows.length },
    windows.node,
    h("div", windows.addButton),
  );
  return formDialog({
    title: exception ? dayName(exception.date, "long") : "A day with other hours",
    submit: "Save",
    content: [day, away.node, hours],
    send: async () => {
      const value = day.querySelector("[name]").value;
      if (!value) throw wrongField("date", "Please fill this in.");
      await save(value, away.values()[0] === "away" ? [] : windows.read());
    },
  });
}

/**
 * @param {Exception[]} exceptions
 * @param {{edit: (exception: Exception) => void, remove: (exception: Exception) => void}} hands
 */
export function exceptionList(exceptions, { edit, remove }) {
  if (exceptions.length === 0) return h("p.quiet", "Every week is like the others so far.");
  const ask = async (/** @type {Exception} */ one) => {
    const sure = await confirm({
      title: `${dayName(one.date, "long")} like every week?`,
      body: "The hours of its weekday hold again on this day.",
      yes: "Take the exception away",
    });
    if (sure) remove(one);
  };
  return h(
    "ul.list.card.flush",
    exceptions.map((one) =>
      h(
        "li.list-item",
        h(
          "div.grow.stack.tight",
          h("strong", dayName(one.date, "long")),
          h("span.quiet.small.figures", windowsText(one.windows)),
        ),
        h(
          "button.button.quiet.small.icon-only",
          { type: "button", ariaLabel: `Change ${dayName(one.date, "long")}`, onclick: () => edit(one) },
          icon("pencil"),
        ),
        h(
          "button.button.quiet.small.icon-only",
          { type: "button", ariaLabel: `Remove ${dayName(one.date, "long")}`, onclick: () => void ask(one) },
          icon("trash"),
        ),
      ),
    ),
  );
}
