"""The legacy core SDK, unmodified, against the sandbox: the older query signature (RPC, HMAC-SHA1) as its own code makes it.

`cargo xtask test sdk` starts it with the packages of requirements-older.txt. The last line is `N passed, N failed`.
"""

import json
import sys
import unittest
from datetime import timedelta
from decimal import Decimal

from aliyunsdkbssopenapi.request.v20171214 import (
    GetOrderDetailRequest,
    QueryAccountBalanceRequest,
    QueryAccountTransactionsRequest,
    QueryAvailableInstancesRequest,
    QueryOrdersRequest,
    QueryResourcePackageInstancesRequest,
)
from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.request import CommonRequest
from sandbox import ALL_YEARS, KEY_ID, KEY_SECRET, Sandbox, instant, run, wire

PACKAGE = "aliyun-python-sdk-bssopenapi"


class Legacy(unittest.TestCase):
    """What the older signature has to carry: reading calls, odd characters, refusals, and one inquiry."""

    rdesk = ""

    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox(cls.rdesk)
        cls.ledger = cls.sandbox.ledger()

    @classmethod
    def tearDownClass(cls):
        cls.sandbox.stop()

    def call(self, module, key_id=KEY_ID, key_secret=KEY_SECRET, **asked):
        """Calls the operation of a request module with parameters by their names on the wire."""
        request = getattr(module, module.__name__.rsplit(".", 1)[1])()
        for name, value in asked.items():
            request.add_query_param(name, value)
        request.set_endpoint(self.sandbox.endpoint)
        request.set_protocol_type("http")
        return self.send(request, key_id, key_secret)

    def send(self, request, key_id=KEY_ID, key_secret=KEY_SECRET):
        client = AcsClient(key_id, key_secret, "cn-hangzhou", auto_retry=False)
        return json.loads(client.do_action_with_exception(request), parse_float=Decimal)

    def window(self):
        now = self.sandbox.now()
        return {"CreateTimeStart": wire(now - ALL_YEARS), "CreateTimeEnd": wire(now + timedelta(minutes=1))}

    def refusal_of(self, call):
        with self.assertRaises(ServerException) as raised:
            call()
        return raised.exception.get_error_code(), raised.exception.get_http_status()

    def test_orders_are_all_listed_page_by_page(self):
        expected = [order["order_id"] for order in self.ledger["orders"] + self.ledger["refund_orders"]]
        rows, page = [], 1
        while True:
            data = self.call(QueryOrdersRequest, PageNum=page, PageSize=20, **self.window())["Data"]
            rows += data["OrderList"]["Order"]
            if page * 20 >= data["TotalCount"]:
                break
            page += 1
        self.assertGreater(page, 1, "one page would prove nothing of paging")
        self.assertEqual(sorted(row["OrderId"] for row in rows), sorted(expected))

    def test_details_name_sub_orders_and_instances(self):
        order = max(self.ledger["orders"], key=lambda order: len(order["parts"]))
        rows = self.call(GetOrderDetailRequest, OrderId=order["order_id"])["Data"]["OrderList"]["Order"]
        self.assertEqual([row["SubOrderId"] for row in rows], [part["sub_order_id"] for part in order["parts"]])
        self.assertEqual([json.loads(row["InstanceIDs"]) for row in rows], [part["instances"] for part in order["parts"]])

    def test_instances_are_those_of_the_account(self):
        held = [kept["id"] for kept in self.ledger["resources"] if kept["status"] != "released" and kept["kind"] == "instance"]
        rows = self.call(QueryAvailableInstancesRequest, PageSize=300)["Data"]["InstanceList"]
        self.assertEqual(sorted(row["InstanceID"] for row in rows), sorted(held))
        some = self.call(QueryAvailableInstancesRequest, InstanceIDs=",".join(held[:2]))["Data"]["InstanceList"]
        self.assertEqual(sorted(row["InstanceID"] for row in some), sorted(held[:2]))

    def test_plans_are_those_of_the_account(self):
        held = [kept["id"] for kept in self.ledger["resources"] if kept["status"] != "released" and kept["kind"] == "resource_plan"]
        answer = self.call(QueryResourcePackageInstancesRequest, PageSize=300)
        self.assertEqual(sorted(row["InstanceId"] for row in answer["Data"]["Instances"]["Instance"]), sorted(held))

    def test_money_is_that_of_the_ledger(self):
        data = self.call(QueryAccountBalanceRequest)["Data"]
        self.assertEqual(Decimal(data["AvailableAmount"]), Decimal(self.ledger["balance"]))
        order = next(order for order in self.ledger["orders"] if order["paid"] and Decimal(order["cash"]) > 0)
        data = self.call(QueryAccountTransactionsRequest, RecordID=order["order_id"], **self.window())["Data"]
        rows = data["AccountTransactionsList"]["AccountTransactionsList"]
        self.assertEqual(sum(Decimal(row["Amount"]) for row in rows), Decimal(order["cash"]))

    def test_odd_characters_are_signed_alike(self):
        for odd in ("a b", "a*b", "a~b", "a'b()!", "a+b", "100%", "云服务器", "a&b=c", "a/b?c#d"):
            data = self.call(QueryOrdersRequest, ProductCode=odd, **self.window())["Data"]
            self.assertEqual(data["TotalCount"], 0, odd)

    def test_wrong_keys_are_refused(self):
        wrong = lambda: self.call(QueryAccountBalanceRequest, key_secret="not the secret")
        # The client compares the string that the gate signed with its own, and words the refusal by that.
        self.assertEqual(self.refusal_of(wrong), ("InvalidAccessKeySecret", 400))
        unknown = lambda: self.call(QueryAccountBalanceRequest, key_id="nobody")
        self.assertEqual(self.refusal_of(unknown), ("InvalidAccessKeyId.NotFound", 404))

    def common(self, action, **asked):
        """A call of an operation that the legacy SDK has no class for."""
        request = CommonRequest(domain=self.sandbox.endpoint, version="2017-12-14", action_name=action)
        request.set_protocol_type("http")
        request.set_method("POST")
        for name, value in asked.items():
            request.add_query_param(name, value)
        return self.send(request)

    def test_an_unknown_operation_is_refused(self):
        self.assertEqual(self.refusal_of(lambda: self.common("NoSuchOperation")), ("InvalidApi.NotFound", 404))

    def test_an_inquiry_agrees_with_the_console(self):
        asked = {"uid": self.ledger["uid"], "action": "unsubscribe"}
        compared = 0
        for kept in self.ledger["resources"]:
            if kept["status"] != "normal" or kept["kind"] != "instance" or kept["billing"] != "subscription":
                continue
            ask = {"ProductCode": kept["product"], "ProductType": "", "InstanceId": kept["id"]}
            try:
                answer = self.common("InquiryPriceRefundInstance", **ask)
            except ServerException:
                continue
            if answer["Success"]:
                shown = self.sandbox.control("console/amount", {**asked, "resource": kept["id"]})
                self.assertEqual(Decimal(answer["Data"]["RefundAmount"]), Decimal(shown["amount"]), kept["id"])
                compared += 1
        self.assertGreater(compared, 3)

    def test_a_form_body_is_signed_too(self):
        request = CommonRequest(domain=self.sandbox.endpoint, version="2017-12-14", action_name="GetOrderDetail")
        request.set_protocol_type("http")
        request.set_method("POST")
        order = self.ledger["orders"][0]
        request.add_body_params("OrderId", order["order_id"])
        rows = self.send(request)["Data"]["OrderList"]["Order"]
        self.assertEqual(instant(rows[0]["CreateTime"]), instant(order["created_at"]).replace(microsecond=0))


if __name__ == "__main__":
    sys.exit(run(Legacy, PACKAGE, __doc__.splitlines()[0]))
