// @ts-check
// A day and a start, in the zone of whoever looks: a month whose free days can be pressed, then the times of the day.
// What somebody else takes meanwhile disappears at once.
import { clockTime, dayName, weekdayName } from "../calendar/format.js";
import { dateIn, minutesIn } from "../calendar/zones.js";
import { clock } from "../clock.js";
import { h, redrawList, replace } from "../dom.js";
import { icon } from "../icons.js";
import { LOCALES } from "../locales.js";
import { bag } from "../store.js";
import { explain } from "../words.js";
import { addMonths, byDay, monthOf, partsOfDay, spanOf, weeksOf } from "./month.js";
import { zone, zoneChoice } from "./zone.js";

/** @typedef {import("./month.js").Start} Start */

/** So many months ahead can be booked. */
const MONTHS = 12;

/** "March 2026". @param {string} month */
function monthName(month) {
  const format = new Intl.DateTimeFormat(LOCALES, { month: "long", year: "numeric", timeZone: "UTC" });
  return format.format(Date.parse(`${month}-01T00:00:00Z`));
}

export class StartPicker {
  #read;
  #onChoose;
  #kept = bag();
  /** @type {Start[]} */
  #starts = [];
  #month;
  /** @type {string | null} */
  #day = null;
  /** @type {string | null} */
  #chosen = null;
  /** Rises with every reading: one that comes too late says nothing. */
  #turn = 0;
  #reading = true;
  #title = h("h3.grow.month-title", { "aria-live": "polite" });
  #before;
  #after;
  #grid = h("div.month-grid");
  #times = h("div.stack.tight.month-times");
  #said = h("p.small", { role: "status" });
  #trouble = h("div", { role: "alert" });

  /**
   * @param {object} parts
   * @param {(from: string, to: string) => Promise<Start[]>} parts.read  what is free in a span
   * @param {(start: Start | null) => void} parts.onChoose
   */
  constructor({ read, onChoose }) {
    this.#read = read;
    this.#onChoose = onChoose;
    this.#month = monthOf(this.#today());
    const turn = (/** @type {number} */ by) => () => this.#turnTo(addMonths(this.#month, by));
    const button = (
      /** @type {string} */ name,
      /** @type {string} */ sign,
      /** @type {() => void} */ onclick,
    ) => h("button.button.small.icon-only", { type: "button", ariaLabel: name, onclick }, icon(sign));
    this.#before = button("The month before", "left", turn(-1));
    this.#after = button("The month after", "right", turn(1));
    const choice = zoneChoice();
    this.node = h(
      "div.stack.start-picker",
      choice.node,
      h("div.row.fixed.tight", this.#title, this.#before, this.#after),
      this.#trouble,
      h("div.month", this.#grid, this.#times),
      this.#said,
    );
    let begun = false;
    this.#kept.add(
      choice.stop,
      zone.subscribe(() => begun && this.#zoned()),
    );
    begun = true;
  }

  /** What was chosen, as long as it is free. @returns {Start | null} */
  get chosen() {
    return this.#starts.find((one) => one.start === this.#chosen) ?? null;
  }

  /** Read what is free now; quietly, as long as nothing that was chosen is gone. */
  async again() {
    const mine = ++this.#turn;
    const span = spanOf(this.#month, zone.value, clock.now());
    try {
      const found = span ? await this.#read(instant(span.from), instant(span.to)) : [];
      if (mine !== this.#turn) return;
      this.#take(found);
    } catch (error) {
      if (mine !== this.#turn) return;
      this.#reading = false;
      const once = () => void this.again();
      replace(
        this.#trouble,
        h(
          "div.banner.bad",
          icon("warn"),
          h("p", explain(error).text),
          h("button.button.small", { type: "button", onclick: once }, "Try again"),
        ),
      );
      this.#draw();
    }
  }

  /** What could be chosen is another matter now: another session, another length. */
  reset() {
    this.#reading = true;
    this.#draw();
    return this.again();
  }

  stop() {
    this.#turn += 1;
    this.#kept.dispose();
  }

  /** @param {Start[]} found */
  #take(found) {
    const had = this.#chosen;
    this.#starts = found;
    this.#reading = false;
    replace(this.#trouble);
    const days = byDay(found, zone.value);
    if (!this.#day || !days.has(this.#day)) this.#day = [...days.keys()][0] ?? null;
    const lost = had !== null && !this.chosen && monthOf(dateIn(zone.value, Date.parse(had))) === this.#month;
    if (lost) {
      this.#chosen = null;
      this.#said.textContent = `${clockTime(had, zone.value)} is not free any more. Please choose another time.`;
      this.#onChoose(null);
    }
    this.#draw();
  }

  /** Another zone: the same instants on other days. */
  #zoned() {
    const at = this.#chosen ?? null;
    this.#day = at ? dateIn(zone.value, Date.parse(at)) : null;
    this.#month = this.#day ? monthOf(this.#day) : monthOf(this.#today());
    this.#reading = this.#starts.length === 0;
    this.#draw();
    void this.again();
  }

  #today() {
    return dateIn(zone.value, clock.now());
  }

  /** @param {string} month */
  #turnTo(month) {
    this.#month = month;
    this.#starts = [];
    this.#day = null;
    this.#reading = true;
    this.#draw();
    void this.again();
  }

  /** @param {Start} start */
  #choose(start) {
    this.#chosen = start.start;
    this.#said.textContent = "";
    this.#drawTimes();
    this.#onChoose(start);
  }

  #draw() {
    const present = monthOf(this.#today());
    this.#title.textContent = monthName(this.#month);
    this.#before.disabled = this.#month <= present;
    this.#after.disabled = this.#month >= addMonths(present, MONTHS);
    this.#drawDays();
    this.#drawTimes();
  }

  #drawDays() {
    const days = byDay(this.#starts, zone.value);
    const today = this.#today();
    this.#grid.setAttribute("aria-busy", String(this.#reading));
    redrawList(
      this.#grid,
      Array.from({ length: 7 }, (_, index) =>
        h("span.month-head", { "aria-hidden": "true" }, weekdayName(index, "short")),
      ),
      weeksOf(this.#month)
        .flat()
        .map((date) => this.#dayCell(date, days, today)),
    );
  }

  /**
   * @param {string | null} date
   * @param {Map<string, Start[]>} days
   * @param {string} today
   */
  #dayCell(date, days, today) {
    if (!date) return h("span");
    const free = days.get(date)?.length ?? 0;
    const number = String(Number(date.slice(8)));
    const kind = date === today ? "today" : "";
    if (!free) return h("span.month-day", { class: kind, "aria-hidden": "true" }, number);
    const times = `${free} time${free === 1 ? "" : "s"}`;
    return h(
      "button.month-day.free",
      {
        type: "button",
        class: kind,
        ariaPressed: date === this.#day,
        ariaLabel: `${dayName(date, "long")}, ${times}`,
        onclick: () => {
          this.#day = date;
          this.#draw();
        },
      },
      number,
    );
  }

  #drawTimes() {
    if (this.#reading) return replace(this.#times, h("span.skeleton.line"), h("span.skeleton.line.wide"));
    if (!this.#day) return replace(this.#times, this.#nothing());
    const starts = byDay(this.#starts, zone.value).get(this.#day) ?? [];
    const parts = partsOfDay(starts, (at) => minutesIn(zone.value, at));
    redrawList(
      this.#times,
      h("h4", dayName(this.#day, "long")),
      parts.map(([part, some]) =>
        h(
          "div.stack.tight",
          { role: "group", ariaLabel: part },
          h("p.quiet.small", part),
          h(
            "div.time-chips",
            some.map((one) => this.#timeChip(one)),
          ),
        ),
      ),
      starts.some((one) => !one.instant) &&
        starts.some((one) => one.instant) &&
        h("p.quiet.small", "Times with a dotted edge are confirmed by the coach first."),
    );
  }

  /** @param {Start} start */
  #timeChip(start) {
    const words = clockTime(start.start, zone.value);
    return h(
      "button.time-chip.figures",
      {
        type: "button",
        class: start.instant ? "" : "asked",
        ariaPressed: start.start === this.#chosen,
        ariaLabel: start.instant ? words : `${words}, on request`,
        onclick: () => this.#choose(start),
      },
      words,
    );
  }

  #nothing() {
    const last = this.#month >= addMonths(monthOf(this.#today()), MONTHS);
    const next = addMonths(this.#month, 1);
    return h(
      "div.stack.tight.month-none",
      h("p.quiet", `Nothing is free in ${monthName(this.#month)}.`),
      !last &&
        h(
          "button.button.small",
          { type: "button", onclick: () => this.#turnTo(next) },
          `See ${monthName(next)}`,
          icon("right"),
        ),
    );
  }
}

/** @param {number} at */
function instant(at) {
  return new Date(at).toISOString();
}
