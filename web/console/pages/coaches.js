// @ts-check
// Finding a coach: search and filters in the address, those who are online first, statuses live.
import { coachCard, coachSkeleton } from "../coach-card.js";
import { askForWord, tellOnline, wantsWord, watchCoaches } from "../coach-watch.js";
import { h, replace } from "../dom.js";
import { select } from "../form.js";
import { language } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { explain } from "../words.js";

/**
 * @typedef {import("../router.js").Context} Context
 * @typedef {{text: string, language: string, expertise: string, sort: string, online: boolean}} Wish
 */

const PAGE = 12;
const TYPING_MS = 250;
/** Each status in turn: so those who can be called come first, whatever the order among them. */
const STATUSES = ["online", "busy", "offline"];
const LANGUAGES = ["ar", "de", "en", "es", "fr", "hi", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sv", "tr", "uk", "zh"];
/** @type {[string, string][]} */
const SORTS = [
  ["rating", "Best rated"],
  ["price_low", "Price, low first"],
  ["price_high", "Price, high first"],
  ["newest", "Newest"],
];

/** @param {URLSearchParams} query @returns {Wish} */
function read(query) {
  const sort = query.get("sort") ?? "";
  return {
    text: query.get("text") ?? "",
    language: query.get("language") ?? "",
    expertise: query.get("expertise") ?? "",
    sort: SORTS.some(([one]) => one === sort) ? sort : "rating",
    online: query.has("online"),
  };
}

/** Keep the address in step, so that Back, a reload and a bookmark bring the same list. @param {Wish} wish */
function write(wish) {
  const query = new URLSearchParams();
  if (wish.text) query.set("text", wish.text);
  if (wish.language) query.set("language", wish.language);
  if (wish.expertise) query.set("expertise", wish.expertise);
  if (wish.sort !== "rating") query.set("sort", wish.sort);
  if (wish.online) query.set("online", "");
  const text = query.toString().replace("online=", "online");
  history.replaceState(history.state, "", text ? `/coaches?${text}` : "/coaches");
}

/**
 * Pages of coaches, status by status.
 * @param {import("../../client/rapport.js").Rapport} rapport
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
    /** @returns {Promise<import("../coach-card.js").Coach[]>} */
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

/**
 * @param {Wish} wish
 * @param {() => void} changed
 */
function filters(wish, changed) {
  let timer = 0;
  const search = h("input.input", { type: "search", value: wish.text, placeholder: "Name, topic or a word", ariaLabel: "Search coaches",
    maxlength: 60, enterkeyhint: "search", autocomplete: "off" });
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      // The server takes no text that begins with a blank.
      wish.text = search.value.trim();
      changed();
    }, TYPING_MS);
  });
  const choose = (/** @type {"language" | "expertise" | "sort"} */ key) => (/** @type {any} */ event) => {
    wish[key] = event.target.value;
    changed();
  };
  const spoken = LANGUAGES.map((code) => /** @type {[string, string]} */ ([code, language(code)]))
    .sort((one, other) => one[1].localeCompare(other[1]));
  const online = h("input", { type: "checkbox", checked: wish.online });
  online.addEventListener("change", () => {
    wish.online = online.checked;
    changed();
  });
  /** Topics that were seen: the server has no list of them. */
  const topics = new Set(wish.expertise ? [wish.expertise] : []);
  const topic = select([["", "Any topic"]], "", { onchange: choose("expertise"), ariaLabel: "Topic" });
  const drawTopics = () => {
    const sorted = [...topics].sort((one, other) => one.localeCompare(other));
    replace(topic, h("option", { value: "" }, "Any topic"), sorted.map((one) => h("option", { value: one }, one)));
    topic.value = wish.expertise;
  };
  drawTopics();
  const node = h("search.filters",
    h("span.with-affix.filter-text", icon("search"), search),
    h("span.field", topic),
    h("span.field", select([["", "Any language"], ...spoken], wish.language, { onchange: choose("language"), ariaLabel: "Language" })),
    h("span.field", select(SORTS, wish.sort, { onchange: choose("sort"), ariaLabel: "Order" })),
    h("label.check", online, "Online now"));
  const addTopics = (/** @type {string[]} */ found) => {
    if (found.every((one) => topics.has(one))) return;
    for (const one of found) topics.add(one);
    drawTopics();
  };
  return { node, addTopics, dispose: () => clearTimeout(timer) };
}

/** Words for when nobody can be called, with the way on. @param {{any: boolean}} options */
function nobodyOnline({ any }) {
  const button = h("button.button", { type: "button", onclick: () => void askForWord() }, icon("bell"), "Tell me when one comes online");
  const waiting = h("p.with-icon", icon("check"), "You will be told as long as this page is open.");
  const place = h("div");
  const stop = wantsWord.subscribe((wanted) => replace(place, wanted ? waiting : button));
  const node = h("div.card.nobody",
    h("span.empty-icon", icon("clock")),
    h("div.grow",
      h("h2", "No coach is online right now"),
      h("p.quiet", any ? "Look at their profiles meanwhile. The mark turns green as soon as one is there."
        : "Look again in a while.")),
    place);
  return { node, stop };
}

/** @param {Wish} wish @param {() => void} clear */
function noMatch(wish, clear) {
  const filtered = wish.text || wish.language || wish.expertise;
  return h("li.empty.card.all-columns",
    h("span.empty-icon", icon("search")),
    h("h2", filtered ? "No coach matches" : "There are no coaches yet"),
    h("p", filtered ? "Try another word, or fewer filters." : "As soon as one is verified, they appear here."),
    filtered && h("button.button", { type: "button", onclick: clear }, "Show all coaches"));
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function coachesPage(ctx) {
  const { rapport, app } = ctx;
  const wish = read(ctx.query);
  const kept = bag();
  /** @type {Map<string, ReturnType<typeof coachCard>>} */
  const cards = new Map();
  const list = h("ul.plain.grid.coach-grid", { ariaLabel: "Coaches" });
  const nobody = h("div");
  const said = h("p.visually-hidden", { role: "status" });
  const more = h("button.button", { type: "button" }, "Show more");
  const foot = h("div.row.centre", { hidden: true }, more);
  let pages = pager(rapport, wish);
  let turn = 0;
  let stopNobody = () => {};

  const drawNobody = () => {
    stopNobody();
    const online = [...cards.values()].some((card) => card.coach.status === "online");
    const filtered = wish.text || wish.language || wish.expertise;
    if (online || filtered || turn === 0) return replace(nobody);
    const { node, stop } = nobodyOnline({ any: cards.size > 0 });
    stopNobody = stop;
    replace(nobody, node);
  };
  const watch = watchCoaches(app, (status) => {
    const card = cards.get(status.coachId);
    if (!card) return;
    if (card.update(status) && wantsWord.value) tellOnline(card.coach);
    drawNobody();
  });

  const addPage = async (/** @type {number} */ mine) => {
    const found = await pages.next();
    if (mine !== turn) return;
    const fresh = found.filter((coach) => !cards.has(coach.coachId))
      .map((coach) => coachCard(app, coach));
    for (const card of fresh) cards.set(card.coach.coachId, card);
    for (const skeleton of list.querySelectorAll("[aria-hidden]")) if (skeleton.parentNode === list) skeleton.remove();
    list.append(...fresh.map((card) => card.node));
    panel.addTopics(found.flatMap((coach) => coach.expertise));
    if (cards.size === 0 && !(wish.online && !wish.text && !wish.language && !wish.expertise)) replace(list, noMatch(wish, clear));
    foot.hidden = pages.done;
    said.textContent = `${cards.size} ${cards.size === 1 ? "coach" : "coaches"} shown`;
    drawNobody();
    void watch.add(fresh.map((card) => card.coach.coachId));
  };
  const load = async () => {
    const mine = ++turn;
    cards.clear();
    pages = pager(rapport, wish);
    replace(list, Array.from({ length: 3 }, coachSkeleton));
    foot.hidden = true;
    try {
      await addPage(mine);
    } catch (error) {
      if (mine === turn) showTrouble(error);
    }
  };
  const showTrouble = (/** @type {unknown} */ error) => {
    const { title, text } = explain(error);
    replace(list, h("li.empty.card.all-columns", h("span.empty-icon", icon("warn")), h("h2", title), h("p", text),
      h("button.button.primary", { type: "button", onclick: () => void load() }, "Try again")));
  };
  const changed = () => {
    write(wish);
    void load();
  };
  const clear = () => {
    Object.assign(wish, { text: "", language: "", expertise: "", online: false });
    app.navigate("/coaches");
  };
  more.addEventListener("click", async () => {
    const before = cards.size;
    more.disabled = true;
    try {
      await addPage(turn);
      /** @type {HTMLElement | null} */ (list.children[before]?.querySelector("a"))?.focus();
    } catch (error) {
      showTrouble(error);
    } finally {
      more.disabled = false;
    }
  });

  const panel = filters(wish, changed);
  kept.add(panel.dispose, watch.dispose, () => stopNobody(), rapport.notifications.on("reload", ({ first }) => first || void load()));
  void load();
  const node = h("section.page",
    h("header.page-head", h("div", h("h1", "Find a coach"), h("p", "Green means: call, and it rings at once."))),
    panel.node, said, nobody, list, foot);
  return { title: "Find a coach", node, dispose: kept.dispose };
}
