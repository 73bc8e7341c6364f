// @ts-check
/**
 * What happens to a page under a call (https://developer.chrome.com/docs/web-platform/page-lifecycle-api).
 *
 * A hidden page goes on: a call is heard in the background, and the proof's timers, slowed down to one a
 * second, are quick enough. A page that is closed or frozen lets its socket go, so that the other side learns
 * of it at once and not by a time-out; should it come back, from the back/forward cache or the freezer, it
 * takes its seat again.
 */

export class PageLife {
  #hide;
  #show;
  #network;
  #window;
  #document;
  #connection;

  /**
   * @param {object} parts
   * @param {() => void} parts.hide  this page stops
   * @param {() => void} parts.show  it goes on
   * @param {() => void} parts.network  the network may be another one
   * @param {EventTarget} [parts.window]
   * @param {EventTarget} [parts.document]
   */
  constructor({ hide, show, network, window = globalThis, document = globalThis.document }) {
    this.#hide = hide;
    this.#show = (/** @type {Event} */ event) => {
      if (event.type === "resume" || /** @type {PageTransitionEvent} */ (event).persisted) show();
    };
    this.#network = network;
    this.#window = window;
    this.#document = document;
    // Not in every browser: https://developer.mozilla.org/en-US/docs/Web/API/Network_Information_API
    this.#connection = /** @type {{connection?: EventTarget}} */ (globalThis.navigator ?? {}).connection;
  }

  start() {
    this.#window.addEventListener("pagehide", this.#hide);
    this.#window.addEventListener("pageshow", this.#show);
    this.#window.addEventListener("online", this.#network);
    this.#document?.addEventListener("freeze", this.#hide);
    this.#document?.addEventListener("resume", this.#show);
    this.#connection?.addEventListener("change", this.#network);
  }

  stop() {
    this.#window.removeEventListener("pagehide", this.#hide);
    this.#window.removeEventListener("pageshow", this.#show);
    this.#window.removeEventListener("online", this.#network);
    this.#document?.removeEventListener("freeze", this.#hide);
    this.#document?.removeEventListener("resume", this.#show);
    this.#connection?.removeEventListener("change", this.#network);
  }
}
