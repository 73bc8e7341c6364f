// @ts-check
// One no-op job per call: `node bench.mjs SOCKET JOBS CONCURRENCY` adds the jobs, then lets one worker process run them, and
// prints what that came to. Finished jobs are removed, as a scheduler would: nothing is kept that our ticks do not keep.
import { Queue, Worker } from "bullmq";

const [path, jobs, concurrency] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const connection = { path, maxRetriesPerRequest: null };
const BULK = 1000;

const queue = new Queue("ticks", { connection });
await queue.obliterate({ force: true });

const adding = performance.now();
for (let first = 0; first < jobs; first += BULK) {
  const some = Array.from({ length: Math.min(BULK, jobs - first) }, (_, n) => ({
    name: "tick",
    data: { sessionId: (first + n).toString(16).padStart(24, "0") },
    opts: { removeOnComplete: true, removeOnFail: true },
  }));
  await queue.addBulk(some);
}
const added = (performance.now() - adding) / 1000;

let done = 0;
const worker = new Worker("ticks", async () => {}, { connection, concurrency, autorun: false });
await worker.waitUntilReady();
const cpu = process.cpuUsage();
const running = performance.now();
await new Promise((resolve, reject) => {
  worker.on("completed", () => {
    done += 1;
    if (done === jobs) resolve(undefined);
  });
  worker.on("failed", (_, error) => reject(error));
  worker.on("error", reject);
  void worker.run();
});
const ran = (performance.now() - running) / 1000;
const used = process.cpuUsage(cpu);
await worker.close();
await queue.obliterate({ force: true });
await queue.close();
console.log(JSON.stringify({ addSeconds: added, runSeconds: ran, cpuSeconds: (used.user + used.system) / 1e6 }));
process.exit(0);
