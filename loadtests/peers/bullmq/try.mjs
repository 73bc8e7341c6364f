import { Queue, Worker } from "bullmq";
const connection = { path: process.argv[2], maxRetriesPerRequest: null };
const n = Number(process.argv[3]);
for (const c of process.argv.slice(4).map(Number)) {
  const q = new Queue("noop", { connection });
  await q.obliterate({ force: true });
  let t = performance.now();
  for (let i = 0; i < n; i += 1000) await q.addBulk(Array.from({ length: 1000 }, (_, k) => ({ name: "tick", data: { sessionId: String(i + k) }, opts: { removeOnComplete: true } })));
  const added = performance.now() - t;
  let done = 0;
  t = performance.now();
  const cpu0 = process.cpuUsage();
  await new Promise((resolve) => {
    const w = new Worker("noop", async () => {}, { connection, concurrency: c });
    w.on("completed", async () => { if (++done === n) { resolve(w); } });
  });
  const ran = performance.now() - t;
  const cpu = process.cpuUsage(cpu0);
  console.log(`c=${c} added ${(n / added * 1000).toFixed(0)}/s  processed ${(n / ran * 1000).toFixed(0)}/s cpu ${((cpu.user+cpu.system)/1000/ran).toFixed(2)}`);
}
process.exit(0);
