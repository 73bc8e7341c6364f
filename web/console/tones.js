// @ts-check
// The sound of a ring, made of sine waves: there is no file to load. Browsers keep a page silent until
// somebody has clicked in it; then `blocked` says so, and the next click anywhere begins the sound.

/** @typedef {{note: number, at: number, length: number, loud: number}} Stroke  hertz, seconds, 0 to 1 */

/** Two soft bells, as the coach hears a ring. @type {{every: number, strokes: Stroke[]}} */
const RING = {
  every: 2.6,
  strokes: [
    { note: 659.25, at: 0, length: 0.9, loud: 0.22 },
    { note: 523.25, at: 0.22, length: 1.1, loud: 0.2 },
    { note: 659.25, at: 0.75, length: 0.9, loud: 0.22 },
    { note: 783.99, at: 0.97, length: 1.3, loud: 0.18 },
  ],
};
/** One low hum, as the caller hears it. @type {{every: number, strokes: Stroke[]}} */
const RINGBACK = { every: 4, strokes: [{ note: 425, at: 0, length: 1, loud: 0.035 }] };

/**
 * Sound from now on.
 * @param {"ring" | "ringback"} kind
 * @param {(blocked: boolean) => void} [onBlocked]  whether the browser keeps the page silent
 * @returns {{stop: () => void, begin: () => void}}  `begin` is for a click
 */
export function startTone(kind, onBlocked = () => {}) {
  const { every, strokes } = kind === "ring" ? RING : RINGBACK;
  const context = new AudioContext();
  const play = () => {
    if (context.state === "running") for (const stroke of strokes) strike(context, stroke);
  };
  const tell = () => onBlocked(context.state !== "running");
  const begin = () => void context.resume();
  context.addEventListener("statechange", () => {
    tell();
    play();
  });
  const timer = setInterval(play, every * 1000);
  document.addEventListener("pointerdown", begin);
  document.addEventListener("keydown", begin);
  // A page that may sound says so at once, or within a moment.
  const look = setTimeout(tell, 250);
  if (context.state === "running") play();
  return {
    begin,
    stop() {
      clearInterval(timer);
      clearTimeout(look);
      document.removeEventListener("pointerdown", begin);
      document.removeEventListener("keydown", begin);
      void context.close();
    },
  };
}

/**
 * @param {AudioContext} context
 * @param {Stroke} stroke
 */
function strike(context, { note, at, length, loud }) {
  const start = context.currentTime + at;
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(loud, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + length);
  const wave = new OscillatorNode(context, { type: "sine", frequency: note });
  wave.connect(gain).connect(context.destination);
  wave.start(start);
  wave.stop(start + length);
}
