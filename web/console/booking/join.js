// @ts-check
// The door to a session: closed until ten minutes before it begins, then open.
import { clock } from "../clock.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { leftWords } from "./left.js";

/** @typedef {import("./story.js").BookingView} BookingView */

/** States in which people meet. */
const MEETS = new Set(["confirmed", "scheduled"]);
/** Rooms stay open a while for overtime. */
const AFTER_MS = 60 * 60_000;

/** Whether there is, or will be, a door. @param {BookingView} view */
export function hasDoor(view) {
  return MEETS.has(view.state) && clock.now() < Date.parse(view.end) + AFTER_MS;
}

/**
 * @param {BookingView} view
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function door(view) {
  const node = h("div.stack.tight.door", { role: "group", ariaLabel: "Join" });
  let drawn = "";
  const stop = clock.every(() => {
    const opens = view.joinFrom ?? view.start;
    const open = clock.now() >= Date.parse(opens);
    if (!open) {
      if (drawn !== "closed") {
        const left = h("strong.figures.door-left");
        replace(node, h("p.with-icon", icon("clock"), h("span", "You can enter in ", left)));
        drawn = "closed";
      }
      const left = node.querySelector(".door-left");
      const words = leftWords(Math.ceil(clock.until(opens)));
      if (left && left.textContent !== words) left.textContent = words;
      return;
    }
    if (drawn === "open") return;
    drawn = "open";
    replace(
      node,
      view.meetingUrl
        ? h(
            "a.button.primary.big.wide",
            { href: view.meetingUrl, target: "_blank", rel: "noopener noreferrer" },
            "Open the meeting",
            icon("external"),
          )
        : h(
            "a.button.primary.big.wide",
            { href: `/session/${view.bookingId}` },
            icon("camera"),
            "Enter the room",
          ),
    );
  });
  return { node, stop };
}
