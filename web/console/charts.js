// @ts-check
// Small line charts, in real pixels at whatever width there is. What the picture shows stands beside it in words and,
// on request, as a table.
import { h, replace, svg, uid } from "./dom.js";
import { minuteOfDay, number } from "./figures.js";

/**
 * @typedef {(number | null)[]} Values
 *
 * @typedef {object} Line
 * @property {string} name
 * @property {Values} values  null where nothing is known: a gap, not a nought
 * @property {"" | "second" | "bad"} [kind]
 *
 * @typedef {object} Data
 * @property {number} first  instant of the first value, milliseconds since 1970
 * @property {number} step   milliseconds between values
 * @property {Line[]} lines  equally long
 *
 * @typedef {{node: HTMLElement, update: (data: Data) => void, dispose: () => void}} Chart
 */

const HEIGHT = 92;
const TOP = 8;
const AXIS = 20;
const INSET = 2;
/** A row of the table is so long. */
const ROW_MS = 5 * 60_000;

/**
 * The least round number that is not below a value: 1, 2 or 5 times a power of ten.
 * @param {number} value
 */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5].find((one) => one * power >= value * (1 - 1e-9)) ?? 10;
  return factor * power;
}

/**
 * Pieces of a line without a gap, as [index, value].
 * @param {Values} values
 * @returns {[number, number][][]}
 */
export function pieces(values) {
  /** @type {[number, number][][]} */
  const found = [];
  let open = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      open = false;
      continue;
    }
    if (!open) found.push([]);
    found[found.length - 1].push([index, value]);
    open = true;
  }
  return found;
}

/** @param {Values} values @returns {number[]} */
function known(values) {
  return /** @type {number[]} */ (values.filter((value) => value !== null));
}

/** @param {number[]} values */
function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** What a line says, for who does not see it. @param {Line} line */
function inWords(line) {
  const values = known(line.values);
  if (!values.length) return `${line.name}: nothing is known.`;
  const last = line.values[line.values.length - 1];
  return `${line.name}: ${last === null ? "unknown" : number(last)} at the end, between ${number(Math.min(...values))} ` +
    `and ${number(Math.max(...values))}, ${number(average(values))} on average.`;
}

/**
 * Rows of the table: average and highest of five minutes each, the newest first.
 * @param {Data} data
 */
export function rowsOf({ first, step, lines }) {
  const size = Math.max(1, Math.round(ROW_MS / step));
  const rows = [];
  for (let end = lines[0]?.values.length ?? 0; end > 0; end -= size) {
    const begin = Math.max(0, end - size);
    const cells = lines.map((line) => {
      const values = known(line.values.slice(begin, end));
      return values.length ? { average: average(values), highest: Math.max(...values) } : null;
    });
    rows.push({ from: first + (begin - 1) * step, to: first + (end - 1) * step, cells });
  }
  return rows;
}

/** @param {string} title @param {Data} data */
function table(title, data) {
  const cell = (/** @type {number | undefined} */ value) => h("td.number", value === undefined ? "–" : number(value));
  const names = data.lines.length > 1 ? data.lines.map((line) => `${line.name}, `) : [""];
  return h("div.table-scroll", { tabindex: 0, role: "region", ariaLabel: `${title} as a table` },
    h("table.table",
      h("thead", h("tr", h("th", { scope: "col" }, "Until"),
        names.map((name) => [
          h("th.number", { scope: "col" }, `${name}average`),
          h("th.number", { scope: "col" }, `${name}highest`),
        ]))),
      h("tbody", rowsOf(data).map((row) => h("tr",
        h("th", { scope: "row" }, minuteOfDay(row.to)),
        row.cells.map((one) => [cell(one?.average), cell(one?.highest)]))))));
}

/**
 * @param {string} title
 * @param {Data} data
 * @param {number} width
 */
function draw(title, data, width) {
  const count = data.lines[0]?.values.length ?? 0;
  const top = roundUp(Math.max(0, ...data.lines.flatMap((line) => known(line.values))));
  const floor = HEIGHT - AXIS;
  const x = (/** @type {number} */ index) => INSET + (index / Math.max(1, count - 1)) * (width - 2 * INSET);
  const y = (/** @type {number} */ value) => floor - (value / top) * (floor - TOP);
  const ids = [uid("chart"), uid("chart")];
  const last = data.first + (count - 1) * data.step;
  const words = [`From ${minuteOfDay(data.first)} to ${minuteOfDay(last)}.`, ...data.lines.map(inWords)];
  const size = { width, height: HEIGHT, viewBox: `0 0 ${width} ${HEIGHT}` };
  return svg("svg", { ...size, role: "img", "aria-labelledby": ids[0], "aria-describedby": ids[1] },
    svg(`title#${ids[0]}`, title),
    svg(`desc#${ids[1]}`, words.join(" ")),
    svg("line.chart-rule", { x1: 0, x2: width, y1: TOP, y2: TOP }),
    svg("line.chart-rule.base", { x1: 0, x2: width, y1: floor + 0.5, y2: floor + 0.5 }),
    [...data.lines].reverse().map((line) => pieces(line.values).map((piece) => drawPiece(line, piece, x, y, floor))),
    svg("text.chart-scale", { x: 1, y: TOP + 11 }, number(top)),
    svg("text.chart-scale", { x: 1, y: HEIGHT - 4 }, minuteOfDay(data.first)),
    svg("text.chart-scale.end", { x: width - 1, y: HEIGHT - 4 }, minuteOfDay(last)));
}

/**
 * @param {Line} line
 * @param {[number, number][]} piece
 * @param {(index: number) => number} x
 * @param {(value: number) => number} y
 * @param {number} floor
 */
function drawPiece(line, piece, x, y, floor) {
  const points = piece.map(([index, value]) => `${x(index).toFixed(1)} ${y(value).toFixed(1)}`);
  const [begin, end] = [x(piece[0][0]), x(piece[piece.length - 1][0])];
  if (piece.length === 1) return svg("circle.chart-dot", { class: line.kind, cx: begin, cy: y(piece[0][1]), r: 2 });
  const path = `M${points.join("L")}`;
  return [
    !line.kind && svg("path.chart-area", { d: `${path}L${end.toFixed(1)} ${floor}L${begin.toFixed(1)} ${floor}Z` }),
    svg("path.chart-line", { class: line.kind, d: path }),
  ];
}

/**
 * A chart with its heading, its latest value, and a table on request. Pointing at it tells the value there.
 * @param {string} title  with its unit
 * @returns {Chart}
 */
export function lineChart(title) {
  /** @type {Data | null} */
  let data = null;
  const value = h("span.chart-value.figures");
  const frame = h("div.chart-frame");
  const mark = h("div.chart-mark", { hidden: true });
  const body = h("div");
  const details = h("details.chart-table", h("summary", h("span.visually-hidden", `${title} `), "as a table"), body);
  const fill = () => data && details.open && replace(body, table(title, data));
  details.addEventListener("toggle", fill);

  const say = (/** @type {number | null} */ index) => {
    const lines = data?.lines ?? [];
    const at = index ?? (lines[0]?.values.length ?? 0) - 1;
    const parts = lines.map((line, place) => {
      const there = line.values[at] ?? null;
      const name = lines.length > 1 ? ` ${line.name.toLowerCase()}` : "";
      const kind = (there && line.kind) || "plain";
      return [place > 0 && ", ", h(`strong.${kind}`, there === null ? "–" : number(there)), name];
    });
    const then = index === null || !data ? "" : ` at ${minuteOfDay(data.first + at * data.step)}`;
    replace(value, ...parts, h("span.quiet", then));
  };
  const paint = () => {
    const width = Math.floor(frame.clientWidth);
    if (data && width > 40) replace(frame, draw(title, data, width), mark);
  };
  const observer = new ResizeObserver(paint);
  observer.observe(frame);
  frame.addEventListener("pointermove", (/** @type {PointerEvent} */ event) => {
    const count = data?.lines[0]?.values.length ?? 0;
    if (!count) return;
    const box = frame.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    mark.hidden = false;
    mark.style.setProperty("--at", `${part * 100}%`);
    say(Math.round(part * (count - 1)));
  });
  frame.addEventListener("pointerleave", () => {
    mark.hidden = true;
    say(null);
  });
  return {
    node: h("figure.card.chart", h("figcaption.chart-head", h("h3", title), value), frame, details),
    update(next) {
      data = next;
      if (mark.hidden) say(null);
      paint();
      fill();
    },
    dispose: () => observer.disconnect(),
  };
}
