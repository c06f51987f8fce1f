// node-redis uses a server: with_node_redis.mjs PORT. Results go to descriptor 3, a line each: the name and, after a tab, what went wrong.

import assert from "node:assert/strict";
import fs from "node:fs";
import { createClient, defineScript } from "redis";

const scripts = {
  addTo: defineScript({
    NUMBER_OF_KEYS: 1,
    SCRIPT: "return redis.call('INCRBY', KEYS[1], ARGV[1])",
    parseCommand(parser, key, by) {
      parser.pushKey(key);
      parser.push(by.toString());
    },
    transformReply: (reply) => reply,
  }),
};

for (const RESP of [2, 3]) {
  const connect = (more = {}) =>
    createClient({ url: `redis://127.0.0.1:${process.argv[2]}/15`, RESP, scripts, ...more })
      .on("error", (error) => console.log(String(error)))
      .connect();

  const test = async (name, body) => {
    const client = await connect();
    let wrong = "";
    try {
      await client.flushDb();
      await body(client);
    } catch (error) {
      wrong = String(error.stack).replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", " ");
    }
    await client.flushDb();
    client.destroy();
    fs.writeSync(3, `protocol ${RESP}: ${name}\t${wrong}\n`);
  };

  await test("connects and stores", async (client) => {
    assert.equal(await client.set("key", "value", { EX: 100 }), "OK");
    assert.equal(await client.get("key"), "value");
    await client.hSet("hash", { a: "1", b: "two" });
    assert.deepEqual({ ...(await client.hGetAll("hash")) }, { a: "1", b: "two" });
    await client.zAdd("zset", [{ score: 1.5, value: "m" }]);
    assert.equal(await client.zScore("zset", "m"), 1.5);
    await assert.rejects(client.incr("hash"), /WRONGTYPE/);
  });

  await test("pipelines", async (client) => {
    const replies = await Promise.all(Array.from({ length: 2000 }, (_, at) => client.set(`key:${at}`, String(at))));
    assert(replies.every((reply) => reply === "OK"));
    assert.equal(await client.get("key:1999"), "1999");
  });

  await test("transactions", async (client) => {
    assert.deepEqual(await client.multi().set("a", "1").incr("a").get("a").exec(), ["OK", 2, "2"]);
    await client.watch("a");
    const other = await connect();
    await other.set("a", "5");
    other.destroy();
    await assert.rejects(client.multi().incr("a").exec(), /watch/i);
  });

  await test("subscribes", async (client) => {
    const listener = await connect();
    const heard = new Promise((resolve) => listener.pSubscribe("test-*", (text, channel) => resolve([channel, text])));
    while ((await client.publish("test-news", "hello")) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.deepEqual(await heard, ["test-news", "hello"]);
    listener.destroy();
  });

  await test("scripts", async (client) => {
    assert.equal(await client.addTo("n", 5), 5);
    await client.scriptFlush();
    assert.equal(await client.addTo("n", 5), 10);
    const answer = await client.eval("return {KEYS[1], ARGV[1], 7, {false, 'x'}}", { keys: ["k"], arguments: ["v"] });
    assert.deepEqual(answer, ["k", "v", 7, [null, "x"]]);
    assert.deepEqual(await client.multi().addTo("n", 1).get("n").exec(), [11, "11"]);
  });

  if (RESP === 3) {
    await test("client-side caching", async () => {
      const cached = await connect({ clientSideCache: { ttl: 0, maxEntries: 100 } });
      const writer = await connect();
      await writer.set("c", "1");
      assert.equal(await cached.get("c"), "1");
      await writer.set("c", "2");
      const end = Date.now() + 20_000;
      while ((await cached.get("c")) !== "2") {
        assert(Date.now() < end, "the invalidation never came");
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      cached.destroy();
      writer.destroy();
    });
  }
}
process.exit(0);
