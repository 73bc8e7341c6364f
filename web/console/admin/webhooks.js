// @ts-check
// The gateway's latest events, and what came of them.
import { h } from "../dom.js";
import { count } from "../figures.js";
import { timeOfDay, when } from "../format.js";
import { mark, say } from "./keyed.js";
import { paged } from "./paged.js";

/** @typedef {import("../../client/types.js").Http.WebhookView} Webhook */

/** A dotted, underscored name that may be broken at its joints. @param {string} name */
function breakable(name) {
  return name.split(/(?<=[._])/).flatMap((part, index) => (index ? [h("wbr"), part] : [part]));
}

/** @param {Webhook} webhook */
function row(webhook) {
  const outcome = h("span.badge");
  const facts = h("span.quiet.small.figures");
  const node = h("li.list-item.slim",
    h("div.grow",
      h("strong.block", breakable(webhook.type)),
      h("code.quiet.small.block.clip", { title: webhook.id }, webhook.objectId || webhook.id)),
    h("span.end", outcome, facts));
  return {
    node,
    /** @param {Webhook} present */
    update(present) {
      mark(outcome, present.outcome ? "plain" : "warn", present.outcome?.replaceAll("_", " ") ?? "waiting");
      const today = new Date(present.receivedAt).toDateString() === new Date().toDateString();
      const received = today ? timeOfDay(present.receivedAt) : when(present.receivedAt);
      const tries = present.attempts > 1 || !present.outcome ? `, ${count(present.attempts, "attempt")}` : "";
      say(facts, received + tries);
    },
  };
}

/** @param {import("../../client/api.js").Api} api */
export function webhooks(api) {
  return paged({
    api,
    path: "/api/admin/webhooks",
    label: "Webhooks, the latest first",
    none: "The gateway has not told anything yet.",
    size: 8,
    keyOf: (/** @type {Webhook} */ one) => one.id,
    row,
  });
}
