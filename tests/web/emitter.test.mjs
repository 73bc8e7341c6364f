// Small things: events, backoff, the device id.

import assert from "node:assert/strict";
import { test } from "node:test";

import { backoff } from "../../web/client/backoff.js";
import { deviceId } from "../../web/client/device.js";
import { Emitter } from "../../web/client/emitter.js";
import { SharedLocks, SharedStorage } from "./support.mjs";

test("who stops listening hears nothing more, and leaves nothing behind", () => {
  const emitter = new Emitter();
  const heard = [];
  const stop = emitter.on("news", (data) => heard.push(data));
  emitter.emit("news", 1);
  stop();
  emitter.emit("news", 2);
  assert.deepEqual([heard, emitter.listenerCount], [[1], 0]);
});

test("a listener that stops itself keeps no other from hearing", () => {
  const emitter = new Emitter();
  const heard = [];
  const stop = emitter.on("news", () => stop());
  emitter.on("news", (data) => heard.push(data));
  emitter.emit("news", 1);
  assert.deepEqual(heard, [1]);
});

test("waits grow, are spread, and stay between half a second and 15 s", () => {
  assert.deepEqual([0, 1, 2, 9].map((n) => backoff(n, () => 0)), [500, 500, 500, 500]);
  assert.deepEqual([0, 1, 2, 9].map((n) => backoff(n, () => 1)), [1000, 2000, 4000, 15_000]);
});

test("a tab keeps its device id over reloads; a duplicated tab takes another", async (context) => {
  // Node.js does not wait for AbortSignal.timeout.
  const alive = setInterval(() => {}, 50);
  context.after(() => clearInterval(alive));
  const locks = new SharedLocks();
  const session = new SharedStorage().tab();
  const first = await deviceId({ session, locks });
  const copy = new SharedStorage().tab();
  copy.setItem("rapport.tab.device", first);
  const second = await deviceId({ session: copy, locks });
  assert.match(first, /^web-[0-9a-z]+$/);
  assert.notEqual(second, first);
  // The page that was before let its lock go when it was unloaded.
  assert.equal(await deviceId({ session, locks: new SharedLocks() }), first);
});

test("without Web Locks the id is at least kept", async () => {
  const session = new SharedStorage().tab();
  const first = await deviceId({ session, locks: null });
  assert.equal(await deviceId({ session, locks: null }), first);
});
