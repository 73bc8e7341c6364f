// @ts-check
// The pages of a coach's business: when, what, and for how much.
import { h } from "../dom.js";

const PLACES = [
  ["/calendar", "Calendar"],
  ["/calendar/hours", "Weekly hours"],
  ["/calendar/offers", "Session types"],
  ["/calendar/prices", "Prices"],
  ["/calendar/sharing", "Sharing"],
];

/** @param {string} here */
export function subNav(here) {
  const links = PLACES.map(([href, label]) =>
    h("a", { href, "aria-current": href === here ? "page" : null }, label),
  );
  const nav = h("nav.tabs.sub-nav", { ariaLabel: "Calendar and prices" }, links);
  // Where there is no room for all of them, the present one is seen.
  const sized = new ResizeObserver(() => {
    if (nav.clientWidth === 0) return;
    sized.disconnect();
    const present = links.find((one) => one.hasAttribute("aria-current"));
    nav.scrollLeft = (present?.offsetLeft ?? 0) - nav.offsetLeft - 48;
  });
  sized.observe(nav);
  return nav;
}

/**
 * The head of such a page.
 * @param {object} options
 * @param {string} options.title
 * @param {string} options.text
 * @param {string} options.here
 * @param {any[]} [options.beside]
 */
export function businessHead({ title, text, here, beside = [] }) {
  return [
    h("header.page-head", h("div", h("h1", title), h("p", text)), beside.length > 0 && h("div.row", beside)),
    subNav(here),
  ];
}
