// @ts-check
// A coach as everybody sees them, and the two ways to talk: a call now, or a session at a time that is booked.
import { avatar } from "../avatar.js";
import { callButton, statusBadge } from "../coach-card.js";
import { askForWord, tellOnline, wantsWord, watchCoaches } from "../coach-watch.js";
import { h, replace } from "../dom.js";
import { language, rate } from "../format.js";
import { icon } from "../icons.js";
import { rating } from "../stars.js";
import { bag } from "../store.js";
import { toastTrouble } from "../toast.js";
import { heldText } from "../words.js";

/** @typedef {import("../coach-card.js").Coach} Coach */

const BLOCK_MINUTES = 15;

/** A text of a profile: paragraphs by blank lines, nothing else is markup. @param {string} text */
function paragraphs(text) {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter(Boolean)
    .map((part) => h("p.prewrap", part));
}

/** @param {Coach} coach */
function about(coach) {
  const years = coach.yearsOfExperience;
  return [
    h(
      "section.card.stack",
      h("h2", "About"),
      coach.bio ? paragraphs(coach.bio) : h("p.quiet", `${coach.name} has not written about themselves yet.`),
    ),
    h(
      "section.card.stack",
      h("h2", "Good to know"),
      h(
        "dl.facts",
        h("dt", "Languages"),
        h("dd", coach.languages.map(language).join(", ") || "Not said"),
        years !== undefined && [h("dt", "Experience"), h("dd", `${years} ${years === 1 ? "year" : "years"}`)],
        h("dt", "Rating"),
        h("dd", rating(coach)),
      ),
      coach.expertise.length > 0 &&
        h(
          "div.stack.tight",
          h("h3", "Topics"),
          h(
            "ul.chips",
            coach.expertise.map((topic) =>
              h(
                "li",
                h("a.chip.chip-button", { href: `/coaches?expertise=${encodeURIComponent(topic)}` }, topic),
              ),
            ),
          ),
        ),
    ),
  ];
}

/** What stands under the button while the coach cannot be called. @param {Coach} coach */
function whenNot(coach) {
  if (coach.status === "online") return null;
  if (wantsWord.value)
    return h("p.with-icon.small", icon("check"), "You will be told as long as this page is open.");
  const words = coach.status === "busy" ? "when free" : "when online";
  return h(
    "button.button.wide",
    { type: "button", onclick: () => void askForWord() },
    icon("bell"),
    `Tell me ${words}`,
  );
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function coachPage(ctx) {
  const { app, rapport, params } = ctx;
  /** @type {Coach} */
  const coach = await rapport.api.get(`/api/coaches/${encodeURIComponent(params.userId)}/profile`);
  const kept = bag();
  const status = h("div");
  const price = h("p.figures.big");
  const call = h("div.stack");
  const held = h("p.quiet.small");
  const place = h("div.stack.loose");
  const connect = h("div");
  const own = app.user.value?.userId === coach.userId;
  const draw = () => {
    replace(status, statusBadge(coach.status));
    price.textContent = rate(coach.ratePerMinute);
    held.textContent = own
      ? ""
      : heldText(coach.ratePerMinute, app.about.calls?.blockMinutes ?? BLOCK_MINUTES);
    replace(call, callButton(app, coach, { big: true }), !own && whenNot(coach));
  };
  const watch = watchCoaches(app, (change) => {
    const came = change.status === "online" && coach.status !== "online";
    Object.assign(coach, { status: change.status, ratePerMinute: change.ratePerMinute });
    if (came && wantsWord.value) tellOnline(coach);
    draw();
  });
  kept.add(watch.dispose, wantsWord.subscribe(draw));
  void watch.add([coach.coachId]);

  const head = h(
    "header.coach-head",
    avatar(coach.name, coach.avatarUrl, "huge"),
    h(
      "div.stack.tight.grow",
      status,
      h("h1", coach.name),
      h("p.lead", coach.headline || "Coach"),
      rating(coach),
    ),
  );
  const node = h(
    "section.page",
    h("a.back", { href: "/coaches" }, icon("left"), "All coaches"),
    h(
      "div.columns.coach-columns",
      head,
      h("aside.card.stack.call-card", { ariaLabel: "Call" }, price, call, held, connect),
      h("div.stack.loose", place, about(coach)),
    ),
  );
  const mayBook = app.user.value?.role === "client" && !own;
  try {
    const { showOffer } = await import("../booking/offer.js");
    await showOffer(ctx, coach, { place, connect: own ? null : connect, mayBook, kept });
  } catch (error) {
    // The coach can be called all the same.
    toastTrouble(error);
  }
  return { title: coach.name, node, dispose: kept.dispose };
}
