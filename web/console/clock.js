// @ts-check
// Domain time, which the server lives in: rings, graces, timelines. It equals the clock on the wall, but for
// demonstrations that run faster (RAPPORT_CLOCK_SPEED). This machine's own clock may be wrong by hours, so
// it is never asked.

/** How often what counts is drawn. */
const BEAT_MS = 250;

let base = { domain: Date.now(), at: performance.now(), speed: 1 };

/** Everybody who draws a count, on one timer. @type {Set<() => void>} */
const counting = new Set();
let timer = 0;

function beat() {
  for (const draw of [...counting]) draw();
}

export const clock = {
  /**
   * The server said what time it is.
   * @param {{serverTime?: string, clockSpeed?: number}} told
   */
  anchor({ serverTime, clockSpeed }) {
    const domain = serverTime ? Date.parse(serverTime) : clock.now();
    base = { domain, at: performance.now(), speed: clockSpeed ?? base.speed };
  },

  /** Domain seconds per real second. */
  get speed() {
    return base.speed;
  },

  /** Milliseconds of domain time since 1970. */
  now() {
    return base.domain + (performance.now() - base.at) * base.speed;
  },

  /** Domain seconds until an instant, never negative. @param {string} instant */
  until(instant) {
    return Math.max(0, (Date.parse(instant) - clock.now()) / 1000);
  },

  /** Domain seconds since an instant, never negative. @param {string} instant */
  since(instant) {
    return Math.max(0, (clock.now() - Date.parse(instant)) / 1000);
  },

  /**
   * Draw now and a few times a second.
   * @param {() => void} draw
   * @returns {() => void} stops it
   */
  every(draw) {
    const mine = () => draw();
    counting.add(mine);
    if (counting.size === 1) timer = window.setInterval(beat, BEAT_MS);
    draw();
    return () => {
      counting.delete(mine);
      if (counting.size === 0) clearInterval(timer);
    };
  },
};
