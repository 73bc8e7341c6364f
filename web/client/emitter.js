// @ts-check
/** Named events with one piece of data each. */

/**
 * @template {object} [E=Record<string, any>]  what comes with each name
 */
export class Emitter {
  /** @type {Map<keyof E, Set<(data: any) => void>>} */
  #listeners = new Map();

  /**
   * Call `listener` for every event of a name.
   * @template {keyof E} N
   * @param {N} name
   * @param {(data: E[N]) => void} listener
   * @returns {() => void} stops it
   */
  on(name, listener) {
    let known = this.#listeners.get(name);
    if (!known) this.#listeners.set(name, (known = new Set()));
    known.add(listener);
    return () => this.off(name, listener);
  }

  /**
   * @template {keyof E} N
   * @param {N} name
   * @param {(data: E[N]) => void} listener
   */
  off(name, listener) {
    const known = this.#listeners.get(name);
    known?.delete(listener);
    if (known?.size === 0) this.#listeners.delete(name);
  }

  /**
   * Tell all who listen. One that throws keeps no other from hearing; its error is reported as uncaught.
   * @template {keyof E} N
   * @param {N} name
   * @param {E[N]} data
   */
  emit(name, data) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      try {
        listener(data);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** How many listen, to all names together. */
  get listenerCount() {
    return [...this.#listeners.values()].reduce((sum, known) => sum + known.size, 0);
  }
}
