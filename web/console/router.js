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
  if (!href?.startsWith("/")) return "/";
  if (!URL.canParse(href, location.origin)) return "/";
  const url = new URL(href, location.origin);
  // Looked at as it comes out: "/.//evil.example" is a path of ours, and becomes "//evil.example", another host.
  const own = url.origin === location.origin && !url.pathname.startsWith("//");
  return own ? url.pathname + url.search + url.hash : "/";
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
 * @typedef {object} RouterOptions
 * @property {Route[]} routes
 * @property {PageFunction} notFound
 * @property {(error: unknown, retry: () => void) => Page} failed  shown when a page could not be made
 * @property {(params: {[name: string]: string}, query: URLSearchParams) => Context} context
 * @property {(path: string) => string | null} guard  an address to go to instead, or null
 * @property {(path: string) => void} loading  called at once, before the page is there
 * @property {(page: Page, path: string, first: boolean) => void} show
 */

class Router {
  #options;
  /** @type {Page | null} */
  #shown = null;
  /** Rises with every page that is wanted: one that comes too late is not shown. */
  #turn = 0;
  #first = true;
  /** The address of the page that is shown, or being made. */
  #address = "";

  /** @param {RouterOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** Make and show the page of the present address. */
  open = async () => {
    const { guard, loading, show } = this.#options;
    const mine = ++this.#turn;
    this.#address = location.pathname + location.search;
    const elsewhere = guard(this.#address);
    if (elsewhere) return this.travel(elsewhere, { replace: true });
    loading(location.pathname);
    const page = await this.#make();
    if (mine !== this.#turn) return page.dispose?.();
    this.#shown?.dispose?.();
    this.#shown = page;
    show(page, location.pathname, this.#first);
    this.#first = false;
  };

  /** Back, Forward, or a link to a part of this page, which the browser scrolls to by itself. */
  moved = () => {
    if (location.pathname + location.search !== this.#address) void this.open();
  };

  /** @returns {Promise<Page>} */
  async #make() {
    const { routes, notFound, context } = this.#options;
    const query = new URLSearchParams(location.search);
    for (const route of routes) {
      const params = match(route.path, location.pathname);
      if (params) return this.#load(route.load, context(params, query));
    }
    return this.#load(async () => notFound, context({}, query));
  }

  /**
   * @param {() => Promise<PageFunction>} fetchPage
   * @param {Context} ctx
   * @returns {Promise<Page>}
   */
  async #load(fetchPage, ctx) {
    const { failed } = this.#options;
    let page;
    try {
      page = await fetchPage();
    } catch (error) {
      // There is no network, or the server was renewed since this tab was opened and what it has no longer fits. A
      // browser may remember a module that failed; a tab that is loaded anew asks again.
      const told = error instanceof SyntaxError ? RapportError.of(error) : offline(error);
      return failed(told, () => void this.#loadAnew());
    }
    try {
      return await page(ctx);
    } catch (error) {
      return failed(error, () => void this.open());
    }
  }

  async #loadAnew() {
    const reached = await fetch(location.pathname, { method: "HEAD" }).then(
      () => true,
      () => false,
    );
    if (reached) location.reload();
    else void this.open();
  }

  /**
   * @param {string} href
   * @param {{replace: boolean}} options
   */
  travel = (href, { replace }) => {
    const url = new URL(href, location.href);
    if (url.origin !== location.origin) return location.assign(url);
    if (replace) {
      history.replaceState({}, "", url);
    } else if (url.href !== location.href) {
      history.replaceState({ ...history.state, scroll: window.scrollY }, "");
      history.pushState({}, "", url);
    }
    void this.open();
  };

  /** Follow a link of the console without loading anything else. @param {MouseEvent} event */
  click = (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!link || foreign(event) || link.target || link.hasAttribute("download")) return;
    const url = new URL(link.href, location.href);
    const known = this.#options.routes.some((route) => match(route.path, url.pathname));
    if (url.origin !== location.origin || !known) return;
    if (url.hash && url.pathname === location.pathname && url.search === location.search) return;
    event.preventDefault();
    this.travel(url.href, { replace: false });
  };
}

/**
 * Follow addresses from now on.
 * @param {RouterOptions} options
 * @returns {{refresh: () => Promise<void>}} `refresh` makes the present page anew
 */
export function startRouter(options) {
  const router = new Router(options);
  go = router.travel;
  // A page is drawn after its data came: only we know when there is something to scroll to.
  history.scrollRestoration = "manual";
  document.addEventListener("click", router.click);
  window.addEventListener("popstate", router.moved);
  void router.open();
  return { refresh: router.open };
}
