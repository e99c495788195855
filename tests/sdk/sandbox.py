"""A sandbox run by `rdesk sandbox serve`, its control door, and how a table of tests against it is run and counted."""

import argparse
import importlib.metadata
import json
import os
import re
import subprocess
import sys
import threading
import unittest
import urllib.request
from datetime import datetime, timedelta, timezone
from decimal import Decimal

KEY_ID = "testid"
KEY_SECRET = "testsecret"

# How long the sandbox may take to say that it is ready.
READY_SECONDS = 60

# No order of the sandbox is older than this.
ALL_YEARS = timedelta(days=365 * 12)


class Sandbox:
    """A running sandbox and its control door."""

    def __init__(self, rdesk, *arguments):
        command = [rdesk, "sandbox", "serve", "--port", "0", "--key-id", KEY_ID, "--key-secret", KEY_SECRET, *arguments]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        # A sandbox that never gets ready is ended, which ends the reading of its output.
        watch = threading.Timer(READY_SECONDS, self.process.kill)
        watch.start()
        ready = self.process.stdout.readline()
        watch.cancel()
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\s*", ready)
        if not found:
            self.stop()
            raise RuntimeError(f"expected one line `ready http://127.0.0.1:PORT` from {command}, got {ready!r}")
        self.address = found.group(1)

    @property
    def endpoint(self):
        """Host and port, as the SDKs take it."""
        return self.address.removeprefix("http://")

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def control(self, path, ask=None):
        """Knocks at the control door; amounts come as exact decimals."""
        request = urllib.request.Request(
            f"{self.address}/_sandbox/{path}",
            data=None if ask is None else json.dumps(ask).encode(),
            headers={"x-sandbox-control": "1", "content-type": "application/json"},
        )
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=30) as answer:
            return json.load(answer, parse_float=Decimal)

    def now(self):
        return instant(self.control("clock")["now"])

    def advance(self, **by):
        self.control("clock", {"advance_seconds": int(timedelta(**by).total_seconds())})

    def ledger(self, account=0):
        return self.control("ledger")["accounts"][account]


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def wire(moment):
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def run(table, package, description):
    """Runs a table of tests; the version of the package that it is meant for must be the one that is installed."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--rdesk", required=True, help="the built rdesk program")
    parser.add_argument("--version", required=True, help=f"the version of {package} that is meant")
    asked = parser.parse_args()
    installed = importlib.metadata.version(package)
    if installed != asked.version:
        print(f"error: {package} {installed} is installed, not {asked.version}; run `cargo xtask test sdk`")
        return 1
    table.rdesk = asked.rdesk
    # The SDK would send loopback calls to a proxy that the environment names.
    for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
        del os.environ[name]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(table)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    # A test that could not begin (the sandbox did not start) is in no count of its own.
    passed = max(result.testsRun - failed, 0)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1
