// Notifications of the operating system, in browsers that give them, refuse them, and have none.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { tellSystem } from "../../web/console/system-word.js";

/** A browser whose notifications are `Notification`, behind another window. */
function browser(Notification, hidden = true) {
  globalThis.document = { hidden };
  globalThis.window = { focus: () => (globalThis.focused = true), ...(Notification && { Notification }) };
  globalThis.Notification = Notification;
}

class Allowed extends EventTarget {
  static permission = "granted";
  static shown = [];
  closed = false;

  constructor(title, options) {
    super();
    Object.assign(this, { title, options });
    Allowed.shown.push(this);
  }

  close() {
    this.closed = true;
  }
}

beforeEach(() => (Allowed.shown.length = 0));

test("a hidden window is told by the system, and a click brings it back", () => {
  browser(Allowed);

  tellSystem("Demo Client is calling", { tag: "s" });
  const [shown] = Allowed.shown;
  shown.dispatchEvent(new Event("click"));

  assert.deepEqual([shown.title, shown.options.tag, shown.closed, globalThis.focused], ["Demo Client is calling", "s", true, true]);
});

test("it is taken back when it is of no use any more", () => {
  browser(Allowed);

  tellSystem("Demo Client is calling", {})();

  assert.equal(Allowed.shown[0].closed, true);
});

test("a window that is seen needs no system", () => {
  browser(Allowed, false);

  tellSystem("Demo Client is calling", {});

  assert.equal(Allowed.shown.length, 0);
});

test("a browser that has the name only, as Chrome on Android has, is no trouble", () => {
  browser(Object.assign(function () { throw new TypeError("Illegal constructor"); }, { permission: "granted" }));

  assert.doesNotThrow(tellSystem("Demo Client is calling", {}));
});

test("a browser without notifications is no trouble", () => {
  browser(undefined);

  assert.doesNotThrow(tellSystem("Demo Client is calling", {}));
});
