// @ts-check
// A list in pages that is read again from its beginning, as far as it was opened.
import { h } from "../dom.js";
import { toast } from "../toast.js";
import { explain } from "../words.js";
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
  let pages = 1;
  let read = 0;
  const list = h("ul.list", { ariaLabel: label });
  const empty = h("p.quiet.card-pad", none);
  const more = h("button.button.quiet.wide", { type: "button" }, "Show more");
  const draw = keyed(list, keyOf, row);

  /** Read what is shown again. @throws {import("../../client/errors.js").RapportError} */
  async function refresh() {
    const mine = ++read;
    /** @type {T[]} */
    const items = [];
    /** @type {string | undefined} */
    let cursor;
    for (let page = 0; page < pages && (page === 0 || cursor); page += 1) {
      const found = await api.get(path, { limit: size, ...(cursor ? { cursor } : {}) });
      items.push(...found.items);
      cursor = found.nextCursor;
    }
    // An older answer that came later says nothing new.
    if (mine !== read) return;
    draw(items);
    empty.hidden = items.length > 0;
    more.hidden = !cursor;
  }
  more.hidden = true;
  more.addEventListener("click", async () => {
    more.disabled = true;
    pages += 1;
    try {
      await refresh();
    } catch (error) {
      pages -= 1;
      const { title, text } = explain(error);
      toast(`${title}. ${text}`, { kind: "bad" });
    } finally {
      more.disabled = false;
    }
  });
  return { node: h("div.card.flush", empty, list, more), refresh };
}
