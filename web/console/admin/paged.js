// @ts-check
// A list in pages that is read again from its beginning, as far as it was opened.
import { h } from "../dom.js";
import { Paging } from "../paging.js";
import { toastTrouble } from "../toast.js";
import { keyed } from "./keyed.js";

/**
 * @template T
 * @param {object} options
 * @param {import("../../client/api.js").Api} options.api
 * @param {string} options.path
 * @param {string} options.label
 * @param {string} options.none  what is said where there is nothing
 * @param {number} options.size  rows of a page
 * @param {(item: T) => string} options.keyOf
 * @param {(item: T) => import("./keyed.js").Row<T>} options.row
 */
export function paged({ api, path, label, none, size, keyOf, row }) {
  const shown = new Paging((cursor) => api.get(path, { limit: size, cursor }), keyOf);
  const list = h("ul.list", { ariaLabel: label });
  const empty = h("p.quiet.card-pad", none);
  const more = h("button.button.quiet.wide", { type: "button" }, "Show more");
  const draw = keyed(list, keyOf, row);

  const drawAll = () => {
    draw(shown.items);
    empty.hidden = shown.items.length > 0;
    more.hidden = !shown.more;
  };
  more.hidden = true;
  more.addEventListener("click", async () => {
    more.disabled = true;
    await shown.next().then(drawAll, toastTrouble);
    more.disabled = false;
  });
  /** Read what is shown again. @throws {import("../../client/errors.js").RapportError} */
  const refresh = () => shown.again().then(drawAll);
  return { node: h("div.card.flush", empty, list, more), refresh };
}
