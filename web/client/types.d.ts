// Made by `make docs` out of asyncapi.json and openapi.json; a test fails when it and the code differ.
//
// Instants are RFC 3339 strings in UTC, money is in minor units, identifiers are 24 hexadecimal digits.

/** Why something was refused. */
export type ErrorCode =
  | "ACCOUNT_LOCKED"
  | "ACCOUNT_SUSPENDED"
  | "ACCOUNT_UNVERIFIED"
  | "ALREADY_REGISTERED"
  | "ANSWERED_ELSEWHERE"
  | "BAD_CREDENTIALS"
  | "BLOCKED"
  | "CALENDAR_PRIVATE"
  | "CALL_OPEN"
  | "COACH_BUSY"
  | "COACH_OFFLINE"
  | "CODE_INVALID"
  | "CODE_USED_UP"
  | "EMAIL_TAKEN"
  | "FORBIDDEN"
  | "GONE"
  | "GROUP_FULL"
  | "ILLEGAL_SIGNAL"
  | "ILLEGAL_STATE"
  | "INTERNAL"
  | "INVALID_PAYLOAD"
  | "LINK_INVALID"
  | "METHOD_NOT_ALLOWED"
  | "NOT_FOUND"
  | "NOT_JOINED"
  | "NO_PAYMENT_METHOD"
  | "ORIGIN_REFUSED"
  | "OWN_ACCOUNT"
  | "PAYLOAD_TOO_LARGE"
  | "PAYMENT_REFUSED"
  | "RATE_LIMITED"
  | "SLOT_TAKEN"
  | "STALE_EPOCH"
  | "TOKEN_EXPIRED"
  | "TOKEN_REUSED"
  | "TOO_EARLY"
  | "TOO_LATE"
  | "TOO_MANY_CONNECTIONS"
  | "TOO_MANY_UNPAID_BOOKINGS"
  | "UNAUTHENTICATED"
  | "UNAVAILABLE"
  | "UNKNOWN_EVENT"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "VERSION_MISMATCH"
  | "VERSION_REQUIRED";

/** Why the server closes a socket. */
export type ClosingCode =
  | "token_expired"
  | "revoked"
  | "slow_consumer"
  | "no_namespace"
  | "seat_taken"
  | "draining"
  | "unavailable"
  | "too_many_refusals"
  | "protocol_error";

/** The number of a wish for overtime. */
export interface Asked {
  number: number;
}

export interface Auth {
  /** access token */
  token: string;
  /** made by the client, kept by the device */
  deviceId: string;
  /** /notifications only: where this tab stands in the feed */
  since?: { epoch: string; seq: number };
}

/** How a block of the call stands with the card. */
export interface Authorization {
  status: string;
  clientSecret: string | null;
}

/**
 * A coach's free time changed, in this range: read it again. To the coach, and to everybody who watches the
 * coach.
 */
export interface AvailabilityUpdated {
  coachId: string;
  start: string;
  end: string;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** A booking moved; to the coach and the client. Read it again for what is not here. */
export interface BookingUpdated {
  bookingId: string;
  coachId: string;
  state: string;
  start: string;
  end: string;
  version: number;
  move: string;
  attendees: number | null;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** The server closes this socket, and why. Best effort: the last thing a socket hears. */
export interface ClosingNotice {
  code: string;
  mayReconnect: boolean;
  reconnectInMs?: number | null;
}

/** What watchers see. */
export interface CoachStatus {
  coachId: string;
  status: "online" | "busy" | "offline";
  ratePerMinute: MoneyReply;
  since: string;
}

/** What watchers see of a coach: `online`, `busy` or `offline`. */
export interface CoachStatusChanged {
  coachId: string;
  status: string;
  ratePerMinute: Money;
  since: string;
}

/** What the coach wishes to be, perhaps at another rate. */
export interface CoachStatusSet {
  status: "online" | "offline";
  ratePerMinute?: MoneyBody | null;
}

/** Whom to watch no more; all without `coachIds`. */
export interface CoachStatusUnwatch {
  coachIds?: Array<string> | null;
}

/** Whom to watch. */
export interface CoachStatusWatch {
  coachIds: Array<string>;
}

/** Present states; unknown coaches are left out. */
export interface CoachStatuses {
  statuses: Array<CoachStatus>;
}

/** W3C RTCIceCandidateInit; an empty `candidate` ends the list. */
export interface IceCandidate {
  candidate: string;
  sdpMid?: string | null;
  sdpMLineIndex?: number | null;
  usernameFragment?: string | null;
}

/** W3C RTCIceServer. */
export interface IceServer {
  urls: Array<string>;
  username: string | null;
  credential: string | null;
}

/** Take the seat. `resume`: the peer connection survived, only the socket was lost. */
export interface JoinAsk {
  bookingId: string;
  deviceId: string;
  resume?: boolean;
}

/** Take the seat. `resume`: the peer connection survived, only the socket was lost. */
export interface JoinHandshake {
  sessionId: string;
  deviceId: string;
  resume?: boolean;
}

/** A full snapshot of the call: nothing is replayed on this namespace. */
export interface Joined {
  sessionId: string;
  role: "caller" | "callee";
  polite: boolean;
  state: string;
  version: number;
  iceServers: Array<IceServer>;
  iceNote: string | null;
  peerPresent: boolean;
  peerName: string;
  epoch: number;
  rate: MoneyReply;
  authorizedSeconds: number;
  billableSeconds: number;
  amount: MoneyReply;
  tickedMinutes: number;
  lowBalance: boolean;
  paused: PauseReply | null;
  proofIntervalMs: number;
  clockSpeed: number;
  serverTime: string;
}

/** A full snapshot of the session: nothing is replayed on this namespace. */
export interface JoinedSession {
  bookingId: string;
  role: "client" | "coach";
  polite: boolean;
  state: string;
  version: number;
  title: string;
  iceServers: Array<IceServer>;
  iceNote: string | null;
  peerPresent: boolean;
  peerName: string;
  epoch: number;
  start: string;
  /** of the booked time */
  end: string;
  /** with the overtime that is paid for */
  endsAt: string;
  overtimeRate: MoneyReplyReply;
  overtime: OvertimeReply | null;
  /** once overtime runs */
  meter: MeterReply | null;
  proofIntervalMs: number;
  clockSpeed: number;
  serverTime: string;
}

/** Another card for this call. */
export interface LivePaymentMethod {
  sessionId: string;
  paymentMethodId: string;
}

/** The other participant's dedicated socket did the handshake. */
export interface LivePeerJoined {
  sessionId: string;
  role: string;
  epoch: number;
}

/** The other participant's socket is gone; the call waits for `grace_seconds` (domain time). */
export interface LivePeerLeft {
  sessionId: string;
  role: string;
  graceSeconds: number;
}

/** Another device of the same person took over this seat; the socket that hears this is out. */
export interface LiveSeatTaken {
  sessionId: string;
  role: string;
  deviceId: string;
  sid: string;
}

/** A call, and perhaps why not. */
export interface LiveSessionDecline {
  sessionId: string;
  reason?: string | null;
}

/** A call, and perhaps why it ends. */
export interface LiveSessionEnd {
  sessionId: string;
  reason?: string | null;
}

/** The call is over and its amount final. The receipt follows as `payment_update`. */
export interface LiveSessionEnded {
  sessionId: string;
  version: number;
  reason: string;
  billableSeconds: number;
  amount: Money;
}

/**
 * Another block is held: the call may go on until `authorized_seconds`, and no payment is missing any more.
 */
export interface LiveSessionExtended {
  sessionId: string;
  authorizedSeconds: number;
}

/** The next block could not be authorized: the call stops at `authorized_seconds` unless a card is found. */
export interface LiveSessionLowBalance {
  sessionId: string;
  authorizedSeconds: number;
  reason: string;
  clientSecret: string | null;
}

/** The meter stands still; both stop sending their camera and microphone until resumed. */
export interface LiveSessionPaused {
  sessionId: string;
  version: number;
  reason: string;
  billableSeconds: number;
  graceEndsAt: string;
}

/** A call. */
export interface LiveSessionRef {
  sessionId: string;
}

/** Call a coach. The same `clientRequestId` gives the same call. */
export interface LiveSessionRequest {
  coachId: string;
  clientRequestId: string;
  paymentMethodId?: string | null;
}

/** The call, ringing or waiting for the client's bank. */
export interface LiveSessionRequested {
  sessionId: string;
  state: string;
  expiresAt: string;
  ratePerMinute: MoneyReply;
  authorization: Authorization;
}

/** Proven again both ways: the meter runs on. */
export interface LiveSessionResumed {
  sessionId: string;
  version: number;
  billableSeconds: number;
}

/** A call rings at the coach. */
export interface LiveSessionRinging {
  sessionId: string;
  client: RingingClient;
  ratePerMinute: Money;
  expiresAt: string;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** Media is proven both ways for the first time: the meter runs. */
export interface LiveSessionStarted {
  sessionId: string;
  version: number;
  startedAt: string;
}

/** A billable minute is full. `amount` is what the call costs so far. */
export interface LiveSessionTick {
  sessionId: string;
  minute: number;
  billableSeconds: number;
  amount: Money;
  authorizedSeconds: number;
}

/** A call moved to another state; to both participants' tabs. */
export interface LiveSessionUpdated {
  sessionId: string;
  state: string;
  version: number;
  reason: string | null;
  acceptedDeviceId: string | null;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** Exactly one of an offer or answer, and a candidate. */
export interface LiveSignal {
  /** ICE generation; an offer of the next one restarts ICE */
  epoch: number;
  description?: SessionDescription | null;
  candidate?: IceCandidate | null;
  sessionId: string;
}

/**
 * `connected` means that inbound RTP grew in the last two seconds; repeat it as proof every
 * `proofIntervalMs`.
 */
export interface MediaState {
  sessionId: string;
  epoch: number;
  state: "connecting" | "connected" | "disconnected" | "failed";
}

/** All overtime together. While it stands still: why, and until when the session waits for a return. */
export interface MeterReply {
  running: boolean;
  authorizedSeconds: number;
  billableSeconds: number;
  amount: MoneyReply;
  tickedMinutes: number;
  reason: string | null;
  graceEndsAt: string | null;
}

/** An amount in minor units (cents) of an ISO 4217 currency, upper case. */
export interface Money {
  amount: number;
  currency: string;
}

/** Money in minor units (cents). */
export interface MoneyBody {
  amount: number;
  currency: string;
}

/** Money in minor units (cents). */
export interface MoneyReply {
  amount: number;
  currency: string;
}

/** per minute; an amount of 0 means that none is sold */
export interface MoneyReplyReply {
  amount: number;
  currency: string;
}

/** Something to tell a person, kept until it is read or expires. */
export interface NotificationCreated {
  id: string;
  kind: string;
  priority: string;
  params: Record<string, string>;
  createdAt: string;
  expiresAt: string | null;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** Everything up to `seq` was shown on this device. */
export interface NotificationsAck {
  seq: number;
}

/** Some notifications, or all of them: exactly one of the two. */
export interface NotificationsRead {
  ids?: Array<string> | null;
  all?: true | null;
}

/** The unread count after some were read; to all tabs. */
export interface NotificationsReadEvent {
  unread: number;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** Agree. A client may choose the card; else it is the default one. */
export interface OvertimeAnswer {
  bookingId: string;
  number: number;
  paymentMethodId?: string | null;
}

/** More minutes. A client may choose the card; else it is the default one. */
export interface OvertimeAsk {
  bookingId: string;
  minutes: number;
  paymentMethodId?: string | null;
}

/** The meter of overtime started, stopped, or got more to use. */
export interface OvertimeMetered {
  bookingId: string;
  running: boolean;
  authorizedSeconds: number;
  billableSeconds: number;
  amount: Money;
  reason: string | null;
  graceEndsAt: string | null;
}

/** A wish for overtime, by its number. */
export interface OvertimeRef {
  bookingId: string;
  number: number;
}

/** The newest wish for overtime. */
export interface OvertimeReply {
  number: number;
  minutes: number;
  state: string;
  requestedBy: "client" | "coach";
  expiresAt: string;
  confirmed: boolean;
  price: MoneyReply;
  reason: string | null;
  clientSecret: string | null;
}

/** A billable minute of overtime is full. `amount` is what the overtime costs so far. */
export interface OvertimeTick {
  bookingId: string;
  minute: number;
  billableSeconds: number;
  amount: Money;
  authorizedSeconds: number;
}

/**
 * The newest wish for overtime, wherever it is: asked for, confirmed, paid for, in use, or come to nothing.
 */
export interface OvertimeUpdated {
  bookingId: string;
  version: number;
  number: number;
  minutes: number;
  state: string;
  requestedBy: string;
  expiresAt: string;
  confirmed: boolean;
  price: Money;
  endsAt: string;
  reason: string | null;
  clientSecret: string | null;
}

/** Why the meter stands still, and until when the call waits for a return. */
export interface PauseReply {
  reason: string;
  graceEndsAt: string;
}

/**
 * A payment moved; with the receipt when `state` is final. A coach reads what they earn by it as `amount`.
 */
export interface PaymentUpdated {
  paymentId: string;
  sessionId: string | null;
  state: string;
  amount: Money;
  receipt: Record<string, unknown> | null;
  bookingId: string | null;
  /** place in this user's feed; absent in a snapshot */
  seq?: number;
  /** generation of the feed; absent in a snapshot */
  epoch?: string;
}

/** W3C WebRTC statistics of one side, as far as the client has them. */
export interface QualitySample {
  sessionId: string;
  rttMs?: number | null;
  jitterMs?: number | null;
  lossPct?: number | null;
  /** bits per second */
  bitrateIn?: number | null;
  /** bits per second */
  bitrateOut?: number | null;
  fpsIn?: number | null;
  framesDropped?: number | null;
  audioLevel?: number | null;
}

/**
 * Follows a connect, and a gap that could not be filled: with `recovered` false, load everything anew.
 * `epoch` and `seq` are where the feed stands; null if nothing was ever sent to this person.
 */
export interface Recovered {
  recovered: boolean;
  epoch: string | null;
  seq: number | null;
}

/** An offer, answer or candidate of the other participant. */
export interface RelayedSessionSignal {
  bookingId: string;
  epoch: number;
  description?: SessionDescription | null;
  candidate?: IceCandidate | null;
}

/** An offer, answer or candidate of the other participant. */
export interface RelayedSignal {
  sessionId: string;
  epoch: number;
  description?: SessionDescription | null;
  candidate?: IceCandidate | null;
}

/** Who is calling, as the coach sees it. */
export interface RingingClient {
  userId: string;
  name: string;
  avatarUrl: string | null;
}

/** This server stops: reconnect after `reconnectInMs`, which differs from socket to socket. */
export interface ServerDraining {
  reconnectInMs: number;
}

/** W3C RTCSessionDescriptionInit. */
export interface SessionDescription {
  type: string;
  sdp: string;
}

/** A session, and perhaps why it ends. */
export interface SessionEnd {
  bookingId: string;
  reason?: string | null;
}

/** The session is over. What its overtime came to is final; the receipt follows as `payment_update`. */
export interface SessionEnded {
  bookingId: string;
  version: number;
  reason: string;
  billableSeconds: number;
  amount: Money;
}

/** A few minutes are left until `ends_at`: the time to ask for more. */
export interface SessionEndingSoon {
  bookingId: string;
  endsAt: string;
}

/** The token of this socket runs out soon: send `token_refresh`. */
export interface SessionExpiring {
  expiresAt: string;
}

/**
 * `connected` means that inbound RTP grew in the last two seconds; repeat it as proof every
 * `proofIntervalMs`.
 */
export interface SessionMediaState {
  bookingId: string;
  epoch: number;
  state: "connecting" | "connected" | "disconnected" | "failed";
}

/** The other participant's socket is in the session. */
export interface SessionPeerJoined {
  bookingId: string;
  role: string;
  epoch: number;
  state: string;
  version: number;
}

/** The other participant's socket is gone; the session goes on until its end. */
export interface SessionPeerLeft {
  bookingId: string;
  role: string;
}

/** A session, by its booking. */
export interface SessionRef {
  bookingId: string;
}

/** Another device of the same person took over this seat; the socket that hears this is out. */
export interface SessionSeatTaken {
  bookingId: string;
  role: string;
  deviceId: string;
  sid: string;
}

/** Exactly one of an offer or answer, and a candidate. */
export interface SessionSignal {
  bookingId: string;
  /** ICE generation; an offer of the next one restarts ICE */
  epoch: number;
  description?: SessionDescription | null;
  candidate?: IceCandidate | null;
}

export interface SocketError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
  details?: Record<string, unknown>;
  retryAfterMs?: number;
  requestId?: string;
}

/** When the new token runs out (wall time). */
export interface TokenExpiry {
  expiresAt: string;
}

/** A fresh access token of the same log-in. */
export interface TokenRefresh {
  token: string;
}

/** How many are left. */
export interface Unread {
  unread: number;
}

/** What a client asks on `/notifications`, and what the acknowledgement brings as `data`. */
export interface NotificationsRequests {
  /** Go online or offline. Errors of its own: ACCOUNT_UNVERIFIED. */
  coach_status_set: { payload: CoachStatusSet; reply: CoachStatus };
  /** Watch some coaches, or all, no more. */
  coach_status_unwatch: { payload: CoachStatusUnwatch; reply: Record<string, never> };
  /** Watch coaches: their present states, then `coach_status` on every change. */
  coach_status_watch: { payload: CoachStatusWatch; reply: CoachStatuses };
  /**
   * 3-D Secure is done, perhaps before there is a seat in the call; the gateway is read again. Errors of its
   * own: ILLEGAL_STATE, NOT_FOUND.
   */
  live_payment_confirmed: { payload: LiveSessionRef; reply: Authorization };
  /**
   * Take a ringing call on this device; the first accept wins. Errors of its own: ANSWERED_ELSEWHERE, GONE,
   * NOT_FOUND.
   */
  live_session_accept: { payload: LiveSessionRef; reply: Record<string, never> };
  /** Take back a request before there is talk. Errors of its own: GONE, NOT_FOUND. */
  live_session_cancel: { payload: LiveSessionRef; reply: Record<string, never> };
  /** Refuse a ringing call. Errors of its own: ANSWERED_ELSEWHERE, GONE, NOT_FOUND. */
  live_session_decline: { payload: LiveSessionDecline; reply: Record<string, never> };
  /**
   * Call a coach: claim, authorize the first block, ring. Errors of its own: ACCOUNT_SUSPENDED,
   * ACCOUNT_UNVERIFIED, BLOCKED, CALL_OPEN, COACH_BUSY, COACH_OFFLINE, NOT_FOUND, NO_PAYMENT_METHOD,
   * OWN_ACCOUNT, PAYMENT_REFUSED.
   */
  live_session_request: { payload: LiveSessionRequest; reply: LiveSessionRequested };
  /** Remember what this device of the user has seen. */
  notifications_ack: { payload: NotificationsAck; reply: Record<string, never> };
  /** Mark notifications as read; the unread count goes to all tabs. */
  notifications_read: { payload: NotificationsRead; reply: Unread };
  /** Renew the token on the open socket. Errors of its own: TOKEN_EXPIRED. */
  token_refresh: { payload: TokenRefresh; reply: TokenExpiry };
}

/** What the server tells on `/notifications`. */
export interface NotificationsEvents {
  /**
   * A coach's free time changed, in this range: read it again. To the coach, and to everybody who watches the
   * coach.
   */
  availability_update: AvailabilityUpdated;
  /** A booking moved; to the coach and the client. Read it again for what is not here. */
  booking_update: BookingUpdated;
  /** The server closes this socket, and why. Best effort: the last thing a socket hears. */
  closing: ClosingNotice;
  /** What watchers see of a coach: `online`, `busy` or `offline`. */
  coach_status: CoachStatusChanged;
  /** A call rings at the coach. */
  live_session_ringing: LiveSessionRinging;
  /** A call moved to another state; to both participants' tabs. */
  live_session_update: LiveSessionUpdated;
  /** Something to tell a person, kept until it is read or expires. */
  notification: NotificationCreated;
  /** The unread count after some were read; to all tabs. */
  notifications_read: NotificationsReadEvent;
  /**
   * A payment moved; with the receipt when `state` is final. A coach reads what they earn by it as `amount`.
   */
  payment_update: PaymentUpdated;
  /**
   * Follows a connect, and a gap that could not be filled: with `recovered` false, load everything anew.
   * `epoch` and `seq` are where the feed stands; null if nothing was ever sent to this person.
   */
  recovered: Recovered;
  /** This server stops: reconnect after `reconnectInMs`, which differs from socket to socket. */
  server_draining: ServerDraining;
  /** The token of this socket runs out soon: send `token_refresh`. */
  session_expiring: SessionExpiring;
}

/** What a client asks on `/live`, and what the acknowledgement brings as `data`. */
export interface LiveRequests {
  /**
   * Take the seat and learn everything about the call; a second device of the same person takes over. Errors
   * of its own: GONE, ILLEGAL_STATE, NOT_FOUND.
   */
  "join-live-session-handshake": { payload: JoinHandshake; reply: Joined };
  /**
   * Report media; `connected` is the proof that the meter runs on. Errors of its own: GONE, NOT_JOINED,
   * STALE_EPOCH.
   */
  "live-media-state": { payload: MediaState; reply: Record<string, never> };
  /** 3-D Secure is done; the gateway is read again. Errors of its own: ILLEGAL_STATE, NOT_JOINED. */
  "live-payment-confirmed": { payload: LiveSessionRef; reply: Authorization };
  /**
   * Go on with another card after a refusal. Errors of its own: GONE, ILLEGAL_STATE, NOT_JOINED,
   * NO_PAYMENT_METHOD, PAYMENT_REFUSED.
   */
  "live-payment-method": { payload: LivePaymentMethod; reply: Authorization };
  /** Keep a sample of the connection's quality. Errors of its own: NOT_JOINED. */
  "live-quality": { payload: QualitySample; reply: Record<string, never> };
  /** End the call. Errors of its own: GONE, NOT_JOINED. */
  "live-session-end": { payload: LiveSessionEnd; reply: Record<string, never> };
  /**
   * Pass an offer, answer or candidate to the other participant; buffered while it reconnects. Errors of its
   * own: ILLEGAL_SIGNAL, NOT_JOINED, STALE_EPOCH.
   */
  "live-signal": { payload: LiveSignal; reply: Record<string, never> };
  /** Renew the token on the open socket. Errors of its own: TOKEN_EXPIRED. */
  token_refresh: { payload: TokenRefresh; reply: TokenExpiry };
}

/** What the server tells on `/live`. */
export interface LiveEvents {
  /** The server closes this socket, and why. Best effort: the last thing a socket hears. */
  closing: ClosingNotice;
  /** The other participant's dedicated socket did the handshake. */
  "live-peer-joined": LivePeerJoined;
  /** The other participant's socket is gone; the call waits for `grace_seconds` (domain time). */
  "live-peer-left": LivePeerLeft;
  /** Another device of the same person took over this seat; the socket that hears this is out. */
  "live-seat-taken": LiveSeatTaken;
  /** The call is over and its amount final. The receipt follows as `payment_update`. */
  "live-session-ended": LiveSessionEnded;
  /**
   * Another block is held: the call may go on until `authorized_seconds`, and no payment is missing any more.
   */
  "live-session-extended": LiveSessionExtended;
  /**
   * The next block could not be authorized: the call stops at `authorized_seconds` unless a card is found.
   */
  "live-session-low-balance": LiveSessionLowBalance;
  /** The meter stands still; both stop sending their camera and microphone until resumed. */
  "live-session-paused": LiveSessionPaused;
  /** Proven again both ways: the meter runs on. */
  "live-session-resumed": LiveSessionResumed;
  /** Media is proven both ways for the first time: the meter runs. */
  "live-session-started": LiveSessionStarted;
  /** A billable minute is full. `amount` is what the call costs so far. */
  "live-session-tick": LiveSessionTick;
  /** An offer, answer or candidate of the other participant. */
  "live-signal": RelayedSignal;
  /** This server stops: reconnect after `reconnectInMs`, which differs from socket to socket. */
  server_draining: ServerDraining;
  /** The token of this socket runs out soon: send `token_refresh`. */
  session_expiring: SessionExpiring;
}

/** What a client asks on `/video`, and what the acknowledgement brings as `data`. */
export interface VideoRequests {
  /**
   * Agree to the other side's wish: the client's card is authorized for it, and only what is used is charged.
   * Errors of its own: ACCOUNT_SUSPENDED, ACCOUNT_UNVERIFIED, CALL_OPEN, GONE, ILLEGAL_STATE, NOT_JOINED,
   * NO_PAYMENT_METHOD, SLOT_TAKEN, TOO_LATE.
   */
  "confirm-overtime": { payload: OvertimeAnswer; reply: Authorization };
  /**
   * Refuse the other side's wish, or withdraw one's own, also while the card is being asked. Errors of its
   * own: GONE, ILLEGAL_STATE, NOT_JOINED, TOO_LATE.
   */
  "decline-overtime": { payload: OvertimeRef; reply: Record<string, never> };
  /**
   * Take the seat, from ten minutes before the start, and learn everything; a second device takes over.
   * Errors of its own: GONE, ILLEGAL_STATE, NOT_FOUND, TOO_EARLY.
   */
  "join-session": { payload: JoinAsk; reply: JoinedSession };
  /** Go, and perhaps come back; the session goes on until its end. Errors of its own: NOT_JOINED. */
  "leave-session": { payload: SessionRef; reply: Record<string, never> };
  /** 3-D Secure is done; the gateway is read again. Errors of its own: ILLEGAL_STATE, NOT_JOINED. */
  "overtime-payment-confirmed": { payload: SessionRef; reply: Authorization };
  /**
   * Ask the other side for more minutes after the booked time; nothing is charged without the client's word.
   * Errors of its own: ACCOUNT_SUSPENDED, ACCOUNT_UNVERIFIED, ILLEGAL_STATE, NOT_JOINED, NO_PAYMENT_METHOD,
   * SLOT_TAKEN, TOO_LATE.
   */
  "request-overtime": { payload: OvertimeAsk; reply: Asked };
  /** End the session for both, once both were there. Errors of its own: ILLEGAL_STATE, NOT_JOINED. */
  "session-end": { payload: SessionEnd; reply: Record<string, never> };
  /**
   * Report media; `connected` is the proof by which overtime is charged. Before overtime it counts for
   * nothing. Errors of its own: NOT_JOINED, STALE_EPOCH.
   */
  "session-media-state": { payload: SessionMediaState; reply: Record<string, never> };
  /**
   * Pass an offer, answer or candidate to the other participant; buffered while it reconnects. Errors of its
   * own: ILLEGAL_SIGNAL, NOT_JOINED, STALE_EPOCH.
   */
  "session-signal": { payload: SessionSignal; reply: Record<string, never> };
  /** Renew the token on the open socket. Errors of its own: TOKEN_EXPIRED. */
  token_refresh: { payload: TokenRefresh; reply: TokenExpiry };
}

/** What the server tells on `/video`. */
export interface VideoEvents {
  /** The server closes this socket, and why. Best effort: the last thing a socket hears. */
  closing: ClosingNotice;
  /** The meter of overtime started, stopped, or got more to use. */
  "overtime-meter": OvertimeMetered;
  /** A billable minute of overtime is full. `amount` is what the overtime costs so far. */
  "overtime-tick": OvertimeTick;
  /**
   * The newest wish for overtime, wherever it is: asked for, confirmed, paid for, in use, or come to nothing.
   */
  "overtime-update": OvertimeUpdated;
  /** This server stops: reconnect after `reconnectInMs`, which differs from socket to socket. */
  server_draining: ServerDraining;
  /** The session is over. What its overtime came to is final; the receipt follows as `payment_update`. */
  "session-ended": SessionEnded;
  /** A few minutes are left until `ends_at`: the time to ask for more. */
  "session-ending-soon": SessionEndingSoon;
  /** The other participant's socket is in the session. */
  "session-peer-joined": SessionPeerJoined;
  /** The other participant's socket is gone; the session goes on until its end. */
  "session-peer-left": SessionPeerLeft;
  /** Another device of the same person took over this seat; the socket that hears this is out. */
  "session-seat-taken": SessionSeatTaken;
  /** An offer, answer or candidate of the other participant. */
  "session-signal": RelayedSessionSignal;
  /** The token of this socket runs out soon: send `token_refresh`. */
  session_expiring: SessionExpiring;
}

export namespace Http {
  /** This server. */
  export interface AboutReply {
    /** local, staging or production */
    environment: string;
    version: string;
    /** Domain seconds per real second. */
    clockSpeed: number;
    /** The domain instant of this reply. */
    serverTime: string;
    calls: CallTermsView;
    /** Absent where there are no demo accounts. */
    demo?: DemoView;
    payments: PaymentsView;
    /** Whether calls can be relayed where no direct way exists. */
    turn: boolean;
  }

  /** To what the coach agrees. */
  export interface AcceptBody {
    /** The start that you read. Is it another one by now, nothing is accepted. */
    start?: string | null;
  }

  /** Money. */
  export interface Amount {
    /** Minor units (cents). */
    amount: number;
    /** ISO 4217 */
    currency: string;
  }

  /** What a coach may say of a session. */
  export type Asserted = "completed" | "no_show";

  /** A paid place in a group session. */
  export interface AttendeeView {
    userId: string;
    name: string;
    /** Of the place. */
    bookingId: string;
    at: string;
  }

  /** All that a coach offers in a range, booked or not. */
  export interface AvailabilityReply {
    /** Of the weekly schedule. */
    timeZone: string;
    items: Array<OfferedView>;
  }

  /** What a client wants to book. What it costs, and what it then is, is never taken from a request. */
  export interface BookingBody {
    coachId: string;
    sessionTypeId: string;
    start: string;
    /** How long. */
    minutes: number;
    /** What the client wants to work on; the coach reads it. */
    goals?: string;
    discountCode?: string | null;
    /** A placeholder becomes the session type's name in the client's language. */
    title?: string | null;
    /** The client's; else that of the account. */
    timeZone?: string | null;
  }

  /** Who takes it. */
  export interface BookingClient {
    userId: string;
    name: string;
  }

  /** Who gives the session. */
  export interface BookingCoach {
    coachId: string;
    userId: string;
    name: string;
  }

  /** One page of bookings. */
  export interface BookingListReply {
    items: Array<BookingReply>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** The price, frozen when the booking was made. Minor units, tax included. */
  export interface BookingPrice {
    /** Without any discount. */
    base: number;
    /** What is to pay, or was paid. */
    amount: number;
    /** ISO 4217 */
    currency: string;
    reason: PriceReason;
    /** The coach's word for the discount, or the code. */
    label: string;
  }

  /** Which ones, in which order, and the place in the list. */
  export interface BookingQuery {
    /** What ends after this. */
    start?: string | null;
    /** What begins before this. */
    end?: string | null;
    /** Only in one of these states. */
    state?: Array<BookingState>;
    order?: Order;
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** A session between two, a group session, or a place in one. */
  export interface BookingReply {
    bookingId: string;
    state: BookingState;
    version: number;
    /** On which side the asker is; `client` for whoever only looks at a group session. */
    role: domain__booking__parties__Role;
    coach: BookingCoach;
    /** Absent at a group session. */
    client?: BookingClient;
    sessionTypeId: string;
    title: string;
    format: Format;
    start: string;
    end: string;
    /** Of the client, when they booked (IANA). */
    timeZone?: string;
    /** Made without asking the coach. */
    firm: boolean;
    goals: string;
    price: BookingPrice;
    paymentId?: string;
    paymentState?: string;
    /** When nobody answered, chose or paid until then, it expires. */
    expiresAt?: string;
    /** Other times that the coach offers. */
    suggestions: Array<TimesView>;
    rescheduling?: WishView;
    /** The group session that this is a place in. */
    groupId?: string;
    /** The asker's place in this group session. */
    placeId?: string;
    capacity?: number;
    minAttendees?: number;
    /** Places taken in a group session. */
    attendees?: number;
    /** For the coach alone. */
    attendeeList?: Array<AttendeeView>;
    /** For those who may join. */
    meetingUrl?: string;
    /** `client`, `coach` or `both`. */
    missedBy?: string;
    /** Nobody else may book its time; a coach who cancelled can reopen it. */
    blocksTime: boolean;
    joinFrom: string;
    /** For those who take part. */
    cancellable?: CancellableView;
    timeline: Array<BookingStep>;
    /** The domain instant of this reply. */
    serverTime: string;
  }

  /** Where a booking is. */
  export type BookingState =
    | "requested"
    | "time_suggested"
    | "pending_payment"
    | "confirmed"
    | "pending_minimum_attendees"
    | "scheduled"
    | "completed"
    | "no_show"
    | "declined"
    | "expired"
    | "cancelled_by_client"
    | "cancelled_by_coach";

  /** Something that happened. */
  export interface BookingStep {
    at: string;
    /** A move of the table of bookings, or a word for what moved nothing. */
    what: string;
    /** `client`, `coach`, `gateway` or `system`. */
    by: string;
    detail: Record<string, string | number>;
  }

  /** Booked time. */
  export interface BusyView {
    start: string;
    end: string;
  }

  /** What the caller may see of a calendar. */
  export interface CalendarReply {
    coachId: string;
    /** The coach's. */
    timeZone: string;
    free: Array<FreeView>;
    busy: Array<BusyView>;
    own: Array<OwnBookingView>;
  }

  /** A call that is not over. All instants are domain time. */
  export interface CallInProgressView {
    sessionId: string;
    client: PersonView;
    coach: PersonView;
    state: CallState;
    /** Since when it is in this state. */
    since: string;
    createdAt: string;
    liveAt?: string;
    billableSeconds: number;
    /** What it costs so far. */
    amount: Amount;
  }

  /** What a live session is. */
  export type CallKind = "call" | "overtime";

  /** Where a call is. */
  export type CallState =
    | "reserving"
    | "requires_action"
    | "ringing"
    | "ready"
    | "live"
    | "paused"
    | "ending"
    | "settled"
    | "unpaid"
    | "declined"
    | "missed"
    | "cancelled"
    | "abandoned"
    | "failed";

  /** What a page says of calls before and while there is one. Domain seconds. */
  export interface CallTermsView {
    /** So much talk is held on the card at a time. */
    blockMinutes: number;
    ringSeconds: number;
    /** How long 3-D Secure may take. */
    actionSeconds: number;
    /** How long a paused call waits. */
    graceSeconds: number;
    /** How long a coach rests after a call. */
    cooldownSeconds: number;
  }

  /** Calls right now. */
  export interface CallsView {
    open: number;
    /** Open calls; states without one are left out. */
    byState: Record<string, number>;
    /** Over, and the money is on its way. */
    settling: number;
    /** The newest 50 open calls. */
    items: Array<CallInProgressView>;
  }

  /** How it is called off. */
  export interface CancelBody {
    /** A coach's time is free for others again; else it stays blocked. */
    reopen?: boolean;
    reason?: string | null;
  }

  /** The short of `GET …/cancellation`. */
  export interface CancellableView {
    allowed: boolean;
    /** Of what was paid. */
    refundPercent: number;
    /** Absent at a group session; ask for the whole there. */
    refund?: Amount;
    fullRefundUntil: string;
    partialRefundUntil: string;
    /** Later than this a confirmed booking keeps its time. Absent at a group session. */
    rescheduleUntil?: string;
  }

  /** What cancelling would do now. Cancelling uses the very same calculation. */
  export interface CancellationReply {
    allowed: boolean;
    /** Of what was paid. */
    refundPercent: number;
    /** Of all places, at a group session. */
    refund: Amount;
    fullRefundUntil: string;
    /** Later than this nothing goes back. */
    partialRefundUntil: string;
    /** The domain instant of this reply. */
    serverTime: string;
  }

  /** One rule, priced alone. */
  export interface CandidateView {
    reason: PriceReason;
    /** The coach's word for it, or the code; empty for the base price. */
    label: string;
    /** Minor units. */
    amount: number;
  }

  /** All saved cards; exactly one is the default. */
  export interface CardList {
    items: Array<CardView>;
  }

  /** A saved card. */
  export interface CardView {
    id: string;
    brand: string;
    last4: string;
    expMonth: number;
    expYear: number;
    country?: string;
    isDefault: boolean;
    createdAt: string;
  }

  /** The ways to reach a person. */
  export type Channel = "socket" | "email" | "sms";

  /** What is to be paid. */
  export interface CheckoutBody {
    bookingId: string;
  }

  /** A payment on the gateway's own page. */
  export interface CheckoutView {
    paymentId: string;
    state: PaymentState;
    /** Send the client there; absent if it was paid meanwhile. */
    url?: string;
    /** When the page closes. */
    expiresAt?: string;
    amount: Amount;
  }

  /** How far the call that owns the coach is. */
  export type ClaimState = "reserving" | "ringing" | "busy" | "cooldown";

  /** The call that has the coach: ringing, in progress, or the cooldown after it. */
  export interface ClaimView {
    state: ClaimState;
    sessionId: string;
    since: string;
  }

  /** One page of coaches. */
  export interface CoachPage {
    items: Array<CoachView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** Changes to the business profile. */
  export interface CoachPatch {
    headline?: string;
    bio?: string;
    expertise?: Array<string>;
    languages?: Array<string>;
    /** null clears it */
    yearsOfExperience?: number | null;
    /** Concerns calls that begin later. */
    ratePerMinute?: Price;
  }

  /** Filters, order and place in the list. */
  export interface CoachQuery {
    /** Only coaches who are this right now. */
    status?: Status | null;
    language?: string | null;
    /** Exactly this topic. */
    expertise?: string | null;
    /** Words in name, headline, bio or expertise. */
    text?: string | null;
    sort?: CoachSort;
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** Orders of the list of coaches. */
  export type CoachSort = "newest" | "rating" | "price_low" | "price_high";

  /** What everybody sees of a coach. */
  export interface CoachView {
    userId: string;
    coachId: string;
    name: string;
    avatarUrl?: string;
    headline: string;
    bio: string;
    expertise: Array<string>;
    languages: Array<string>;
    yearsOfExperience?: number;
    ratingAverage?: number;
    ratingCount: number;
    ratePerMinute: Amount;
    status: Status;
    /** Since when the coach is in this status. */
    since?: string;
  }

  /** Verified coaches by what watchers see. */
  export interface CoachesView {
    online: number;
    busy: number;
    offline: number;
  }

  /** A payment that you believe is done. */
  export interface ConfirmBody {
    paymentId: string;
  }

  /** Whom to ask, and with what words. */
  export interface ConnectBody {
    userId: string;
    message?: string;
  }

  /** When media was proven at each side. Where both overlap, the meter ran. */
  export interface ConnectedView {
    caller: Array<SpanView>;
    callee: Array<SpanView>;
  }

  /** One page of connections. It may be shorter than asked for, and still not be the last. */
  export interface ConnectionPageReply {
    items: Array<ConnectionView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** Filter and place in the list. */
  export interface ConnectionQuery {
    /** Only those in this state. */
    state?: ConnectionState | null;
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** How far it got. */
  export type ConnectionState = "pending" | "accepted" | "declined";

  /** A connection as one of the two sees it. */
  export interface ConnectionView {
    connectionId: string;
    state: ConnectionState;
    /** The other one. */
    userId: string;
    name: string;
    avatarUrl?: string;
    /** Whether the asker of this list asked for the connection. */
    mine: boolean;
    message: string;
    createdAt: string;
    answeredAt?: string;
  }

  /** One page of dead letters. */
  export interface DeadLetterPage {
    items: Array<DeadLetterView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** A timer that failed for good. */
  export interface DeadLetterView {
    id: string;
    kind: string;
    /** What it is about, for example the call. */
    key: string;
    attempts: number;
    error: string;
    since: string;
  }

  /** How far a notification got on one channel. */
  export type Delivery =
    | "pending"
    | "delivered"
    | "sent"
    | "refused"
    | "unreachable"
    | "expired"
    | "too_many"
    | "not_configured";

  /** Somebody anybody may be. */
  export interface DemoAccountView {
    email: string;
    name: string;
    role: domain__accounts__account__Role;
  }

  /** The demo accounts, on a machine of one's own. */
  export interface DemoView {
    password: string;
    accounts: Array<DemoAccountView>;
  }

  /** An amount. */
  export interface DiscountAmount {
    /** Minor units (cents). */
    amount: number;
    /** ISO 4217 */
    currency:
      | "AUD"
      | "BRL"
      | "CAD"
      | "CHF"
      | "CZK"
      | "DKK"
      | "EUR"
      | "GBP"
      | "HKD"
      | "HUF"
      | "ISK"
      | "JPY"
      | "KWD"
      | "MXN"
      | "NOK"
      | "NZD"
      | "PLN"
      | "RON"
      | "SEK"
      | "SGD"
      | "TWD"
      | "UGX"
      | "USD";
  }

  /** What a coach says of a code: exactly one of `percent` and `off`. */
  export interface DiscountCodeBody {
    percent?: number | null;
    /** Taken off the base price, down to 0. */
    off?: DiscountAmount | null;
    /** Orders made from here on may use it. */
    validFrom?: string | null;
    /** Orders made before may use it. */
    validUntil?: string | null;
    /** In all. */
    maxUses?: number | null;
    maxUsesPerPerson?: number | null;
    /** What it may take off in all; what is left is the most that it takes off once. */
    budget?: DiscountAmount | null;
    /** Session types that it is for; none means all. */
    sessionTypeIds?: Array<string>;
  }

  /** One page, oldest first. */
  export interface DiscountCodePage {
    items: Array<DiscountCodeView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** Which, and place in the list. */
  export interface DiscountCodeQuery {
    /** Those that cannot be used any more, instead. */
    archived?: boolean;
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** A code and how far it is used up. */
  export interface DiscountCodeView {
    discountCodeId: string;
    code: string;
    percent?: number;
    off?: Amount;
    validFrom?: string;
    validUntil?: string;
    maxUses?: number;
    maxUsesPerPerson?: number;
    budget?: Amount;
    sessionTypeIds: Array<string>;
    /** Orders that use it; those that came to nothing are not counted. */
    uses: number;
    /** What it took off in those, minor units. */
    discounted: number;
    archived: boolean;
    /** Of what the coach says; using the code does not change it. */
    version: number;
  }

  /** The day so far. */
  export interface EarningsReply {
    /** Midnight in the coach's time zone. */
    since: string;
    timeZone: string;
    /** What the coach is owed, per currency: the coach's own always, others if there are any. */
    net: Array<Amount>;
    /** Settled calls. */
    calls: number;
    billableSeconds: number;
  }

  /** Why a call is over. */
  export type EndReason =
    | "ended_by_client"
    | "ended_by_coach"
    | "authorization_exhausted"
    | "connection_lost"
    | "media_denied"
    | "suspended"
    | "payment_refused"
    | "authorization_timeout"
    | "declined"
    | "no_answer"
    | "cancelled"
    | "not_joined"
    | "no_media";

  /** Other windows on one date; none means away. */
  export interface ExceptionBody {
    date: string;
    /** None: not at all. */
    windows?: Array<WindowBody>;
  }

  /** Other windows on one date. */
  export interface ExceptionView {
    date: string;
    windows: Array<WindowView>;
  }

  /** Whether there is an address. */
  export interface FeedReply {
    active: boolean;
    createdAt?: string;
  }

  /** An address. */
  export interface ForgotBody {
    email: string;
  }

  /** How many clients take part. */
  export type Format = "one_to_one" | "group";

  /** Free time. */
  export interface FreeView {
    start: string;
    end: string;
    instant: boolean;
    /** What can be booked in it; none here means all. */
    sessionTypeIds: Array<string>;
  }

  /** A group session as its coach announces it. */
  export interface GroupBody {
    /** Of the format `group`; it says how many places there are. */
    sessionTypeId: string;
    start: string;
    /** How long. */
    minutes: number;
    /** Where it is held; for those who have a place. */
    meetingUrl: string;
    title?: string | null;
  }

  /** Place in the list. */
  export interface GroupQuery {
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** A participant, and when they were there. */
  export interface GuestView {
    userId: string;
    name: string;
    present: boolean;
    visits: Array<VisitView>;
  }

  /** The process runs. */
  export interface HealthReply {
    status: string;
  }

  /** How far back. */
  export interface HistoryQuery {
    minutes?: number;
  }

  /** Series for charts. The n-th value is of `first` plus n steps; null where nothing is known. */
  export interface HistoryReply {
    first: string;
    stepSeconds: number;
    sockets: Array<number | null>;
    openCalls: Array<number | null>;
    ticksPerMinute: Array<number | null>;
    /** Events of clients that were answered. */
    eventsInPerSecond: Array<number | null>;
    /** Events queued for clients. */
    eventsOutPerSecond: Array<number | null>;
    timersDue: Array<number | null>;
    /** The most overdue timer, in domain seconds. */
    timersLateSeconds: Array<number | null>;
    webhooksPerMinute: Array<number | null>;
    /** Answers 5xx, events that failed for our part, failed timers. */
    errorsPerMinute: Array<number | null>;
  }

  /** The card of a hold, as its owner recognises it. */
  export interface HoldCardView {
    brand: string;
    last4: string;
  }

  /** Where a hold is. PENDING means asked for and not answered, or the answer was lost. */
  export type HoldState =
    | "pending"
    | "requires_action"
    | "authorized"
    | "refused"
    | "captured"
    | "cancelled"
    | "lapsed";

  /** A block of talk that was authorized, or was to be. Amounts in minor units of the call's currency. */
  export interface HoldView {
    /** From 1, among the holds that the asker reads; the timeline's too. */
    number: number;
    seconds: number;
    amount: number;
    captured: number;
    state: HoldState;
    /** Not for the coach. */
    card?: HoldCardView;
    /** Why it was refused. Not for the coach. */
    refusal?: string;
    /** While the bank waits for 3-D Secure. For the client alone. */
    clientSecret?: string;
  }

  /** What is to be paid with which card. What it costs is not asked of you. */
  export interface IntentBody {
    bookingId: string;
    /** A saved card; default the default one. */
    paymentMethodId?: string | null;
  }

  /** A payment by card. */
  export interface IntentView {
    paymentId: string;
    /**
     * `captured`: paid. `requires_action`: finish 3-D Secure, then confirm. `created`, `processing`: wait for
     * `payment_update`, or confirm.
     */
    state: PaymentState;
    /** For 3-D Secure. */
    clientSecret?: string;
    amount: Amount;
  }

  /** One thing the ledger must always say. */
  export interface InvariantView {
    name: string;
    meaning: string;
    held: boolean;
    /** What breaks it; the first 20. */
    violations: Array<string>;
  }

  /** The last audit. */
  export interface LedgerView {
    checkedAt?: string;
    healthy: boolean;
    invariants: Array<InvariantView>;
  }

  /** What a link in a mail carries. */
  export interface LinkBody {
    token: string;
  }

  /** E-mail address and password. */
  export interface LoginBody {
    email: string;
    password: string;
  }

  /** The refresh token of the log-in to end; without it, the bearer token says which. */
  export interface LogoutBody {
    refreshToken?: string | null;
  }

  /** Changes to the own profile. */
  export interface MePatch {
    name?: string;
    /** null clears it */
    avatarUrl?: string | null;
    /** E.164; null clears it */
    phone?: string | null;
    locale?: string;
    timeZone?: string;
    billingCountry?: string;
    /** Coaches only. */
    coach?: CoachPatch;
  }

  /** Everything that a person sees of themselves. */
  export interface MeReply {
    userId: string;
    email: string;
    emailVerified: boolean;
    name: string;
    role: domain__accounts__account__Role;
    avatarUrl?: string;
    phone?: string;
    locale: string;
    timeZone: string;
    billingCountry: string;
    createdAt: string;
    coach?: OwnCoachView;
  }

  /** A price of a minute, tax included. */
  export interface MinutePrice {
    /** Minor units (cents). */
    amount: number;
    /** ISO 4217 */
    currency:
      | "AUD"
      | "BRL"
      | "CAD"
      | "CHF"
      | "CZK"
      | "DKK"
      | "EUR"
      | "GBP"
      | "HKD"
      | "HUF"
      | "ISK"
      | "JPY"
      | "KWD"
      | "MXN"
      | "NOK"
      | "NZD"
      | "PLN"
      | "RON"
      | "SEK"
      | "SGD"
      | "TWD"
      | "UGX"
      | "USD";
  }

  /** A billable minute, and when it was full. */
  export interface MinuteView {
    minute: number;
    at: string;
  }

  /** A card, tokenised by the gateway's own form: its number never reaches this server. */
  export interface NewCardBody {
    paymentMethodToken: string;
    makeDefault?: boolean;
  }

  /** A new code. Its text never changes. */
  export interface NewDiscountCodeBody {
    percent?: number | null;
    /** Taken off the base price, down to 0. */
    off?: DiscountAmount | null;
    /** Orders made from here on may use it. */
    validFrom?: string | null;
    /** Orders made before may use it. */
    validUntil?: string | null;
    /** In all. */
    maxUses?: number | null;
    maxUsesPerPerson?: number | null;
    /** What it may take off in all; what is left is the most that it takes off once. */
    budget?: DiscountAmount | null;
    /** Session types that it is for; none means all. */
    sessionTypeIds?: Array<string>;
    /** Kept in upper case; clients may write it as they like. */
    code: string;
  }

  /** A new address. */
  export interface NewFeedReply {
    /** On this server. It is shown once: whoever knows it can read the calendar. */
    path: string;
    createdAt: string;
  }

  /** A new session type. Its format never changes. */
  export interface NewSessionTypeBody {
    /** Language to name. */
    names: Record<string, unknown>;
    /** Language to description; only languages that have a name. */
    descriptions?: Record<string, unknown>;
    /** Of the usual duration; other durations are prorated. */
    price: SessionPrice;
    /** Minutes. */
    durationMin: number;
    /** The usual duration. */
    durationDefault: number;
    /** Minutes. */
    durationMax: number;
    /** Firm at once where the availability allows it too. */
    instant?: boolean;
    noticeMinutes?: number;
    /** Minutes. */
    bufferBeforeMinutes?: number;
    /** Minutes. */
    bufferAfterMinutes?: number;
    /** Groups only, which need it. */
    capacity?: number | null;
    /** Groups only, which need it. */
    minAttendees?: number | null;
    /** Of a minute of overtime; absent: what a booked minute costs. */
    overtimeRate?: MinutePrice | null;
    policy?: PolicyBody;
    /** Hours before the start, each once. */
    reminderHours?: Array<number>;
    format?: Format;
  }

  /** What one wants to remember of a session. */
  export interface NotesBody {
    notes: string;
  }

  /** One page of notifications. */
  export interface NotificationPageReply {
    items: Array<NotificationView>;
    /** Absent on the last page. */
    nextCursor?: string;
    /** How many are unread in all. */
    unread: number;
  }

  /** Filter and place in the list. */
  export interface NotificationQuery {
    /** Only unread ones. */
    unread?: boolean;
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** One notification. `kind` names its text, `params` fill it. */
  export interface NotificationView {
    id: string;
    kind: string;
    priority: Priority;
    params: Record<string, string>;
    createdAt: string;
    expiresAt?: string;
    readAt?: string;
    /** How far it got on each of its ways. */
    delivery: Record<string, Delivery>;
  }

  /** A piece of availability: a slot, an occurrence of a series, or a window of the weekly schedule. */
  export interface OfferedView {
    source: Source;
    start: string;
    end: string;
    instant: boolean;
    sessionTypeIds: Array<string>;
    slotId?: string;
    recurrence?: RecurrenceView;
    version?: number;
  }

  /** By start. */
  export type Order = "newest" | "oldest";

  /** More minutes that one asked for. */
  export interface OvertimeSegmentView {
    number: number;
    minutes: number;
    state: OvertimeState;
    /** `client` or `coach` */
    requestedBy: string;
    requestedAt: string;
    expiresAt: string;
    /** Of all its minutes; only those that were used are charged. */
    price: Amount;
    /** Why the card was refused; to the coach always `payment`. */
    reason?: string;
    finalizedAt?: string;
  }

  /** Where a segment of overtime is. */
  export type OvertimeState =
    | "pending_confirmation"
    | "authorized"
    | "active"
    | "finalized"
    | "declined"
    | "expired"
    | "failed";

  /** All overtime together, once it began. Its money is that of a call of this `sessionId`. */
  export interface OvertimeView {
    sessionId: string;
    startedAt: string;
    endedAt?: string;
    authorizedSeconds: number;
    /** Final once it has ended. */
    billableSeconds: number;
    /** What it costs so far; final once it has ended. */
    amount: Amount;
    /** The client is the caller, the coach the callee. */
    connected: ConnectedView;
    minutes: Array<MinuteView>;
    holds: Array<HoldView>;
    /** Once it has settled. */
    paymentId?: string;
    /** What the client paid, once it has settled. */
    paid?: Amount;
    /** What the coach is paid. For the coach alone. */
    earned?: Amount;
  }

  /** The house right now. */
  export interface OverviewReply {
    at: string;
    domainTime: string;
    /** Domain seconds per real second. */
    clockSpeed: number;
    processes: Array<ProcessView>;
    /** Of all processes that are heard. */
    sockets: number;
    socketsByNamespace: Record<string, number>;
    calls: CallsView;
    coaches: CoachesView;
    /** Call minutes ticked in the last 5 minutes. */
    ticks: number;
    timers: TimersView;
    deadLetters: number;
    webhooks: WebhooksView;
    /** Events that are committed and not published yet. */
    outboxUnpublished: number;
    /** Asked half a minute ago or more, without an answer. */
    gatewayOperationsUnknown: number;
    /** Absent before the first audit. */
    ledger?: LedgerView;
  }

  /** A booking of the caller's with this coach. */
  export interface OwnBookingView {
    bookingId: string;
    start: string;
    end: string;
    state: BookingState;
    title: string;
  }

  /** The own business profile. */
  export interface OwnCoachView {
    coachId: string;
    headline: string;
    bio: string;
    expertise: Array<string>;
    languages: Array<string>;
    yearsOfExperience?: number;
    ratePerMinute: Amount;
    verified: boolean;
    /** What the coach asked for; kept while no socket is there. */
    wish: Wish;
    status: Status;
    claim?: ClaimView;
  }

  /** Roles that somebody may choose; an admin is appointed. */
  export type OwnRole = "client" | "coach";

  /** Place in a list. */
  export interface PageQuery {
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /**
   * How a price came to be; minor units, tax included in gross. Talk has a rate and seconds, a purchase a base
   * price.
   */
  export interface PaidPriceView {
    ratePerMinute?: number;
    billableSeconds?: number;
    /** Before the discount. */
    base?: number;
    /** Which rule gave the price. */
    reason?: PriceReason;
    /** The coach's word for that rule, or the code. */
    label?: string;
    gross: number;
    tax: number;
    /** Not for the coach: it may be that of the client's card. */
    taxCountry?: string;
    net: number;
    writtenOff: number;
  }

  /** Why the meter stands still, and until when the call waits for a return. */
  export interface PauseView {
    reason: string;
    graceEndsAt: string;
  }

  /** One page of payments. */
  export interface PaymentPage {
    items: Array<PaymentView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** Place in the history. */
  export interface PaymentQuery {
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** Where a payment is; never moves backwards. */
  export type PaymentState =
    | "created"
    | "requires_action"
    | "processing"
    | "authorized"
    | "capturing"
    | "captured"
    | "partially_refunded"
    | "refunded"
    | "failed"
    | "cancelled"
    | "written_off";

  /** A payment: of a call, or one try to pay for what was bought. */
  export interface PaymentView {
    paymentId: string;
    sessionId?: string;
    /** What was booked, or whose overtime this is. */
    bookingId?: string;
    /** What was bought; absent for a call that rang. */
    title?: string;
    coachName?: string;
    way: Way;
    state: PaymentState;
    amount: Amount;
    /** What went back so far, if anything did. */
    refunded?: Amount;
    refunds: Array<RefundView>;
    /** Once the amount is final. */
    price?: PaidPriceView;
    /** Why it failed: the gateway's code. For the payer alone. */
    failure?: string;
    /** While the payer's bank asks for 3-D Secure. For the payer alone. */
    clientSecret?: string;
    /** The gateway's page, while it can be paid there. For the payer alone. */
    checkoutUrl?: string;
    checkoutExpiresAt?: string;
    createdAt: string;
    settledAt?: string;
  }

  /** Where the money goes. */
  export interface PaymentsView {
    gateway: "stripe" | "sandbox";
    /** The offline gateway's own address. Only on a machine of one's own. */
    sandboxUrl?: string;
    /** Only with the sandbox. */
    testCards?: Array<TestCardView>;
  }

  /** Whole days in the coach's zone, both included. */
  export interface PeriodBody {
    first: string;
    last: string;
  }

  /** Whole days in the coach's zone, both included. */
  export interface PeriodView {
    first: string;
    last: string;
  }

  /** One end of a call. */
  export interface PersonView {
    userId: string;
    name: string;
    avatarUrl?: string;
  }

  /** How somebody takes a place. */
  export interface PlaceBody {
    discountCode?: string | null;
    /** The client's; else that of the account. */
    timeZone?: string | null;
  }

  /** What a client gets back who cancels. A coach who cancels, or does not come, gives back all of it. */
  export interface PolicyBody {
    /** Hours before the start. */
    fullRefundHours?: number;
    /** Hours before the start. */
    partialRefundHours?: number;
    partialRefundPercent?: number;
    /** Hours before the start. */
    rescheduleHours?: number;
  }

  /** What a client gets back who cancels: hours before the start, per cents. */
  export interface PolicyView {
    fullRefundHours: number;
    partialRefundHours: number;
    partialRefundPercent: number;
    rescheduleHours: number;
  }

  /** Ways by what it is about; what is left out stays as it is. */
  export interface PreferencesBody {
    calls?: WaysBody | null;
    bookings?: WaysBody | null;
    reminders?: WaysBody | null;
    payments?: WaysBody | null;
    people?: WaysBody | null;
  }

  /** Ways by what it is about. Mail goes to a proven address, text messages to the number of the profile. */
  export interface PreferencesReply {
    /** Missed live calls. */
    calls: WaysView;
    /** Booked sessions: asked for, confirmed, moved, cancelled. */
    bookings: WaysView;
    /** A booked session begins soon. */
    reminders: WaysView;
    /** Refunds, and payments that failed. */
    payments: WaysView;
    /** Connections. */
    people: WaysView;
  }

  /** An amount to pay per minute. */
  export interface Price {
    /** Minor units (cents). */
    amount: number;
    /** ISO 4217 */
    currency:
      | "AUD"
      | "BRL"
      | "CAD"
      | "CHF"
      | "CZK"
      | "DKK"
      | "EUR"
      | "GBP"
      | "HKD"
      | "HUF"
      | "ISK"
      | "JPY"
      | "KWD"
      | "MXN"
      | "NOK"
      | "NZD"
      | "PLN"
      | "RON"
      | "SEK"
      | "SGD"
      | "TWD"
      | "UGX"
      | "USD";
  }

  /** What a session would be like. */
  export interface PriceQuestionBody {
    coachId: string;
    sessionTypeId: string;
    start: string;
    minutes: number;
    discountCode?: string | null;
  }

  /** Which rule gave the price. Ties go to the first of this order. */
  export type PriceReason = "base" | "time_rate" | "special_period" | "code";

  /** A rule: exactly one of `timeRate` and `period`. */
  export interface PriceRuleBody {
    label: string;
    /** Taken off the base price. */
    percent: number;
    timeRate?: TimeRateBody | null;
    period?: PeriodBody | null;
    /** Session types that it is for; none means all. */
    sessionTypeIds?: Array<string>;
  }

  /** All rules of a coach, oldest first. */
  export interface PriceRuleList {
    items: Array<PriceRuleView>;
  }

  /** A rule that makes some times cheaper. */
  export interface PriceRuleView {
    priceRuleId: string;
    label: string;
    percent: number;
    timeRate?: TimeRateView;
    period?: PeriodView;
    sessionTypeIds: Array<string>;
    version: number;
  }

  /** What something costs, and why: the lowest candidate. */
  export interface PriceView {
    /** Before any rule; minor units, tax included. */
    base: number;
    /** To pay; minor units, tax included. Too small to be charged is 0. */
    amount: number;
    /** ISO 4217 */
    currency: string;
    reason: PriceReason;
    /** The coach's word for it, or the code; empty for the base price. */
    label: string;
    /** Whatever was compared, cheapest first. */
    candidates: Array<CandidateView>;
  }

  /** How loud. */
  export type Priority = "low" | "normal" | "high";

  /** Who sees free and busy times, and may book them. */
  export type Privacy = "public" | "connected" | "private";

  /** To whom the calendar is shown. */
  export interface PrivacyBody {
    privacy: Privacy;
  }

  /** To whom the calendar is shown: to all, to connections, or to nobody. */
  export interface PrivacyReply {
    privacy: Privacy;
  }

  /** What went wrong (RFC 9457). */
  export interface Problem {
    /** Where this code is explained. */
    type: string;
    title: string;
    status: number;
    /** One sentence for a person. */
    detail: string;
    /** Stable; what a program should look at. */
    code: ErrorCode;
    /** Quote it when you ask for help. */
    requestId: string;
    /** Whether the very same request may succeed later. */
    retryable: boolean;
    retryAfterMs?: number;
    details?: Record<string, unknown>;
  }

  /** One process by its heartbeat. */
  export interface ProcessView {
    id: string;
    /** server or worker */
    kind: string;
    startedAt?: string;
    /** By the database's clock. */
    heartbeatAgeSeconds: number;
    /** Not heard for too long; what it held does not count any more. */
    silent: boolean;
    /** Per namespace. */
    sockets: Record<string, number>;
  }

  /** The address that is proven now. */
  export interface ProvenReply {
    email: string;
    emailVerified: boolean;
  }

  /** Connection quality as one side measured it. */
  export interface QualityView {
    at: string;
    side: Side;
    /** By the names and units of the event `live-quality`. */
    measured: Record<string, number>;
  }

  /** Which ones were read: some, or all. */
  export interface ReadBody {
    ids?: Array<string> | null;
    all?: boolean;
  }

  /** Whether requests should come here, and what says no. */
  export interface ReadyReply {
    ready: boolean;
    checks: Record<string, boolean>;
  }

  /** Why, in the asker's words; the other side reads it. */
  export interface ReasonBody {
    reason?: string | null;
  }

  /** One position; minor units, tax included. */
  export interface ReceiptLine {
    description: string;
    startsAt?: string;
    /** Before the discount. */
    base: number;
    discount: number;
    /** Which rule gave the price. */
    reason?: PriceReason;
    /** The coach's word for that rule, or the code. */
    label?: string;
    amount: number;
    ratePerMinute?: number;
    billableSeconds?: number;
  }

  /** What was paid for. */
  export interface ReceiptSubject {
    /** `booking` or `live_session`. */
    kind: string;
    id: string;
  }

  /** A receipt, made of the price as it was frozen; minor units of the currency. `gross = net + tax`. */
  export interface ReceiptView {
    /** The payment's id. */
    number: string;
    subject: ReceiptSubject;
    coach: string;
    currency: string;
    state: PaymentState;
    issuedAt?: string;
    lines: Array<ReceiptLine>;
    gross: number;
    tax: number;
    taxCountry: string;
    net: number;
    writtenOff: number;
    /** What went back so far. */
    refunded: number;
    refunds: Array<RefundView>;
  }

  /** A rule of RFC 5545, with an end, and the zone in whose wall time it repeats. */
  export interface Recurrence {
    /**
     * RRULE: FREQ DAILY, WEEKLY or MONTHLY; INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST; and COUNT or
     * UNTIL.
     */
    rule: string;
    timeZone: string;
  }

  /** How a slot repeats. */
  export interface RecurrenceView {
    rule: string;
    timeZone: string;
    /** Local dates that are left out. */
    excluded: Array<string>;
  }

  /** A refresh token. */
  export interface RefreshBody {
    refreshToken: string;
  }

  /** Why money goes back. */
  export type RefundReason =
    | "cancelled_by_client"
    | "cancelled_by_coach"
    | "coach_no_show"
    | "minimum_not_reached"
    | "unavailable";

  /** Where a refund is. */
  export type RefundState = "pending" | "succeeded" | "returned";

  /** Money that goes back. */
  export interface RefundView {
    refundId: string;
    /** Minor units. */
    amount: number;
    /** Of the amount; once it is booked. */
    tax?: number;
    reason: RefundReason;
    state: RefundState;
    requestedAt: string;
    finishedAt?: string;
  }

  /** An application for an account. */
  export interface RegisterBody {
    email: string;
    password: string;
    name: string;
    role: OwnRole;
    /** Coaches only; minor units (cents) per minute. */
    ratePerMinute?: number | null;
    /** Coaches only; USD if left out. */
    currency?:
      | "AUD"
      | "BRL"
      | "CAD"
      | "CHF"
      | "CZK"
      | "DKK"
      | "EUR"
      | "GBP"
      | "HKD"
      | "HUF"
      | "ISK"
      | "JPY"
      | "KWD"
      | "MXN"
      | "NOK"
      | "NZD"
      | "PLN"
      | "RON"
      | "SEK"
      | "SGD"
      | "TWD"
      | "UGX"
      | "USD"
      | null;
    locale?: string;
    timeZone?: string;
    billingCountry?: string;
  }

  /** The new account. It can log in; it cannot pay until its address is verified. */
  export interface RegisterReply {
    user: UserView;
    emailVerified: boolean;
  }

  /** What a link in a mail carries, and the new password. */
  export interface ResetBody {
    token: string;
    password: string;
  }

  /** A whole schedule. */
  export interface ScheduleBody {
    timeZone: string;
    weekly: WeekBody;
    /** Whether bookings are firm at once, if the session type allows. */
    instant?: boolean;
    exceptions?: Array<ExceptionBody>;
  }

  /** When a coach can be booked, week by week. */
  export interface ScheduleView {
    timeZone: string;
    weekly: WeekView;
    instant: boolean;
    exceptions: Array<ExceptionView>;
    version: number;
  }

  /** The session of a booking, at any time. */
  export interface ScheduledSessionReply {
    bookingId: string;
    state: SessionState;
    endReason?: SessionEnd;
    version: number;
    /** `client` or `coach` */
    role: string;
    title: string;
    start: string;
    /** Of the booked time. */
    end: string;
    /** With the overtime that is paid for. */
    endsAt: string;
    /** It may be joined from here on. */
    opensAt: string;
    /** Both were there for the first time. */
    begunAt?: string;
    endedAt?: string;
    coach: GuestView;
    /** Absent for a group session. */
    client?: GuestView;
    /** Per minute; 0 if none is sold. */
    overtimeRate: Amount;
    overtimeSegments: Array<OvertimeSegmentView>;
    overtime?: OvertimeView;
    /** Of the session and of its overtime, in one. */
    timeline: Array<TimelineView>;
    /** The asker's own; nobody else reads them. */
    notes: string;
    serverTime: string;
  }

  /** How much of a series is meant. */
  export type Scope = "this" | "following" | "all";

  /** How much of a series is meant. A slot that does not repeat takes neither. */
  export interface ScopeQuery {
    scope?: Scope;
    /** The start of the occurrence that is meant. */
    occurrence?: string | null;
  }

  /** Why a session is over. */
  export type SessionEnd =
    | "ended_by_client"
    | "ended_by_coach"
    | "time_is_up"
    | "connection_lost"
    | "suspended"
    | "cancelled"
    | "rescheduled";

  /** One page of calls. */
  export interface SessionPage {
    items: Array<SessionSummary>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** A price, tax included. */
  export interface SessionPrice {
    /** Minor units (cents); 0 is free. */
    amount: number;
    /** ISO 4217 */
    currency:
      | "AUD"
      | "BRL"
      | "CAD"
      | "CHF"
      | "CZK"
      | "DKK"
      | "EUR"
      | "GBP"
      | "HKD"
      | "HUF"
      | "ISK"
      | "JPY"
      | "KWD"
      | "MXN"
      | "NOK"
      | "NZD"
      | "PLN"
      | "RON"
      | "SEK"
      | "SGD"
      | "TWD"
      | "UGX"
      | "USD";
  }

  /** Place in the history. */
  export interface SessionQuery {
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** A call with everything that happened in it. */
  export interface SessionReply {
    sessionId: string;
    /** `overtime` belongs to a booked session. */
    kind: CallKind;
    /** Of the session that the overtime belongs to. */
    bookingId?: string;
    coachId: string;
    client: PersonView;
    coach: PersonView;
    /** Which end the asker is; absent for an admin. */
    role?: Side;
    state: CallState;
    version: number;
    ratePerMinute: Amount;
    /** Final once the call has ended. */
    billableSeconds: number;
    /** What it costs so far; final once the call has ended. */
    amount: Amount;
    createdAt: string;
    liveAt?: string;
    endedAt?: string;
    endReason?: EndReason;
    /** What the client paid, once the call has settled. */
    paid?: Amount;
    /** What the coach is paid, once the call has settled. Not for the client. */
    earned?: Amount;
    /** The domain instant of this reply, which running calls count to. */
    serverTime: string;
    /** Of the present step before an answer: reservation, 3-D Secure, ring. */
    expiresAt: string;
    authorizedSeconds: number;
    /** Another block is needed and the card did not give it. */
    lowBalance: boolean;
    paused?: PauseView;
    connected: ConnectedView;
    minutes: Array<MinuteView>;
    /** For the coach only those that came to hold money. */
    holds: Array<HoldView>;
    timeline: Array<TimelineView>;
    /** Once the call has settled. */
    payment?: PaymentView;
    /** The last 200 samples of both sides, oldest first. */
    quality: Array<QualityView>;
  }

  /** Where the meeting itself is; the booking says whether it is paid. */
  export type SessionState = "scheduled" | "open" | "in_progress" | "ended" | "cancelled";

  /** A call in a list. */
  export interface SessionSummary {
    sessionId: string;
    /** `overtime` belongs to a booked session. */
    kind: CallKind;
    /** Of the session that the overtime belongs to. */
    bookingId?: string;
    coachId: string;
    client: PersonView;
    coach: PersonView;
    /** Which end the asker is; absent for an admin. */
    role?: Side;
    state: CallState;
    version: number;
    ratePerMinute: Amount;
    /** Final once the call has ended. */
    billableSeconds: number;
    /** What it costs so far; final once the call has ended. */
    amount: Amount;
    createdAt: string;
    liveAt?: string;
    endedAt?: string;
    endReason?: EndReason;
    /** What the client paid, once the call has settled. */
    paid?: Amount;
    /** What the coach is paid, once the call has settled. Not for the client. */
    earned?: Amount;
  }

  /** What a coach says of a session type. Whatever is left out has its default, also in an update. */
  export interface SessionTypeBody {
    /** Language to name. */
    names: Record<string, unknown>;
    /** Language to description; only languages that have a name. */
    descriptions?: Record<string, unknown>;
    /** Of the usual duration; other durations are prorated. */
    price: SessionPrice;
    /** Minutes. */
    durationMin: number;
    /** The usual duration. */
    durationDefault: number;
    /** Minutes. */
    durationMax: number;
    /** Firm at once where the availability allows it too. */
    instant?: boolean;
    noticeMinutes?: number;
    /** Minutes. */
    bufferBeforeMinutes?: number;
    /** Minutes. */
    bufferAfterMinutes?: number;
    /** Groups only, which need it. */
    capacity?: number | null;
    /** Groups only, which need it. */
    minAttendees?: number | null;
    /** Of a minute of overtime; absent: what a booked minute costs. */
    overtimeRate?: MinutePrice | null;
    policy?: PolicyBody;
    /** Hours before the start, each once. */
    reminderHours?: Array<number>;
  }

  /** Everything that a coach offers. */
  export interface SessionTypeList {
    items: Array<SessionTypeView>;
  }

  /** One page, oldest first. */
  export interface SessionTypePage {
    items: Array<SessionTypeView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** Which, and place in the list. */
  export interface SessionTypeQuery {
    /** Those that are offered no longer, instead. */
    archived?: boolean;
    /** `nextCursor` of the page before. */
    cursor?: string | null;
    /** How many at most. */
    limit?: number;
  }

  /** What a coach offers. */
  export interface SessionTypeView {
    sessionTypeId: string;
    coachId: string;
    /** Language to name; at least one. */
    names: Record<string, string>;
    descriptions: Record<string, string>;
    format: Format;
    /** Of the usual duration, tax included; other durations are prorated. */
    price: Amount;
    durationMin: number;
    durationDefault: number;
    durationMax: number;
    /** All that can be booked, in order. */
    durations: Array<number>;
    instant: boolean;
    noticeMinutes: number;
    bufferBeforeMinutes: number;
    bufferAfterMinutes: number;
    capacity?: number;
    minAttendees?: number;
    /** Of a minute of overtime. */
    overtimeRate: Amount;
    /** Whether the coach set it; else it is that of a booked minute. */
    overtimeRateOwn: boolean;
    policy: PolicyView;
    reminderHours: Array<number>;
    archived: boolean;
    /** Whether it was ever booked: then it is archived instead of deleted. */
    used: boolean;
    version: number;
  }

  /** The two ends of a call. The callee is the polite peer in perfect negotiation. */
  export type Side = "caller" | "callee";

  /** A slot. Of a series, `start` and `end` are the first occurrence, or the one that is changed. */
  export interface SlotBody {
    start: string;
    end: string;
    /** Whether a booking in it is firm at once, if the type allows. */
    instant?: boolean;
    /** What can be booked in it; nothing here means all. */
    sessionTypeIds?: Array<string>;
    recurrence?: Recurrence | null;
  }

  /**
   * A slot. Of a series, `start` and `end` are those of the first occurrence, and `until` ends the last one.
   */
  export interface SlotView {
    slotId: string;
    start: string;
    end: string;
    until: string;
    instant: boolean;
    sessionTypeIds: Array<string>;
    recurrence?: RecurrenceView;
    version: number;
  }

  /** Where availability comes from. */
  export type Source = "slot" | "occurrence" | "schedule";

  /** From when to when; in a running call the last one ends at what is proven so far. */
  export interface SpanView {
    startedAt: string;
    endedAt: string;
  }

  /** When it is to begin. */
  export interface StartBody {
    start: string;
  }

  /** What is looked for, and where. */
  export interface StartQuery {
    from: string;
    to: string;
    sessionTypeId: string;
    /** One of the type's durations; its default without. */
    minutes?: number | null;
    /** How many at most. */
    limit?: number;
  }

  /** A start that can be booked. */
  export interface StartView {
    start: string;
    end: string;
    /** Whether the coach need not be asked, if the session type allows. */
    instant: boolean;
  }

  /** Starts, in order. */
  export interface StartsReply {
    items: Array<StartView>;
    minutes: number;
    /** The coach's. */
    timeZone: string;
    /** `from` of the next page, if there is more. */
    nextFrom?: string;
  }

  /** What watchers see. */
  export type Status = "online" | "busy" | "offline";

  /** What the coach says of a session that began. */
  export interface StatusBody {
    status: Asserted;
  }

  /** Other times, each as long as the client asked for. */
  export interface SuggestBody {
    times: Array<TimeBody>;
    message?: string | null;
  }

  /** Whether the account is shut out. */
  export interface SuspendBody {
    suspended: boolean;
    /** For operators; never shown. */
    reason?: string | null;
  }

  /** The account as it is now. */
  export interface SuspensionReply {
    userId: string;
    suspended: boolean;
    suspendedAt?: string;
  }

  /** A card of the gateway's test mode. */
  export interface TestCardView {
    /** What `POST /api/payment-methods` takes. */
    token: string;
    /** How it behaves. */
    label: string;
  }

  /** A span of time. */
  export interface TimeBody {
    start: string;
    end: string;
  }

  /** By the clock on the coach's wall. An end that is not after the start is on the next day. */
  export interface TimeRateBody {
    days: Array<Weekday>;
    from: string;
    to: string;
  }

  /** By the clock on the coach's wall; an end that is not after the start is on the next day. */
  export interface TimeRateView {
    days: Array<Weekday>;
    from: string;
    to: string;
  }

  /** Who did what, when. */
  export interface TimelineView {
    at: string;
    what: string;
    by: string;
    detail: Record<string, string | number>;
  }

  /** Durable timers. */
  export interface TimersView {
    waiting: number;
    /** Their time has come, and nobody has finished them yet. */
    due: number;
    /** How late the most overdue one is, in domain seconds. */
    overdueSeconds: number;
    byKind: Record<string, number>;
  }

  /** A span of time. */
  export interface TimesView {
    start: string;
    end: string;
  }

  /** A pair of tokens. */
  export interface TokensReply {
    /** For the Authorization header and the sockets' `auth.token`. */
    accessToken: string;
    /** Good once, for the next pair; for 30 s more it gives the same. */
    refreshToken: string;
    /** When the access token expires. */
    expiresAt: string;
    user: UserView;
  }

  /** How many are unread now. */
  export interface UnreadReply {
    unread: number;
  }

  /** Who logged in. */
  export interface UserView {
    userId: string;
    coachId?: string;
    role: domain__accounts__account__Role;
    name: string;
  }

  /** One stay; without `leftAt` while it lasts. */
  export interface VisitView {
    joinedAt: string;
    leftAt?: string;
  }

  /** How a purchase is paid. */
  export type Way = "card" | "checkout";

  /** Beside the page, which always tells. */
  export interface WaysBody {
    email: boolean;
    sms?: boolean;
  }

  /** Beside the page, which always tells. */
  export interface WaysView {
    email: boolean;
    sms: boolean;
  }

  /** One page of webhooks. */
  export interface WebhookPage {
    items: Array<WebhookView>;
    /** Absent on the last page. */
    nextCursor?: string;
  }

  /** One event of the gateway. */
  export interface WebhookView {
    id: string;
    type: string;
    objectId: string;
    createdAt: string;
    receivedAt: string;
    /** What came of it; absent while it waits. */
    outcome?: string;
    attempts: number;
  }

  /** The gateway's events. */
  export interface WebhooksView {
    waiting: number;
    oldestWaitingSeconds: number;
    /** Received in the last hour and processed, by outcome. */
    lastHour: Record<string, number>;
  }

  /** Windows by the day on which they begin. */
  export interface WeekBody {
    /** None: not at all. */
    mon?: Array<WindowBody>;
    /** None: not at all. */
    tue?: Array<WindowBody>;
    /** None: not at all. */
    wed?: Array<WindowBody>;
    /** None: not at all. */
    thu?: Array<WindowBody>;
    /** None: not at all. */
    fri?: Array<WindowBody>;
    /** None: not at all. */
    sat?: Array<WindowBody>;
    /** None: not at all. */
    sun?: Array<WindowBody>;
  }

  /** Windows by the day on which they begin. */
  export interface WeekView {
    mon: Array<WindowView>;
    tue: Array<WindowView>;
    wed: Array<WindowView>;
    thu: Array<WindowView>;
    fri: Array<WindowView>;
    sat: Array<WindowView>;
    sun: Array<WindowView>;
  }

  /** The days of a week, as the wire names them; in the order of :meth:`datetime.date.weekday`. */
  export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

  /** A part of a day. One that ends at or before its beginning ends on the next day. */
  export interface WindowBody {
    /** By the clock on the wall, 00:00 to 24:00. */
    from: string;
    /** By the clock on the wall, 00:00 to 24:00. */
    to: string;
  }

  /** A range of time. */
  export interface WindowQuery {
    from: string;
    to: string;
  }

  /** A part of a day. One that ends at or before its beginning ends on the next day. */
  export interface WindowView {
    from: string;
    to: string;
  }

  /** The windows of one date. */
  export interface WindowsBody {
    /** None: not at all. */
    windows?: Array<WindowBody>;
  }

  /** What the coach asked for. */
  export type Wish = "online" | "offline";

  /** Another time, which the coach has to accept. */
  export interface WishView {
    start: string;
    end: string;
    expiresAt: string;
  }

  /** What an account may do. Every account may buy; a coach is also a client, never of itself. */
  export type domain__accounts__account__Role = "client" | "coach" | "admin";

  /** On which side of a booking somebody is. */
  export type domain__booking__parties__Role = "coach" | "client";

  /** Every endpoint: what it takes and what it answers; `null` where it answers nothing. */
  export interface Endpoints {
    /** Open an account. */
    "POST /api/auth/register": { body: RegisterBody; reply: RegisterReply };
    /** Log in. */
    "POST /api/auth/login": { body: LoginBody; reply: TokensReply };
    /** Get the next pair of tokens. */
    "POST /api/auth/refresh-token": { body: RefreshBody; reply: TokensReply };
    /** End a log-in at once, its access tokens and open sockets included. */
    "POST /api/auth/logout": { body: LogoutBody; reply: null };
    /** Prove an e-mail address by the link that was sent to it. */
    "POST /api/auth/verify-email": { body: LinkBody; reply: ProvenReply };
    /** Have the link sent again, five times an hour at most. */
    "POST /api/auth/resend-verification": { reply: null };
    /** Have a link sent by which a new password can be chosen, five times an hour at most. */
    "POST /api/auth/forgot-password": { body: ForgotBody; reply: null };
    /** Choose a new password by the link that was sent. */
    "POST /api/auth/reset-password": { body: ResetBody; reply: null };
    /** Read the own profile. */
    "GET /api/users/me": { reply: MeReply };
    /** Change the own profile. */
    "PATCH /api/users/me": { body: MePatch; reply: MeReply };
    /** Block somebody: neither finds, sees or calls the other any more. */
    "POST /api/blocks/{userId}": { reply: null };
    /** Take a block back. */
    "DELETE /api/blocks/{userId}": { reply: null };
    /** Shut an account out, or let it in again. */
    "PATCH /api/admin/users/{userId}/suspend": { body: SuspendBody; reply: SuspensionReply };
    /** List verified coaches. */
    "GET /api/coaches": { query: CoachQuery; reply: CoachPage };
    /** Read a coach's profile. */
    "GET /api/coaches/{userId}/profile": { reply: CoachView };
    /** List all that the caller offers: slots, occurrences of series, windows of the weekly schedule. */
    "GET /api/bookings/availability": { query: WindowQuery; reply: AvailabilityReply };
    /** Offer a slot, or a series of them. */
    "POST /api/bookings/availability": { body: SlotBody; reply: SlotView };
    /** Change a slot, or an occurrence of a series, or it and those that follow, or all of them. */
    "PUT /api/bookings/availability/{availabilityId}": { query: ScopeQuery; body: SlotBody; reply: SlotView };
    /** Offer a slot no longer, or so much of a series. Bookings stay. */
    "DELETE /api/bookings/availability/{availabilityId}": { query: ScopeQuery; reply: null };
    /** Read the caller's weekly schedule. */
    "GET /api/availability/schedule": { reply: ScheduleView };
    /** Write the whole schedule. */
    "PUT /api/availability/schedule": { body: ScheduleBody; reply: ScheduleView };
    /** Set other windows for one date, or none: then the caller is away. */
    "PUT /api/availability/exceptions/{date}": { body: WindowsBody; reply: ScheduleView };
    /** Have the windows of the week on that date again. */
    "DELETE /api/availability/exceptions/{date}": { reply: null };
    /** Find starts at which a session of this type can be booked. */
    "GET /api/coaches/{userId}/starts": { query: StartQuery; reply: StartsReply };
    /** Read what is free and what is booked, and the caller's own bookings there. At most 100 days. */
    "GET /api/coaches/{userId}/calendar": { query: WindowQuery; reply: CalendarReply };
    /** Ask whether the own calendar has an address. */
    "GET /api/calendar/feed": { reply: FeedReply };
    /** Get a new address for the own calendar; the one before stops working. */
    "POST /api/calendar/feed": { reply: NewFeedReply };
    /** Take the address back. */
    "DELETE /api/calendar/feed": { reply: null };
    /** Read a calendar by its secret address: booked sessions of the last month and the year ahead. */
    "GET /api/calendar/feed/{secret}.ics": { reply: string };
    /** List the caller's own session types. */
    "GET /api/session-types": { query: SessionTypeQuery; reply: SessionTypePage };
    /** Offer something new. */
    "POST /api/session-types": { body: NewSessionTypeBody; reply: SessionTypeView };
    /** Read one of the caller's own session types. */
    "GET /api/session-types/{sessionTypeId}": { reply: SessionTypeView };
    /** Offer it differently. What is booked stays as it was booked. */
    "PUT /api/session-types/{sessionTypeId}": { body: SessionTypeBody; reply: SessionTypeView };
    /** Offer it no longer. It is archived if it was ever booked, else deleted. */
    "DELETE /api/session-types/{sessionTypeId}": { reply: null };
    /** Offer an archived one again. */
    "POST /api/session-types/{sessionTypeId}/restore": { reply: SessionTypeView };
    /** List what a coach offers, oldest first. */
    "GET /api/coaches/{userId}/session-types": { reply: SessionTypeList };
    /** Say what a session would cost, and why. */
    "POST /api/prices/calculate": { body: PriceQuestionBody; reply: PriceView };
    /** List the caller's own rules. */
    "GET /api/price-rules": { reply: PriceRuleList };
    /** Make some times cheaper. */
    "POST /api/price-rules": { body: PriceRuleBody; reply: PriceRuleView };
    /** Read one of the caller's own rules. */
    "GET /api/price-rules/{priceRuleId}": { reply: PriceRuleView };
    /** Say a rule anew. Prices of what is booked stay. */
    "PUT /api/price-rules/{priceRuleId}": { body: PriceRuleBody; reply: PriceRuleView };
    /** Take a rule away. Prices of what is booked stay. */
    "DELETE /api/price-rules/{priceRuleId}": { reply: null };
    /** List the caller's own codes. */
    "GET /api/discount-codes": { query: DiscountCodeQuery; reply: DiscountCodePage };
    /** Make a code. */
    "POST /api/discount-codes": { body: NewDiscountCodeBody; reply: DiscountCodeView };
    /** Read one of the caller's own codes. */
    "GET /api/discount-codes/{discountCodeId}": { reply: DiscountCodeView };
    /** Change what a code does. What it did stays. */
    "PUT /api/discount-codes/{discountCodeId}": { body: DiscountCodeBody; reply: DiscountCodeView };
    /** Let nobody use a code any more. It is archived if an order uses it, else deleted. */
    "DELETE /api/discount-codes/{discountCodeId}": { reply: null };
    /** Book a session between two. */
    "POST /api/bookings": { body: BookingBody; reply: BookingReply };
    /** Read a booking. */
    "GET /api/bookings/{bookingId}": { reply: BookingReply };
    /** List a coach's bookings, by start. */
    "GET /api/bookings/{userId}/bookings": { query: BookingQuery; reply: BookingListReply };
    /** List the own sessions, as client and as coach, by start. */
    "GET /api/bookings/user/{userId}/sessions": { query: BookingQuery; reply: BookingListReply };
    /** See what cancelling would give back now. */
    "GET /api/bookings/{bookingId}/cancellation": { reply: CancellationReply };
    /** Accept a request, or a wish for another time. */
    "POST /api/bookings/{bookingId}/accept": { body: AcceptBody; reply: BookingReply };
    /** Decline a request or a wish for another time; or, as the client, all suggested times. */
    "POST /api/bookings/{bookingId}/decline": { body: ReasonBody; reply: BookingReply };
    /** Offer other times than the one that was asked for. */
    "POST /api/bookings/{bookingId}/suggest": { body: SuggestBody; reply: BookingReply };
    /** Take one of the suggested times. */
    "POST /api/bookings/{bookingId}/choose": { body: StartBody; reply: BookingReply };
    /** Choose another time; price and payment stay. */
    "POST /api/bookings/{bookingId}/reschedule": { body: StartBody; reply: BookingReply };
    /** Call a booking off before it begins. */
    "POST /api/bookings/{bookingId}/cancel": { body: CancelBody; reply: BookingReply };
    /** Make the time of a session that its coach called off free again. */
    "POST /api/bookings/{bookingId}/reopen": { reply: BookingReply };
    /** Say, as its coach, that a session took place, or that the client did not come. */
    "PUT /api/bookings/{bookingId}/status": { body: StatusBody; reply: BookingReply };
    /** Announce a group session. */
    "POST /api/bookings/groups": { body: GroupBody; reply: BookingReply };
    /** Take a place in a group session. */
    "POST /api/bookings/{bookingId}/register": { body: PlaceBody; reply: BookingReply };
    /** List a coach's group sessions that are still to come, soonest first. */
    "GET /api/coaches/{userId}/groups": { query: GroupQuery; reply: BookingListReply };
    /** List the own saved cards, the newest first. */
    "GET /api/payment-methods": { reply: CardList };
    /** Save a card. The first one becomes the default. */
    "POST /api/payment-methods": { body: NewCardBody; reply: CardView };
    /** Make a card the default. */
    "PUT /api/payment-methods/{paymentMethodId}/default": { reply: CardView };
    /** Forget a card. Of the others, the newest becomes the default if this one was. */
    "DELETE /api/payment-methods/{paymentMethodId}": { reply: null };
    /** List what the caller paid or tried to, newest first. */
    "GET /api/payments/me": { query: PaymentQuery; reply: PaymentPage };
    /** Read a payment, as whoever paid it, as its coach or as an admin. */
    "GET /api/payments/{paymentId}": { reply: PaymentView };
    /** Read the receipt of a payment, as whoever paid it or as an admin: lines, discount, tax, refunds. */
    "GET /api/payments/{paymentId}/receipt": { reply: ReceiptView };
    /** Take in an event of Stripe. */
    "POST /api/payments/webhook/stripe": { reply: unknown };
    /** Pay for a booking with a saved card. */
    "POST /api/payments/intents": { body: IntentBody; reply: IntentView };
    /** Open the gateway's own page to pay for a booking at. */
    "POST /api/payments/checkout-session": { body: CheckoutBody; reply: CheckoutView };
    /** Say that a payment is done, after 3-D Secure or on the way back from the gateway's page. */
    "POST /api/payments/confirm": { body: ConfirmBody; reply: PaymentView };
    /** Read what the coach has earned today. */
    "GET /api/earnings/me": { reply: EarningsReply };
    /** List the own calls, at either end, newest first. */
    "GET /api/live-sessions": { query: SessionQuery; reply: SessionPage };
    /** Read one call with its timeline. */
    "GET /api/live-sessions/{sessionId}": { reply: SessionReply };
    /** Read the session of a booking: visits, overtime and one's own notes. */
    "GET /api/sessions/{bookingId}": { reply: ScheduledSessionReply };
    /** Replace one's own notes of a session. The last write wins: nobody else writes them. */
    "PUT /api/sessions/{bookingId}/notes": { body: NotesBody; reply: ScheduledSessionReply };
    /** List the own notifications, newest first. */
    "GET /api/notifications": { query: NotificationQuery; reply: NotificationPageReply };
    /** Mark some, or all, as read; all tabs hear the new count. */
    "POST /api/notifications/read": { body: ReadBody; reply: UnreadReply };
    /** Delete one for good; all tabs hear the new count. */
    "DELETE /api/notifications/{notificationId}": { reply: null };
    /** Read by which ways one is told. */
    "GET /api/notifications/preferences": { reply: PreferencesReply };
    /** Choose by which ways one is told. */
    "PUT /api/notifications/preferences": { body: PreferencesBody; reply: PreferencesReply };
    /** Ask somebody to connect. */
    "POST /api/connections": { body: ConnectBody; reply: ConnectionView };
    /** List the own connections and requests, newest first; blocked people are left out. */
    "GET /api/connections": { query: ConnectionQuery; reply: ConnectionPageReply };
    /** Accept a request, also one that was declined before. */
    "POST /api/connections/{connectionId}/accept": { reply: ConnectionView };
    /** Decline a request; the other person is not told. */
    "POST /api/connections/{connectionId}/decline": { reply: ConnectionView };
    /** Withdraw a request, or end a connection; the other person is not told. */
    "DELETE /api/connections/{connectionId}": { reply: null };
    /** Read to whom the own calendar is shown. */
    "GET /api/calendar/privacy": { reply: PrivacyReply };
    /** Choose to whom the own calendar is shown: `public`, `connected` or `private`. */
    "PUT /api/calendar/privacy": { body: PrivacyBody; reply: PrivacyReply };
    /** Read how the house is right now. */
    "GET /api/admin/overview": { reply: OverviewReply };
    /** Read the last hour, or up to three, as series for charts. */
    "GET /api/admin/history": { query: HistoryQuery; reply: HistoryReply };
    /** List timers that failed for good, newest first. */
    "GET /api/admin/dead-letters": { query: PageQuery; reply: DeadLetterPage };
    /** Let a dead letter run again, now. */
    "POST /api/admin/dead-letters/{id}/replay": { reply: DeadLetterView };
    /** List the gateway's events, the latest first. */
    "GET /api/admin/webhooks": { query: PageQuery; reply: WebhookPage };
    /** Say what a page has to know before anybody logs in. */
    "GET /api/about": { reply: AboutReply };
    /** Say that the process runs. */
    "GET /health": { reply: HealthReply };
    /** Say whether requests should come here. */
    "GET /ready": { reply: ReadyReply };
    /** Give the measurements, in the Prometheus text format. */
    "GET /metrics": { reply: string };
    /** Give this document. */
    "GET /openapi.json": { reply: unknown };
    /** Give the document of the sockets. */
    "GET /asyncapi.json": { reply: unknown };
  }
}
