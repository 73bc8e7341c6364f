// @ts-check
// Lists that are read again every few seconds: whoever has the focus in a row, or reads it, keeps it.

/**
 * @template T
 * @typedef {{node: HTMLElement, update: (item: T) => void}} Row
 */

/**
 * Keeps the rows of a list in step with items: one that is known is updated where it stands, in the order given.
 * @template T
 * @param {HTMLElement} list
 * @param {(item: T) => string} keyOf
 * @param {(item: T) => Row<T>} make
 * @returns {(items: T[]) => void}
 */
export function keyed(list, keyOf, make) {
  /** @type {Map<string, Row<T>>} */
  let rows = new Map();
  return (items) => {
    const next = new Map(items.map((item) => [keyOf(item), rows.get(keyOf(item)) ?? make(item)]));
    for (const [key, row] of rows) if (!next.has(key)) row.node.remove();
    let place = list.firstElementChild;
    for (const item of items) {
      const row = /** @type {Row<T>} */ (next.get(keyOf(item)));
      row.update(item);
      // Moving a node would take the focus out of it.
      if (row.node === place) place = place.nextElementSibling;
      else list.insertBefore(row.node, place);
    }
    rows = next;
  };
}

/**
 * Set a text only if it is another one: what did not change is not read out, and a selection in it stays.
 * @param {Node} node
 * @param {string} text
 */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Give a badge another kind.
 * @param {HTMLElement} badge
 * @param {string} kind  "good", "warn", …
 * @param {string} text
 */
export function mark(badge, kind, text) {
  badge.className = `badge ${kind}`;
  say(badge, text);
}
