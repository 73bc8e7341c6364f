// @ts-check
// The call as it is seen: the other one large, oneself small, who and how good the line is, the meter, the
// controls.
import { avatar } from "../avatar.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { bag } from "../store.js";
import { controls, deviceBanner } from "./controls.js";
import { lowBalance } from "./low-balance.js";
import { meter } from "./meter.js";
import { qualitySign } from "./quality.js";
import { BROKEN, standingLayer } from "./standing.js";

/**
 * @typedef {import("../../client/live-call.js").LiveCall} LiveCall
 * @typedef {import("../devices.js").Opened} Opened
 */

/** A cut of the socket is shown after so long; most are over before. */
const PATIENCE_MS = 800;

/**
 * @param {import("../main.js").App} app
 * @param {{call: LiveCall, devices: Opened, peerName: string}} parts
 * @returns {{node: HTMLElement, dispose: () => void}}
 */
export function stage(app, { call, devices, peerName }) {
  const stops = bag();
  const line = watchLine(call, stops);
  const picture = remotePicture(call, peerName, stops);
  const layer = standingLayer(call, peerName, line.now);
  const count = meter(call, { cut: line.cut });
  const quality = qualitySign(call);
  const money = lowBalance(app, call);
  const own = ownPicture(call, devices, stops);
  const buttons = h("div.call-controls-place", controls(call, devices));
  const trouble = deviceBanner(call, devices, () => {
    buttons.replaceChildren(controls(call, devices));
    own.draw();
  });
  stops.add(
    layer.stop,
    count.stop,
    quality.stop,
    money.stop,
    trouble.stop,
    call.on("change", layer.draw),
    call.on("socket", layer.draw),
  );

  const name = h("div.stage-name", avatar(peerName, null, "small"), h("strong.clip", peerName), quality.node);
  const node = h(
    "div.call-layout",
    h("div.stage", picture.node, name, layer.node, own.node),
    h("div.call-side", count.node, buttons, trouble.node, money.node),
  );
  return { node, dispose: () => stops.dispose() };
}

/**
 * How this side hangs together with the server and with the other side.
 * @param {LiveCall} call
 * @param {ReturnType<typeof bag>} stops
 */
function watchLine(call, stops) {
  let socket = "connected";
  let connection = "new";
  let shown = "connected";
  let timer = 0;
  stops.add(
    call.on("connection", ({ state }) => (connection = state)),
    call.on("socket", ({ state }) => {
      socket = state;
      clearTimeout(timer);
      if (state === "connected" || state === "draining") shown = state;
      else timer = window.setTimeout(() => (shown = socket), PATIENCE_MS);
    }),
    () => clearTimeout(timer),
  );
  // A network that is gone closes no socket: until somebody misses an answer, only the system and the media
  // path know.
  const alone = () => !navigator.onLine;
  return {
    now: () => ({ connection, socket: alone() ? "offline" : shown }),
    cut: () => socket !== "connected" || alone() || BROKEN.has(connection),
  };
}

/**
 * @param {LiveCall} call
 * @param {string} peerName
 * @param {ReturnType<typeof bag>} stops
 */
function remotePicture(call, peerName, stops) {
  const video = h("video.stage-remote", {
    autoplay: true,
    playsinline: true,
    ariaLabel: `Video of ${peerName}`,
  });
  const portrait = h(
    "div.stage-portrait",
    avatar(peerName, null, "huge"),
    h("p", `${peerName} sends no picture`),
  );
  const sound = h(
    "button.button.primary.stage-sound",
    { type: "button", hidden: true },
    icon("bell"),
    "Turn the sound on",
  );

  const draw = () => {
    if (video.srcObject !== call.remote) video.srcObject = call.remote;
    portrait.hidden = call.remote.getVideoTracks().length > 0;
    play();
  };
  // After a reload nobody has clicked in this page yet, and a browser may keep it silent.
  const play = async () => {
    try {
      await video.play();
      if (!video.muted) sound.hidden = true;
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== "NotAllowedError" || video.muted) return;
      video.muted = true;
      sound.hidden = false;
      void video.play().catch(() => {});
    }
  };
  sound.addEventListener("click", () => {
    video.muted = false;
    sound.hidden = true;
    void play();
  });
  stops.add(call.on("remote", draw), () => (video.srcObject = null));
  draw();
  return { node: h("div.stage-picture", portrait, video, sound) };
}

/**
 * @param {LiveCall} call
 * @param {Opened} devices
 * @param {ReturnType<typeof bag>} stops
 */
function ownPicture(call, devices, stops) {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, ariaLabel: "Your own camera" });
  const cover = h("div.own-cover", { hidden: true });
  const node = h("div.own", video, cover);
  const draw = () => {
    const { stream } = devices;
    if (video.srcObject !== stream) video.srcObject = stream;
    node.hidden = stream.getVideoTracks().length === 0;
    const off = call.covered ? "Not sent while paused" : call.muted("video") ? "Camera off" : "";
    cover.hidden = off === "";
    cover.textContent = off;
  };
  stops.add(call.on("change", draw), () => (video.srcObject = null));
  draw();
  return { node, draw };
}
