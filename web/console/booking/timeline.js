// @ts-check
// Everything that happened to a booking, newest last.
import { h } from "../dom.js";
import { when } from "../format.js";
import { happened, said } from "./story.js";

/**
 * @param {import("./story.js").BookingView} view
 * @param {string} zone
 */
export function bookingTimeline(view, zone) {
  return h(
    "section.card.stack",
    h("h2", "What happened"),
    h(
      "ol.plain.happened",
      view.timeline.map((entry) =>
        h(
          "li",
          h("time.quiet.small.figures", { datetime: entry.at }, when(entry.at)),
          h(
            "div",
            h("p", happened(entry, view, zone)),
            said(entry) && h("p.quiet.prewrap", `“${said(entry)}”`),
          ),
        ),
      ),
    ),
  );
}
