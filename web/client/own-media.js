// @ts-check
/**
 * The own camera and microphone in a call. A track sends only if its owner wants it to and the call is not
 * paused: while paused both sides are covered (docs/decisions/0007-media-denied.md). A disabled track goes on
 * as silence or black frames, so that media can still be proven.
 */

/** @typedef {"audio" | "video"} Kind */

export class OwnMedia {
  #stream;
  /** @type {Record<Kind, boolean>} */
  #muted = { audio: false, video: false };
  #covered = false;

  /** @param {MediaStream} stream */
  constructor(stream) {
    this.#stream = stream;
  }

  get stream() {
    return this.#stream;
  }

  /** At most one of a kind is sent. @returns {MediaStreamTrack[]} */
  get tracks() {
    return [...this.#stream.getAudioTracks().slice(0, 1), ...this.#stream.getVideoTracks().slice(0, 1)];
  }

  get covered() {
    return this.#covered;
  }

  /** @param {boolean} covered */
  cover(covered) {
    this.#covered = covered;
    this.apply();
  }

  /** @param {Kind} kind */
  muted(kind) {
    return this.#muted[kind];
  }

  /**
   * @param {Kind} kind
   * @param {boolean} muted
   */
  setMuted(kind, muted) {
    this.#muted[kind] = muted;
    this.apply();
  }

  /**
   * @param {Kind} kind
   * @param {MediaStreamTrack | null} track
   */
  replace(kind, track) {
    for (const old of this.tracks) if (old.kind === kind && old !== track) this.#stream.removeTrack(old);
    if (track) this.#stream.addTrack(track);
    this.apply();
  }

  /** Bring the tracks in line, also those that were just added to the stream. */
  apply() {
    for (const track of this.tracks) {
      track.enabled = !this.#covered && !this.#muted[/** @type {Kind} */ (track.kind)];
    }
  }

  /** The call is over: tracks are their owner's again, for whatever comes next. */
  release() {
    this.#covered = false;
    this.#muted = { audio: false, video: false };
    this.apply();
  }
}
