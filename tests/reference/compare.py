"""Compares the engine with the reference, case by case and key by key.

    python3 tests/reference/compare.py target/debug/rdesk 100000 1

feeds that many random cases of that seed to `rdesk quote --lines -`, prints the first differences
with their case, ends with `N passed, N failed`, and exits with 1 when one failed.
"""

import json
import subprocess
import sys
from collections import Counter
from itertools import islice

from changes import changes, engine_changes
from facts import read_case
from random_cases import cases
from reference import quote

SHOWN = 5
BATCH = 500
CHANGES_EVERY = 20  # what changes next is compared for one case in so many, because it is slow
LINE_KEYS = ("order", "state", "cash", "consumed", "refund", "refund_max")


def main(program: str, count: int, seed: int) -> int:
    drawn, passed, failed, kinds = cases(seed, count), 0, 0, Counter()
    tally = Counter()
    while batch := list(islice(drawn, BATCH)):
        for number, (case, answer) in enumerate(zip(batch, engine_quotes(program, batch), strict=True)):
            expected = quote(case)
            tally.update(branches(expected))
            differences = compare(expected, engine_view(answer))
            if number % CHANGES_EVERY == 0 and not differences and "error" not in answer:
                expected = changes(read_case(case))
                tally["changes compared"] += expected is not None
                differences = compare(expected or {}, engine_changes(answer))
            if not differences:
                passed += 1
                continue
            failed += 1
            kinds.update(key for key, _, _ in differences)
            if failed <= SHOWN:
                show(case, differences)
    print("cases by outcome:", ", ".join(f"{key} {n}" for key, n in sorted(tally.items())))
    if kinds:
        print("differences by key:", ", ".join(f"{key} {n}" for key, n in kinds.most_common()))
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def engine_quotes(program: str, batch: list[dict]) -> list[dict]:
    """One answer a case. Exit status 2 only says that some of them were bad input."""
    lines = "".join(json.dumps(case) + "\n" for case in batch)
    run = subprocess.run(
        [program, "quote", "--lines", "-"], input=lines, capture_output=True, text=True, check=False
    )
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    bad = any("error" in answer for answer in answers)
    if run.returncode != (2 if bad else 0) or len(answers) != len(batch):
        raise SystemExit(
            f"{program} ended with {run.returncode} and {len(answers)} answers to {len(batch)} "
            f"cases: {run.stderr[-2000:]}"
        )
    return answers


def engine_view(answer: dict) -> dict:
    """The engine's answer in the reference's keys."""
    if "error" in answer:
        error = answer["error"]
        keys = ("code", "path", "candidates")
        return {"error": {key: error[key] for key in keys if key in error}}
    view = dict(answer)
    view["blocker_codes"] = sorted(blocker["code"] for blocker in answer["blockers"])
    view["unknowns"] = sorted(answer["unknowns"])
    view["lines"] = [{key: line[key] for key in LINE_KEYS} for line in answer["lines"]]
    view["destinations"] = [
        {"to": row["to"], "amount": row["amount"]} for row in answer["destinations"]
    ]
    return view


def compare(expected: dict, found: dict) -> list[tuple[str, object, object]]:
    if "error" in found and "error" not in expected:
        return [("error", None, found["error"])]
    return [
        (key, value, found.get(key)) for key, value in expected.items() if found.get(key) != value
    ]


def branches(expected: dict) -> list[str]:
    if "error" in expected:
        return [expected["error"]["code"]]
    names = [expected["refund_type"], *expected["blocker_codes"]]
    return names + ["range"] if not expected["exact"] else names


def show(case: dict, differences: list[tuple[str, object, object]]) -> None:
    print(json.dumps(case))
    for key, expected, found in differences:
        print(f"    {key}\n      reference {json.dumps(expected)}\n      engine    {json.dumps(found)}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    raise SystemExit(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
