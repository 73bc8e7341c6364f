// One socket: what follows each way to lose it, acknowledgements, tokens.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Socket } from "../../web/client/socket.js";
import { FakeAccounts, fakeIo, refusal, settle } from "./support.mjs";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

async function opened({ connected = true } = {}) {
  const { io, connections, last } = fakeIo();
  const accounts = new FakeAccounts();
  const page = new EventTarget();
  const device = async () => "web-1";
  const parts = { url: "http://rapport.test", namespace: "/live", io, accounts, device, page };
  const socket = new Socket({ ...parts, random: () => 0 });
  const states = [];
  const events = [];
  socket.on("state", (state) => states.push(state));
  socket.on("event", ({ name }) => events.push(name));
  socket.open();
  await settle();
  if (connected) last().accept();
  return { socket, accounts, page, connections, last, states, events, now: () => states.at(-1) };
}

test("it connects by WebSocket alone, on a connection of its own, with token and device", async () => {
  const { last, states } = await opened();
  const { transports, forceNew, reconnection, auth } = last().options;
  assert.equal(last().url, "http://rapport.test/live");
  assert.deepEqual([transports, forceNew, reconnection], [["websocket"], true, false]);
  assert.deepEqual(auth, { token: "token-0", deviceId: "web-1" });
  assert.deepEqual(states.map(({ state }) => state), ["connecting", "connected"]);
});

test("an acknowledgement is a value or an error", async () => {
  const { socket, last } = await opened();
  const good = socket.ask("ask", { a: 1 });
  last().answer("ask", { b: 2 });
  assert.deepEqual(await good, { b: 2 });
  const bad = socket.ask("ask");
  last().refuseAsk("ask", "RATE_LIMITED", { retryable: true, retryAfterMs: 40 });
  await assert.rejects(bad, { code: "RATE_LIMITED", retryable: true, retryAfterMs: 40 });
});

test("a question has its answer in time, or NO_ANSWER; a late answer is nothing", async () => {
  const { socket, last } = await opened();
  const asked = socket.ask("ask", {}, { timeoutMs: 1000 });
  mock.timers.tick(1000);
  await assert.rejects(asked, { code: "NO_ANSWER" });
  last().answer("ask");
});

test("a lost connection answers every open question, and comes back after a while", async () => {
  const { socket, last, now, connections } = await opened();
  const asked = socket.ask("ask");
  last().lose();
  await assert.rejects(asked, { code: "DISCONNECTED", retryable: true });
  await assert.rejects(socket.ask("ask"), { code: "DISCONNECTED" });
  assert.deepEqual([now().state, now().retryInMs], ["waiting", 500]);
  mock.timers.tick(500);
  await settle();
  last().accept();
  assert.deepEqual([connections.length, now().state], [2, "connected"]);
});

test("what an old connection still says is not heard", async () => {
  const { connections, events, last } = await opened();
  const [old] = connections;
  old.lose();
  mock.timers.tick(500);
  await settle();
  old.say("news", {});
  last().accept();
  assert.deepEqual([events, old.closed], [[], true]);
});

for (const code of ["draining", "unavailable", "slow_consumer"]) {
  test(`${code}: it waits as long as it is told`, async () => {
    const { last, now, connections, page } = await opened();
    last().lose({ code, mayReconnect: true, reconnectInMs: 7000 });
    assert.deepEqual([now().state, now().code, now().retryInMs],
      [code === "draining" ? "draining" : "waiting", code, 7000]);
    page.dispatchEvent(new Event("online"));
    mock.timers.tick(6999);
    await settle();
    assert.equal(connections.length, 1);
    mock.timers.tick(1);
    await settle();
    assert.equal(connections.length, 2);
  });
}

test("server_draining alone is enough to be obeyed", async () => {
  const { last, now } = await opened();
  last().say("server_draining", { reconnectInMs: 3000 });
  last().lose();
  assert.deepEqual([now().state, now().retryInMs], ["draining", 3000]);
});

for (const code of ["seat_taken", "protocol_error", "too_many_refusals", "no_namespace", "some_new_code"]) {
  test(`${code}: it stays away`, async () => {
    const { last, now, connections } = await opened();
    last().lose({ code, mayReconnect: false });
    mock.timers.tick(60_000);
    await settle();
    assert.deepEqual([now().state, now().code, connections.length], ["closed", code, 1]);
  });
}

for (const code of ["token_expired", "revoked"]) {
  test(`${code}: it comes back at once with another token`, async () => {
    const { last, connections, states } = await opened();
    last().lose({ code, mayReconnect: false });
    await settle();
    last().accept();
    assert.deepEqual([connections.length, last().options.auth.token], [2, "token-1"]);
    assert.equal(states.at(-1).state, "connected");
  });
}

test("revoked, and no other token is to be had: closed", async () => {
  const { last, now, accounts } = await opened();
  accounts.trouble = refusal("UNAUTHENTICATED", { status: 401 });
  last().lose({ code: "revoked", mayReconnect: false });
  await settle();
  assert.deepEqual([now().state, now().code, now().mayReconnect], ["closed", "UNAUTHENTICATED", false]);
});

test("a CONNECT that is refused for its token is repeated once with another", async () => {
  const { last, connections, now } = await opened({ connected: false });
  last().refuse("TOKEN_EXPIRED");
  await settle();
  assert.deepEqual([connections.length, last().options.auth.token], [2, "token-1"]);
  last().refuse("UNAUTHENTICATED");
  await settle();
  assert.deepEqual([connections.length, now().state, now().code], [2, "closed", "UNAUTHENTICATED"]);
});

test("a CONNECT that is refused for now is repeated later, as told", async () => {
  const { last, now } = await opened({ connected: false });
  last().refuse("RATE_LIMITED", { retryAfterMs: 2500 });
  assert.deepEqual([now().state, now().retryInMs], ["waiting", 2500]);
  mock.timers.tick(2500);
  await settle();
  last().refuse("TOO_MANY_CONNECTIONS");
  assert.deepEqual([now().state, now().code], ["waiting", "TOO_MANY_CONNECTIONS"]);
});

test("a CONNECT that is refused for good is not repeated", async () => {
  const { last, now } = await opened({ connected: false });
  last().refuse("INVALID_PAYLOAD");
  assert.deepEqual([now().state, now().code], ["closed", "INVALID_PAYLOAD"]);
});

test("nobody answers: it tries for ever, and at once when the network is back", async () => {
  const { last, now, page, connections } = await opened({ connected: false });
  for (let tries = 1; tries <= 10; tries += 1) {
    last().refuse();
    assert.deepEqual([now().state, now().code], ["waiting", "OFFLINE"]);
    page.dispatchEvent(new Event("online"));
    await settle();
    assert.equal(connections.length, tries + 1);
  }
});

test("a connection that is never accepted is given up", async () => {
  const { now } = await opened({ connected: false });
  mock.timers.tick(12_000);
  assert.deepEqual([now().state, now().code], ["waiting", "CONNECT_TIMEOUT"]);
});

test("a token that runs out is renewed on the open connection", async () => {
  const { last, connections } = await opened();
  last().say("session_expiring", { expiresAt: "2026-01-01T00:00:00.000Z" });
  await settle();
  assert.deepEqual(last().asked.at(-1).payload, { token: "token-1" });
  last().answer("token_refresh", { expiresAt: "2026-01-01T00:15:00.000Z" });
  await settle();
  last().say("session_expiring", { expiresAt: "2026-01-01T00:15:00.000Z" });
  await settle();
  assert.deepEqual([last().asked.at(-1).payload, connections.length], [{ token: "token-2" }, 1]);
});

test("a token of another log-in needs another connection", async () => {
  const { last, connections } = await opened();
  last().say("session_expiring", {});
  await settle();
  last().refuseAsk("token_refresh", "FORBIDDEN");
  await settle();
  assert.deepEqual([connections.length, last().options.auth.token], [2, "token-1"]);
});

test("closed is closed: no connection, no timer, no listener", async () => {
  const { socket, last, now, page, connections } = await opened();
  const asked = socket.ask("ask");
  socket.close();
  await assert.rejects(asked, { code: "DISCONNECTED" });
  page.dispatchEvent(new Event("online"));
  mock.timers.tick(600_000);
  await settle();
  assert.deepEqual([now().state, connections.length, last().closed], ["closed", 1, true]);
});

test("closed while it fetches a token, it does not connect", async () => {
  const { io, connections } = fakeIo();
  const [accounts, page] = [new FakeAccounts(), new EventTarget()];
  const device = async () => "web-1";
  const socket = new Socket({ url: "", namespace: "/live", io, accounts, device, page });
  socket.open();
  socket.close();
  await settle();
  assert.equal(connections.length, 0);
});
