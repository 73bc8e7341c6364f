// @ts-check
// A look into the mirror before a call: own picture, own voice as a bar, and which devices.
import { choose, chosen, deviceTrouble, listDevices, listen, openDevices, release } from "../devices.js";
import { h, replace, uid } from "../dom.js";
import { icon } from "../icons.js";

/**
 * @typedef {import("../devices.js").Opened} Opened
 * @typedef {import("../devices.js").Kind} Kind
 *
 * @typedef {object} Preview
 * @property {HTMLElement} node
 * @property {HTMLElement} devices  where others can be chosen; stands last, since it is there only once it is known
 * @property {() => Opened | null} keep  what was opened; it stays open when the preview goes
 * @property {() => void} dispose
 */

/** @type {{[kind in Kind]: string}} */
const LABELS = { camera: "Camera", microphone: "Microphone" };

/** Own picture, and own voice as a bar. */
function mirror() {
  const video = h("video", { autoplay: true, playsinline: true, muted: true, ariaLabel: "Your own camera" });
  const cover = h("div.preview-cover");
  const bar = h("span");
  const level = h("div.level", { "aria-hidden": "true" }, icon("mic"), h("span.level-bar", bar));
  let unlisten = () => {};
  const say = (/** @type {string | null} */ words) => {
    cover.hidden = words === null;
    replace(cover, words && h("p", words));
  };
  return {
    node: h("div.preview", video, cover, level),
    wait: () => say("Your browser may ask for camera and microphone…"),
    /** @param {MediaStream} stream */
    show(stream) {
      const [picture, sound] = [stream.getVideoTracks().length > 0, stream.getAudioTracks().length > 0];
      video.srcObject = stream;
      level.hidden = !sound;
      unlisten();
      unlisten = listen(stream, (loud) => bar.style.setProperty("transform", `scaleX(${loud.toFixed(2)})`));
      say(picture ? null : sound ? "No picture: you will be heard only." : "Nothing to see or hear yet.");
    },
    dispose() {
      unlisten();
      video.srcObject = null;
    },
  };
}

/**
 * What is missing, and what that means for the call; null if nothing is.
 * @param {Opened["faults"]} faults
 * @param {() => void} again
 */
function troubleBanner(faults, again) {
  const words = deviceTrouble(faults);
  if (!words) return null;
  const way = faults.camera ? "You can call with sound alone." : "You can call, but you will not be heard.";
  return h(
    `div.banner.${words.all ? "bad" : "warn"}`,
    icon("warn"),
    h("div", h("strong", words.title), h("p", words.text, !words.all && ` ${way}`)),
    h("button.button.small", { type: "button", onclick: again }, "Try again"),
  );
}

/**
 * @param {(opened: Opened | null) => void} onChange  what there is; null while the browser asks
 * @returns {Preview}
 */
export function preview(onChange) {
  /** @type {Opened | null} */
  let opened = null;
  let kept = false;
  /** Rises with every try: devices that come after they were asked for again are not wanted. */
  let asked = 0;
  const glass = mirror();
  const trouble = h("div", { role: "status" });
  const selects = h("div.preview-devices");

  const open = async () => {
    const mine = ++asked;
    release(opened?.stream);
    opened = null;
    onChange(null);
    glass.wait();
    const next = await openDevices();
    if (mine !== asked) return release(next.stream);
    opened = next;
    glass.show(next.stream);
    replace(trouble, troubleBanner(next.faults, open));
    await drawSelects();
    if (mine === asked) onChange(next);
  };

  async function drawSelects() {
    const found = await listDevices();
    const kinds = /** @type {Kind[]} */ (["camera", "microphone"]);
    replace(
      selects,
      kinds.map((kind) => found[kind].length > 1 && deviceField(kind, found[kind], open)),
    );
  }

  navigator.mediaDevices?.addEventListener("devicechange", drawSelects);
  void open();
  return {
    node: h("div.preview-box.stack", glass.node, trouble),
    devices: selects,
    keep() {
      kept = true;
      return opened;
    },
    dispose() {
      asked += 1;
      glass.dispose();
      navigator.mediaDevices?.removeEventListener("devicechange", drawSelects);
      if (!kept) release(opened?.stream);
    },
  };
}

/**
 * @param {Kind} kind
 * @param {MediaDeviceInfo[]} devices
 * @param {() => void} reopen
 */
function deviceField(kind, devices, reopen) {
  const id = uid(kind);
  const options = devices.map((one, index) =>
    h("option", { value: one.deviceId }, one.label || `${LABELS[kind]} ${index + 1}`),
  );
  const select = h(
    `select#${id}`,
    {
      value: chosen()[kind] ?? devices[0].deviceId,
      onchange: () => {
        choose({ [kind]: select.value });
        reopen();
      },
    },
    options,
  );
  return h("div.field", h("label", { for: id }, LABELS[kind]), select);
}
