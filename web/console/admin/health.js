// @ts-check
// What of an overview wants somebody's attention, in words. Thresholds are those of the alarms in docs/operations.md.
import { count, span } from "../figures.js";

/** @typedef {import("../../client/types.js").Http.OverviewReply} Overview */
/** @typedef {"good" | "warn" | "bad"} Level */
/** @typedef {{level: "warn" | "bad", text: string, href: string}} Trouble */

/** Seconds, and numbers, beyond which something is late. */
const OVERDUE_SECONDS = 10;
const WEBHOOK_SECONDS = 60;
const UNPUBLISHED = 100;

/** How late the most overdue timer is, in real seconds. @param {Overview} view */
export function lateness(view) {
  return view.timers.overdueSeconds / view.clockSpeed;
}

/**
 * Everything that is not as it should be, the worst first.
 * @param {Overview} view
 * @returns {Trouble[]}
 */
export function troubles(view) {
  const heard = view.processes.filter((process) => !process.silent);
  const silent = view.processes.length - heard.length;
  const { webhooks } = view;
  /** @type {[boolean, "warn" | "bad", string, string][]} */
  const checks = [
    [view.ledger?.healthy === false, "bad", "The books do not balance", "#ledger"],
    [!heard.some((process) => process.kind === "worker"), "bad", "No worker runs", "#processes"],
    [view.deadLetters > 0, "bad", count(view.deadLetters, "dead letter"), "#dead-letters"],
    [silent > 0, "warn", `${count(silent, "process", "processes")} not heard`, "#processes"],
    [lateness(view) > OVERDUE_SECONDS, "warn", `A timer is ${span(lateness(view))} late`, "#timers"],
    [webhooks.oldestWaitingSeconds > WEBHOOK_SECONDS, "warn",
      `A webhook has waited for ${span(webhooks.oldestWaitingSeconds)}`, "#webhooks"],
    [view.outboxUnpublished > UNPUBLISHED, "warn",
      `${count(view.outboxUnpublished, "event")} not published`, "#timers"],
    [view.gatewayOperationsUnknown > 0, "warn",
      `${count(view.gatewayOperationsUnknown, "request")} to the gateway without an answer`, "#timers"],
    [!view.ledger, "warn", "The books were never checked", "#ledger"],
  ];
  return checks.filter(([applies]) => applies).map(([, level, text, href]) => ({ level, text, href }));
}

/** The worst of them. @param {Trouble[]} found @returns {Level} */
export function worst(found) {
  if (found.some((one) => one.level === "bad")) return "bad";
  return found.length ? "warn" : "good";
}
