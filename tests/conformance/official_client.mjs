// @ts-check
// What somebody does with the official client, in Node.js and in browsers alike; each scenario throws unless all is well.

/** Milliseconds for anything to happen. */
const PATIENCE = 10_000;
export const TRANSPORTS = {
  polling: ["polling"],
  upgrade: ["polling", "websocket"],
  websocket: ["websocket"],
};

/**
 * @param {any} emitter
 * @param {string} event
 * @returns {Promise<any[]>} the arguments of the next one
 */
const next = (emitter, event) =>
  within(event, new Promise((resolve) => emitter.once(event, (...given) => resolve(given))));

/**
 * @template T
 * @param {string} what
 * @param {Promise<T>} promise
 * @returns {Promise<T>}
 */
async function within(what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing came of: ${what}`)), PATIENCE);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Binary of any kind becomes text, too, so that what came back can be compared as text. */
function plain(value) {
  if (value instanceof ArrayBuffer) return plain(new Uint8Array(value));
  if (ArrayBuffer.isView(value)) {
    const given = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
    return `bytes: ${given.length < 1000 ? given : `${given.length}, ${given.reduce((sum, one) => (sum * 31 + one) | 0)}`}`;
  }
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

function same(got, wanted) {
  const [is, should] = [JSON.stringify(plain(got)), JSON.stringify(plain(wanted))];
  if (is !== should) throw new Error(`got ${is?.slice(0, 500)}, wanted ${should?.slice(0, 500)}`);
}

const bytes = (...values) => Uint8Array.from(values);

export const SCENARIOS = {
  async connects_by_this_transport({ open, settled, transports }) {
    const socket = await settled(open());
    same(socket.io.engine.transport.name, transports.at(-1));
    same(await socket.emitWithAck("transport"), transports.at(-1));
  },

  async events_of_any_json_come_back({ open }) {
    const socket = open();
    const said = [1, "zwei", null, true, { "drei ✓": [4.5, { "": "🎈" }] }, []];
    socket.emit("again", ...said);
    same(await next(socket, "again"), said);
    socket.emit("again");
    same(await next(socket, "again"), []);
  },

  async a_hundred_events_keep_their_order({ open }) {
    const socket = open();
    const came = [];
    const all = new Promise((resolve) => {
      socket.on("again", (number) => came.push(number) === 100 && resolve(undefined));
    });
    await next(socket, "connect"); // in the middle of the upgrade, where there is one
    for (let number = 0; number < 100; number += 1) socket.emit("again", number);
    await within("a hundred events", all);
    same(came, [...came.keys()]);
  },

  async binary_goes_both_ways({ open }) {
    const socket = open();
    const said = [bytes(0, 1, 255), { deep: [bytes(7).buffer, "text", { er: bytes() }] }, bytes(9, 9)];
    socket.emit("again", ...said);
    same(await next(socket, "again"), said);
    const large = new Uint8Array(300_000).map((_, index) => index % 251);
    socket.emit("again", large);
    same(await next(socket, "again"), [large]);
  },

  async the_server_acknowledges({ open }) {
    const socket = open();
    same(await socket.timeout(PATIENCE).emitWithAck("echo", { a: 1 }), { a: 1 });
    const several = await within("ack", new Promise((resolve) => {
      socket.emit("echo", 1, bytes(2, 3), "four", (...given) => resolve(given));
    }));
    same(several, [1, bytes(2, 3), "four"]);
    same(await within("ack", new Promise((resolve) => {
      socket.emit("echo", (...given) => resolve(given));
    })), []);
  },

  async the_client_acknowledges_while_its_own_event_waits({ open }) {
    const socket = open();
    socket.on("question", (first, second, answer) => answer({ first, second, raw: bytes(5, 6) }));
    const reply = await socket.timeout(PATIENCE).emitWithAck("ask_me", "one", bytes(4));
    same(reply, { first: "one", second: bytes(4), raw: bytes(5, 6) });
  },

  async namespaces_share_one_connection({ open, manager }) {
    const shared = manager();
    const [one, two] = [shared.socket("/one"), shared.socket("/two")];
    const named = Promise.all([next(one, "named"), next(two, "named")]);
    const answers = await Promise.all([one.emitWithAck("who"), two.emitWithAck("who")]);
    same(answers, [["/one", one.id], ["/two", two.id]]);
    same(await named, [["/one"], ["/two"]]);
    same(one.io.engine.id === two.io.engine.id && one.id !== two.id, true);
    one.disconnect();
    same((await two.emitWithAck("who"))[0], "/two");
    same(two.connected, true);
  },

  async what_was_emitted_before_connecting_is_sent_then({ open }) {
    const socket = open({ autoConnect: false });
    const came = [];
    const all = new Promise((resolve) => {
      socket.on("again", (word) => came.push(word) === 3 && resolve(undefined));
    });
    for (const word of ["a", "b", "c"]) socket.emit("again", word);
    socket.connect();
    await within("buffered events", all);
    same(came, ["a", "b", "c"]);
  },

  async the_client_returns_after_the_server_closed_its_transport({ open, settled }) {
    const socket = await settled(open());
    const before = socket.id;
    const left = next(socket, "disconnect");
    socket.emit("cut");
    same((await left)[0], "transport close");
    socket.emit("again", "meanwhile");
    const meanwhile = next(socket, "again");
    await next(socket, "connect");
    same(socket.id !== before, true);
    same(await meanwhile, ["meanwhile"]);
    same(await socket.emitWithAck("gone_because", before), "server disconnect");
  },

  async the_client_stays_away_after_the_server_disconnected_it({ open }) {
    const socket = open();
    await next(socket, "connect");
    const left = next(socket, "disconnect");
    socket.emit("send_away");
    same((await left)[0], "io server disconnect");
    same(socket.active, false);
    socket.connect();
    await next(socket, "connect");
    same(await socket.emitWithAck("echo", "back"), "back");
  },

  async the_server_hears_that_a_client_left({ open }) {
    const [stays, leaves] = [open(), open()];
    await Promise.all([next(stays, "connect"), next(leaves, "connect")]);
    const { id } = leaves;
    leaves.disconnect();
    let reason;
    while (!reason) reason = await within("leaving", stays.emitWithAck("gone_because", id));
    same(reason, "client disconnect");
  },

  async large_payloads_come_back({ open }) {
    const socket = open();
    const text = "ä".repeat(200_000);
    same(await socket.timeout(PATIENCE).emitWithAck("echo", text), text);
    const data = new Uint8Array(600_000).fill(170);
    same(await socket.timeout(PATIENCE).emitWithAck("echo", data), data);
  },

  async the_auth_payload_arrives({ open }) {
    const auth = { token: "t", nested: { list: [1, 2] } };
    same(await next(open({ auth }), "auth"), [auth]);
    same(await next(open({ auth: (give) => give({ late: true }) }), "auth"), [{ late: true }]);
  },

  async a_refusal_says_why_and_another_auth_is_let_in({ open }) {
    const socket = open({ auth: { refuse: true } });
    const [refused] = await next(socket, "connect_error");
    same([refused.message, refused.data], ["not you", { code: "FORBIDDEN", retryable: false }]);
    same(socket.active, false);
    socket.auth = {};
    socket.connect();
    await next(socket, "connect");
  },

  async an_unknown_namespace_is_refused({ manager }) {
    const [refused] = await next(manager().socket("/nowhere"), "connect_error");
    same(refused.message, "Invalid namespace");
  },

  async rooms_reach_the_others_in_them({ open }) {
    const [speaker, listener, outsider] = [open(), open(), open()];
    const heard = [];
    for (const socket of [speaker, outsider]) socket.on("shouted", () => heard.push("wrongly"));
    const shouted = next(listener, "shouted");
    await Promise.all([speaker.emitWithAck("join", "room"), listener.emitWithAck("join", "room")]);
    await speaker.emitWithAck("shout", "room", "hello");
    same(await shouted, ["hello"]);
    await Promise.all([speaker.emitWithAck("echo"), outsider.emitWithAck("echo")]);
    same(heard, []);
  },
};

/**
 * Every scenario over every transport.
 * @param {any} Manager of the official client
 * @param {string} url
 * @param {{together: boolean}} how whether the scenarios are played at once: a browser has but six connections for requests
 * @returns {Promise<Record<string, string>>} what went wrong in each, or "ok"
 */
export async function play(Manager, url, { together }) {
  const run = async (scenario, transports) => {
    const managers = [];
    const manager = (options) => {
      managers.push(new Manager(url, { transports, reconnectionDelay: 10, forceNew: true, ...options }));
      return managers.at(-1);
    };
    const open = ({ auth, ...options } = /** @type {any} */ ({})) => {
      const socket = manager({ ...options, autoConnect: false }).socket("/", { auth });
      if (options.autoConnect !== false) socket.connect();
      return socket;
    };
    const settled = async (socket) => {
      await next(socket, "connect");
      const { engine } = socket.io;
      if (engine.transport.name !== transports.at(-1)) await next(engine, "upgrade");
      return socket;
    };
    try {
      await scenario({ open, manager, settled, transports });
      return "ok";
    } catch (error) {
      return String(error.stack);
    } finally {
      for (const one of managers) {
        one.reconnection(false);
        one.engine?.close();
      }
    }
  };
  const results = {};
  for (const [transport, transports] of Object.entries(TRANSPORTS)) {
    const playing = [];
    for (const [name, scenario] of Object.entries(SCENARIOS)) {
      playing.push(run(scenario, transports).then((result) => (results[`${name}-${transport}`] = result)));
      if (!together) await playing.at(-1);
    }
    await Promise.all(playing);
  }
  return results;
}
