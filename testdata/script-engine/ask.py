#!/usr/bin/env python3
"""Asks a server of Redis 8.0 what the scripts of cases.py answer and writes cases.jsonl: ask.py PORT (the server's keys are deleted)."""
import json
import socket
import sys

from cases import LIBRARIES, SCRIPTS


def read(f):
    line = f.readline()
    kind, rest = line[:1], line[1:].strip()
    if kind in b"$=":
        return line + (f.read(int(rest) + 2) if int(rest) >= 0 else b"")
    if kind in b"*~>%":
        count = max(int(rest), 0) * (2 if kind == b"%" else 1)
        return line + b"".join(read(f) for _ in range(count))
    return line


def ask(f, *args):
    args = [arg.encode("latin1") for arg in args]
    f.write(b"*%d\r\n" % len(args) + b"".join(b"$%d\r\n%s\r\n" % (len(arg), arg) for arg in args))
    f.flush()
    return read(f)


def main():
    f = socket.create_connection(("127.0.0.1", int(sys.argv[1]))).makefile("rwb")
    with open("cases.jsonl", "w") as out:
        for resp in (2, 3):
            ask(f, "HELLO", str(resp))
            for script in SCRIPTS:
                ask(f, "FLUSHALL")
                ask(f, "SCRIPT", "FLUSH")
                ask(f, "SET", "k", "v")
                ask(f, "ZADD", "zz", "1.5", "a")
                ask(f, "SADD", "ss", "a")
                ask(f, "EVAL", "math.randomseed(0)", "0")
                reply = ask(f, "EVAL", script, "1", "key", "arg")
                out.write(json.dumps({"resp": resp, "script": script, "reply": reply.decode("latin1")}) + "\n")
        ask(f, "HELLO", "2")
        ask(f, "FUNCTION", "FLUSH")
        for code in LIBRARIES:
            reply = ask(f, "FUNCTION", "LOAD", code)
            out.write(json.dumps({"library": code, "reply": reply.decode("latin1")}) + "\n")
        for name in ["q%d" % i for i in range(30)]:
            reply = ask(f, "FCALL", name, "1", "key", "arg")
            out.write(json.dumps({"function": name, "reply": reply.decode("latin1")}) + "\n")


main()
