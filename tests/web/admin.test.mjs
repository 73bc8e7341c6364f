// What the admin's view makes of numbers: lines with their gaps, tables, and what wants a look.

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { troubles, worst } from "../../web/console/admin/health.js";
import { whileVisible } from "../../web/console/admin/watch.js";
import { pieces, roundUp, rowsOf } from "../../web/console/charts.js";
import { span } from "../../web/console/figures.js";
import { settle } from "./support.mjs";

const MINUTE = 60_000;

/** A house in which all is well, but for what is given. */
function overview(more = {}) {
  return {
    at: "2026-01-01T12:00:00.000Z",
    clockSpeed: 1,
    processes: [{ kind: "server", silent: false }, { kind: "worker", silent: false }],
    timers: { waiting: 1, due: 0, overdueSeconds: 0, byKind: {} },
    deadLetters: 0,
    webhooks: { waiting: 0, oldestWaitingSeconds: 0, lastHour: {} },
    outboxUnpublished: 0,
    gatewayOperationsUnknown: 0,
    ledger: { healthy: true, invariants: [] },
    ...more,
  };
}

/** What is told of a house, and how bad it is. */
function told(more) {
  const found = troubles(overview(more));
  return [worst(found), found.map((one) => one.text)];
}

test("a scale ends at the least round number that holds everything", () => {
  const tops = [0, 0.03, 0.2, 1, 1.1, 4, 5, 7, 10, 11, 99, 1234].map(roundUp);

  assert.deepEqual(tops, [1, 0.05, 0.2, 1, 2, 5, 5, 10, 10, 20, 100, 2000]);
});

test("a line is broken where nothing is known, and not drawn as nought", () => {
  assert.deepEqual(pieces([null, 1, 2, null, null, 0, null]), [[[1, 1], [2, 2]], [[5, 0]]]);
  assert.deepEqual(pieces([null, null]), []);
});

test("a table tells average and highest of five minutes, the newest first", () => {
  const values = Array.from({ length: 25 }, (_, index) => (index < 10 ? null : index));

  const rows = rowsOf({ first: 30_000, step: 30_000, lines: [{ name: "Sockets", values }] });

  assert.deepEqual(rows.map((row) => row.to / MINUTE), [12.5, 7.5, 2.5]);
  assert.deepEqual(rows.map((row) => row.cells[0]), [
    { average: 19.5, highest: 24 },
    { average: 12, highest: 14 },
    null,
  ]);
});

test("a table of nothing is empty", () => {
  assert.deepEqual(rowsOf({ first: 0, step: 1000, lines: [] }), []);
});

test("all is well where nothing failed, is late or silent", () => {
  assert.deepEqual(told({}), ["good", []]);
});

test("each alarm of the operations page has its words", () => {
  const silent = [...overview().processes, { kind: "server", silent: true }];

  assert.deepEqual(told({ deadLetters: 2 }), ["bad", ["2 dead letters"]]);
  assert.deepEqual(told({ ledger: { healthy: false } }), ["bad", ["The books do not balance"]]);
  assert.deepEqual(told({ processes: [{ kind: "server", silent: false }] }), ["bad", ["No worker runs"]]);
  assert.deepEqual(told({ processes: silent }), ["warn", ["1 process not heard"]]);
  assert.deepEqual(told({ outboxUnpublished: 101 }), ["warn", ["101 events not published"]]);
  assert.deepEqual(told({ gatewayOperationsUnknown: 1 }), ["warn", ["1 request to the gateway without an answer"]]);
  assert.deepEqual(told({ ledger: undefined }), ["warn", ["The books were never checked"]]);
  const webhooks = { waiting: 1, oldestWaitingSeconds: 61, lastHour: {} };
  assert.deepEqual(told({ webhooks }), ["warn", ["A webhook has waited for 61 s"]]);
});

test("lateness is in real seconds, however fast the clock runs", () => {
  const timers = { waiting: 1, due: 1, overdueSeconds: 100, byKind: {} };

  assert.deepEqual(told({ timers }), ["warn", [`A timer is ${span(100)} late`]]);
  assert.deepEqual(told({ timers, clockSpeed: 20 }), ["good", []]);
});

test("the worst is told first", () => {
  assert.deepEqual(told({ deadLetters: 1, outboxUnpublished: 500 })[1], ["1 dead letter", "500 events not published"]);
});

test("a duration is told in the unit that fits", () => {
  assert.deepEqual([0, 59.6, 99, 100, 5999, 6000, 7200, 200_000].map(span),
    ["0 s", "60 s", "99 s", "2 min", "100 min", "2 h", "2 h", "2 d"]);
});

test("work repeats while the tab is seen, stops when it is hidden, and begins again at once", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const page = Object.assign(new EventTarget(), { hidden: false });
  globalThis.document = page;
  globalThis.window = globalThis;
  const show = (seen) => {
    page.hidden = !seen;
    page.dispatchEvent(new Event("visibilitychange"));
  };
  const pass = async (seconds) => {
    for (let left = seconds; left > 0; left -= 1) {
      mock.timers.tick(1000);
      await settle(2);
    }
  };
  let runs = 0;
  const loop = whileVisible(3, async () => void (runs += 1));

  await pass(9);
  const seen = runs;
  show(false);
  await pass(30);
  const hidden = runs;
  show(true);
  await settle(2);
  const again = runs;
  loop.stop();
  show(true);
  await pass(30);

  assert.deepEqual([seen, hidden, again, runs], [3, 3, 4, 4]);
  mock.timers.reset();
  delete globalThis.document;
  delete globalThis.window;
});

test("work that takes long is not begun twice", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  globalThis.document = Object.assign(new EventTarget(), { hidden: false });
  globalThis.window = globalThis;
  let begun = 0;
  let finish;
  const loop = whileVisible(1, () => new Promise((resolve) => {
    begun += 1;
    finish = resolve;
  }));
  mock.timers.tick(1000);
  mock.timers.tick(5000);
  await Promise.race([loop.now(), settle(2)]);
  const once = begun;
  finish();
  await settle(2);
  mock.timers.tick(1000);
  await settle(2);

  assert.deepEqual([once, begun], [1, 2]);
  loop.stop();
  mock.timers.reset();
  delete globalThis.document;
  delete globalThis.window;
});
