"""redis-py uses a server: with_redis_py.py PORT PROTOCOL.

Each function named test_* gets a client of an empty server. Results go to descriptor 3, one line each: the name and, after a tab,
what went wrong. Nothing is stubbed: what redis-py parses, from INFO to COMMAND, it parses from the server's own bytes.
"""

import os
import sys
import threading
import time
import traceback

import redis

PORT, PROTOCOL = int(sys.argv[1]), int(sys.argv[2])


def connect(**options):
    return redis.Redis(port=PORT, protocol=PROTOCOL, **options)


def equal(got, wanted):
    assert got == wanted, f"{got!r} instead of {wanted!r}"


def refuses(error, call, *args, **options):
    try:
        got = call(*args, **options)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{got!r} instead of {error.__name__}")


def has(r, command):
    """Whether the server has a command; one that is not there yet is left out, and said so."""
    there = command in r.command()
    if not there:
        print(f"left out: {command.upper()}")
    return there


def test_strings(r):
    equal(r.set("a", "1"), True)
    equal(r.get("a"), b"1")
    equal(r.get("none"), None)
    equal(r.set("a", "2", nx=True), None)
    equal(r.set("a", "2", xx=True, get=True), b"1")
    equal(r.incr("a", 5), 7)
    equal(r.decr("a"), 6)
    equal(r.incrbyfloat("a", 0.5), 6.5)
    equal(r.append("b", "hello"), 5)
    equal(r.getrange("b", 1, -2), b"ell")
    equal(r.setrange("b", 5, "!"), 6)
    equal(r.strlen("b"), 6)
    equal(r.mset({"x": 1, "y": b"\x00\xff"}), True)
    equal(r.mget("x", "y", "none"), [b"1", b"\x00\xff", None])
    equal(r.msetnx({"x": 2, "z": 3}), False)
    equal(r.getdel("x"), b"1")
    equal(r.exists("x", "y"), 1)
    equal(r.lcs("b", "b", len=True), 6)
    assert "not an integer" in refuses(redis.ResponseError, r.incr, "b")


def test_values_of_every_size(r):
    for size in (0, 1, 43, 44, 45, 63, 64, 4095, 16383, 16384, 65535, 65536, 1 << 20, (5 << 20) + 1):
        value = os.urandom(size)
        r.set("sized", value)
        assert r.get("sized") == value, f"{size} bytes"


def test_bitmaps(r):
    equal(r.setbit("bits", 7, 1), 0)
    equal(r.getbit("bits", 7), 1)
    equal(r.bitcount("bits"), 1)
    equal(r.bitcount("bits", 0, 6, "BIT"), 0)
    equal(r.bitpos("bits", 1), 7)
    r.set("other", b"\xf0")
    equal(r.bitop("OR", "both", "bits", "other"), 1)
    equal(r.get("both"), b"\xf1")
    equal(r.bitfield("field").set("u8", "#1", 255).incrby("i4", 0, 3).get("u8", 8).execute(), [0, 3, 255])
    equal(r.bitfield_ro("field", "u8", 8), [255])


def test_lists(r):
    equal(r.rpush("l", "a", "b", "c"), 3)
    equal(r.lpush("l", "z"), 4)
    equal(r.lrange("l", 0, -1), [b"z", b"a", b"b", b"c"])
    equal(r.lpos("l", "b"), 2)
    equal(r.linsert("l", "BEFORE", "b", "x"), 5)
    equal(r.lmove("l", "m", "LEFT", "RIGHT"), b"z")
    equal(r.lmpop(1, "l", direction="RIGHT", count=2), [b"l", [b"c", b"b"]])
    equal(r.blpop("none", timeout=0.01), None)
    equal(r.blpop(["none", "l"], timeout=1), (b"l", b"a") if PROTOCOL == 2 else [b"l", b"a"])
    equal(r.llen("l"), 1)


def test_a_client_that_waits_is_served(r):
    got = []
    other = connect()
    waiter = threading.Thread(target=lambda: got.append(other.blpop("queue", timeout=10)))
    waiter.start()
    while r.info("clients")["blocked_clients"] != 1:
        time.sleep(0.001)
    r.rpush("queue", "job")
    waiter.join()
    equal(list(got[0]), [b"queue", b"job"])


def test_sets(r):
    equal(r.sadd("s", "a", "b", "c"), 3)
    equal(r.smembers("s"), {b"a", b"b", b"c"})
    equal(r.sismember("s", "a"), 1)
    r.sadd("t", "b", "d")
    equal(r.sinter("s", "t"), {b"b"})
    equal(r.sunionstore("u", "s", "t"), 4)
    equal(r.sdiff("s", "t"), {b"a", b"c"})
    assert r.spop("s") in (b"a", b"b", b"c")
    equal(set(r.sscan_iter("u")), {b"a", b"b", b"c", b"d"})


def test_hashes(r):
    equal(r.hset("h", mapping={"f": "1", "g": "x"}), 2)
    equal(r.hgetall("h"), {b"f": b"1", b"g": b"x"})
    equal(r.hincrby("h", "f", 4), 5)
    equal(r.hexpire("h", 100, "f"), [1])
    assert 0 < r.httl("h", "f")[0] <= 100
    equal(r.hpersist("h", "f"), [1])
    equal(r.hmget("h", "f", "none"), [b"5", None])
    equal(dict(r.hscan_iter("h")), {b"f": b"5", b"g": b"x"})


def test_sorted_sets(r):
    equal(r.zadd("z", {"a": 1, "b": 2.5, "c": 3}), 3)
    equal(r.zrange("z", 0, -1), [b"a", b"b", b"c"])
    equal(r.zscore("z", "b"), 2.5)
    equal(r.zrank("z", "c"), 2)
    equal(r.zincrby("z", 1, "a"), 2.0)
    equal(r.zrangebyscore("z", "(2", "+inf"), [b"b", b"c"])
    equal([tuple(pair) for pair in r.zpopmin("z", 1)], [(b"a", 2.0)])
    equal(r.zunionstore("u", ["z"]), 2)


def test_streams(r):
    first = r.xadd("st", {"k": "v"})
    r.xadd("st", {"k": "w"})
    equal(r.xlen("st"), 2)
    equal(r.xrange("st")[0], (first, {b"k": b"v"}))
    equal(r.xgroup_create("st", "g", id="0"), True)
    read = r.xreadgroup("g", "me", {"st": ">"}, count=1)
    assert first.decode() in str(read), read
    equal(r.xpending("st", "g")["pending"], 1)
    equal(r.xack("st", "g", first), 1)
    equal(r.xinfo_stream("st")["length"], 2)


def test_geo_and_counts(r):
    equal(r.geoadd("geo", (13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania")), 2)
    assert abs(r.geodist("geo", "Palermo", "Catania", "km") - 166.2742) < 0.001
    equal(r.geosearch("geo", longitude=15, latitude=37, radius=200, unit="km", sort="ASC"), [b"Catania", b"Palermo"])
    equal(r.pfadd("hll", "a", "b", "c"), 1)
    equal(r.pfcount("hll"), 3)


def test_transactions(r):
    with r.pipeline() as pipe:
        pipe.watch("balance")
        r.set("balance", 1)
        pipe.multi()
        pipe.incr("balance")
        refuses(redis.WatchError, pipe.execute)
    with r.pipeline(transaction=True) as pipe:
        equal(pipe.set("a", 1).incr("a").get("a").execute(), [True, 2, b"2"])


def test_publish_and_subscribe(r):
    pubsub = r.pubsub()
    pubsub.subscribe("news")
    pubsub.psubscribe("n*")
    while pubsub.get_message(timeout=1)["type"] != "psubscribe":
        pass
    equal(r.publish("news", "hello"), 2)
    equal(pubsub.get_message(timeout=1)["data"], b"hello")
    equal(pubsub.get_message(timeout=1)["pattern"], b"n*")
    pubsub.close()


def test_sort(r):
    r.rpush("l", 3, 1, 2)
    equal(r.sort("l", desc=True), [b"3", b"2", b"1"])


def test_expiry(r):
    r.set("a", 1, ex=100)
    assert 0 < r.ttl("a") <= 100 and 0 < r.pttl("a") <= 100_000
    equal(r.persist("a"), True)
    equal(r.ttl("a"), -1)
    equal(r.ttl("none"), -2)
    equal(r.expire("a", 50, nx=True), True)
    equal(r.expire("a", 60, nx=True), False)
    moment = int(time.time()) + 1000
    equal(r.expireat("a", moment), True)
    equal(r.expiretime("a"), moment)
    r.set("short", 1, px=40)
    deadline = time.time() + 30
    while r.exists("short"):
        assert time.time() < deadline
        time.sleep(0.02)
    equal(r.getex("a", persist=True), b"1")


def test_pipelines(r):
    pipe = r.pipeline(transaction=False)
    for index in range(3000):
        pipe.set(f"key:{index}", index)
        pipe.get(f"key:{index}")
    replies = pipe.execute()
    equal(replies[1::2], [str(index).encode() for index in range(3000)])
    pipe.set("text", "x").incr("text").get("text")
    replies = pipe.execute(raise_on_error=False)
    assert replies[0] is True and isinstance(replies[1], redis.ResponseError) and replies[2] == b"x", replies


def test_keys(r):
    r.mset({f"key:{index}": index for index in range(2000)})
    equal({int(key[4:]) for key in r.scan_iter(match="key:*", count=100)}, set(range(2000)))
    equal(len(set(r.scan_iter(_type="string"))), 2000)
    equal(list(r.scan_iter(_type="list")), [])
    equal(r.dbsize(), 2000)
    equal(sorted(r.keys("key:199?"))[:2], [b"key:1990", b"key:1991"])
    assert r.randomkey().startswith(b"key:")
    equal(r.rename("key:1", "one"), True)
    equal(r.renamenx("one", "key:2"), False)
    equal(r.copy("one", "two"), True)
    equal(r.type("two"), b"string")
    equal(r.unlink("one", "two", "none"), 2)
    equal(r.touch("key:2", "key:3", "none"), 2)
    equal(r.move("key:2", 9), True)
    equal(r.swapdb(0, 9), True)
    equal(r.dbsize(), 1)
    equal(r.flushdb(), True)
    equal(r.object("encoding", "key:2"), None)


def test_objects(r):
    r.set("int", 12)
    r.set("short", "abc")
    r.set("long", "x" * 100)
    equal([r.object("encoding", key) for key in ("int", "short", "long")], [b"int", b"embstr", b"raw"])
    equal(r.object("refcount", "short"), 1)
    assert r.object("idletime", "short") < 1000
    if has(r, "memory"):
        assert r.memory_usage("long") > 100


def test_dump_and_restore(r):
    for value in (b"text", b"123", b"x" * 10_000, os.urandom(5000)):
        r.set("a", value)
        payload = r.dump("a")
        equal(r.restore("b", 100_000, payload, replace=True), b"OK")
        equal(r.get("b"), value)
        assert 0 < r.pttl("b") <= 100_000
    assert "BUSYKEY" in refuses(redis.ResponseError, r.restore, "b", 0, payload)
    broken = bytearray(payload)
    broken[3] ^= 1
    assert "DUMP payload version or checksum" in refuses(redis.ResponseError, r.restore, "c", 0, bytes(broken))


def test_clients(r):
    with connect(single_connection_client=True, client_name="observer") as me:
        own = me.client_id()
        equal(me.client_getname() in ("observer", b"observer"), True)
        listed = {int(client["id"]): client for client in me.client_list()}
        equal((listed[own]["name"], listed[own]["lib-name"]), ("observer", "redis-py"))
        info = me.client_info()
        equal((int(info["id"]), info["cmd"], str(info["resp"])), (own, "client|info", str(PROTOCOL)))
        equal(me.client_setname("renamed"), True)
        equal(me.client_list(client_id=[own])[0]["name"], "renamed")
        equal(me.client_no_evict("ON") in (b"OK", "OK"), True)
        equal(me.client_no_touch("ON") in (b"OK", "OK"), True)
        equal(me.client_pause(1, all=False), True)
        equal(me.client_unpause() in (b"OK", "OK"), True)
        equal(me.client_kill_filter(_id=10**9), 0)
        victim = connect(single_connection_client=True)
        killed = victim.client_id()
        equal(me.client_kill_filter(_id=killed), 1)
        assert killed not in {int(client["id"]) for client in me.client_list()}
        assert victim.client_id() != killed, "it comes back as another"


def test_info(r):
    for section in (
        "server", "clients", "memory", "persistence", "stats", "replication", "cpu", "modules", "commandstats", "errorstats",
        "latencystats", "cluster", "keyspace", "all", "default", "everything",
    ):
        parsed = r.info(section)
        assert isinstance(parsed, dict), section
    r.set("a", 1, ex=100)
    refuses(redis.ResponseError, r.execute_command, "INCR", "a", "b")
    everything = r.info("everything")
    assert everything["redis_version"][0].isdigit() and everything["tcp_port"] == PORT
    assert everything["connected_clients"] >= 1 and everything["used_memory"] > 0
    equal((everything["db0"]["keys"], everything["db0"]["expires"]), (1, 1))
    assert everything["cmdstat_set"]["calls"] >= 1
    assert everything["errorstat_ERR"]["count"] >= 1
    equal(everything["role"], "master")
    text = ("redis_version", "redis_mode", "os", "run_id", "role", "maxmemory_policy")
    assert all(isinstance(everything[name], str) for name in text)


def test_config(r):
    equal(r.config_get("maxclients"), {"maxclients": "10000"})
    found = r.config_get("*")
    assert len(found) > 150 and all(isinstance(value, str) for value in found.values()), len(found)
    equal(r.config_get("hz", "timeout").keys(), {"hz", "timeout"})
    equal(r.config_set("timeout", 77), True)
    equal(r.config_get("timeout"), {"timeout": "77"})
    equal(r.config_set("timeout", 0), True)
    refuses(redis.ResponseError, r.config_set, "no-such-parameter", 1)
    refuses(redis.ResponseError, r.config_set, "maxclients", "many")
    equal(r.config_resetstat(), True)


def test_commands(r):
    table = r.command()
    equal(table["get"]["arity"], 2)
    equal(("readonly" in table["get"]["flags"], table["get"]["first_key_pos"]), (True, 1))
    equal(r.command_count(), len(table))
    keys = [key.decode() if isinstance(key, bytes) else key for key in r.command_getkeys("MSET", "a", 1, "b", 2)]
    equal(keys, ["a", "b"])
    names = {name.decode() if isinstance(name, bytes) else name for name in r.command_list()}
    equal({name for name in names if "|" not in name}, {name for name in table})
    (key, flags), = r.command_getkeysandflags("GET", "a")
    equal(key, b"a")
    assert "RO" in flags or b"RO" in flags, flags
    docs = r.execute_command("COMMAND DOCS", "set")
    assert docs, "SET is documented"


def test_hello(r):
    hello = r.execute_command("HELLO", PROTOCOL)
    if isinstance(hello, list):
        hello = dict(zip(hello[::2], hello[1::2]))
    hello = {key.decode() if isinstance(key, bytes) else key: value for key, value in hello.items()}
    equal((hello["server"], hello["proto"], hello["role"]), (b"redis", PROTOCOL, b"master"))
    assert "NOPROTO" in refuses(redis.ResponseError, r.execute_command, "HELLO", 4)
    equal(r.echo("hi"), b"hi")
    equal(r.ping(), True)
    seconds, microseconds = r.time()
    assert abs(seconds - time.time()) < 60 and 0 <= microseconds < 1_000_000


def test_decoded_responses(_):
    with connect(decode_responses=True, db=3) as r:
        r.set("\u043a\u043b\u044e\u0447", "\u0437\u043d\u0430\u0447\u0435\u043d\u0438\u0435")
        equal(r.get("\u043a\u043b\u044e\u0447"), "\u0437\u043d\u0430\u0447\u0435\u043d\u0438\u0435")
        equal(list(r.scan_iter()), ["\u043a\u043b\u044e\u0447"])
        r.flushdb()


def test_fifty_threads(r):
    pool = redis.ConnectionPool(port=PORT, protocol=PROTOCOL, max_connections=50)
    wrong = []

    def work():
        client = redis.Redis(connection_pool=pool)
        try:
            for _ in range(100):
                client.incr("counter")
        except Exception as error:  # pylint: disable=broad-except
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pool.disconnect()
    equal(wrong, [])
    equal(r.get("counter"), b"5000")


def main():
    results = os.fdopen(3, "w")
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    for name, test in tests:
        wrong = ""
        with connect() as client:
            try:
                client.flushall()
                test(client)
            except Exception:  # pylint: disable=broad-except
                wrong = traceback.format_exc(limit=-3)
        results.write(f"{name[5:].replace('_', ' ')}\t{wrong.encode('unicode_escape').decode()}\n")
        results.flush()
    equal(len(tests), 25)


main()
