// @ts-check
// What a coach offers: the list of session types, archived ones apart.
import { offerName } from "../business/offer-name.js";
import { length } from "../calendar/format.js";
import { businessHead } from "../calendar/sub-nav.js";
import { h, replace } from "../dom.js";
import { money } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { explain } from "../words.js";

/** @typedef {import("../business/offer-form.js").Offer} Offer */

/** @param {Offer} offer */
function durations({ durationMin, durationMax, durationDefault }) {
  if (durationMin === durationMax) return length(durationDefault);
  return `${length(durationMin)} to ${length(durationMax)}`;
}

/** @param {Offer} offer */
function offerCard(offer) {
  const group = offer.format === "group";
  const { policy } = offer;
  return h(
    "li.card.offer.coach-card",
    h(
      "div.row.between",
      h("h2", h("a.stretched", { href: `/calendar/offers/${offer.sessionTypeId}` }, offerName(offer))),
      h(`span.badge${offer.instant ? ".good" : ""}`, offer.instant ? "Firm at once" : "On request"),
    ),
    offer.descriptions?.en && h("p.quiet.small.clamp-2", offer.descriptions.en),
    h(
      "dl.facts",
      h("dt", "Price"),
      h(
        "dd.figures",
        offer.price.amount ? `${money(offer.price)} for ${length(offer.durationDefault)}` : "Free",
      ),
      h("dt", "Duration"),
      h("dd.figures", durations(offer)),
      group && h("dt", "Places"),
      group && h("dd.figures", `${offer.capacity}, from ${offer.minAttendees ?? 1}`),
      h("dt", "Cancelling"),
      h("dd.figures", `all back until ${policy.fullRefundHours} h before`),
    ),
  );
}

/** @param {import("../router.js").Context} context */
export async function offersPage({ rapport, query }) {
  const { api, notifications } = rapport;
  const archived = query.has("archived");
  const place = h("div");
  let turn = 0;
  const draw = async () => {
    const mine = ++turn;
    try {
      const { items } = await api.get("/api/session-types", archived ? { archived: true } : {});
      if (mine !== turn) return;
      const shown = items.filter((/** @type {Offer} */ one) => one.archived === archived);
      replace(
        place,
        shown.length
          ? h("ul.grid.plain", { ariaLabel: "Session types" }, shown.map(offerCard))
          : empty(archived),
      );
    } catch (error) {
      if (mine === turn) replace(place, h("p.banner.bad", icon("warn"), h("p", explain(error).text)));
    }
  };
  await draw();
  const stops = bag();
  stops.add(
    notifications.on("availability_update", () => void draw()),
    notifications.on("reload", ({ first }) => first || void draw()),
  );
  const node = h(
    "section.page",
    businessHead({
      title: "Session types",
      text: "What clients can book: how long, for how much, and by which rules.",
      here: "/calendar/offers",
      beside: [h("a.button.primary", { href: "/calendar/offers/new" }, icon("plus"), "New session type")],
    }),
    place,
    h(
      "p.small",
      archived
        ? h("a", { href: "/calendar/offers" }, "Show what is offered")
        : h("a", { href: "/calendar/offers?archived" }, "Show archived ones"),
    ),
  );
  return { title: "Session types", node, dispose: () => stops.dispose() };
}

/** @param {boolean} archived */
function empty(archived) {
  return h(
    "div.card.empty",
    h("span.empty-icon", icon("tag")),
    h("h2", archived ? "Nothing is archived" : "Nothing is offered yet"),
    h(
      "p",
      archived
        ? "What you archive is kept here."
        : "Say what clients can book; then your free times can be booked.",
    ),
    !archived && h("a.button.primary", { href: "/calendar/offers/new" }, "New session type"),
  );
}
