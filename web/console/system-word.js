// @ts-check
// A word of the operating system, for whoever has another window in front of this one and allowed it.

/**
 * Tell, if this window is hidden and its person allowed it. A click brings the window back.
 * @param {string} title
 * @param {NotificationOptions} options
 * @returns {() => void} takes it back
 */
export function tellSystem(title, options) {
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return () => {};
  /** @type {Notification} */
  let shown;
  try {
    shown = new Notification(title, options);
  } catch {
    // Chrome on Android: https://developer.mozilla.org/en-US/docs/Web/API/Notification/Notification#exceptions
    return () => {};
  }
  shown.addEventListener("click", () => {
    window.focus();
    shown.close();
  });
  return () => shown.close();
}
