// @ts-check
// The hours of a week, day by day, as fields: any number of spans in a day, which may end after midnight.
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { weekdayName } from "./format.js";
import { parseTime, timeText } from "./zones.js";

/** As the wire names them, Monday first. */
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/**
 * @typedef {{from: string, to: string}} Window  "09:00" to "17:00"; an end that is not after the start is on the next day
 * @typedef {{[day: string]: Window[]}} Week
 */

/** The end of a day is written 24:00, which no field for a time takes. @param {string} text */
export function toWire(text) {
  return text === "00:00" ? "24:00" : text;
}

/** @param {string} text */
export function toField(text) {
  return text === "24:00" ? "00:00" : text;
}

/**
 * What is offered after the last span of a day: an hour later, as long as there is room for it.
 * @param {Window[]} windows
 * @returns {Window}
 */
export function nextWindow(windows) {
  const last = windows[windows.length - 1];
  if (!last) return { from: "09:00", to: "17:00" };
  const [began, ended] = [parseTime(last.from) ?? 0, parseTime(last.to) ?? 0];
  const from = Math.min(ended > began ? ended + 60 : 1380, 1380);
  return { from: timeText(from), to: timeText(Math.min(from + 120, 1440)) };
}

/**
 * One span: two fields, and the button that takes it away.
 * @param {Window} window
 * @param {{name: string, label: string, number: number, changed: () => void, remove: () => void}} options
 */
function spanRow(window, { name, label, number, changed, remove }) {
  const field = (/** @type {"from" | "to"} */ which, /** @type {string} */ words) => {
    const input = h("input", {
      type: "time",
      required: true,
      name: `${name}.${which}`,
      ariaLabel: `${label}, ${words} of span ${number}`,
      value: toField(window[which]),
    });
    input.addEventListener("input", () => {
      window[which] = which === "to" ? toWire(input.value) : input.value;
      tell();
      changed();
    });
    return input;
  };
  // A slip of the hand can make a span of nearly a day: it is said where the end is.
  const overnight = h("span.quiet.small.next-day", { "aria-live": "polite" });
  const tell = () => {
    const [from, to] = [parseTime(window.from), parseTime(window.to)];
    overnight.textContent = from !== null && to !== null && to <= from ? "It ends on the next day." : "";
  };
  tell();
  const words = `Remove span ${number} of ${label}`;
  return h(
    "div.span-row",
    field("from", "start"),
    h("span", { "aria-hidden": "true" }, "–"),
    field("to", "end"),
    h(
      "button.button.quiet.small.icon-only",
      { type: "button", ariaLabel: words, onclick: remove },
      icon("trash"),
    ),
    overnight,
  );
}

/**
 * The fields of one day.
 * @param {object} options
 * @param {string} options.name      as the server calls it: "weekly.mon"
 * @param {string} options.label     "Monday"
 * @param {Window[]} options.windows
 * @param {() => void} [options.changed]
 */
export function windowFields({ name, label, windows, changed = () => {} }) {
  /** @type {Window[]} */
  let now = windows.map((one) => ({ ...one }));
  const list = h("div.stack.tight");
  const error = h("p.error");
  const node = h("div.field", { dataset: { name } }, list, error);

  const edited = () => {
    error.replaceChildren();
    for (const one of list.querySelectorAll("[aria-invalid]")) one.removeAttribute("aria-invalid");
    changed();
  };
  /** @param {number} index */
  const remove = (index) => {
    now.splice(index, 1);
    draw();
    edited();
    addButton.focus();
  };
  const draw = () => {
    const rows = now.map((window, index) =>
      spanRow(window, {
        name: `${name}.${index}`,
        label,
        number: index + 1,
        changed: edited,
        remove: () => remove(index),
      }),
    );
    replace(list, now.length ? rows : h("p.quiet.week-day", "Closed"));
  };
  const add = () => {
    now.push(nextWindow(now));
    draw();
    edited();
    /** @type {HTMLElement | null} */ (list.querySelector(".span-row:last-child input"))?.focus();
  };
  const named = { type: "button", ariaLabel: `Add hours on ${label}`, onclick: add };
  const addButton = h("button.button.small", named, icon("plus"), "Add hours");
  draw();
  return {
    node,
    addButton,
    read: () => now.map((one) => ({ ...one })),
    /** @param {Window[]} next */
    write(next) {
      now = next.map((one) => ({ ...one }));
      draw();
    },
  };
}

/**
 * @param {Week} week
 * @param {() => void} changed
 */
export function weekForm(week, changed) {
  const days = WEEKDAYS.map((day, index) => ({
    day,
    label: weekdayName(index),
    fields: windowFields({
      name: `weekly.${day}`,
      label: weekdayName(index),
      windows: week[day] ?? [],
      changed,
    }),
  }));
  const copy = () => {
    const monday = days[0].fields.read();
    for (const { fields } of days.slice(1, 5)) fields.write(monday);
    changed();
  };
  const node = h(
    "div.stack",
    h(
      "ul.plain.week-rows",
      days.map(({ label, fields }) =>
        h("li", h("h3.week-day", label), fields.node, h("div", fields.addButton)),
      ),
    ),
    h("div", h("button.button.small", { type: "button", onclick: copy }, "Copy Monday to all working days")),
  );
  return {
    node,
    read: () => /** @type {Week} */ (Object.fromEntries(days.map(({ day, fields }) => [day, fields.read()]))),
  };
}
