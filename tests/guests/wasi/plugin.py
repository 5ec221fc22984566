"""Looks around as far as Python's own library lets it, and tells what it found: a plugin that its toolchain built as usual."""

# Names of hosts are encoded with it; what is not imported when the component is built is not there later.
import encodings.idna
import os
import random
import socket
import sys
import time
import urllib.request

from wit_world import exports
from wit_world.exports import checks as wire
from wit_world.imports import types


def clock():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def sleep():
    before, began = time.monotonic(), clock()
    time.sleep(3600)
    return f"{time.monotonic() - before:.0f} s, from {began} to {clock()}"


def refused(attempt):
    try:
        attempt()
    except OSError as error:
        return f"refused: {type(error).__name__}"
    return "allowed"


def tcp():
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as out:
        out.connect(("127.0.0.1", 80))


def udp():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.sendto(b"x", ("127.0.0.1", 53))


PROBES = {
    "clock": clock,
    "sleep": sleep,
    "environment": lambda: repr(dict(os.environ)),
    "arguments": lambda: repr(sys.argv[1:]),
    "input": lambda: repr(sys.stdin.read()),
    "chance": lambda: f"{random.SystemRandom().random()} {os.urandom(4).hex()}",
    "read": lambda: refused(lambda: open("/etc/passwd")),
    "list": lambda: refused(lambda: os.listdir("/")),
    "write": lambda: refused(lambda: open("/tmp/plumb", "w")),
    "connect": lambda: refused(tcp),
    "listen": lambda: refused(lambda: socket.create_server(("127.0.0.1", 0))),
    "datagram": lambda: refused(udp),
    "resolve": lambda: refused(lambda: socket.getaddrinfo("localhost", 80)),
    "fetch": lambda: refused(lambda: urllib.request.urlopen("http://127.0.0.1/")),
}


class Checks(exports.Checks):
    def describe(self):
        return [
            wire.Check(id, id, "", "", types.Severity.LOW, wire.Scope.RESOURCE, ["aws_s3_bucket"], [], [], False, [], [],
                       wire.Remediation("", "", "", "", 0))
            for id in [*PROBES, "crash", "exit", "flood"]
        ]

    def evaluate(self, context, checks, resources):
        found = []
        for number, id in enumerate(checks):
            if id == "crash":
                raise RuntimeError("no such region")
            if id == "exit":
                print("good bye", file=sys.stderr, flush=True)
                sys.exit(3)
            if id == "flood":
                while True:
                    sys.stderr.write("x" * 60_000)
                    time.sleep(60)
            print("looking at", id)
            found.append(wire.Outcome(number, 0, wire.Verdict_Fail(PROBES[id]())))
        return found

    def evaluate_account(self, context, checks):
        return []
