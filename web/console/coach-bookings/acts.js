// @ts-check
// The buttons of a booking, for its coach.
import { clock } from "../clock.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { toastTrouble } from "../toast.js";
import { actsOf } from "./standing.js";

/** @typedef {import("./standing.js").BookingView} BookingView */
/** @typedef {import("./standing.js").Act} Act */
/** @typedef {import("../main.js").App} App */

/** @type {{[act: string]: {label: string, kind: string}}} */
const ACTS = {
  accept: { label: "Accept", kind: "primary" },
  decline: { label: "Decline", kind: "plain" },
  suggest: { label: "Suggest other times", kind: "plain" },
  complete: { label: "It took place", kind: "plain" },
  "no-show": { label: "Client did not come", kind: "plain" },
  cancel: { label: "Cancel", kind: "plain" },
  reopen: { label: "Open the time again", kind: "plain" },
};

/** @param {BookingView} view */
function joinLink(view) {
  return h("a.button.primary", { href: `/session/${view.bookingId}` }, icon("camera"), "Join");
}

/** @param {BookingView} view */
function meetLink(view) {
  return h(
    "a.button",
    { href: view.meetingUrl, target: "_blank", rel: "noopener noreferrer" },
    icon("external"),
    "Open the meeting",
  );
}

/**
 * The buttons for everything that can be done now; they come and go with time.
 * @param {App} app
 * @param {BookingView} view
 * @param {{zone: string, done: () => void, small?: boolean}} options
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function actButtons(app, view, { zone, done, small = false }) {
  const node = h("div.entry-acts");
  let drawn = "";
  /** @param {Act} act */
  const button = (act) => {
    if (act === "join") return joinLink(view);
    if (act === "meet") return meetLink(view);
    const { label, kind } = ACTS[act];
    const made = h(
      `button.button.${kind}${small ? ".small" : ""}`,
      { type: "button", dataset: { act } },
      label,
    );
    made.addEventListener("click", async () => {
      // Not disabled: a button that is loses the focus, and with it the place in the page.
      if (made.hasAttribute("aria-busy")) return;
      made.setAttribute("aria-busy", "true");
      try {
        const { DOING } = await import("./doing.js");
        if (await DOING[act](app, view, zone)) done();
      } catch (error) {
        // Things have moved on since this was drawn, perhaps: look again.
        toastTrouble(error);
        done();
      } finally {
        made.removeAttribute("aria-busy");
      }
    });
    return made;
  };
  const stop = clock.every(() => {
    const acts = actsOf(view, clock.now());
    if (acts.join() === drawn) return;
    drawn = acts.join();
    const focused = /** @type {HTMLElement | null} */ (
      node.contains(document.activeElement) ? document.activeElement : null
    );
    node.replaceChildren(...acts.map(button));
    if (focused?.dataset.act)
      /** @type {HTMLElement | null} */ (node.querySelector(`[data-act="${focused.dataset.act}"]`))?.focus();
  });
  return { node, stop };
}
