// Perfect negotiation over generations: whatever crosses, gets lost or starts anew, both sides agree at last.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Negotiator } from "../../web/client/negotiation.js";
import { FakePeerConnection, Relay, connected, random } from "./peers.mjs";
import { settle } from "./support.mjs";

/** One side: a negotiator on a seat, as MediaLink drives it. */
class Side {
  made = 0;
  troubles = [];
  #relay;
  #name;

  constructor(relay, name) {
    this.#relay = relay;
    this.#name = name;
    this.sit();
  }

  /** Sit down with nothing: the first time, or after a reload. */
  sit() {
    this.negotiator?.close();
    this.seat = this.#relay.join(this.#name, (told) => this.#hear(told));
    this.negotiator = new Negotiator({
      polite: this.#name === "callee",
      epoch: this.seat.epoch,
      connect: () => {
        this.made += 1;
        return new FakePeerConnection();
      },
      send: (epoch, signal) => this.#relay.signal(this.seat, epoch, signal),
      onTrouble: (error) => this.troubles.push(error),
    });
    this.negotiator.begin();
  }

  lose() {
    this.#relay.leave(this.seat);
    this.negotiator.unseated();
  }

  /** A new socket for the connection that survived. */
  resume() {
    this.seat = this.#relay.join(this.#name, (told) => this.#hear(told), { resume: true });
    this.negotiator.resumed(this.seat.epoch);
  }

  get connection() {
    return this.negotiator.connection;
  }

  #hear({ joined, signal }) {
    if (joined !== undefined) this.negotiator.peerJoined(joined);
    else this.negotiator.receive(signal.epoch, signal);
  }
}

let sides = [];

function meet(delay) {
  const relay = new Relay(delay);
  const caller = new Side(relay, "caller");
  const callee = new Side(relay, "callee");
  sides = [caller, callee];
  return { relay, caller, callee };
}

/** Until both agree, with as many repeats as it takes. */
async function agreed({ caller, callee }, rounds = 12) {
  for (let left = rounds; left > 0; left -= 1) {
    await settle(60);
    if (connected(caller.connection, callee.connection)) return true;
    mock.timers.tick(1_000);
  }
  return false;
}

beforeEach(() => {
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  FakePeerConnection.faults.length = 0;
});

afterEach(() => {
  for (const side of sides) side.negotiator.close();
  mock.timers.reset();
});

test("the caller offers, the callee answers, and nothing is said twice", async () => {
  const call = meet();
  assert.ok(await agreed(call));
  mock.timers.tick(30_000);
  await settle();
  assert.deepEqual([call.caller.made, call.callee.made], [1, 1]);
  assert.deepEqual([call.relay.epoch, call.relay.refused], [0, []]);
  assert.deepEqual([...call.caller.troubles, ...call.callee.troubles, ...FakePeerConnection.faults], []);
});

test("an ICE restart keeps both connections and begins the next generation", async () => {
  const call = meet();
  await agreed(call);
  const before = call.callee.connection;
  await call.callee.negotiator.restart();
  assert.ok(await agreed(call));
  assert.equal(call.callee.connection, before);
  assert.deepEqual([call.caller.made, call.callee.made], [1, 1]);
  assert.deepEqual([call.relay.epoch, call.caller.negotiator.epoch, call.callee.negotiator.epoch], [1, 1, 1]);
});

test("of two who restart at once the first wins, and both go on with new connections", async () => {
  const call = meet();
  await agreed(call);
  call.caller.negotiator.restart();
  call.callee.negotiator.restart();
  assert.ok(await agreed(call));
  assert.equal(call.relay.epoch, 2);
  assert.deepEqual([...call.caller.troubles, ...call.callee.troubles, ...FakePeerConnection.faults], []);
});

test("two first offers that cross: the polite side rolls back and answers", async () => {
  const call = meet(() => 6);
  await call.callee.negotiator.renew();
  assert.ok(await agreed(call));
  assert.deepEqual([...call.caller.troubles, ...call.callee.troubles, ...FakePeerConnection.faults], []);
});

test("two offers that cross in one generation: the polite side gives way", async () => {
  const call = meet(() => 6);
  await agreed(call);
  for (const side of [call.caller, call.callee]) side.connection.onnegotiationneeded();
  assert.ok(await agreed(call));
  assert.deepEqual([...call.caller.troubles, ...call.callee.troubles, ...FakePeerConnection.faults], []);
});

test("a reload makes both connections new, whoever it is that reloads", async () => {
  const call = meet();
  await agreed(call);
  call.callee.sit();
  assert.ok(await agreed(call));
  call.caller.sit();
  assert.ok(await agreed(call));
  assert.equal(call.relay.epoch, 2);
  assert.deepEqual(FakePeerConnection.faults, []);
});

test("a socket that is lost and comes back changes nothing of a connection that works", async () => {
  const call = meet();
  await agreed(call);
  call.callee.lose();
  await settle();
  call.callee.resume();
  assert.ok(await agreed(call));
  mock.timers.tick(10_000);
  await settle();
  assert.deepEqual([call.caller.made, call.callee.made, call.relay.epoch], [1, 1, 0]);
});

test("an offer that got lost with a socket is sent again", async () => {
  const call = meet();
  await agreed(call);
  call.callee.lose();
  await call.caller.negotiator.restart();
  await settle();
  // The relay kept it for the callee; now it is lost there, too.
  call.caller.lose();
  call.caller.resume();
  call.callee.resume();
  assert.ok(await agreed(call));
  assert.equal(call.relay.epoch, 1);
});

test("signals of a past generation are void", async () => {
  const call = meet();
  await agreed(call);
  const old = call.caller.connection.localDescription;
  await call.caller.negotiator.restart();
  await agreed(call);
  const now = call.callee.connection.remoteDescription;
  await call.callee.negotiator.receive(0, { description: old });
  const candidate = { candidate: "candidate:9", usernameFragment: "old" };
  await call.callee.negotiator.receive(0, { candidate });
  assert.equal(call.callee.connection.remoteDescription, now);
  assert.deepEqual(FakePeerConnection.faults, []);
});

test("candidates that come before their description wait for it", async () => {
  const polite = new Side(new Relay(), "callee");
  sides = [polite];
  const offerer = new FakePeerConnection();
  await offerer.setLocalDescription();
  const usernameFragment = /ice-ufrag:(.*)/.exec(offerer.localDescription.sdp)[1];
  await polite.negotiator.receive(0, { candidate: { candidate: "candidate:1", usernameFragment } });
  await polite.negotiator.receive(0, { description: offerer.localDescription });
  assert.deepEqual(FakePeerConnection.faults, []);
  assert.equal(polite.connection.signalingState, "stable");
});

test("an answer from another connection than before starts a new one", async () => {
  const call = meet();
  await agreed(call);
  // As if the callee's side had lost its connection without the server's noticing.
  call.callee.negotiator.close();
  const relay = call.relay;
  call.callee = new (class extends Side {
    sit() {
      relay.epoch -= 1;
      super.sit();
    }
  })(relay, "callee");
  sides.push(call.callee);
  await call.caller.negotiator.restart();
  assert.ok(await agreed(call, 20));
});

test("after close nothing is left: no timer, no connection, no word", async () => {
  const call = meet();
  await agreed(call);
  call.callee.lose();
  await call.caller.negotiator.restart();
  call.caller.negotiator.close();
  const said = call.relay.refused.length;
  mock.timers.tick(60_000);
  await settle();
  assert.equal(call.caller.connection, null);
  assert.equal(call.relay.refused.length, said);
});

for (let seed = 1; seed <= 300; seed += 1) {
  test(`after any trouble both agree (seed ${seed})`, async () => {
    const next = random(seed);
    const call = meet(() => 1 + Math.floor(next() * 5));
    const away = new Set();
    for (let step = 0; step < 12; step += 1) {
      const side = next() < 0.5 ? call.caller : call.callee;
      const what = Math.floor(next() * 6);
      if (away.has(side)) {
        if (what < 4) side.resume();
        else side.sit();
        away.delete(side);
      } else if (what === 0) {
        side.lose();
        away.add(side);
      } else if (what === 1) side.sit();
      else if (what === 2) side.negotiator.renew();
      else if (what === 3) side.connection?.onnegotiationneeded?.();
      else side.negotiator.restart();
      await settle(Math.floor(next() * 30));
      mock.timers.tick(Math.floor(next() * 1500));
    }
    for (const side of away) side.resume();
    assert.ok(await agreed(call, 40));
    const { epoch } = call.relay;
    assert.deepEqual([call.caller.negotiator.epoch, call.callee.negotiator.epoch], [epoch, epoch]);
  });
}
