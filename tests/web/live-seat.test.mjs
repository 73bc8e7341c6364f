// The seat in a call: the handshake after every connect, and what comes before its answer.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { LiveSeat } from "../../web/client/live-seat.js";
import { FakeAccounts, fakeIo, settle } from "./support.mjs";

const JOIN = "join-live-session-handshake";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

async function taken() {
  const { io, last, connections } = fakeIo();
  const state = { resume: false };
  const accounts = new FakeAccounts();
  const seat = new LiveSeat({
    url: "", io, accounts, device: async () => "web-1", page: new EventTarget(), random: () => 0,
    sessionId: "s1", mayResume: () => state.resume,
  });
  const heard = [];
  seat.on("joined", ({ resumed }) => heard.push(resumed ? "resumed" : "joined"));
  seat.on("event", ({ name }) => heard.push(name));
  seat.on("lost", () => heard.push("lost"));
  seat.on("refused", ({ code }) => heard.push(code));
  seat.take();
  await settle();
  last().accept();
  await settle();
  return { seat, state, heard, last, connections };
}

async function again(last) {
  last().lose();
  mock.timers.tick(500);
  await settle();
  last().accept();
  await settle();
}

test("the handshake names the call and the device, and nothing is resumed at first", async () => {
  const { last } = await taken();
  assert.deepEqual(last().asked.map(({ event, payload }) => [event, payload]), [
    [JOIN, { sessionId: "s1", deviceId: "web-1", resume: false }],
  ]);
});

test("what comes before the answer is heard after it", async () => {
  const { seat, heard, last } = await taken();
  last().say("live-signal", {});
  last().say("live-peer-joined", {});
  assert.deepEqual([heard, seat.seated], [[], false]);
  last().answer(JOIN, { epoch: 0 });
  await settle();
  last().say("live-session-started", {});
  assert.deepEqual(heard, ["joined", "live-signal", "live-peer-joined", "live-session-started"]);
});

test("a lost socket is replaced, and the seat resumed if there is something to go on with", async () => {
  const { state, heard, last } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();
  state.resume = true;
  await again(last);
  assert.equal(last().asked.at(-1).payload.resume, true);
  last().answer(JOIN, { epoch: 0 });
  await settle();
  assert.deepEqual(heard, ["joined", "lost", "resumed"]);
});

test("what an unseated connection said is not heard in the next one", async () => {
  const { heard, last } = await taken();
  last().say("live-signal", {});
  await again(last);
  last().answer(JOIN, { epoch: 0 });
  await settle();
  assert.deepEqual(heard, ["joined"]);
});

test("a handshake without an answer, or refused for now, is repeated", async () => {
  const { heard, last } = await taken();
  mock.timers.tick(6_000);
  await settle();
  mock.timers.tick(15_000);
  await settle();
  assert.equal(last().asked.length, 2);
  last().refuseAsk(JOIN, "UNAVAILABLE", { retryable: true, retryAfterMs: 700 });
  await settle();
  mock.timers.tick(700);
  await settle();
  last().answer(JOIN, { epoch: 0 });
  await settle();
  assert.deepEqual([heard, last().asked.length], [["joined"], 3]);
});

for (const code of ["GONE", "NOT_FOUND"]) {
  test(`${code}: this device is not seated, and stays away`, async () => {
    const { seat, heard, last, connections } = await taken();
    last().refuseAsk(JOIN, code);
    await settle();
    mock.timers.tick(60_000);
    await settle();
    assert.deepEqual([heard, seat.seated, last().closed, connections.length], [[code], false, true, 1]);
  });
}

test("another device took the seat", async () => {
  const { heard, last, connections } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();
  last().say("live-seat-taken", { deviceId: "web-2" });
  last().lose({ code: "seat_taken", mayReconnect: false });
  await settle();
  assert.deepEqual(heard, ["joined", "live-seat-taken", "closing", "lost", "seat_taken"]);
  assert.equal(connections.length, 1);
});

test("left, and taken again, as a page does that comes back from the cache", async () => {
  const { seat, heard, last, connections } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();
  seat.leave();
  mock.timers.tick(60_000);
  await settle();
  assert.deepEqual([seat.seated, connections.length], [false, 1]);
  seat.take();
  await settle();
  last().accept();
  await settle();
  last().answer(JOIN, { epoch: 1 });
  await settle();
  assert.deepEqual([heard, seat.seated, connections.length], [["joined", "lost", "joined"], true, 2]);
});

test("questions are asked in the name of the call", async () => {
  const { seat, last } = await taken();
  last().answer(JOIN, { epoch: 0 });
  await settle();
  const asked = seat.ask("live-media-state", { epoch: 0, state: "connected" });
  assert.deepEqual(last().asked.at(-1).payload, { sessionId: "s1", epoch: 0, state: "connected" });
  last().answer("live-media-state");
  await asked;
});
