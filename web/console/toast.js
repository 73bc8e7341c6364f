// @ts-check
// Short words at the edge of the screen, which go away by themselves. What must be acted on is a banner, not a toast.
import { h, replace } from "./dom.js";
import { icon } from "./icons.js";
import { explain } from "./words.js";

const SECONDS = 6;
const WITH_ACTION_SECONDS = 12;
const SHOWN = 3;
/** From so many characters on the way on stands below the words. */
const LONG = 60;

/** @type {{[kind: string]: string}} */
const ICONS = { info: "info", good: "check", bad: "warn" };

/** The place of all toasts: a live region, so it has to be there before the first one. */
function region() {
  const found = document.getElementById("toasts");
  if (found) return found;
  const made = h("div.toasts#toasts", { role: "status", "aria-live": "polite" });
  document.body.append(made);
  return made;
}

/**
 * Say something for a few seconds. Pointing at it, or having the focus in it, keeps it.
 * @param {string} text
 * @param {{kind?: "info" | "good" | "bad", action?: {label: string, run?: () => void, href?: string}}} [options]
 * @returns {() => void} takes it away at once
 */
export function toast(text, { kind = "info", action } = {}) {
  const close = () => item.remove();
  const run = () => {
    close();
    action?.run?.();
  };
  const item = h(
    `div.toast.${kind}`,
    { class: action && text.length > LONG ? "long" : "" },
    icon(ICONS[kind]),
    h(
      "div.grow",
      h("p", text),
      action &&
        (action.href
          ? h("a.button.small", { href: action.href, onclick: close }, action.label)
          : h("button.button.small", { type: "button", onclick: run }, action.label)),
    ),
    h(
      "button.button.quiet.small.icon-only",
      { type: "button", ariaLabel: "Dismiss", onclick: close },
      icon("close"),
    ),
  );
  const place = region();
  place.append(item);
  while (place.children.length > SHOWN) place.firstElementChild?.remove();

  let timer = 0;
  const wait = () => {
    clearTimeout(timer);
    timer = window.setTimeout(close, (action ? WITH_ACTION_SECONDS : SECONDS) * 1000);
  };
  for (const event of ["pointerenter", "focusin"]) item.addEventListener(event, () => clearTimeout(timer));
  for (const event of ["pointerleave", "focusout"]) item.addEventListener(event, wait);
  wait();
  return close;
}

/** Say what went wrong, with the way on that there is. @param {unknown} error */
export function toastTrouble(error) {
  const { title, text, action } = explain(error);
  const elsewhere = action?.href && action.href !== location.pathname;
  toast(`${title}. ${text}`, { kind: "bad", ...(elsewhere ? { action } : {}) });
}

/** Take all away: they were for somebody who is not here any more. */
export function clearToasts() {
  replace(region());
}
