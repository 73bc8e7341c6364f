// @ts-check
// The last hour as charts.
import { lineChart } from "../charts.js";
import { h } from "../dom.js";

/** @typedef {import("../../client/types.js").Http.HistoryReply} History */
/** @typedef {import("../charts.js").Line} Line */
/** @typedef {{title: string, lines: (history: History) => Line[]}} Drawn */

/** @type {Drawn[]} */
const CHARTS = [
  { title: "Sockets", lines: (one) => [{ name: "Sockets", values: one.sockets }] },
  { title: "Calls in progress", lines: (one) => [{ name: "Calls", values: one.openCalls }] },
  { title: "Ticks / min", lines: (one) => [{ name: "Ticks", values: one.ticksPerMinute }] },
  {
    title: "Events / s",
    lines: (one) => [
      { name: "Out", values: one.eventsOutPerSecond },
      { name: "In", values: one.eventsInPerSecond, kind: "second" },
    ],
  },
  { title: "Timers due", lines: (one) => [{ name: "Due", values: one.timersDue }] },
  { title: "Lateness, s", lines: (one) => [{ name: "Late", values: one.timersLateSeconds }] },
  { title: "Webhooks / min", lines: (one) => [{ name: "Webhooks", values: one.webhooksPerMinute }] },
  { title: "Errors / min", lines: (one) => [{ name: "Errors", values: one.errorsPerMinute, kind: "bad" }] },
];

/** All charts. */
export function history() {
  const charts = CHARTS.map(({ title, lines }) => ({ lines, chart: lineChart(title) }));
  return {
    node: h("div.charts", charts.map(({ chart }) => chart.node)),
    /** @param {History} told */
    update(told) {
      const first = Date.parse(told.first);
      for (const { chart, lines } of charts) chart.update({ first, step: told.stepSeconds * 1000, lines: lines(told) });
    },
    dispose: () => charts.forEach(({ chart }) => chart.dispose()),
  };
}
