// @ts-check
// The life of a call as a picture: when each side was connected, where the meter ran and where it stood
// still, what was held and charged. Drawn in real pixels at whatever width there is, and told as a table
// beside it.
import { picture, sentences } from "./call/story.js";
import { h, replace, svg } from "./dom.js";
import { duration, timeOfDay } from "./format.js";
import { icon } from "./icons.js";
import { pause } from "./words.js";

/** @typedef {import("./call/story.js").Story} Story */

const LANE = 26;
const GAP = 14;
const TOP = 8;
const AXIS = 24;
const COINS = 34;
/** An instant, or a very short span, is still to be seen. */
const LEAST = 2;
/** Seconds between the marks of the axis, whichever fits first. */
const STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
const ROOM_PER_MARK = 64;
const ROOM_PER_MINUTE = 18;

/** @type {[string, string][]} */
const LEGEND = [
  ["ring", "Ringing"],
  ["span", "Connected"],
  ["meter", "Meter ran"],
  ["pause", "Stood still"],
  ["minute", "Full minute"],
  ["held", "Held"],
  ["captured", "Charged"],
  ["refused", "Refused"],
];

/**
 * @param {Story} story
 * @returns {{node: HTMLElement, dispose: () => void}}
 */
export function timeline(story) {
  const shown = picture(story);
  const frame = h("div.timeline-frame");
  const observer = new ResizeObserver(() => replace(frame, draw(story, shown, frame.clientWidth)));
  observer.observe(frame);
  const node = h("figure.timeline", frame, legend(shown), table(story));
  return { node, dispose: () => observer.disconnect() };
}

/**
 * @param {Story} story
 * @param {ReturnType<typeof picture>} shown
 * @param {number} width
 */
function draw(story, shown, width) {
  if (width < 40) return null;
  const lanes = lanesOf(story, shown);
  const height = TOP + lanes.length * (LANE + GAP) + (shown.money.length ? COINS : 0) + AXIS;
  const inset = 8;
  const x = (/** @type {number} */ at) =>
    inset + ((Math.min(at, shown.to) - shown.from) / (shown.to - shown.from)) * (width - 2 * inset);
  const floor = height - AXIS;
  const labels = coinLabels(shown.money, x, width);
  return svg(
    "svg",
    { width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": summary(story, shown) },
    axis(shown, x, floor, width),
    lanes.map((lane, index) => drawLane(lane, x, TOP + index * (LANE + GAP), width - 2 * inset, inset)),
    shown.money.map((one, index) => drawCoin(one, x, floor - COINS + 12, width, labels[index])),
  );
}

/**
 * @typedef {object} Lane
 * @property {string} label
 * @property {{from: number, to: number, kind: string, title: string}[]} spans
 * @property {{minute: number, at: number}[]} minutes
 */

/**
 * @param {Story} story
 * @param {ReturnType<typeof picture>} shown
 * @returns {Lane[]}
 */
function lanesOf(story, shown) {
  const span =
    (/** @type {string} */ kind, /** @type {string} */ words) =>
    (/** @type {{from: number, to: number}} */ one) => ({
      ...one,
      kind,
      title: `${words}, ${duration((one.to - one.from) / 1000)}`,
    });
  const pauses = shown.pauses.map((one) => ({
    ...one,
    kind: "pause",
    title: `Stood still for ${duration((one.to - one.from) / 1000)}. ${pause(one.reason)}`,
  }));
  const ring = shown.ring ? [span("ring", "Ringing")(shown.ring)] : [];
  return [
    { label: story.client.name, spans: shown.caller.map(span("caller", "Connected")), minutes: [] },
    {
      label: story.coach.name,
      spans: [...ring, ...shown.callee.map(span("callee", "Connected"))],
      minutes: [],
    },
    {
      label: "Meter",
      spans: [...shown.meter.map(span("meter", "Meter ran")), ...pauses],
      minutes: shown.minutes,
    },
  ];
}

/**
 * @param {Lane} lane
 * @param {(at: number) => number} x
 * @param {number} y
 * @param {number} width
 * @param {number} inset
 */
function drawLane(lane, x, y, width, inset) {
  const bar = { y: y + 14, height: LANE - 14 };
  const roomy = lane.minutes.length < 2 || x(lane.minutes[1].at) - x(lane.minutes[0].at) >= ROOM_PER_MINUTE;
  return svg(
    "g",
    svg("text.timeline-label", { x: inset, y: y + 9 }, lane.label),
    svg("rect.timeline-empty", { x: inset, width, rx: 4, ...bar }),
    lane.spans.map((one) =>
      svg(
        `rect.timeline-span.span-${one.kind}`,
        { x: x(one.from), width: Math.max(LEAST, x(one.to) - x(one.from)), rx: 3, ...bar },
        svg("title", one.title),
      ),
    ),
    lane.minutes.map(({ minute, at }) => [
      svg(
        "line.timeline-minute",
        { x1: x(at), x2: x(at), y1: bar.y, y2: bar.y + bar.height },
        svg("title", `Minute ${minute}`),
      ),
      roomy && svg("text.timeline-number", { x: x(at), y: bar.y - 3, "text-anchor": "middle" }, minute),
    ]),
  );
}

/**
 * @param {ReturnType<typeof picture>} shown
 * @param {(at: number) => number} x
 * @param {number} y
 * @param {number} width
 */
function axis(shown, x, y, width) {
  const seconds = (shown.to - shown.from) / 1000;
  const step = STEPS.find((one) => (one / seconds) * width >= ROOM_PER_MARK) ?? 7200;
  const marks = Array.from({ length: Math.floor(seconds / step) + 1 }, (_, index) => index * step);
  return svg(
    "g.timeline-axis",
    marks.map((mark) => {
      const at = x(shown.from + mark * 1000);
      const anchor = mark === 0 ? "start" : at > width - 24 ? "end" : "middle";
      return svg(
        "g",
        svg("line", { x1: at, x2: at, y1: TOP + 12, y2: y }),
        svg("text", { x: at, y: y + 16, "text-anchor": anchor }, duration(mark)),
      );
    }),
  );
}

/**
 * @param {{kind: string, at: number, label: string}} coin
 * @param {(at: number) => number} x
 * @param {number} y
 * @param {number} width
 * @param {{anchor: string, shift: number} | null} label
 */
function drawCoin(coin, x, y, width, label) {
  const at = Math.min(Math.max(x(coin.at), 8), width - 8);
  const words = { held: "held", captured: "charged", refused: "refused" }[coin.kind];
  return svg(
    "g",
    svg(
      `circle.timeline-coin.coin-${coin.kind}`,
      { cx: at, cy: y, r: 5 },
      svg("title", `${coin.label} ${words}`),
    ),
    label &&
      svg(
        "text.timeline-amount",
        { x: at + label.shift, y: y + 4, "text-anchor": label.anchor },
        `${coin.label} ${words}`,
      ),
  );
}

/** Where there is no room for all of them, the words of these come first. */
const FIRST = ["captured", "refused", "held"];
/** Half of a coin with some air, and room for its words, px. */
const COIN = 8;
const ROOM = 100;

/**
 * Which side of each coin its words go; none where they would run into others, or over another coin.
 * @param {{kind: string, at: number}[]} coins  in their order
 * @param {(at: number) => number} x
 * @param {number} width
 * @returns {({anchor: string, shift: number} | null)[]}
 */
export function coinLabels(coins, x, width) {
  const places = coins.map((coin) => x(coin.at));
  /** @type {{from: number, to: number}[]} */
  const taken = [];
  /** @type {({anchor: string, shift: number} | null)[]} */
  const labels = coins.map(() => null);
  const order = coins.map((_, index) => index);
  order.sort((one, other) => FIRST.indexOf(coins[one].kind) - FIRST.indexOf(coins[other].kind));
  for (const index of order) {
    const right = beside(places.slice(index), 1);
    const left = beside(places.slice(0, index + 1).reverse(), -1);
    const side = [
      { anchor: "start", edge: right, from: right, to: right + ROOM },
      { anchor: "end", edge: left, from: left - ROOM, to: left },
    ].find(
      ({ from, to }) =>
        from >= 0 &&
        to <= width &&
        taken.every((one) => one.to <= from || to <= one.from) &&
        places.every((place) => place <= from || to <= place),
    );
    if (!side) continue;
    taken.push(side);
    labels[index] = { anchor: side.anchor, shift: side.edge - places[index] };
  }
  return labels;
}

/**
 * Where words may begin on one side of the first coin: past those that touch it.
 * @param {number[]} places  from the coin outwards
 * @param {1 | -1} direction
 */
function beside(places, direction) {
  let edge = places[0];
  for (const place of places) if (Math.abs(place - edge) <= 2 * COIN) edge = place;
  return edge + direction * (COIN + 2);
}

/** @param {ReturnType<typeof picture>} shown */
function legend(shown) {
  const there = new Set([
    ...(shown.ring ? ["ring"] : []),
    "span",
    ...(shown.meter.length ? ["meter"] : []),
    ...(shown.pauses.length ? ["pause"] : []),
    ...(shown.minutes.length ? ["minute"] : []),
    ...shown.money.map((one) => one.kind),
  ]);
  return h(
    "ul.timeline-legend",
    { "aria-hidden": "true" },
    LEGEND.filter(([kind]) => there.has(kind)).map(([kind, words]) =>
      h("li", h(`span.swatch.swatch-${kind}`), words),
    ),
  );
}

/** @param {Story} story @param {ReturnType<typeof picture>} shown */
function summary(story, shown) {
  const paused = shown.pauses.length;
  const parts = [
    `Timeline of the call between ${story.client.name} and ${story.coach.name}`,
    `${duration(story.billableSeconds)} on the meter`,
    paused ? `${paused} pause${paused === 1 ? "" : "s"}` : "no pause",
    ...shown.money.map((one) => `${one.label} ${one.kind}`),
  ];
  return `${parts.join(", ")}. The same follows as a table.`;
}

/** @param {Story} story */
function table(story) {
  const rows = sentences(story).map(({ at, text, minute }) =>
    h(
      "tr",
      { class: minute ? "quiet" : "" },
      h("td.figures", h("time", { datetime: at }, timeOfDay(at))),
      h("td", text),
    ),
  );
  return h(
    "details.timeline-table",
    h("summary", icon("right"), "Everything that happened, in words"),
    h(
      "div.scroll",
      { tabindex: "0", role: "region", ariaLabel: "What happened in the call" },
      h(
        "table",
        h("thead", h("tr", h("th", { scope: "col" }, "Time"), h("th", { scope: "col" }, "What happened"))),
        h("tbody", rows),
      ),
    ),
  );
}
