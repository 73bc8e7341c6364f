// The number beside the bell.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Emitter } from "../../web/client/emitter.js";
import { signal } from "../../web/console/store.js";
import { followUnread } from "../../web/console/unread.js";
import { settle } from "./support.mjs";

/** A tab whose server says that so many are unread. */
function tab(unread) {
  const notifications = new Emitter();
  const api = { get: async () => ({ unread }) };
  const app = { rapport: { notifications, api }, user: signal({ userId: "u1" }), unread: signal(0) };
  followUnread(app);
  return { ...app, notifications };
}

test("what was missed while the tab reloaded is counted once", async () => {
  const { notifications, unread } = tab(3);

  // The server's number has the two in it that it repeats.
  notifications.emit("notification", {});
  notifications.emit("notification", {});
  notifications.emit("recovered", { recovered: true });
  await settle();

  assert.equal(unread.value, 3);
});

test("each one that comes counts, until they are read anywhere", () => {
  const { notifications, unread } = tab(0);

  notifications.emit("notification", {});
  notifications.emit("notification", {});
  const came = unread.value;
  notifications.emit("notifications_read", { unread: 1 });

  assert.deepEqual([came, unread.value], [2, 1]);
});

test("an answer for somebody who is not here any more is dropped", async () => {
  const { notifications, unread, user } = tab(7);

  notifications.emit("recovered", { recovered: true });
  user.value = null;
  await settle();

  assert.equal(unread.value, 0);
});

test("a number that cannot be read stays as it is", async () => {
  const { notifications, unread, rapport } = tab(7);
  rapport.api.get = () => Promise.reject(new Error("offline"));

  notifications.emit("notification", {});
  notifications.emit("recovered", { recovered: true });
  await settle();

  assert.equal(unread.value, 1);
});
