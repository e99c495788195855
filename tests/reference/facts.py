"""Reads and checks one case: the case format, and the bounds of the rules' section 2.

Money, factors and quotas become `Fraction`, instants become whole microseconds since 1970 (UTC).
"""

import re
from datetime import datetime, timedelta, timezone
from fractions import Fraction

DAY = 86_400_000_000  # microseconds

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?", re.ASCII)

SITES = {"china", "international"}
RELATIONS = {"trusteeship", "management"}
KINDS = {"instance", "resource_plan"}
BILLINGS = {"subscription", "pay_as_you_go"}
RESOURCE_STATUSES = {
    "normal", "creating_failed", "overdue", "security_locked", "changing", "expired", "released",
}
VARIANTS = {
    "short_video_sdk", "enterprise_instance", "public_instance", "cross_border", "unused", "revoked",
}
RENEW_STATUSES = {"auto", "manual", "none"}
ORDER_TYPES = {
    "new", "renew", "upgrade", "downgrade", "convert", "compensatory_renew", "other",
}
ORDER_STATUSES = {"paid", "unpaid", "cancelled", "refunded"}
METHODS = {
    "bank_card", "paypal", "balance", "alipay", "online_banking", "wechat", "unionpay",
    "stored_value_card", "bank_transfer", "credit", "other",
}
ACTIONS = {"unsubscribe", "cancel_renewals", "downgrade", "convert"}


class BadInput(Exception):
    """A case that cannot be judged: a stable code, the place, and the candidates if there are any."""

    def __init__(self, path: str, code: str = "bad_input", candidates: list[str] | None = None):
        super().__init__(path)
        self.path, self.code, self.candidates = path, code, candidates


def minor_digits(currency: str) -> int:
    return 0 if currency == "JPY" else 2


def instant(text: str) -> int:
    """Microseconds since 1970 of an RFC 3339 instant."""
    if not isinstance(text, str) or not _INSTANT.fullmatch(text):
        raise ValueError(text)
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)


def read_case(document: object) -> dict:
    case = _Reader(document, "", {
        "customer", "resource", "orders", "ask",
    }, {"name", "source", "expect"})
    customer = _customer(case.part("customer"))
    resource = _resource(case.part("resource"))
    ask = _ask(case.part("ask"))
    orders = [_order(item, f"orders[{index}]") for index, item in enumerate(case.rows("orders"))]
    if not orders:
        raise BadInput("orders")
    seen = set()
    for index, order in enumerate(orders):
        if order["id"] in seen:
            raise BadInput(f"orders[{index}].id")
        seen.add(order["id"])
    return {"customer": customer, "resource": resource, "orders": orders, "ask": ask}


class _Reader:
    """One JSON object at a path. Refuses what it does not know and what is missing."""

    def __init__(self, value: object, path: str, required: set[str], optional: set[str]):
        if not isinstance(value, dict):
            raise BadInput(path)
        self.value, self.path = value, path
        for key in value:
            if key not in required and key not in optional:
                raise BadInput(self.at(key))
        for key in required:
            if key not in value:
                raise BadInput(path)  # the message names the missing key

    def at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def part(self, key: str) -> tuple[object, str]:
        return self.value[key], self.at(key)

    def rows(self, key: str) -> list:
        value = self.value.get(key, [])
        if not isinstance(value, list):
            raise BadInput(self.at(key))
        return value

    def nulls(self, *keys: str) -> list[str]:
        return [key for key in keys if key in self.value and self.value[key] is None]

    def text(self, key: str) -> str:
        value = self.value[key]
        if not isinstance(value, str):
            raise BadInput(self.at(key))
        return value

    def word(self, key: str, words: set[str], default: str | None = None, null: bool = False):
        value = self.value.get(key, default)
        if value is None and null:
            return None
        if not isinstance(value, str) or value not in words:
            raise BadInput(self.at(key))
        return value

    def flag(self, key: str, default: bool, null: bool = False) -> bool | None:
        value = self.value.get(key, default)
        if value is None and null:
            return None
        if not isinstance(value, bool):
            raise BadInput(self.at(key))
        return value

    def instant(self, key: str) -> int:
        try:
            return instant(self.value[key])
        except ValueError:
            raise BadInput(self.at(key)) from None

    def number(self, key: str, decimals: int, default: str | None = None) -> Fraction:
        return _number(self.value.get(key, default), self.at(key), decimals)


def _number(value: object, path: str, decimals: int) -> Fraction:
    match = _NUMBER.fullmatch(value) if isinstance(value, str) else None
    if not match or len(match[1]) > 10 or len(match[2] or "") > decimals:
        raise BadInput(path)
    return Fraction(value)


def _customer(part: tuple[object, str]) -> dict:
    fields = _Reader(*part, {"uid", "site", "currency"}, {
        "partner", "membership", "no_reason_refunds", "ecs_quota_left",
    })
    quota = fields.value.get("ecs_quota_left")
    if quota is not None and (type(quota) is not int or quota < 0):
        raise BadInput(fields.at("ecs_quota_left"))
    return {
        "site": fields.word("site", SITES),
        "currency": fields.text("currency"),
        "partner": fields.flag("partner", False),
        "ecs_quota_left": quota,
        "membership": [
            _membership(item, f"{fields.at('membership')}[{index}]")
            for index, item in enumerate(fields.rows("membership"))
        ],
        "no_reason_refunds": [
            _no_reason_refund(item, f"{fields.at('no_reason_refunds')}[{index}]")
            for index, item in enumerate(fields.rows("no_reason_refunds"))
        ],
    }


def _membership(value: object, path: str) -> dict:
    fields = _Reader(value, path, {"joined_at"}, {"left_at", "relation"})
    return {
        "joined_at": fields.instant("joined_at"),
        "relation": fields.word("relation", RELATIONS, "trusteeship"),
    }


def _no_reason_refund(value: object, path: str) -> dict:
    fields = _Reader(value, path, {"product", "at"}, set())
    return {"product": fields.text("product"), "at": fields.instant("at")}


def _resource(part: tuple[object, str]) -> dict:
    fields = _Reader(*part, {"id", "product", "kind", "billing", "status"}, {
        "variant", "renew_status", "chain_complete", "security_risk", "paid_marketplace_image",
        "transferred", "usage",
    })
    kind = fields.word("kind", KINDS)
    usage = fields.value.get("usage")
    if (usage is not None) != (kind == "resource_plan"):
        raise BadInput(fields.at("usage"))
    fields.word("renew_status", RENEW_STATUSES, null=True)
    return {
        "id": fields.text("id"),
        "product": fields.text("product"),
        "kind": kind,
        "billing": fields.word("billing", BILLINGS),
        "status": fields.word("status", RESOURCE_STATUSES),
        "variant": fields.word("variant", VARIANTS, null=True),
        "chain_complete": fields.flag("chain_complete", True),
        "security_risk": fields.flag("security_risk", False, null=True),
        "paid_marketplace_image": fields.flag("paid_marketplace_image", False, null=True),
        "transferred": fields.flag("transferred", False, null=True),
        "nulls": fields.nulls(
            "renew_status", "security_risk", "paid_marketplace_image", "transferred"
        ),
        "usage": None if usage is None else _usage(usage, fields.at("usage")),
    }


def _usage(value: object, path: str) -> dict:
    fields = _Reader(value, path, {"total", "used", "unit", "resets"}, set())
    total = fields.number("total", 6)
    if total == 0:
        raise BadInput(fields.at("total"))
    return {
        "total": total,
        "used": fields.number("used", 6),
        "resets": fields.flag("resets", False),
    }


def _order(value: object, path: str) -> dict:
    fields = _Reader(value, path, {
        "id", "type", "status", "currency", "created_at", "paid_at", "start", "end", "list", "cash",
    }, {
        "coupon", "tax", "payments", "invoiced", "marketplace", "promotion", "daily_before",
        "daily_after", "discounts",
    })
    currency = fields.text("currency")
    digits = minor_digits(currency)
    start, end = fields.instant("start"), fields.instant("end")
    if end <= start:
        raise BadInput(fields.at("end"))
    cash = fields.number("cash", digits)
    fields.number("tax", digits, "0")
    before, after = _daily_prices(fields)
    promotion = _promotion(fields)
    nulls = fields.nulls("invoiced", "discounts", "payments")
    if promotion and promotion["refundable"] is None:
        nulls.append("promotion.refundable")
    return {
        "nulls": nulls,
        "id": fields.text("id"),
        "type": fields.word("type", ORDER_TYPES),
        "status": fields.word("status", ORDER_STATUSES),
        "currency": currency,
        "created_at": fields.instant("created_at"),
        "paid_at": fields.instant("paid_at"),
        "start": start,
        "end": end,
        "list": fields.number("list", digits),
        "cash": cash,
        "coupon": fields.number("coupon", digits, "0"),
        "payments": _payments(fields, digits, cash),
        "invoiced": fields.flag("invoiced", False, null=True),
        "marketplace": fields.flag("marketplace", False),
        "promotion": promotion,
        "daily_before": before,
        "daily_after": after,
        "discounts": _discounts(fields),
    }


def _daily_prices(fields: _Reader) -> tuple[Fraction | None, Fraction | None]:
    before, after = (
        None if fields.value.get(key) is None else fields.number(key, 6)
        for key in ("daily_before", "daily_after")
    )
    if before is None and after is None:
        return None, None
    if before is None:
        raise BadInput(fields.at("daily_before"))
    if after is None or after <= before:
        raise BadInput(fields.at("daily_after"))
    return before, after


def _payments(fields: _Reader, digits: int, cash: Fraction) -> list[dict]:
    if fields.value.get("payments") is None:
        return []
    payments = []
    for index, item in enumerate(fields.rows("payments")):
        payment = _Reader(item, f"{fields.at('payments')}[{index}]", {"method", "amount"}, set())
        payments.append({
            "method": payment.word("method", METHODS),
            "amount": payment.number("amount", digits),
        })
    if payments and sum(payment["amount"] for payment in payments) != cash:
        raise BadInput(fields.at("payments"))
    return payments


def _promotion(fields: _Reader) -> dict | None:
    value = fields.value.get("promotion")
    if value is None:
        return None
    promotion = _Reader(value, fields.at("promotion"), {"refundable"}, {"name", "gifts", "terms"})
    return {
        "refundable": promotion.flag("refundable", False, null=True),
        "gifts": promotion.rows("gifts"),
    }


def _discounts(fields: _Reader) -> dict[str, dict[Fraction, Fraction]] | None:
    """The factors by their day threshold and by their percent threshold; None is unknown."""
    if fields.value.get("discounts") is None:
        return None
    table = {"from_day": {}, "from_percent": {}}
    for index, item in enumerate(fields.rows("discounts")):
        entry = _Reader(item, f"{fields.at('discounts')}[{index}]", {"factor"}, set(table))
        named = [key for key in table if key in entry.value]
        if len(named) != 1:
            raise BadInput(entry.path)
        threshold = _threshold(entry, named[0])
        factor = entry.number("factor", 4)
        if not 0 < factor <= 1:
            raise BadInput(entry.at("factor"))
        if threshold in table[named[0]]:
            raise BadInput(entry.path)
        table[named[0]][threshold] = factor
    return table


def _threshold(entry: _Reader, key: str) -> Fraction:
    value = entry.value[key]
    if key == "from_percent" and isinstance(value, str):
        return entry.number(key, 6)
    if type(value) is not int or value < 0:
        raise BadInput(entry.at(key))
    return Fraction(value)


def _ask(part: tuple[object, str]) -> dict:
    fields = _Reader(*part, {"at", "action"}, {"expires", "daily_list"})
    action = fields.word("action", ACTIONS)
    ask = {"at": fields.instant("at"), "action": action}
    for key, owner in (("expires", "cancel_renewals"), ("daily_list", "downgrade")):
        given = fields.value.get(key) is not None
        if given != (action == owner):
            raise BadInput(fields.at(key))
    if action == "cancel_renewals":
        ask["expires"] = fields.instant("expires")
    if action == "downgrade":
        ask["daily_list"] = fields.number("daily_list", 6)
    return ask
