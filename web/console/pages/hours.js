// @ts-check
// The coach's weekly hours: when they can be booked, week by week, in a zone of their own, and the days that are unlike.
import { exceptionDialog, exceptionList } from "../calendar/exceptions.js";
import { zoneLabel } from "../calendar/format.js";
import { businessHead } from "../calendar/sub-nav.js";
import { weekForm } from "../calendar/week-form.js";
import { dateIn, zones } from "../calendar/zones.js";
import { check } from "../choices.js";
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { field, form, select } from "../form.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { toast, toastTrouble } from "../toast.js";

/** @typedef {import("../calendar/exceptions.js").Exception} Exception */
/**
 * @typedef {object} Schedule  GET /api/availability/schedule
 * @property {string} timeZone
 * @property {import("../calendar/week-form.js").Week} weekly
 * @property {boolean} instant
 * @property {Exception[]} exceptions
 * @property {number} version
 */

const PATH = "/api/availability/schedule";

/**
 * The form of the week. It knows the version of what it shows.
 * @param {import("../main.js").App} app
 * @param {Schedule} schedule
 * @param {{changed: () => void, saved: (next: Schedule) => void, stale: (error: unknown) => Promise<void>}} tell
 */
function scheduleForm(app, schedule, { changed, saved, stale }) {
  const now = clock.now();
  const zone = field({
    label: "Time zone",
    name: "timeZone",
    hint: "These hours are hours of this zone, in summer and in winter. Clients see them in theirs.",
    control: select(
      zones(schedule.timeZone).map((one) => [one, zoneLabel(one, now)]),
      schedule.timeZone,
    ),
  });
  const firm = check(
    "Firm at once",
    schedule.instant,
    "Clients book without asking you first, if the session type allows it too.",
  );
  const week = weekForm(schedule.weekly, changed);
  const made = form({
    label: "Weekly hours",
    submit: "Save the week",
    content: [zone, week.node, firm.node],
    send: async () => {
      const body = {
        timeZone: zone.querySelector("[name]").value,
        weekly: week.read(),
        instant: firm.input.checked,
        exceptions: schedule.exceptions,
      };
      try {
        saved(await app.rapport.api.put(PATH, body, { version: schedule.version }));
      } catch (error) {
        if (/** @type {any} */ (error)?.code !== "VERSION_MISMATCH") throw error;
        await stale(error);
      }
    },
  });
  made.node.addEventListener("change", changed);
  return made.node;
}

class Hours {
  #app;
  #api;
  #schedule;
  /** Whether something was written that is not saved. */
  #dirty = false;
  #week = h("div");
  #days = h("div.stack");
  #notice = h("div", { role: "status" });
  #stops = bag();

  /** @param {import("../main.js").App} app @param {Schedule} schedule */
  constructor(app, schedule) {
    this.#app = app;
    this.#api = app.rapport.api;
    this.#schedule = schedule;
    this.#show(schedule);
    const { notifications } = app.rapport;
    const own = app.me.value?.coach?.coachId;
    this.#stops.add(
      notifications.on("availability_update", ({ coachId }) => coachId === own && void this.#look()),
      notifications.on("reload", ({ first }) => first || void this.#look()),
    );
  }

  /** @returns {import("../router.js").Page} */
  page() {
    const add = h(
      "button.button.small",
      { type: "button", onclick: () => this.#edit() },
      icon("plus"),
      "Add a day",
    );
    const node = h(
      "section.page",
      businessHead({
        title: "Weekly hours",
        text: "When you can be booked, the same every week. What is booked is taken off by itself.",
        here: "/calendar/hours",
      }),
      this.#notice,
      h(
        "div.columns",
        h("section.card.stack", h("h2", "Every week"), this.#week),
        h(
          "aside.stack",
          h("div.row.between", h("h2", "Other days"), add),
          h("p.quiet.small", "Holidays, and days with other hours."),
          this.#days,
        ),
      ),
    );
    return { title: "Weekly hours", node, dispose: () => this.#stops.dispose() };
  }

  /** @param {Schedule} next */
  #show(next) {
    this.#schedule = next;
    this.#dirty = false;
    replace(this.#notice);
    const tell = {
      changed: () => void (this.#dirty = true),
      saved: (/** @type {Schedule} */ saved) => {
        this.#show(saved);
        toast("Your week is saved.", { kind: "good" });
      },
      stale: async (/** @type {unknown} */ error) => {
        toastTrouble(error);
        this.#show(await this.#api.get(PATH));
      },
    };
    replace(this.#week, scheduleForm(this.#app, next, tell));
    this.#drawDays();
  }

  #drawDays() {
    const today = dateIn(this.#schedule.timeZone, clock.now());
    const ahead = this.#schedule.exceptions.filter((one) => one.date >= today);
    const hands = { edit: (/** @type {Exception} */ one) => this.#edit(one), remove: this.#remove };
    replace(this.#days, exceptionList(ahead, hands));
  }

  /** A change of a day; the week's form may hold something that is not saved yet, which stays. @param {() => Promise<any>} work */
  async #change(work) {
    await work();
    const next = /** @type {Schedule} */ (await this.#api.get(PATH));
    if (!this.#dirty) return this.#show(next);
    this.#schedule.exceptions = next.exceptions;
    this.#schedule.version = next.version;
    this.#drawDays();
  }

  /** @param {Exception} [exception] */
  #edit(exception) {
    void exceptionDialog({
      date: dateIn(this.#schedule.timeZone, clock.now()),
      exception,
      save: (date, windows) =>
        this.#change(() => this.#api.put(`/api/availability/exceptions/${date}`, { windows })),
    });
  }

  /** @param {Exception} one */
  #remove = async (one) => {
    try {
      await this.#change(() => this.#api.delete(`/api/availability/exceptions/${one.date}`));
    } catch (error) {
      toastTrouble(error);
    }
  };

  /** Somebody changed it in another window, perhaps. */
  async #look() {
    const next = await this.#api.get(PATH).catch(() => null);
    if (!next || next.version === this.#schedule.version) return;
    if (!this.#dirty) return this.#show(next);
    const load = h(
      "button.button.small",
      { type: "button", onclick: () => this.#show(next) },
      "Show the newest",
    );
    const words = "Your hours were changed in another window. What you write here is not the newest.";
    replace(this.#notice, h("div.banner.warn", icon("warn"), h("p", words), load));
  }
}

/** @param {import("../router.js").Context} context */
export async function hoursPage({ app, rapport }) {
  if (!app.me.value) await app.readMe();
  return new Hours(app, await rapport.api.get(PATH)).page();
}
