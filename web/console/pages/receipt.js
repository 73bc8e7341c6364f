// @ts-check
// /receipts/{sessionId}: what a call came to, how that was computed, and its life as a picture. For its two
// participants and the admin. A call that has just ended settles while one looks.
import { avatar } from "../avatar.js";
import { bill, billSkeleton, settled } from "../call/bill.js";
import { qualityCard } from "../call/quality-card.js";
import { h, redraw } from "../dom.js";
import { duration, when } from "../format.js";
import { icon } from "../icons.js";
import { storyOf } from "../open-call.js";
import { bag } from "../store.js";
import { timeline } from "../timeline.js";
import { CALL_STATES, ending } from "../words.js";

/** @typedef {import("../call/story.js").Story} Story */

/** Should the word of the settlement get lost, the document is read again. */
const LOOK_AGAIN_MS = 5_000;

/** @param {import("../router.js").Context} context */
export async function receiptPage({ rapport, params }) {
  const { sessionId } = params;
  const address = storyOf(sessionId);
  /** @type {Story} */
  let story = await rapport.api.get(address);
  const stops = bag();
  const pictures = bag();
  const place = h("div.receipt.stack.loose");

  const draw = () => {
    pictures.dispose();
    const picture = timeline(story);
    pictures.add(picture.dispose);
    redraw(
      place,
      head(story),
      !story.endedAt && running(story),
      story.endedAt && (settled(story) ? bill(story) : billSkeleton(story)),
      h("section.card.stack", h("h2", "How it went"), picture.node),
      qualityCard(story),
    );
  };
  const read = async () => {
    const before = JSON.stringify([story.state, story.payment?.state]);
    story = await rapport.api.get(address);
    if (JSON.stringify([story.state, story.payment?.state]) !== before) draw();
  };
  const hear = (/** @type {{sessionId?: string | null}} */ update) => {
    if (update.sessionId === sessionId) void read().catch(() => {});
  };
  const timer = setInterval(() => !settled(story) && void read().catch(() => {}), LOOK_AGAIN_MS);
  stops.add(
    rapport.notifications.on("payment_update", hear),
    rapport.notifications.on("live_session_update", hear),
    () => clearInterval(timer),
    () => pictures.dispose(),
  );
  draw();
  const node = h("section.page.narrow", back(story), place);
  return { title: titleOf(story), node, dispose: () => stops.dispose() };
}

/** @param {Story} story */
function peerOf(story) {
  return story.role === "callee" ? story.client : story.coach;
}

/** @param {Story} story */
function titleOf(story) {
  if (story.kind === "overtime") return story.role ? `Overtime with ${peerOf(story).name}` : "Overtime";
  return story.role ? `Call with ${peerOf(story).name}` : `${story.client.name} called ${story.coach.name}`;
}

/** Overtime belongs to a booking, and leads back to it. @param {Story} story */
function back(story) {
  const [href, words] =
    story.kind === "overtime" && story.role
      ? [`/bookings/${story.bookingId}`, "The booking"]
      : ["/receipts", "All calls"];
  return h("a.back", { href }, icon("left"), words);
}

/** Why it ended, and what that means for the money. @param {Story} story */
function endedWords(story) {
  if (!story.endReason) return null;
  if (story.kind === "overtime") return "Time beyond a booked session. Only what was used is charged.";
  const words = ending(story.endReason, story.role ?? "caller");
  return story.role ? words.text : words.title;
}

/** The way on from here. @param {Story} story */
function next(story) {
  if (story.kind === "overtime" || story.role !== "caller" || !story.endedAt) return null;
  return h("div.row", h("a.button", { href: `/coaches/${story.coach.userId}` }, icon("phone"), "Call again"));
}

/** @param {Story} story */
function head(story) {
  const { label, kind } = CALL_STATES[story.state] ?? { label: story.state, kind: "offline" };
  const peer = peerOf(story);
  const words = endedWords(story);
  return h(
    "header.receipt-head.stack",
    h(
      "div.row.fixed.receipt-who",
      avatar(peer.name, peer.avatarUrl ?? null),
      h(
        "div.grow.stack.tight",
        h("h1", titleOf(story)),
        h(
          "p.row.tight.quiet.small.figures",
          [when(story.createdAt), story.billableSeconds > 0 && duration(story.billableSeconds)]
            .filter(Boolean)
            .join(" · "),
          h(`span.badge.${kind}`, label),
        ),
      ),
    ),
    words && h("p", { role: "status" }, words),
    next(story),
  );
}

/** @param {Story} story */
function running(story) {
  const mine = Boolean(story.role);
  const overtime = story.kind === "overtime";
  const href = overtime ? `/session/${story.bookingId}` : `/call/${story.sessionId}`;
  return h(
    "div.banner",
    icon("phone"),
    h("p", overtime ? "This session is still going on." : "This call is still going on."),
    mine && h("a.button.small", { href }, overtime ? "Go to the room" : "Go to the call"),
  );
}
