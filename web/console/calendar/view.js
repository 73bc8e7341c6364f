// @ts-check
// A calendar on a page: a week's grid where there is room, a day's list where there is not, and the way from week to
// week. It reads what it shows for the days it shows, and again when told that something changed.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { explain } from "../words.js";
import { DayAgenda } from "./agenda.js";
import { dateRange, zoneLabel } from "./format.js";
import { WeekGrid } from "./grid.js";
import { addDays, dateIn, instantOf, mondayOf } from "./zones.js";

/** @typedef {import("./grid.js").Item} Item */

const WIDE = "(min-width: 56rem)";
/** How often the line of the present moves. */
const MINUTE = 60_000;

export class CalendarView {
  #read;
  #zone;
  /** The Monday of the week that is shown. */
  #first;
  /** @type {Item[]} */
  #items = [];
  #turn = 0;
  #grid;
  #agenda;
  #wide = matchMedia(WIDE);
  #place = h("div.cal-place");
  #trouble = h("div", { role: "alert" });
  #title = h("h2.cal-range", { "aria-live": "polite" });
  #where = h("p.quiet.small.with-icon");
  #timer;

  /**
   * @param {object} options
   * @param {string} options.label
   * @param {string} options.zone
   * @param {(from: number, to: number) => Promise<Item[]>} options.read  everything in a span of time
   * @param {import("./grid.js").Hands} [options.hands]
   * @param {string} [options.date]  a day to begin with, else today
   */
  constructor({ label, zone, read, hands = {}, date }) {
    this.#read = read;
    this.#zone = zone;
    this.#first = mondayOf(date ?? dateIn(zone, clock.now()));
    this.#grid = new WeekGrid({ label, hands });
    this.#agenda = new DayAgenda({ label, hands });
    if (date) this.#agenda.turnTo(date);
    this.node = h("div.stack.cal", this.#bar(), this.#trouble, this.#place);
    this.#wide.addEventListener("change", this.#draw);
    this.#timer = setInterval(this.#draw, MINUTE);
    this.#draw();
  }

  /** Read and draw anew what is shown now. */
  reload = async () => {
    const mine = ++this.#turn;
    const [from, to] = [instantOf(this.#zone, this.#first), instantOf(this.#zone, addDays(this.#first, 7))];
    try {
      const found = await this.#read(from, to);
      if (mine !== this.#turn) return;
      this.#items = found;
      replace(this.#trouble);
    } catch (error) {
      if (mine !== this.#turn) return;
      const again = h(
        "button.button.small",
        { type: "button", onclick: () => void this.reload() },
        "Try again",
      );
      replace(this.#trouble, h("div.banner.bad", icon("warn"), h("p", explain(error).text), again));
    }
    this.#draw();
  };

  /** @param {string} zone */
  setZone(zone) {
    if (zone === this.#zone) return;
    const at = this.#wide.matches ? this.#first : this.#agenda.date || this.#first;
    this.#zone = zone;
    this.#turnTo(mondayOf(at));
  }

  /** The chosen day on a narrow screen, else the first that is shown and not past. */
  get date() {
    const now = dateIn(this.#zone, clock.now());
    if (!this.#wide.matches) return this.#agenda.date || now;
    return this.#first > now ? this.#first : now;
  }

  stop = () => {
    clearInterval(this.#timer);
    this.#wide.removeEventListener("change", this.#draw);
    this.#grid.stop();
  };

  #draw = () => {
    const days = Array.from({ length: 7 }, (_, index) => addDays(this.#first, index));
    this.#title.textContent = dateRange(days[0], days[6]);
    replace(
      this.#where,
      icon("globe"),
      `Times of ${zoneLabel(this.#zone, instantOf(this.#zone, days[0], 720))}`,
    );
    const shown = this.#wide.matches ? this.#grid : this.#agenda;
    shown.show(this.#zone, days, this.#items);
    if (this.#place.firstChild !== shown.node) replace(this.#place, shown.node);
  };

  /** @param {string} monday */
  #turnTo(monday) {
    this.#first = monday;
    // What was shown of another week says nothing of this one.
    this.#items = [];
    this.#draw();
    void this.reload();
  }

  #today = () => {
    const now = dateIn(this.#zone, clock.now());
    this.#agenda.turnTo(now);
    this.#turnTo(mondayOf(now));
  };

  #bar() {
    const step = (/** @type {number} */ days, /** @type {string} */ name, /** @type {string} */ sign) =>
      h(
        "button.button.small.icon-only",
        { type: "button", ariaLabel: name, onclick: () => this.#turnTo(addDays(this.#first, days)) },
        icon(sign),
      );
    return h(
      "div.cal-bar",
      h(
        "div.row.tight.fixed",
        h("button.button.small", { type: "button", onclick: this.#today }, "Today"),
        step(-7, "The week before", "left"),
        step(7, "The week after", "right"),
      ),
      h("div.grow", this.#title, this.#where),
    );
  }
}
