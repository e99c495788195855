"""Opens CSV and XLSX with LibreOffice, without a window, and compares every amount with the rows that were written. For the long run."""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

ROWS = 10_000
# What it makes of a file: the first sheet as CSV, UTF-8, cells as they are kept and not as they are shown.
FILTER = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false,false,false,1"
# How it reads ours: comma, quotes, UTF-8, from the first line, quoted cells as text.
READ = "CSV:44,34,76,1,,0,true,false"


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=600)
    if done.returncode != 0:
        raise AssertionError(f"{words}: {done.stdout}{done.stderr}")


def opened(path, folder, *words):
    """The rows of a file as LibreOffice has read them."""
    profile = f"-env:UserInstallation=file://{folder}/profile"
    run("soffice", profile, "--headless", *words, "--convert-to", FILTER, "--outdir", folder / "out", path)
    [made] = (folder / "out").glob(f"{path.stem}*.csv")
    with open(made, encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    made.unlink()
    return rows


def compare(name, read, rows, columns):
    header = next(index for index, line in enumerate(read) if columns["refund_order"] in line)
    places = {column: read[header].index(title) for column, title in columns.items()}
    body = read[header + 1 :]
    assert len(body) == len(rows), f"{name}: {len(body)} rows of {len(rows)}"
    for line, row in zip(body, rows):
        for column, place in places.items():
            given, written = line[place], row[column]
            if column in ("amount", "arrived", "predicted", "difference"):
                given = Decimal(given) if given else None
                written = Decimal(written) if written is not None else None
            assert given == written, f"{name}, {row['refund_order']}, {column}: {given!r} is not {written!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", required=True, help="the built example `rows` of desk-report")
    program = parser.parse_args().rows
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        run(program, folder, ROWS, 1, "json", "csv", "xlsx")
        rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
        same = {name: name for name in ("refund_order", "customer_uid", "currency", "amount", "arrived", "predicted", "difference")}
        titles = {"refund_order": "Refund order", "customer_uid": "Account", "currency": "Currency", "amount": "Refund amount", "arrived": "Arrived", "predicted": "Expected", "difference": "Difference"}
        for name, words, columns in (("history.xlsx", (), titles), ("history.csv", (f"--infilter={READ}",), same)):
            try:
                compare(name, opened(folder / name, folder, *words), rows, columns)
                print(f"{name}: every amount of {ROWS} rows is the one that was written")
            except AssertionError as why:
                failed += 1
                print(f"{name}: {why}")
    print(f"{2 - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
