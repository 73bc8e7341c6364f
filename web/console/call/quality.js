// @ts-check
// How good the line is, as three bars and a word.
import { h } from "../dom.js";

/** @type {[string, string][]} from worst to best */
const GRADES = [
  ["bad", "Poor connection"],
  ["warn", "Fair connection"],
  ["good", "Good connection"],
];

/**
 * @param {{rttMs?: number, lossPct?: number, jitterMs?: number}} sample
 * @returns {number} 0 to 2; limits after ITU-T G.114 (delay) and what opus conceals well (loss)
 */
export function grade({ rttMs = 0, lossPct = 0, jitterMs = 0 }) {
  if (rttMs > 500 || lossPct > 8 || jitterMs > 100) return 0;
  if (rttMs > 250 || lossPct > 2 || jitterMs > 40) return 1;
  return 2;
}

/**
 * @param {import("./pictures.js").Talk} call
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function qualitySign(call) {
  const words = h("span.visually-hidden", "Connection not measured yet");
  const node = h("span.quality", { title: "Connection not measured yet" }, h("i"), h("i"), h("i"), words);
  const stop = call.on("quality", (sample) => {
    const found = grade(sample);
    const [kind, text] = GRADES[found];
    node.dataset.bars = String(found + 1);
    node.className = `quality ${kind}`;
    words.textContent = text;
    const delay = sample.rttMs === undefined ? "" : `, ${Math.round(sample.rttMs)} ms round trip`;
    node.title = text + delay;
  });
  return { node, stop };
}
