// @ts-check
// The two pictures of a talk, and how this side hangs together with the other: the same in a call and in a session.
import { avatar } from "../avatar.js";
import { h } from "../dom.js";
import { icon } from "../icons.js";
import { BROKEN } from "./standing.js";

/**
 * @typedef {import("../../client/meeting.js").Meeting<any, any, any>} Talk
 * @typedef {import("../devices.js").Opened} Opened
 * @typedef {ReturnType<typeof import("../store.js").bag>} Bag
 */

/** A cut of the socket is shown after so long; most are over before. */
const PATIENCE_MS = 800;

/**
 * How this side hangs together with the server and with the other side.
 * @param {Talk} call
 * @param {Bag} stops
 */
export function watchLine(call, stops) {
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
 * @param {Talk} call
 * @param {string} peerName
 * @param {Bag} stops
 */
export function remotePicture(call, peerName, stops) {
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
 * @param {Talk} call
 * @param {Opened} devices
 * @param {Bag} stops
 */
export function ownPicture(call, devices, stops) {
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
