// @ts-check
/**
 * Where a tab stands in its person's feed. Numbers rise by one per event; expired events are left out of a
 * replay, so a hole is no fault, but a number that came before is a duplicate. `epoch` names the feed's
 * generation: another one has nothing to do with what we know. Pure but for the storage.
 */

/** @typedef {{epoch: string, seq: number}} Position */

export class Feed {
  #storage;
  #key;
  /** @type {Position | null} */
  #position;

  /**
   * @param {Storage} storage  of the tab: two tabs stand at different places
   * @param {string} userId
   */
  constructor(storage, userId) {
    this.#storage = storage;
    this.#key = `rapport.tab.feed.${userId}`;
    this.#position = parse(storage.getItem(this.#key));
  }

  /** What to connect with; null for a tab that has heard nothing yet. */
  get position() {
    return this.#position;
  }

  /**
   * Take one event's place.
   * @param {{epoch?: string, seq?: number} | null | undefined} data
   * @returns {boolean} false if it came before; what has no number (a snapshot, a status) is always news
   */
  take(data) {
    if (typeof data?.seq !== "number" || typeof data.epoch !== "string") return true;
    const { epoch, seq } = data;
    if (this.#position?.epoch === epoch && seq <= this.#position.seq) return false;
    this.stand({ epoch, seq });
    return true;
  }

  /**
   * The server says where the feed stands.
   * @param {Position | null} position
   */
  stand(position) {
    this.#position = position;
    if (position) this.#storage.setItem(this.#key, JSON.stringify(position));
    else this.#storage.removeItem(this.#key);
  }
}

/**
 * @param {string | null} text
 * @returns {Position | null}
 */
function parse(text) {
  try {
    const { epoch, seq } = JSON.parse(text ?? "null") ?? {};
    return typeof epoch === "string" && Number.isSafeInteger(seq) ? { epoch, seq } : null;
  } catch {
    return null;
  }
}
