// @ts-check
// Drawing, moving and pulling with a mouse or a pen, over the columns of a week. Fingers scroll instead; they, and the
// keyboard, have forms.
import { h } from "../dom.js";
import { timeRange } from "./format.js";
import { WHOLE_DAY, drawn, partOf, snap, timesOf } from "./layout.js";

/** @typedef {import("./grid.js").Item} Item */

/** Pixels until a press is more than a click. */
const SLACK = 5;

/**
 * @typedef {object} Held  what the hand holds
 * @property {"draw" | "move" | "upper" | "lower"} how
 * @property {Item} [item]
 * @property {string} date     where it began
 * @property {number} began    minutes of that day
 * @property {{from: number, to: number}} part
 * @property {{x: number, y: number}} at
 * @property {boolean} moved
 */

/**
 * Put something at its part of a day; the stylesheet turns the numbers into a place.
 * @param {HTMLElement} node
 * @param {{from: number, to: number}} part
 * @param {{lane: number, lanes: number}} [place]
 */
export function stand(node, { from, to }, { lane, lanes } = { lane: 0, lanes: 1 }) {
  for (const [name, value] of Object.entries({ from, length: to - from, lane, lanes })) {
    node.style.setProperty(`--${name}`, String(value));
  }
}

/**
 * The span that a hand asks for.
 * @param {Held} held
 * @param {number} minutes  where the hand is now
 */
export function wanted({ how, began, part }, minutes) {
  if (how === "draw") return drawn(began, minutes);
  if (how === "upper") return { from: Math.min(snap(minutes), part.to - 15), to: part.to };
  if (how === "lower") return { from: part.from, to: Math.max(snap(minutes), part.from + 15) };
  const length = part.to - part.from;
  const from = Math.max(0, Math.min(snap(part.from + minutes - began), WHOLE_DAY - length));
  return { from, to: from + length };
}

/**
 * @param {HTMLElement} body  holds a `[data-date]` for each day, in which `[data-key]` are things
 * @param {() => {zone: string, items: Item[]}} shown
 * @param {import("./grid.js").Hands} hands
 */
export function pointing(body, shown, hands) {
  /** @type {Held | null} */
  let held = null;
  /** @type {{date: string, part: {from: number, to: number}} | null} */
  let aim = null;
  let swallow = false;
  const ghost = h("div.cal-ghost", { "aria-hidden": "true" });
  const stops = new AbortController();
  const { signal } = stops;

  /** @param {PointerEvent} event */
  function columnAt(event) {
    const columns = /** @type {HTMLElement[]} */ ([...body.querySelectorAll("[data-date]")]);
    return (
      columns.find((one) => event.clientX < one.getBoundingClientRect().right) ?? columns[columns.length - 1]
    );
  }

  /** @param {HTMLElement} column @param {PointerEvent} event */
  function minutesAt(column, event) {
    const { top, height } = column.getBoundingClientRect();
    return Math.max(0, Math.min(WHOLE_DAY, ((event.clientY - top) / height) * WHOLE_DAY));
  }

  /** @param {PointerEvent} event @returns {Held | null} */
  function grasp(event) {
    const target = event.target instanceof Element ? event.target : null;
    const column = /** @type {HTMLElement | null} */ (target?.closest("[data-date]") ?? null);
    if (!target || !column) return null;
    const date = column.dataset.date ?? "";
    const began = minutesAt(column, event);
    const at = { x: event.clientX, y: event.clientY };
    const key = /** @type {HTMLElement | null} */ (target.closest("[data-key]"))?.dataset.key;
    if (key === undefined) {
      return hands.draw ? { how: "draw", date, began, part: drawn(began, began), at, moved: false } : null;
    }
    const { items, zone } = shown();
    const item = items.find((one) => one.key === key);
    const part = item && partOf(item, date, zone);
    // What goes over midnight is changed by its form.
    const whole = item && part && timesOf(part, date, zone);
    if (!item?.movable || !hands.move || !whole || whole.start !== item.start || whole.end !== item.end) return null;
    const how = target.matches(".cal-grip.upper") ? "upper" : target.matches(".cal-grip.lower") ? "lower" : "move";
    return { how, item, date, began, part, at, moved: false };
  }

  /** @param {PointerEvent} event */
  function follow(event) {
    if (!held) return;
    if (!held.moved && Math.hypot(event.clientX - held.at.x, event.clientY - held.at.y) < SLACK) return;
    held.moved = true;
    body.classList.add("dragging");
    const column =
      held.how === "move" ? columnAt(event) : [...body.querySelectorAll("[data-date]")].find((one) =>
        /** @type {HTMLElement} */ (one).dataset.date === held?.date);
    if (!(column instanceof HTMLElement)) return;
    const part = wanted(held, minutesAt(column, event));
    aim = { date: column.dataset.date ?? "", part };
    const times = timesOf(part, aim.date, shown().zone);
    ghost.textContent = times ? timeRange(times.start, times.end, shown().zone) : "This time does not exist on this day";
    stand(ghost, part);
    column.append(ghost);
  }

  /** @param {boolean} done */
  function release(done) {
    if (!held) return;
    const [was, to] = [held, aim];
    held = aim = null;
    ghost.remove();
    body.classList.remove("dragging");
    if (!was.moved) return;
    // The click that belongs to this press follows at once, or never.
    swallow = true;
    setTimeout(() => (swallow = false));
    const times = done && to && timesOf(to.part, to.date, shown().zone);
    if (!times) return;
    if (was.item) {
      const same = times.start === was.item.start && times.end === was.item.end;
      if (!same) hands.move?.(was.item, times.start, times.end);
    } else hands.draw?.(times.start, times.end);
  }

  body.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0 || event.pointerType === "touch") return;
      held = grasp(event);
      // No text is marked while something is drawn; what is a button still gets the focus.
      if (held?.how === "draw") event.preventDefault();
    },
    { signal },
  );
  window.addEventListener("pointermove", follow, { signal });
  window.addEventListener("pointerup", () => release(true), { signal });
  window.addEventListener("pointercancel", () => release(false), { signal });
  window.addEventListener("keydown", (event) => event.key === "Escape" && release(false), { signal });

  return {
    busy: () => held?.moved === true,
    swallows: () => swallow,
    stop: () => stops.abort(),
  };
}
