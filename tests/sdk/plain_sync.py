"""A plain script with the official SDK, as anybody would write it first: every order of an account, page by page and detail by
detail, into a plain SQLite file. The yardstick of `sync_bench.py`.
"""

import json
import sqlite3
import sys
from datetime import datetime, timedelta, timezone

from alibabacloud_bssopenapi20171214 import models
from alibabacloud_bssopenapi20171214.client import Client
from alibabacloud_tea_openapi.models import Config

# Rows a page, as the documents advise.
PAGE = 20

WINDOW = timedelta(days=90)


def wire(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main(endpoint, key_id, key_secret, since, until, file):
    client = Client(Config(access_key_id=key_id, access_key_secret=key_secret, endpoint=endpoint, protocol="http"))
    database = sqlite3.connect(file)
    database.execute("CREATE TABLE resource (id TEXT PRIMARY KEY, raw TEXT)")
    database.execute("CREATE TABLE orders (id TEXT PRIMARY KEY, type TEXT, created_at TEXT, amount TEXT, raw TEXT)")
    database.execute("CREATE TABLE detail (sub_order TEXT PRIMARY KEY, order_id TEXT, instances TEXT, start TEXT, end TEXT, raw TEXT)")
    calls = instances(client, database)
    start = since
    while start < until:
        end = min(start + WINDOW, until)
        calls += orders(client, database, start, end)
        start = end
    print(json.dumps({"calls": calls, "orders": database.execute("SELECT count(*) FROM orders").fetchone()[0]}))


def instances(client, database):
    page = 1
    while True:
        data = client.query_available_instances(models.QueryAvailableInstancesRequest(page_num=page, page_size=300)).body.data
        for row in data.instance_list:
            database.execute("INSERT OR REPLACE INTO resource VALUES (?, ?)", (row.instance_id, json.dumps(row.to_map())))
        database.commit()
        if page * 300 >= data.total_count or not data.instance_list:
            return page
        page += 1


def orders(client, database, start, end):
    page, calls = 1, 0
    while True:
        request = models.QueryOrdersRequest(
            create_time_start=wire(start), create_time_end=wire(end), page_num=page, page_size=PAGE
        )
        data = client.query_orders(request).body.data
        calls += 1
        rows = data.order_list.order or []
        for row in rows:
            database.execute(
                "INSERT OR REPLACE INTO orders VALUES (?, ?, ?, ?, ?)",
                (row.order_id, row.order_type, row.create_time, row.pretax_amount, json.dumps(row.to_map())),
            )
            detail = client.get_order_detail(models.GetOrderDetailRequest(order_id=row.order_id)).body.data
            calls += 1
            for part in detail.order_list.order or []:
                database.execute(
                    "INSERT OR REPLACE INTO detail VALUES (?, ?, ?, ?, ?, ?)",
                    (part.sub_order_id, row.order_id, part.instance_ids, part.usage_start_time, part.usage_end_time,
                     json.dumps(part.to_map())),
                )
        database.commit()
        if page * PAGE >= data.total_count or not rows:
            return calls
        page += 1


if __name__ == "__main__":
    endpoint, key_id, key_secret, since, until, file = sys.argv[1:]
    read = lambda text: datetime.fromisoformat(text).astimezone(timezone.utc)
    main(endpoint, key_id, key_secret, read(since), read(until), file)
