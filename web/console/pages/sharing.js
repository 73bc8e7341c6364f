// @ts-check
// Who may see a coach's calendar, and the address under which other calendars read it.
import { feedCard, privacyCard } from "../calendar/settings.js";
import { businessHead } from "../calendar/sub-nav.js";
import { h } from "../dom.js";
import { bag } from "../store.js";

/** @param {import("../router.js").Context} context */
export async function sharingPage({ app, rapport }) {
  const { notifications } = rapport;
  const [privacy, feed] = [privacyCard(app), feedCard(app)];
  await Promise.all([privacy.load(), feed.load()]);
  const stops = bag();
  stops.add(
    notifications.on("availability_update", () => void privacy.load()),
    notifications.on("reload", ({ first }) => first || void privacy.load()),
  );
  const node = h(
    "section.page",
    businessHead({
      title: "Sharing",
      text: "Who may see your free times, and where else you read your bookings.",
      here: "/calendar/sharing",
    }),
    h("div.columns.even", privacy.node, feed.node),
  );
  return { title: "Sharing", node, dispose: () => stops.dispose() };
}
