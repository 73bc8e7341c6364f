// @ts-check
// Addresses and pages. Links are plain <a href>; a page is an async function that answers with its node.
import { RapportError, offline } from "../client/errors.js";

/**
 * @typedef {object} Page
 * @property {string} title  of the window, without the name of the house
 * @property {Node} node
 * @property {() => void} [dispose]  lets go of what the page holds: subscriptions, timers
 */

/**
 * @typedef {object} Context
 * @property {import("../client/rapport.js").Rapport} rapport
 * @property {{[name: string]: string}} params  of the path
 * @property {URLSearchParams} query
 * @property {import("./main.js").App} app
 */

/** @typedef {(context: Context) => Promise<Page>} PageFunction */

/**
 * @typedef {object} Route
 * @property {string} path  "/coaches/{userId}"
 * @property {() => Promise<PageFunction>} load
 */

/** @type {((href: string, options: {replace: boolean}) => void) | null} */
let go = null;

/**
 * Go to an address of the console.
 * @param {string} href
 * @param {{replace?: boolean}} [options]  `replace` leaves no trace of where one was
 */
export function navigate(href, { replace = false } = {}) {
  if (go) go(href, { replace });
  else location.assign(href);
}

/**
 * @param {string} pattern
 * @param {string} path
 * @returns {{[name: string]: string} | null}
 */
export function match(pattern, path) {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  /** @type {{[name: string]: string}} */
  const params = {};
  for (const [index, part] of wanted.entries()) {
    const name = /^\{(.+)\}$/.exec(part)?.[1];
    if (name) params[name] = decode(given[index]);
    else if (part !== given[index]) return null;
  }
  return params;
}

/** @param {string} part */
function decode(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/**
 * A path of this origin, or "/": what may follow `?next=`.
 * @param {string | null} href
 */
export function ownPath(href) {
  if (!href || !href.startsWith("/") || href.startsWith("//") || href.startsWith("/\\")) return "/";
  const url = new URL(href, location.origin);
  return url.origin === location.origin ? url.pathname + url.search + url.hash : "/";
}

/** Whether a click on a link is one that the browser itself should follow. @param {MouseEvent} event */
function foreign(event) {
  return (
    event.defaultPrevented ||
    event.button !== 0 ||
    event.metaKey ||
    event.ctrlKey ||
    event.shiftKey ||
    event.altKey
  );
}

/**
 * Follow addresses from now on.
 * @param {object} options
 * @param {Route[]} options.routes
 * @param {PageFunction} options.notFound
 * @param {(error: unknown, retry: () => void) => Page} options.failed  shown when a page could not be made
 * @param {(params: {[name: string]: string}, query: URLSearchParams) => Context} options.context
 * @param {(path: string) => string | null} options.guard  an address to go to instead, or null
 * @param {(path: string) => void} options.loading  called at once, before the page is there
 * @param {(page: Page, path: string, first: boolean) => void} options.show
 * @returns {{refresh: () => Promise<void>}}
 */
export function startRouter({ routes, notFound, failed, context, guard, loading, show }) {
  /** @type {Page | null} */
  let shown = null;
  let turn = 0;
  let first = true;

  async function open() {
    const mine = ++turn;
    const elsewhere = guard(location.pathname + location.search);
    if (elsewhere) return void travel(elsewhere, { replace: true });
    loading(location.pathname);
    const page = await make();
    if (mine !== turn) return void page.dispose?.();
    shown?.dispose?.();
    shown = page;
    show(page, location.pathname, first);
    first = false;
  }

  /** @returns {Promise<Page>} */
  async function make() {
    const query = new URLSearchParams(location.search);
    for (const route of routes) {
      const params = match(route.path, location.pathname);
      if (params) return load(route.load, context(params, query));
    }
    return load(async () => notFound, context({}, query));
  }

  /**
   * @param {() => Promise<PageFunction>} fetchPage
   * @param {Context} ctx
   * @returns {Promise<Page>}
   */
  async function load(fetchPage, ctx) {
    let page;
    try {
      page = await fetchPage();
    } catch (error) {
      // There is no network, or the server was renewed since this tab was opened and what it has no longer fits. A
      // browser may remember a module that failed; a tab that is loaded anew asks again.
      return failed(
        error instanceof SyntaxError ? RapportError.of(error) : offline(error),
        () => void loadAnew(),
      );
    }
    try {
      return await page(ctx);
    } catch (error) {
      return failed(error, () => void open());
    }
  }

  async function loadAnew() {
    const reached = await fetch(location.pathname, { method: "HEAD" }).then(
      () => true,
      () => false,
    );
    if (reached) location.reload();
    else void open();
  }

  /**
   * @param {string} href
   * @param {{replace: boolean}} options
   */
  function travel(href, { replace }) {
    const url = new URL(href, location.href);
    if (url.origin !== location.origin) return void location.assign(url);
    if (replace) history.replaceState({}, "", url);
    else if (url.href !== location.href) {
      history.replaceState({ ...history.state, scroll: window.scrollY }, "");
      history.pushState({}, "", url);
    }
    void open();
  }

  /** @param {MouseEvent} event */
  function onClick(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || foreign(event) || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href, location.href);
    const ours = url.origin === location.origin && routes.some((route) => match(route.path, url.pathname));
    if (!ours || (url.hash && url.pathname === location.pathname && url.search === location.search)) return;
    event.preventDefault();
    travel(url.href, { replace: false });
  }

  go = travel;
  // A page is drawn after its data came: only we know when there is something to scroll to.
  history.scrollRestoration = "manual";
  document.addEventListener("click", onClick);
  window.addEventListener("popstate", () => void open());
  void open();
  return { refresh: open };
}
