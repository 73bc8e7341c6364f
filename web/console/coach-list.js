// @ts-check
// Coaches who match a wish: those who are online first, page by page, their statuses live.
import { coachCard, coachSkeleton } from "./coach-card.js";
import { askForWord, tellOnline, wantsWord, watchCoaches } from "./coach-watch.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./words.js";

/** @typedef {import("./coach-card.js").Coach} Coach */
/** @typedef {{text: string, language: string, expertise: string, sort: string, online: boolean}} Wish */

const PAGE = 12;
/** As many as the server gives at once. */
const OTHERS = 100;
/** Each status in turn: so those who can be called come first, whatever the order among them. */
const STATUSES = ["online", "busy", "offline"];

/**
 * Pages of coaches, status by status.
 * @param {import("../client/rapport.js").Rapport} rapport
 * @param {Wish} wish
 */
function pager(rapport, wish) {
  const statuses = wish.online ? ["online"] : [...STATUSES];
  /** @type {string | undefined} */
  let cursor;
  return {
    get done() {
      return statuses.length === 0;
    },
    /** @returns {Promise<Coach[]>} */
    async next() {
      const found = [];
      while (statuses.length > 0 && found.length < PAGE) {
        const page = await rapport.api.get("/api/coaches", {
          status: statuses[0],
          sort: wish.sort,
          limit: PAGE - found.length,
          ...(wish.text ? { text: wish.text } : {}),
          ...(wish.language ? { language: wish.language } : {}),
          ...(wish.expertise ? { expertise: wish.expertise } : {}),
          ...(cursor ? { cursor } : {}),
        });
        found.push(...page.items);
        cursor = page.nextCursor;
        if (!cursor) statuses.shift();
      }
      return found;
    },
  };
}

/** Words for when nobody can be called, with the way on. @param {boolean} any  whether there are coaches at all */
function nobodyOnline(any) {
  const ask = h(
    "button.button",
    { type: "button", onclick: () => void askForWord() },
    icon("bell"),
    "Tell me when one comes online",
  );
  const waiting = h("p.with-icon", icon("check"), "You will be told as long as this page is open.");
  const place = h("div");
  const stop = wantsWord.subscribe((wanted) => replace(place, wanted ? waiting : ask));
  const text = any
    ? "Book a session on a coach's page meanwhile. The mark turns green as soon as one is there."
    : "Look again in a while.";
  const words = h("div.grow", h("h2", "No coach is online right now"), h("p.quiet", text));
  return { node: h("div.card.nobody", h("span.empty-icon", icon("clock")), words, place), stop };
}

/** Takes the same place, so that nothing moves just when somebody can be called. @param {Coach} coach */
function somebodyOnline(coach) {
  const words = h(
    "div.grow",
    h("h2", `${coach.name} is online now`),
    h("p.quiet", "Call while the mark is green."),
  );
  const open = h("a.button", { href: `/coaches/${coach.userId}` }, "Open profile");
  return h("div.card.nobody", h("span.empty-icon", icon("phone")), words, open);
}

/** @param {Wish} wish */
function filtered(wish) {
  return Boolean(wish.text || wish.language || wish.expertise);
}

/** @param {Wish} wish @param {() => void} clear */
function noMatch(wish, clear) {
  const narrowed = filtered(wish) || wish.online;
  return h(
    "li.empty.card.all-columns",
    h("span.empty-icon", icon("search")),
    h("h2", narrowed ? "No coach matches" : "There are no coaches yet"),
    h(
      "p",
      narrowed ? "Try another word, or fewer filters." : "As soon as one is verified, they appear here.",
    ),
    narrowed && h("button.button", { type: "button", onclick: clear }, "Show all coaches"),
  );
}

/** The list below the filters: pages of cards, and what is said when there are none. */
export class CoachList {
  #app;
  #wish;
  /** @type {Map<string, ReturnType<typeof coachCard>>} */
  #cards = new Map();
  #list = h("ul.plain.grid.coach-grid", { ariaLabel: "Coaches" });
  /** First in the list, so that the list itself never moves. */
  #nobody = h("li.all-columns");
  #said = h("p.visually-hidden", { role: "status" });
  #more = h("button.button", { type: "button", onclick: () => void this.#showMore() }, "Show more");
  #foot = h("div.row.centre", { hidden: true }, this.#more);
  #pages;
  #turn = 0;
  #loaded = false;
  #stopNobody = () => {};
  #watch;
  /** Coaches who are on no page yet, watched for somebody who wants word. @type {Map<string, Coach>} */
  #others = new Map();
  #stopWord;
  /** Hears the topics of the coaches that were found. @type {(topics: string[]) => void} */
  onTopics = () => {};

  /**
   * @param {import("./main.js").App} app
   * @param {Wish} wish
   */
  constructor(app, wish) {
    this.#app = app;
    this.#wish = wish;
    this.#pages = pager(app.rapport, wish);
    this.#watch = watchCoaches(app, (status) => this.#changed(status));
    this.#stopWord = wantsWord.subscribe((wanted) => wanted && void this.#watchOthers());
  }

  get nodes() {
    return [this.#said, this.#list, this.#foot];
  }

  /** Begin again, as the wish is now. */
  async load() {
    const mine = ++this.#turn;
    this.#loaded = false;
    this.#cards.clear();
    this.#pages = pager(this.#app.rapport, this.#wish);
    replace(this.#nobody);
    replace(this.#list, Array.from({ length: 3 }, coachSkeleton));
    this.#foot.hidden = true;
    try {
      await this.#addPage(mine);
    } catch (error) {
      if (mine === this.#turn) this.#trouble(error);
    }
  }

  dispose() {
    this.#turn += 1;
    this.#stopWord();
    this.#watch.dispose();
    this.#stopNobody();
  }

  /** @param {number} mine */
  async #addPage(mine) {
    const found = await this.#pages.next();
    if (mine !== this.#turn) return;
    const fresh = found
      .filter((coach) => !this.#cards.has(coach.coachId))
      .map((coach) => coachCard(this.#app, coach));
    for (const card of fresh) this.#cards.set(card.coach.coachId, card);
    if (!this.#loaded) replace(this.#list, this.#nobody);
    this.#loaded = true;
    this.#list.append(...fresh.map((card) => card.node));
    this.#foot.hidden = this.#pages.done;
    this.onTopics(found.flatMap((coach) => coach.expertise));
    this.#drawEmpty();
    const count = this.#cards.size;
    this.#said.textContent = `${count} ${count === 1 ? "coach" : "coaches"} shown`;
    void this.#watch.add(fresh.map((card) => card.coach.coachId));
  }

  async #showMore() {
    const before = this.#list.children.length;
    this.#more.disabled = true;
    try {
      await this.#addPage(this.#turn);
      this.#list.children[before]?.querySelector("a")?.focus();
    } catch (error) {
      this.#trouble(error);
    } finally {
      this.#more.disabled = false;
    }
  }

  /** Whoever comes online is wanted, not only those on the pages that were shown. */
  async #watchOthers() {
    try {
      const { items } = await this.#app.rapport.api.get("/api/coaches", { limit: OTHERS });
      for (const coach of items) this.#others.set(coach.coachId, coach);
      await this.#watch.add([...this.#others.keys()]);
    } catch {
      // Those who are shown are watched all the same.
    }
  }

  /** @param {import("./coach-watch.js").Status} status */
  #changed(status) {
    const card = this.#cards.get(status.coachId);
    const other = this.#others.get(status.coachId);
    if (!card && other && status.status === "online" && wantsWord.value) return tellOnline(other);
    if (!card) return;
    if (card.update(status) && wantsWord.value) tellOnline(card.coach);
    this.#drawEmpty();
  }

  #drawEmpty() {
    if (!this.#loaded) return;
    this.#stopNobody();
    this.#stopNobody = () => {};
    const online = [...this.#cards.values()].find((card) => card.coach.status === "online");
    const quiet = !online && !filtered(this.#wish);
    const none = this.#cards.size === 0;
    if (none && !(quiet && this.#wish.online))
      replace(this.#list, this.#nobody, noMatch(this.#wish, this.#clear));
    if (quiet) {
      const { node, stop } = nobodyOnline(!none);
      this.#stopNobody = stop;
      replace(this.#nobody, node);
    } else if (online && this.#nobody.hasChildNodes()) {
      replace(this.#nobody, somebodyOnline(online.coach));
    }
  }

  #clear = () => {
    Object.assign(this.#wish, { text: "", language: "", expertise: "", online: false });
    this.#app.navigate("/coaches");
  };

  /** @param {unknown} error */
  #trouble(error) {
    const { title, text } = explain(error);
    replace(this.#nobody);
    replace(
      this.#list,
      h(
        "li.empty.card.all-columns",
        h("span.empty-icon", icon("warn")),
        h("h2", title),
        h("p", text),
        h("button.button.primary", { type: "button", onclick: () => void this.load() }, "Try again"),
      ),
    );
  }
}
