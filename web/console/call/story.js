// @ts-check
// What happened in a call, out of GET /api/live-sessions/{id}: as spans for a picture, and as sentences.
// Pure.
import { duration, money } from "../format.js";
import { pause, refusal } from "../words.js";

/**
 * @typedef {{at: string, what: string, by: string, detail: {[name: string]: string | number}}} Entry
 * @typedef {{startedAt: string, endedAt: string}} Span
 * @typedef {{from: number, to: number}} Stretch  milliseconds since 1970
 *
 * @typedef {object} Story  the reply, as far as it is used here
 * @property {string} sessionId
 * @property {"call" | "overtime"} [kind]
 * @property {string | null} [bookingId]  of the session that an overtime belongs to
 * @property {string} state
 * @property {"caller" | "callee"} [role]
 * @property {{name: string, userId: string, avatarUrl?: string}} client
 * @property {{name: string, userId: string, avatarUrl?: string}} coach
 * @property {import("../format.js").Money} ratePerMinute
 * @property {import("../format.js").Money} amount
 * @property {number} billableSeconds
 * @property {string} createdAt
 * @property {string} serverTime
 * @property {string} [liveAt]
 * @property {string} [endedAt]
 * @property {string} [endReason]
 * @property {{caller: Span[], callee: Span[]}} connected
 * @property {{minute: number, at: string}[]} minutes
 * @property {any[]} holds
 * @property {Entry[]} timeline
 * @property {any} [payment]
 * @property {import("../format.js").Money} [earned]
 * @property {{at: string, side: "caller" | "callee", measured: {[name: string]: number}}[]} quality
 */

/** @param {string} instant */
const ms = (instant) => Date.parse(instant);

/** @param {Span[]} spans @returns {Stretch[]} */
function stretches(spans) {
  return spans
    .map((one) => ({ from: ms(one.startedAt), to: ms(one.endedAt) }))
    .filter((one) => one.to > one.from);
}

/**
 * Where both overlap: there the meter ran.
 * @param {Stretch[]} one
 * @param {Stretch[]} other
 * @returns {Stretch[]}
 */
export function overlap(one, other) {
  return one
    .flatMap((a) => other.map((b) => ({ from: Math.max(a.from, b.from), to: Math.min(a.to, b.to) })))
    .filter((both) => both.to > both.from)
    .sort((a, b) => a.from - b.from);
}

/**
 * From each entry that begins something to the one that ends it, or to the end of the call.
 * @param {Entry[]} timeline
 * @param {string} begin
 * @param {Set<string>} ends
 * @param {number} last
 * @returns {(Stretch & {reason: string})[]}
 */
function between(timeline, begin, ends, last) {
  return timeline.flatMap((entry, index) => {
    if (entry.what !== begin) return [];
    const end = timeline.slice(index + 1).find((later) => ends.has(later.what));
    const to = end ? Math.max(ms(end.at), ms(entry.at)) : last;
    return [{ from: ms(entry.at), to, reason: String(entry.detail.reason ?? "") }];
  });
}

/**
 * Everything that a picture shows, on one axis from the request to the end.
 * @param {Story} story
 */
export function picture(story) {
  const { timeline } = story;
  const from = ms(story.createdAt);
  const end = story.endedAt ? ms(story.endedAt) : ms(story.serverTime);
  const to = Math.max(end, from + 1000);
  const caller = stretches(story.connected.caller);
  const callee = stretches(story.connected.callee);
  const over = new Set(["proven", "end", "fail"]);
  return {
    from,
    to,
    caller,
    callee,
    meter: overlap(caller, callee),
    pauses: between(timeline, "lost", over, to),
    ring: between(timeline, "authorized", new Set(["accept", "decline", "miss", "cancel"]), to)[0] ?? null,
    minutes: story.minutes.map(({ minute, at }) => ({ minute, at: ms(at) })),
    money: timeline.flatMap((entry) => coin(entry, story, to)),
  };
}

/** Money on the axis. @param {Entry} entry @param {Story} story @param {number} last */
function coin(entry, story, last) {
  const kind = { authorized_block: "held", captured: "captured", refused_block: "refused" }[entry.what];
  if (!kind) return [];
  const amount = money({ amount: Number(entry.detail.amount ?? 0), currency: story.ratePerMinute.currency });
  return [{ kind, at: Math.min(ms(entry.at), last), label: amount }];
}

// --- sentences -------------------------------------------------------------------------------------------

/**
 * What each entry of the timeline is told as; null leaves it out.
 * @typedef {{who: string, sum: string, hold: string, entry: Entry, detail: Entry["detail"]}} Facts
 * @type {{[what: string]: (facts: Facts) => string | null}}
 */
export const SENTENCES = {
  requested: ({ who }) => `${who} asked for the call`,
  authorizing: ({ hold, sum }) => `The bank was asked to hold ${sum}${hold}`,
  authorized_block: ({ hold, sum }) => `${sum} held${hold}`,
  refused_block: ({ hold, sum }) => `The bank refused to hold ${sum}${hold}`,
  released_block: ({ hold, sum }) => `${sum} released${hold}`,
  action_required: ({ entry }) =>
    entry.detail.hold ? "The bank asked for a confirmation (3-D Secure)" : null,
  no_answer: () => "The bank did not answer in time",
  authorized: () => "It began to ring",
  begin: () => "The booked time was over; overtime began",
  accept: ({ who }) => `${who} accepted`,
  decline: ({ who }) => `${who} declined`,
  miss: () => "Nobody answered",
  cancel: ({ who }) => `${who} took the call back`,
  refused: () => "The call did not come about",
  abandon: () => "Somebody did not come",
  joined: ({ who }) => `${who} came in`,
  resumed: ({ who }) => `${who} came back`,
  left: ({ who }) => `${who} lost the connection`,
  ice_restart: ({ who }) => `${who} made the connection anew`,
  media_connected: ({ who }) => `${who} sees and hears`,
  media_disconnected: ({ who }) => `Nothing arrived at ${who} any more`,
  media_failed: ({ who }) => `The connection of ${who} failed`,
  proof_missing: ({ who }) => `${who} fell silent`,
  media_denied: ({ who }) => `${who} said that nothing arrived`,
  proven: () => "The meter started",
  lost: ({ detail }) => `The meter stood still. ${pause(String(detail.reason ?? ""))}`,
  low_balance: ({ detail }) =>
    detail.reason === "payment"
      ? "The next minutes were not paid yet"
      : `The next minutes were not paid: ${refusal(String(detail.reason))}`,
  end: ({ detail, sum }) =>
    `The call ended after ${duration(Number(detail.billable_seconds ?? 0))} of talk, ${sum}`,
  fail: () => "The call failed",
  capturing: ({ sum }) => `${sum} to be charged`,
  captured: ({ hold, sum }) => `${sum} charged${hold}`,
  cancelled: ({ hold }) => `Released${hold}`,
  lapsed: ({ hold }) => `Expired at the bank${hold}`,
  tax_unknown: () => "The tax could not be told; the call was settled without",
  settle: () => "Settled",
  reason: ({ who, detail }) => `${who} said: “${detail.text}”`,
};

/**
 * The whole story, in sentences.
 * @param {Story} story
 * @returns {{at: string, text: string, minute: boolean}[]}
 */
export function sentences(story) {
  const names = /** @type {{[by: string]: string}} */ ({
    caller: story.client.name,
    callee: story.coach.name,
    admin: "An operator",
  });
  const { currency } = story.ratePerMinute;
  const told = story.timeline.flatMap((entry) => {
    const { detail } = entry;
    const facts = {
      who: names[entry.by] ?? "The server",
      sum: money({ amount: Number(detail.amount ?? 0), currency }),
      hold: detail.hold && story.holds.length > 1 ? ` (block ${detail.hold})` : "",
      entry,
      detail,
    };
    const text = SENTENCES[entry.what] ? SENTENCES[entry.what](facts) : entry.what.replaceAll("_", " ");
    return text ? [{ at: entry.at, text, minute: false }] : [];
  });
  const minutes = story.minutes.map(({ minute, at }) => ({
    at,
    text: `Minute ${minute} was full`,
    minute: true,
  }));
  return [...told, ...minutes].sort((a, b) => ms(a.at) - ms(b.at));
}
