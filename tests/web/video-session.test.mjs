// One side of a scheduled session: how it is joined, what is known of it, overtime, and all the ways in which it ends.

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { factsAfter, joinedWith, nothingYet, standsStill } from "../../web/client/video-facts.js";
import { FakeAccounts, fakeIo, settle } from "./support.mjs";

globalThis.addEventListener ??= () => {};
globalThis.removeEventListener ??= () => {};
globalThis.MediaStream = class {
  getTracks = () => [];
  getAudioTracks = () => [];
  getVideoTracks = () => [];
};
const { VideoSession } = await import("../../web/client/video-session.js");

const RATE = { amount: 100, currency: "USD" };
const JOINED = {
  bookingId: "b", role: "coach", polite: true, state: "in_progress", version: 5, title: "First talk",
  iceServers: [], iceNote: null, peerPresent: true, peerName: "Demo Client", epoch: 0,
  start: "2031-01-01T10:00:00Z", end: "2031-01-01T11:00:00Z", endsAt: "2031-01-01T11:00:00Z",
  overtimeRate: RATE, overtime: null, meter: null, proofIntervalMs: 5000, clockSpeed: 1,
  serverTime: "2031-01-01T10:05:00Z",
};
const WISH = {
  bookingId: "b", version: 6, number: 1, minutes: 10, state: "pending_confirmation", requestedBy: "coach",
  expiresAt: "2031-01-01T10:58:00Z", confirmed: false, price: { amount: 1000, currency: "USD" }, reason: null,
  clientSecret: null, endsAt: "2031-01-01T11:00:00Z",
};
const METER = { bookingId: "b", running: true, authorizedSeconds: 600, billableSeconds: 0, amount: RATE };
const HANDSHAKE = "join-session";

/** Sessions of the present test: what is not left looks for media for good. */
const open = [];
afterEach(() => {
  for (const session of open.splice(0)) session.leave();
});

/** A session, what it told, and the server's end of it. */
async function begun({ record = async () => ({}) } = {}) {
  const { io, last } = fakeIo();
  const page = new EventTarget();
  const socket = {
    url: "https://rapport.example", io, accounts: new FakeAccounts(), device: async () => "d", page,
  };
  const now = { at: 0 };
  const session = new VideoSession({
    bookingId: "b", media: new MediaStream(), api: { get: record }, socket, now: () => now.at,
  });
  open.push(session);
  const told = [];
  for (const name of ["ended", "seat-taken", "trouble", "closed"]) {
    session.on(name, (data) => told.push([name, data.code ?? data.reason]));
  }
  const joined = session.join().then(({ state }) => state, ({ code }) => code);
  await settle();
  last().accept();
  await settle();
  return { session, told, joined, server: last(), now };
}

async function seated(options) {
  const all = await begun(options);
  all.server.answer(HANDSHAKE, JOINED);
  assert.equal(await all.joined, "in_progress");
  return all;
}

test("who is seated knows what the handshake told", async () => {
  const { session } = await seated();

  const { role, title, peerName, peerPresent, endsAt, overtime } = session.snapshot;
  assert.deepEqual(
    { role, title, peerName, peerPresent, endsAt, overtime },
    {
      role: "coach", title: "First talk", peerName: "Demo Client", peerPresent: true,
      endsAt: "2031-01-01T11:00:00Z", overtime: null,
    },
  );
});

test("an end closes the session after it was told", async () => {
  const { told, server, session } = await seated();

  server.say("session-ended", { bookingId: "b", version: 9, reason: "time_is_up", billableSeconds: 0 });

  assert.deepEqual(told, [["ended", "time_is_up"], ["closed", "GONE"]]);
  assert.equal(session.closed, true);
});

test("a session that was over before it was joined tells its end, and the join says so", async () => {
  const asked = [];
  const record = async (path) => {
    asked.push(path);
    return { state: "ended", endReason: "ended_by_coach" };
  };
  const { told, joined, server } = await begun({ record });

  server.refuseAsk(HANDSHAKE, "GONE");

  assert.equal(await joined, "GONE");
  assert.deepEqual(told, [["ended", "ended_by_coach"], ["closed", "GONE"]]);
  assert.deepEqual(asked, ["/api/sessions/b"]);
});

test("an end that is told on two ways at once is told once", async () => {
  let answer = (_) => {};
  const record = new Promise((resolve) => (answer = resolve));
  const { session, told, joined, server } = await begun({ record: () => record });

  session.heard({ bookingId: "b", state: "completed" });
  server.refuseAsk(HANDSHAKE, "GONE");
  await settle();
  answer({ state: "ended", endReason: "ended_by_coach" });

  assert.equal(await joined, "GONE");
  assert.deepEqual(told, [["ended", "ended_by_coach"], ["closed", "GONE"]]);
});

test("a room that is not open yet closes, and says why", async () => {
  const { told, joined, server } = await begun();

  server.refuseAsk(HANDSHAKE, "TOO_EARLY");

  assert.equal(await joined, "TOO_EARLY");
  assert.deepEqual(told, [["trouble", "TOO_EARLY"], ["closed", "TOO_EARLY"]]);
});

test("who leaves says so before the socket goes", async () => {
  const { session, told, server } = await seated();

  session.leave();

  assert.deepEqual(server.asked.at(-1).event, "leave-session");
  assert.deepEqual([told, server.closed], [[["closed", "DISCONNECTED"]], true]);
});

test("another device of the same person takes the seat", async () => {
  const { told, server } = await seated();

  server.say("session-seat-taken", { bookingId: "b", deviceId: "other" });
  server.lose({ code: "seat_taken", mayReconnect: false });
  await settle();

  assert.deepEqual(told.map(([name]) => name), ["seat-taken", "closed"]);
});

test("a booking that was cancelled elsewhere ends the session here", async () => {
  const { session, told } = await seated({ record: async () => ({ state: "cancelled" }) });

  session.heard({ bookingId: "another", state: "cancelled_by_coach" });
  session.heard({ bookingId: "b", state: "confirmed" });
  await settle();
  assert.deepEqual(told, []);
  session.heard({ bookingId: "b", state: "cancelled_by_coach" });
  await settle();

  assert.deepEqual(told.map(([name]) => name), ["ended", "closed"]);
});

test("overtime is asked for, confirmed with a card, and declined by its number", async () => {
  const { session, server } = await seated();

  const asked = [session.requestOvertime(10, "card")];
  server.answer("request-overtime", { number: 1 });
  server.say("overtime-update", WISH);
  asked.push(session.confirmOvertime("card"));
  server.answer("confirm-overtime", { status: "authorized" });
  asked.push(session.declineOvertime(), session.overtimePaymentConfirmed());
  server.answer("decline-overtime");
  server.answer("overtime-payment-confirmed", { status: "authorized" });
  await Promise.all(asked);

  const overtime = server.asked.filter(({ event }) => event.includes("overtime"));
  assert.deepEqual(overtime.map(({ event, payload }) => [event, payload]), [
    ["request-overtime", { bookingId: "b", minutes: 10, paymentMethodId: "card" }],
    ["confirm-overtime", { bookingId: "b", number: 1, paymentMethodId: "card" }],
    ["decline-overtime", { bookingId: "b", number: 1 }],
    ["overtime-payment-confirmed", { bookingId: "b" }],
  ]);
});

test("the meter of overtime runs by the own clock between what the server tells, and never beyond", async () => {
  const { session, server, now } = await seated();

  server.say("overtime-meter", METER);
  now.at = 30_000;
  assert.deepEqual([session.billableNow(), session.amountNow()], [30, { amount: 50, currency: "USD" }]);
  server.say("overtime-tick", { ...METER, minute: 1, billableSeconds: 60 });
  now.at = 40_000;
  assert.equal(session.billableNow(), 70);
  now.at = 9_000_000;
  assert.equal(session.billableNow(), 600);
});

test("what stands still shows no more time, and sends nothing", async () => {
  const { session, server, now } = await seated();
  server.say("overtime-meter", METER);
  now.at = 20_000;

  server.say("overtime-meter", {
    ...METER, running: false, billableSeconds: 20, graceEndsAt: "2031-01-01T11:01:05Z",
  });
  now.at = 60_000;

  assert.deepEqual([session.billableNow(), session.covered], [20, true]);
  server.say("overtime-meter", { ...METER, billableSeconds: 20 });
  assert.equal(session.covered, false);
});

test("asking to end is repeated until the socket is back", async () => {
  const { session, server } = await seated();

  const ended = session.end();
  server.refuseAsk("session-end", "NOT_JOINED");
  await settle();
  server.answer("session-end");
  await ended;

  assert.deepEqual(server.asked.filter(({ event }) => event === "session-end").length, 2);
});

// --- what is known, without a socket ------------------------------------------------------------------------

const KNOWN = joinedWith(nothingYet("b"), JOINED);

test("an event that is older than the snapshot is old news", () => {
  assert.equal(factsAfter(KNOWN, "overtime-update", { ...WISH, version: 4 }), null);
});

test("an earlier overtime does not replace a later one", () => {
  const second = factsAfter(KNOWN, "overtime-update", { ...WISH, version: 7, number: 2 });
  const after = factsAfter(second, "overtime-update", { ...WISH, version: 7, number: 1, state: "declined" });

  assert.deepEqual([after.overtime.number, after.overtime.state], [2, "pending_confirmation"]);
});

test("the bank's secret stays while the overtime waits for the bank, and goes with it", () => {
  const asked = factsAfter(KNOWN, "overtime-update", { ...WISH, confirmed: true, clientSecret: "pi_1_secret_2" });
  const again = joinedWith(asked, { ...JOINED, version: 6, overtime: { ...WISH, confirmed: true } });
  const agreed = factsAfter(again, "overtime-update", { ...WISH, version: 7, state: "authorized" });

  assert.deepEqual(
    [again.overtime.clientSecret, agreed.overtime.clientSecret],
    ["pi_1_secret_2", null],
  );
});

test("agreed overtime moves the end, and takes its nearness away", () => {
  const soon = factsAfter(KNOWN, "session-ending-soon", { bookingId: "b", endsAt: KNOWN.endsAt });
  const after = factsAfter(soon, "overtime-update", {
    ...WISH, state: "authorized", endsAt: "2031-01-01T11:10:00Z",
  });

  assert.deepEqual(
    [soon.endingSoon, after.endingSoon, after.endsAt],
    [true, false, "2031-01-01T11:10:00Z"],
  );
});

test("who comes and goes is known at once", () => {
  const alone = factsAfter(KNOWN, "session-peer-left", { bookingId: "b", role: "coach" });
  const back = factsAfter(alone, "session-peer-joined", { bookingId: "b", epoch: 1, state: "in_progress" });

  assert.deepEqual([alone.peerPresent, back.peerPresent, back.state], [false, true, "in_progress"]);
});

test("an end takes the overtime with it", () => {
  const asked = factsAfter(KNOWN, "overtime-update", WISH);
  const ended = factsAfter(asked, "session-ended", { bookingId: "b", version: 8, reason: "time_is_up" });

  assert.deepEqual([ended.state, ended.overtime, ended.endReason], ["ended", null, "time_is_up"]);
});

test("a meter that waits for nobody does not stand still", () => {
  const stopped = { ...KNOWN, meter: { ...METER, running: false } };

  assert.deepEqual([standsStill(KNOWN), standsStill(stopped)], [false, false]);
});
