"""redis-py's scripts and locks, RQ and Celery use a server: with_job_queues.py PORT.

Results go to descriptor 3, one line each: the name and, after a tab, what went wrong.
"""

import logging
import operator
import os
import sys
import time
import traceback

import celery
import redis
import redis.exceptions
import rq
import rq.registry
from celery.contrib.testing.worker import start_worker

PORT = int(sys.argv[1])
URL = f"redis://127.0.0.1:{PORT}/15"

app = celery.Celery("jobs", broker=URL, backend=URL)
app.conf.update(
    task_default_queue="test-celery", worker_hijack_root_logger=False, broker_connection_retry_on_startup=True, worker_prefetch_multiplier=4
)


@app.task
def add(left, right):
    return left + right


@app.task(bind=True, max_retries=3)
def stubborn(self, wanted):
    if self.request.retries < wanted:
        raise self.retry(countdown=0)
    return self.request.retries


def equal(got, wanted):
    assert got == wanted, f"{got!r} instead of {wanted!r}"


def refuses(error, call, *args, **options):
    try:
        got = call(*args, **options)
    except error as refusal:
        return str(refusal)
    raise AssertionError(f"{got!r} instead of {error.__name__}")


def test_redis_py_scripts(r):
    script = r.register_script("return {KEYS[1], ARGV[1] + 1, cjson.encode({a = ARGV[1]}), redis.call('INCR', KEYS[1])}")
    equal(script(keys=["n"], args=[41]), [b"n", 42, b'{"a":"41"}', 1])
    r.script_flush()
    equal(script(keys=["n"], args=[1])[3], 2)
    pipe = r.pipeline()
    script(keys=["n"], args=[1], client=pipe)
    pipe.get("n")
    equal(pipe.execute()[1], b"3")
    sha = r.script_load("return 'x'")
    equal(r.script_exists(sha, "f" * 40), [True, False])
    equal(r.evalsha(sha, 0), b"x")
    refuses(redis.exceptions.NoScriptError, r.evalsha, "f" * 40, 0)
    assert "user_script:1" in refuses(redis.ResponseError, r.eval, "return cjson.decode('x')", 0)


def test_redis_py_locks(r):
    lock = r.lock("test-lock", timeout=5)
    equal(lock.acquire(blocking=False), True)
    other = r.lock("test-lock", timeout=5)
    equal(other.acquire(blocking=False), False)
    equal(lock.extend(5), True)
    assert r.pttl("test-lock") > 5000
    equal(lock.reacquire(), True)
    lock.release()
    equal(r.exists("test-lock"), 0)
    with r.lock("test-lock", timeout=5):
        equal(other.acquire(blocking_timeout=0.05), False)
    equal(other.acquire(blocking=False), True)
    r.set("test-lock", "stolen")
    refuses(redis.exceptions.LockNotOwnedError, other.release)
    r.delete("test-lock")
    equal(other.acquire(blocking=False), True)
    r.set("test-lock", "stolen")
    refuses(redis.exceptions.LockNotOwnedError, other.extend, 5)


def test_rq_runs_jobs(r):
    queue = rq.Queue("test-rq", connection=r)
    jobs = [queue.enqueue(operator.add, number, 1) for number in range(300)]
    failing = queue.enqueue(operator.floordiv, 1, 0, retry=rq.Retry(max=2))
    dependent = queue.enqueue(operator.mul, 6, 7, depends_on=jobs[-1])
    rq.SimpleWorker([queue], connection=r).work(burst=True, logging_level="ERROR")
    equal([job.return_value() for job in jobs], list(range(1, 301)))
    equal(dependent.return_value(), 42)
    equal(failing.get_status(refresh=True), rq.job.JobStatus.FAILED)
    equal(failing.id in rq.registry.FailedJobRegistry(queue=queue), True)
    equal(len(rq.registry.FinishedJobRegistry(queue=queue)), 301)
    equal(queue.count, 0)


def test_celery_runs_tasks(r):
    with start_worker(app, pool="threads", concurrency=4, perform_ping_check=False, loglevel="ERROR", shutdown_timeout=20):
        results = [add.delay(number, number) for number in range(300)]
        equal([result.get(timeout=40) for result in results], [2 * number for number in range(300)])
        equal(stubborn.delay(2).get(timeout=20), 2)
        began = time.monotonic()
        equal(add.apply_async((1, 2), countdown=0.5).get(timeout=20), 3)
        assert time.monotonic() - began >= 0.5
        equal(celery.chord(add.s(number, 1) for number in range(20))(total.s()).get(timeout=40), 210)
        equal(celery.chain(add.s(1, 2), add.s(3))().get(timeout=20), 6)
        assert r.dbsize() > 0


@app.task
def total(numbers):
    return sum(numbers)


def main():
    logging.disable(logging.WARNING)
    results = os.fdopen(3, "w")
    print(f"# redis-py {redis.__version__}, RQ {rq.VERSION}, Celery {celery.__version__}")
    tests = [(name, value) for name, value in globals().items() if name.startswith("test_")]
    for name, test in tests:
        wrong = ""
        with redis.Redis(port=PORT, db=15) as client:
            try:
                client.flushdb()
                test(client)
            except Exception:  # pylint: disable=broad-except
                wrong = traceback.format_exc(limit=-3)
            client.flushdb()
        results.write(f"{name[5:].replace('_', ' ')}\t{wrong.encode('unicode_escape').decode()}\n")
        results.flush()


main()
# Celery's threads would keep the process.
sys.stdout.flush()
os._exit(0)
