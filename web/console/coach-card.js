// @ts-check
// A coach in the list, kept up to date in place: nothing moves when a status changes.
import { avatar } from "./avatar.js";
import { h, replace } from "./dom.js";
import { language, rate } from "./format.js";
import { icon } from "./icons.js";
import { rating } from "./stars.js";
import { startCall } from "./start-call.js";
import { STATUSES } from "./words.js";

/**
 * @typedef {object} Coach  of GET /api/coaches
 * @property {string} userId
 * @property {string} coachId
 * @property {string} name
 * @property {string | null} [avatarUrl]
 * @property {string} headline
 * @property {string} bio
 * @property {string[]} expertise
 * @property {string[]} languages
 * @property {number} [yearsOfExperience]
 * @property {number | null} [ratingAverage]
 * @property {number} ratingCount
 * @property {{amount: number, currency: string}} ratePerMinute
 * @property {"online" | "busy" | "offline"} status
 * @property {string} [since]
 */

/** @param {string} status */
export function statusBadge(status) {
  const { label, kind } = STATUSES[status] ?? STATUSES.offline;
  return h(`span.badge.${kind}`, label);
}

/**
 * The button that calls, as far as the coach can be called now.
 * @param {import("./main.js").App} app
 * @param {Coach} coach
 * @param {{big?: boolean}} [options]
 */
export function callButton(app, coach, { big = false } = {}) {
  const own = app.user.value?.userId === coach.userId;
  if (own) return h("a.button", { href: "/profile", class: big ? "wide" : "" }, "This is you");
  const online = coach.status === "online";
  return h(
    `button.button${online ? ".primary" : ""}`,
    {
      type: "button",
      class: big ? "big wide" : "",
      disabled: !online,
      ariaLabel: `Call ${coach.name}`,
      onclick: () => startCall(app, coach),
    },
    icon("phone"),
    "Call",
  );
}

/**
 * @param {import("./main.js").App} app
 * @param {Coach} coach
 */
export function coachCard(app, coach) {
  const status = h("span.status-place");
  const price = h("strong.figures");
  const call = h("span.call-place");
  const node = h(
    "li.card.coach-card",
    { dataset: { coach: coach.coachId } },
    h(
      "div.coach-card-head",
      avatar(coach.name, coach.avatarUrl, "big"),
      h(
        "div.stack.tight.grow",
        status,
        h("h2.clip", h("a.stretched", { href: `/coaches/${coach.userId}` }, coach.name)),
        h("p.quiet.small.clamp-2", coach.headline || "Coach"),
      ),
    ),
    h(
      "ul.chips.one-line",
      { ariaLabel: "Topics" },
      coach.expertise.map((topic) => h("li.chip", topic)),
    ),
    h(
      "p.quiet.small.clip.with-icon",
      icon("globe"),
      coach.languages.length ? coach.languages.map(language).join(", ") : "Languages not said",
    ),
    h("div.coach-card-foot", h("div.stack.tight", price, rating(coach)), call),
  );

  const draw = () => {
    node.dataset.status = coach.status;
    replace(status, statusBadge(coach.status));
    price.textContent = rate(coach.ratePerMinute);
    const focused = call.contains(document.activeElement);
    replace(call, callButton(app, coach));
    if (focused) call.querySelector("button")?.focus();
  };
  draw();
  return {
    node,
    coach,
    /** @param {import("./coach-watch.js").Status} change */
    update(change) {
      const cameOnline = change.status === "online" && coach.status !== "online";
      Object.assign(coach, {
        status: change.status,
        since: change.since,
        ratePerMinute: change.ratePerMinute,
      });
      draw();
      return cameOnline;
    },
  };
}

/** As large as a card will be. */
export function coachSkeleton() {
  return h(
    "li.card.coach-card",
    { "aria-hidden": "true" },
    h(
      "div.coach-card-head",
      h("span.skeleton.round.big"),
      h(
        "div.stack.tight.grow",
        h("span.skeleton.line"),
        h("span.skeleton.line.wide"),
        h("span.skeleton.line.wide"),
      ),
    ),
    h("span.skeleton.line.wide"),
    h("span.skeleton.line"),
    h("div.coach-card-foot", h("span.skeleton.line"), h("span.skeleton.button-like")),
  );
}
