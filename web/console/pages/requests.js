// @ts-check
// Everything that is booked with a coach: what waits for an answer, what is to come, what was.
import { avatar } from "../avatar.js";
import { dayOf, timeRange, whole } from "../calendar/format.js";
import { clock } from "../clock.js";
import { actButtons } from "../coach-bookings/acts.js";
import { fullness, isGroup, stateBadge } from "../coach-bookings/parts.js";
import { coachStanding } from "../coach-bookings/standing.js";
import { dateIn } from "../calendar/zones.js";
import { h, redraw, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { explain } from "../words.js";

/** @typedef {import("../coach-bookings/standing.js").BookingView} BookingView */
/** @typedef {{label: string, states: string[], order: "oldest" | "newest", none: string, text: string}} Part */

const PAGE = 20;
const SOON_MS = 150;

/** @type {{[name: string]: Part}} */
const PARTS = {
  open: {
    label: "To come",
    states: ["requested", "time_suggested", "pending_payment", "confirmed", "pending_minimum_attendees", "scheduled"],
    order: "oldest",
    none: "Nothing is booked",
    text: "Open your calendar for clients, and say what can be booked.",
  },
  past: {
    label: "Past",
    states: ["completed", "no_show"],
    order: "newest",
    none: "Nothing took place yet",
    text: "Sessions are kept here when they are over.",
  },
  off: {
    label: "Called off",
    states: ["declined", "expired", "cancelled_by_client", "cancelled_by_coach"],
    order: "newest",
    none: "Nothing was called off",
    text: "Declined, expired and cancelled bookings are kept here.",
  },
};

/** @param {BookingView} view */
function priceText(view) {
  if (view.price.amount === 0) return "Free";
  return isGroup(view) ? `${money(view.price)} a place` : money(view.price);
}

/** Whether the coach is to answer. @param {BookingView} view */
function asks(view) {
  return view.state === "requested" || Boolean(view.rescheduling);
}

/** @param {import("../router.js").Context} context */
export async function requestsPage({ app, rapport, query }) {
  const { api, notifications } = rapport;
  if (!app.me.value) await app.readMe();
  const me = app.me.value;
  const name = query.get("show") ?? "open";
  const part = PARTS[name] ?? PARTS.open;
  const [schedule, types] = await Promise.all([api.get("/api/availability/schedule"), api.get("/api/session-types")]);
  const zone = schedule.timeZone;
  /** What is sold to others is listed here; what the coach bought is in /bookings. */
  const own = (/** @type {BookingView} */ view) => view.role === "coach" && !view.groupId;
  /** @type {Paging<BookingView>} */
  const paging = new Paging(
    async (cursor) => {
      const page = await api.get(`/api/bookings/user/${me.userId}/sessions`, {
        state: part.states,
        order: part.order,
        limit: PAGE,
        cursor,
      });
      return { ...page, items: page.items.filter(own) };
    },
    (view) => view.bookingId,
  );
  const list = h("div.stack.loose");
  const trouble = h("div", { role: "alert" });
  const counted = h("p.visually-hidden", { role: "status" });
  /** @type {(() => void)[]} */
  let buttons = [];

  const again = async () => {
    try {
      await paging.again();
      replace(trouble);
    } catch (error) {
      const retry = h("button.button.small", { type: "button", onclick: () => void again() }, "Try again");
      replace(trouble, h("div.banner.bad", icon("warn"), h("p", explain(error).text), retry));
    }
    draw();
  };
  /** @param {BookingView} view @param {string} time */
  const entry = (view, time) => {
    const acts = actButtons(app, view, { zone, done: () => void again(), small: true });
    buttons.push(acts.stop);
    const group = isGroup(view);
    return h(
      "li.entry-item",
      { dataset: { booking: view.bookingId } },
      h(
        "div.entry-head",
        group ? h("span.note-icon", icon("people")) : avatar(view.client?.name ?? "?"),
        h(
          "div.grow.stack.tight",
          h("h3", h("a", { href: `/bookings/${view.bookingId}` }, view.title)),
          h("p.small.figures", time),
          !group && h("p.quiet.small.clip", view.client?.name ?? ""),
        ),
        h(
          "div.entry-side",
          stateBadge(view.state),
          h("span.quiet.small.figures", priceText(view)),
        ),
      ),
      group && fullness(view),
      (asks(view) || part !== PARTS.open) && h("p.small", coachStanding(view, zone)),
      asks(view) && view.goals && h("p.goals.prewrap", view.goals),
      acts.node,
    );
  };
  /** @param {string} title @param {BookingView[]} views @param {(view: BookingView) => string} time */
  const section = (title, views, time) =>
    views.length > 0 &&
    h(
      "section.stack",
      h("h2", title),
      h(
        "ul.list.card.flush",
        views.map((view) => entry(view, time(view))),
      ),
    );

  const draw = () => {
    for (const stop of buttons) stop();
    buttons = [];
    const views = paging.items;
    const waiting = name === "open" ? views.filter(asks) : [];
    const rest = views.filter((view) => !waiting.includes(view));
    const days = [...new Set(rest.map((view) => dateIn(zone, Date.parse(view.start))))];
    counted.textContent = waiting.length ? `${waiting.length} to answer` : "";
    redraw(
      list,
      section("To answer", waiting, ({ start, end }) => whole(start, end, zone)),
      days.map((day) => {
        const ofDay = rest.filter((view) => dateIn(zone, Date.parse(view.start)) === day);
        return section(dayOf(ofDay[0].start, zone), ofDay, ({ start, end }) => timeRange(start, end, zone));
      }),
      views.length === 0 && empty(part),
      paging.more && h("div.row.centre", h("button.button", { type: "button", onclick: () => void more() }, "Show more")),
    );
  };
  const more = async () => {
    try {
      await paging.next();
    } catch (error) {
      toastTrouble(error);
    }
    draw();
  };
  const newGroup = async () => {
    const { newGroupDialog } = await import("../coach-bookings/group-dialog.js");
    const made = await newGroupDialog(app, { zone, date: dateIn(zone, clock.now()), types: types.items }).catch(toastTrouble);
    if (made) void again();
  };
  await paging.next();
  draw();
  const stops = bag();
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void again(), SOON_MS);
  };
  stops.add(
    () => clearTimeout(timer),
    () => buttons.forEach((stop) => stop()),
    notifications.on("booking_update", soon),
    notifications.on("reload", ({ first }) => first || soon()),
  );
  const node = h(
    "section.page",
    h(
      "header.page-head",
      h("div", h("h1", "Bookings"), h("p", "What clients booked with you. It changes here by itself.")),
      h("div.row", h("button.button", { type: "button", onclick: () => void newGroup() }, icon("people"), "New group session")),
    ),
    h(
      "nav.tabs.sub-nav",
      { ariaLabel: "Which bookings" },
      Object.entries(PARTS).map(([key, { label }]) =>
        h("a", { href: key === "open" ? "/requests" : `/requests?show=${key}`, "aria-current": part === PARTS[key] ? "page" : null }, label),
      ),
    ),
    counted,
    trouble,
    list,
  );
  return { title: "Bookings", node, dispose: () => stops.dispose() };
}

/** @param {Part} part */
function empty({ none, text }) {
  return h(
    "div.card.empty",
    h("span.empty-icon", icon("calendar")),
    h("h2", none),
    h("p", text),
    h("div.row.centre", h("a.button.primary", { href: "/calendar" }, "Open the calendar"), h("a.button", { href: "/calendar/offers" }, "Session types")),
  );
}
