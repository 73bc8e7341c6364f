// @ts-check
// Microphone, camera, and the way out.
import { deviceTrouble, openDevices, release } from "../devices.js";
import { h, replace } from "../dom.js";
import { icon } from "../icons.js";
import { toastTrouble } from "../toast.js";

/**
 * @typedef {import("../../client/live-call.js").LiveCall} LiveCall
 * @typedef {import("./pictures.js").Talk} Talk
 * @typedef {import("../devices.js").Opened} Opened
 */

/**
 * @type {{audio: {on: string, off: string, icon: string}, video: {on: string, off: string, icon: string}}}
 */
const SWITCHES = {
  audio: { on: "Mute microphone", off: "Unmute microphone", icon: "mic" },
  video: { on: "Turn camera off", off: "Turn camera on", icon: "camera" },
};

/**
 * @param {Talk} call
 * @param {"audio" | "video"} kind
 */
function switchButton(call, kind) {
  const words = SWITCHES[kind];
  const button = h("button.call-button", { type: "button" });
  const draw = () => {
    const off = call.muted(kind);
    button.classList.toggle("off", off);
    button.setAttribute("aria-label", off ? words.off : words.on);
    button.title = off ? words.off : words.on;
    replace(button, icon(off ? `${words.icon}-off` : words.icon));
  };
  button.addEventListener("click", () => {
    call.setMuted(kind, !call.muted(kind));
    draw();
  });
  draw();
  return button;
}

/**
 * @param {LiveCall} call
 * @param {Opened} devices
 * @returns {HTMLElement}
 */
export function controls(call, devices) {
  const end = h("button.call-button.end", { type: "button" }, icon("hangup"), h("span", "End call"));
  end.addEventListener("click", async () => {
    end.disabled = true;
    end.setAttribute("aria-busy", "true");
    try {
      await call.end();
    } catch (error) {
      toastTrouble(error);
      end.disabled = false;
      end.removeAttribute("aria-busy");
    }
  });
  return controlBar(call, devices, end);
}

/**
 * A switch for each own track, and the ways out.
 * @param {Talk} call
 * @param {Opened} devices
 * @param {...import("../dom.js").Child} ways
 * @returns {HTMLElement}
 */
export function controlBar(call, { stream }, ...ways) {
  return h(
    "div.call-controls",
    { role: "group", ariaLabel: "Controls" },
    stream.getAudioTracks().length > 0 && switchButton(call, "audio"),
    stream.getVideoTracks().length > 0 && switchButton(call, "video"),
    ways,
  );
}

/**
 * Says what is wrong with the own devices, also when one is pulled out in the middle of the talk, and tries
 * again.
 * @param {Talk} call
 * @param {Opened} devices
 * @param {() => void} onMended
 * @returns {{node: HTMLElement, stop: () => void}}
 */
export function deviceBanner(call, devices, onMended) {
  const node = h("div", { role: "status" });
  /** @param {Opened} opened */
  const send = async (opened) => {
    for (const track of opened.stream.getTracks()) {
      const kind = /** @type {"audio" | "video"} */ (track.kind);
      const old = devices.stream.getTracks().find((one) => one.kind === kind);
      if (old?.readyState === "live") track.stop();
      else await call.setTrack(kind, track);
    }
  };
  const again = async () => {
    const opened = await openDevices();
    if (call.closed) return release(opened.stream);
    await send(opened).catch(toastTrouble);
    devices.faults = opened.faults;
    watch();
    draw();
    onMended();
  };
  const draw = () => {
    const words = deviceTrouble(devices.faults);
    if (!words) return replace(node);
    const heard = words.all ? " The other side neither sees nor hears you." : "";
    replace(
      node,
      h(
        "div.banner.warn",
        icon("warn"),
        h("div", h("strong", words.title), h("p", words.text + heard)),
        h("button.button.small", { type: "button", onclick: again }, "Try again"),
      ),
    );
  };
  const onEnded = (/** @type {Event} */ event) => {
    const { kind } = /** @type {MediaStreamTrack} */ (event.target);
    devices.faults = { ...devices.faults, [kind === "audio" ? "microphone" : "camera"]: "missing" };
    draw();
  };
  const watch = () => {
    for (const track of devices.stream.getTracks()) track.addEventListener("ended", onEnded);
  };
  watch();
  draw();
  return {
    node,
    stop() {
      for (const track of devices.stream.getTracks()) track.removeEventListener("ended", onEnded);
    },
  };
}
