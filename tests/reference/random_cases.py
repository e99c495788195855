"""Random but meaningful cases over every branch of the refund rules, the same for the same seed.

Instants are drawn on, just before and just after the edges the rules know, because a uniform draw
almost never meets them. About one case in twenty carries one fault of input.
"""

from datetime import datetime, timedelta, timezone
from fractions import Fraction
from random import Random

from facts import DAY, instant, minor_digits

SECOND = 1_000_000
BAD_SHARE = 0.05

# product, kind, variants that mean something to it
PRODUCTS = [
    ("ecs", "instance", [None]),
    ("ecs", "instance", [None]),
    ("rds", "instance", [None]),
    ("redisa", "instance", [None]),
    ("dds", "instance", [None]),
    ("swas", "instance", [None]),
    ("adb", "instance", [None]),
    ("webhosting", "instance", [None]),
    ("elasticsearch", "instance", [None]),
    ("vod", "instance", [None, "short_video_sdk"]),
    ("vod", "resource_plan", [None]),
    ("iot", "instance", [None, "enterprise_instance", "public_instance"]),
    ("sas", "instance", [None]),
    ("oss", "resource_plan", [None]),
    ("oss", "resource_plan", [None]),
    ("domain", "instance", [None]),
    ("ddos", "instance", [None]),
    ("prepaid_card", "instance", [None]),
    ("hbr", "resource_plan", [None]),
    ("hbr", "instance", [None]),
    ("cen", "instance", [None, "cross_border"]),
    ("savings_plan", "instance", [None]),
    ("scu", "resource_plan", [None]),
    ("cas", "instance", [None, "unused", "revoked"]),
    ("cfw", "instance", [None]),
    ("ens", "instance", [None]),
    ("waf", "instance", [None]),
    ("acr_ee", "instance", [None]),
    ("kms", "instance", [None]),
    ("ecs_plan", "resource_plan", [None]),
    ("reserved_instance", "instance", [None]),
    ("nat_plan", "resource_plan", [None]),
    ("nat_plan", "resource_plan", [None]),
    ("cdn_plan", "resource_plan", [None]),
    ("slb", "instance", [None]),
]
METHODS = [
    "bank_card", "bank_card", "paypal", "balance", "alipay", "alipay", "online_banking", "wechat",
    "unionpay", "stored_value_card", "bank_transfer", "credit", "other",
]
RULE_INSTANTS = [
    instant(text) for text in (
        "2019-03-29T00:00:00+08:00", "2025-08-19T00:00:00+08:00", "2025-10-30T00:00:00+08:00",
        "2026-01-01T10:00:00+08:00", "2025-01-01T00:00:00+08:00", "2026-01-01T00:00:00+08:00",
    )
]
AGES = [0, 1, 5, 7, 27, 28, 29, 30, 31, 150, 180, 365, 548]
STEPS = [0, 0, SECOND, -SECOND, 1000, -1000]


def cases(seed: int, count: int):
    for number in range(count):
        yield _Draw(Random(f"{seed}/{number}"), f"{seed}/{number}").case()


class _Draw:
    def __init__(self, random: Random, name: str):
        self.random, self.name = random, name

    def case(self) -> dict:
        self.site = self.random.choice(["china", "international"])
        self.product, self.kind, variants = self.random.choice(PRODUCTS)
        self.currency = "CNY" if self.site == "china" else self.random.choice(["USD", "USD", "JPY"])
        orders = self._orders()
        at = self._asked_at(orders)
        case = {
            "name": self.name,
            "customer": self._customer(at, orders),
            "resource": self._resource(self.random.choice(variants)),
            "orders": orders,
            "ask": self._ask(at, orders),
        }
        if self._often(BAD_SHARE):
            self._spoil(case)
        return case

    def _often(self, share: float) -> bool:
        return self.random.random() < share

    def _near(self, at: int) -> int:
        return at + self.random.choice(STEPS)

    def _instant(self, at: int) -> str:
        offset = self.random.choice([0, 0, 8, 8, -5, 5.5])
        zone = timezone(timedelta(hours=offset))
        moment = datetime.fromtimestamp(0, zone) + timedelta(microseconds=at)
        text = moment.isoformat(timespec="milliseconds" if moment.microsecond else "seconds")
        return text.replace("+00:00", "Z") if self._often(0.5) else text

    # Orders

    def _orders(self) -> list[dict]:
        begin = self._begin()
        length = self.random.choice([1, 1, 1, 2, 2, 3, 4, 5, 6])
        self.chain_end, orders = begin, []
        for index in range(length):
            kind = "new" if index == 0 and self._often(0.93) else self._type()
            orders.append(self._order(index, kind, begin))
        if self._often(0.1):
            self.random.shuffle(orders)
        return orders

    def _begin(self) -> int:
        draw = self.random.random()
        if draw < 0.05:
            return self._near(RULE_INSTANTS[0])
        if draw < 0.3:
            return self._near(self.random.choice(RULE_INSTANTS) - self.random.choice(AGES) * DAY)
        years = (2018, 2027) if draw < 0.4 else (2024, 2026)
        first = instant(f"{years[0]}-01-01T00:00:00Z")
        last = instant(f"{years[1]}-12-31T00:00:00Z")
        at = self.random.randrange(first, last, SECOND)
        return at - at % DAY + 16 * 3600 * SECOND if self._often(0.4) else at

    def _type(self) -> str:
        return self.random.choice([
            "new", "renew", "renew", "renew", "renew", "upgrade", "upgrade", "upgrade",
            "downgrade", "convert", "compensatory_renew", "other",
        ])

    def _order(self, index: int, kind: str, begin: int) -> dict:
        days = self.random.choice([1, 7, 30, 31, 31, 90, 180, 365, 365, 365, 366, 730, 1095])
        span = days * DAY + self.random.choice([0, 0, 0, 12 * 3600 * SECOND, SECOND, -SECOND])
        if kind in ("new", "renew", "compensatory_renew") or self.chain_end == begin:
            gap = self.random.choice([0] * 12 + [DAY, -DAY // 2, 3600 * SECOND])
            start = self.chain_end + (gap if index else 0)
            end = self.chain_end = start + span
            early = begin + self.random.choice([0, 0, DAY, 20 * DAY])
            usual = start - self.random.choice([0, 0, 0, SECOND, DAY, 10 * DAY, 40 * DAY])
            paid = min(early, usual) if self._often(0.5) else usual
        else:
            start = begin + self.random.randrange(0, max(1, self.chain_end - begin), SECOND)
            end = max(start + SECOND, self.chain_end)
            paid = start - self.random.choice([0, 0, 60 * SECOND])
        created = paid - self.random.choice([0, 0, 600 * SECOND])
        currency = self.currency if self._often(0.985) else self.random.choice(["EUR", "JPY", "USD"])
        order = {
            "id": f"2{index:014}",
            "type": kind,
            "status": self._status(),
            "currency": currency,
            "created_at": self._instant(created),
            "paid_at": self._instant(paid),
            "start": self._instant(start),
            "end": self._instant(end),
        }
        self._prices(order, Fraction(end - start, DAY))
        self._extras(order)
        return order

    def _status(self) -> str:
        return self.random.choice(["paid"] * 40 + ["unpaid", "cancelled", "refunded"])

    def _prices(self, order: dict, days: Fraction) -> None:
        unit = 10 ** minor_digits(order["currency"])
        price = int(10 ** self.random.uniform(0, 7)) if self._often(0.97) else 0
        if self._often(0.01):
            price = 9_999_999_999 * unit + unit - 1
        if self._often(0.3):
            price = max(1, int(days)) * self.random.choice([1, 5, 10]) * unit
        factor = Fraction(self.random.choice([100, 100, 100, 90, 85, 70, 50, 33, 1]), 100)
        paid = int(price * factor)
        coupon = self.random.choice([0, 0, 0, 0, paid // 10, paid // 2, paid])
        order["list"] = self._money(price, order["currency"])
        order["cash"] = self._money(paid - coupon, order["currency"])
        if coupon or self._often(0.5):
            order["coupon"] = self._money(coupon, order["currency"])
        if self._often(0.2):
            order["tax"] = self._money(paid // 16, order["currency"])
        self._payments(order, paid - coupon)

    def _money(self, units: int, currency: str) -> str:
        digits = minor_digits(currency)
        if not digits:
            return str(units)
        text = f"{units // 100}.{units % 100:02}"
        return text.removesuffix(".00") if self._often(0.3) else text

    def _payments(self, order: dict, cash: int) -> None:
        draw = self.random.random()
        if draw < 0.06:
            order["payments"] = self.random.choice([None, []])
            return
        if draw < 0.1:
            return
        cuts = sorted(self.random.randint(0, cash) for _ in range(self.random.choice([0, 0, 1, 2, 5])))
        edges = [0, *cuts, cash]
        order["payments"] = [
            {"method": self.random.choice(METHODS), "amount": self._money(b - a, order["currency"])}
            for a, b in zip(edges, edges[1:])
        ]

    def _extras(self, order: dict) -> None:
        if self._often(0.3):
            order["invoiced"] = self.random.choice([True, True, False, None])
        if self._often(0.2):
            order["marketplace"] = self.random.choice([True, False])
        if self._often(0.15):
            order["promotion"] = {
                "name": "spring",
                "refundable": self.random.choice([True, True, True, False, None]),
                "gifts": self.random.choice([[], ["3 months"], ["coupon 50", "1 month"]]),
            }
        if self._often(0.55 if order["type"] == "upgrade" else 0.03):
            low = self.random.randint(0, 50_000_000)
            high = low + self.random.randint(1, 50_000_000)
            order["daily_before"], order["daily_after"] = self._daily(low), self._daily(high)
        if self._often(0.95):
            order["discounts"] = self._discounts()

    def _daily(self, millionths: int) -> str:
        return f"{millionths // 10**6}.{millionths % 10**6:06}"

    def _discounts(self) -> list[dict] | None:
        draw = self.random.random()
        if draw < 0.12:
            return None
        if draw < 0.35:
            return []
        count = self.random.randint(1, 4)
        days = self.random.sample([0, 1, 2, 28, 29, 30, 31, 100, 180, 365, 366, 730], count)
        percents = self.random.sample(["0", 1, "10", "25.5", "50", 60, "75", 100], count)
        by_day = [{"from_day": day, "factor": self._factor()} for day in days]
        by_percent = [{"from_percent": percent, "factor": self._factor()} for percent in percents]
        if self.kind == "instance":
            return by_day + (by_percent if self._often(0.1) else [])
        return self.random.choice([by_percent, by_percent + by_day, by_day])

    def _factor(self) -> str:
        return self.random.choice(["1", "0.95", "0.9", "0.85", "0.7", "0.5", "0.3333", "0.0001"])

    # The asked instant, customer, resource and ask

    def _asked_at(self, orders: list[dict]) -> int:
        """Mostly an instant at which something is paid and not yet finished."""
        for _ in range(self.random.choice([1, 2, 4, 8])):
            at = self._drawn_at(orders)
            if any(instant(order["paid_at"]) <= at < instant(order["end"]) for order in orders):
                break
        return at

    def _drawn_at(self, orders: list[dict]) -> int:
        order = orders[0] if self._often(0.4) else self.random.choice(orders)
        start, end, paid, created = (
            instant(order[key]) for key in ("start", "end", "paid_at", "created_at")
        )
        draw = self.random.random()
        if draw < 0.15:
            return self._near(start + self.random.choice([*AGES, 28, 29, 30]) * DAY)
        if draw < 0.3:
            return self._near(paid + self.random.choice([*AGES, 5, 5, 7, 30]) * DAY)
        if draw < 0.45:
            return self._near(paid + self.random.choice(self._windows(order)) * DAY)
        if draw < 0.55:
            return self._near(self.random.choice([start, end, paid, created]))
        if draw < 0.7:
            return self._near(min(RULE_INSTANTS, key=lambda rule: abs(rule - start - 20 * DAY)))
        if draw < 0.73:
            return start - self.random.randint(0, 60) * DAY
        return self.random.randrange(start, end) // 1000 * 1000

    def _windows(self, order: dict) -> list[int]:
        days = {"bank_card": 150, "paypal": 180, "alipay": 548, "online_banking": 548}
        methods = [payment["method"] for payment in order.get("payments") or []]
        return [days[method] for method in methods if method in days] or [5, 7, 30]

    def _customer(self, at: int, orders: list[dict]) -> dict:
        customer = {"uid": "5123456789012345", "site": self.site, "currency": self.currency}
        if self._often(0.03):
            customer["currency"] = self.random.choice(["USD", "EUR", "CNY", "JPY"])
        if self._often(0.06):
            customer["partner"] = True
        if self._often(0.12):
            customer["membership"] = [
                self._membership(at, orders) for _ in range(self.random.randint(1, 2))
            ]
        if self._often(0.3):
            customer["no_reason_refunds"] = [
                self._no_reason_refund(at) for _ in range(self.random.randint(1, 3))
            ]
        if self._often(0.15):
            customer["ecs_quota_left"] = self.random.choice([0, 1, 7, None])
        return customer

    def _membership(self, at: int, orders: list[dict]) -> dict:
        paid = instant(self.random.choice(orders)["paid_at"])
        joined = self._near(self.random.choice([paid, at, paid + 10 * DAY]))
        member = {"joined_at": self._instant(joined)}
        if self._often(0.5):
            member["left_at"] = self.random.choice([None, self._instant(joined + DAY)])
        if self._often(0.7):
            member["relation"] = self.random.choice(["trusteeship", "management", "management"])
        return member

    def _no_reason_refund(self, at: int) -> dict:
        product = self.random.choice([self.product, "ecs", "ecs_plan", "reserved_instance", "rds"])
        day = datetime.fromtimestamp(0, timezone(timedelta(hours=8))) + timedelta(microseconds=at)
        year_start = instant(f"{day.year}-01-01T00:00:00+08:00")
        used = self._near(self.random.choice([at, year_start, at - 90 * DAY, at - 400 * DAY]))
        return {"product": product, "at": self._instant(used)}

    def _resource(self, variant: str | None) -> dict:
        resource = {
            "id": "r-0001",
            "product": self.product,
            "kind": self.kind,
            "billing": "pay_as_you_go" if self._often(0.02) else "subscription",
            "status": self._resource_status(),
        }
        if variant or self._often(0.3):
            resource["variant"] = variant
        if self._often(0.5):
            resource["renew_status"] = self.random.choice(["auto", "manual", "none", None])
        for key in ("security_risk", "paid_marketplace_image", "transferred"):
            if self._often(0.08):
                resource[key] = self.random.choice([True, False, None, None])
        if self._often(0.03):
            resource["chain_complete"] = self.random.choice([True, False])
        if self.kind == "resource_plan":
            total = self.random.choice([1, 3, 100, 500, 10_000])
            used = self.random.choice([0, 0, 0, total, total // 2, self.random.randint(0, total)])
            resource["usage"] = {
                "total": str(total),
                "used": str(used) if self._often(0.8) else f"{used}.0",
                "unit": "GB",
                "resets": self._often(0.3),
            }
        return resource

    def _resource_status(self) -> str:
        return self.random.choice(["normal"] * 50 + ["creating_failed"] * 4 + [
            "overdue", "security_locked", "changing", "expired", "released",
        ])

    def _ask(self, at: int, orders: list[dict]) -> dict:
        actions = ["unsubscribe"] * 6 + ["downgrade", "convert"]
        edges = self._renewal_edges(at, orders)
        cancel = self._often(0.4 if edges else 0.02)
        action = "cancel_renewals" if cancel else self.random.choice(actions)
        ask = {"at": self._instant(at), "action": action}
        if action == "downgrade":
            ask["daily_list"] = self._daily_list(orders)
        if action == "cancel_renewals":
            if not edges or self._often(0.03):
                edges = [at + 10 * DAY]
            ask["expires"] = self._instant(self.random.choice(edges))
        return ask

    def _renewal_edges(self, at: int, orders: list[dict]) -> list[int]:
        pending = [
            order for order in orders
            if order["type"] in ("renew", "compensatory_renew")
            and instant(order["paid_at"]) <= at < instant(order["start"])
        ]
        starts = [instant(order["start"]) for order in pending]
        return starts + [instant(order["end"]) for order in pending]

    def _daily_list(self, orders: list[dict]) -> str:
        order = self.random.choice(orders)
        days = max(1, (instant(order["end"]) - instant(order["start"])) // DAY)
        price = Fraction(order["list"]) / days
        if order.get("daily_after"):
            price = Fraction(order["daily_after"])
        share = self.random.choice([0, Fraction(1, 3), Fraction(1, 2), Fraction(9, 10), 1, 2])
        return self._daily(min(int(price * share * 10**6), 10**16 - 1))

    # One fault of input

    def _spoil(self, case: dict) -> None:
        order = self.random.choice(case["orders"])
        self.random.choice([
            lambda: order.update(cash="-1"),
            lambda: order.update(cash="1.005"),
            lambda: order.update(list="12345678901"),
            lambda: order.update(list="1e3"),
            lambda: order.update(list="NaN"),
            lambda: order.update(list=""),
            lambda: order.update(tax=12),
            lambda: order.update(coupon="+5"),
            lambda: order.update(end=order["start"]),
            lambda: order.update(start="2026-02-30T00:00:00Z"),
            lambda: order.update(start="2026-02-01T00:00:00"),
            lambda: order.update(type="gift"),
            lambda: order.update(status="free"),
            lambda: order.update(colour="red"),
            lambda: order.pop("cash"),
            lambda: order.update(discounts=[{"from_day": 3, "factor": "0"}]),
            lambda: order.update(discounts=[{"from_day": 3, "factor": "1.0001"}]),
            lambda: order.update(discounts=[{"from_day": 3, "factor": "0.12345"}]),
            lambda: order.update(discounts=[{"from_day": 3, "factor": "0.5"}] * 2),
            lambda: order.update(discounts=[{"from_percent": "3", "factor": "0.5"}] * 2),
            lambda: order.update(discounts=[{"factor": "0.5"}]),
            lambda: order.update(discounts=[{"from_day": -1, "factor": "0.5"}]),
            lambda: order.update(type="upgrade", daily_before=None, daily_after="1.5"),
            lambda: order.update(type="upgrade", daily_before="1.5", daily_after=None),
            lambda: order.update(type="upgrade", daily_before="1.5", daily_after="1.5"),
            lambda: order.update(type="upgrade", daily_before="1", daily_after="1.0000001"),
            lambda: order.update(discounts=[{"from_percent": 2.5, "factor": "0.5"}]),
            lambda: order.update(payments=[["balance", order["cash"]]]),
            lambda: order.update(promotion={"name": "spring", "gifts": []}),
            lambda: order.update(payments=[{"method": "balance", "amount": "0.01"}], cash="7"),
            lambda: order.update(payments=[{"method": "gold", "amount": order["cash"]}]),
            lambda: case.update(orders=[]),
            lambda: case["orders"].append(dict(case["orders"][0])),
            lambda: case["ask"].update(action="sell"),
            lambda: case["ask"].pop("at"),
            lambda: case["ask"].update(action="cancel_renewals", expires=None),
            lambda: case["ask"].update(action="downgrade", daily_list=None),
            lambda: case["ask"].update(action="downgrade", daily_list="0.0000001"),
            lambda: case["customer"].update(site="moon"),
            lambda: case["customer"].update(ecs_quota_left=-1),
            lambda: case["customer"].update(membership=[{"relation": "management"}]),
            lambda: case["customer"].update(no_reason_refunds=[{"product": "ecs"}]),
            lambda: case["resource"].update(kind="house"),
            lambda: case["resource"].update(status=None),
            lambda: case["resource"].update(chain_complete="yes"),
            lambda: self._spoil_usage(case["resource"]),
            lambda: case.update(extra=1),
            lambda: case.pop("customer"),
        ])()

    def _spoil_usage(self, resource: dict) -> None:
        if self.kind == "resource_plan":
            resource["usage"] = self.random.choice([
                None, {"total": "0", "used": "0", "unit": "GB", "resets": False},
                {"total": "5", "used": "-1", "unit": "GB", "resets": False},
            ])
        else:
            resource["usage"] = {"total": "5", "used": "1", "unit": "GB", "resets": False}
