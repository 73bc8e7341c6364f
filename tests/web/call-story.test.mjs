// A call as a picture and as sentences; the words over a call that stands still; what is missing before one.

import assert from "node:assert/strict";
import { test } from "node:test";

import { grade } from "../../web/console/call/quality.js";
import { standing } from "../../web/console/call/standing.js";
import { overlap, picture, sentences } from "../../web/console/call/story.js";
import { coinLabels } from "../../web/console/timeline.js";
import { deviceTrouble } from "../../web/console/devices.js";
import { nothingYet } from "../../web/client/call-facts.js";

const START = Date.parse("2026-01-01T12:00:00.000Z");
const at = (/** @type {number} */ seconds) => new Date(START + seconds * 1000).toISOString();
const entry = (seconds, what, by, detail = {}) => ({ at: at(seconds), what, by, detail });
const span = (from, to) => ({ startedAt: at(from), endedAt: at(to) });

/** A call of two minutes of talk with a pause of ten seconds. */
function story(more = {}) {
  return {
    sessionId: "s",
    state: "settled",
    role: "caller",
    client: { name: "Demo Client" },
    coach: { name: "Demo Coach" },
    ratePerMinute: { amount: 250, currency: "USD" },
    amount: { amount: 500, currency: "USD" },
    billableSeconds: 120,
    createdAt: at(0),
    liveAt: at(12),
    endedAt: at(142),
    endReason: "ended_by_client",
    serverTime: at(200),
    connected: { caller: [span(11, 60), span(70, 142)], callee: [span(12, 142)] },
    minutes: [
      { minute: 1, at: at(82) },
      { minute: 2, at: at(142) },
    ],
    holds: [{ number: 1 }],
    timeline: [
      entry(0, "requested", "caller"),
      entry(1, "authorized_block", "gateway", { hold: 1, amount: 3750 }),
      entry(1, "authorized", "gateway"),
      entry(9, "accept", "callee"),
      entry(12, "proven", "system"),
      entry(60, "lost", "system", { reason: "socket_lost" }),
      entry(70, "proven", "system"),
      entry(142, "end", "caller", { billable_seconds: 120, amount: 500 }),
      entry(143, "captured", "gateway", { hold: 1, amount: 500 }),
    ],
    quality: [],
    ...more,
  };
}

const seconds = ({ from, to }) => [(from - START) / 1000, (to - START) / 1000];

test("the meter ran where both were connected, and stood still in the pause", () => {
  const shown = picture(story());

  assert.deepEqual(shown.meter.map(seconds), [
    [12, 60],
    [70, 142],
  ]);
  assert.deepEqual(shown.pauses.map(seconds), [[60, 70]]);
  assert.deepEqual(seconds(shown.ring), [1, 9]);
});

test("what is charged after the end is drawn at the end", () => {
  const coins = picture(story()).money;

  assert.deepEqual(
    coins.map((one) => [one.kind, (one.at - START) / 1000]),
    [
      ["held", 1],
      ["captured", 142],
    ],
  );
});

test("a call that still goes on is drawn up to now, and so is its pause", () => {
  const running = story({ endedAt: undefined, serverTime: at(66), timeline: story().timeline.slice(0, 6) });

  const shown = picture(running);

  assert.equal((shown.to - START) / 1000, 66);
  assert.deepEqual(shown.pauses.map(seconds), [[60, 66]]);
});

test("a call that nobody answered has a ring and nothing else", () => {
  const missed = story({
    liveAt: undefined,
    endedAt: at(31),
    connected: { caller: [], callee: [] },
    minutes: [],
    timeline: [
      entry(0, "requested", "caller"),
      entry(1, "authorized", "gateway"),
      entry(31, "miss", "system"),
    ],
  });

  const shown = picture(missed);

  assert.deepEqual([shown.meter, shown.pauses, shown.money], [[], [], []]);
  assert.deepEqual(seconds(shown.ring), [1, 31]);
});

test("stretches that only touch do not overlap", () => {
  assert.deepEqual(overlap([{ from: 0, to: 5 }], [{ from: 5, to: 9 }]), []);
  assert.deepEqual(
    overlap(
      [{ from: 0, to: 9 }],
      [
        { from: 1, to: 2 },
        { from: 8, to: 12 },
      ],
    ),
    [
      { from: 1, to: 2 },
      { from: 8, to: 9 },
    ],
  );
});

test("sentences name people, and minutes stand among them in time", () => {
  const told = sentences(story()).map((one) => one.text);

  assert.deepEqual(told.slice(0, 4), [
    "Demo Client asked for the call",
    "$37.50 held",
    "It began to ring",
    "Demo Coach accepted",
  ]);
  assert.ok(
    told.indexOf("Minute 1 was full") > told.findIndex((text) => text.startsWith("The meter stood still")),
  );
  assert.match(told.at(-1), /\$5\.00 charged/);
});

test("an entry that nobody foresaw is told by its name", () => {
  const [told] = sentences(story({ timeline: [entry(0, "new_thing", "system")], minutes: [] }));

  assert.equal(told.text, "new thing");
});

const line = (more = {}) => ({ connection: "connected", socket: "connected", patient: false, ...more });
const facts = (more) => ({ ...nothingYet("s"), role: "caller", peerPresent: true, ...more });

test("nothing lies over two people who talk", () => {
  assert.equal(standing(facts({ state: "live" }), "Demo Coach", line()), null);
});

test("a pause says who is missing, and waits", () => {
  const gone = standing(
    facts({ state: "paused", peerPresent: false, pausedReason: "socket_lost" }),
    "Demo Coach",
    line(),
  );
  const broken = standing(
    facts({ state: "paused", pausedReason: "proof_missing" }),
    "Demo Coach",
    line({ connection: "failed" }),
  );
  const denied = standing(facts({ state: "paused", pausedReason: "media_denied" }), "Demo Coach", line());

  assert.match(gone.title, /^Demo Coach/);
  assert.deepEqual([gone.waits, broken.waits, denied.waits], [true, true, true]);
  assert.equal(new Set([gone.title, broken.title, denied.title]).size, 3);
});

test("who is cut off is told so before anything else", () => {
  globalThis.navigator ??= { onLine: true };

  const cut = standing(
    facts({ state: "paused", peerPresent: false }),
    "Demo Coach",
    line({ socket: "waiting" }),
  );
  const renewed = standing(facts({ state: "live" }), "Demo Coach", line({ socket: "draining" }));

  assert.match(cut.title, /^(The line to the server|This device)/);
  assert.match(renewed.title, /renewed/);
});

test("a line is as good as the worst of what is measured", () => {
  assert.equal(grade({ rttMs: 40, lossPct: 0, jitterMs: 3 }), 2);
  assert.equal(grade({ rttMs: 40, lossPct: 4 }), 1);
  assert.equal(grade({ rttMs: 40, jitterMs: 150 }), 0);
  assert.equal(grade({}), 2);
});

test("a missing camera is a pity, both missing are in the way", () => {
  assert.equal(deviceTrouble({}), null);
  assert.equal(deviceTrouble({ camera: "in_use" }).all, false);
  assert.equal(deviceTrouble({ camera: "denied", microphone: "denied" }).all, true);
  assert.match(deviceTrouble({ camera: "missing", microphone: "missing" }).title, /No camera or microphone/);
  assert.match(deviceTrouble({ camera: "missing", microphone: "denied" }).title, /camera found; this page/);
});

test("where coins are close, what was charged has its words, and no words run into others", () => {
  const x = (/** @type {number} */ at) => at;
  const far = coinLabels(
    [
      { kind: "held", at: 8 },
      { kind: "captured", at: 592 },
    ],
    x,
    600,
  );
  assert.deepEqual(
    far.map((one) => one?.anchor),
    ["start", "end"],
  );
  const close = coinLabels(
    [
      { kind: "held", at: 8 },
      { kind: "refused", at: 262 },
      { kind: "captured", at: 268 },
    ],
    x,
    276,
  );
  assert.equal(close[2]?.anchor, "end");
  assert.ok(268 + (close[2]?.shift ?? 0) < 262, "past the coin that touches it");
  assert.equal(close[1], null);
  assert.equal(close[0]?.anchor, "start");
});
