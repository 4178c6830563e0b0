import hashlib
import io
import json
import zipfile
from collections import Counter

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.fidelity_ledger_export import read_rows
from .common import FidelityBuilder, FidelityCase


@tagged("post_install", "-at_install")
class TestLedgerExport(FidelityCase):
    """The zip alone proves every balance."""

    def setUp(self):
        super().setUp()
        self.other = self.make_member(self.card_type, "Bruno, “the Baker”\nNeri")
        self.adjust(self.member, 12)
        self.adjust(self.member, -5)
        self.adjust(self.other, 40)
        seal = self.env["fidelity.ledger.seal"]
        seal._seal_up_to(max(self.env["fidelity.posting"].search([]).ids))
        stream = io.BytesIO()
        self.manifest = self.env["fidelity.ledger.export"]._write_zip(stream)
        self.archive = zipfile.ZipFile(stream)

    def rows(self, name):
        return list(read_rows(self.archive, name))

    def test_balances_are_the_sums_of_the_entries(self):
        """Every balance in the file is the sum of the entries in the file, and what the member has."""
        sums = Counter()
        for entry in self.rows("ledger_entry.csv"):
            sums[entry["account_id"]] += int(entry["quantity"])
        accounts = self.rows("account.csv")
        self.assertEqual({row["id"]: int(row["balance"]) for row in accounts}, {row["id"]: sums[row["id"]] for row in accounts})
        balances = {row["id"]: int(row["balance"]) for row in accounts}
        self.assertEqual(balances[str(self.account.id)], 7)
        self.assertEqual(self.manifest["units"]["points"]["balance"], sum(balances.values()))
        self.assertEqual(self.manifest["units"]["points"]["entry_sum"], sum(sums.values()))

    def test_lots_add_up_to_the_balance(self):
        """What is left of the lots of an account is its balance."""
        left = Counter()
        accounts = {row["id"]: row["account_id"] for row in self.rows("lot.csv")}
        for row in self.rows("lot.csv"):
            left[row["account_id"]] += int(row["quantity"])
        for row in self.rows("lot_allocation.csv"):
            left[accounts[row["lot_id"]]] -= int(row["quantity"])
        self.assertEqual(left[str(self.account.id)], 7)

    def test_manifest_names_every_file_with_rows_and_hash(self):
        """Nothing is in the zip that the manifest does not name, and the other way round."""
        names = set(self.archive.namelist()) - {"manifest.json", "README.txt"}
        self.assertEqual(names, set(self.manifest["files"]))
        self.assertEqual(json.loads(self.archive.read("manifest.json")), self.manifest)
        for name, facts in self.manifest["files"].items():
            self.assertEqual(hashlib.sha256(self.archive.read(name)).hexdigest(), facts["sha256"], name)
            self.assertEqual(len(self.rows(name)), facts["rows"], name)

    def test_chain_of_seals_is_proved_from_the_file(self):
        """The seals follow from the digests of the postings."""
        previous, first = "", 1
        digests = {int(row["id"]): row["digest"] for row in self.rows("posting.csv")}
        for seal in sorted(self.rows("ledger_seal.csv"), key=lambda row: int(row["last_posting_id"])):
            last = int(seal["last_posting_id"])
            chained = "".join(digests[number] for number in sorted(digests) if first <= number <= last)
            expected = hashlib.sha256(f"{previous}|{first}|{last}|{chained}".encode()).hexdigest()
            self.assertEqual(seal["seal"], expected)
            previous, first = seal["seal"], last + 1
        self.assertEqual(self.manifest["last_seal"]["seal"], previous)

    def test_every_table_of_the_ledger_is_there(self):
        """A model that joins the ledger joins the export."""
        for model in self.env["fidelity.append.only"]._append_only_models():
            self.assertIn(f"{model.removeprefix('fidelity.').replace('.', '_')}.csv", self.manifest["files"])

    def test_names_survive_commas_quotes_and_line_ends(self):
        names = {row["id"]: row["customer_name"] for row in self.rows("member.csv")}
        self.assertEqual(names[str(self.other.id)], "Bruno, “the Baker”\nNeri")


@tagged("post_install", "-at_install")
class TestExportScreen(FidelityBuilder, HttpCase):
    """Who may download it, and what arrives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.member = cls.make_member(cls.make_card_type())
        companies = cls.env["res.company"].search([])
        for login in ("export_manager", "export_store_manager"):
            user = cls.make_user(login, f"loyalty_fidelity.group_fidelity_{login.removeprefix('export_')}")
            user.write({"password": login, "company_ids": [(6, 0, companies.ids)]})

    def test_manager_downloads_the_zip(self):
        """The button leads to the file, and its name says database and time."""
        self.authenticate("export_manager", "export_manager")
        user = self.env["res.users"].search([("login", "=", "export_manager")])
        wizard = self.env["fidelity.export"].with_user(user).create({})
        self.assertEqual((wizard.is_large, wizard.member_count > 0), (False, True))
        answer = self.url_open(wizard.action_download()["url"])
        self.assertEqual(answer.status_code, 200)
        self.assertRegex(answer.headers["Content-Disposition"], r"-loyalty-\d{8}-\d{4}\.zip")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.content))
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        self.assertIn("Anna Bianchi", {row["customer_name"] for row in read_rows(archive, "member.csv")})

    def test_uninstalling_says_what_is_lost(self):
        """Odoo's own question lists members, cards, entries and receipts and names the way to keep a copy; other addons' does not."""
        for name, lost in (("loyalty_fidelity", True), ("base_import", False)):
            module = self.env["ir.module.module"].search([("name", "=", name)])
            wizard = self.env["base.module.uninstall"].create({"module_ids": [(6, 0, module.ids)]})
            self.assertEqual(wizard.fidelity_loses_ledger, lost)
            self.assertEqual("fidelity.ledger.entry" in wizard.model_ids.mapped("model"), lost)
            self.assertIn("fidelity_export", wizard.fidelity_command)
        arch = self.env["base.module.uninstall"].get_view(view_type="form")["arch"]
        self.assertIn("fidelity_loses_ledger", arch)

    @mute_logger("odoo.http")
    def test_others_are_refused(self):
        """Neither the address nor the button gives a store manager anything."""
        self.authenticate("export_store_manager", "export_store_manager")
        self.assertEqual(self.url_open("/loyalty_fidelity/export").status_code, 403)

    def test_all_companies_or_nothing(self):
        """Who may not see every company is told who can export."""
        self.env["res.company"].create({"name": "Other shops"})
        manager = self.env["res.users"].search([("login", "=", "export_manager")])
        with self.assertRaisesRegex(AccessError, "all companies"):
            self.env["fidelity.export"].with_user(manager).new({}).action_download()
