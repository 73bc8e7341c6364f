// @ts-check
// Calls in progress: who with whom, in which state since when, and what it comes to.
import { h } from "../dom.js";
import { duration, money } from "../format.js";
import { icon } from "../icons.js";
import { CALL_STATES } from "../words.js";
import { keyed, mark, say } from "./keyed.js";

/** @typedef {import("./health.js").Overview} Overview */
/** @typedef {import("../../client/types.js").Http.CallInProgressView} Call */

/**
 * @param {Call} call
 * @param {() => number} now  domain time, milliseconds
 */
function row(call, now) {
  const state = h("span.badge");
  const since = h("span.quiet.small.figures");
  const talk = h("strong.figures.block");
  const amount = h("span.quiet.small.figures");
  const node = h("li", h("a.list-item", { href: `/receipts/${call.sessionId}` },
    h("span.grow",
      h("strong.block", call.client.name, h("span.quiet", " with "), call.coach.name),
      h("span.row.tight.line-facts", state, since)),
    h("span.end", talk, amount),
    icon("right")));
  return {
    node,
    /** @param {Call} present */
    update(present) {
      const words = CALL_STATES[present.state] ?? { label: present.state, kind: "offline" };
      mark(state, words.kind, words.label);
      say(since, `for ${duration((now() - Date.parse(present.since)) / 1000)}`);
      say(talk, duration(present.billableSeconds));
      say(amount, money(present.amount));
    },
  };
}

/** The list, with a word where there is none. */
export function callsInProgress() {
  let now = 0;
  const list = h("ul.list", { ariaLabel: "Calls in progress" });
  const none = h("p.quiet.card-pad", "Nobody is in a call. As soon as somebody calls, it appears here.");
  const more = h("p.quiet.small.card-pad");
  const draw = keyed(list, (/** @type {Call} */ call) => call.sessionId, (call) => row(call, () => now));
  return {
    node: h("div.card.flush", none, list, more),
    /** @param {Overview} view */
    update({ calls, domainTime }) {
      now = Date.parse(domainTime);
      draw(calls.items);
      none.hidden = calls.items.length > 0;
      more.hidden = calls.open <= calls.items.length;
      say(more, `These are the newest ${calls.items.length} of ${calls.open}.`);
    },
  };
}
