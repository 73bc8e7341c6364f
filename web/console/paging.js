// @ts-check
// A list that the server gives in pages, newest first. Whoever wants more and whoever has heard of something
// new may come at the same time: they are served in turn, so that no row is shown twice or lost.

/**
 * @template T
 * @typedef {(cursor: string | undefined) => Promise<{items: T[], nextCursor?: string | null}>} ReadPage
 */

/** @template T */
export class Paging {
  #read;
  #keyOf;
  /** @type {T[]} */
  #items = [];
  /** @type {string | undefined} */
  #cursor;
  #pages = 0;
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {ReadPage<T>} read
   * @param {(item: T) => string} keyOf
   */
  constructor(read, keyOf) {
    this.#read = read;
    this.#keyOf = keyOf;
  }

  get items() {
    return this.#items;
  }

  /** Whether there is a further page. */
  get more() {
    return this.#cursor !== undefined;
  }

  /** Read one page more. @throws {import("../client/errors.js").RapportError} then nothing has changed */
  next() {
    return this.#inTurn(async () => {
      const page = await this.#read(this.#cursor);
      this.#items = this.#joined(this.#items, page.items);
      this.#cursor = page.nextCursor ?? undefined;
      this.#pages += 1;
    });
  }

  /** Read anew as many pages as were read. @throws {import("../client/errors.js").RapportError} as `next` */
  again() {
    return this.#inTurn(async () => {
      /** @type {T[]} */
      let items = [];
      /** @type {string | undefined} */
      let cursor;
      let pages = 0;
      do {
        const page = await this.#read(cursor);
        items = this.#joined(items, page.items);
        cursor = page.nextCursor ?? undefined;
        pages += 1;
      } while (cursor !== undefined && pages < this.#pages);
      this.#items = items;
      this.#cursor = cursor;
      this.#pages = pages;
    });
  }

  /** Put one that came just now in front; nothing happens if it is there. @param {T} item */
  add(item) {
    const key = this.#keyOf(item);
    if (!this.#items.some((one) => this.#keyOf(one) === key)) this.#items = [item, ...this.#items];
  }

  /** @param {(item: T) => T} change */
  change(change) {
    this.#items = this.#items.map(change);
  }

  /** @param {() => Promise<void>} work @returns {Promise<void>} */
  #inTurn(work) {
    const turn = this.#last.then(work);
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** @param {T[]} some @param {T[]} others */
  #joined(some, others) {
    const known = new Set(some.map(this.#keyOf));
    return [...some, ...others.filter((item) => !known.has(this.#keyOf(item)))];
  }
}
