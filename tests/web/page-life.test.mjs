// Pages that are closed, frozen, brought back, or moved to another network.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PageLife } from "../../web/client/page-life.js";

function living() {
  const [window, document, told] = [new EventTarget(), new EventTarget(), []];
  const parts = Object.fromEntries(["hide", "show", "network"].map((name) => [name, () => told.push(name)]));
  const life = new PageLife({ ...parts, window, document });
  const happen = (target, name, more = {}) => target.dispatchEvent(Object.assign(new Event(name), more));
  life.start();
  return { life, window, document, told, happen };
}

test("a page that is closed or frozen lets go, and takes up again when it comes back", () => {
  const { window, document, told, happen } = living();
  happen(document, "freeze");
  happen(document, "resume");
  happen(window, "pagehide", { persisted: true });
  happen(window, "pageshow", { persisted: true });
  assert.deepEqual(told, ["hide", "show", "hide", "show"]);
});

test("the first pageshow of a page is no return", () => {
  const { window, told, happen } = living();
  happen(window, "pageshow", { persisted: false });
  assert.deepEqual(told, []);
});

test("a network that is back is told; a page that is hidden goes on", () => {
  const { window, document, told, happen } = living();
  happen(window, "online");
  happen(document, "visibilitychange");
  assert.deepEqual(told, ["network"]);
});

test("after stop nothing is heard", () => {
  const { life, window, document, told, happen } = living();
  life.stop();
  for (const name of ["pagehide", "pageshow", "online"]) happen(window, name, { persisted: true });
  for (const name of ["freeze", "resume"]) happen(document, name);
  assert.deepEqual(told, []);
});
