// @ts-check
// What is next for a coach: the sessions that come, and how many requests wait for an answer.
import { dayOf, timeRange } from "../calendar/format.js";
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { explain } from "../words.js";
import { isGroup, placesText } from "./parts.js";

/** @typedef {import("./standing.js").BookingView} BookingView */

const SHOWN = 4;
const PAGE = 50;
const STATES = ["requested", "pending_payment", "confirmed", "pending_minimum_attendees", "scheduled"];
const SOON_MS = 150;

/** @param {BookingView} view @param {string} zone */
function row(view, zone) {
  const who = isGroup(view) ? `${view.title} · ${placesText(view)}` : view.client?.name;
  return h(
    "li",
    h(
      "a.list-item.slim",
      { href: `/bookings/${view.bookingId}` },
      h(
        "span.grow.stack.tight",
        h("strong.figures.small", `${dayOf(view.start, zone)}, ${timeRange(view.start, view.end, zone)}`),
        h("span.quiet.small.clip", who),
      ),
      icon("right"),
    ),
  );
}

/** @param {BookingView[]} views @param {string} zone */
function rows(views, zone) {
  const asks = views.filter((one) => one.state === "requested" || one.rescheduling).length;
  const next = views.filter((one) => one.state !== "requested").slice(0, SHOWN);
  const words = asks === 1 ? "1 request waits for you" : `${asks} requests wait for you`;
  const none = ["No session is booked yet. ", h("a", { href: "/calendar" }, "Open your calendar")];
  return [
    asks > 0 &&
      h(
        "a.list-item.slim.coming-asks",
        { href: "/requests" },
        icon("clock"),
        h("strong.grow", words),
        icon("right"),
      ),
    next.length > 0
      ? h(
          "ul.list.ruled",
          next.map((view) => row(view, zone)),
        )
      : h("p.card-pad.quiet.small", none),
  ];
}

/**
 * @param {import("../main.js").App} app
 * @returns {{node: HTMLElement, load: () => Promise<void>, stop: () => void}}
 */
export function comingUp(app) {
  const { api, notifications } = app.rapport;
  const place = h("div");
  let turn = 0;
  const load = async () => {
    const mine = ++turn;
    try {
      const query = {
        state: STATES,
        order: "oldest",
        start: new Date(clock.now()).toISOString(),
        limit: PAGE,
      };
      const [schedule, page] = await Promise.all([
        api.get("/api/availability/schedule"),
        api.get(`/api/bookings/user/${app.user.value?.userId}/sessions`, query),
      ]);
      if (mine !== turn) return;
      const own = page.items.filter((/** @type {BookingView} */ one) => one.role === "coach");
      replace(place, ...rows(own, schedule.timeZone));
    } catch (error) {
      if (mine === turn) replace(place, h("p.card-pad.quiet", explain(error).text));
    }
  };
  const stops = bag();
  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void load(), SOON_MS);
  };
  stops.add(
    () => clearTimeout(timer),
    notifications.on("booking_update", soon),
    notifications.on("reload", ({ first }) => first || soon()),
  );
  const node = h(
    "section.card.flush",
    h("div.card-pad.row.between", h("h2", "Coming up"), h("a.small", { href: "/requests" }, "All bookings")),
    place,
  );
  return { node, load, stop: () => stops.dispose() };
}
