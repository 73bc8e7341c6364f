// @ts-check
// A coach's rating: the average and how many gave one, or "New".
import { h } from "./dom.js";
import { icon } from "./icons.js";

/** @param {{ratingAverage?: number | null, ratingCount: number}} coach */
export function rating({ ratingAverage, ratingCount }) {
  if (!ratingCount || ratingAverage === undefined || ratingAverage === null) {
    return h("span.badge", { title: "No ratings yet" }, "New");
  }
  const average = ratingAverage.toFixed(1);
  return h(
    "span.rating.figures",
    icon("star"),
    h(
      "span.visually-hidden",
      `Rated ${average} of 5 by ${ratingCount} ${ratingCount === 1 ? "client" : "clients"}`,
    ),
    h("span", { "aria-hidden": "true" }, `${average} `, h("span.quiet", `(${ratingCount})`)),
  );
}
