// @ts-check
// Finding a coach: search and filters in the address, those who are online first, statuses live.
import { CoachList } from "../coach-list.js";
import { h, replace } from "../dom.js";
import { select } from "../form.js";
import { language } from "../format.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";

/**
 * @typedef {import("../router.js").Context} Context
 * @typedef {import("../coach-list.js").Wish} Wish
 */

const TYPING_MS = 250;
const LANGUAGES = [
  "ar",
  "de",
  "en",
  "es",
  "fr",
  "hi",
  "it",
  "ja",
  "ko",
  "nl",
  "pl",
  "pt",
  "ru",
  "sv",
  "tr",
  "uk",
  "zh",
];
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
 * A search box that waits until its person stops typing.
 * @param {Wish} wish
 * @param {() => void} changed
 */
function searchBox(wish, changed) {
  let timer = 0;
  const node = h("input.input", {
    type: "search",
    value: wish.text,
    placeholder: "Name, topic or a word",
    ariaLabel: "Search coaches",
    maxlength: 60,
    enterkeyhint: "search",
    autocomplete: "off",
  });
  node.addEventListener("input", () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      // The server takes no text that begins with a blank.
      wish.text = node.value.trim();
      changed();
    }, TYPING_MS);
  });
  return { node, dispose: () => clearTimeout(timer) };
}

/**
 * The topics that were seen so far: the server has no list of them.
 * @param {Wish} wish
 * @param {(event: any) => void} onchange
 */
function topicChoice(wish, onchange) {
  const topics = new Set(wish.expertise ? [wish.expertise] : []);
  const node = select([["", "Any topic"]], "", { onchange, ariaLabel: "Topic" });
  const draw = () => {
    const sorted = [...topics].sort((one, other) => one.localeCompare(other));
    replace(
      node,
      h("option", { value: "" }, "Any topic"),
      sorted.map((one) => h("option", { value: one }, one)),
    );
    node.value = wish.expertise;
  };
  draw();
  return {
    node,
    /** @param {string[]} found */
    add(found) {
      if (found.every((one) => topics.has(one))) return;
      for (const one of found) topics.add(one);
      draw();
    },
  };
}

/**
 * @param {Wish} wish
 * @param {() => void} changed
 */
function filters(wish, changed) {
  const search = searchBox(wish, changed);
  const choose = (/** @type {"language" | "expertise" | "sort"} */ key) => (/** @type {any} */ event) => {
    wish[key] = event.target.value;
    changed();
  };
  const topic = topicChoice(wish, choose("expertise"));
  const spoken = LANGUAGES.map((code) => /** @type {[string, string]} */ ([code, language(code)])).sort(
    (one, other) => one[1].localeCompare(other[1]),
  );
  const online = h("input", { type: "checkbox", checked: wish.online });
  online.addEventListener("change", () => {
    wish.online = online.checked;
    changed();
  });
  const node = h(
    "search.filters",
    h("span.with-affix.filter-text", icon("search"), search.node),
    h("span.field", topic.node),
    h(
      "span.field",
      select([["", "Any language"], ...spoken], wish.language, {
        onchange: choose("language"),
        ariaLabel: "Language",
      }),
    ),
    h("span.field", select(SORTS, wish.sort, { onchange: choose("sort"), ariaLabel: "Order" })),
    h("label.check", online, "Online now"),
  );
  return { node, addTopics: topic.add, dispose: search.dispose };
}

/** @param {Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function coachesPage(ctx) {
  const wish = read(ctx.query);
  const list = new CoachList(ctx.app, wish);
  const panel = filters(wish, () => {
    write(wish);
    void list.load();
  });
  list.onTopics = panel.addTopics;
  const kept = bag();
  kept.add(
    panel.dispose,
    () => list.dispose(),
    ctx.rapport.notifications.on("reload", ({ first }) => first || void list.load()),
  );
  void list.load();
  const node = h(
    "section.page",
    h(
      "header.page-head",
      h(
        "div",
        h("h1", "Find a coach"),
        h(
          "p",
          "Green means: call, and it rings at once. Sessions at another time are booked on a coach's page.",
        ),
      ),
    ),
    panel.node,
    list.nodes,
  );
  return { title: "Find a coach", node, dispose: kept.dispose };
}
