// @ts-check
/**
 * One kind of error for everything that can go wrong between this client and a server.
 *
 * The server's own codes are listed in docs/reference.md ("Error codes"). The client adds:
 *
 * | code            | meaning                                                                   |
 * | --------------- | ------------------------------------------------------------------------- |
 * | `OFFLINE`       | the request did not reach the server, or its answer did not reach us      |
 * | `NO_ANSWER`     | no answer, or no acknowledgement, in time: whether it was done is unknown |
 * | `DISCONNECTED`  | the socket is not connected, or was lost before the acknowledgement       |
 * | `NOT_SIGNED_IN` | nobody is signed in in this tab                                           |
 * | `UNEXPECTED`    | what answered does not speak Rapport's contract                           |
 * | `MEDIA_FAILED`  | the browser's WebRTC refused a step; `cause` says which                   |
 */

/**
 * @typedef {object} Problem  what a refusal says, over HTTP (RFC 9457) and over a socket alike
 * @property {string} code
 * @property {string} [message]  one sentence for a person who reads English; a user interface maps `code`
 *   instead
 * @property {boolean} [retryable]  the very same request may succeed later
 * @property {Record<string, any>} [details]
 * @property {number} [retryAfterMs]
 * @property {number} [status]  of HTTP
 * @property {string} [requestId]  finds a fault of the server in its logs
 */

/** An answer that is not the one that was wanted. */
export class RapportError extends Error {
  /**
   * @param {Problem} problem
   * @param {unknown} [cause]
   */
  constructor(problem, cause) {
    super(problem.message || problem.code, cause === undefined ? undefined : { cause });
    this.name = "RapportError";
    this.code = problem.code;
    this.retryable = problem.retryable ?? false;
    this.details = problem.details ?? {};
    this.retryAfterMs = problem.retryAfterMs;
    this.status = problem.status;
    this.requestId = problem.requestId;
  }

  /**
   * Any error as one of ours.
   * @param {unknown} error
   * @param {string} [code]
   * @returns {RapportError}
   */
  static of(error, code = "UNEXPECTED") {
    if (error instanceof RapportError) return error;
    const message = error instanceof Error ? error.message : String(error);
    return new RapportError({ code, message }, error);
  }
}

/** @param {unknown} [cause] */
export function offline(cause) {
  const message = "The server cannot be reached.";
  return new RapportError({ code: "OFFLINE", message, retryable: true }, cause);
}

/** @param {string} what  a request or an event */
export function noAnswer(what) {
  const message = `${what} was not answered in time.`;
  return new RapportError({ code: "NO_ANSWER", message, retryable: true });
}

/** @param {string} [why]  the server's close code, if it gave one */
export function disconnected(why) {
  const details = why ? { closing: why } : {};
  const message = "The connection is lost.";
  return new RapportError({ code: "DISCONNECTED", message, retryable: true, details });
}

export function notSignedIn() {
  return new RapportError({ code: "NOT_SIGNED_IN", message: "Nobody is signed in in this tab." });
}
