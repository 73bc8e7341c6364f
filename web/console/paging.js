// @ts-check
// A list that the server gives in pages, newest first. Whoever wants more and whoever has heard of something new may
// come at the same time: they are served in turn, so that no row is shown twice or lost.

/**
 * @template T
 * @param {(cursor: string | undefined) => Promise<{items: T[], nextCursor?: string | null}>} read  one page
 * @param {(item: T) => string} keyOf
 */
export function paging(read, keyOf) {
  /** @type {T[]} */
  let items = [];
  /** @type {string | null | undefined} */
  let cursor;
  let pages = 0;
  /** @type {Promise<unknown>} */
  let last = Promise.resolve();

  /** @param {() => Promise<void>} work @returns {Promise<void>} */
  const inTurn = (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
  /** @param {T[]} some @param {T[]} others */
  const joined = (some, others) => {
    const known = new Set(some.map(keyOf));
    return [...some, ...others.filter((item) => !known.has(keyOf(item)))];
  };

  return {
    get items() {
      return items;
    },

    /** Whether there is a further page. */
    get more() {
      return Boolean(cursor);
    },

    /** Read one page more. @throws {import("../client/errors.js").RapportError} then nothing has changed */
    next: () => inTurn(async () => {
      const page = await read(cursor ?? undefined);
      items = joined(items, page.items);
      cursor = page.nextCursor;
      pages += 1;
    }),

    /** Read anew as many pages as were read. @throws {import("../client/errors.js").RapportError} as `next` */
    again: () => inTurn(async () => {
      /** @type {T[]} */
      let fresh = [];
      /** @type {string | null | undefined} */
      let next;
      let count = 0;
      do {
        const page = await read(next ?? undefined);
        fresh = joined(fresh, page.items);
        next = page.nextCursor;
        count += 1;
      } while (next && count < pages);
      [items, cursor, pages] = [fresh, next, count];
    }),

    /** Put one that came just now in front; nothing happens if it is there. @param {T} item */
    add(item) {
      if (!items.some((one) => keyOf(one) === keyOf(item))) items = [item, ...items];
    },

    /** @param {(item: T) => T} change */
    change(change) {
      items = items.map(change);
    },
  };
}
