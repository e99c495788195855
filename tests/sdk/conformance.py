"""The official Python SDK, unmodified, against the sandbox that `rdesk sandbox serve` runs.

`cargo xtask test sdk` starts it twice: with the packages of requirements.txt (the current generation) and with those of
requirements-older.txt (the generation before, whose core makes its requests another way). What the SDK reads is compared with
the sandbox's own ledger, which the sandbox tells at its control door and not through the billing API. The last line is
`N passed, N failed`.
"""

import json
import sys
import unittest
from datetime import timedelta
from decimal import Decimal

from alibabacloud_bssopenapi20171214 import models
from alibabacloud_bssopenapi20171214.client import Client
from alibabacloud_tea_openapi import models as open_api_models

try:
    from alibabacloud_tea_openapi import utils_models
    from darabonba.runtime import RuntimeOptions
except ImportError:  # The generation before has them elsewhere.
    utils_models = open_api_models
    from alibabacloud_tea_util.models import RuntimeOptions

from plain import Connection, signed
from sandbox import ALL_YEARS, KEY_ID, KEY_SECRET, Sandbox, instant, run, wire

PACKAGE = "alibabacloud_bssopenapi20171214"


def client_of(sandbox, key_id=KEY_ID, key_secret=KEY_SECRET):
    """The SDK's client, told nothing but where the API is."""
    return Client(
        open_api_models.Config(
            access_key_id=key_id, access_key_secret=key_secret, endpoint=sandbox.endpoint, protocol="http"
        )
    )


def refusal_of(call):
    """The code of a call that the SDK raises for, with its HTTP status; `None` when it raises nothing."""
    try:
        call()
    except Exception as error:  # The SDK's two error classes share no public base.
        return getattr(error, "code", None), getattr(error, "statusCode", getattr(error, "status_code", None))
    return None


class Conformance(unittest.TestCase):
    """Reads first; what changes the sandbox's state starts a sandbox of its own."""

    rdesk = ""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(cls.rdesk)
        cls.client = client_of(cls.sandbox)
        cls.ledger = cls.sandbox.ledger()

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()

    # Reading

    def orders(self, client=None, sandbox=None, page_size=20, **asked):
        """Every row of QueryOrders, page by page; the whole time unless asked otherwise."""
        now = (sandbox or self.sandbox).now()
        asked.setdefault("create_time_start", wire(now - ALL_YEARS))
        asked.setdefault("create_time_end", wire(now + timedelta(minutes=1)))
        rows, page = [], 1
        while True:
            request = models.QueryOrdersRequest(page_num=page, page_size=page_size, **asked)
            body = (client or self.client).query_orders(request).body
            self.assertTrue(body.success, body.message)
            rows += body.data.order_list.order or []
            self.assertEqual(body.data.page_num, page)
            if page * page_size >= body.data.total_count:
                self.assertEqual(len(rows), body.data.total_count)
                return rows
            page += 1

    def instances(self, client=None, page_size=300, **asked):
        rows, page = [], 1
        while True:
            request = models.QueryAvailableInstancesRequest(page_num=page, page_size=page_size, **asked)
            body = (client or self.client).query_available_instances(request).body
            self.assertTrue(body.success, body.message)
            rows += body.data.instance_list or []
            if page * page_size >= body.data.total_count:
                self.assertEqual(len(rows), body.data.total_count)
                return rows
            page += 1

    def test_orders_are_all_listed_page_by_page(self):
        expected = {order["order_id"]: order for order in self.ledger["orders"]}
        expected |= {refund["order_id"]: refund for refund in self.ledger["refund_orders"]}
        self.assertGreater(len(expected), 20, "one page would prove nothing of paging")
        for page_size in (20, 7):
            rows = self.orders(page_size=page_size)
            self.assertEqual(sorted(row.order_id for row in rows), sorted(expected))
        for row in rows:
            known = expected[row.order_id]
            self.assertEqual(instant(row.create_time), instant(known["created_at"]).replace(microsecond=0))
            self.assertEqual(row.currency, self.ledger["currency"])
            if row.order_type == "Refund":
                self.assertIsNone(row.payment_status)
                self.assertEqual(abs(Decimal(row.pretax_amount)), Decimal(known["amount"]))
                self.assertEqual(row.related_order_id, known["related_order_id"])
            else:
                self.assertEqual(Decimal(row.pretax_gross_amount), Decimal(known["list"]))
                self.assertEqual(row.payment_status, "Paid" if known["paid"] else "Unpaid")

    def test_orders_are_filtered_by_creation_and_words(self):
        rows = self.orders()
        moments = sorted({instant(row.create_time) for row in rows})
        begin, end = moments[len(moments) // 3], moments[2 * len(moments) // 3]
        within = self.orders(create_time_start=wire(begin), create_time_end=wire(end))
        expected = [row.order_id for row in rows if begin <= instant(row.create_time) <= end]
        self.assertTrue(0 < len(expected) < len(rows))
        self.assertEqual(sorted(row.order_id for row in within), sorted(expected))
        for asked, name in (({"order_type": "Refund"}, "order_type"), ({"payment_status": "Unpaid"}, "payment_status")):
            found = self.orders(**asked)
            self.assertTrue(found, asked)
            self.assertEqual({getattr(row, name) for row in found}, set(asked.values()))
            self.assertEqual(len(found), sum(getattr(row, name) == asked[name] for row in rows))

    def test_orders_without_dates_are_those_of_the_last_hour(self):
        body = self.client.query_orders(models.QueryOrdersRequest()).body
        hour_ago = self.sandbox.now() - timedelta(hours=1)
        known = self.ledger["orders"] + self.ledger["refund_orders"]
        recent = sorted(order["order_id"] for order in known if instant(order["created_at"]) >= hour_ago)
        self.assertEqual(sorted(row.order_id for row in body.data.order_list.order or []), recent)

    def test_details_name_sub_orders_and_instances(self):
        for order in self.ledger["orders"]:
            request = models.GetOrderDetailRequest(order_id=order["order_id"])
            rows = self.client.get_order_detail(request).body.data.order_list.order
            self.assertEqual([row.sub_order_id for row in rows], [part["sub_order_id"] for part in order["parts"]])
            for row, part in zip(rows, order["parts"]):
                self.assertEqual(json.loads(row.instance_ids), part["instances"])
                self.assertEqual(row.order_sub_type, "ProductSubOrder")
                self.assertEqual(instant(row.usage_start_time), instant(part["start"]).replace(microsecond=0))
                self.assertEqual(Decimal(row.pretax_gross_amount), Decimal(part["list"]))
        several = [order for order in self.ledger["orders"] if sum(len(part["instances"]) for part in order["parts"]) > 1]
        self.assertTrue(several, "no order with several instances: this sandbox proves too little")
        for refund in self.ledger["refund_orders"]:
            request = models.GetOrderDetailRequest(order_id=refund["order_id"])
            (row,) = self.client.get_order_detail(request).body.data.order_list.order
            self.assertEqual(row.order_sub_type, "RefundSubOrder")
            self.assertEqual(row.related_order_id, refund["related_order_id"])
            self.assertEqual(json.loads(row.instance_ids), [refund["instance"]])

    def test_instances_are_those_of_the_account(self):
        held = [kept for kept in self.ledger["resources"] if kept["status"] != "released" and kept["kind"] == "instance"]
        rows = self.instances()
        self.assertEqual(len({row.instance_id for row in rows}), len(rows))
        self.assertLessEqual({row.instance_id for row in rows}, {kept["id"] for kept in held})
        self.assertEqual(len(rows), len(held))
        self.assertEqual(sorted(row.instance_id for row in self.instances(page_size=4)), sorted(kept["id"] for kept in held))
        chosen = [row.instance_id for row in rows[:2]]
        found = self.instances(instance_ids=",".join(chosen))
        self.assertEqual(sorted(row.instance_id for row in found), sorted(chosen))
        self.assertEqual(self.instances(instance_ids="i-no-such-instance"), [])

    def test_plans_tell_their_quota(self):
        held = {kept["id"]: kept for kept in self.ledger["resources"] if kept["kind"] == "resource_plan"}
        held = {name: kept for name, kept in held.items() if kept["status"] != "released"}
        for include_partner in (True, False, None):
            request = models.QueryResourcePackageInstancesRequest(include_partner=include_partner, page_size=300)
            body = self.client.query_resource_package_instances(request).body
            self.assertTrue(body.success, body.message)
            rows = body.data.instances.instance
            self.assertEqual(sorted(row.instance_id for row in rows), sorted(held))
        self.assertTrue(any(row.total_amount == row.remaining_amount for row in rows))
        for row in rows:
            self.assertLessEqual(Decimal(row.remaining_amount), Decimal(row.total_amount))
            self.assertEqual(row.commodity_code, held[row.instance_id]["commodity"])

    def test_money_is_that_of_the_ledger(self):
        body = self.client.query_account_balance().body
        self.assertEqual((body.code, body.data.currency), ("200", self.ledger["currency"]))
        self.assertEqual(Decimal(body.data.available_amount), Decimal(self.ledger["balance"]))
        order = next(order for order in self.ledger["orders"] if order["paid"] and Decimal(order["cash"]) > 0)
        now = self.sandbox.now()
        request = models.QueryAccountTransactionsRequest(
            record_id=order["order_id"], create_time_start=wire(now - ALL_YEARS), create_time_end=wire(now)
        )
        rows = self.client.query_account_transactions(request).body.data.account_transactions_list
        rows = rows.account_transactions_list
        self.assertEqual(sum(Decimal(row.amount) for row in rows), Decimal(order["cash"]))
        self.assertEqual({row.transaction_flow for row in rows}, {"Expense"})

    def test_accounts_see_only_their_own(self):
        other = client_of(self.sandbox, key_id=f"{KEY_ID}-2")
        theirs = {order["order_id"] for order in self.sandbox.ledger(account=1)["orders"]}
        seen = {row.order_id for row in self.orders(client=other)}
        self.assertLessEqual(theirs, seen)
        self.assertFalse(seen & {order["order_id"] for order in self.ledger["orders"]})

    def test_one_seed_gives_the_same_bytes(self):
        arguments = ["--seed", "9", "--customers", "2", "--orders", "500", "--clock", "2026-06-25T02:00:00Z"]
        one, other = (Sandbox(self.rdesk, *arguments) for _ in range(2))
        self.addCleanup(one.stop)
        self.addCleanup(other.stop)
        of_accounts = lambda sandbox: json.dumps(sandbox.control("ledger")["accounts"], default=str)
        self.assertEqual(of_accounts(one), of_accounts(other))
        window = {"CreateTimeStart": "2020-01-01T00:00:00Z", "CreateTimeEnd": "2026-06-25T00:00:00Z"}
        ledger = one.ledger()
        held = next(kept for kept in ledger["resources"] if kept["product"] == "ecs" and kept["status"] == "normal")
        inquiry = {"ProductCode": held["product"], "ProductType": "", "InstanceId": held["id"], "ClientToken": "t"}
        calls = [("QueryOrders", {"PageSize": 300, "PageNum": page, **window}) for page in (1, 2)]
        calls += [("GetOrderDetail", {"OrderId": order["order_id"]}) for order in ledger["orders"][:40]]
        calls += [("QueryAvailableInstances", {"PageSize": 300}), ("QueryResourcePackageInstances", {})]
        calls += [("QueryAccountTransactions", {"PageSize": 300, **window}), ("QueryAccountBalance", {})]
        calls += [("InquiryPriceRefundInstance", inquiry)]
        answers = []
        for sandbox in (one, other):
            connection = Connection(sandbox.endpoint)
            answers.append([connection.ask(signed(sandbox.endpoint, action, **asked)) for action, asked in calls])
        for (action, asked), first, second in zip(calls, *answers):
            self.assertEqual(first, second, (action, asked))
        self.assertNotEqual(of_accounts(one), of_accounts(self.sandbox), "another seed is another world")

    # Signatures

    def test_odd_characters_are_signed_alike(self):
        for odd in ("a b", "a*b", "a~b", "a'b()!", "a+b", "100%", "云服务器", "a&b=c", "a/b?c#d"):
            self.assertEqual(self.orders(product_code=odd), [], odd)

    def test_wrong_keys_are_refused(self):
        request = models.QueryAvailableInstancesRequest()
        wrong = client_of(self.sandbox, key_secret="not the secret")
        self.assertEqual(refusal_of(lambda: wrong.query_available_instances(request)), ("SignatureDoesNotMatch", 400))
        unknown = client_of(self.sandbox, key_id="nobody")
        self.assertEqual(refusal_of(lambda: unknown.query_available_instances(request)), ("InvalidAccessKeyId.NotFound", 404))

    def test_an_unknown_operation_is_refused(self):
        params = utils_models.Params(
            action="NoSuchOperation",
            version="2017-12-14",
            protocol="HTTP",
            pathname="/",
            method="POST",
            auth_type="AK",
            style="RPC",
            req_body_type="formData",
            body_type="json",
        )
        call = lambda: self.client.call_api(params, utils_models.OpenApiRequest(), RuntimeOptions())
        self.assertEqual(refusal_of(call), ("InvalidApi.NotFound", 404))

    # Acting

    def own_sandbox(self):
        sandbox = Sandbox(self.rdesk)
        self.addCleanup(sandbox.stop)
        return sandbox, client_of(sandbox)

    def inquire(self, client, instance, token=None):
        request = models.InquiryPriceRefundInstanceRequest(
            product_code=instance.product_code, product_type="", instance_id=instance.instance_id, client_token=token
        )
        return client.inquiry_price_refund_instance(request).body

    def refund(self, client, instance, token):
        request = models.RefundInstanceRequest(
            product_code=instance.product_code,
            product_type="",
            instance_id=instance.instance_id,
            client_token=token,
            immediately_release="1",
        )
        return client.refund_instance(request).body

    def refundable(self, client):
        """The instances that an inquiry gives an amount for, with that amount; and the codes of the refusals."""
        found, refused = [], set()
        for instance in self.instances(client=client):
            answers = []
            code = refusal_of(lambda: answers.append(self.inquire(client, instance)))
            if code:
                refused.add(code)
            elif answers[0].success:
                found.append((instance, Decimal(str(answers[0].data.refund_amount))))
            else:
                refused.add((answers[0].code, 200))
        return found, refused

    def test_inquiries_agree_with_the_console(self):
        found, refused = self.refundable(self.client)
        self.assertTrue(found)
        self.assertIn(400, {status for _, status in refused}, "no instance is refused: this sandbox proves too little")
        for instance, amount in found:
            ask = {"uid": self.ledger["uid"], "resource": instance.instance_id, "action": "unsubscribe"}
            shown = self.sandbox.control("console/amount", ask)
            self.assertEqual(amount, Decimal(shown["amount"]), instance.instance_id)
            self.assertEqual(self.inquire(self.client, instance).data.currency, shown["currency"])

    def test_a_repeated_inquiry_token_repeats_its_answer(self):
        sandbox, client = self.own_sandbox()
        instance, amount = max(self.refundable(client)[0], key=lambda pair: pair[1])
        first = self.inquire(client, instance, token="inquiry-1").data.refund_amount
        self.assertEqual(Decimal(str(first)), amount)
        sandbox.advance(days=20)
        self.assertEqual(self.inquire(client, instance, token="inquiry-1").data.refund_amount, first)
        later = self.inquire(client, instance, token="inquiry-2").data.refund_amount
        self.assertNotEqual(later, first, "twenty days later the amount is another one")

    def test_a_refund_is_made_once_and_arrives(self):
        sandbox, client = self.own_sandbox()
        instance, amount = max(self.refundable(client)[0], key=lambda pair: pair[1])
        answer = self.refund(client, instance, "refund-1")
        self.assertTrue(answer.success, answer.message)
        self.assertGreater(answer.data.order_id, 0)
        again = self.refund(client, instance, "refund-1")
        self.assertEqual((again.success, again.data.order_id), (True, answer.data.order_id))

        self.assertNotIn(instance.instance_id, [row.instance_id for row in self.instances(client=client)])
        refunds = [entry for entry in sandbox.ledger()["refund_orders"] if entry["instance"] == instance.instance_id]
        self.assertIn(str(answer.data.order_id), [entry["order_id"] for entry in refunds])
        self.assertEqual(sum(Decimal(entry["amount"]) for entry in refunds), amount)
        rows = {row.order_id: row for row in self.orders(client=client, sandbox=sandbox, order_type="Refund")}
        for entry in refunds:
            self.assertEqual(rows[entry["order_id"]].related_order_id, entry["related_order_id"])
        # Without dates the last hour is listed: exactly what was just made is new in it.
        last_hour = client.query_orders(models.QueryOrdersRequest(order_type="Refund")).body.data.order_list.order
        self.assertLessEqual({entry["order_id"] for entry in refunds}, {row.order_id for row in last_hour})

        arrived = lambda: [
            Decimal(row.amount)
            for entry in refunds
            for row in self.transactions(client, sandbox, record_id=entry["order_id"], transaction_type="Refund")
        ]
        self.assertEqual(arrived(), [], "money does not arrive at once")
        sandbox.advance(days=30)
        self.assertEqual(sum(arrived()), amount)

    def transactions(self, client, sandbox, **asked):
        now = sandbox.now()
        request = models.QueryAccountTransactionsRequest(
            create_time_start=wire(now - timedelta(days=60)), create_time_end=wire(now), page_size=100, **asked
        )
        body = client.query_account_transactions(request).body
        self.assertTrue(body.success, body.message)
        return body.data.account_transactions_list.account_transactions_list or []

    def test_a_refund_token_is_bound_to_its_parameters(self):
        _, client = self.own_sandbox()
        (one, _), (other, _) = self.refundable(client)[0][:2]
        self.assertTrue(self.refund(client, one, "refund-1").success)
        self.assertEqual(refusal_of(lambda: self.refund(client, other, "refund-1")), ("InvalidParameter", 400))
        self.assertIn(other.instance_id, [row.instance_id for row in self.instances(client=client)])

    def test_a_refusal_can_come_as_http_200(self):
        request = models.RefundInstanceRequest(
            product_code="ecs", product_type="", instance_id="i-no-such-instance", client_token="none"
        )
        answer = self.client.refund_instance(request)
        self.assertEqual(answer.status_code, 200)
        self.assertFalse(answer.body.success)
        self.assertEqual(answer.body.code, "ResourceNotExists")
        self.assertEqual(answer.body.data.order_id, 0)


if __name__ == "__main__":
    sys.exit(run(Conformance, PACKAGE, __doc__.splitlines()[0]))
