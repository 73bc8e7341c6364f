// @ts-check
/**
 * The meter as it is shown: set by the server's events, run on by our own clock in between. The server's
 * count alone is charged. Pure: the caller brings the time.
 */

export class Meter {
  /** Domain seconds per real second: 1, but for a demonstration. */
  speed = 1;
  /** The call stops here; never shown beyond. */
  limit = Infinity;
  #seconds = 0;
  /** @type {number | null} */
  #since = null;

  /**
   * The meter runs from `seconds` on.
   * @param {number} seconds
   * @param {number} now  milliseconds, monotonic (`performance.now()`)
   */
  run(seconds, now) {
    this.#seconds = seconds;
    this.#since = now;
  }

  /**
   * A count in between, whether or not the meter runs.
   * @param {number} seconds
   * @param {number} now
   */
  set(seconds, now) {
    this.#seconds = seconds;
    if (this.#since !== null) this.#since = now;
  }

  /**
   * The meter stands.
   * @param {number} seconds
   */
  stand(seconds) {
    this.#seconds = seconds;
    this.#since = null;
  }

  /** Whether it runs. */
  get running() {
    return this.#since !== null;
  }

  /**
   * Billable seconds by now, with fractions.
   * @param {number} now
   */
  read(now) {
    const since = this.#since === null ? 0 : (now - this.#since) / 1000;
    return Math.min(this.#seconds + Math.max(since, 0) * this.speed, this.limit);
  }
}

/**
 * What so many seconds cost, as the server rounds: half up, once.
 * @template {{amount: number, currency: string}} M
 * @param {M | null} rate  per minute
 * @param {number} seconds
 * @returns {M | null}
 */
export function priceOf(rate, seconds) {
  return rate && { ...rate, amount: Math.floor((rate.amount * Math.floor(seconds)) / 60 + 0.5) };
}
