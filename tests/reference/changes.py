"""What changes next in a quote (the rules' section 15), found by trying every instant that could
matter and comparing the quote on both sides of it.
"""

from facts import DAY, BadInput, instant
from reference import (
    ECS_COEFFICIENT_FROM, PLAN_WINDOW_30_DAYS_FROM, PLAN_WINDOW_VALIDITY_FROM, judge, timestamp,
)

WINDOWS = (5, 7, 30, 150, 180, 548)  # days after a payment
MOST_BOUNDARIES = 400

_RULE_DATES = {ECS_COEFFICIENT_FROM, PLAN_WINDOW_30_DAYS_FROM, PLAN_WINDOW_VALIDITY_FROM}
_YEARS = {instant(f"{year}-01-01T00:00:00+08:00") for year in range(2015, 2060)}
_VALUES = ("refund_type", "eligible", "refund", "refund_max", "destinations")


def changes(case: dict) -> dict | None:
    """`valid_until`, and every change with its amounts; None where the case is out of scope.

    Out of scope are cases with facts later than the asked instant (they do not exist for the quote,
    yet would at a later one) and, for time's sake, very long ones.
    """
    boundaries = _boundaries(case)
    if _knows_the_future(case) or len(boundaries) > MOST_BOUNDARIES:
        return None
    found, before = [], _values(case, case["ask"]["at"])
    for at in boundaries:
        on, after = _values(case, at), _values(case, at + 1)
        if after is None:
            return None
        if on != before or after != before:
            found.append({"at": timestamp(at), "before": before, "after": after})
        before = after
    return {
        "valid_until": found[0]["at"] if found else None,
        "instants": [change["at"] for change in found],
        "amounts": [
            (change["at"], change["before"]["refund"], change["after"]["refund"])
            for change in found if change["before"]["refund"] != change["after"]["refund"]
        ],
        "types": [
            (change["at"], change["before"]["refund_type"], change["after"]["refund_type"])
            for change in found
            if change["before"]["refund_type"] != change["after"]["refund_type"]
        ],
    }


def engine_changes(answer: dict) -> dict:
    def of(what: str) -> list[tuple[str, str, str]]:
        return [
            (change["at"], change["before"], change["after"])
            for change in answer["next_changes"] if change["what"] == what
        ]

    return {
        "valid_until": answer["valid_until"],
        "instants": sorted({change["at"] for change in answer["next_changes"]}),
        "amounts": of("amount"),
        "types": of("type"),
    }


def _values(case: dict, at: int) -> dict | None:
    try:
        quote = judge({**case, "ask": {**case["ask"], "at": at}})
    except BadInput:  # a renewal started, and the chosen instant is no candidate any more
        return None
    return {key: quote[key] for key in _VALUES}


def _knows_the_future(case: dict) -> bool:
    at, customer = case["ask"]["at"], case["customer"]
    facts = [order["paid_at"] for order in case["orders"]]
    facts += [order["created_at"] for order in case["orders"] if order["status"] == "unpaid"]
    facts += [member["joined_at"] for member in customer["membership"]]
    facts += [used["at"] for used in customer["no_reason_refunds"]]
    return max(facts) > at


def _boundaries(case: dict) -> list[int]:
    asked, found = case["ask"]["at"], _RULE_DATES | _YEARS
    for order in case["orders"]:
        found |= {order["start"], order["end"]}
        found |= {order["paid_at"] + days * DAY for days in WINDOWS}
        first = max(0, (asked - order["start"]) // DAY)
        found |= set(range(order["start"] + first * DAY, order["end"], DAY))
    return sorted(at for at in found if at >= asked)
