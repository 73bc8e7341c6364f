// @ts-check
// Boot: who this tab is, what the server says of itself, the frame around the pages, then the page of the address.
import { Rapport } from "../client/rapport.js";
import { Calls } from "./calls.js";
import { clock } from "./clock.js";
import { failedPage, startShell } from "./shell.js";
import { mountRing } from "./ring.js";
import { navigate, startRouter } from "./router.js";
import { signal } from "./store.js";
import { clearToasts } from "./toast.js";
import { followUnread } from "./unread.js";

/** @typedef {import("../client/tokens.js").Person} Person */

/**
 * @typedef {object} About  GET /api/about
 * @property {string} environment
 * @property {number} clockSpeed
 * @property {string} serverTime
 * @property {{password: string, accounts: {email: string, name: string, role: string}[]}} [demo]
 * @property {{gateway: "sandbox" | "stripe", sandboxUrl?: string, testCards?: {token: string, label: string}[]}} payments
 * @property {boolean} turn
 * @property {{blockMinutes: number, [name: string]: number}} [calls]
 */

/**
 * @typedef {object} App  what every page gets
 * @property {Rapport} rapport
 * @property {Calls} calls
 * @property {import("./store.js").Signal<Person | null>} user   who this tab is
 * @property {import("./store.js").Signal<any>} me               GET /api/users/me, or null until it is known
 * @property {import("./store.js").Signal<number>} unread        notifications
 * @property {import("./store.js").Signal<{state: string, code?: string, retryInMs?: number, mayReconnect?: boolean}>} line
 * @property {About} about
 * @property {typeof navigate} navigate
 * @property {() => Promise<void>} reload     makes the present page anew
 * @property {() => Promise<void>} readMe     reads `me` again
 */

/** @type {import("./router.js").Route[]} */
const ROUTES = [
  // The guard leads on from here. Known all the same: following a link there must not load the console anew.
  { path: "/", load: async () => notFound },
  { path: "/sign-in", load: async () => (await import("./pages/sign-in.js")).signInPage },
  { path: "/coaches", load: async () => (await import("./pages/coaches.js")).coachesPage },
  { path: "/coaches/{userId}", load: async () => (await import("./pages/coach.js")).coachPage },
  { path: "/desk", load: async () => (await import("./pages/desk.js")).deskPage },
  { path: "/calendar", load: async () => (await import("./pages/calendar.js")).calendarPage },
  { path: "/calendar/hours", load: async () => (await import("./pages/hours.js")).hoursPage },
  { path: "/calendar/offers", load: async () => (await import("./pages/offers.js")).offersPage },
  {
    path: "/calendar/offers/{sessionTypeId}",
    load: async () => (await import("./pages/offer.js")).offerPage,
  },
  { path: "/calendar/prices", load: async () => (await import("./pages/prices.js")).pricesPage },
  { path: "/calendar/sharing", load: async () => (await import("./pages/sharing.js")).sharingPage },
  { path: "/requests", load: async () => (await import("./pages/requests.js")).requestsPage },
  { path: "/bookings", load: async () => (await import("./pages/bookings.js")).bookingsPage },
  { path: "/bookings/{bookingId}", load: async () => (await import("./pages/booking.js")).bookingPage },
  { path: "/session/{bookingId}", load: async () => (await import("./pages/session.js")).sessionPage },
  { path: "/call/{sessionId}", load: async () => (await import("./pages/call.js")).callPage },
  { path: "/receipts", load: async () => (await import("./pages/receipts.js")).receiptsPage },
  { path: "/receipts/{sessionId}", load: async () => (await import("./pages/receipt.js")).receiptPage },
  { path: "/payments/{paymentId}", load: async () => (await import("./pages/payment.js")).paymentPage },
  { path: "/cards", load: async () => (await import("./pages/cards.js")).cardsPage },
  { path: "/notifications", load: async () => (await import("./pages/notifications.js")).notificationsPage },
  { path: "/preferences", load: async () => (await import("./pages/preferences.js")).preferencesPage },
  { path: "/connections", load: async () => (await import("./pages/connections.js")).connectionsPage },
  { path: "/verify-email", load: async () => (await import("./pages/mail-links.js")).verifyEmailPage },
  { path: "/forgot-password", load: async () => (await import("./pages/mail-links.js")).forgotPasswordPage },
  { path: "/reset-password", load: async () => (await import("./pages/mail-links.js")).resetPasswordPage },
  { path: "/profile", load: async () => (await import("./pages/profile.js")).profilePage },
  { path: "/admin", load: async () => (await import("./pages/admin.js")).adminPage },
];
const notFound = async (/** @type {import("./router.js").Context} */ ctx) =>
  (await import("./pages/not-found.js")).notFoundPage(ctx);

/** Pages of a coach's business, each with all below it. */
const COACHES_OWN = ["/desk", "/calendar", "/requests"];

/** Pages for whoever is not signed in, too: links in mails lead there. */
const OPEN_TO_ALL = new Set(["/sign-in", "/verify-email", "/forgot-password", "/reset-password"]);

/** Where somebody is at home. @param {Person} person */
function home(person) {
  return { admin: "/admin", coach: "/desk" }[/** @type {string} */ (person.role)] ?? "/coaches";
}

/** The sign-in page, which leads back. @param {string} path @param {string} [why]  a code of words.js */
function signInAddress(path, why) {
  const query = new URLSearchParams();
  if (path !== "/" && !path.startsWith("/sign-in")) query.set("next", path);
  if (why) query.set("why", why);
  const text = query.toString();
  return text ? `/sign-in?${text}` : "/sign-in";
}

/**
 * Where to go instead of an address, or null.
 * @param {Person | null} person
 * @param {string} path  with its query
 */
function guard(person, path) {
  const bare = path.split("?")[0];
  if (OPEN_TO_ALL.has(bare)) return null;
  if (!person) return signInAddress(path);
  if (bare === "/") return home(person);
  const business = COACHES_OWN.some((own) => bare === own || bare.startsWith(`${own}/`));
  const wrongRole = (bare === "/admin" && person.role !== "admin") || (business && person.role !== "coach");
  return wrongRole ? home(person) : null;
}

/** @param {Rapport} rapport @returns {Promise<About>} */
async function readAbout(rapport) {
  const about = /** @type {About} */ (await rapport.api.get("/api/about"));
  clock.anchor(about);
  return about;
}

/** Keep `me`, `unread` and `line` in step with who this tab is. @param {App} app */
function followPerson(app) {
  const { rapport, user, me, unread, line } = app;
  const { accounts, notifications } = rapport;

  app.readMe = async () => {
    const who = user.value?.userId;
    const read = who ? await rapport.api.get("/api/users/me") : null;
    if (who === user.value?.userId) me.value = read;
  };
  // Pages tell of their own troubles; what they share is read again with the next connect.
  const readMe = () => void app.readMe().catch(() => {});
  const begin = () => {
    me.value = null;
    unread.value = 0;
    if (!user.value) return;
    notifications.connect();
    readMe();
  };
  /** Why the log-in that ends now is over. @type {string | undefined} */
  let why;
  accounts.on("expired", (/** @type {{code: string}} */ error) => (why = error.code));
  accounts.on("change", (/** @type {Person | null} */ person) => {
    const same = person !== null && person.userId === user.value?.userId;
    user.value = person;
    if (same) return;
    notifications.close();
    clearToasts();
    begin();
    if (!person && why) navigate(signInAddress(location.pathname + location.search, why), { replace: true });
    else void app.reload();
    why = undefined;
  });
  notifications.on("state", (/** @type {any} */ state) => (line.value = state));
  followUnread(app);
  notifications.on("reload", ({ first }) => (first && me.value) || readMe());
  begin();
}

async function boot() {
  const rapport = new Rapport({ url: location.origin });
  const app = /** @type {App} */ ({
    rapport,
    user: signal(rapport.accounts.current),
    me: signal(null),
    unread: signal(0),
    line: signal({ state: "idle" }),
    navigate,
    reload: async () => {},
    readMe: async () => {},
  });
  app.about = await readAbout(rapport);
  app.calls = new Calls(app);
  const shell = startShell(app);
  followPerson(app);
  mountRing(app);
  const router = startRouter({
    routes: ROUTES,
    notFound,
    failed: failedPage,
    context: (params, query) => ({ rapport, params, query, app }),
    guard: (path) => guard(app.user.value, path),
    loading: shell.loading,
    show: shell.show,
  });
  app.reload = router.refresh;
}

boot().catch((error) => {
  const page = failedPage(error, () => location.reload());
  document.getElementById("main")?.replaceChildren(page.node);
  console.error(error);
});
