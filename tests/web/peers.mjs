// Two peers and the server between them, in memory: RTCPeerConnections by the rules of JSEP (RFC 8829), and a
// relay with the rules of signaling/relay.py, signaling/seats.py and signaling/handshake.py. What it delivers
// takes time, and may be lost with a socket.

import { setImmediate as turn } from "node:timers/promises";

import { refusal } from "./support.mjs";

/** The same numbers for the same seed: https://prng.di.unimi.it/splitmix64.c, in 32 bits. */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}

function field(description, name) {
  return new RegExp(`^a=${name}:(.*)$`, "m").exec(description?.sdp ?? "")?.[1];
}

export class FakePeerConnection {
  static #made = 0;
  signalingState = "stable";
  connectionState = "new";
  onicecandidate = null;
  onnegotiationneeded = null;
  #session = (FakePeerConnection.#made += 1);
  #version = 0;
  #ufrags = 0;
  #restart = false;
  #current = { local: null, remote: null };
  #pending = { local: null, remote: null };
  #transceivers = [];
  /** What a browser would have refused. */
  static faults = [];

  get localDescription() {
    return this.#pending.local ?? this.#current.local;
  }

  get remoteDescription() {
    return this.#pending.remote ?? this.#current.remote;
  }

  get current() {
    return this.#current;
  }

  getTransceivers() {
    return this.#transceivers;
  }

  restartIce() {
    this.#restart = true;
    setImmediate(() => this.onnegotiationneeded?.());
  }

  async setLocalDescription(description) {
    await turn();
    this.#usable();
    if (description?.type === "rollback") return this.#rollback();
    if (this.signalingState === "have-remote-offer") this.#answer();
    else this.#offer();
    const ufrag = field(this.localDescription, "ice-ufrag");
    for (const number of [1, 2]) {
      const candidate = { candidate: `candidate:${number}`, sdpMid: "0", usernameFragment: ufrag };
      setImmediate(() => this.onicecandidate?.({ candidate: { ...candidate, toJSON: () => candidate } }));
    }
  }

  async setRemoteDescription(description) {
    await turn();
    this.#usable();
    const known = this.#current.remote;
    const another = known && field(known, "session") !== field(description, "session");
    if (another) this.#fault("another session");
    if (description.type === "offer") {
      if (this.signalingState === "have-local-offer") this.#rollback();
      this.#pending.remote = description;
      this.signalingState = "have-remote-offer";
      return;
    }
    if (this.signalingState !== "have-local-offer") this.#fault("an answer to nothing");
    this.#current = { local: this.#pending.local, remote: description };
    this.#pending = { local: null, remote: null };
    this.signalingState = "stable";
  }

  async addIceCandidate({ usernameFragment }) {
    await turn();
    this.#usable();
    if (!this.remoteDescription) this.#fault("a candidate before a description");
    const known = field(this.remoteDescription, "ice-ufrag");
    if (usernameFragment !== known) this.#fault("a candidate of another offer");
  }

  close() {
    this.signalingState = this.connectionState = "closed";
  }

  #offer() {
    if (this.#restart || this.#ufrags === 0) this.#ufrags += 1;
    this.#pending.local = this.#description("offer");
    this.signalingState = "have-local-offer";
  }

  #answer() {
    const known = field(this.#current.remote, "ice-ufrag");
    if (this.#ufrags === 0 || known !== field(this.#pending.remote, "ice-ufrag")) this.#ufrags += 1;
    this.#restart = false;
    const { remote } = this.#pending;
    this.#current = { local: this.#description("answer", remote), remote };
    this.#pending = { local: null, remote: null };
    this.signalingState = "stable";
  }

  #rollback() {
    if (this.signalingState !== "have-local-offer") this.#fault(`a rollback in ${this.signalingState}`);
    this.#pending = { local: null, remote: null };
    this.signalingState = "stable";
  }

  #description(type, answered) {
    this.#version += 1;
    const lines = [
      "v=0",
      `o=- ${this.#session} ${this.#version} IN IP4 127.0.0.1`,
      `a=session:${this.#session}`,
      `a=ice-ufrag:u${this.#session}.${this.#ufrags}`,
      ...(answered ? [`a=answers:${field(answered, "ice-ufrag")}`] : []),
    ];
    return { type, sdp: `${lines.join("\r\n")}\r\n`.replaceAll("\r", "") };
  }

  #usable() {
    if (this.signalingState === "closed") throw new DOMException("closed", "InvalidStateError");
  }

  #fault(what) {
    FakePeerConnection.faults.push(what);
    throw new DOMException(what, "InvalidStateError");
  }
}

/** Whether media would flow: each has what the other says of itself now. */
export function connected(one, two) {
  if (!one || !two || one.signalingState !== "stable" || two.signalingState !== "stable") return false;
  const ufrag = (description) => field(description, "ice-ufrag");
  return (
    ufrag(one.current.local) !== undefined &&
    ufrag(one.current.remote) === ufrag(two.current.local) &&
    ufrag(two.current.remote) === ufrag(one.current.local)
  );
}

/** Legal descriptions by signaling state, as in signaling/relay.py. */
const SENT = {
  "unknown offer": "local", "unknown answer": "stable", "stable offer": "local", "local offer": "local",
  "remote offer": "glare", "remote answer": "stable", "glare offer": "glare", "glare answer": "stable",
};
const RECEIVED = {
  "unknown offer": "remote", "unknown answer": "stable", "stable offer": "remote", "local offer": "glare",
  "local answer": "stable", "glare answer": "stable",
};

/** The server between two sides of one call. */
export class Relay {
  epoch = 0;
  /** Signals that found no way. */
  refused = [];
  #seats = { caller: null, callee: null };
  #delay;

  /** @param {() => number} delay  turns of the event loop that a delivery takes */
  constructor(delay = () => 1) {
    this.#delay = delay;
  }

  /** The handshake; the generation. */
  join(side, hear, { resume = false } = {}) {
    const old = this.#seats[side];
    if (old && !resume) this.epoch += 1;
    if (old) old.hear = null;
    const state = resume ? "unknown" : "stable";
    const seat = { side, hear, epoch: this.epoch, state, described: resume, kept: [] };
    seat.line = Promise.resolve();
    this.#seats[side] = seat;
    const other = this.#other(seat);
    if (other) {
      this.#begin(other, this.epoch);
      this.#later(() => other.hear?.({ joined: this.epoch }));
      for (const signal of other.kept.splice(0)) this.#deliver(other, seat, signal);
    }
    return seat;
  }

  /** The socket is lost, with all that was on its way to it. */
  leave(seat) {
    seat.hear = null;
  }

  async signal(seat, epoch, signal) {
    await this.#pause();
    const gone = seat.hear === null || this.#seats[seat.side] !== seat;
    if (gone) throw refusal("DISCONNECTED", { retryable: true });
    this.#judge(seat, epoch, signal);
    const other = this.#other(seat);
    if (other?.hear) this.#deliver(seat, other, { epoch, ...signal });
    else seat.kept.push({ epoch, ...signal });
    await this.#pause();
    if (seat.hear === null) throw refusal("DISCONNECTED", { retryable: true });
  }

  #judge(seat, epoch, { description }) {
    if (epoch === seat.epoch + 1 && epoch === this.epoch + 1 && description?.type === "offer") {
      this.epoch = epoch;
      this.#begin(seat, epoch);
    } else if (epoch !== seat.epoch || epoch !== this.epoch) {
      throw refusal("STALE_EPOCH", { details: { epoch: Math.max(this.epoch, seat.epoch) } });
    }
    if (!description) {
      if (!seat.described) throw refusal("ILLEGAL_SIGNAL");
      return;
    }
    const after = SENT[`${seat.state} ${description.type}`];
    const polite = seat.side === "callee";
    if (!after || (seat.state === "glare" && description.type === "answer" && !polite)) {
      this.refused.push(`${description.type} in ${seat.state}`);
      throw refusal("ILLEGAL_SIGNAL");
    }
    seat.state = after;
    seat.described = true;
  }

  #deliver(from, to, signal) {
    to.line = to.line.then(async () => {
      await this.#pause();
      if (to.hear === null) return;
      if (signal.epoch < to.epoch) return;
      this.#begin(to, signal.epoch);
      if (signal.description) to.state = RECEIVED[`${to.state} ${signal.description.type}`] ?? to.state;
      to.hear({ signal });
    });
  }

  #begin(seat, epoch) {
    if (epoch <= seat.epoch) return;
    Object.assign(seat, { epoch, state: "stable", described: false, kept: [] });
  }

  #other(seat) {
    return this.#seats[seat.side === "caller" ? "callee" : "caller"];
  }

  async #later(work) {
    await this.#pause();
    work();
  }

  async #pause() {
    for (let left = this.#delay(); left > 0; left -= 1) await turn();
  }
}
