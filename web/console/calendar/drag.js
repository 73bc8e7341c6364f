// @ts-check
// Drawing, moving and pulling with a mouse or a pen, over the columns of a week. Fingers scroll instead; they, and the
// keyboard, have forms.
import { h } from "../dom.js";
import { timeRange } from "./format.js";
import { WHOLE_DAY, drawn, partOf, snap, timesOf } from "./layout.js";

/** @typedef {import("./grid.js").Item} Item */
/** @typedef {import("./layout.js").Part} Part */

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

/** The minute of the day under the pointer. @param {HTMLElement} column @param {PointerEvent} event */
function minutesAt(column, event) {
  const { top, height } = column.getBoundingClientRect();
  return Math.max(0, Math.min(WHOLE_DAY, ((event.clientY - top) / height) * WHOLE_DAY));
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

/** What a hand does over the columns of a week. */
export class Pointing {
  #body;
  #shown;
  #hands;
  /** @type {Held | null} */
  #held = null;
  /** Where it would be let go. @type {{date: string, part: Part} | null} */
  #aim = null;
  #swallow = false;
  #ghost = h("div.cal-ghost", { "aria-hidden": "true" });
  #stops = new AbortController();

  /**
   * @param {HTMLElement} body  holds a `[data-date]` for each day, in which `[data-key]` are things
   * @param {() => {zone: string, items: Item[]}} shown
   * @param {import("./grid.js").Hands} hands
   */
  constructor(body, shown, hands) {
    this.#body = body;
    this.#shown = shown;
    this.#hands = hands;
    const { signal } = this.#stops;
    body.addEventListener("pointerdown", this.#press, { signal });
    window.addEventListener("pointermove", this.#follow, { signal });
    window.addEventListener("pointerup", () => this.#release(true), { signal });
    window.addEventListener("pointercancel", () => this.#release(false), { signal });
    window.addEventListener("keydown", (event) => event.key === "Escape" && this.#release(false), { signal });
  }

  /** Whether something is being drawn or moved. */
  get busy() {
    return this.#held?.moved === true;
  }

  /** Whether the click that comes now belongs to a drag. */
  get swallows() {
    return this.#swallow;
  }

  stop() {
    this.#stops.abort();
  }

  /** @param {PointerEvent} event */
  #press = (event) => {
    if (event.button !== 0 || event.pointerType === "touch") return;
    this.#held = this.#grasp(event);
    // No text is marked while something is drawn; what is a button still gets the focus.
    if (this.#held?.how === "draw") event.preventDefault();
  };

  /** @param {PointerEvent} event @returns {Held | null} */
  #grasp(event) {
    const target = event.target instanceof Element ? event.target : null;
    const column = /** @type {HTMLElement | null} */ (target?.closest("[data-date]") ?? null);
    if (!target || !column) return null;
    const date = column.dataset.date ?? "";
    const began = minutesAt(column, event);
    const held = { date, began, at: { x: event.clientX, y: event.clientY }, moved: false };
    const key = /** @type {HTMLElement | null} */ (target.closest("[data-key]"))?.dataset.key;
    if (key === undefined)
      return this.#hands.draw ? { ...held, how: "draw", part: drawn(began, began) } : null;
    const { items, zone } = this.#shown();
    const item = items.find((one) => one.key === key);
    const part = item && partOf(item, date, zone);
    // What goes over midnight is changed by its form.
    const times = part && timesOf(part, date, zone);
    const whole = times && times.start === item.start && times.end === item.end;
    if (!whole || !item.movable || !this.#hands.move) return null;
    const grip = target.matches(".cal-grip.upper")
      ? "upper"
      : target.matches(".cal-grip.lower")
        ? "lower"
        : "move";
    return { ...held, how: grip, item, part };
  }

  /** @param {PointerEvent} event */
  #follow = (event) => {
    const held = this.#held;
    if (!held) return;
    if (!held.moved && Math.hypot(event.clientX - held.at.x, event.clientY - held.at.y) < SLACK) return;
    held.moved = true;
    this.#body.classList.add("dragging");
    const columns = /** @type {HTMLElement[]} */ ([...this.#body.querySelectorAll("[data-date]")]);
    const column =
      held.how === "move"
        ? (columns.find((one) => event.clientX < one.getBoundingClientRect().right) ?? columns.at(-1))
        : columns.find((one) => one.dataset.date === held.date);
    if (!column) return;
    const { zone } = this.#shown();
    const part = wanted(held, minutesAt(column, event));
    this.#aim = { date: column.dataset.date ?? "", part };
    const times = timesOf(part, this.#aim.date, zone);
    this.#ghost.textContent = times
      ? timeRange(times.start, times.end, zone)
      : "This time does not exist on this day";
    stand(this.#ghost, part);
    column.append(this.#ghost);
  };

  /** @param {boolean} done */
  #release(done) {
    const [held, aim] = [this.#held, this.#aim];
    this.#held = this.#aim = null;
    if (!held) return;
    this.#ghost.remove();
    this.#body.classList.remove("dragging");
    if (!held.moved) return;
    // The click that belongs to this press follows at once, or never.
    this.#swallow = true;
    setTimeout(() => (this.#swallow = false));
    const times = done && aim && timesOf(aim.part, aim.date, this.#shown().zone);
    if (!times) return;
    const { item } = held;
    if (!item) this.#hands.draw?.(times.start, times.end);
    else if (times.start !== item.start || times.end !== item.end) {
      this.#hands.move?.(item, times.start, times.end);
    }
  }
}
