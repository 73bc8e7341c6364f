// @ts-check
// What carries the house: processes by their heartbeats, timers by kind, and the invariants of the ledger.
import { h, replace } from "../dom.js";
import { count, number, span } from "../figures.js";
import { relative } from "../format.js";
import { icon } from "../icons.js";
import { lateness } from "./health.js";
import { keyed, mark, say } from "./keyed.js";

/** @typedef {import("./health.js").Overview} Overview */
/** @typedef {import("../../client/types.js").Http.ProcessView} Process */
/** @typedef {import("../../client/types.js").Http.InvariantView} Invariant */

/** @param {Process} process @param {() => number} now */
function processRow(process, now) {
  const heard = h("span.badge");
  const facts = h("span.quiet.small");
  const node = h("li.list-item",
    h("span.grow",
      h("strong.block", process.kind),
      h("code.quiet.small.block.clip", { title: process.id }, process.id),
      facts),
    h("span.end", heard));
  return {
    node,
    /** @param {Process} present */
    update(present) {
      const age = present.heartbeatAgeSeconds;
      mark(heard, present.silent ? "bad" : "good", present.silent ? `silent for ${span(age)}` : "heard");
      const held = Object.entries(present.sockets).filter(([, value]) => value > 0)
        .map(([name, value]) => `${number(value)} on ${name}`);
      say(facts, [
        present.startedAt && `up for ${span((now() - Date.parse(present.startedAt)) / 1000)}`,
        present.kind === "server" && (held.join(", ") || "no sockets"),
      ].filter(Boolean).join(" · "));
    },
  };
}

/** Processes. */
export function processes() {
  let now = 0;
  const list = h("ul.list", { ariaLabel: "Processes" });
  const draw = keyed(list, (/** @type {Process} */ one) => one.id, (one) => processRow(one, () => now));
  return {
    node: h("div.card.flush", list),
    /** @param {Overview} view */
    update(view) {
      now = Date.parse(view.at);
      draw(view.processes);
    },
  };
}

/** Timers by kind, and what else waits. */
export function timers() {
  const list = h("dl.facts.timer-kinds");
  let told = "";
  return {
    node: h("div.card", list),
    /** @param {Overview} view */
    update(view) {
      const { timers: found } = view;
      const kinds = Object.entries(found.byKind).sort((one, other) => other[1] - one[1]);
      const rows = [
        ...kinds.map(([kind, waiting]) => [kind, number(waiting)]),
        ["due now", found.due ? `${number(found.due)}, ${span(lateness(view))} late` : "none"],
        ["events not published", number(view.outboxUnpublished)],
        ["gateway without an answer", number(view.gatewayOperationsUnknown)],
      ];
      const text = JSON.stringify(rows);
      if (text === told) return;
      told = text;
      replace(list, rows.map(([name, value], index) => [
        h("dt", index < kinds.length ? h("code", name) : name), h("dd.figures", value)]));
    },
  };
}

/** @param {Invariant} invariant */
function invariantRow(invariant) {
  const sign = h("span.check-sign");
  const state = h("span.visually-hidden");
  const broken = h("code.small.block.bad");
  const node = h("li.list-item.slim", sign, h("span.grow", state, h("span", invariant.meaning), broken));
  return {
    node,
    /** @param {Invariant} present */
    update({ held, violations }) {
      if (sign.dataset.held === String(held) && broken.dataset.list === violations.join()) return;
      sign.dataset.held = String(held);
      broken.dataset.list = violations.join();
      sign.className = `check-sign ${held ? "good" : "bad"}`;
      replace(sign, icon(held ? "check" : "warn"));
      say(state, held ? "Holds: " : "Broken: ");
      broken.hidden = held;
      say(broken, violations.join(", "));
    },
  };
}

/** The invariants of the ledger at the last audit. */
export function ledger() {
  const list = h("ul.list", { ariaLabel: "Invariants of the ledger" });
  const checked = h("p.quiet.small.card-pad");
  const draw = keyed(list, (/** @type {Invariant} */ one) => one.name, invariantRow);
  return {
    node: h("div.card.flush", list, checked),
    /** @param {Overview} view */
    update({ ledger: audit, at }) {
      draw(audit?.invariants ?? []);
      if (!audit) say(checked, "Never checked yet: a worker does so every five minutes.");
      else {
        const broken = audit.invariants.filter((one) => !one.held).length;
        const when = audit.checkedAt ? relative(audit.checkedAt, Date.parse(at)) : "some time ago";
        const verdict = broken ? `${count(broken, "invariant")} broken.` : "All hold.";
        say(checked, `Checked ${when}, every five minutes. ${verdict}`);
      }
    },
  };
}
