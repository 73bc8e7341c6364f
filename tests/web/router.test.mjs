// Addresses and pages, with a window that is only what the router asks of one.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { navigate, startRouter } from "../../web/console/router.js";
import { settle } from "./support.mjs";

const ORIGIN = "https://rapport.example";
const heard = [];

beforeEach(() => {
  heard.length = 0;
  globalThis.window = Object.assign(new EventTarget(), { scrollY: 0 });
  globalThis.document = new EventTarget();
  globalThis.location = new URL("/admin", ORIGIN);
  const go = (_state, _title, url) => url && (location.href = new URL(url, location.href).href);
  globalThis.history = { state: null, pushState: go, replaceState: go };
});

/** The browser itself goes somewhere: Back, or a link to a part of the page. */
function traverse(address) {
  location.href = new URL(address, location.href).href;
  window.dispatchEvent(new Event("popstate"));
}

/** Start a console of pages that note when they are made, shown and let go. */
async function consoleOf(pages = {}) {
  const route = (path) => ({
    path,
    load: async () => async () => {
      heard.push(`make ${path}`);
      await pages[path];
      return { title: path, node: null, dispose: () => heard.push(`dispose ${path}`) };
    },
  });
  startRouter({
    routes: ["/admin", "/cards"].map(route),
    notFound: async () => ({ title: "nothing", node: null }),
    failed: () => ({ title: "failed", node: null }),
    context: () => ({}),
    guard: () => null,
    loading: () => {},
    show: (page) => heard.push(`show ${page.title}`),
  });
  await settle();
}

test("a link to a part of the page leaves the page as it is", async () => {
  await consoleOf();

  traverse("#calls");
  await settle();

  assert.deepEqual(heard, ["make /admin", "show /admin"]);
});

test("Back makes the page of the address before", async () => {
  await consoleOf();
  navigate("/cards");
  await settle();
  heard.length = 0;

  traverse("/admin");
  await settle();

  assert.deepEqual(heard, ["make /admin", "dispose /cards", "show /admin"]);
});

test("a page that comes too late is let go and never shown", async () => {
  let come = () => {};
  await consoleOf({ "/cards": new Promise((resolve) => (come = resolve)) });

  navigate("/cards");
  await settle();
  traverse("/admin");
  await settle();
  come();
  await settle();

  assert.deepEqual(heard.slice(2), ["make /cards", "make /admin", "dispose /admin", "show /admin", "dispose /cards"]);
});
