// BullMQ uses a server: with_bullmq.mjs PORT. Results go to descriptor 3, a line each: the name and, after a tab, what went wrong.
//
// Its whole state machine is Lua: every move of a job is one of some fifty scripts, with cmsgpack in and out.

import assert from "node:assert/strict";
import fs from "node:fs";
import { FlowProducer, Queue, QueueEvents, Worker } from "bullmq";

const connection = { host: "127.0.0.1", port: Number(process.argv[2]), db: 15, maxRetriesPerRequest: null };
const prefix = "test-bullmq";
const JOBS = 10_000;
const PER_WINDOW = 2000;
const WINDOW_MS = 100;

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function until(condition, what, limitMs = 60_000) {
  const end = Date.now() + limitMs;
  while (!(await condition())) {
    assert(Date.now() < end, `waited in vain for ${what}`);
    await wait(20);
  }
}

async function test(name, body) {
  let wrong = "";
  const open = [];
  const keep = (thing) => (open.push(thing), thing);
  try {
    await body({
      queue: (queue) => keep(new Queue(queue, { connection, prefix })),
      worker: (queue, work, options) => keep(new Worker(queue, work, { connection, prefix, ...options })),
      events: (queue) => keep(new QueueEvents(queue, { connection, prefix })),
      flow: () => keep(new FlowProducer({ connection, prefix })),
    });
  } catch (error) {
    wrong = String(error.stack).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", " ");
  }
  for (const thing of open.reverse()) {
    if (thing instanceof Queue) await thing.obliterate({ force: true }).catch(() => {});
    await thing.close().catch(() => {});
  }
  fs.writeSync(3, `${name}\t${wrong}\n`);
}

// One in ten fails once, one in a hundred always; one in ten is delayed; half have a priority.
await test(`${JOBS} jobs with retries, delays, priorities and a rate limit`, async ({ queue, worker }) => {
  const jobs = queue("many");
  for (let from = 0; from < JOBS; from += 500) {
    await jobs.addBulk(
      Array.from({ length: 500 }, (_, at) => from + at).map((id) => ({
        name: "job",
        data: { id, text: "\u00e9\u20ac", nested: { list: [1, 2.5, null, true] } },
        opts: {
          attempts: 2,
          backoff: { type: "fixed", delay: 20 },
          ...(id % 10 === 3 ? { delay: 100 } : {}),
          ...(id % 2 === 0 ? { priority: 1 + (id % 7) } : {}),
        },
      })),
    );
  }
  assert.equal((await jobs.getJobs(["wait", "prioritized", "delayed"], 0, -1)).length, JOBS);
  const runs = new Map();
  let all = 0;
  const began = Date.now();
  const done = worker(
    "many",
    async (job) => {
      all += 1;
      const attempt = (runs.get(job.data.id) ?? 0) + 1;
      runs.set(job.data.id, attempt);
      assert.equal(job.data.text, "\u00e9\u20ac");
      if (job.data.id % 100 === 99 || (job.data.id % 10 === 1 && attempt === 1)) throw new Error("not now");
      return { id: job.data.id };
    },
    { concurrency: 100, limiter: { max: PER_WINDOW, duration: WINDOW_MS } },
  );
  done.on("error", (error) => console.log(error));
  await until(async () => {
    const counts = await jobs.getJobCounts();
    return counts.completed + counts.failed === JOBS;
  }, "all jobs");
  const took = Date.now() - began;
  console.log(`# ${JOBS} jobs, ${all} runs in ${took} ms`);
  const counts = await jobs.getJobCounts();
  assert.deepEqual([counts.completed, counts.failed, counts.delayed, counts.active], [JOBS - JOBS / 100, JOBS / 100, 0, 0]);
  assert.equal(all, JOBS + JOBS / 10 + JOBS / 100);
  assert.equal(runs.size, JOBS);
  assert(took >= (all / PER_WINDOW - 1) * WINDOW_MS, "faster than the rate limit allows");
  const failed = await jobs.getJobs(["failed"], 0, 4);
  assert(failed.every((job) => job.failedReason === "not now" && job.attemptsMade === 2));
});

await test("priorities decide the order", async ({ queue, worker }) => {
  const jobs = queue("ordered");
  await jobs.addBulk(Array.from({ length: 200 }, (_, id) => ({ name: "job", data: id, opts: { priority: 1 + ((id * 37) % 11) } })));
  const order = [];
  worker("ordered", async (job) => order.push(job.opts.priority), { concurrency: 1 });
  await until(() => order.length === 200, "all jobs");
  assert.deepEqual(order, order.toSorted((a, b) => a - b));
});

await test("delayed jobs come when they are due, and a result is awaited", async ({ queue, worker, events }) => {
  const jobs = queue("later");
  const heard = events("later");
  await heard.waitUntilReady();
  worker("later", async (job) => Date.now() - job.timestamp);
  const job = await jobs.add("job", {}, { delay: 300 });
  assert((await job.waitUntilFinished(heard, 20_000)) >= 295);
});

await test("a parent waits for its children", async ({ queue, worker, flow }) => {
  const parents = queue("parents");
  queue("children");
  worker("children", async (job) => job.data.n * 2);
  let sum;
  worker("parents", async (job) => {
    sum = Object.values(await job.getChildrenValues()).reduce((a, b) => a + b, 0);
  });
  await flow().add({
    name: "parent",
    queueName: "parents",
    children: Array.from({ length: 20 }, (_, n) => ({ name: "child", queueName: "children", data: { n } })),
  });
  await until(() => sum !== undefined, "the parent");
  assert.equal(sum, 380);
  await until(async () => (await parents.getJobCounts()).completed === 1, "its end");
});

await test("schedulers repeat, duplicates are dropped, queues pause", async ({ queue, worker }) => {
  const jobs = queue("scheduled");
  let runs = 0;
  worker("scheduled", async () => void (runs += 1));
  await jobs.upsertJobScheduler("every", { every: 50 }, { name: "tick", data: {} });
  await until(() => runs >= 3, "three runs");
  await jobs.removeJobScheduler("every");
  await jobs.pause();
  assert.equal(await jobs.isPaused(), true);
  const [first, second] = [await jobs.add("a", {}, { jobId: "same" }), await jobs.add("a", {}, { jobId: "same" })];
  assert.equal(first.id, second.id);
  await jobs.resume();
  await until(async () => (await jobs.getJob("same"))?.finishedOn, "the job");
});
process.exit(0);
