"""How long a first sync takes, beside a plain script with the official SDK in the same run; what a later sync costs; and how much
of the account's documented rate a sync uses. It judges nothing and is no test.

    cargo xtask bench sync
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from sandbox import KEY_ID, KEY_SECRET, Sandbox

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench_record import figure, record

CLOCK = "2026-06-25T02:00:00Z"

# The way to a cloud and back: some milliseconds within a city, a tenth of a second and more to another continent.
LINE_MS = 20

# Of the documented rates, while the limits are on: per cent.
SHARE = 50

# The documented rate of the calls that a sync makes most, a second.
RATE = 10


class Home:
    """A home with the sandbox's first customer."""

    def __init__(self, rdesk, folder, sandbox):
        self.rdesk, self.folder = rdesk, folder
        self.ask("customer", "add", "--endpoint", sandbox.address, "--key-id", KEY_ID, "--key-secret", KEY_SECRET)

    def command(self, *words):
        return [self.rdesk, "--home", self.folder, "--json", *words]

    def ask(self, *words):
        done = subprocess.run(self.command(*words), stdout=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{words}: {done.stdout}")
        return json.loads(done.stdout)

    def sync(self, first_quote=False):
        """Report, seconds, most memory in MiB, and seconds until a resource had an amount."""
        watch = Watch(self) if first_quote else None
        begun = time.perf_counter()
        process = subprocess.Popen(self.command("sync"), stdout=subprocess.PIPE, text=True)
        if watch:
            watch.begin(begun)
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - begun
        if status != 0:
            raise RuntimeError(answer)
        report = json.loads(answer)[0]
        return report, seconds, usage.ru_maxrss / 1024, watch.end() if watch else None


class Watch:
    """Looks again and again whether a resource has an amount, as a second desk on the home that only reads."""

    def __init__(self, home):
        self.home, self.seen, self.stop = home, None, threading.Event()

    def begin(self, begun):
        self.thread = threading.Thread(target=self.look, args=(begun,))
        self.thread.start()

    def look(self, begun):
        words = self.home.command("resources", "--sort", "refund", "--limit", "1")
        while not self.stop.wait(0.2):
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            rows = json.loads(done.stdout).get("rows", []) if done.returncode == 0 else []
            if any(row["refund"] not in (None, "0", "0.00") for row in rows):
                self.seen = time.perf_counter() - begun
                return

    def end(self):
        self.stop.set()
        self.thread.join()
        return self.seen


def size(folder, pattern):
    return sum(path.stat().st_size for path in Path(folder).glob(pattern)) / 2**20


def script(sandbox, folder, since):
    """Seconds and calls of the plain script."""
    file = Path(folder) / "plain.sqlite"
    program = Path(__file__).parent / "plain_sync.py"
    words = [sys.executable, program, sandbox.endpoint, KEY_ID, KEY_SECRET, since, CLOCK, file]
    begun = time.perf_counter()
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout), time.perf_counter() - begun


def without_limits(rdesk, orders):
    sandbox = Sandbox(rdesk, "--seed", "5", "--customers", "1", "--clock", CLOCK, "--orders", str(orders))
    try:
        with tempfile.TemporaryDirectory() as folder:
            home = Home(rdesk, folder, sandbox)
            report, seconds, memory, first = home.sync(first_quote=True)
            again, later, later_memory, _ = home.sync()
            print(f"first sync: {report['orders']:,} orders, {report['resources']:,} resources, {report['transactions']:,} movements of money")
            cache = size(folder, "cache.db*")
            print(f"  {seconds:.1f} s, {report['calls'] / report['orders']:.3f} calls an order, at most {memory:.0f} MiB, cache {cache:.0f} MiB")
            print(f"  first resource with an amount after {first:.1f} s" if first else "  no resource had an amount before its end")
            print(f"sync with nothing new: {later:.1f} s, {again['calls']} calls, at most {later_memory:.0f} MiB")
            oldest = min(order["created_at"] for order in sandbox.ledger()["orders"])
            plain, plain_seconds = script(sandbox, folder, oldest)
            print(f"plain script with the official SDK: {plain['orders']:,} orders, {plain_seconds:.1f} s, {plain['calls'] / plain['orders']:.3f} calls an order")
            ours, theirs = report["orders"] / seconds, plain["orders"] / plain_seconds
            print(f"  orders a second: {ours:,.0f} and {theirs:,.0f}: {ours / theirs:.1f} times the script")
            return [
                figure("first sync, an order", "ms", [1000 * seconds / report["orders"]]),
                figure("first sync, times the script", "", [ours / theirs], lower_is_better=False),
                figure("first sync, most memory", "MiB", [memory]),
                figure("first sync, calls an order", "calls", [report["calls"] / report["orders"]]),
                figure("sync with nothing new", "s", [later]),
                figure("cache, an order", "KiB", [1024 * cache / report["orders"]]),
            ]
    finally:
        sandbox.stop()


def over_a_line(rdesk, orders):
    """The same with a cloud that is not on this machine: each answer comes some milliseconds later, and neither side can use a core
    that the sandbox does not need.
    """
    with tempfile.TemporaryDirectory() as folder:
        faults = Path(folder) / "line.toml"
        faults.write_text(f'[[rules]]\nfault = "latency"\nms = {LINE_MS}\n')
        sandbox = Sandbox(rdesk, "--seed", "5", "--customers", "1", "--clock", CLOCK, "--orders", str(orders), "--faults", str(faults))
        try:
            home = Home(rdesk, str(Path(folder) / "home"), sandbox)
            report, seconds, _, _ = home.sync()
            oldest = min(order["created_at"] for order in sandbox.ledger()["orders"])
            plain, plain_seconds = script(sandbox, folder, oldest)
            ours, theirs = report["orders"] / seconds, plain["orders"] / plain_seconds
            print(f"over a line of {LINE_MS} ms a call, {report['orders']:,} orders: {seconds:.1f} s, the plain script {plain_seconds:.1f} s: {ours / theirs:.1f} times")
            return [figure(f"over a line of {LINE_MS} ms, times the script", "", [ours / theirs], lower_is_better=False)]
        finally:
            sandbox.stop()


def with_limits(rdesk, orders):
    with tempfile.TemporaryDirectory() as folder:
        faults = Path(folder) / "limits.toml"
        faults.write_text("throttle = true\n")
        sandbox = Sandbox(rdesk, "--seed", "5", "--customers", "1", "--clock", CLOCK, "--orders", str(orders), "--faults", str(faults))
        try:
            home = Home(rdesk, str(Path(folder) / "home"), sandbox)
            home.ask("pace", str(SHARE))
            report, seconds, _, _ = home.sync()
            used = report["calls"] / seconds / (RATE * SHARE / 100)
            print(f"with the documented limits and a share of {SHARE} %: {report['calls']} calls in {seconds:.1f} s, {100 * used:.1f} % of the share")
            return [figure("with limits, of the share", "%", [100 * used], lower_is_better=False)]
        finally:
            sandbox.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rdesk", required=True, help="rdesk, built for release")
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--line-orders", type=int, default=4_000)
    parser.add_argument("--limited-orders", type=int, default=600)
    asked = parser.parse_args()
    figures = over_a_line(asked.rdesk, asked.line_orders)
    figures += without_limits(asked.rdesk, asked.orders)
    figures += with_limits(asked.rdesk, asked.limited_orders)
    record("sync", figures)


if __name__ == "__main__":
    main()
