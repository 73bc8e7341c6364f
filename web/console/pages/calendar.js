// @ts-check
// The coach's calendar: free time is drawn, moved and pulled here, or written in a form; bookings are shown among it.
import { offerName } from "../business/offer-name.js";
import { bookingItems, offeredItems } from "../calendar/items.js";
import { businessHead } from "../calendar/sub-nav.js";
import { CalendarView } from "../calendar/view.js";
import { instantOf } from "../calendar/zones.js";
import { clock } from "../clock.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toast, toastTrouble } from "../toast.js";

/** @typedef {import("../calendar/grid.js").Item} Item */

/** Several events of one change are answered by reading once. */
const SOON_MS = 150;
const HOUR = 3_600_000;

/** Fetched with the first form. */
const forms = () => import("../calendar/slot-dialog.js");

/** @param {number} instant */
function utc(instant) {
  return new Date(instant).toISOString();
}

/**
 * A coach's bookings in a span of time, however many.
 * @param {import("../../client/api.js").Api} api
 * @param {string} userId
 * @param {number} from
 * @param {number} to
 */
async function allBookings(api, userId, from, to) {
  /** @type {any[]} */
  const found = [];
  /** @type {string | undefined} */
  let cursor;
  do {
    const query = { start: utc(from), end: utc(to), limit: 100, cursor };
    const page = await api.get(`/api/bookings/user/${userId}/sessions`, query);
    found.push(...page.items.filter((/** @type {any} */ one) => one.role === "coach"));
    cursor = page.nextCursor;
  } while (cursor);
  return found;
}

/** What the colours mean. */
function key() {
  const entries = [
    ["window", "Open by weekly hours"],
    ["slot", "Free time of its own"],
    ["booking", "Booked"],
    ["waits", "Waits for an answer or a payment"],
    ["blocked", "Cancelled by you, still blocked"],
  ];
  return h(
    "ul.cal-key",
    { ariaLabel: "What the colours mean" },
    entries.map(([kind, words]) => h("li", h(`i.${kind}`, { "aria-hidden": "true" }), words)),
  );
}

class CoachCalendar {
  #app;
  #api;
  #zone;
  /** Session types that are offered. @type {any[]} */
  #types;
  #view;
  #stops = bag();
  #timer = 0;

  /**
   * @param {import("../main.js").App} app
   * @param {{zone: string, types: any[], date?: string}} options
   */
  constructor(app, { zone, types, date }) {
    this.#app = app;
    this.#api = app.rapport.api;
    this.#zone = zone;
    this.#types = types;
    const hands = { draw: this.#draw, open: this.#open, move: this.#move };
    this.#view = new CalendarView({ label: "Your calendar", zone, date, hands, read: this.#read });
    this.#listen();
  }

  /** @returns {Promise<import("../router.js").Page>} */
  async page() {
    await this.#view.reload();
    const button = (
      /** @type {string} */ label,
      /** @type {string} */ sign,
      /** @type {() => void} */ run,
      kind = "plain",
    ) => h(`button.button.${kind}`, { type: "button", onclick: run }, icon(sign), label);
    const node = h(
      "section.page",
      businessHead({
        title: "Calendar",
        text: "Your free time and what is booked in it, as it changes.",
        here: "/calendar",
        beside: [
          button("Group session", "people", this.#group),
          button("Repeating", "repeat", () => this.#add(true)),
          button("Free time", "plus", () => this.#add(false), "primary"),
        ],
      }),
      this.#view.node,
      key(),
    );
    return { title: "Calendar", node, dispose: () => this.#stops.dispose() };
  }

  #listen() {
    const { notifications } = this.#app.rapport;
    const own = this.#app.me.value?.coach?.coachId;
    const soon = () => {
      clearTimeout(this.#timer);
      this.#timer = window.setTimeout(() => void this.#view.reload(), SOON_MS);
    };
    this.#stops.add(
      () => clearTimeout(this.#timer),
      this.#view.stop,
      notifications.on("booking_update", soon),
      notifications.on("availability_update", ({ coachId }) => coachId === own && soon()),
      notifications.on("reload", ({ first }) => first || soon()),
    );
  }

  /** @param {number} from @param {number} to @returns {Promise<Item[]>} */
  #read = async (from, to) => {
    const [time, booked] = await Promise.all([
      this.#api.get("/api/bookings/availability", { from: utc(from), to: utc(to) }),
      allBookings(this.#api, this.#app.user.value?.userId ?? "", from, to),
    ]);
    // Set in another window, perhaps: what is shown then is read anew.
    this.#view.setZone((this.#zone = time.timeZone));
    const names = new Map(this.#types.map((one) => [one.sessionTypeId, offerName(one)]));
    return [...offeredItems(time.items, names, clock.now()), ...bookingItems(booked)];
  };

  /** Do something, and show what came of it. @param {() => Promise<unknown>} work */
  async #then(work) {
    try {
      await work();
    } catch (error) {
      toastTrouble(error);
    }
    await this.#view.reload();
  }

  get #offered() {
    return this.#types.map((one) => ({ sessionTypeId: one.sessionTypeId, name: offerName(one) }));
  }

  /** @param {number} start */
  #past(start) {
    const past = start <= clock.now();
    if (past) toast("This is past already. Choose a time that is to come.");
    return past;
  }

  /** @param {number} start @param {number} end @param {boolean} [repeats] */
  #new(start, end, repeats) {
    const options = { zone: this.#zone, start, end, repeats, offered: this.#offered };
    void this.#then(async () => (await forms()).newSlotDialog(this.#app, options));
  }

  /** @param {number} start @param {number} end */
  #draw = (start, end) => {
    if (!this.#past(start)) this.#new(start, end);
  };

  /** @param {boolean} repeats */
  #add(repeats) {
    const nine = instantOf(this.#zone, this.#view.date, 540);
    const start = Math.max(nine, Math.ceil(clock.now() / HOUR) * HOUR);
    this.#new(start, start + HOUR, repeats);
  }

  /** @param {Item} item */
  #open = (item) => {
    if (item.kind === "booking") return this.#app.navigate(`/bookings/${item.source.bookingId}`);
    const options = { zone: this.#zone, slot: item.source, offered: this.#offered };
    void this.#then(async () => (await forms()).editSlotDialog(this.#app, options));
  };

  /** @param {Item} item @param {number} start @param {number} end */
  #move = (item, start, end) => {
    if (this.#past(start)) return;
    void this.#then(async () => {
      const { moveSlot } = await import("../calendar/moving.js");
      await moveSlot(this.#app, this.#zone, item, start, end);
    });
  };

  #group = () =>
    void this.#then(async () => {
      const { newGroupDialog } = await import("../coach-bookings/group-dialog.js");
      await newGroupDialog(this.#app, { zone: this.#zone, date: this.#view.date, types: this.#types });
    });
}

/** @param {import("../router.js").Context} context */
export async function calendarPage({ app, rapport, query }) {
  if (!app.me.value) await app.readMe();
  const [schedule, types] = await Promise.all([
    rapport.api.get("/api/availability/schedule"),
    rapport.api.get("/api/session-types"),
  ]);
  const date = query.get("date") ?? undefined;
  return new CoachCalendar(app, { zone: schedule.timeZone, types: types.items, date }).page();
}
