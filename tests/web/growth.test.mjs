// Proof of media: what counts as growth, and what is reported of it when.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Growth, MediaProof } from "../../web/client/media-proof.js";
import { refusal, settle } from "./support.mjs";

/** A growth that was told `[count, at]` one after the other. */
function told(...notes) {
  const growth = new Growth(2000);
  for (const [count, at] of notes) growth.note(count, at);
  return growth;
}

test("nothing is proven by a first look", () => {
  assert.equal(told([500, 0]).state(0), "connecting");
});

test("a counter that rose within the window is connected, then disconnected", () => {
  const growth = told([0, 0], [10, 250]);
  assert.equal(growth.state(250), "connected");
  assert.equal(growth.state(2249), "connected");
  assert.equal(growth.state(2250), "disconnected");
});

test("a counter that stands still proves nothing more", () => {
  const growth = told([0, 0], [10, 250], [10, 1250], [10, 2300]);
  assert.equal(growth.state(2300), "disconnected");
});

test("who did not look for longer than the window cannot say when it grew", () => {
  const growth = told([0, 0], [10, 250], [9000, 60_000]);
  assert.equal(growth.state(60_000), "disconnected");
  growth.note(9001, 60_250);
  assert.equal(growth.state(60_250), "connected");
});

test("another connection begins its own count; what was proven stays so", () => {
  const growth = told([0, 0], [1000, 250]);
  growth.recount();
  growth.note(700, 500);
  assert.equal(growth.state(2100), "connected");
  assert.equal(growth.state(2300), "disconnected");
});

test("in another generation nothing of the last one proves anything, not even the same counter", () => {
  const growth = told([0, 0], [1000, 250]);
  growth.restart();
  growth.note(1000, 500);
  assert.equal(growth.state(500), "connecting");
  growth.note(1001, 750);
  assert.equal(growth.state(750), "connected");
});

/** A proof over a connection whose packets and clock the test sets. */
function proving() {
  const state = { now: 0, packets: 0, epoch: 3, connectionState: "connected", reports: [] };
  state.answer = async () => {};
  const connection = {
    get connectionState() {
      return state.connectionState;
    },
    getStats: async () => new Map([["a", { type: "inbound-rtp", packetsReceived: state.packets }]]),
  };
  const proof = new MediaProof({
    connection: () => ({ epoch: state.epoch, connection }),
    report: (epoch, what) => {
      state.reports.push([state.now, epoch, what]);
      return state.answer();
    },
    now: () => state.now,
  });
  const look = async (at, packets) => {
    Object.assign(state, { now: at, packets });
    await proof.look();
    await settle(2);
  };
  return { proof, state, look };
}

test("changes are reported at once, proofs again and again", async () => {
  const { proof, state, look } = proving();
  proof.seated(5000);
  for (let at = 0; at <= 11_000; at += 250) await look(at, at / 10);
  for (let at = 11_250; at <= 14_000; at += 250) await look(at, 1100);
  assert.deepEqual(state.reports, [
    [0, 3, "connecting"], [250, 3, "connected"], [5250, 3, "connected"], [10_250, 3, "connected"],
    [13_000, 3, "disconnected"],
  ]);
});

test("nothing is reported without a seat, and everything anew from the next one", async () => {
  const { proof, state, look } = proving();
  await look(0, 0);
  await look(250, 10);
  assert.deepEqual(state.reports, []);
  proof.seated(5000);
  await look(500, 20);
  proof.unseated();
  await look(6000, 30);
  proof.seated(5000);
  await look(6250, 40);
  assert.deepEqual(state.reports, [[500, 3, "connected"], [6250, 3, "connected"]]);
});

test("a restart is proven by packets that came after it", async () => {
  const { proof, state, look } = proving();
  proof.seated(5000);
  await look(0, 0);
  await look(250, 10);
  state.epoch = 4;
  await look(500, 20);
  await look(750, 30);
  assert.deepEqual(state.reports.slice(-2), [[500, 4, "connecting"], [750, 4, "connected"]]);
});

test("a report that was not taken is sent again after a second", async () => {
  const { proof, state, look } = proving();
  proof.seated(5000);
  await look(0, 0);
  state.answer = () => Promise.reject(refusal("NO_ANSWER", { retryable: true }));
  await look(250, 10);
  state.answer = async () => {};
  for (let at = 500; at <= 2000; at += 250) await look(at, at);
  assert.deepEqual(state.reports.slice(1), [[250, 3, "connected"], [1250, 3, "connected"]]);
});

test("a connection that failed is told as failed", async () => {
  const { proof, state, look } = proving();
  proof.seated(5000);
  await look(0, 0);
  await look(250, 10);
  state.connectionState = "failed";
  await look(2250, 10);
  assert.deepEqual(state.reports.at(-1), [2250, 3, "failed"]);
});
