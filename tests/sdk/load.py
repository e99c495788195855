"""How fast the sandbox answers: start-up, memory, pages and details of many orders. It judges nothing and is no test.

    cargo build --release -p rdesk
    python3 tests/sdk/load.py --rdesk target/release/rdesk --orders 200000 --customers 4

Requests are signed before the clock runs, so that what is measured is the sandbox and the loopback. Each connection is kept and sends one request after the other.
"""

import argparse
import json
import multiprocessing
import random
import statistics
import sys
import time
from datetime import datetime, timedelta, timezone

from plain import Connection, signed
from sandbox import ALL_YEARS, Sandbox, wire


def told(name, times):
    times = sorted(times)
    micros = lambda seconds: f"{seconds * 1e6:,.0f}"
    print(f"{name:<44} median {micros(statistics.median(times)):>8}  p95 {micros(times[len(times) * 95 // 100]):>8} us  (n={len(times)})")


def timed(sandbox, name, requests):
    connection = Connection(sandbox.endpoint)
    times = []
    for request in requests:
        begun = time.perf_counter()
        connection.ask(request)
        times.append(time.perf_counter() - begun)
    told(name, times)


def blast(endpoint, ids, calls, ready, go, done):
    """One process: signs its requests, waits for the word, sends them all."""
    choose = random.Random(1)
    requests = [signed(endpoint, "GetOrderDetail", OrderId=choose.choice(ids)) for _ in range(calls)]
    connection = Connection(endpoint)
    ready.put(1)
    go.wait()
    for request in requests:
        connection.ask(request)
    done.put(calls)


def throughput(sandbox, ids, connections, calls):
    ready, done, go = multiprocessing.Queue(), multiprocessing.Queue(), multiprocessing.Event()
    workers = [
        multiprocessing.Process(target=blast, args=(sandbox.endpoint, ids, calls, ready, go, done))
        for _ in range(connections)
    ]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.get()
    begun = time.perf_counter()
    go.set()
    total = sum(done.get() for _ in workers)
    took = time.perf_counter() - begun
    for worker in workers:
        worker.join()
    print(f"GetOrderDetail on {connections} connections: {total / took:,.0f} calls/s ({total:,} calls in {took:.2f} s)")


def memory(sandbox):
    with open(f"/proc/{sandbox.process.pid}/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    return {name: int(lines[name].split()[0]) // 1024 for name in ("VmRSS", "VmHWM")}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rdesk", required=True)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--customers", type=int, default=4)
    parser.add_argument("--calls", type=int, default=10_000, help="of each connection")
    asked = parser.parse_args()
    begun = time.perf_counter()
    sandbox = Sandbox(asked.rdesk, "--orders", str(asked.orders), "--customers", str(asked.customers))
    print(f"{asked.orders:,} orders of {asked.customers} customers: ready in {time.perf_counter() - begun:.2f} s, MiB {memory(sandbox)}")
    try:
        now = datetime.now(timezone.utc)
        window = {"CreateTimeStart": wire(now - ALL_YEARS), "CreateTimeEnd": wire(now + timedelta(minutes=1))}
        orders = lambda page, size, **more: signed(
            sandbox.endpoint, "QueryOrders", PageNum=page, PageSize=size, **window, **more
        )
        connection = Connection(sandbox.endpoint)
        first = json.loads(connection.ask(orders(1, 300)))["Data"]
        count = first["TotalCount"]
        ids = []
        for page in range(1, min(count // 300, 40) + 1):
            ids += [row["OrderId"] for row in json.loads(connection.ask(orders(page, 300)))["Data"]["OrderList"]["Order"]]
        print(f"the first customer has {count:,} rows")
        choose = random.Random(7)
        for size in (20, 300):
            pages = [choose.randint(1, max(1, count // size)) for _ in range(300)]
            timed(sandbox, f"QueryOrders, a page of {size}", [orders(page, size) for page in pages])
        timed(sandbox, "QueryOrders, refunds only, a page of 20", [orders(1, 20, OrderType="Refund") for _ in range(200)])
        day = timedelta(days=1)
        day_of = lambda back: {"CreateTimeStart": wire(now - day * back), "CreateTimeEnd": wire(now - day * (back - 1))}
        days = [signed(sandbox.endpoint, "QueryOrders", PageSize=20, **day_of(choose.randint(2, 700))) for _ in range(300)]
        timed(sandbox, "QueryOrders, one day, a page of 20", days)
        details = [signed(sandbox.endpoint, "GetOrderDetail", OrderId=choose.choice(ids)) for _ in range(3000)]
        timed(sandbox, "GetOrderDetail", details)
        held = [signed(sandbox.endpoint, "QueryAvailableInstances", PageSize=300) for _ in range(100)]
        timed(sandbox, "QueryAvailableInstances, a page of 300", held)
        money = [signed(sandbox.endpoint, "QueryAccountTransactions", RecordID=choose.choice(ids), **window) for _ in range(200)]
        timed(sandbox, "QueryAccountTransactions of an order", money)
        for connections in (1, 2, 4):
            throughput(sandbox, ids, connections, asked.calls)
        print(f"MiB at the end: {memory(sandbox)}")
    finally:
        sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
