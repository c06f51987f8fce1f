"""Asks a real server what Lua expressions say: ask.py PORT < cases.txt > answered.txt

Lines `> expression` are the questions; each is asked of an interpreter that no question has touched before. The line behind, `= text`,
is replaced by what `show.lua` makes of the answer. Other lines stay as they are.
"""

import pathlib
import socket
import sys

SHOW = pathlib.Path(__file__).with_name("show.lua").read_bytes().strip()


class Server:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.replies = self.socket.makefile("rb")

    def call(self, *words):
        parts = [b"*%d\r\n" % len(words)] + [b"$%d\r\n%s\r\n" % (len(word), word) for word in words]
        self.socket.sendall(b"".join(parts))
        line = self.replies.readline().rstrip(b"\r\n")
        if line[:1] != b"$":
            return line
        text = self.replies.read(int(line[1:]) + 2)
        return text[:-2]


def main():
    server = Server(int(sys.argv[1]))
    for line in sys.stdin.buffer:
        if line.startswith(b"= "):
            continue
        sys.stdout.buffer.write(line)
        if line.startswith(b"> "):
            server.call(b"SCRIPT", b"FLUSH", b"SYNC")
            answer = server.call(b"EVAL", SHOW + b" return show(" + line[2:].strip() + b")", b"0")
            sys.stdout.buffer.write(b"= " + answer + b"\n")


main()
