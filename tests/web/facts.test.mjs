// What is known of a call: old facts and an event give new facts. And the meter that is drawn from them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { endedWith, factsAfter, joinedWith, nothingYet } from "../../web/client/call-facts.js";
import { Meter } from "../../web/client/meter.js";

const USD = (amount) => ({ amount, currency: "USD" });
const JOINED = {
  sessionId: "s", role: "caller", polite: false, state: "live", version: 7, iceServers: [], iceNote: "none",
  peerPresent: true, peerName: "Coach", epoch: 0, rate: USD(250), authorizedSeconds: 900, billableSeconds: 61,
  amount: USD(254), tickedMinutes: 1, lowBalance: false, paused: null, proofIntervalMs: 5000, clockSpeed: 1,
  serverTime: "2026-01-01T00:00:00.000Z",
};
const live = () => joinedWith(nothingYet("s"), JOINED);
const after = (...events) =>
  events.reduce((facts, [name, data]) => factsAfter(facts, name, data) ?? facts, live());

test("the snapshot of a join is the truth", () => {
  const { state, amount, peerName, lowBalance, pausedReason } = live();
  assert.deepEqual([state, amount, peerName], ["live", USD(254), "Coach"]);
  assert.deepEqual([lowBalance, pausedReason], [null, null]);
});

test("a paused call is told as one after a reload, too", () => {
  const paused = { reason: "socket_lost", graceEndsAt: "2026-01-01T00:00:45.000Z" };
  const facts = joinedWith(nothingYet("s"), { ...JOINED, state: "paused", paused });
  assert.deepEqual([facts.pausedReason, facts.graceEndsAt], [paused.reason, paused.graceEndsAt]);
});

test("a pause and its end", () => {
  const graceEndsAt = "2026-01-01T00:01:00.000Z";
  const pause = { version: 8, reason: "proof_missing", billableSeconds: 70, graceEndsAt };
  const paused = after(["live-session-paused", pause]);
  assert.deepEqual([paused.state, paused.pausedReason], ["paused", "proof_missing"]);
  assert.deepEqual([paused.billableSeconds, paused.graceEndsAt], [70, graceEndsAt]);
  const resumed = factsAfter(paused, "live-session-resumed", { version: 9, billableSeconds: 70 });
  assert.deepEqual([resumed.state, resumed.pausedReason, resumed.graceEndsAt], ["live", null, null]);
});

test("old news changes nothing", () => {
  const before = live();
  const pause = { version: 6, reason: "socket_lost", billableSeconds: 1, graceEndsAt: JOINED.serverTime };
  assert.equal(factsAfter(before, "live-session-paused", pause), null);
  assert.equal(factsAfter(before, "live-signal", {}), null);
});

test("a tick with more authorized seconds ends a low balance", () => {
  const refused = { authorizedSeconds: 900, reason: "card_declined", clientSecret: null };
  const low = ["live-session-low-balance", refused];
  const tick = { minute: 2, billableSeconds: 120, amount: USD(500), authorizedSeconds: 900 };
  assert.deepEqual(after(low).lowBalance, { reason: "card_declined", clientSecret: null });
  assert.notEqual(after(low, ["live-session-tick", tick]).lowBalance, null);
  assert.equal(after(low, ["live-session-tick", { ...tick, authorizedSeconds: 1800 }]).lowBalance, null);
});

test("another block ends a low balance at once", () => {
  const low = ["live-session-low-balance", { authorizedSeconds: 900, reason: "payment", clientSecret: null }];
  const extended = after(low, ["live-session-extended", { authorizedSeconds: 1800 }]);
  assert.deepEqual([extended.lowBalance, extended.authorizedSeconds], [null, 1800]);
});

test("the end, told or read", () => {
  const ended = { version: 9, reason: "ended_by_coach", billableSeconds: 90, amount: USD(375) };
  const told = after(["live-session-ended", ended]);
  assert.deepEqual([told.state, told.endReason, told.amount], ["ending", "ended_by_coach", USD(375)]);
  const session = {
    state: "settled", version: 12, billableSeconds: 90, amount: USD(375), ratePerMinute: USD(250),
    endReason: "ended_by_coach",
  };
  const read = endedWith(live(), session);
  assert.deepEqual([read.state, read.endReason, read.billableSeconds], ["settled", "ended_by_coach", 90]);
});

test("the meter runs on between events, by the speed of the clock, and stops at what is authorized", () => {
  const meter = new Meter();
  meter.speed = 60;
  meter.limit = 900;
  meter.run(61, 1000);
  assert.equal(meter.read(2000), 121);
  meter.set(120, 2000);
  assert.equal(meter.read(2500), 150);
  assert.equal(meter.read(60_000), 900);
  meter.stand(300);
  assert.equal(meter.read(90_000), 300);
  meter.set(301, 90_000);
  assert.deepEqual([meter.running, meter.read(95_000)], [false, 301]);
});
