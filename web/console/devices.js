// @ts-check
// Camera and microphone: asking for them, and saying in words why one is not to be had. Either of the two is
// enough.

/**
 * @typedef {"camera" | "microphone"} Kind
 * @typedef {"denied" | "blocked" | "missing" | "in_use" | "insecure" | "failed"} Fault
 *
 * @typedef {object} Opened
 * @property {MediaStream} stream  what there is; without tracks if there is nothing
 * @property {{[kind in Kind]?: Fault}} faults  what is missing, and why
 *
 * @typedef {{camera?: string, microphone?: string}} Choice  device ids
 */

const CHOICE = "rapport.devices";
/** @type {Kind[]} */
const KINDS = ["camera", "microphone"];

/** @type {{[kind in Kind]: (id?: string) => MediaStreamConstraints}} */
const WANTED = {
  camera: (id) => ({
    video: { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...exactly(id) },
  }),
  microphone: (id) => ({
    audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, ...exactly(id) },
  }),
};

/** @param {string | undefined} id */
function exactly(id) {
  return id ? { deviceId: { exact: id } } : {};
}

/**
 * Open camera and microphone, as far as there are any.
 * @param {Choice} [choice]  by default what was chosen last
 * @returns {Promise<Opened>}
 */
export async function openDevices(choice = chosen()) {
  if (!navigator.mediaDevices?.getUserMedia) return nothing("insecure");
  try {
    // One question for both, where a browser asks.
    const wanted = { ...WANTED.camera(choice.camera), ...WANTED.microphone(choice.microphone) };
    return { stream: await navigator.mediaDevices.getUserMedia(wanted), faults: {} };
  } catch {
    return oneByOne(choice);
  }
}

/** @param {Choice} choice */
async function oneByOne(choice) {
  const stream = new MediaStream();
  /** @type {Opened["faults"]} */
  const faults = {};
  for (const kind of KINDS) {
    try {
      for (const track of await openOne(kind, choice[kind])) stream.addTrack(track);
    } catch (error) {
      faults[kind] = faultOf(error);
    }
  }
  return { stream, faults };
}

/**
 * @param {Kind} kind
 * @param {string | undefined} id
 * @returns {Promise<MediaStreamTrack[]>}
 */
async function openOne(kind, id) {
  try {
    return (await navigator.mediaDevices.getUserMedia(WANTED[kind](id))).getTracks();
  } catch (error) {
    // The chosen one was unplugged: any other will do.
    if (id && error instanceof DOMException && error.name === "OverconstrainedError")
      return openOne(kind, undefined);
    throw error;
  }
}

/**
 * @param {Fault} fault
 * @returns {Opened}
 */
function nothing(fault) {
  return { stream: new MediaStream(), faults: { camera: fault, microphone: fault } };
}

/**
 * https://w3c.github.io/mediacapture-main/#dom-mediadevices-getusermedia
 * @param {unknown} error
 * @returns {Fault}
 */
function faultOf(error) {
  if (!(error instanceof DOMException)) return "failed";
  switch (error.name) {
    case "NotAllowedError":
      return /system/i.test(error.message) ? "blocked" : "denied";
    case "NotFoundError":
      return "missing";
    case "NotReadableError":
    case "AbortError":
      return "in_use";
    case "SecurityError":
      return "insecure";
    default:
      return "failed";
  }
}

/** @type {{[fault in Fault]: (what: string) => {title: string, text: string}}} */
const WORDS = {
  denied: (what) => ({
    title: `This page may not use your ${what}`,
    text: "Click the sign at the left of the address, allow it there, then try again.",
  }),
  blocked: (what) => ({
    title: `Your system keeps the ${what} from the browser`,
    text: "Allow the browser to use it in the privacy settings of your system, then try again.",
  }),
  missing: (what) => ({ title: `No ${what} found`, text: "Plug one in, or switch it on, then try again." }),
  in_use: (what) => ({
    title: `The ${what} cannot be opened`,
    text: "Another program seems to use it. Close that one, then try again.",
  }),
  insecure: () => ({
    title: "Browsers give no camera to this address",
    text: "They need https, or localhost on this machine. Open the console at such an address.",
  }),
  failed: (what) => ({
    title: `The ${what} does not start`,
    text: "Unplug it and plug it in again, then try again.",
  }),
};

/**
 * What is missing, in one sentence and a way on; null if nothing is.
 * @param {Opened["faults"]} faults
 * @returns {{title: string, text: string, all: boolean} | null}  `all`: neither camera nor microphone
 */
export function deviceTrouble(faults) {
  const { camera, microphone } = faults;
  const all = Boolean(camera && microphone);
  if (camera && camera === microphone) {
    return { ...WORDS[camera](camera === "missing" ? "camera or microphone" : "camera and microphone"), all };
  }
  if (camera && microphone) {
    const [one, other] = [WORDS[camera]("camera"), WORDS[microphone]("microphone")];
    return { title: `${one.title}; ${lower(other.title)}`, text: one.text, all };
  }
  if (camera) return { ...WORDS[camera]("camera"), all };
  return microphone ? { ...WORDS[microphone]("microphone"), all } : null;
}

/** @param {string} text */
function lower(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/**
 * What can be chosen from; names are known once permission is given.
 * @returns {Promise<{[kind in Kind]: MediaDeviceInfo[]}>}
 */
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  return {
    camera: all.filter((one) => one.kind === "videoinput" && one.deviceId),
    microphone: all.filter((one) => one.kind === "audioinput" && one.deviceId),
  };
}

/** What this browser used last. @returns {Choice} */
export function chosen() {
  try {
    return JSON.parse(localStorage.getItem(CHOICE) ?? "{}");
  } catch {
    return {};
  }
}

/** @param {Choice} choice */
export function choose(choice) {
  localStorage.setItem(CHOICE, JSON.stringify({ ...chosen(), ...choice }));
}

/** The light of the camera goes out. @param {MediaStream | null | undefined} stream */
export function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/**
 * How loud a microphone is, 0 to 1, several times a second.
 * @param {MediaStream} stream
 * @param {(level: number) => void} show
 * @returns {() => void} stops it
 */
export function listen(stream, show) {
  if (stream.getAudioTracks().length === 0) return () => {};
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 512, smoothingTimeConstant: 0.5 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, one) => sum + one * one, 0) / samples.length;
    // Speech lies between -50 and -10 dB.
    const decibel = 10 * Math.log10(power || 1e-9);
    show(Math.min(1, Math.max(0, (decibel + 50) / 40)));
  }, 80);
  return () => {
    clearInterval(timer);
    void context.close();
  };
}
