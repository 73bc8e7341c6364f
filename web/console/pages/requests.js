// @ts-check
// Everything that is booked with a coach: what waits for an answer, what is to come, what was.
import { avatar } from "../avatar.js";
import { dayOf, timeRange, whole } from "../calendar/format.js";
import { dateIn } from "../calendar/zones.js";
import { clock } from "../clock.js";
import { actButtons } from "../coach-bookings/acts.js";
import { fullness, isGroup, stateBadge } from "../coach-bookings/parts.js";
import { coachStanding } from "../coach-bookings/standing.js";
import { h, redrawList, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { explain } from "../words.js";

/** @typedef {import("../coach-bookings/standing.js").BookingView} BookingView */
/** @typedef {{label: string, states: string[], order: "oldest" | "newest", none: string, text: string}} Part */

const PAGE = 20;
/** Several events of one change are answered by reading once. */
const SOON_MS = 150;

/** @type {{[name: string]: Part}} */
const PARTS = {
  open: {
    label: "To come",
    states: [
      "requested",
      "time_suggested",
      "pending_payment",
      "confirmed",
      "pending_minimum_attendees",
      "scheduled",
    ],
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

/** @param {Part} part */
function empty({ none, text }) {
  return h(
    "div.card.empty",
    h("span.empty-icon", icon("calendar")),
    h("h2", none),
    h("p", text),
    h(
      "div.row.centre",
      h("a.button.primary", { href: "/calendar" }, "Open the calendar"),
      h("a.button", { href: "/calendar/offers" }, "Session types"),
    ),
  );
}

/** The list of one part, which reads itself anew when something changed. */
class BookingList {
  #app;
  #part;
  #zone;
  /** @type {Paging<BookingView>} */
  #paging;
  /** Of the buttons that are shown. @type {(() => void)[]} */
  #stops = [];
  #list = h("div.stack.loose");
  #trouble = h("div", { role: "alert" });
  #counted = h("p.visually-hidden", { role: "status" });

  /**
   * @param {import("../main.js").App} app
   * @param {{part: Part, zone: string, userId: string}} options
   */
  constructor(app, { part, zone, userId }) {
    this.#app = app;
    this.#part = part;
    this.#zone = zone;
    const { api } = app.rapport;
    this.#paging = new Paging(
      async (cursor) => {
        const query = { state: part.states, order: part.order, limit: PAGE, cursor };
        const page = await api.get(`/api/bookings/user/${userId}/sessions`, query);
        // What is sold to others is listed here; what the coach bought is in /bookings.
        return {
          ...page,
          items: page.items.filter((/** @type {BookingView} */ one) => one.role === "coach"),
        };
      },
      (view) => view.bookingId,
    );
  }

  get nodes() {
    return [this.#counted, this.#trouble, this.#list];
  }

  /** @throws {import("../../client/errors.js").RapportError} */
  async begin() {
    await this.#paging.next();
    this.#draw();
  }

  again = async () => {
    try {
      await this.#paging.again();
      replace(this.#trouble);
    } catch (error) {
      const retry = h(
        "button.button.small",
        { type: "button", onclick: () => void this.again() },
        "Try again",
      );
      replace(this.#trouble, h("div.banner.bad", icon("warn"), h("p", explain(error).text), retry));
    }
    this.#draw();
  };

  stop() {
    for (const stop of this.#stops.splice(0)) stop();
  }

  #more = async () => {
    try {
      await this.#paging.next();
    } catch (error) {
      toastTrouble(error);
    }
    this.#draw();
  };

  #draw() {
    this.stop();
    const [zone, views] = [this.#zone, this.#paging.items];
    const waiting = this.#part === PARTS.open ? views.filter(asks) : [];
    const rest = views.filter((view) => !waiting.includes(view));
    const days = [...new Set(rest.map((view) => dateIn(zone, Date.parse(view.start))))];
    this.#counted.textContent = waiting.length ? `${waiting.length} to answer` : "";
    redrawList(
      this.#list,
      this.#section("To answer", waiting, ({ start, end }) => whole(start, end, zone)),
      days.map((day) => {
        const ofDay = rest.filter((view) => dateIn(zone, Date.parse(view.start)) === day);
        return this.#section(dayOf(ofDay[0].start, zone), ofDay, ({ start, end }) =>
          timeRange(start, end, zone),
        );
      }),
      views.length === 0 && empty(this.#part),
      this.#paging.more &&
        h(
          "div.row.centre",
          h("button.button", { type: "button", onclick: () => void this.#more() }, "Show more"),
        ),
    );
  }

  /** @param {string} title @param {BookingView[]} views @param {(view: BookingView) => string} time */
  #section(title, views, time) {
    if (views.length === 0) return null;
    const entries = views.map((view) => this.#entry(view, time(view)));
    return h("section.stack", h("h2", title), h("ul.list.card.flush", entries));
  }

  /** @param {BookingView} view @param {string} time */
  #entry(view, time) {
    const done = () => void this.again();
    const acts = actButtons(this.#app, view, { zone: this.#zone, done, small: true });
    this.#stops.push(acts.stop);
    const group = isGroup(view);
    return h(
      "li.entry-item",
      h(
        "div.entry-head",
        group ? h("span.note-icon", icon("people")) : avatar(view.client?.name ?? "?"),
        h(
          "div.grow.stack.tight",
          h("h3", h("a", { href: `/bookings/${view.bookingId}` }, view.title)),
          h("p.small.figures", time),
          !group && h("p.quiet.small.clip", view.client?.name ?? ""),
        ),
        h("div.entry-side", stateBadge(view.state), h("span.quiet.small.figures", priceText(view))),
      ),
      group && fullness(view),
      (asks(view) || this.#part !== PARTS.open) && h("p.small", coachStanding(view, this.#zone)),
      asks(view) && view.goals && h("p.goals.prewrap", view.goals),
      acts.node,
    );
  }
}

/** @param {Part} shown */
function partTabs(shown) {
  return h(
    "nav.tabs.sub-nav",
    { ariaLabel: "Which bookings" },
    Object.entries(PARTS).map(([key, part]) => {
      const href = key === "open" ? "/requests" : `/requests?show=${key}`;
      return h("a", { href, "aria-current": part === shown ? "page" : null }, part.label);
    }),
  );
}

/** @param {import("../router.js").Context} context */
export async function requestsPage({ app, rapport, query }) {
  const { api, notifications } = rapport;
  const part = PARTS[query.get("show") ?? "open"] ?? PARTS.open;
  const zone = (await api.get("/api/availability/schedule")).timeZone;
  const list = new BookingList(app, { part, zone, userId: app.user.value?.userId ?? "" });
  await list.begin();
  const stops = bag();
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void list.again(), SOON_MS);
  };
  stops.add(
    () => clearTimeout(timer),
    () => list.stop(),
    notifications.on("booking_update", soon),
    notifications.on("reload", ({ first }) => first || soon()),
  );
  const newGroup = async () => {
    try {
      const { newGroupDialog } = await import("../coach-bookings/group-dialog.js");
      const types = (await api.get("/api/session-types")).items;
      if (await newGroupDialog(app, { zone, date: dateIn(zone, clock.now()), types })) void list.again();
    } catch (error) {
      toastTrouble(error);
    }
  };
  const group = h(
    "button.button",
    { type: "button", onclick: () => void newGroup() },
    icon("people"),
    "New group session",
  );
  const node = h(
    "section.page",
    h(
      "header.page-head",
      h("div", h("h1", "Bookings"), h("p", "What clients booked with you. It changes here by itself.")),
      h("div.row", group),
    ),
    partTabs(part),
    list.nodes,
  );
  return { title: "Bookings", node, dispose: () => stops.dispose() };
}
