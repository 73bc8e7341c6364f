// @ts-check
/**
 * Which device this tab is. The id lives as long as the tab, over reloads: a reloaded tab takes its own seat
 * in a call back. A duplicated tab begins with a copy of `sessionStorage` (HTML standard, "copy session
 * storage"), so each tab holds a Web Lock by the name of its id; who finds it held is the copy, and takes a
 * new one.
 */

const KEY = "rapport.tab.device";
/** After a reload, the page that was before may still be on its way out. */
const PATIENCE_MS = 400;

/**
 * @param {object} [parts]
 * @param {Storage} [parts.session]
 * @param {LockManager} [parts.locks]  missing outside of secure contexts: then copies are not told apart
 * @returns {Promise<string>}
 */
export async function deviceId({ session = sessionStorage, locks = navigator.locks } = {}) {
  const known = session.getItem(KEY);
  if (known && (!locks || (await hold(locks, known)))) return known;
  const numbers = [...crypto.getRandomValues(new Uint32Array(4))];
  const id = `web-${numbers.map((number) => number.toString(36)).join("")}`;
  session.setItem(KEY, id);
  if (locks) await hold(locks, id);
  return id;
}

/**
 * Take the lock of an id for as long as this page lives.
 * @param {LockManager} locks
 * @param {string} id
 * @returns {Promise<boolean>} false if another tab has it
 */
function hold(locks, id) {
  return new Promise((resolve) => {
    const forever = () => {
      resolve(true);
      return new Promise(() => {});
    };
    const signal = AbortSignal.timeout(PATIENCE_MS);
    locks.request(`rapport.device.${id}`, { signal }, forever).catch(() => resolve(false));
  });
}
