// @ts-check
// A person's picture, or their initials. The address comes from a profile, so only https is loaded, and the picture's
// server does not learn where it is shown.
import { h } from "./dom.js";
import { initials } from "./format.js";

const HUES = 6;

/** The same person has the same colour everywhere. @param {string} name */
function hue(name) {
  let sum = 0;
  for (const letter of name) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

/**
 * @param {string} name
 * @param {string | null} [url]
 * @param {"small" | "big" | "huge" | ""} [size]
 */
export function avatar(name, url = null, size = "") {
  const letters = h("span", { "aria-hidden": "true" }, initials(name));
  const node = h(`span.avatar.hue-${hue(name)}`, { class: size }, letters);
  if (url?.startsWith("https://")) {
    const picture = h("img", {
      src: url,
      alt: "",
      referrerpolicy: "no-referrer",
      loading: "lazy",
      decoding: "async",
    });
    picture.addEventListener("error", () => picture.remove());
    node.append(picture);
  }
  return node;
}
