// @ts-check
/**
 * The media between the two sides of a call or session: negotiates it, proves it, measures it, and mends it.
 *
 * Events: `remote` (MediaStream), `connection` ({state}), `quality` (Sample), `trouble` (RapportError), and
 * `gone`: the server says that it is over.
 */

import { Emitter } from "./emitter.js";
import { RapportError } from "./errors.js";
import { MediaProof } from "./media-proof.js";
import { Negotiator } from "./negotiation.js";
import { countersOf, sampleOf } from "./quality.js";
import { Recovery } from "./recovery.js";

/** @import { RelayedSignal } from "./types.d.ts" */
/** @typedef {import("./seat.js").Snapshot} Snapshot */
/** @typedef {import("./own-media.js").Kind} Kind */
/**
 * @typedef {object} Events
 * @property {MediaStream} remote
 * @property {{state: RTCPeerConnectionState}} connection
 * @property {import("./quality.js").Sample} quality
 * @property {RapportError} trouble
 * @property {undefined} gone
 */

const KINDS = /** @type {const} */ (["audio", "video"]);
const WATCH_EVERY_MS = 500;
const SAMPLE_EVERY_MS = 5_000;
/** Credentials for relays live for an hour at most; a restart with old ones would find none. */
const CREDENTIALS_MS = 45 * 60_000;

/** @extends {Emitter<Events>} */
export class MediaLink extends Emitter {
  #seat;
  #own;
  #rtc;
  #now;
  /** The same object for the whole call, whatever connections come and go. */
  #remote;
  /** @type {Negotiator | null} */
  #negotiator = null;
  /** @type {Recovery | null} */
  #recovery = null;
  #proof;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #iceServersAt = 0;
  #peerPresent = false;
  /** @type {Map<Kind, RTCRtpSender>} */
  #senders = new Map();
  /** @type {{connection: RTCPeerConnection, counters: import("./quality.js").Counters} | null} */
  #measured = null;
  /** @type {ReturnType<typeof setInterval>[]} */
  #timers = [];

  /**
   * @param {object} parts
   * @param {import("./seat.js").Seat<any>} parts.seat
   * @param {import("./own-media.js").OwnMedia} parts.own
   * @param {(configuration: RTCConfiguration) => RTCPeerConnection} [parts.rtc]
   * @param {() => number} parts.now
   */
  constructor({ seat, own, rtc = (configuration) => new RTCPeerConnection(configuration), now }) {
    super();
    this.#seat = seat;
    this.#own = own;
    this.#rtc = rtc;
    this.#now = now;
    this.#remote = new MediaStream();
    this.#proof = new MediaProof({
      connection: () => this.#present(),
      report: (epoch, state) => this.#report(epoch, state),
      now,
    });
    seat.on("lost", () => this.#lost());
  }

  get remote() {
    return this.#remote;
  }

  /** Whether there is something that a new socket could go on with. */
  get begun() {
    return this.#negotiator !== null;
  }

  /**
   * The seat is taken, for the first time or again.
   * @param {Snapshot} snapshot
   */
  joined(snapshot) {
    const { polite, epoch, proofIntervalMs, peerPresent } = snapshot;
    this.#takeServers(snapshot);
    this.#peerPresent = peerPresent;
    this.#proof.seated(proofIntervalMs);
    if (this.#negotiator) {
      this.nudge();
      this.#negotiator.resumed(epoch);
      return;
    }
    this.#recovery = new Recovery(polite);
    this.#negotiator = new Negotiator({
      polite,
      epoch,
      connect: (offering) => this.#connect(offering),
      send: (at, signal) => this.#seat.signal(at, signal),
      onTrouble: (error) => this.emit("trouble", error),
    });
    this.#proof.start();
    this.#timers = [
      setInterval(() => this.#watch(), WATCH_EVERY_MS),
      setInterval(() => this.#sample(), SAMPLE_EVERY_MS),
    ];
    this.#negotiator.begin();
  }

  /** @param {RelayedSignal} signal */
  receive({ epoch, description, candidate }) {
    // What a server relays is a W3C description by contract; a browser refuses anything else.
    const said = /** @type {RTCSessionDescriptionInit | null | undefined} */ (description);
    return this.#negotiator?.receive(epoch, { description: said, candidate });
  }

  /** @param {number} epoch */
  peerJoined(epoch) {
    this.#peerPresent = true;
    this.#negotiator?.peerJoined(epoch);
  }

  peerLeft() {
    this.#peerPresent = false;
  }

  /** If media does not flow now, it will not by itself. */
  nudge() {
    this.#recovery?.nudge(this.#now());
  }

  /** ICE restart. */
  async restart() {
    if (this.#iceServers.length > 0 && this.#now() - this.#iceServersAt > CREDENTIALS_MS) {
      this.#takeServers(await this.#seat.refresh());
    }
    await this.#negotiator?.restart();
  }

  /**
   * Send a track instead of what was sent of its kind.
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  async send(kind, track) {
    const sender = this.#senders.get(kind);
    const connection = this.#negotiator?.connection;
    if (sender) await sender.replaceTrack(track);
    // The first of its kind: the browser asks for a negotiation.
    else if (track && connection) this.#senders.set(kind, connection.addTrack(track, this.#own.stream));
  }

  /** Give everything back. */
  close() {
    for (const timer of this.#timers) clearInterval(timer);
    this.#proof.stop();
    this.#negotiator?.close();
    for (const track of this.#remote.getTracks()) this.#remote.removeTrack(track);
  }

  // --- the connection --------------------------------------------------------------------------------------

  /** @param {boolean} offering */
  #connect(offering) {
    // An explicit list, also when it is empty: relays come from the server, and from nobody else.
    const connection = this.#rtc({ iceServers: this.#iceServers, bundlePolicy: "max-bundle" });
    this.#senders.clear();
    for (const track of this.#own.tracks) {
      this.#senders.set(/** @type {Kind} */ (track.kind), connection.addTrack(track, this.#own.stream));
    }
    // Who has no camera wants to see all the same. An answer needs no such thing: the offer has the section.
    for (const kind of offering ? KINDS : []) {
      if (!this.#senders.has(kind)) connection.addTransceiver(kind, { direction: "recvonly" });
    }
    connection.ontrack = ({ track }) => this.#attend(track);
    connection.onconnectionstatechange = () => {
      if (connection !== this.#negotiator?.connection) return;
      this.emit("connection", { state: connection.connectionState });
    };
    return connection;
  }

  /** @param {MediaStreamTrack} track */
  #attend(track) {
    for (const old of this.#remote.getTracks()) {
      if (old.kind === track.kind && old !== track) this.#remote.removeTrack(old);
    }
    this.#remote.addTrack(track);
    this.emit("remote", this.#remote);
  }

  /** @param {Snapshot} snapshot */
  #takeServers(snapshot) {
    const iceServers = snapshot.iceServers.map(serverOf);
    this.#iceServers = iceServers;
    this.#iceServersAt = this.#now();
    // Counts from the next ICE restart on (W3C webrtc-pc, section 4.4.1.6).
    const connection = this.#negotiator?.connection;
    if (iceServers.length > 0) connection?.setConfiguration({ iceServers, bundlePolicy: "max-bundle" });
  }

  #lost() {
    this.#proof.unseated();
    this.#negotiator?.unseated();
  }

  // --- proof, quality, recovery ----------------------------------------------------------------------------

  #present() {
    return { epoch: this.#negotiator?.epoch ?? -1, connection: this.#negotiator?.connection ?? null };
  }

  /**
   * @param {number} epoch
   * @param {import("./media-proof.js").MediaState} state
   */
  async #report(epoch, state) {
    try {
      await this.#seat.reportMedia(epoch, state);
    } catch (error) {
      if (RapportError.of(error).code === "GONE") this.emit("gone", undefined);
      throw error;
    }
  }

  async #watch() {
    const { epoch, connection } = this.#present();
    const together = this.#seat.seated && this.#peerPresent;
    const state = connection?.connectionState ?? null;
    const facts = { now: this.#now(), epoch, connection: state, grewAt: this.#proof.grewAt, together };
    const what = this.#recovery?.decide(facts);
    try {
      if (what === "restart") await this.restart();
      else if (what === "renew") await this.#negotiator?.renew();
    } catch (error) {
      this.emit("trouble", RapportError.of(error));
    }
  }

  async #sample() {
    const { connection } = this.#present();
    if (!connection || connection.connectionState !== "connected") return;
    const counters = countersOf((await connection.getStats()).values(), this.#now());
    const before = this.#measured;
    this.#measured = { connection, counters };
    if (before?.connection !== connection) return;
    const sample = sampleOf(before.counters, counters);
    this.emit("quality", sample);
    if (!this.#seat.seated) return;
    try {
      await this.#seat.reportQuality(sample);
    } catch {
      // A sample is worth nothing later.
    }
  }
}

/**
 * W3C's form has no null.
 * @param {import("./types.d.ts").IceServer} server
 * @returns {RTCIceServer}
 */
function serverOf({ urls, username, credential }) {
  return { urls, username: username ?? undefined, credential: credential ?? undefined };
}
