// The numbered feed: once, in order, over reconnects and reloads. And coaches who are watched.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Feed } from "../../web/client/feed.js";
import { Notifications } from "../../web/client/notifications.js";
import { FakeAccounts, SharedStorage, fakeIo, settle } from "./support.mjs";

beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
afterEach(() => mock.timers.reset());

const at = (seq, epoch = "e1") => ({ epoch, seq });

test("numbers rise; what came before is a duplicate, a hole is none", () => {
  const feed = new Feed(new SharedStorage().tab(), "u1");
  assert.deepEqual([1, 2, 2, 1, 5, 4, 6].map((seq) => feed.take(at(seq))),
    [true, true, false, false, true, false, true]);
  assert.deepEqual(feed.position, at(6));
});

test("what has no number is always news, and another generation begins anew", () => {
  const feed = new Feed(new SharedStorage().tab(), "u1");
  feed.take(at(7));
  const news = [{}, {}, null, at(1, "e2")];
  assert.deepEqual(news.map((data) => feed.take(data)), [true, true, true, true]);
  assert.deepEqual(feed.position, at(1, "e2"));
});

test("a place is kept by tab and person, and nonsense is no place", () => {
  const storage = new SharedStorage().tab();
  new Feed(storage, "u1").take(at(3));
  assert.deepEqual(new Feed(storage, "u1").position, at(3));
  assert.equal(new Feed(storage, "u2").position, null);
  storage.setItem("rapport.tab.feed.u1", "{");
  assert.equal(new Feed(storage, "u1").position, null);
});

async function listening({ session = new SharedStorage().tab() } = {}) {
  const { io, last, connections } = fakeIo();
  const [accounts, page] = [new FakeAccounts(), new EventTarget()];
  const parts = { url: "", io, accounts, device: async () => "web-1", page, session, random: () => 0 };
  const notifications = new Notifications(parts);
  const heard = [];
  for (const name of ["notification", "live_session_update", "coach_status"]) {
    notifications.on(name, (data) => heard.push(data.seq ?? data.state ?? data.status));
  }
  notifications.on("reload", ({ first }) => heard.push(first ? "first" : "reload"));
  notifications.connect();
  await settle();
  return { notifications, heard, last, session, connections };
}

const recovered = (seq, whole = true) => ({ recovered: whole, epoch: seq === null ? null : "e1", seq });

test("a first tab is told where the feed stands, and reads everything", async () => {
  const { heard, last } = await listening();
  assert.equal(last().options.auth.since, undefined);
  last().accept();
  last().say("recovered", recovered(null, false));
  last().say("notification", at(1));
  assert.deepEqual(heard, ["first", 1]);
});

test("after a lost connection it says where it stands, and hears each missed event once", async () => {
  const { heard, last } = await listening();
  last().accept();
  last().say("recovered", recovered(4, false));
  last().say("notification", at(5));
  last().lose();
  mock.timers.tick(500);
  await settle();
  assert.deepEqual(last().options.auth.since, at(5));
  last().accept();
  for (const seq of [5, 6, 7]) last().say("notification", at(seq));
  last().say("recovered", recovered(8));
  last().say("notification", at(8));
  last().say("notification", at(9));
  assert.deepEqual(heard, ["first", 5, 6, 7, 9]);
});

test("recovered is told even when nothing was missed", async () => {
  const { notifications, last } = await listening();
  const told = [];
  notifications.on("recovered", (data) => told.push(data.recovered));
  last().accept();
  last().say("recovered", recovered(4, false));
  last().say("recovered", recovered(4));
  assert.deepEqual(told, [false, true]);
});

test("a reload of the page goes on from where the tab stood", async () => {
  const { last, session } = await listening();
  last().accept();
  last().say("recovered", recovered(4, false));
  last().say("notification", at(5));
  const again = await listening({ session });
  assert.deepEqual(again.last().options.auth.since, at(5));
});

test("what cannot be recovered is to be read anew", async () => {
  const { heard, last } = await listening();
  last().accept();
  last().say("recovered", recovered(4, false));
  last().say("recovered", { recovered: false, ...at(2, "e2") });
  last().say("notification", at(3, "e2"));
  assert.deepEqual(heard, ["first", "reload", 3]);
});

test("snapshots of open calls come again after each connect", async () => {
  const { heard, last } = await listening();
  last().accept();
  last().say("live_session_update", { state: "live" });
  last().say("live_session_update", { state: "live" });
  assert.deepEqual(heard, ["live", "live"]);
});

test("watched coaches are watched again after a reconnect, until nobody watches them any more", async () => {
  const { notifications, heard, last } = await listening();
  last().accept();
  for (const ids of [["a", "b"], ["b"]]) {
    const watching = notifications.watch(ids);
    last().answer("coach_status_watch", { statuses: [] });
    await watching;
  }
  const leaving = notifications.unwatch(["a", "b"]);
  assert.deepEqual(last().asked.at(-1).payload, { coachIds: ["a"] });
  last().answer("coach_status_unwatch");
  await leaving;
  last().lose();
  mock.timers.tick(500);
  await settle();
  last().accept();
  assert.deepEqual(last().asked.at(-1).payload, { coachIds: ["b"] });
  last().answer("coach_status_watch", { statuses: [{ coachId: "b", status: "busy" }] });
  await settle();
  assert.deepEqual(heard, ["busy"]);
});

test("who watches goes on watching when the tab becomes somebody else", async () => {
  const { notifications, last } = await listening();
  last().accept();
  const before = notifications.watch(["a"]);
  last().answer("coach_status_watch", { statuses: [] });
  await before;

  notifications.close();
  notifications.connect();
  await settle();
  last().accept();
  // The page of the next person is made before that of the last one is let go.
  const next = notifications.watch(["a"]);
  last().answer("coach_status_watch", { statuses: [] });
  await next;
  await notifications.unwatch(["a"]);

  assert.deepEqual(last().asked.map((one) => one.event), ["coach_status_watch", "coach_status_watch"]);
});

test("one socket, however often it is told to connect; none after close", async () => {
  const { notifications, connections, last } = await listening();
  notifications.connect();
  last().accept();
  notifications.connect();
  await settle();
  assert.equal(connections.length, 1);
  notifications.close();
  assert.deepEqual([notifications.state, last().closed], ["closed", true]);
  await assert.rejects(notifications.ask("notifications_read", { all: true }), { code: "DISCONNECTED" });
});

test("what was shown is acknowledged by its number", async () => {
  const { notifications, last } = await listening();
  last().accept();
  last().say("recovered", recovered(4, false));
  const told = notifications.acknowledge();
  const { event, payload } = last().asked.at(-1);
  assert.deepEqual([event, payload], ["notifications_ack", { seq: 4 }]);
  last().answer("notifications_ack");
  await told;
});
