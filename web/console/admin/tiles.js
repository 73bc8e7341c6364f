// @ts-check
// The house in numbers, and what of it wants attention.
import { h, replace } from "../dom.js";
import { count, number, span } from "../figures.js";
import { icon } from "../icons.js";
import { CALL_STATES } from "../words.js";
import { lateness, troubles, worst } from "./health.js";
import { say } from "./keyed.js";

/** @typedef {import("./health.js").Overview} Overview */
/** @typedef {{value: string, note: string, level?: "" | "warn" | "bad"}} Shown */
/** @typedef {{label: string, href: string, show: (view: Overview) => Shown}} Tile */

/**
 * Numbers beside their names, the largest first: "2 live, 1 ringing".
 * @param {[string, number][]} pairs
 * @param {string} none
 */
function named(pairs, none) {
  const some = pairs.filter(([, value]) => value > 0).sort((one, other) => other[1] - one[1]);
  return some.map(([name, value]) => `${number(value)} ${name}`).join(", ") || none;
}

/**
 * @param {Record<string, number>} counts
 * @param {(name: string, value: number) => string} label
 * @returns {[string, number][]}
 */
function renamed(counts, label) {
  return Object.entries(counts).map(([name, value]) => [label(name, value), value]);
}

/** What a socket is to a person. @param {string} namespace @param {number} amount */
function socketName(namespace, amount) {
  if (namespace === "/live") return "in calls";
  return namespace === "/notifications" ? (amount === 1 ? "tab" : "tabs") : namespace;
}

/** @type {Tile[]} */
const TILES = [
  {
    label: "Sockets",
    href: "#processes",
    show: (view) => ({
      value: number(view.sockets),
      note: named(renamed(view.socketsByNamespace, socketName), "nobody is here"),
    }),
  },
  {
    label: "Calls in progress",
    href: "#calls",
    show: ({ calls }) => ({
      value: number(calls.open),
      note: [
        named(renamed(calls.byState, (state) => (CALL_STATES[state]?.label ?? state).toLowerCase()), ""),
        calls.settling > 0 && `${number(calls.settling)} settling`,
      ].filter(Boolean).join(", ") || "none",
    }),
  },
  {
    label: "Coaches online",
    href: "/coaches",
    show: ({ coaches }) => ({
      value: number(coaches.online),
      note: `${number(coaches.busy)} in a call, ${number(coaches.offline)} offline`,
    }),
  },
  {
    label: "Ticks",
    href: "#charts",
    show: (view) => ({ value: number(view.ticks), note: "call minutes, last 5 min" }),
  },
  {
    label: "Timers waiting",
    href: "#timers",
    show: (view) => ({
      value: number(view.timers.waiting),
      note: view.timers.due > 0 ? `${number(view.timers.due)} due, ${span(lateness(view))} late` : "none due",
      level: lateness(view) > 10 ? "warn" : "",
    }),
  },
  {
    label: "Dead letters",
    href: "#dead-letters",
    show: (view) => ({
      value: number(view.deadLetters),
      note: view.deadLetters ? "they wait for you" : "nothing has failed for good",
      level: view.deadLetters ? "bad" : "",
    }),
  },
  {
    label: "Webhooks waiting",
    href: "#webhooks",
    show: ({ webhooks }) => ({
      value: number(webhooks.waiting),
      note: webhooks.waiting ? `the oldest for ${span(webhooks.oldestWaitingSeconds)}`
        : `${number(Object.values(webhooks.lastHour).reduce((sum, one) => sum + one, 0))} processed in an hour`,
      level: webhooks.oldestWaitingSeconds > 60 ? "warn" : "",
    }),
  },
  {
    label: "Events unpublished",
    href: "#timers",
    show: ({ outboxUnpublished: events, gatewayOperationsUnknown: unknown }) => ({
      value: number(events),
      note: unknown ? `${count(unknown, "gateway request")} unanswered` : "no gateway request unanswered",
      level: unknown || events > 100 ? "warn" : "",
    }),
  },
];

/** @param {Tile} tile */
function makeTile({ label, href, show }) {
  const value = h("strong.figures.big");
  const note = h("span.quiet.small.tile-note");
  const node = h("a.card.tile", { href }, h("span.small", label), value, note);
  return {
    node: h("li", node),
    /** @param {Overview} view */
    update(view) {
      const shown = show(view);
      say(value, shown.value);
      say(note, shown.note);
      node.className = `card tile ${shown.level ?? ""}`.trimEnd();
    },
  };
}

/** All tiles. */
export function tiles() {
  const made = TILES.map(makeTile);
  return {
    node: h("ul.plain.tiles", { ariaLabel: "The house in numbers" }, made.map((tile) => tile.node)),
    /** @param {Overview} view */
    update: (view) => made.forEach((tile) => tile.update(view)),
  };
}

/** One line that says whether all is well, and else what is not. */
export function attention() {
  const words = h("div.row.tight");
  const sign = h("span.attention-sign");
  const node = h("section.banner.attention", { ariaLabel: "State of the house" }, sign, words);
  let told = "";
  return {
    node,
    /** @param {Overview} view */
    update(view) {
      const found = troubles(view);
      const level = worst(found);
      const text = JSON.stringify(found);
      if (text === told) return;
      told = text;
      node.className = `banner attention ${level}`;
      replace(sign, icon(level === "good" ? "check" : "warn"));
      replace(words, found.length
        ? [h("strong", found.length === 1 ? "One thing needs a look:" : `${found.length} things need a look:`),
          found.map((one) => h("a", { href: one.href }, one.text))]
        : h("p", h("strong", "All is well. "), "The books balance, nothing failed for good, and everybody is heard."));
    },
  };
}
