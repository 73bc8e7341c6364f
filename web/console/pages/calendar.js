// @ts-check
// The coach's calendar: free time is drawn, moved and pulled here, or written in a form; bookings are shown among it.
import { bookingItems, offeredItems } from "../calendar/items.js";
import { businessHead } from "../calendar/sub-nav.js";
import { calendarView } from "../calendar/view.js";
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

/** @param {import("../router.js").Context} context */
export async function calendarPage({ app, rapport, query }) {
  const { api, notifications } = rapport;
  if (!app.me.value) await app.readMe();
  const me = app.me.value;
  const [schedule, types] = await Promise.all([
    api.get("/api/availability/schedule"),
    api.get("/api/session-types"),
  ]);
  let zone = schedule.timeZone;
  const offered = types.items.map((/** @type {any} */ one) => ({ ...one, name: one.names.en ?? Object.values(one.names)[0] }));
  const names = new Map(offered.map((/** @type {any} */ one) => [one.sessionTypeId, one.name]));

  /** @param {number} from @param {number} to */
  const read = async (from, to) => {
    const [time, booked] = await Promise.all([
      api.get("/api/bookings/availability", { from: utc(from), to: utc(to) }),
      allBookings(api, me.userId, from, to),
    ]);
    return [...offeredItems(time.items, names, clock.now()), ...bookingItems(booked)];
  };

  /** @param {() => Promise<unknown>} work */
  const then = async (work) => {
    try {
      await work();
    } catch (error) {
      toastTrouble(error);
    }
    await view.reload();
  };
  /** @param {number} start @param {number} end */
  const draw = (start, end) => {
    if (start <= clock.now()) return toast("This is past already. Choose a time that is to come.");
    void then(async () => (await forms()).newSlotDialog(app, { zone, start, end, offered }));
  };
  /** @param {boolean} repeats */
  const add = (repeats) => {
    const start = Math.max(instantOf(zone, view.date(), 540), Math.ceil(clock.now() / HOUR) * HOUR);
    void then(async () => (await forms()).newSlotDialog(app, { zone, start, end: start + HOUR, offered, repeats }));
  };
  const view = calendarView({
    label: "Your calendar",
    zone,
    read,
    date: query.get("date") ?? undefined,
    hands: {
      draw,
      open: (item) => {
        if (item.kind === "booking") return app.navigate(`/bookings/${item.source.bookingId}`);
        void then(async () => (await forms()).editSlotDialog(app, { zone, slot: item.source, offered }));
      },
      move: (item, start, end) => {
        if (start <= clock.now()) return toast("This is past already. Choose a time that is to come.");
        void then(async () => (await import("../calendar/moving.js")).moveSlot(app, zone, item, start, end));
      },
    },
  });
  const stops = bag();
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void view.reload(), SOON_MS);
  };
  const followZone = async () => {
    const now = await api.get("/api/availability/schedule").catch(() => null);
    if (now && now.timeZone !== zone) view.setZone((zone = now.timeZone));
    soon();
  };
  stops.add(
    () => clearTimeout(timer),
    view.stop,
    notifications.on("booking_update", soon),
    notifications.on("availability_update", (change) => change.coachId === me.coach?.coachId && void followZone()),
    notifications.on("reload", ({ first }) => first || soon()),
  );
  const group = () =>
    void then(async () => {
      const { newGroupDialog } = await import("../coach-bookings/group-dialog.js");
      await newGroupDialog(app, { zone, date: view.date(), types: types.items });
    });
  const node = h(
    "section.page",
    businessHead({
      title: "Calendar",
      text: "Your free time and what is booked in it, as it changes.",
      here: "/calendar",
      beside: [
        h("button.button", { type: "button", onclick: group }, icon("people"), "Group session"),
        h("button.button", { type: "button", onclick: () => add(true) }, icon("repeat"), "Repeating"),
        h("button.button.primary", { type: "button", onclick: () => add(false) }, icon("plus"), "Free time"),
      ],
    }),
    view.node,
    key(),
  );
  await view.reload();
  return { title: "Calendar", node, dispose: () => stops.dispose() };
}
