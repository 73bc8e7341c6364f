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

/**
 * @typedef {object} Schedule  GET /api/availability/schedule
 * @property {string} timeZone
 * @property {import("../calendar/week-form.js").Week} weekly
 * @property {boolean} instant
 * @property {import("../calendar/exceptions.js").Exception[]} exceptions
 * @property {number} version
 */

const PATH = "/api/availability/schedule";

/**
 * The form of the week. It knows the version of what it shows.
 * @param {import("../main.js").App} app
 * @param {Schedule} schedule
 * @param {{changed: () => void, saved: (next: Schedule) => void, stale: (error: unknown) => void}} tell
 */
function scheduleForm(app, schedule, { changed, saved, stale }) {
  const now = clock.now();
  const zone = field({
    label: "Time zone",
    name: "timeZone",
    hint: "These hours are hours of this zone, in summer and in winter. Clients see them in theirs.",
    control: select(zones(schedule.timeZone).map((one) => [one, zoneLabel(one, now)]), schedule.timeZone),
  });
  const firm = check("Firm at once", schedule.instant, "Clients book without asking you first, if the session type allows it too.");
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
        stale(error);
      }
    },
  });
  made.node.addEventListener("change", changed);
  return made.node;
}

/** @param {import("../router.js").Context} context */
export async function hoursPage({ app, rapport }) {
  const { api, notifications } = rapport;
  if (!app.me.value) await app.readMe();
  /** @type {Schedule} */
  let schedule = await api.get(PATH);
  /** Whether something was written that is not saved. */
  let dirty = false;
  const week = h("div");
  const days = h("div.stack");
  const notice = h("div", { role: "status" });

  /** @param {Schedule} next */
  const show = (next) => {
    schedule = next;
    dirty = false;
    replace(notice);
    replace(
      week,
      scheduleForm(app, schedule, {
        changed: () => (dirty = true),
        saved: (saved) => {
          show(saved);
          toast("Your week is saved.", { kind: "good" });
        },
        stale: (error) => {
          toastTrouble(error);
          void read();
        },
      }),
    );
    drawDays();
  };
  const read = async () => show(await api.get(PATH));

  /** A change of a day; the week's form may hold something that is not saved yet, which stays. @param {() => Promise<any>} work */
  const change = async (work) => {
    await work();
    const next = /** @type {Schedule} */ (await api.get(PATH));
    if (!dirty) return show(next);
    schedule.exceptions = next.exceptions;
    schedule.version = next.version;
    drawDays();
  };
  /** @param {import("../calendar/exceptions.js").Exception} [exception] */
  const edit = (exception) =>
    void exceptionDialog({
      date: dateIn(schedule.timeZone, clock.now()),
      exception,
      save: (date, windows) =>
        change(() => api.put(`/api/availability/exceptions/${date}`, { windows })),
    });
  /** @param {import("../calendar/exceptions.js").Exception} one */
  const remove = async (one) => {
    try {
      await change(() => api.delete(`/api/availability/exceptions/${one.date}`));
    } catch (error) {
      toastTrouble(error);
    }
  };
  const drawDays = () => {
    const today = dateIn(schedule.timeZone, clock.now());
    const ahead = schedule.exceptions.filter((one) => one.date >= today);
    replace(days, exceptionList(ahead, { edit, remove: (one) => void remove(one) }));
  };

  /** Somebody changed it in another window, perhaps. */
  const look = async () => {
    const next = await api.get(PATH).catch(() => null);
    if (!next || next.version === schedule.version) return;
    if (!dirty) return show(next);
    const load = h("button.button.small", { type: "button", onclick: () => show(next) }, "Show the newest");
    replace(
      notice,
      h("div.banner.warn", icon("warn"), h("p", "Your hours were changed in another window. What you write here is not the newest."), load),
    );
  };
  const stops = bag();
  stops.add(
    notifications.on("availability_update", (event) => event.coachId === app.me.value?.coach?.coachId && void look()),
    notifications.on("reload", ({ first }) => first || void look()),
  );
  show(schedule);
  const node = h(
    "section.page",
    businessHead({
      title: "Weekly hours",
      text: "When you can be booked, the same every week. What is booked is taken off by itself.",
      here: "/calendar/hours",
    }),
    notice,
    h(
      "div.columns",
      h("section.card.stack", h("h2", "Every week"), week),
      h(
        "aside.stack",
        h("div.row.between", h("h2", "Other days"), h("button.button.small", { type: "button", onclick: () => edit() }, icon("plus"), "Add a day")),
        h("p.quiet.small", "Holidays, and days with other hours."),
        days,
      ),
    ),
  );
  return { title: "Weekly hours", node, dispose: () => stops.dispose() };
}
