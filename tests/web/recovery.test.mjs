// When ICE is restarted, by whom, and how often.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Recovery } from "../../web/client/recovery.js";

/** What a recovery decides over time: `[at, decision]` for every decision that is one. */
function decisions({ polite = false, until = 60_000, nudge, ...facts }) {
  const recovery = new Recovery(polite);
  const made = [];
  let epoch = 0;
  for (let now = 0; now <= until; now += 500) {
    if (now === nudge) recovery.nudge(now);
    const given = { epoch, connection: "connected", grewAt: null, together: true };
    for (const [name, value] of Object.entries(facts)) {
      given[name] = typeof value === "function" ? value(now) : value;
    }
    const what = recovery.decide({ now, ...given });
    if (what) {
      made.push([now, what]);
      epoch += 1;
    }
  }
  return made;
}

test("media that flows is left alone", () => {
  assert.deepEqual(decisions({ grewAt: (now) => now }), []);
});

test("silence is mended before the browser gives up, more patiently each time, then made new", () => {
  assert.deepEqual(decisions({ until: 40_000 }), [
    [5_000, "restart"], [10_500, "restart"], [19_000, "renew"], [31_500, "restart"],
  ]);
});

test("the polite side leaves the first try to the other", () => {
  assert.deepEqual(decisions({ polite: true, until: 8_000 }), [[8_000, "restart"]]);
});

test("a failed connection is restarted at once, a disconnected one after three seconds", () => {
  assert.deepEqual(decisions({ connection: "failed", until: 1_000 })[0], [0, "restart"]);
  assert.deepEqual(decisions({ connection: "disconnected", until: 3_000 }), [[3_000, "restart"]]);
});

test("a connection that is being made has ten seconds", () => {
  assert.deepEqual(decisions({ connection: "connecting", until: 10_000 }), [[10_000, "restart"]]);
});

test("nobody restarts while one side is away", () => {
  assert.deepEqual(decisions({ connection: "failed", together: false }), []);
  assert.deepEqual(decisions({ together: (now) => now > 20_000, until: 25_500 }), [[25_000, "restart"]]);
});

test("after a change of the network, media has two seconds to show itself", () => {
  const stopped = { grewAt: (now) => Math.min(now, 10_000), nudge: 10_500, until: 13_000 };
  assert.deepEqual(decisions(stopped), [[12_500, "restart"]]);
  assert.deepEqual(decisions({ grewAt: (now) => now, nudge: 10_500, until: 30_000 }), []);
});

test("the other side's restart is waited for", () => {
  const epoch = (now) => (now < 4_000 ? 0 : 1);
  assert.deepEqual(decisions({ epoch, until: 9_000 }), [[9_000, "restart"]]);
});
