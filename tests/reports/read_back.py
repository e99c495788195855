"""Reads reports back by programs that are not ours: Python's csv, openpyxl, pdftotext, pdfinfo, pdfdetach and qpdf.

Two sources: a sandbox home that `rdesk demo` fills, whose every amount is compared with what the desk lists, and ten thousand rows
of nasty text made from a seed by the example `rows`.
"""

import argparse
import csv
import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import zipfile
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl

NASTY_ROWS = 10_000
# Enough for some tens of pages; programs for tests are not optimised.
PAGE_ROWS = 300
AHEAD = timedelta(hours=8)
FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")


def run(*words, check=True):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if check and done.returncode != 0:
        raise AssertionError(f"{words}: {done.stdout}{done.stderr}")
    return done


def csv_rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, strict=True))


def sheet_rows(path, sheet=0):
    """Header and rows of a sheet, with the cells; the sandbox's banner stands above the header."""
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[sheet]
    rows = list(sheet.iter_rows())
    banner = rows[0][0].value if rows[0][1].value is None else None
    header = [cell.value for cell in rows[1 if banner else 0]]
    body = rows[2 if banner else 1 :]
    return book, sheet, banner, [dict(zip(header, row)) for row in body]


def pdf_text(path):
    text = run("pdftotext", "-layout", path, "-").stdout
    # Places to break a long word, and the marks of direction that pdftotext adds itself.
    return re.sub("[\u200b\u202a-\u202e\u2066-\u2069]", "", text)


def shown(amount):
    """An amount as the pages print it."""
    text = f"{Decimal(amount):,}"
    return text.replace("-", "−")


def instant(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


class Reports(unittest.TestCase):
    rdesk = rows = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.path = Path(cls.folder.name)
        cls.home = cls.path / "home"
        run(cls.rdesk, "--home", cls.home, "demo", "--out", cls.path / "demo")
        cls.customers = cls.desk("customer", "list")
        cls.listed = cls.desk("history", "list", "--limit", "500")["rows"]
        cls.mixed = next(c for c in cls.customers if any(r["request"] and r["customer"] == c["id"] for r in cls.listed))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def desk(cls, *words):
        return json.loads(run(cls.rdesk, "--home", cls.home, "--json", *words).stdout)

    def report(self, name, *words):
        path = self.path / name
        written = self.desk("report", *words, "--out", path)
        self.assertEqual(written["path"], str(path))
        self.assertEqual(written["sha256"], hashlib.sha256(path.read_bytes()).hexdigest())
        return path, written

    def refused(self, *words):
        done = run(self.rdesk, "--home", self.home, "--json", *words, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        return json.loads(done.stdout)["error"]

    def own(self):
        return [row for row in self.listed if row["customer"] == self.mixed["id"]]

    # --- the sandbox home ---

    def test_csv_holds_every_row_and_amount_of_the_desk(self):
        path, written = self.report("history.csv", "history", "--format", "csv")
        rows = csv_rows(path)
        self.assertEqual((len(rows), written["rows"]), (len(self.listed), len(self.listed)))
        for row, listed in zip(rows, self.listed):
            self.assertEqual(row["home"], "SANDBOX")
            for name in ("refund_order", "resource", "product", "currency", "order_status"):
                self.assertEqual(row[name], listed[name], name)
            for name in ("amount", "arrived", "predicted", "difference"):
                self.assertEqual(Decimal(row[name]) if row[name] else None, Decimal(listed[name]) if listed[name] else None)

    def test_xlsx_has_typed_cells_a_frozen_header_filters_and_totals(self):
        path, _ = self.report("history.xlsx", "history", "--format", "xlsx")
        book, sheet, banner, rows = sheet_rows(path)
        self.assertIn("SANDBOX", banner)
        self.assertTrue(all("SANDBOX" in sheet.title and "SANDBOX" in sheet.oddHeader.center.text for sheet in book))
        self.assertEqual((sheet.freeze_panes, sheet.auto_filter.ref.split(":")[0]), ("A3", "A2"))
        self.assertEqual(len(rows), len(self.listed))
        for row, listed in zip(rows, self.listed):
            amount = row["Refund amount"]
            self.assertEqual((amount.data_type, Decimal(str(amount.value))), ("n", Decimal(listed["amount"])))
            self.assertIn(listed["currency"], amount.number_format)
            self.assertEqual(Decimal(str(row["Arrived"].value)), Decimal(listed["arrived"]))
            self.assertEqual((row["Refund order"].data_type, row["Refund order"].value), ("s", listed["refund_order"]))
            self.assertEqual(row["Account"].data_type, "s")
            at = row["Refund time (UTC+8)"]
            self.assertTrue(at.is_date)
            self.assertEqual(at.value - AHEAD, instant(listed["refunded_at"]).replace(tzinfo=None))
        _, _, _, totals = sheet_rows(path, 1)
        sums = {}
        for listed in self.listed:
            sums[listed["currency"]] = sums.get(listed["currency"], 0) + Decimal(listed["amount"])
        told = {row["Currency"].value: row["Refund amount" if "Refund amount" in row else "Amount"].value for row in totals if row["Unsubscribe to"].value == "Total"}
        self.assertEqual({currency: Decimal(str(amount)) for currency, amount in told.items()}, sums)

    def test_history_pages_hold_every_amount(self):
        for language in ("en", "zh", "both"):
            path, written = self.report(f"history-{language}.pdf", "history", "--format", "pdf", "--language", language)
            text = pdf_text(path)
            for listed in self.listed:
                self.assertIn(listed["refund_order"], text)
                self.assertIn(shown(listed["amount"]), text)
            self.assertEqual("退订订单明细" in text, language != "en")
            self.is_whole(path, written["pages"])

    def test_statement_is_the_customers_own_and_adds_up(self):
        path, written = self.report("statement.pdf", "statement", "--customer", self.mixed["id"], "--language", "both")
        text = pdf_text(path)
        for row in self.own():
            self.assertIn(row["refund_order"], text)
            self.assertIn(shown(row["amount"]), text)
            self.assertIn(shown(row["amount"]) + " " + row["currency"], text)
        for row in self.listed:
            if row["customer"] != self.mixed["id"]:
                self.assertNotIn(row["refund_order"], text)
        self.assertIn(self.mixed["name"], text)
        self.assertIn(written["document_sha256"], text)
        self.is_whole(path, written["pages"])
        data = self.attached(path)
        self.assertEqual(hashlib.sha256(data).hexdigest(), written["document_sha256"])
        told = json.loads(data)
        self.assertIn(told["journal"]["hash"], text)
        for line in told["refunds"]:
            if line["paid"] is not None:
                self.assertEqual(Decimal(line["paid"]) - Decimal(line["refunded"]), Decimal(line["consumed"]))
                self.assertIn(shown(line["consumed"]), text)
        for total in told["totals"]:
            own = [row for row in self.own() if row["currency"] == total["currency"]]
            self.assertEqual(Decimal(total["refunded"]), sum(Decimal(row["amount"]) for row in own))
            self.assertEqual(Decimal(total["arrived"]), sum(Decimal(row["arrived"]) for row in own))
        self.assertTrue(told["lost"] and told["rules"], "a demo's unsubscriptions delete something by rules")

    def test_letterhead_and_logo_stand_on_the_paper(self):
        logo = self.path / "logo.svg"
        logo.write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9" fill="#123"/></svg>')
        self.desk("report", "letterhead", "set", "--name", "Example Partner 示例", "--line", "12 Harbour Road", "--logo", logo)
        try:
            path, _ = self.report("letter.pdf", "statement", "--customer", self.mixed["id"])
            text = pdf_text(path)
            self.assertIn("Example Partner 示例", text)
            self.assertIn("12 Harbour Road", text)
            self.assertEqual(json.loads(self.attached(path))["head"]["letterhead"]["lines"], ["12 Harbour Road"])
            journal = self.desk("journal", "list", "--limit", "500")
            self.assertNotIn("Harbour", json.dumps(journal), "a journal holds no names")
        finally:
            self.desk("report", "letterhead", "set", "--name", "", "--no-logo")
        bad = self.path / "bad.png"
        bad.write_bytes(b"\x89PNG\r\n\x1a\nbroken")
        self.assertEqual(self.refused("report", "letterhead", "set", "--logo", bad)["code"], "bad_logo")

    def test_a_report_is_verified_and_a_changed_one_is_not(self):
        path, written = self.report("verified.pdf", "statement", "--customer", self.mixed["id"])
        checked = self.desk("report", "verify", path)
        self.assertEqual((checked["report"], checked["sha256"]), ("statement", written["sha256"]))
        pack, written = self.report("verified.zip", "evidence", "--customer", self.mixed["id"])
        self.assertEqual(self.desk("report", "verify", pack)["document_sha256"], written["document_sha256"])
        for name in (path, pack):
            changed = bytearray(name.read_bytes())
            # In the last quarter: past the list of a pack, before the end of the file.
            changed[len(changed) * 3 // 4] ^= 1
            other = self.path / ("changed-" + name.name)
            other.write_bytes(changed)
            self.assertEqual(self.refused("report", "verify", other)["code"], "report_altered", name)
        foreign, _ = self.report("foreign.pdf", "history", "--format", "pdf")
        self.assertEqual(self.refused("report", "verify", foreign)["code"], "report_unknown")
        self.assertEqual(self.refused("report", "verify", self.path / "none")["code"], "file_unreadable")

    def test_quotes_to_sign_hold_amount_validity_and_the_sentence(self):
        quotes = self.desk("resources", "--customer", self.mixed["id"], "--limit", "500")["rows"]
        some = [row for row in quotes if row["refund"] and not row["blockers"] and Decimal(row["refund_max"]) > 0][:3]
        named = [row["resource"] for row in some]
        for words in ([], ["--one-line"]):
            path, written = self.report("quotes.pdf", "quotes", *named, "--customer", self.mixed["id"], *words)
            text = pdf_text(path)
            self.assertEqual(written["rows"], len(some))
            self.assertIn("This is an estimate", text)
            self.assertIn("Name, date, signature", text)
            for row in some:
                self.assertIn(row["resource"], text)
                self.assertIn(shown(row["refund"]), text)
                until = instant(row["valid_until"]) + AHEAD
                self.assertIn(until.strftime("%Y-%m-%d %H:%M"), text)
            self.is_whole(path, written["pages"])
        self.assertEqual(self.refused("report", "quotes", "no-such", "--customer", self.mixed["id"])["code"], "unknown_resource")

    def test_renewals_to_sign_hold_every_time_with_its_orders_and_its_money(self):
        stacks = [stack for stack in self.desk("renewals", "list") if stack["candidates"]]
        customer = stacks[0]["customer"]
        own = [stack for stack in stacks if stack["customer"] == customer]
        path, written = self.report("renewals.pdf", "renewals", "--customer", customer)
        self.assertEqual(written["rows"], len(own))
        self.is_whole(path, written["pages"])
        pages = run("pdftotext", "-layout", path, "-").stdout.split("\f")[:-1]
        self.assertIn("This is an estimate", pages[0])
        for stack in own:
            # What belongs to a resource goes on until the next one begins.
            first = next(number for number, page in enumerate(pages) if stack["resource"] in page)
            others = [other["resource"] for other in own if other is not stack]
            rest = next((n for n in range(first + 1, len(pages)) if any(other in pages[n] for other in others)), len(pages))
            lines = "\n".join(pages[first:rest]).splitlines()
            number_of = {}
            for pending in stack["pending"]:
                line = next(line for line in lines if re.search(rf"\b{pending['order']}\b", line))
                number_of[pending["order"]] = line.split()[0]
                self.assertIn(shown(pending["cash"]), line)
                self.assertIn((instant(pending["start"]) + AHEAD).strftime("%Y-%m-%d"), line)
            self.assertEqual(sorted(number_of.values()), [str(n + 1) for n in range(len(number_of))])
            for candidate in stack["candidates"]:
                when = (instant(candidate["expires"]) + AHEAD).strftime("%Y-%m-%d %H:%M")
                line = next(line for line in lines if when in line and shown(candidate["refund"]) in line)
                numbers = re.findall(r"\d+", line.split(when)[1].rsplit(shown(candidate["refund"]), 1)[0])
                self.assertEqual(sorted(numbers), sorted(number_of[order] for order in candidate["falls"]), line)
        one = own[-1]["resource"]
        path, written = self.report("one.pdf", "renewals", one, "--customer", customer, "--language", "zh")
        self.assertEqual(written["rows"], 1)
        self.assertIn(one, pdf_text(path))
        self.assertEqual(self.refused("report", "renewals", "no-such", "--customer", customer)["code"], "unknown_resource")
        without = next(row["resource"] for row in self.desk("resources", "--customer", customer)["rows"] if row["resource"] not in {s["resource"] for s in self.desk("renewals", "list")})
        self.assertEqual(self.refused("report", "renewals", without, "--customer", customer)["code"], "nothing_to_quote")

    def test_the_evidence_pack_holds_what_it_lists(self):
        path, _ = self.report("pack.zip", "evidence", "--customer", self.mixed["id"])
        with zipfile.ZipFile(path) as pack:
            self.assertIsNone(pack.testzip())
            manifest = json.loads(pack.read("manifest.json"))
            self.assertEqual(manifest["home"], "SANDBOX")
            names = [part["name"] for part in manifest["parts"]]
            self.assertEqual(names, pack.namelist()[1:])
            for part in manifest["parts"]:
                self.assertEqual(part["sha256"], hashlib.sha256(pack.read(part["name"])).hexdigest())
            self.assertTrue(any(name.startswith("quotes/") for name in names))
            allowed = json.loads(pack.read("authorisations.json"))
            self.assertTrue(allowed and all(one["reason"] and one["quote_sha256"] for one in allowed))
            for one in allowed:
                quote = json.loads(pack.read(f"quotes/{one['request']}.json"))
                self.assertEqual((quote["sha256"], quote["refund"]), (one["quote_sha256"], one["refund"]))
            journal = json.loads(pack.read("journal.json"))
            for entry in journal["entries"]:
                self.assertEqual(entry["hash"], self.hash_of(entry))
            pack.extract("refunds.xlsx", self.path)
        _, _, _, rows = sheet_rows(self.path / "refunds.xlsx")
        self.assertEqual([row["Refund order"].value for row in rows], [row["refund_order"] for row in self.own()])
        for row in rows:
            if row["Paid"].value is not None:
                paid, consumed, amount = (Decimal(str(row[name].value)) for name in ("Paid", "Consumed", "Refund amount"))
                self.assertEqual(paid - amount, consumed)

    def test_every_page_of_a_sandbox_says_so(self):
        path, written = self.report("marked.pdf", "quotes", "--customer", self.mixed["id"])
        pages = run("pdftotext", "-raw", path, "-").stdout.split("\f")[:-1]
        self.assertEqual(len(pages), written["pages"])
        for page in pages:
            self.assertGreaterEqual(page.count("SANDBOX"), 2, "banner and watermark")

    def test_what_cannot_be_made_says_why(self):
        for words, code in (
            (("statement",), "customer_needed"),
            (("statement", "--customer", "1"), "unknown_customer"),
            (("history", "--out", self.home / "home.json" / "x.csv"), "export_failed"),
        ):
            self.assertEqual(self.refused("report", *words)["code"], code)

    def hash_of(self, entry):
        hashed = {name: value for name, value in entry.items() if name != "hash"}
        text = json.dumps(hashed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def attached(self, path):
        target = self.path / "attached.json"
        run("pdfdetach", "-save", "1", "-o", target, path)
        return target.read_bytes()

    def is_whole(self, path, pages):
        """A PDF that a checker reads to its end, tagged, said to be PDF/A, with all of its typefaces inside."""
        done = run("qpdf", "--check", path, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        info = run("pdfinfo", path).stdout
        self.assertRegex(info, r"Tagged:\s+yes")
        self.assertRegex(info, rf"Pages:\s+{pages}\n")
        meta = run("pdfinfo", "-meta", path).stdout
        self.assertRegex(meta, r"pdfaid:part>3<|pdfaid:part=\"3\"")
        fonts = run("pdffonts", path).stdout.splitlines()[2:]
        self.assertTrue(fonts)
        for font in fonts:
            self.assertRegex(font, r" yes yes yes +\d+ +\d+$", "embedded, a subset, with its characters")

    # --- nasty rows ---

    def made(self, rows, *kinds):
        folder = self.path / f"rows-{rows}"
        run(self.rows, folder, rows, 1, "json", *kinds)
        return folder, json.loads((folder / "rows.json").read_text(encoding="utf-8"))

    def test_ten_thousand_nasty_rows_come_back_from_csv(self):
        folder, rows = self.made(NASTY_ROWS, "csv")
        read = csv_rows(folder / "history.csv")
        self.assertEqual(len(read), NASTY_ROWS)
        for back, row in zip(read, rows):
            for name in ("customer", "customer_uid", "refund_order", "resource", "related_orders", "reason"):
                value = row[name] or ""
                guarded = "'" + value if value.startswith(FORMULA_STARTS) else value
                self.assertEqual(back[name], guarded, name)
            for name in ("amount", "arrived", "predicted", "difference"):
                self.assertEqual(back[name], row[name] or "", name)

    def test_ten_thousand_nasty_rows_come_back_from_xlsx(self):
        folder, rows = self.made(NASTY_ROWS, "xlsx")
        _, _, _, read = sheet_rows(folder / "history.xlsx")
        self.assertEqual(len(read), NASTY_ROWS)
        columns = {"Customer": "customer", "Account": "customer_uid", "Refund order": "refund_order", "Resource": "resource", "Related orders": "related_orders", "Reason": "reason"}
        for back, row in zip(read, rows):
            for column, name in columns.items():
                cell, value = back[column], row[name] or None
                if value is not None:
                    self.assertEqual(cell.data_type, "s", "text never becomes a formula")
                    # XML has one kind of line end; openpyxl reads an escaped control back as it is written.
                    cell, value = openpyxl.utils.escape.unescape(cell.value), value
                    self.assertEqual(cell.replace("\r\n", "\n"), value.replace("\r\n", "\n"), name)
                else:
                    self.assertIsNone(cell.value)
            for column, name in {"Refund amount": "amount", "Expected": "predicted", "Difference": "difference"}.items():
                value = back[column].value
                self.assertEqual(None if value is None else Decimal(str(value)), None if row[name] is None else Decimal(row[name]))

    def test_a_home_of_real_customers_has_no_watermark(self):
        folder, _ = self.made(10, "live")
        self.assertNotIn("SANDBOX", pdf_text(folder / "live.pdf"))
        self.assertNotIn("沙盒", pdf_text(folder / "live.pdf"))

    def test_nasty_rows_stand_whole_in_pages(self):
        folder, rows = self.made(PAGE_ROWS, "statement", "history")
        for name in ("statement.pdf", "history.pdf"):
            path = folder / name
            pages = int(re.search(r"Pages:\s+(\d+)", run("pdfinfo", path).stdout).group(1))
            self.is_whole(path, pages)
            texts = [re.sub("[\u200b]", "", page) for page in run("pdftotext", "-layout", path, "-").stdout.split("\f")[:-1]]
            found = {}
            for number, text in enumerate(texts):
                for order in re.findall(r"\b26\d{13}\b", text):
                    self.assertNotIn(order, found, "no row is cut")
                    found[order] = number
            self.assertEqual(set(found), {row["refund_order"] for row in rows})
            for row in rows:
                self.assertIn(shown(row["amount"]), texts[found[row["refund_order"]]], "an amount stands beside its order")
            # The header stands on each page that has rows.
            for number in set(found.values()):
                self.assertIn("Refund order", texts[number])
                self.assertIn(f"{number + 1} / {pages}", texts[number])


class Cancelled(unittest.TestCase):
    """Ctrl-C in the middle of a long report."""

    rdesk = None

    @unittest.skipIf(os.name == "nt", "Windows has another way to interrupt")
    def test_nothing_half_written_is_left(self):
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            home = folder / "home"
            run(self.rdesk, "--home", home, "demo", "--out", folder / "demo")
            customer = json.loads(run(self.rdesk, "--home", home, "--json", "customer", "list").stdout)[0]["id"]
            seen = 0
            for wait in (0.05, 0.1, 0.2, 0.4, 0.8):
                out = folder / f"out-{wait}"
                words = [self.rdesk, "--home", home, "--json", "report", "quotes", "--customer", customer, "--out", out / "q.pdf"]
                child = subprocess.Popen([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                time.sleep(wait)
                child.send_signal(signal.SIGINT)
                told, _ = child.communicate(timeout=60)
                left = sorted(path.name for path in out.iterdir()) if out.exists() else []
                if child.returncode == 0:
                    self.assertEqual(left, ["q.pdf"])
                    continue
                # Before the program listens the system ends it; afterwards it says that it was cancelled.
                self.assertEqual(left, [])
                if told:
                    self.assertEqual(json.loads(told)["error"]["code"], "report.cancelled")
                    seen += 1
            self.assertGreater(seen, 0, "none of the waits met the report in its making")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rdesk", required=True, help="the built rdesk program")
    parser.add_argument("--rows", required=True, help="the built example `rows` of desk-report")
    given = parser.parse_args()
    Reports.rdesk = Cancelled.rdesk = given.rdesk
    Reports.rows = given.rows
    loader = unittest.defaultTestLoader
    suite = unittest.TestSuite([loader.loadTestsFromTestCase(Reports), loader.loadTestsFromTestCase(Cancelled)])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    # Tests that could not begin are in no count of their own.
    passed = max(result.testsRun - failed, 0)
    print(f"{passed} passed, {failed} failed")
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
