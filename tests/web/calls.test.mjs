// The calls of one tab: what the server tells every tab, and which of them holds the call.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Emitter } from "../../web/client/emitter.js";
import { RapportError } from "../../web/client/errors.js";
import { settle } from "./support.mjs";

const RATE = { amount: 250, currency: "USD" };
const COACH = { coachId: "c", name: "Demo Coach", ratePerMinute: RATE };
const RING = {
  sessionId: "s",
  client: { userId: "u", name: "Demo Client" },
  ratePerMinute: RATE,
  expiresAt: new Date(Date.now() + 30_000).toISOString(),
};
const HELD = "rapport.tab.call";

/** Whatever is asked of it, it is there: toasts are drawn on it. */
const anything = new Proxy(function () {}, {
  get: (_, name) =>
    ({ [Symbol.iterator]: undefined, [Symbol.toPrimitive]: () => "" })[name] ??
    (name === Symbol.iterator ? undefined : anything),
  apply: () => anything,
});
const went = [];
const stored = new Map();

Object.assign(globalThis, {
  Node: class {},
  Element: class {},
  document: anything,
  MediaStream: class {
    getTracks = () => [];
  },
  window: { addEventListener() {}, setTimeout: (...timer) => setTimeout(...timer) },
  location: { origin: "https://rapport.example", pathname: "/coaches", assign: (href) => went.push(href) },
  sessionStorage: {
    getItem: (key) => stored.get(key) ?? null,
    setItem: (key, value) => stored.set(key, value),
    removeItem: (key) => stored.delete(key),
  },
});
globalThis.navigator ??= { languages: ["en"] };
const { Calls } = await import("../../web/console/calls.js");

const track = () => ({
  stopped: false,
  stop() {
    this.stopped = true;
  },
});
const devices = () => {
  const tracks = [track()];
  return { stream: { getTracks: () => tracks }, faults: {} };
};
const update = (state, version, more = {}) => ({ sessionId: "s", state, version, ...more });
const ringing = {
  sessionId: "s",
  state: "ringing",
  expiresAt: RING.expiresAt,
  ratePerMinute: RATE,
  authorization: { status: "authorized", clientSecret: null },
};

/** A tab with a server that answers what the test says. */
function tab({ answers = {}, stories = {}, listed = [] } = {}) {
  const notifications = Object.assign(new Emitter(), {
    state: "connected",
    asked: [],
    ask(event, payload) {
      this.asked.push([event, payload]);
      const answer = answers[event];
      return typeof answer === "function" ? answer(payload) : Promise.resolve(answer ?? {});
    },
  });
  const joined = [];
  const rapport = {
    notifications,
    accounts: Object.assign(new Emitter(), { current: { userId: "me" } }),
    api: {
      get: async (path) =>
        path === "/api/live-sessions" ? { items: listed } : stories[path.split("/").at(-1)],
    },
    prepareCall: async () => {},
    call(sessionId, { media }) {
      const call = Object.assign(new Emitter(), {
        sessionId,
        media,
        join: async () => {},
        left: 0,
        leave() {
          this.left += 1;
        },
      });
      joined.push(call);
      return call;
    },
  };
  const calls = new Calls({ rapport });
  return { calls, notifications, accounts: rapport.accounts, joined };
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  stored.clear();
  went.length = 0;
  location.pathname = "/coaches";
});
afterEach(() => mock.timers.reset());

test("a request rings, and the accept takes this tab into the call", async () => {
  const { calls, notifications, joined } = tab({ answers: { live_session_request: ringing } });

  await calls.request(COACH, { devices: devices() });
  const before = calls.current.value;
  notifications.emit("live_session_update", update("ready", 4));
  await settle();

  assert.deepEqual([before.state, before.where, before.peerName], ["ringing", "here", "Demo Coach"]);
  assert.deepEqual([joined.length, went, stored.get(HELD)], [1, ["/call/s"], "s"]);
});

test("an accept that overtakes the answer to the request is not lost", async () => {
  let answer = () => {};
  const slow = new Promise((resolve) => (answer = resolve));
  const { calls, notifications, joined } = tab({ answers: { live_session_request: () => slow } });

  const asked = calls.request(COACH, { devices: devices() });
  notifications.emit("live_session_update", update("ready", 4));
  answer(ringing);
  await asked;
  await settle();

  assert.deepEqual([calls.current.value.state, joined.length], ["ready", 1]);
});

test("a refused card leaves no call behind", async () => {
  const refused = () => Promise.reject(new RapportError({ code: "PAYMENT_REFUSED" }));
  const { calls, notifications } = tab({ answers: { live_session_request: refused } });

  await assert.rejects(calls.request(COACH, { devices: devices() }), { code: "PAYMENT_REFUSED" });
  notifications.emit("live_session_update", update("unpaid", 2, { reason: "payment_refused" }));
  await settle();

  assert.deepEqual([calls.current.value, stored.has(HELD)], [null, false]);
});

test("a request whose answer got lost is sent again, as the same request", async () => {
  let sent = 0;
  const lossy = () =>
    ++sent === 1 ? Promise.reject(new RapportError({ code: "NO_ANSWER" })) : Promise.resolve(ringing);
  const { calls, notifications } = tab({ answers: { live_session_request: lossy } });

  await calls.request(COACH, { devices: devices() });

  const ids = notifications.asked.map(([, payload]) => payload.clientRequestId);
  assert.equal(ids.length, 2);
  assert.equal(ids[0], ids[1]);
  assert.equal(calls.current.value.state, "ringing");
});

test("an outcome before the talk stays until it is read, and lets go of the camera", async () => {
  const { calls, notifications } = tab({ answers: { live_session_request: ringing } });
  const own = devices();

  await calls.request(COACH, { devices: own });
  notifications.emit("live_session_update", update("declined", 4, { reason: "declined" }));
  await settle();
  const told = calls.current.value;
  calls.dismiss();

  assert.deepEqual(
    [told.state, told.reason, own.stream.getTracks()[0].stopped],
    ["declined", "declined", true],
  );
  assert.equal(calls.current.value, null);
});

test("old news changes nothing", async () => {
  const { calls, notifications } = tab({ answers: { live_session_request: ringing } });

  await calls.request(COACH, { devices: devices() });
  notifications.emit("live_session_update", update("ready", 5));
  notifications.emit("live_session_update", update("ringing", 4));
  await settle();

  assert.equal(calls.current.value.state, "ready");
});

test("a ring stops at once when it is answered on another device, which has the call", async () => {
  const story = {
    sessionId: "s",
    role: "callee",
    state: "ready",
    client: { name: "Demo Client" },
    coach: {},
    ratePerMinute: RATE,
    holds: [],
  };
  const { calls, notifications, joined } = tab({ stories: { s: story } });

  notifications.emit("live_session_ringing", RING);
  const rang = calls.incoming.value;
  notifications.emit("live_session_update", update("ready", 4));
  const stopped = calls.incoming.value;
  await settle();

  assert.deepEqual([rang, stopped], [RING, null]);
  assert.deepEqual([calls.current.value.where, joined.length], ["elsewhere", 0]);
});

test("an accept takes this tab into the call, whichever comes first, its answer or the news", async () => {
  const { calls, notifications, joined } = tab();
  notifications.emit("live_session_ringing", RING);

  const accepted = calls.accept(RING, devices());
  notifications.emit("live_session_update", update("ready", 4));
  await accepted;
  await settle();

  assert.deepEqual(
    [calls.current.value.where, calls.current.value.role, joined.length],
    ["here", "callee", 1],
  );
});

test("the news of the own accept opens no camera a second time", async () => {
  const story = {
    sessionId: "s",
    role: "callee",
    state: "ready",
    client: { name: "Demo Client" },
    coach: {},
    ratePerMinute: RATE,
    holds: [],
  };
  let answer = () => {};
  const slow = new Promise((resolve) => (answer = resolve));
  const { calls, notifications, joined } = tab({
    stories: { s: story },
    answers: { live_session_accept: () => slow },
  });
  const own = devices();
  notifications.emit("live_session_ringing", RING);

  const accepted = calls.accept(RING, own);
  notifications.emit("live_session_update", update("ready", 4));
  await settle();
  answer({});
  await accepted;
  await settle();

  assert.equal(calls.current.value.devices, own);
  assert.deepEqual(
    joined.map((call) => call.media),
    [own.stream],
  );
});

test("who answers too late is told, and the ring is over", async () => {
  const late = () => Promise.reject(new RapportError({ code: "ANSWERED_ELSEWHERE" }));
  const { calls, notifications } = tab({ answers: { live_session_accept: late } });
  notifications.emit("live_session_ringing", RING);

  await assert.rejects(calls.accept(RING, devices()), { code: "ANSWERED_ELSEWHERE" });

  assert.deepEqual([calls.incoming.value, stored.has(HELD)], [null, false]);
});

test("a ring whose end nobody told ends by itself", () => {
  const { calls, notifications } = tab();

  notifications.emit("live_session_ringing", {
    ...RING,
    expiresAt: new Date(Date.now() + 30_000).toISOString(),
  });
  mock.timers.tick(33_000);

  assert.equal(calls.incoming.value, null);
});

test("a tab that reloads takes its own call up again, and leaves another's alone", async () => {
  const story = {
    sessionId: "s",
    role: "caller",
    state: "live",
    client: {},
    coach: { name: "Demo Coach" },
    ratePerMinute: RATE,
    holds: [],
  };
  const other = tab({ stories: { s: story } });
  other.notifications.emit("live_session_update", update("live", 6));
  await settle();
  stored.set(HELD, "s");
  const own = tab({ stories: { s: story } });

  own.notifications.emit("live_session_update", update("live", 6));
  await settle();

  assert.deepEqual([other.calls.current.value.where, other.joined.length], ["elsewhere", 0]);
  assert.deepEqual([own.calls.current.value.where, own.joined.length], ["here", 1]);
});

test("another device takes the seat: this tab lets go, and knows where the call is", async () => {
  const { calls, notifications, joined } = tab({ answers: { live_session_request: ringing } });
  const own = devices();
  await calls.request(COACH, { devices: own });
  notifications.emit("live_session_update", update("ready", 4));
  await settle();

  joined[0].emit("seat-taken", {});

  const { where, call } = calls.current.value;
  assert.deepEqual(
    [where, call, joined[0].left > 0, own.stream.getTracks()[0].stopped],
    ["elsewhere", null, true, true],
  );
  assert.equal(stored.has(HELD), false);
});

test("after a gap, what is not open any more is gone", async () => {
  const { calls, notifications } = tab({
    listed: [{ sessionId: "s", state: "missed", endReason: "no_answer" }],
  });
  notifications.emit("live_session_ringing", RING);

  notifications.emit("reload", { first: false });
  await settle();

  assert.equal(calls.incoming.value, null);
});

test("a tab that becomes somebody else leaves the call; a new name does not", async () => {
  const { calls, notifications, accounts, joined } = tab({ answers: { live_session_request: ringing } });
  await calls.request(COACH, { devices: devices() });
  notifications.emit("live_session_update", update("ready", 4));
  await settle();

  accounts.emit("change", { userId: "me", name: "Another Name" });
  const kept = calls.current.value;
  accounts.emit("change", null);

  assert.notEqual(kept, null);
  assert.deepEqual([calls.current.value, joined[0].left > 0], [null, true]);
});

test("a call that the server gives up in the middle is trouble, and can be tried again", async () => {
  const { calls, notifications, joined } = tab({ answers: { live_session_request: ringing } });
  const own = devices();
  await calls.request(COACH, { devices: own });
  notifications.emit("live_session_update", update("ready", 4));
  await settle();

  joined[0].emit("closed", new RapportError({ code: "protocol_error" }));
  await settle();
  const { call, trouble } = calls.current.value;
  await calls.joinAgain();

  assert.deepEqual([call, trouble.code], [null, "protocol_error"]);
  assert.deepEqual([calls.current.value.call, calls.current.value.trouble], [joined[1], null]);
  assert.equal(joined[1].media, own.stream);
});

test("a call that is over before this side is seated leads to its receipt", async () => {
  const stories = { s: { state: "settled", endReason: "ended_by_client" } };
  const { calls, notifications, joined } = tab({ answers: { live_session_request: ringing }, stories });
  await calls.request(COACH, { devices: devices() });
  notifications.emit("live_session_update", update("ready", 4));
  await settle();
  location.pathname = "/call/s";

  joined[0].emit("closed", new RapportError({ code: "GONE" }));
  await settle();

  assert.deepEqual([calls.current.value, went.at(-1)], [null, "/receipts/s"]);
});

test("another open call does not take the place of the one that goes on here", async () => {
  const people = { client: { name: "Demo Client" }, coach: {} };
  const other = { sessionId: "t", role: "callee", state: "live", ...people, ratePerMinute: RATE, holds: [] };
  const { calls, notifications, joined } = tab({
    answers: { live_session_request: ringing },
    stories: { t: other },
    listed: [{ sessionId: "t", state: "live" }],
  });
  await calls.request(COACH, { devices: devices() });
  notifications.emit("live_session_update", update("ready", 4));
  await settle();

  notifications.emit("live_session_update", { sessionId: "t", state: "live", version: 3 });
  notifications.emit("reload", { first: false });
  await settle();

  assert.deepEqual([calls.current.value.sessionId, calls.current.value.call], ["s", joined[0]]);
});
