// @ts-check
/**
 * Perfect negotiation (https://w3c.github.io/webrtc-pc/#perfect-negotiation-example), over generations.
 *
 * When two offers cross, the impolite side (the caller) ignores the other's, and the polite one (the callee)
 * takes its own back and answers. On top of the W3C's pattern come our *epochs*
 * (docs/decisions/0011-ice-generations.md): an ICE restart is an offer of the next epoch, and what belongs to
 * an older one is void. Of two who restart at once the first wins; the other is told STALE_EPOCH, takes its
 * offer back and waits for the winner's.
 *
 * A side that lost its connection (a reload, another device) sits down anew, which raises the epoch too; then
 * we need a new connection as well. An offer says by itself which of the two it is: the session id in its
 * `o=` line is that of one RTCPeerConnection for life (RFC 8829, section 5.2.1).
 */

import { RapportError } from "./errors.js";
import { SignalOutbox } from "./signal-outbox.js";

/** @typedef {import("./signal-outbox.js").Signal} Signal */

/** An offer that has no answer by then is sent again: one of the two got lost with a socket. */
const ANSWER_MS = 3_000;

/**
 * @typedef {object} NegotiatorParts
 * @property {boolean} polite
 * @property {number} epoch
 * @property {(offering: boolean) => RTCPeerConnection} connect  a new connection with our tracks on it;
 *   `offering`: it makes the first offer, so what it wants to receive must be on it too
 * @property {(epoch: number, signal: Signal) => Promise<unknown>} send  rejects with the server's refusal
 * @property {(error: RapportError) => void} onTrouble
 */

export class Negotiator {
  #parts;
  #epoch;
  /** @type {RTCPeerConnection | null} */
  #connection = null;
  #outbox;
  /** The newest epoch that the server is known to have: ours is this one, or the next, on its way. */
  #agreed;
  /** We know that a newer epoch began, but not yet with what. */
  #uncertain = false;
  /** The other side's offer that we, impolite, passed over. @type {RTCSessionDescriptionInit | null} */
  #ignored = null;
  /** Whether a description of the other side was applied in this epoch. */
  #described = false;
  /** @type {RTCIceCandidateInit[]} */
  #early = [];
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #repeating;

  /** @param {NegotiatorParts} parts */
  constructor(parts) {
    this.#parts = parts;
    this.#epoch = this.#agreed = parts.epoch;
    this.#outbox = new SignalOutbox({
      send: parts.send,
      onTaken: (epoch) => (this.#agreed = Math.max(this.#agreed, epoch)),
      onStale: (epoch) => this.#turn(() => this.#stale(epoch)),
      onTrouble: parts.onTrouble,
    });
    this.#outbox.begin(parts.epoch);
  }

  /** The ICE generation. */
  get epoch() {
    return this.#epoch;
  }

  /** The present connection; another object after the other side sat down anew. */
  get connection() {
    return this.#connection;
  }

  /** Whether we began a generation that the server does not know of yet. */
  get #raised() {
    return this.#epoch > this.#agreed;
  }

  /** Whether an offer of ours waits for its answer. */
  get unanswered() {
    return this.#connection?.signalingState === "have-local-offer";
  }

  /** Both may offer; so that they need not cross, the impolite side does, and the polite one waits. */
  begin() {
    return this.#turn(async () => {
      if (!this.#parts.polite && !this.#connection) await this.#offer();
    });
  }

  /** ICE restart: the same connection, in the next generation. */
  restart() {
    return this.#turn(async () => {
      if (this.#raised) return; // it is on its way already
      this.#enter(this.#epoch + 1);
      this.#connection?.restartIce();
      await this.#offer();
    });
  }

  /** A new connection, in the next generation: when restarting ICE was of no use. */
  renew() {
    return this.#turn(() => this.#renew());
  }

  /**
   * The other side took its seat.
   * @param {number} epoch  unchanged if it resumed a connection that survived
   */
  peerJoined(epoch) {
    return this.#turn(async () => {
      this.#agreed = Math.max(this.#agreed, epoch);
      if (epoch < this.#epoch) return;
      // Else it resumed the connection that it had; whatever it missed is said again in time.
      if (epoch > this.#epoch || this.#uncertain) await this.#newer(epoch);
    });
  }

  /**
   * We took our seat again, with the connection we had.
   * @param {number} epoch  higher if something happened while we were away
   */
  resumed(epoch) {
    return this.#turn(async () => {
      this.#outbox.resume();
      this.#agreed = Math.max(this.#agreed, epoch);
      // The news of what began may have been lost with the socket.
      if (epoch > this.#epoch || (epoch === this.#epoch && this.#uncertain)) await this.#newer(epoch);
    });
  }

  /** Our seat is lost: say nothing until {@link resumed}. */
  unseated() {
    this.#outbox.pause();
  }

  /**
   * Take what the other side sent.
   * @param {number} epoch
   * @param {{description?: RTCSessionDescriptionInit | null, candidate?: RTCIceCandidateInit | null}} signal
   */
  receive(epoch, { description, candidate }) {
    return this.#turn(async () => {
      if (epoch < this.#epoch) return;
      if (epoch > this.#epoch) await this.#follow(epoch);
      this.#agreed = epoch;
      if (description) await this.#describe(description);
      else if (candidate) await this.#candidate(candidate);
    });
  }

  /** Let the connection go, for good. */
  close() {
    this.#closed = true;
    clearTimeout(this.#repeating);
    this.#outbox.close();
    this.#drop();
  }

  // --- in turn ---------------------------------------------------------------------------------------------

  /**
   * One step at a time: a step that waits for the browser must not be overtaken.
   * @param {() => Promise<void>} step
   * @returns {Promise<void>}
   */
  #turn(step) {
    const turn = this.#last.then(async () => {
      if (this.#closed) return;
      try {
        await step();
      } catch (error) {
        if (!this.#closed) this.#parts.onTrouble(RapportError.of(error, "MEDIA_FAILED"));
      }
    });
    this.#last = turn;
    return turn;
  }

  async #offer() {
    const connection = this.#present(true);
    // Without an argument the browser makes the offer at that very moment (W3C webrtc-pc, section 4.4.1.5).
    await connection.setLocalDescription();
    this.#sayOffer(connection);
  }

  /** Say an offer, and again until it is answered. @param {RTCPeerConnection} connection */
  #sayOffer(connection) {
    clearTimeout(this.#repeating);
    if (this.#closed || connection !== this.#connection || !this.unanswered) return;
    this.#outbox.describe(() => (this.unanswered ? connection.localDescription : null));
    this.#repeating = setTimeout(() => this.#turn(async () => this.#sayOffer(connection)), ANSWER_MS);
  }

  /** @param {RTCSessionDescriptionInit} description */
  async #describe(description) {
    const offered = description.type === "offer";
    if (!offered && !this.unanswered) {
      // To an offer that we repeated. From another connection than the first answer: that one is gone.
      if (this.#ofAnother(description)) await this.#renew();
      return;
    }
    this.#ignored = offered && this.unanswered && !this.#parts.polite ? description : null;
    if (this.#ignored) return;
    this.#uncertain = false;
    if (this.#ofAnother(description)) {
      if (!offered) return this.#renew();
      this.#drop();
    }
    if (offered) await this.#answer(description);
    else await this.#present(true).setRemoteDescription(description);
    this.#described = true;
    for (const candidate of this.#early.splice(0)) await this.#candidate(candidate);
  }

  /** @param {RTCSessionDescriptionInit} offer */
  async #answer(offer) {
    await this.#giveUp();
    const connection = this.#present(false);
    await connection.setRemoteDescription(offer);
    for (const transceiver of connection.getTransceivers()) {
      // Left over from an offer that was rolled back; the other side's own section for the same is there now.
      if (transceiver.mid === null) transceiver.stop();
    }
    await connection.setLocalDescription();
    this.#outbox.describe(() => connection.localDescription);
  }

  /** @param {RTCIceCandidateInit} candidate */
  async #candidate(candidate) {
    const connection = this.#connection;
    if (!connection || !this.#described || this.#ignored) {
      this.#early.push(candidate);
      return;
    }
    // Of a description that its sender rolled back.
    const ufrag = candidate.usernameFragment;
    if (ufrag && !connection.remoteDescription?.sdp.includes(`a=ice-ufrag:${ufrag}`)) return;
    await connection.addIceCandidate(candidate);
  }

  /** @param {number} epoch  the present one, which our offer is not of */
  async #stale(epoch) {
    if (epoch < this.#epoch || (epoch === this.#epoch && !this.unanswered)) return;
    this.#agreed = epoch;
    const [offer, early] = epoch === this.#epoch ? [this.#ignored, this.#early] : [null, []];
    await this.#follow(epoch);
    this.#early = early;
    // Whoever was first has an offer, or the news that it sits down anew, on its way to us; or it is here.
    if (offer) await this.#describe(offer);
  }

  /**
   * The other side began a newer generation: most likely it sits there anew, with nothing. Then the polite
   * side gets an offer, which says what it belongs to; the other has to make one.
   * @param {number} epoch
   */
  async #newer(epoch) {
    if (this.#parts.polite) await this.#follow(epoch);
    else await this.#anew(epoch);
  }

  async #renew() {
    if (!this.#raised) await this.#anew(this.#epoch + 1);
  }

  /**
   * A new connection for a new generation.
   * @param {number} epoch
   */
  async #anew(epoch) {
    this.#drop();
    this.#enter(epoch);
    await this.#offer();
  }

  /**
   * The other side began this generation; with what, we shall see.
   * @param {number} epoch
   */
  async #follow(epoch) {
    await this.#giveUp();
    this.#enter(epoch);
    this.#uncertain = true;
  }

  /** @param {number} epoch */
  #enter(epoch) {
    this.#epoch = epoch;
    this.#outbox.begin(epoch);
    this.#early = [];
    this.#ignored = null;
    this.#described = this.#uncertain = false;
  }

  /**
   * Take an offer of ours back. The W3C's way is a rollback. But in Chromium (156), a rollback in a
   * connection that carries video may leave its track without pictures for good, although they are received:
   * then it is better to make a new connection, which costs the other side one, too.
   */
  async #giveUp() {
    const connection = this.#connection;
    if (connection?.signalingState !== "have-local-offer") return;
    if (connection.remoteDescription) this.#drop();
    else await connection.setLocalDescription({ type: "rollback" });
  }

  /** @param {RTCSessionDescriptionInit} description */
  #ofAnother({ sdp = "" }) {
    const known = this.#connection?.remoteDescription;
    return known ? sessionOf(known.sdp) !== sessionOf(sdp) : false;
  }

  /**
   * @param {boolean} offering
   * @returns {RTCPeerConnection}
   */
  #present(offering) {
    if (this.#connection) return this.#connection;
    const connection = this.#parts.connect(offering);
    this.#connection = connection;
    connection.onicecandidate = ({ candidate }) => {
      // null says only that gathering is complete; the end of candidates is one with an empty text.
      if (candidate && connection === this.#connection) {
        this.#outbox.trickle({ ...candidate.toJSON(), candidate: candidate.candidate });
      }
    };
    connection.onnegotiationneeded = () => this.#turn(() => this.#needed(connection));
    return connection;
  }

  /** A track came or went in the middle of the call. @param {RTCPeerConnection} connection */
  async #needed(connection) {
    const begun = connection === this.#connection && connection.remoteDescription !== null;
    if (begun && !this.#uncertain && connection.signalingState === "stable") await this.#offer();
  }

  #drop() {
    const connection = this.#connection;
    this.#connection = null;
    if (!connection) return;
    connection.onicecandidate = connection.onnegotiationneeded = null;
    connection.close();
  }
}

/**
 * User name and session id of the `o=` line (RFC 8866, section 5.2).
 * @param {string} sdp
 */
function sessionOf(sdp) {
  return /^o=(\S+ \S+)/m.exec(sdp)?.[1];
}
