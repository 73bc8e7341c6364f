// @ts-check
// For addresses that lead nowhere.
import { h } from "../dom.js";
import { icon } from "../icons.js";

/** @param {import("../router.js").Context} _ctx @returns {Promise<import("../router.js").Page>} */
export async function notFoundPage(_ctx) {
  const node = h(
    "section.page.narrow",
    h(
      "div.empty",
      h("span.empty-icon", icon("search")),
      h("h1", "There is nothing here"),
      h("p", "The address is wrong, or what was here is gone."),
      h("a.button.primary", { href: "/" }, "To the start"),
    ),
  );
  return { title: "Not found", node };
}
