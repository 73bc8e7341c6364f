// Who a tab is, and how tabs share and renew tokens.

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

import { Accounts } from "../../web/client/accounts.js";
import { Api } from "../../web/client/api.js";
import { LoginServer, SharedLocks, SharedStorage, settle } from "./support.mjs";

const URL_OF_SERVER = "http://rapport.test";
let server, storage, locks;

beforeEach(() => {
  server = new LoginServer();
  storage = new SharedStorage();
  locks = new SharedLocks();
});

/** A tab of the same browser. */
function tab({ session = new SharedStorage().tab(), withLocks = true } = {}) {
  const page = new EventTarget();
  const local = storage.tab(page);
  const parts = { url: URL_OF_SERVER, fetch: server.fetch, local, session, page };
  const accounts = new Accounts({ ...parts, locks: withLocks ? locks : null });
  const heard = [];
  for (const name of ["change", "expired"]) {
    accounts.on(name, (data) => heard.push([name, data?.code ?? data?.userId]));
  }
  const api = new Api({ url: URL_OF_SERVER, accounts, fetch: server.fetch });
  return { accounts, session, heard, api };
}

async function signedIn(more) {
  const one = tab(more);
  await one.accounts.signIn("ann@example.test", "right");
  return one;
}

/** What `ask` comes to, on a clock that does not wait between its tries. */
async function hurried(ask) {
  mock.timers.enable({ apis: ["setTimeout"] });
  try {
    const answer = ask();
    let open = true;
    const ended = () => { open = false; };
    answer.then(ended, ended);
    for (; open; await settle(2)) mock.timers.tick(100);
    return await answer;
  } finally {
    mock.timers.reset();
  }
}

test("signing in makes this tab somebody, and a new tab becomes the same", async () => {
  const first = await signedIn();
  const second = tab();
  assert.deepEqual(first.heard, [["change", "ann"]]);
  assert.deepEqual(second.accounts.current, {
    userId: "ann", role: "client", name: "Test ann", email: "ann@example.test",
  });
});

test("a wrong password changes nothing", async () => {
  const { accounts, heard } = tab();
  const signingIn = accounts.signIn("ann@example.test", "wrong");
  await assert.rejects(signingIn, { code: "BAD_CREDENTIALS", status: 401 });
  assert.deepEqual([accounts.current, accounts.remembered, heard], [null, [], []]);
});

test("two windows of one browser can be two people, also after a reload", async () => {
  const ann = await signedIn();
  const ben = tab();
  await ben.accounts.signIn("ben@example.test", "right");
  const reloaded = tab({ session: ann.session });
  assert.equal(reloaded.accounts.current.userId, "ann");
  assert.equal(ben.accounts.current.userId, "ben");
  assert.deepEqual(ann.accounts.remembered.map(({ userId }) => userId), ["ann", "ben"]);
  await ann.accounts.use("ben");
  assert.equal(ann.accounts.current.userId, "ben");
  await assert.rejects(ann.accounts.use("nobody"), { code: "NOT_SIGNED_IN" });
});

test("a token that is good for long is not renewed", async () => {
  const { accounts } = await signedIn();
  const [one, two] = [await accounts.accessToken(), await accounts.accessToken()];
  assert.deepEqual([one, server.refreshes], [two, 0]);
});

test("a token is renewed when a minute is left of it", async (context) => {
  const { accounts } = await signedIn();
  const start = Date.now();
  const first = await accounts.accessToken();
  const after = async (seconds) => {
    context.mock.method(Date, "now", () => start + seconds * 1000);
    const token = await accounts.accessToken();
    context.mock.restoreAll();
    return token;
  };
  assert.equal(await after(839), first);
  const second = await after(841);
  assert.notEqual(second, first);
  assert.equal(await after(1600), second);
  assert.equal(server.refreshes, 1);
});

test("a server whose clock is hours off gives tokens that live as long as they say", async () => {
  for (const skew of [-5 * 3600_000, 5 * 3600_000]) {
    server.skew = skew;
    const { accounts } = await signedIn();
    const before = server.refreshes;
    await accounts.accessToken();
    assert.equal(server.refreshes, before);
  }
});

test("two tabs that need a token at once refresh once, and get the same", async () => {
  const one = await signedIn();
  const two = tab();
  const stale = await one.accounts.accessToken();
  const asks = [one, two, one, two].map(({ accounts }) => accounts.accessToken({ stale }));
  const tokens = await Promise.all(asks);
  assert.deepEqual([new Set(tokens).size, server.refreshes], [1, 1]);
});

test("without Web Locks two tabs may both refresh, and nobody is logged out", async () => {
  const one = await signedIn({ withLocks: false });
  const two = tab({ withLocks: false });
  const stale = await one.accounts.accessToken();
  await Promise.all([one, two].map(({ accounts }) => accounts.accessToken({ stale })));
  server.later = 60_000;
  for (const { accounts } of [one, two]) await accounts.accessToken({ stale: await accounts.accessToken() });
  assert.deepEqual([one.heard.length, two.heard], [1, []]);
});

test("a reply that got lost is asked for again with the same token", async () => {
  const { accounts, heard } = await signedIn();
  const stale = await accounts.accessToken();
  server.faults = ["lost", "offline"];
  const next = await hurried(() => accounts.accessToken({ stale }));
  assert.notEqual(next, stale);
  assert.equal(server.refreshes, 2);
  server.later = 60_000;
  await accounts.accessToken({ stale: next });
  assert.deepEqual(heard, [["change", "ann"]]);
});

test("while the server cannot be reached, a token that still holds is used", async () => {
  server.lifetime = 300;
  const { accounts, heard } = await signedIn();
  const token = await accounts.accessToken();
  server.faults = Array(4).fill("offline");
  const asking = hurried(() => accounts.accessToken({ stale: token }));
  await assert.rejects(asking, { code: "OFFLINE", retryable: true });
  assert.deepEqual([await accounts.accessToken(), heard.length], [token, 1]);
});

test("a refused refresh ends the log-in in every tab", async () => {
  const one = await signedIn();
  const two = tab();
  server.revoke("ann");
  const stale = await one.accounts.accessToken();
  await assert.rejects(one.accounts.accessToken({ stale }), { code: "UNAUTHENTICATED" });
  assert.deepEqual(one.heard.slice(1), [["expired", "UNAUTHENTICATED"], ["change", undefined]]);
  assert.deepEqual(two.heard, [["change", undefined]]);
  assert.deepEqual([one.accounts.current, two.accounts.current, one.accounts.remembered], [null, null, []]);
  await assert.rejects(two.accounts.accessToken(), { code: "NOT_SIGNED_IN" });
});

test("signing out ends the log-in at the server and in the other tabs", async () => {
  const one = await signedIn();
  const two = tab();
  await one.accounts.signOut();
  assert.deepEqual(server.loggedOut, ["ann:1"]);
  assert.deepEqual([two.accounts.current, two.heard], [null, [["change", undefined]]]);
  assert.equal(tab({ session: two.session }).accounts.current, null);
});

test("signing out works without a server, too", async () => {
  const { accounts } = await signedIn();
  server.faults = ["offline"];
  await accounts.signOut();
  assert.deepEqual([accounts.current, accounts.remembered], [null, []]);
});

test("a refresh that is under way does not bring back who signs out meanwhile", async () => {
  const one = await signedIn();
  const two = tab();
  const asked = one.accounts.accessToken({ stale: await one.accounts.accessToken() });
  await Promise.allSettled([asked, two.accounts.signOut()]);
  await settle();
  assert.deepEqual([one.accounts.current, two.accounts.remembered], [null, []]);
});

test("another name is remembered", async () => {
  const { accounts } = await signedIn();
  await accounts.correct({ name: "Ann B." });
  assert.equal(tab().accounts.current.name, "Ann B.");
});

test("requests carry the token, and are repeated once with a new one", async () => {
  const { accounts, api } = await signedIn();
  const first = await accounts.accessToken();
  assert.deepEqual(await api.post("/api/echo", { n: 1 }), { method: "POST", body: { n: 1 }, token: first });
  await assert.rejects(api.get("/api/nothing", { a: 1, b: null }), { code: "NOT_FOUND", status: 404 });
});

test("an account whose page is closed hears nothing", async () => {
  const one = await signedIn();
  const two = tab();
  two.accounts.close();
  await one.accounts.signOut();
  assert.deepEqual(two.heard, []);
});

test("signing out puts out nobody whom the tab became meanwhile", async () => {
  const ann = await signedIn();
  const ben = tab();
  await ben.accounts.signIn("ben@example.test", "right");
  let free = () => {};
  // A refresh of hers is under way: her log-in is forgotten after it.
  locks.request("rapport.login.ann", () => new Promise((resolve) => (free = resolve)));

  const signingOut = ann.accounts.signOut();
  await settle();
  await ann.accounts.use("ben");
  free();
  await signingOut;

  assert.equal(ann.accounts.current?.userId, "ben");
  assert.deepEqual(ann.accounts.remembered.map((one) => one.userId), ["ben"]);
});
