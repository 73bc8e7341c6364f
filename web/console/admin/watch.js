// @ts-check
// Work that repeats while somebody looks: not in a hidden tab, and never twice at a time.

/**
 * Run `work` again and again, `seconds` after it last ended; at once when the tab is shown again.
 * @param {number} seconds
 * @param {() => Promise<void> | void} work  tells of its own troubles
 * @returns {{now: () => Promise<void>, stop: () => void}}
 */
export function whileVisible(seconds, work) {
  let timer = 0;
  let running = false;
  let stopped = false;
  const wait = () => {
    clearTimeout(timer);
    if (!stopped && !document.hidden) timer = window.setTimeout(turn, seconds * 1000);
  };
  async function turn() {
    clearTimeout(timer);
    if (stopped || running || document.hidden) return;
    running = true;
    try {
      await work();
    } finally {
      running = false;
      wait();
    }
  }
  const seen = () => (document.hidden ? clearTimeout(timer) : void turn());
  document.addEventListener("visibilitychange", seen);
  wait();
  return {
    now: turn,
    stop() {
      stopped = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
