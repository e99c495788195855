"""Times reports beside other writers, on the same rows in one run.

Workbooks of 100,000 rows and 18 columns: ours, XlsxWriter (its memory-saving mode, and its usual one) and openpyxl (write-only). A table of
300 and of 1,000 rows in pages: ours (a statement, tagged, PDF/A) and reportlab (a plain table with the same cells). Each writer runs in a
process of its own, which tells its time and the most memory that it held; rounds go round the writers, so that what disturbs the
machine disturbs all of them.
"""

import argparse
import json
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from bench_record import figure, record

ROUNDS = 5
SHEET_ROWS = 100_000
PAGE_ROWS = (300, 1_000)
AHEAD = timedelta(hours=8)
COLUMNS = (
    "home customer customer_uid refund_order resource product related_orders order_status currency amount arrived unsubscribe_to "
    "refunded_at arrived_at request predicted difference reason"
).split()
DATES = ("refunded_at", "arrived_at")
AMOUNTS = ("amount", "arrived", "predicted", "difference")
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")


def local(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).replace(tzinfo=None) + AHEAD


def cells(row):
    """A row's cells in the columns' order, of the types that a spreadsheet takes."""
    told = dict(row, home="SANDBOX")
    told["unsubscribe_to"] = "; ".join(f"{part['to']} {part['amount']}" for part in row["places"])
    for name in DATES:
        told[name] = local(row[name]) if row[name] else None
    for name in AMOUNTS:
        told[name] = Decimal(row[name]) if row[name] is not None else None
    return [told[name] for name in COLUMNS]


def xlsxwriter_file(rows, path, constant):
    import xlsxwriter

    book = xlsxwriter.Workbook(path, {"constant_memory": constant})
    sheet = book.add_worksheet("Refunds")
    header = book.add_format({"bold": True})
    date = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    money = {}
    for column, name in enumerate(COLUMNS):
        sheet.write_string(0, column, name, header)
    for number, row in enumerate(rows, 1):
        for column, (name, value) in enumerate(zip(COLUMNS, cells(row))):
            if value is None:
                continue
            if name in AMOUNTS:
                currency = row["currency"]
                if currency not in money:
                    money[currency] = book.add_format({"num_format": f"[${currency}]\\ #,##0.00"})
                sheet.write_number(number, column, value, money[currency])
            elif name in DATES:
                sheet.write_datetime(number, column, value, date)
            elif value:
                sheet.write_string(number, column, value)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(COLUMNS) - 1)
    book.close()


def openpyxl_file(rows, path):
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Refunds")
    sheet.freeze_panes = "A2"
    sheet.append(COLUMNS)
    for row in rows:
        line = []
        for name, value in zip(COLUMNS, cells(row)):
            if name in AMOUNTS and value is not None:
                cell = WriteOnlyCell(sheet, value)
                cell.number_format = f"[${row['currency']}]\\ #,##0.00"
            elif name in DATES and value is not None:
                cell = WriteOnlyCell(sheet, value)
                cell.number_format = "yyyy-mm-dd hh:mm:ss"
            elif value:
                # It refuses control characters, and would take a leading = for a formula.
                cell = WriteOnlyCell(sheet, CONTROL.sub("", value))
                cell.data_type = "s"
            else:
                cell = None
            line.append(cell)
        sheet.append(line)
    book.save(path)


def reportlab_file(rows, path, font):
    from reportlab.lib import colors
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle
    from xml.sax.saxutils import escape

    # One of the viewer's own Chinese faces: it reads no OpenType outlines of the other kind, such as ours, and embeds nothing.
    pdfmetrics.registerFont(UnicodeCIDFont(font))
    style = ParagraphStyle("cell", fontName=font, fontSize=7.5, leading=9, wordWrap="CJK")
    right = ParagraphStyle("right", parent=style, alignment=2)

    def text(*lines, to=style):
        return Paragraph("<br/>".join(escape(CONTROL.sub("", line)) for line in lines if line), to)

    def money(amount):
        return f"{Decimal(amount):,}"

    body = [["Refund order", "Resource, orders", "Paid + tax", "Consumed", "Refunded, expected", "Where and when"]]
    for row in rows:
        body.append(
            [
                text(row["refund_order"], row["refunded_at"][:16], row["order_status"]),
                text(row["resource"], row["product"], *row["related_orders"].split("; ")),
                text(money(Decimal(row["amount"]) * 2), "+ 0", to=right),
                text(money(row["amount"]), to=right),
                text(money(row["amount"]) + " " + row["currency"], money(row["predicted"]) if row["predicted"] else "", to=right),
                text(*(f"{money(part['amount'])} {part['to']}" for part in row["places"])),
            ]
        )
    table = Table(body, colWidths=[27 * mm, 51 * mm, 21 * mm, 20 * mm, 24 * mm, 37 * mm], repeatRows=1)
    table.setStyle(TableStyle([("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")]))

    def numbered(canvas, document):
        canvas.setFont(font, 7)
        canvas.drawRightString(195 * mm, 10 * mm, str(document.page))

    document = SimpleDocTemplate(str(path), pagesize=A4, leftMargin=15 * mm, rightMargin=15 * mm)
    document.build([table], onFirstPage=numbered, onLaterPages=numbered)


WRITERS = {
    "xlsxwriter, constant memory": lambda rows, path: xlsxwriter_file(rows, path, True),
    "xlsxwriter, as it comes": lambda rows, path: xlsxwriter_file(rows, path, False),
    "openpyxl, write-only": openpyxl_file,
    "reportlab": lambda rows, path: reportlab_file(rows, path, "STSong-Light"),
}


def child(writer, folder):
    """One writer in this process: rows are read before the clock starts, as ours has them in memory too."""
    rows = json.loads((folder / "rows.json").read_text(encoding="utf-8"))
    begun, spent = time.monotonic(), time.process_time()
    WRITERS[writer](rows, str(folder / "peer.out"))
    ended, spent = time.monotonic(), time.process_time() - spent
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"ms": (ended - begun) * 1000, "cpu_ms": spent * 1000, "peak_kib": peak}))


def run(words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ours(rows_program, folder, rows, kind):
    line = run([rows_program, folder, rows, 1, kind, "warm"])[-1]
    first, warm = map(float, line["ms"])
    return {"ms": warm, "first_ms": first, "cpu_ms": line["cpu_ms"][1], "peak_kib": int(line["peak_kib"])}


def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f}-{max(values):,.0f})"


def ratio(rounds, own, unit):
    """How many times ours, within each round."""
    ratios = [one[unit] / our[unit] for one, our in zip(rounds, own)]
    return "" if rounds is own else f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})"


def compare(title, rows_program, rows, kind, peers, folder):
    run([rows_program, folder, rows, 1, "json"])
    measured = {name: [] for name in ("ours", *peers)}
    for _ in range(ROUNDS):
        measured["ours"].append(ours(rows_program, folder, rows, kind))
        for peer in peers:
            measured[peer] += run([sys.executable, __file__, "--writer", peer, "--folder", folder])
    print(f"\n## {title}\n")
    print("| writer | ms | of the processors, ms | most memory, MB | as long as ours | as much of the processors |")
    print("|---|---|---|---|---|---|")
    for name, rounds in measured.items():
        memory = statistics.median(one["peak_kib"] for one in rounds) / 1024
        longer, costlier = (ratio(rounds, measured["ours"], unit) for unit in ("ms", "cpu_ms"))
        times, costs = (spread([one[unit] for one in rounds]) for unit in ("ms", "cpu_ms"))
        print(f"| {name} | {times} | {costs} | {memory:,.0f} | {longer} | {costlier} |")
    own = measured["ours"]
    print(f"\nOurs the first time: {spread([one['first_ms'] for one in own])} ms.", flush=True)
    figures = [
        figure(f"{title}: ours", "ms", [one["ms"] for one in own]),
        figure(f"{title}: ours, of the processors", "ms", [one["cpu_ms"] for one in own]),
        figure(f"{title}: ours, most memory", "MiB", [one["peak_kib"] / 1024 for one in own]),
    ]
    for peer in peers:
        ratios = [one["cpu_ms"] / our["cpu_ms"] for one, our in zip(measured[peer], own)]
        figures.append(figure(f"{title}: {peer}, of the processors, times ours", "", ratios, lower_is_better=False))
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", help="the built example `rows` of desk-report")
    parser.add_argument("--writer", help="time this writer in this process")
    parser.add_argument("--folder", type=Path)
    given = parser.parse_args()
    if given.writer:
        child(given.writer, given.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        sheets = [name for name in WRITERS if name != "reportlab"]
        figures = compare(f"A workbook of {SHEET_ROWS:,} rows", given.rows, SHEET_ROWS, "xlsx", sheets, folder)
        for rows in PAGE_ROWS:
            figures += compare(f"A statement of {rows:,} rows in pages", given.rows, rows, "statement", ["reportlab"], folder)
    record("reports", figures)


if __name__ == "__main__":
    main()
