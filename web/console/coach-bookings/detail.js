// @ts-check
// One booking as its coach sees it: who, when, what for, what it brings, what happened, and what can be done. A group
// session fills up here while one looks.
import { avatar } from "../avatar.js";
import { bookingTimeline } from "../booking/timeline.js";
import { dateIn } from "../calendar/zones.js";
import { whole, zoneLabel } from "../calendar/format.js";
import { h, redraw, redrawList, replace } from "../dom.js";
import { money, when } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { PAYMENT_STATES, explain } from "../words.js";
import { actButtons } from "./acts.js";
import { fullness, isGroup, stateBadge } from "./parts.js";
import { coachStanding, timeNote } from "./standing.js";

/** @typedef {import("./standing.js").BookingView} BookingView */

/** @param {BookingView} view */
function people(view) {
  if (!isGroup(view)) {
    return h(
      "section.card.stack",
      h("h2", "Client"),
      view.client && h("div.row.fixed", avatar(view.client.name), h("strong.grow.clip", view.client.name)),
      view.goals && h("div.stack.tight", h("h3", "Goals"), h("p.goals.prewrap", view.goals)),
      !view.goals && h("p.quiet.small", "The client wrote nothing about goals."),
    );
  }
  const list = view.attendeeList ?? [];
  return h(
    "section.card.stack",
    h("h2", "Places"),
    fullness(view),
    list.length > 0
      ? h(
          "ul.plain.stack",
          list.map((/** @type {any} */ one) =>
            h(
              "li.row.fixed",
              avatar(one.name, null, "small"),
              h("strong.grow.clip", one.name),
              h("span.quiet.small.figures", when(one.at)),
            ),
          ),
        )
      : h("p.quiet", "Nobody has a place yet. It fills up here as people pay."),
    view.meetingUrl &&
      h(
        "p.small",
        h("a", { href: view.meetingUrl, target: "_blank", rel: "noopener noreferrer" }, view.meetingUrl),
      ),
  );
}

/** Whether it took place, or should have, in a room of ours. @param {BookingView} view */
function hasRecord(view) {
  return !view.meetingUrl && !isGroup(view) && ["completed", "no_show"].includes(view.state);
}

/** @param {BookingView} view */
function moneyCard(view) {
  const { price } = view;
  const sum = (/** @type {number} */ amount) => money({ amount, currency: price.currency });
  const payment = view.paymentState ? PAYMENT_STATES[view.paymentState] : undefined;
  const cheaper = price.amount < price.base;
  return h(
    "section.card.stack",
    h("h2", isGroup(view) ? "Price of a place" : "Price"),
    h("p.figures.big", price.amount === 0 ? "Free" : sum(price.amount)),
    h(
      "dl.facts",
      cheaper && h("dt", "Instead of"),
      cheaper && h("dd.figures", sum(price.base)),
      price.label && h("dt", "Because of"),
      price.label && h("dd", price.label),
      payment && h("dt", "Payment"),
      payment && h("dd", h(`span.badge.${payment.kind}`, payment.label)),
    ),
  );
}

/** @param {BookingView} view @param {string} zone @param {Node} acts */
function whenCard(view, zone, acts) {
  const start = Date.parse(view.start);
  return h(
    "section.card.stack",
    h("h2.figures", whole(view.start, view.end, zone)),
    h("p.quiet", timeNote(view, zone)),
    h("p.quiet.small.with-icon", icon("globe"), `Times of ${zoneLabel(zone, start)}`),
    acts,
    hasRecord(view) &&
      h("p.small", h("a", { href: `/session/${view.bookingId}` }, "Who was there, and your notes")),
    h("p.small", h("a", { href: `/calendar?date=${dateIn(zone, start)}` }, "See it in the calendar")),
  );
}

/**
 * @param {import("../router.js").Context} ctx
 * @param {BookingView} first
 * @returns {Promise<import("../router.js").Page>}
 */
export async function coachBooking({ app, rapport }, first) {
  const { api, notifications } = rapport;
  const zone = (await api.get("/api/availability/schedule")).timeZone;
  const node = h("section.page");
  const trouble = h("div", { role: "alert" });
  const stops = bag();
  let view = first;
  let turn = 0;
  let acts = { node: h("div"), stop: () => {} };

  const draw = () => {
    acts.stop();
    acts = actButtons(app, view, { zone, done: () => void read() });
    // Whoever pressed a button goes on at what stands in its place.
    const again = node.querySelector("h1") === document.activeElement ? redraw : redrawList;
    again(
      node,
      h("a.back", { href: "/requests" }, icon("left"), "Bookings"),
      h(
        "header.page-head",
        h("div", stateBadge(view.state), h("h1", view.title), h("p", coachStanding(view, zone))),
      ),
      trouble,
      h(
        "div.columns",
        h("div.stack", whenCard(view, zone, acts.node), people(view), bookingTimeline(view, zone)),
        h("aside.stack", moneyCard(view)),
      ),
    );
  };
  const read = async () => {
    const mine = ++turn;
    try {
      const next = await api.get(`/api/bookings/${first.bookingId}`);
      if (mine !== turn) return;
      view = next;
      replace(trouble);
      draw();
    } catch (error) {
      if (mine === turn) replace(trouble, h("div.banner.bad", icon("warn"), h("p", explain(error).text)));
    }
  };
  draw();
  stops.add(
    () => acts.stop(),
    notifications.on("booking_update", (event) => event.bookingId === first.bookingId && void read()),
    notifications.on("payment_update", () => void read()),
    notifications.on("reload", ({ first: begins }) => begins || void read()),
  );
  return { title: view.title, node, dispose: () => stops.dispose() };
}
