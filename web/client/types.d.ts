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
  sessionId: string;
  /** ICE generation; an offer of the next one restarts ICE */
  epoch: number;
  description?: SessionDescription | null;
  candidate?: IceCandidate | null;
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

/** Why the meter stands still, and until when the call waits for a return. */
export interface PauseReply {
  reason: string;
  graceEndsAt: string;
}

/** A payment moved; the receipt of a call when `state` is final. */
export interface PaymentUpdated {
  paymentId: string;
  sessionId: string | null;
  state: string;
  amount: Money;
  receipt: Record<string, unknown> | null;
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

/** The token of this socket runs out soon: send `token_refresh`. */
export interface SessionExpiring {
  expiresAt: string;
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
  /** A payment moved; the receipt of a call when `state` is final. */
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

  /** Money. */
  export interface Amount {
    /** Minor units (cents). */
    amount: number;
    /** ISO 4217 */
    currency: string;
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

  /** When media was proven at each side. Where both overlap, the meter ran. */
  export interface ConnectedView {
    caller: Array<SpanView>;
    callee: Array<SpanView>;
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

  /** Somebody anybody may be. */
  export interface DemoAccountView {
    email: string;
    name: string;
    role: Role;
  }

  /** The demo accounts, on a machine of one's own. */
  export interface DemoView {
    password: string;
    accounts: Array<DemoAccountView>;
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
    role: Role;
    avatarUrl?: string;
    phone?: string;
    locale: string;
    timeZone: string;
    billingCountry: string;
    createdAt: string;
    coach?: OwnCoachView;
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

  /** A payment. */
  export interface PaymentView {
    paymentId: string;
    sessionId?: string;
    state: PaymentState;
    amount: Amount;
    /** Once the amount is final. */
    price?: PriceView;
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

  /** One end of a call. */
  export interface PersonView {
    userId: string;
    name: string;
    avatarUrl?: string;
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
      | "DKK"
      | "EUR"
      | "GBP"
      | "JPY"
      | "NOK"
      | "NZD"
      | "PLN"
      | "SEK"
      | "SGD"
      | "USD";
  }

  /** How the price came to be; minor units, tax included in gross. */
  export interface PriceView {
    ratePerMinute: number;
    billableSeconds: number;
    gross: number;
    tax: number;
    /** Not for the coach: it may be that of the client's card. */
    taxCountry?: string;
    net: number;
    writtenOff: number;
  }

  /** How loud. */
  export type Priority = "low" | "normal" | "high";

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

  /** A refresh token. */
  export interface RefreshBody {
    refreshToken: string;
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
      | "DKK"
      | "EUR"
      | "GBP"
      | "JPY"
      | "NOK"
      | "NZD"
      | "PLN"
      | "SEK"
      | "SGD"
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

  /** What an account may do. Every account may buy; a coach is also a client, never of itself. */
  export type Role = "client" | "coach" | "admin";

  /** One page of calls. */
  export interface SessionPage {
    items: Array<SessionSummary>;
    /** Absent on the last page. */
    nextCursor?: string;
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

  /** A call in a list. */
  export interface SessionSummary {
    sessionId: string;
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

  /** The two ends of a call. The callee is the polite peer in perfect negotiation. */
  export type Side = "caller" | "callee";

  /** From when to when; in a running call the last one ends at what is proven so far. */
  export interface SpanView {
    startedAt: string;
    endedAt: string;
  }

  /** What watchers see. */
  export type Status = "online" | "busy" | "offline";

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
    role: Role;
    name: string;
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

  /** What the coach asked for. */
  export type Wish = "online" | "offline";

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
    /** List the own saved cards, the newest first. */
    "GET /api/payment-methods": { reply: CardList };
    /** Save a card. The first one becomes the default. */
    "POST /api/payment-methods": { body: NewCardBody; reply: CardView };
    /** Make a card the default. */
    "PUT /api/payment-methods/{paymentMethodId}/default": { reply: CardView };
    /** Forget a card. Of the others, the newest becomes the default if this one was. */
    "DELETE /api/payment-methods/{paymentMethodId}": { reply: null };
    /** List what the caller paid, newest first. */
    "GET /api/payments/me": { query: PaymentQuery; reply: PaymentPage };
    /** Take in an event of Stripe. */
    "POST /api/payments/webhook/stripe": { reply: unknown };
    /** Read what the coach has earned today. */
    "GET /api/earnings/me": { reply: EarningsReply };
    /** List the own calls, at either end, newest first. */
    "GET /api/live-sessions": { query: SessionQuery; reply: SessionPage };
    /** Read one call with its timeline. */
    "GET /api/live-sessions/{sessionId}": { reply: SessionReply };
    /** List the own notifications, newest first. */
    "GET /api/notifications": { query: NotificationQuery; reply: NotificationPageReply };
    /** Mark some, or all, as read; all tabs hear the new count. */
    "POST /api/notifications/read": { body: ReadBody; reply: UnreadReply };
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
