// @ts-check
// Timers that failed for good, and running them again.
import { randomId } from "../../client/random-id.js";
import { confirm } from "../dialog.js";
import { h } from "../dom.js";
import { count } from "../figures.js";
import { when } from "../format.js";
import { icon } from "../icons.js";
import { toast } from "../toast.js";
import { explain } from "../words.js";
import { say } from "./keyed.js";
import { paged } from "./paged.js";

/** @typedef {import("../../client/types.js").Http.DeadLetterView} Letter */

/** Kinds whose key is a call, which has a timeline. As `domain/timers.py` says. */
const ABOUT_CALLS = new Set([
  "reservation_timeout", "ring_timeout", "join_timeout", "media_denied", "grace",
  "tick", "authorize", "limit", "settle",
]);

/** @param {Letter} letter */
const nameOf = (letter) => `${letter.kind}:${letter.key}`;

/**
 * Ask, replay, and tell what came of it. Whether the list is another one now.
 * @param {import("../../client/api.js").Api} api
 * @param {Letter} letter
 */
async function replay(api, letter) {
  const sure = await confirm({
    title: "Run it again?",
    body: [
      h("p", h("code", nameOf(letter))),
      "It gets a whole new set of attempts. That is safe: it looks at what is, and does only what is missing. " +
        "If its cause is still there, it comes back here.",
    ],
    yes: "Replay",
  });
  if (!sure) return false;
  try {
    await api.post(`/api/admin/dead-letters/${letter.id}/replay`, undefined, { idempotencyKey: randomId() });
    toast(`${letter.kind} runs again.`, { kind: "good" });
    return true;
  } catch (error) {
    const gone = /** @type {{code?: string}} */ (error).code === "NOT_FOUND";
    const { title, text } = explain(error);
    const said = gone ? "It is not dead any more: somebody has replayed it already." : `${title}. ${text}`;
    toast(said, { kind: gone ? "info" : "bad" });
    return gone;
  }
}

/**
 * @param {import("../../client/api.js").Api} api
 * @param {() => Promise<void>} changed  reads the page again
 */
export function deadLetters(api, changed) {
  const shown = paged({
    api,
    path: "/api/admin/dead-letters",
    label: "Dead letters",
    none: "Nothing has failed for good. What does, waits here until somebody has looked at it.",
    size: 20,
    keyOf: (/** @type {Letter} */ letter) => letter.id,
    row,
  });

  /** @param {Letter} letter */
  function row(letter) {
    const error = h("code.small.block.error-text");
    const facts = h("span.quiet.small");
    const name = `Replay ${nameOf(letter)}`;
    const button = h("button.button.small", { type: "button", ariaLabel: name }, icon("refresh"), "Replay");
    const node = h("li.list-item.letter",
      h("div.grow",
        h("strong.block", letter.kind),
        h("code.quiet.small.block.clip", { title: letter.key }, letter.key),
        error,
        h("span.row.tight.line-facts", facts,
          ABOUT_CALLS.has(letter.kind) && h("a.small", { href: `/receipts/${letter.key}` }, "Timeline"))),
      button);
    button.addEventListener("click", async () => {
      if (!(await replay(api, letter))) return;
      // The row goes away; whoever works by keyboard goes on at the next one, or at the list's beginning.
      const next = node.nextElementSibling ?? node.previousElementSibling;
      const after = next?.querySelector("button") ?? document.getElementById("dead-letters");
      await changed().catch(() => {});
      if (!document.contains(button) && after instanceof HTMLElement) after.focus({ preventScroll: true });
    });
    return {
      node,
      /** @param {Letter} present */
      update(present) {
        say(error, present.error);
        say(facts, `${count(present.attempts, "attempt")}, dead since ${when(present.since)}`);
      },
    };
  }
  return shown;
}
