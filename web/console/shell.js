// @ts-check
// The frame around every page: navigation by role, the account menu, banners, the bar of a running call.
import { accountMenu } from "./account-menu.js";
import { startBanners } from "./banners.js";
import { focusHeading, h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./words.js";

/**
 * @typedef {import("./main.js").App} App
 * @typedef {import("./router.js").Page} Page
 * @typedef {{href: string, label: string, short?: string, icon: string}} Place  `short` is for a narrow bar
 */

/** @type {{[name: string]: Place}} */
const PLACES = {
  coaches: { href: "/coaches", label: "Coaches", icon: "people" },
  desk: { href: "/desk", label: "Desk", icon: "desk" },
  calendar: { href: "/calendar", label: "Calendar", icon: "calendar" },
  bookings: { href: "/bookings", label: "Bookings", icon: "calendar" },
  requests: { href: "/requests", label: "Bookings", icon: "people" },
  receipts: { href: "/receipts", label: "Calls", icon: "receipt" },
  cards: { href: "/cards", label: "Cards", icon: "card" },
  notifications: { href: "/notifications", label: "Notifications", short: "News", icon: "bell" },
  admin: { href: "/admin", label: "Live view", icon: "pulse" },
};

/** Refusals that the very same request will get again. */
const FINAL = new Set(["NOT_FOUND", "FORBIDDEN", "INVALID_PAYLOAD"]);

/** What each role sees first; the account menu has the rest. @type {{[role: string]: string[]}} */
const BY_ROLE = {
  client: ["coaches", "bookings", "receipts", "cards", "notifications"],
  coach: ["desk", "calendar", "requests", "receipts", "notifications"],
  admin: ["admin", "coaches", "receipts", "notifications"],
};

/** @param {string} id */
function place(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found;
}

/**
 * @param {Place} to
 * @param {App} app
 */
function navLink(to, app) {
  const label = to.short ? [h("span.long", to.label), h("span.short", to.short)] : h("span", to.label);
  const link = h("a.nav-link", { href: to.href }, icon(to.icon), label);
  if (to.href !== "/notifications") return { link, stop: () => {} };
  const badge = h("span.count", { hidden: true });
  const words = h("span.visually-hidden");
  link.append(badge, words);
  const stop = app.unread.subscribe((count) => {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    words.textContent = count ? `, ${count} unread` : "";
  });
  return { link, stop };
}

/** @param {App} app */
function startNavigation(app) {
  const nav = place("nav");
  /** @type {(() => void)[]} */
  let stops = [];
  let drawn = "";
  app.user.subscribe((user) => {
    const role = user?.role ?? "";
    if (role === drawn) return;
    drawn = role;
    for (const stop of stops) stop();
    const links = (BY_ROLE[role] ?? []).map((name) => navLink(PLACES[name], app));
    stops = links.map((one) => one.stop);
    replace(
      nav,
      links.map((one) => one.link),
    );
    nav.hidden = links.length === 0;
    document.body.classList.toggle("signed-in", links.length > 0);
    markPlace(location.pathname);
  });
}

/** @param {string} path */
function markPlace(path) {
  for (const link of document.querySelectorAll(".nav-link")) {
    const own = link.getAttribute("href") ?? "";
    // One booking has one address for both sides; a coach finds it among those of clients.
    const below = path.startsWith(`${own}/`) || (own === "/requests" && path.startsWith("/bookings/"));
    const here = path === own || below;
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** The title of the window, with what wants attention in front of it. @param {App} app */
function startTitle(app) {
  let title = "Rapport";
  const write = () => {
    const count = app.unread.value;
    document.title = count ? `(${count}) ${title}` : title;
  };
  app.unread.subscribe(write);
  return (/** @type {string} */ next) => {
    title = next ? `${next} · Rapport` : "Rapport";
    write();
  };
}

/** The moment before a page is there: only what takes longer than a blink is shown. */
function startProgress() {
  const bar = place("progress");
  let timer = 0;
  return {
    begin() {
      clearTimeout(timer);
      timer = window.setTimeout(() => bar.classList.add("on"), 120);
    },
    end() {
      clearTimeout(timer);
      bar.classList.remove("on");
    },
  };
}

/**
 * Draw the frame, and keep it up to date.
 * @param {App} app
 * @returns {{loading: (path: string) => void, show: (page: Page, path: string, first: boolean) => void}}
 */
export function startShell(app) {
  startNavigation(app);
  const banners = startBanners(app, place("banners"));
  place("account").replaceChildren(accountMenu(app));
  const setTitle = startTitle(app);
  const progress = startProgress();
  const main = place("main");
  const announcer = place("announcer");
  place("skip").addEventListener("click", (event) => {
    event.preventDefault();
    main.focus();
  });
  return {
    loading(path) {
      progress.begin();
      markPlace(path);
    },
    show(page, path, first) {
      progress.end();
      setTitle(page.title);
      markPlace(path);
      banners.moved();
      replace(main, page.node);
      main.removeAttribute("aria-busy");
      window.scrollTo({ top: history.state?.scroll ?? 0, behavior: "instant" });
      if (first) return;
      if (!focusHeading(main)) main.focus({ preventScroll: true });
      announcer.textContent = page.title;
    },
  };
}

/**
 * The page instead of one that could not be made.
 * @param {unknown} error
 * @param {() => void} retry
 * @returns {Page}
 */
export function failedPage(error, retry) {
  const { title, text, action } = explain(error);
  const final = FINAL.has(/** @type {any} */ (error)?.code);
  if (!(error instanceof Error && "code" in error)) console.error(error);
  const node = h(
    "section.page.narrow",
    h(
      "div.empty",
      h("span.empty-icon", icon("warn")),
      h("h1", title),
      h("p", text),
      h(
        "div.row.centre",
        !final && h("button.button.primary", { type: "button", onclick: retry }, "Try again"),
        action?.href && h("a.button", { href: action.href }, action.label),
        !action?.href && h("a.button", { href: "/", class: final ? "primary" : "quiet" }, "To the start"),
      ),
    ),
  );
  // What failed for want of a network is tried again as soon as there is one.
  if (!final) window.addEventListener("online", retry);
  return { title, node, dispose: () => window.removeEventListener("online", retry) };
}
