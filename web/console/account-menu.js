// @ts-check
// Who this tab is, and the one click that makes it somebody else.
import { avatar } from "./avatar.js";
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { navigate } from "./router.js";
import { toastTrouble } from "./toast.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {{name: string, email: string, role: string, userId?: string}} Somebody */

/** @type {{[role: string]: string}} */
const ROLES = { client: "Client", coach: "Coach", admin: "Admin" };

/**
 * Everybody this tab may become in one click, the demo accounts after those who are signed in already.
 * @param {App} app
 * @returns {Somebody[]}
 */
function others(app) {
  const { remembered, current } = app.rapport.accounts;
  const signedIn = remembered.filter((/** @type {Somebody} */ one) => one.userId !== current?.userId);
  const known = new Set(remembered.map((/** @type {Somebody} */ one) => one.email));
  const demo = (app.about.demo?.accounts ?? []).filter((one) => !known.has(one.email));
  return [...signedIn, ...demo];
}

/**
 * Become one of them: remembered, or a demo account.
 * @param {App} app
 * @param {Somebody} who
 */
export async function become(app, who) {
  const { accounts } = app.rapport;
  const known = accounts.remembered.find((/** @type {Somebody} */ one) => one.email === who.email);
  if (known) return accounts.use(known.userId);
  return accounts.signIn(who.email, app.about.demo?.password ?? "");
}

/** @param {App} app @param {() => void} close */
function menuItems(app, close) {
  const user = app.user.value;
  const link = (/** @type {string} */ href, /** @type {string} */ name, /** @type {string} */ label) =>
    h("a.menu-item", { href, onclick: close }, icon(name), label);
  const choose = (/** @type {Somebody} */ who) => async () => {
    close();
    try {
      await become(app, who);
      navigate("/");
    } catch (error) {
      toastTrouble(error);
    }
  };
  const signOut = async () => {
    close();
    // Being nobody leads to the sign-in page by itself, and once: what is typed there must stay.
    await app.rapport.accounts.signOut();
  };
  const people = others(app);
  return [
    user &&
      h(
        "div.menu-head",
        avatar(user.name),
        h("div", h("strong", user.name), h("span.quiet.small", user.email)),
      ),
    // A coach's bar is full of their own business; what they buy from others is here.
    user?.role === "coach" && [
      link("/coaches", "people", "Find a coach"),
      link("/bookings", "calendar", "Booked by me"),
    ],
    link("/profile", "user", "Profile"),
    link("/cards", "card", "Cards"),
    link("/connections", "people", "Connections"),
    people.length > 0 && h("p.menu-title", "Be somebody else in this tab"),
    people.map((who) =>
      h(
        "button.menu-item",
        { type: "button", onclick: choose(who) },
        avatar(who.name, null, "small"),
        h("span.grow", who.name, h("span.quiet.small.block", who.email)),
        h("span.badge", ROLES[who.role] ?? who.role),
      ),
    ),
    h("hr"),
    h("a.menu-item", { href: "/sign-in", onclick: close }, icon("plus"), "Another account"),
    h("button.menu-item", { type: "button", onclick: signOut }, icon("out"), "Sign out"),
  ];
}

/**
 * The button in the top bar, and what it opens. A popover closes by Escape, by a click elsewhere, and gives the focus
 * back by itself.
 * @param {App} app
 */
export function accountMenu(app) {
  const menu = h("div.menu#account-menu", { popover: "auto", role: "group", ariaLabel: "Account" });
  const button = h("button.account-button", { type: "button", popovertarget: "account-menu" });
  const close = () => menu.hidePopover();
  menu.addEventListener("beforetoggle", (/** @type {any} */ event) => {
    button.setAttribute("aria-expanded", String(event.newState === "open"));
    if (event.newState === "open") replace(menu, menuItems(app, close));
  });
  app.user.subscribe((user) => {
    button.hidden = !user;
    replace(
      button,
      user && [
        avatar(user.name, app.me.value?.avatarUrl, "small"),
        // The name that is seen has no room on a phone; the one that is said is always there.
        h("span.visually-hidden", `Account: ${user.name}`),
        h("span.account-name", { "aria-hidden": "true" }, user.name),
        icon("down"),
      ],
    );
  });
  app.me.subscribe((me) => {
    if (me && app.user.value) button.replaceChild(avatar(me.name, me.avatarUrl, "small"), button.firstChild);
  });
  return h("div.account", button, menu);
}
