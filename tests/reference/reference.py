"""A second, slow implementation of the refund rules, written from their specification alone.

It shares no code and no data with the engine, so that both have to be wrong in the same way before
a mistake stays unseen. Numbers in the comments are sections of the specification.
"""

from datetime import datetime, timedelta, timezone
from fractions import Fraction

from business_days import after_business_days
from facts import DAY, BadInput, instant, minor_digits, read_case

UTC8 = timezone(timedelta(hours=8))

# Section 9: products, by what the table says of them.
NO_REASON_CHINA = {"ecs", "rds", "redisa", "dds", "swas", "adb", "webhosting", "elasticsearch"}
NEVER = {"domain", "ddos", "prepaid_card"}
RENEWAL_UNSUPPORTED = {"acr_ee", "kms"}
ONE_CHANCE = {"ecs", "ecs_plan", "reserved_instance"}

# Section 4: product -> (used days from which it holds no more, instant from which it holds).
ECS_COEFFICIENT_FROM = instant("2025-10-30T00:00:00+08:00")
COEFFICIENTS = {
    "ecs": (30, ECS_COEFFICIENT_FROM),
    "cfw": (30, None),
    "ens": (28, None),
    "waf": (None, None),
}
EARLY_USE = Fraction(3, 2)

# Section 5: the international window of an unused plan, by the asked instant.
PLAN_WINDOW_30_DAYS_FROM = instant("2025-08-19T00:00:00+08:00")
PLAN_WINDOW_VALIDITY_FROM = instant("2026-01-01T10:00:00+08:00")

# Section 12: method -> (site or None for both, days or None, first paid_at or None).
PAID_AT_SOURCE_FROM = instant("2019-03-29T00:00:00+08:00")
SOURCES = {
    "bank_card": ("international", 150, None),
    "paypal": ("international", 180, None),
    "alipay": (None, 548, PAID_AT_SOURCE_FROM),
    "online_banking": (None, 548, PAID_AT_SOURCE_FROM),
    "wechat": ("china", None, None),
    "unionpay": ("china", None, None),
    "stored_value_card": ("china", None, None),
}

FULL_TYPES = {"automatic", "unactivated", "full_unused", "full_no_reason"}


def quote(document: object) -> dict:
    """The quote of one case, or `{"error": ...}` for one that cannot be judged."""
    try:
        return judge(read_case(document))
    except BadInput as bad:
        error = {"code": bad.code, "path": bad.path}
        if bad.candidates is not None:
            error["candidates"] = bad.candidates
        return {"error": error}


def judge(case: dict) -> dict:
    """The quote of a case that was read already; raises `BadInput` for a wrong `expires`."""
    return _Quote(case).answer()


def rounded(amount: Fraction, currency: str) -> Fraction:
    """Half away from zero, to the currency's minor unit; amounts are never negative (2)."""
    unit = 10 ** minor_digits(currency)
    return Fraction((amount * unit + Fraction(1, 2)).__floor__(), unit)


def money(amount: Fraction, currency: str) -> str:
    digits = minor_digits(currency)
    whole = str(int(amount * 10**digits)).rjust(digits + 1, "0")
    return f"{whole[:-digits]}.{whole[-digits:]}" if digits else whole


def timestamp(at: int) -> str:
    moment = datetime.fromtimestamp(0, timezone.utc) + timedelta(microseconds=at)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment:%f}".rstrip("0").rstrip(".") + "Z" if moment.microsecond else text + "Z"


def calendar_date(at: int):
    """The date at an instant, read in UTC+8 (1)."""
    return (datetime.fromtimestamp(0, UTC8) + timedelta(microseconds=at)).date()


class _Quote:
    def __init__(self, case: dict):
        self.customer, self.resource, self.ask = case["customer"], case["resource"], case["ask"]
        self.all_orders = case["orders"]
        self.at, self.action = self.ask["at"], self.ask["action"]
        self.international = self.customer["site"] == "international"
        self.product, self.variant = self.resource["product"], self.resource["variant"]
        self.is_plan = self.resource["kind"] == "resource_plan"
        self.is_certificate = self.product == "cas" and not self.is_plan
        self.counted = [
            order for order in self.all_orders
            if order["status"] == "paid" and order["paid_at"] <= self.at
        ]
        self.alive = [order for order in self.counted if self.state(order) != "finished"]
        self.pending_renewals = self._pending_renewals()
        self.candidates = self._candidates()
        self.falling = self._falling()
        self.type = self._type()

    def answer(self) -> dict:
        lines = [self._line(order) for order in self._line_orders()]
        currency, would_be, would_be_max = self._sums(lines)
        nothing_returns = all(line["facts"][2] == 0 for line in lines)
        blockers = self._blockers(nothing_returns)
        eligible = not blockers
        channel = self._channel()
        kind = self.type if eligible else "nonrefundable"
        destinations, channel_refunds = self._destinations(lines) if eligible else ([], 0)
        zero = money(Fraction(0), currency)
        return {
            "refund_type": kind,
            "eligible": eligible,
            "batchable": kind in ("partial", "renewal") and channel == "console",
            "releasable": self.action == "unsubscribe" and blockers == ["refund_is_zero"],
            "refund": would_be if eligible else zero,
            "refund_max": would_be_max if eligible else zero,
            "would_be": would_be,
            "would_be_max": would_be_max,
            "exact": all(line["refund"] == line["refund_max"] for line in lines),
            "lines": [
                {key: value for key, value in line.items() if key != "facts"} for line in lines
            ],
            "destinations": destinations,
            "blocker_codes": blockers,
            "unknowns": self._unknowns(),
            "channel": channel,
            "channel_refunds": channel_refunds,
            "processed_by": self._business_day(2) if eligible else None,
            "arrives_by": self._business_day(30) if eligible else None,
            "confirmations": {
                "unsubscribe": ["amount", "backup"], "cancel_renewals": ["amount"],
            }.get(self.action, []),
            "candidates": [timestamp(at) for at in self.candidates],
            "forfeits": [
                gift for order in self._promoted() for gift in order["promotion"]["gifts"]
            ],
        }

    # Orders

    def state(self, order: dict) -> str:
        if order["start"] > self.at:
            return "pending"
        return "in_effect" if self.at < order["end"] else "finished"

    def _line_orders(self) -> list[dict]:
        return self.falling if self.action == "cancel_renewals" else self.counted

    def _pending_renewals(self) -> list[dict]:
        renewals = [
            order for order in self.counted
            if order["type"] in ("renew", "compensatory_renew") and self.state(order) == "pending"
        ]
        return sorted(renewals, key=lambda order: (order["start"], order["end"]))

    def _candidates(self) -> list[int]:
        """The Updated Expiration Times to choose from (7)."""
        if self.action != "cancel_renewals" or not self.pending_renewals:
            return []
        ends = [order["end"] for order in self.pending_renewals[:-1]]
        return sorted({self.pending_renewals[0]["start"], *ends})

    def _falling(self) -> list[dict]:
        if self.action != "cancel_renewals" or not self.pending_renewals:
            return []
        if self.ask["expires"] not in self.candidates:
            candidates = [timestamp(at) for at in self.candidates]
            raise BadInput("ask.expires", "not_a_candidate", candidates)
        falling = [
            order["id"] for order in self.pending_renewals if order["start"] >= self.ask["expires"]
        ]
        return [order for order in self.counted if order["id"] in falling]

    def _promoted(self) -> list[dict]:
        """The orders whose promotion is touched: in effect or pending, or the falling ones (10)."""
        orders = self.falling if self.action == "cancel_renewals" else self.alive
        return [order for order in orders if order["promotion"]]

    def _unknowns(self) -> list[str]:
        """The facts that were explicitly null, of the resource and the counted orders (10)."""
        found = [f"resource.{key}" for key in self.resource["nulls"]]
        for index, order in enumerate(self.all_orders):
            if order in self.counted:
                found += [f"orders[{index}].{key}" for key in order["nulls"]]
        return sorted(found)

    # Refund types (5, 6, 11)

    def _type(self) -> str:
        if self.action == "cancel_renewals":
            return "renewal"
        if self.action in ("downgrade", "convert"):
            return self.action
        if self.resource["status"] == "creating_failed":
            return "automatic"
        if self.is_plan:
            return self._plan_type()
        if self.is_certificate:
            return "full_unused" if self._certificate_returns() else "partial"
        return "full_no_reason" if self._no_reason() else "partial"

    def _plan_type(self) -> str:
        if not self.counted:
            return "partial"
        if all(self.state(order) == "pending" for order in self.counted):
            return "unactivated"
        if self.resource["usage"]["used"] == 0 and self._plan_window():
            return "full_unused"
        return "partial"

    def _plan_window(self) -> bool:
        if self.international and self.at >= PLAN_WINDOW_VALIDITY_FROM:
            return bool(self.alive)
        days = 30 if self.international and self.at >= PLAN_WINDOW_30_DAYS_FROM else 5
        first = self._purchase() or _earliest(self.counted)
        return self.at <= first["paid_at"] + days * DAY

    def _certificate_returns(self) -> bool:
        first = _earliest(self.counted)
        inside = first is not None and self.at <= first["paid_at"] + 7 * DAY
        return self.variant in ("unused", "revoked") and inside

    def _no_reason(self) -> bool:
        purchase = self._purchase()
        if purchase is None or self.at > purchase["paid_at"] + 5 * DAY:
            return False
        if self.international:
            return self.product == "sas"
        return self.product in NO_REASON_CHINA and not self._chance_used()

    def _purchase(self) -> dict | None:
        return _earliest([order for order in self.counted if order["type"] == "new"])

    def _chance_used(self) -> bool:
        year = calendar_date(self.at).year
        return any(
            _chance_group(used["product"]) == _chance_group(self.product)
            and used["at"] <= self.at
            and calendar_date(used["at"]).year == year
            for used in self.customer["no_reason_refunds"]
        )

    # Amounts (2, 3, 4, 5, 8)

    def _line(self, order: dict) -> dict:
        currency = order["currency"]
        least, most, consumed = self._left(order)
        if self.action == "downgrade":
            low, high = self._ratio(order)
            least, most = least * low, most * high
        least, most = self._related(order, rounded(least, currency), rounded(most, currency))
        return {
            "order": order["id"],
            "state": self.state(order),
            "cash": money(order["cash"], currency),
            "consumed": money(rounded(consumed, currency), currency),
            "refund": money(least, currency),
            "refund_max": money(most, currency),
            "facts": (order, least, most),
        }

    def _left(self, order: dict) -> tuple[Fraction, Fraction, Fraction]:
        """What is left of an order's cash, at least and at most, and what counts as consumed."""
        zero, cash, state = Fraction(0), order["cash"], self.state(order)
        if state == "finished":
            return zero, zero, cash
        if order["type"] == "compensatory_renew":
            return zero, zero, zero
        if state == "pending" or self.type in FULL_TYPES:
            return cash, cash, zero
        if order["type"] == "other":
            return zero, cash, cash
        consumed_most, consumed_least = self._consumed(order)
        return max(zero, cash - consumed_most), max(zero, cash - consumed_least), consumed_most

    def _consumed(self, order: dict) -> tuple[Fraction, Fraction]:
        """The consumed value, at most and at least; they differ by an unknown discount table."""
        base = order["list"] * self._upgrade_share(order)
        by_quota = self.is_plan and self.type == "partial"
        if by_quota and not self.international and self.product == "oss":
            value = base * self._used_days(order) / _sub_days(order)
            return value, value
        if by_quota and not self.resource["usage"]["resets"]:
            usage = self.resource["usage"]
            share = usage["used"] / usage["total"]
            key, reached = "from_percent", share * 100
        else:
            days = self._used_days(order)
            share = days * self._coefficient(days) / _sub_days(order)
            key, reached = "from_day", days
        if order["discounts"] is None:
            own = min(Fraction(1), (order["cash"] + order["coupon"]) / base) if base else Fraction(1)
            return base * share, base * share * own
        value = base * share * _factor(order["discounts"][key], reached)
        return value, value

    def _upgrade_share(self, order: dict) -> Fraction:
        if not _upgrade_with_prices(order):
            return Fraction(1)
        return (order["daily_after"] - order["daily_before"]) / order["daily_after"]

    def _used_days(self, order: dict) -> int:
        return max(1, -((order["start"] - self.at) // DAY))

    def _coefficient(self, used_days: int) -> Fraction:
        if not self.international or self.product not in COEFFICIENTS:
            return Fraction(1)
        if self.action in ("downgrade", "convert") and self.product != "ecs":
            return Fraction(1)
        days, since = COEFFICIENTS[self.product]
        holds = (days is None or used_days < days) and (since is None or self.at >= since)
        return EARLY_USE if holds else Fraction(1)

    def _ratio(self, order: dict) -> tuple[Fraction, Fraction]:
        """The share of an order that a downgrade gives back, at least and at most (8)."""
        if _upgrade_with_prices(order):
            price, span = order["daily_after"], order["daily_after"] - order["daily_before"]
        elif order["type"] == "upgrade":
            return Fraction(0), Fraction(1)
        else:
            price = span = order["list"] / _sub_days(order)
        if span == 0:
            return Fraction(0), Fraction(0)
        ratio = (price - self.ask["daily_list"]) / span
        ratio = min(Fraction(1), max(Fraction(0), ratio))
        return ratio, ratio

    def _related(self, order: dict, least: Fraction, most: Fraction) -> tuple[Fraction, Fraction]:
        """Membership of a financial relation joined after the payment (10)."""
        relations = {
            member["relation"] for member in self.customer["membership"]
            if order["paid_at"] < member["joined_at"] <= self.at
        }
        if "trusteeship" in relations:
            return Fraction(0), Fraction(0)
        return (Fraction(0) if relations else least), most

    def _sums(self, lines: list[dict]) -> tuple[str, str | None, str | None]:
        currencies = {order["currency"] for order in self.counted}
        if len(currencies) > 1:
            return self.customer["currency"], None, None
        currency = currencies.pop() if currencies else self.customer["currency"]
        least = sum((line["facts"][1] for line in lines), Fraction(0))
        most = sum((line["facts"][2] for line in lines), Fraction(0))
        return currency, money(least, currency), money(most, currency)

    # Blockers (5, 7, 9, 10)

    def _blockers(self, nothing_returns: bool) -> list[str]:
        status, resource = self.resource["status"], self.resource
        held = {
            "product_unsupported": self._never() or self._unsubscribe_refused(),
            "pay_as_you_go": resource["billing"] == "pay_as_you_go"
            or (self.product, self.variant) == ("iot", "public_instance"),
            "promotion_nonrefundable": any(
                order["promotion"]["refundable"] is False for order in self._promoted()
            ),
            "refund_is_zero": nothing_returns,
            "paid_marketplace_image": resource["paid_marketplace_image"],
            "ecs_quota_exhausted": self.product == "ecs" and not self.is_plan
            and self.action == "unsubscribe" and self.customer["ecs_quota_left"] == 0,
            "currency_mismatch": any(
                order["currency"] != self.customer["currency"] for order in self.counted
            ),
            "unpaid_order": any(
                order["status"] == "unpaid" and order["created_at"] <= self.at
                for order in self.all_orders
            ),
            "security_risk": resource["security_risk"],
            "transferred": resource["transferred"],
            "status_overdue": status == "overdue",
            "status_security_locked": status == "security_locked",
            "status_changing": status == "changing",
            "expired": status == "expired" or bool(self.counted and not self.alive),
            "released": status == "released",
            "chain_incomplete": not resource["chain_complete"],
        }
        if self.action == "cancel_renewals":
            held |= self._renewal_blockers()
        return sorted(code for code, holds in held.items() if holds)

    def _renewal_blockers(self) -> dict[str, bool]:
        changes = [order for order in self.counted if order["type"] in ("upgrade", "downgrade")]
        return {
            "no_pending_renewal": not self.pending_renewals,
            "configuration_changed": any(
                change["paid_at"] > order["paid_at"] for change in changes for order in self.falling
            ),
            "renewal_unsupported": self.international and self.product in RENEWAL_UNSUPPORTED,
        }

    def _never(self) -> bool:
        return (
            self.product in NEVER
            or (self.product, self.variant) in (("vod", "short_video_sdk"), ("cen", "cross_border"))
            or (self.product == "hbr" and self.is_plan)
        )

    def _unsubscribe_refused(self) -> bool:
        """What is refused only when the whole resource is to go, and did not fail to be created."""
        if self.action != "unsubscribe" or self.type == "automatic":
            return False
        if self.is_certificate:
            return self.type != "full_unused"
        if not self.is_plan or self.product != "oss":
            return False
        if self.international:
            return self.resource["usage"]["used"] > 0
        return self.type == "partial" and self.resource["usage"]["resets"]

    # Channel, destinations and days (9, 12, 13)

    def _channel(self) -> str:
        if self.customer["partner"]:
            return "partner"
        by_ticket = (
            (self.product == "vod" and self.is_plan)
            or (self.product, self.variant) == ("iot", "enterprise_instance")
            or (self.international and self.product == "oss" and self.is_plan)
            or (self.international and self.product == "rds" and not self.is_plan)
            or (not self.international and self.product in ("savings_plan", "scu"))
        )
        return "ticket" if by_ticket else "console"

    def _destinations(self, lines: list[dict]) -> tuple[list[dict], int]:
        totals: dict[str, Fraction] = {}
        channel_refunds = set()
        for line in lines:
            order, refund, _ = line["facts"]
            currency = order["currency"]
            for to, amount in self._split(order, refund):
                if amount > 0:
                    totals[to] = totals.get(to, Fraction(0)) + amount
                    channel_refunds.add((order["id"], to))
        rows = [{"to": to, "amount": money(totals[to], currency)} for to in sorted(totals)]
        return rows, len(channel_refunds)

    def _split(self, order: dict, refund: Fraction) -> list[tuple[str, Fraction]]:
        payments = order["payments"]
        if not payments:
            return [("unknown", refund)]
        total, left, parts = sum(payment["amount"] for payment in payments), refund, []
        for payment in payments[:-1]:
            share = refund * payment["amount"] / total if total else Fraction(0)
            part = min(left, rounded(share, order["currency"]))
            parts.append((self._destination(order, payment["method"]), part))
            left -= part
        parts.append((self._destination(order, payments[-1]["method"]), left))
        return parts

    def _destination(self, order: dict, method: str) -> str:
        if not self.international and order["invoiced"] and not order["marketplace"]:
            return "balance"
        site, days, since = SOURCES.get(method, ("none", None, None))
        back = (
            site in (None, self.customer["site"])
            and (days is None or self.at <= order["paid_at"] + days * DAY)
            and (since is None or order["paid_at"] >= since)
        )
        return method if back else "balance"

    def _business_day(self, count: int) -> str:
        return after_business_days(calendar_date(self.at), count).isoformat()


def _earliest(orders: list[dict]) -> dict | None:
    return min(orders, key=lambda order: order["paid_at"], default=None)


def _chance_group(product: str) -> str:
    return "ecs" if product in ONE_CHANCE else product


def _upgrade_with_prices(order: dict) -> bool:
    return order["type"] == "upgrade" and order["daily_after"] is not None


def _sub_days(order: dict) -> int:
    return max(1, (order["end"] - order["start"]) // DAY)


def _factor(entries: dict[Fraction, Fraction], reached: Fraction) -> Fraction:
    """The factor of the largest threshold that is reached, else 1."""
    return max(
        ((threshold, factor) for threshold, factor in entries.items() if threshold <= reached),
        default=(0, Fraction(1)),
    )[1]
