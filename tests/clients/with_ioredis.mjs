// ioredis uses a server: with_ioredis.mjs PORT. Results go to descriptor 3, a line each: the name and, after a tab, what went wrong.

import assert from "node:assert/strict";
import fs from "node:fs";
import { Redis } from "ioredis";

const options = { host: "127.0.0.1", port: Number(process.argv[2]), db: 15 };

async function test(name, body) {
  const redis = new Redis(options);
  let wrong = "";
  try {
    await redis.flushdb();
    await body(redis);
  } catch (error) {
    wrong = String(error.stack).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", " ");
  }
  await redis.flushdb().catch(() => {});
  redis.disconnect();
  fs.writeSync(3, `${name}\t${wrong}\n`);
}

await test("connects and stores", async (redis) => {
  assert.equal(await redis.set("key", "value", "EX", 100), "OK");
  assert.equal(await redis.get("key"), "value");
  assert.deepEqual(await redis.getBuffer("key"), Buffer.from("value"));
  await redis.hset("hash", { a: 1, b: "two" });
  assert.deepEqual(await redis.hgetall("hash"), { a: "1", b: "two" });
  await assert.rejects(redis.incr("hash"), /WRONGTYPE/);
});

await test("pipelines", async (redis) => {
  const pipeline = redis.pipeline();
  for (let at = 0; at < 2000; at += 1) pipeline.set(`key:${at}`, at).get(`key:${at}`);
  const replies = await pipeline.exec();
  assert(replies.every(([error]) => error === null));
  assert.equal(replies[3999][1], "1999");
});

await test("transactions", async (redis) => {
  assert.deepEqual(await redis.multi().set("a", 1).incr("a").get("a").exec(), [[null, "OK"], [null, 2], [null, "2"]]);
  await redis.watch("a");
  const other = redis.duplicate();
  await other.set("a", 5);
  other.disconnect();
  assert.equal(await redis.multi().incr("a").exec(), null);
});

await test("subscribes", async (redis) => {
  const listener = redis.duplicate();
  const heard = new Promise((resolve) => listener.on("pmessage", (pattern, channel, text) => resolve([pattern, channel, text])));
  await listener.psubscribe("test-*");
  assert.equal(await redis.publish("test-news", "hello"), 1);
  assert.deepEqual(await heard, ["test-*", "test-news", "hello"]);
  listener.disconnect();
});

await test("commands of its own, in Lua", async (redis) => {
  redis.defineCommand("double", { numberOfKeys: 1, lua: "return {KEYS[1], redis.call('GET', KEYS[1]) * ARGV[1], cjson.encode({ARGV[1]})}" });
  await redis.set("n", 21);
  assert.deepEqual(await redis.double("n", 2), ["n", 42, '["2"]']);
  await redis.script("FLUSH");
  assert.deepEqual(await redis.double("n", 3), ["n", 63, '["3"]']);
  assert.deepEqual(await redis.pipeline().double("n", 4).get("n").exec(), [[null, ["n", 84, '["4"]']], [null, "21"]]);
  await assert.rejects(redis.evalsha("f".repeat(40), 0), /NOSCRIPT/);
  await assert.rejects(redis.eval("return redis.error_reply('MINE it is')", 0), /MINE it is/);
});

await test("tells of invalidated keys", async (redis) => {
  // Of the two protocols only the older one sends them as messages.
  const listener = redis.duplicate({ protocol: 2 });
  const heard = new Promise((resolve) => listener.on("message", (channel, keys) => resolve([channel, keys].flat())));
  await listener.subscribe("__redis__:invalidate");
  assert.equal(await redis.client("TRACKING", "ON", "REDIRECT", await idOf(redis, listener)), "OK");
  await redis.get("watched");
  const writer = redis.duplicate();
  await writer.set("watched", 1);
  writer.disconnect();
  assert.deepEqual(await within(20_000, heard), ["__redis__:invalidate", "watched"]);
  listener.disconnect();
});

function within(limitMs, promise) {
  const late = new Promise((_, reject) => setTimeout(() => reject(new Error(`nothing within ${limitMs} ms`)), limitMs).unref());
  return Promise.race([promise, late]);
}

// The id of a subscribed connection, from the list: it cannot be asked itself under RESP2.
async function idOf(redis, listener) {
  const port = listener.stream.localPort;
  const line = (await redis.client("LIST")).split("\n").find((client) => client.includes(`addr=127.0.0.1:${port} `));
  return Number(/^id=(\d+)/.exec(line)[1]);
}

await test("streams, scans and blocking pops", async (redis) => {
  await redis.xadd("stream", "*", "field", "value");
  const [[, [[, fields]]]] = await redis.xread("COUNT", 1, "STREAMS", "stream", 0);
  assert.deepEqual(fields, ["field", "value"]);
  await redis.mset(Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`scan:${at}`, at])));
  const found = new Set();
  for await (const keys of redis.scanStream({ match: "scan:*", count: 50 })) keys.forEach((key) => found.add(key));
  assert.equal(found.size, 500);
  const waiter = redis.duplicate();
  const popped = waiter.blpop("list", 20);
  await redis.rpush("list", "x");
  assert.deepEqual(await popped, ["list", "x"]);
  waiter.disconnect();
});
process.exit(0);
