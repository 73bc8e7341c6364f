// @ts-check
// Fields for a date and two times of day in a zone, and the instants that they mean.
import { h } from "../dom.js";
import { field } from "../form.js";
import { length } from "./format.js";
import { addDays, dateIn, exists, instantOf, minutesIn, parseTime, timeText } from "./zones.js";

const DAY = 1440;

/**
 * The instants of a date and two times of day. An end that is not after the start is on the next day.
 * @param {string} zone
 * @param {string} date
 * @param {number} from  minutes
 * @param {number} to
 */
export function spanOf(zone, date, from, to) {
  const overnight = to <= from;
  return {
    start: instantOf(zone, date, from),
    end: instantOf(zone, overnight ? addDays(date, 1) : date, to),
    overnight,
  };
}

/** When it ends, as a time field holds it: past midnight, on the next day. @param {number} from @param {number} lasts  both minutes */
export function endOf(from, lasts) {
  return timeText((from + lasts) % DAY);
}

/**
 * Lets the end move with the start, as far from it as was last said.
 * @param {any} from @param {any} to @param {number} apart
 */
function following(from, to, apart) {
  const move = () => {
    const first = parseTime(control(from).value);
    if (first !== null) control(to).value = endOf(first, apart);
  };
  from.addEventListener("input", move);
  to.addEventListener("input", () => {
    const [first, last] = [parseTime(control(from).value), parseTime(control(to).value)];
    if (first !== null && last !== null) apart = last > first ? last - first : last - first + DAY;
  });
  return (/** @type {number} */ lasting) => {
    apart = lasting;
    move();
  };
}

/** @param {any} node */
function control(node) {
  return node.querySelector("[name]");
}

/** @param {string} zone @param {number} start @param {number} end */
function fieldsOf(zone, start, end) {
  /** @param {string} label @param {string} name @param {number} instant */
  const time = (label, name, instant) =>
    field({
      label,
      name,
      wrong: "A time in steps of 15 minutes.",
      input: { type: "time", step: 900, required: true, value: timeText(minutesIn(zone, instant) % DAY) },
    });
  const date = field({
    label: "Day",
    name: "start",
    wrong: "A day that is still to come.",
    input: { type: "date", required: true, value: dateIn(zone, start) },
  });
  return { date, from: time("From", "from", start), to: time("To", "end", end) };
}

/**
 * @param {object} options
 * @param {() => string} options.zone
 * @param {number} options.start
 * @param {number} options.end
 * @param {number} [options.lasts]  milliseconds: then the end is not asked for
 * @param {boolean} [options.follows]  the end moves with the start
 * @returns {{node: any, lasting: (minutes: number) => void, read: (day?: string) => {start: number, end: number}, date: () => string, changed: (tell: () => void) => void}}
 *   `read` takes another day instead of the one that is written, and throws what the form shows at the field
 */
export function momentFields({ zone, start, end, lasts, follows = false }) {
  const { date, from, to } = fieldsOf(zone(), start, end);
  const apart = follows ? following(from, to, (end - start) / 60_000) : () => {};
  const hint = h("p.quiet.small", { "aria-live": "polite" });
  /** @type {(() => void)[]} */
  const listeners = [];

  to.hidden = lasts !== undefined;
  const given = () => {
    const first = parseTime(control(from).value);
    const last = lasts === undefined ? parseTime(control(to).value) : first;
    const day = control(date).value;
    return day && first !== null && last !== null ? { day, first, last } : null;
  };
  /** @param {string} day @param {{first: number, last: number}} times */
  const meant = (day, { first, last }) => {
    const span = spanOf(zone(), day, first, last);
    return lasts === undefined ? span : { start: span.start, end: span.start + lasts, overnight: false };
  };
  const tell = () => {
    const found = given();
    if (found) {
      const span = meant(found.day, found);
      const skipped = !exists(zone(), found.day, found.first);
      hint.textContent = [
        length((span.end - span.start) / 60_000),
        span.overnight ? "until the next day" : "",
        skipped ? "Clocks are put forward over this time; it begins an hour later." : "",
      ]
        .filter(Boolean)
        .join(", ");
    }
    for (const listener of listeners) listener();
  };
  const fields =
    lasts === undefined ? [date, h("div.field-group", from, to)] : h("div.field-group.dates", date, from);
  const node = h("div.stack.tight", fields, hint);
  node.addEventListener("input", tell);
  tell();
  return {
    node,
    lasting: (minutes) => {
      apart(minutes);
      tell();
    },
    date: () => control(date).value,
    changed: (listener) => void listeners.push(listener),
    read(day) {
      const found = given();
      if (!found) throw wrongField("start", "Please fill in the day and both times.");
      return meant(day ?? found.day, found);
    },
  };
}

/**
 * A refusal of our own, which {@link import("../form.js").form} shows at a field.
 * @param {string} path
 * @param {string} words
 */
export function wrongField(path, words) {
  return { code: "INVALID_PAYLOAD", details: { fields: [{ path, words }] } };
}
