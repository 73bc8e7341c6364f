// @ts-check
// The admin's live view: the house right now and over the last hour, and what failed in it.
import { attention, tiles } from "../admin/tiles.js";
import { callsInProgress } from "../admin/calls.js";
import { deadLetters } from "../admin/dead-letters.js";
import { freshness } from "../admin/freshness.js";
import { history } from "../admin/history.js";
import { ledger, processes, timers } from "../admin/house.js";
import { whileVisible } from "../admin/watch.js";
import { webhooks } from "../admin/webhooks.js";
import { h } from "../dom.js";
import { bag } from "../store.js";

/** Seconds between two readings. Samples are written every 10 s, so charts need no more than that. */
const OVERVIEW_EVERY = 3;
const LISTS_EVERY = 6;
const HISTORY_EVERY = 15;

/** @param {string} id @param {string} title @param {...Node} content */
function section(id, title, ...content) {
  return h("section.stack.tight.admin-part", { "aria-labelledby": id },
    h(`h2#${id}`, { tabindex: -1 }, title), content);
}

/** @param {number} speed */
function aboutTheClock(speed) {
  if (speed === 1) return "Everything that runs here, read again every few seconds while you look.";
  return `Calls and timers run ${speed} times as fast as the clock on the wall; calls are timed by that faster clock.`;
}

/** @param {import("../router.js").Context} ctx @returns {Promise<import("../router.js").Page>} */
export async function adminPage(ctx) {
  const { api } = ctx.rapport;
  const kept = bag();
  const charts = history();
  const node = h("section.page.admin");
  const fresh = freshness(node);
  const letters = deadLetters(api, () => everything());
  const inbox = webhooks(api);
  const parts = [attention(), tiles(), callsInProgress(), ledger(), processes(), timers()];
  const [state, numbers, calls, books, running, waiting] = parts.map((part) => part.node);

  async function readOverview() {
    const view = await api.get("/api/admin/overview");
    for (const part of parts) part.update(view);
    fresh.fresh(view.at);
    return view;
  }
  const readHistory = async () => charts.update(await api.get("/api/admin/history", { minutes: 60 }));
  const readLists = async () => void (await Promise.all([letters.refresh(), inbox.refresh()]));
  const everything = async () => void (await Promise.all([readOverview(), readLists()]));
  // The first of all must succeed, or there is no page; charts and lists may follow.
  const view = await readOverview();
  await Promise.allSettled([readHistory(), readLists()]);

  const quietly = (/** @type {() => Promise<unknown>} */ read) => async () => {
    await read().catch(fresh.failed);
  };
  const loops = [
    whileVisible(OVERVIEW_EVERY, quietly(readOverview)),
    whileVisible(LISTS_EVERY, quietly(readLists)),
    whileVisible(HISTORY_EVERY, quietly(readHistory)),
    whileVisible(1, fresh.draw),
  ];
  kept.add(charts.dispose, ...loops.map((loop) => loop.stop));

  node.append(
    h("header.page-head", h("div", h("h1", "Live view"), h("p", aboutTheClock(view.clockSpeed))), fresh.node),
    state,
    numbers,
    section("charts", "The last hour", charts.node),
    section("calls", "Calls in progress", calls),
    h("div.columns.even",
      h("div.stack.loose",
        section("dead-letters", "Dead letters", letters.node),
        section("webhooks", "Webhooks", inbox.node)),
      h("div.stack.loose",
        section("ledger", "The books", books),
        section("processes", "Processes", running),
        section("timers", "Timers and the rest", waiting))));
  return { title: "Live view", node, dispose: kept.dispose };
}
