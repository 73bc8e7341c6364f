// @ts-check
// Socket.IO as it comes from npm, with the handlers of ../handlers.py: a plain relay, nothing tuned.
// `node server.mjs --port 0` prints one line {"port", "pid"} once it listens.
import { createHmac } from "node:crypto";
import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import { Server } from "socket.io";

const COACH = "c0ac".repeat(6);
const at = process.argv.indexOf("--port");
const secret = process.env.BENCH_SECRET ?? "";
// The key that adapters/tokens.py derives for access tokens.
const key = createHmac("sha256", secret).update("access token\x01").digest();
const seconds = (name, otherwise) => Number(process.env[name] ?? otherwise) * 1000;

const http = createServer((request, response) => void answer(request, response));
const io = new Server(http, {
  transports: ["websocket"],
  serveClient: false,
  pingInterval: seconds("BENCH_PING_INTERVAL", 25),
  pingTimeout: seconds("BENCH_PING_TIMEOUT", 20),
});

/** Lets in whoever brings a token that this secret signed and that has not expired. */
const authenticate = (socket, next) => {
  try {
    socket.data.user = jwt.verify(socket.handshake.auth.token, key, { algorithms: ["HS256"], issuer: "rapport" }).sub;
    next();
  } catch {
    next(new Error("UNAUTHENTICATED"));
  }
};

const live = io.of("/live").use(authenticate);
live.on("connection", (socket) => {
  socket.on("join-live-session-handshake", (ask, ack) => {
    void socket.join(ask.sessionId);
    ack?.({ ok: true, data: { epoch: 0 } });
  });
  socket.on("live-signal", (signal, ack) => {
    socket.to(signal.sessionId).emit("live-signal", signal);
    ack?.({ ok: true, data: {} });
  });
});

const notifications = io.of("/notifications").use(authenticate);
notifications.on("connection", (socket) => {
  socket.on("coach_status_watch", (ask, ack) => {
    void socket.join(ask.coachIds);
    ack?.({ ok: true, data: { statuses: [] } });
  });
});

/** Sends `count` coach_status events, `perSecond` of them a second (0: one per turn of the loop). */
async function fanOut({ count, perSecond = 0, bytes = 200, coachId = COACH }) {
  const first = Date.now();
  for (let n = 0; n < count; n++) {
    const due = perSecond ? first + (n * 1000) / perSecond : Date.now();
    const early = due - Date.now();
    await (early > 0 ? new Promise((go) => setTimeout(go, early)) : new Promise((go) => setImmediate(go)));
    const since = new Date(due).toISOString().replace("Z", "000Z");
    const event = { coachId, status: "online", ratePerMinute: { amount: 250, currency: "USD" }, since, pad: "" };
    const plain = `42/notifications,["coach_status",${JSON.stringify(event)}]`.length;
    event.pad = "x".repeat(Math.max(0, bytes - plain));
    notifications.to(coachId).emit("coach_status", event);
  }
  return { sent: count };
}

function stats() {
  const { user, system } = process.cpuUsage();
  return {
    pid: process.pid,
    cpuSeconds: (user + system) / 1e6,
    rssBytes: process.memoryUsage.rss(),
    sockets: io.engine.clientsCount,
    runtime: `Node ${process.versions.node}`,
  };
}

async function collected() {
  for (let n = 0; n < 3; n++) {
    globalThis.gc?.();
    await new Promise((go) => setTimeout(go, 50));
  }
  return stats();
}

async function answer(request, response) {
  let body = "";
  for await (const chunk of request) body += chunk;
  const known = { "/bench/stats": stats, "/bench/gc": collected, "/bench/fanout": () => fanOut(JSON.parse(body)) };
  const found = known[request.url];
  response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(found ? await found() : {}));
}

http.listen(at < 0 ? 0 : Number(process.argv[at + 1]), "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (http.address());
  console.log(JSON.stringify({ port, pid: process.pid }));
});
