// @ts-check
// A word of the operating system, for whoever has another window in front of this one and allowed it.

/**
 * Tell, if this window is hidden and its person allowed it. A click brings the window back.
 * @param {string} title
 * @param {NotificationOptions} options
 * @returns {() => void} takes it back
 */
export function tellSystem(title, options) {
  const allowed = "Notification" in window && Notification.permission === "granted";
  if (!allowed || !document.hidden) return () => {};
  /** @type {Notification} */
  let shown;
  try {
    shown = new Notification(title, options);
  } catch {
    // A TypeError in Chrome on Android, which leaves notifications to service workers.
    return () => {};
  }
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
  });
  return () => shown.close();
}
