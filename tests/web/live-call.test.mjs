// One side of a call, up to where media would begin: how it is joined, and all the ways in which it ends.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FakeAccounts, fakeIo, refusal, settle } from "./support.mjs";

globalThis.addEventListener ??= () => {};
globalThis.removeEventListener ??= () => {};
globalThis.MediaStream = class {
  getTracks = () => [];
  getAudioTracks = () => [];
  getVideoTracks = () => [];
};
const { LiveCall } = await import("../../web/client/live-call.js");

const AMOUNT = { amount: 250, currency: "USD" };
const JOINED = {
  role: "callee", state: "live", version: 5, rate: AMOUNT, authorizedSeconds: 900, billableSeconds: 60,
  amount: AMOUNT, tickedMinutes: 1, peerName: "Demo Client", peerPresent: true, clockSpeed: 1, iceNote: null,
  iceServers: [], paused: null, lowBalance: false, polite: true, epoch: 0, proofIntervalMs: 5000,
  serverTime: "2031-01-01T00:00:00Z",
};
const ENDED = { version: 9, reason: "ended_by_client", billableSeconds: 61, amount: AMOUNT };
const HANDSHAKE = "join-live-session-handshake";

/** A call, what it told, and the server's ends of it. */
async function begun({ story = async () => ({}) } = {}) {
  const { io, last } = fakeIo();
  const page = new EventTarget();
  const device = async () => "d";
  const socket = { url: "https://rapport.example", io, accounts: new FakeAccounts(), device, page };
  const api = { get: story };
  const call = new LiveCall({ sessionId: "s", media: new MediaStream(), api, socket, now: () => 0 });
  const told = [];
  for (const name of ["ended", "seat-taken", "trouble", "closed"]) {
    call.on(name, (data) => told.push([name, data.code ?? data.reason]));
  }
  const joined = call.join().then(({ state }) => state, ({ code }) => code);
  await settle();
  last().accept();
  await settle();
  return { call, told, joined, server: last() };
}

/** The same, seated. */
async function seated(options) {
  const all = await begun(options);
  all.server.answer(HANDSHAKE, JOINED);
  assert.equal(await all.joined, "live");
  return all;
}

test("a call that the server wants no more of closes, and says why", async () => {
  const { call, told, server } = await seated();

  server.lose({ code: "protocol_error", mayReconnect: false });
  await settle();

  assert.deepEqual(told, [["trouble", "protocol_error"], ["closed", "protocol_error"]]);
  assert.equal(call.closed, true);
});

test("a call that is left closes without trouble", async () => {
  const { call, told } = await seated();

  call.leave();

  assert.deepEqual(told, [["closed", "DISCONNECTED"]]);
});

test("an end closes the call after it was told", async () => {
  const { told, server } = await seated();

  server.say("live-session-ended", ENDED);

  assert.deepEqual(told, [["ended", "ended_by_client"], ["closed", "GONE"]]);
});

test("what overtook the answer to the handshake counts after it", async () => {
  const { call, told, server } = await begun();

  server.say("live-session-ended", ENDED);
  server.answer(HANDSHAKE, JOINED);
  await settle();

  assert.deepEqual(told, [["ended", "ended_by_client"], ["closed", "GONE"]]);
  assert.equal(call.billableNow(), 61);
});

test("a call that was over before it was joined tells its end, and the join says so", async () => {
  const sum = { billableSeconds: 61, amount: AMOUNT, ratePerMinute: AMOUNT };
  const story = { state: "settled", version: 9, ...sum, endReason: "connection_lost" };
  const { told, joined, server } = await begun({ story: async () => story });

  server.refuseAsk(HANDSHAKE, "GONE");

  assert.equal(await joined, "GONE");
  assert.deepEqual(told, [["ended", "connection_lost"], ["closed", "GONE"]]);
});

test("an end that is told on two ways at once is told once, with what it came to", async () => {
  const sum = { billableSeconds: 61, amount: AMOUNT, ratePerMinute: AMOUNT };
  let answer = (_) => {};
  const story = new Promise((resolve) => (answer = resolve));
  const { call, told, joined, server } = await begun({ story: () => story });

  call.heard({ sessionId: "s", state: "ending" });
  server.refuseAsk(HANDSHAKE, "GONE");
  await settle();
  answer({ state: "ending", version: 9, ...sum, endReason: "ended_by_coach" });

  assert.equal(await joined, "GONE");
  assert.deepEqual(told, [["ended", "ended_by_coach"], ["closed", "GONE"]]);
});

test("a call whose end cannot be read closes all the same", async () => {
  const { told, joined, server } = await begun({ story: () => Promise.reject(refusal("OFFLINE")) });

  server.refuseAsk(HANDSHAKE, "GONE");

  assert.equal(await joined, "GONE");
  assert.deepEqual(told.at(-1), ["closed", "GONE"]);
});

test("a seat that another device took is told once", async () => {
  const { told, server } = await seated();

  server.say("live-seat-taken", { deviceId: "other" });
  server.lose({ code: "seat_taken", mayReconnect: false });
  await settle();

  assert.deepEqual(told.map(([name]) => name), ["seat-taken", "closed"]);
});
