// @ts-check
// Bookings of this person: those to come, the next one first; and those that are over, the last one first.
import { avatar } from "../avatar.js";
import { leftWords } from "../booking/left.js";
import { bookingState } from "../booking/state.js";
import { AHEAD, OVER } from "../booking/story.js";
import { zone, zoneChoice } from "../booking/zone.js";
import { whole } from "../calendar/format.js";
import { clock } from "../clock.js";
import { h, redrawList, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { Paging } from "../paging.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";

/**
 * @typedef {import("../router.js").Context} Context
 * @typedef {import("../booking/story.js").BookingView} BookingView
 */

const PAGE = 20;

/** What asks for an answer of the one who looks. @param {BookingView} booking */
function asked(booking) {
  if (booking.role !== "client") return null;
  if (booking.state === "pending_payment" && booking.expiresAt) {
    const left = clock.until(booking.expiresAt);
    return left > 0 ? `Pay within ${leftWords(Math.ceil(left))}` : null;
  }
  return booking.state === "time_suggested" ? "Choose one of the suggested times" : null;
}

/** What it costs; of what came to nothing, only what it would have cost. @param {BookingView} booking */
function priceOf({ state, price: { amount, currency } }) {
  const words = amount === 0 ? "Free" : money({ amount, currency });
  const counts = AHEAD.has(state) || ["completed", "no_show"].includes(state);
  return counts ? h("strong.figures", words) : h("span.quiet.figures", words);
}

/** @param {BookingView} booking */
function line(booking) {
  const client = booking.client ?? { name: booking.title, avatarUrl: null };
  const other = booking.role === "coach" ? client : booking.coach;
  const state = bookingState(booking);
  const asks = asked(booking);
  return h(
    "li",
    h(
      "a.list-item.booking-line",
      { href: `/bookings/${booking.bookingId}` },
      avatar(other.name, other.avatarUrl ?? null),
      h(
        "span.grow",
        h("strong.block.clip", booking.title),
        h("span.block.small.figures", whole(booking.start, booking.end, zone.value)),
        h(
          "span.row.tight.line-facts",
          h(`span.badge.${state.kind}`, state.label),
          h("span.quiet.small.clip", booking.role === "coach" ? "" : `with ${other.name}`),
        ),
        asks && h("span.block.small.asks", asks),
      ),
      h("span.end", priceOf(booking)),
      icon("right"),
    ),
  );
}

/** @param {"upcoming" | "past"} view */
function nothing(view) {
  return h(
    "div.empty",
    h("span.empty-icon", icon("calendar")),
    h("h2", view === "upcoming" ? "Nothing is booked" : "Nothing yet"),
    h(
      "p",
      view === "upcoming"
        ? "Choose a coach and a time that suits you both; you see it in your own time zone."
        : "Sessions that took place, or did not come about, are kept here.",
    ),
    h("a.button.primary", { href: "/coaches" }, "Find a coach"),
  );
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function bookingsPage(ctx) {
  const { rapport, app } = ctx;
  const view = ctx.query.get("view") === "past" ? "past" : "upcoming";
  const who = app.user.value?.userId ?? "";
  const address = `/api/bookings/user/${encodeURIComponent(who)}/sessions`;
  const wanted =
    view === "upcoming" ? { state: [...AHEAD], order: "oldest" } : { state: [...OVER], order: "newest" };
  const shown = new Paging(
    (cursor) => rapport.api.get(address, { ...wanted, limit: PAGE, cursor }),
    (/** @type {BookingView} */ one) => one.bookingId,
  );
  const list = h("ul.list", { ariaLabel: view === "upcoming" ? "Upcoming bookings" : "Past bookings" });
  const card = h("div.card.flush");
  const more = h("button.button", { type: "button" }, "Show more");
  const foot = h("div.row.centre", more);
  const draw = () => {
    const none = shown.items.length === 0;
    if (none || !card.contains(list)) replace(card, none ? nothing(view) : list);
    redrawList(list, shown.items.map(line));
    foot.hidden = !shown.more;
  };
  more.addEventListener("click", async () => {
    more.disabled = true;
    await shown.next().then(draw, toastTrouble);
    more.disabled = false;
  });
  await shown.next();
  const kept = bag();
  const again = () => void shown.again().then(draw, toastTrouble);
  const choice = zoneChoice();
  kept.add(
    rapport.notifications.on("booking_update", again),
    rapport.notifications.on("reload", ({ first }) => first || again()),
    zone.subscribe(draw),
    choice.stop,
  );
  const tab = (/** @type {string} */ name, /** @type {string} */ href, /** @type {string} */ label) =>
    h("a", { href, "aria-current": name === view ? "page" : undefined }, label);
  const node = h(
    "section.page.narrow",
    h(
      "header.page-head",
      h("div", h("h1", "Bookings"), h("p", "Sessions at a time that was agreed on.")),
      h(
        "nav.tabs",
        { ariaLabel: "Upcoming or past" },
        tab("upcoming", "/bookings", "Upcoming"),
        tab("past", "/bookings?view=past", "Past"),
      ),
    ),
    choice.node,
    h("div.stack", card, foot),
  );
  return { title: "Bookings", node, dispose: kept.dispose };
}
