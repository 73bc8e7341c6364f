// @ts-check
// Values that can be watched.

/**
 * @template T
 * @typedef {object} Signal
 * @property {T} value  setting it tells everybody who subscribed, unless it is the very same value
 * @property {(fn: (value: T) => void) => () => void} subscribe  `fn` is called now and on every change; the answer stops it
 */

/**
 * @template T
 * @param {T} initial
 * @returns {Signal<T>}
 */
export function signal(initial) {
  let current = initial;
  /** @type {Set<(value: T) => void>} */
  const listeners = new Set();
  return {
    get value() {
      return current;
    },
    set value(next) {
      if (Object.is(next, current)) return;
      current = next;
      for (const listener of [...listeners]) if (listeners.has(listener)) listener(next);
    },
    subscribe(fn) {
      // A wrapper of its own, so that the same function may subscribe twice.
      const listener = (/** @type {T} */ value) => fn(value);
      listeners.add(listener);
      listener(current);
      return () => void listeners.delete(listener);
    },
  };
}

/** Gathers what a page must let go of when it goes. */
export function bag() {
  /** @type {(() => void)[]} */
  const kept = [];
  return {
    /** @param {...(() => void)} stops */
    add(...stops) {
      kept.push(...stops);
    },
    dispose() {
      for (const stop of kept.splice(0)) stop();
    },
  };
}
