// @ts-check
// How many notifications are unread, as every page shows it.

/**
 * Keep `app.unread` up to date from now on.
 * @param {Pick<import("./main.js").App, "rapport" | "user" | "unread">} app
 */
export function followUnread({ rapport, user, unread }) {
  const { api, notifications } = rapport;
  const read = async () => {
    const who = user.value?.userId;
    try {
      const page = await api.get("/api/notifications", { unread: true, limit: 1 });
      if (who === user.value?.userId) unread.value = page.unread;
    } catch {
      // A number that could not be read is not worth a word; the next connect reads again.
    }
  };
  notifications.on("notification", () => (unread.value += 1));
  notifications.on("notifications_read", (told) => (unread.value = told.unread));
  // Follows every connect, after what was missed: a number that was read before has some of that in it already.
  notifications.on("recovered", () => void read());
}
