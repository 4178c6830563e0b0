from collections import defaultdict

import pytz
from lxml import etree

from odoo.tests import tagged

from .common import ALL_MEASURES, FigureCase

GROUPS = {
    "fidelity.fact.purchase": ("day:day", "day:month", "weekday", "hour", "store_id", "card_type_id", "outcome", "card_entry"),
    "fidelity.fact.product": ("day:day", "day:month", "weekday", "store_id", "card_type_id", "categ_id", "product_id"),
    "fidelity.fact.entry": ("day:day", "day:month", "weekday", "hour", "store_id", "card_type_id", "kind", "unit"),
}
DIMENSIONS = (
    "day",
    "weekday",
    "hour",
    "store_id",
    "card_type_id",
    "currency_id",
    "outcome",
    "card_entry",
    "product_id",
    "categ_id",
    "kind",
    "unit",
)


@tagged("post_install", "-at_install")
class TestFigures(FigureCase):
    """What pivots and graphs show equals the sources, whatever is rolled up and whatever happened since."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Figures of a database that already has receipts are compared on this company's own.
        cls.company = cls.env["res.company"].create({"name": "Figures", "currency_id": cls.env.company.currency_id.id})
        cls.env.user.company_ids |= cls.company
        cls.env = cls.env(context={**cls.env.context, "allowed_company_ids": cls.company.ids})
        for type_ in (cls.card_type, cls.other_type):
            cls.env.cr.execute("UPDATE fidelity_card_type SET company_id = NULL WHERE id = %s", [type_.id])
            cls.env.cr.execute("UPDATE fidelity_member SET company_id = NULL WHERE card_type_id = %s", [type_.id])
        cls.stores.company_id = cls.company
        cls.env.invalidate_all()

    # -- the sources, read record by record ------------------------------------------------------------------------

    def local(self, moment, store):
        tz = store.tz or self.company.partner_id.tz or "UTC"
        return pytz.utc.localize(moment).astimezone(pytz.timezone(tz))

    def keys(self, document, moment):
        local = self.local(moment, document.store_id)
        return {
            "day": local.date(),
            "weekday": str(local.isoweekday()),
            "hour": f"{local.hour:02d}",
            "store_id": document.store_id.id or False,
        }

    def rows_of_receipts(self):
        for receipt in self.env["fidelity.receipt"].search([("company_id", "=", self.company.id)]):
            scale = 10**receipt.currency_id.decimal_places
            lines = receipt.line_ids.filtered(lambda line: line.kind in ("sale", "return_linked", "return_unlinked"))
            returned = lines.filtered(lambda line: line.kind != "sale")
            yield {
                **self.keys(receipt, receipt.occurred_at),
                "card_type_id": receipt.card_type_id.id or False,
                "currency_id": receipt.currency_id.id,
                "outcome": receipt.outcome,
                "card_entry": receipt.entry or False,
                "receipt_count": 1,
                "return_count": int(receipt.total_minor < 0),
                "line_count": len(lines),
                "quantity": sum(line.quantity_micro for line in lines) / 1_000_000,
                "amount_total": receipt.total_minor / scale,
                "amount_base": receipt.base_minor / scale,
                "amount_returned": -sum(line.total_minor - (line.allocated_minor or 0) for line in returned) / scale,
                "amount_discount": (receipt.discount_minor or 0) / scale,
                "amount_cashback": (receipt.cashback_minor or 0) / scale,
                "points": receipt.points,
            }

    def rows_of_goods(self):
        for line in self.env["fidelity.receipt.line"].search([("receipt_id.company_id", "=", self.company.id)]):
            receipt = line.receipt_id
            if line.kind not in ("sale", "return_linked", "return_unlinked"):
                continue
            scale = 10**receipt.currency_id.decimal_places
            total = line.total_minor - (line.allocated_minor or 0)
            yield {
                **self.keys(receipt, receipt.occurred_at),
                "card_type_id": receipt.card_type_id.id or False,
                "currency_id": receipt.currency_id.id,
                "product_id": line.product_id.id,
                "categ_id": line.product_id.categ_id.id,
                "line_count": 1,
                "quantity": line.quantity_micro / 1_000_000,
                "amount_total": total / scale,
                "amount_untaxed": (line.untaxed_minor - (line.allocated_untaxed_minor or 0)) / scale,
                "amount_returned": 0 if line.kind == "sale" else -total / scale,
                "points": line.points,
            }

    def rows_of_entries(self):
        for entry in self.env["fidelity.ledger.entry"].search([("company_id", "=", self.company.id)]):
            card_type = entry.account_id.card_type_id
            scale = 10**card_type.currency_id.decimal_places
            points, money = (entry.quantity, 0) if entry.account_id.unit == "points" else (0, entry.quantity / scale)
            given = 0 if entry.kind == "transfer" else 1
            yield {
                **self.keys(entry.posting_id, entry.occurred_at),
                "card_type_id": card_type.id,
                "currency_id": card_type.currency_id.id,
                "kind": entry.kind,
                "unit": entry.account_id.unit,
                "entry_count": 1,
                "points_in": given * max(points, 0),
                "points_out": given * max(-points, 0),
                "points_net": points,
                "money_in": given * max(money, 0),
                "money_out": given * max(-money, 0),
                "money_net": money,
            }

    def rows(self, model):
        sources = {
            "fidelity.fact.purchase": self.rows_of_receipts,
            "fidelity.fact.product": self.rows_of_goods,
            "fidelity.fact.entry": self.rows_of_entries,
        }
        return list(sources[model]())

    # -- the comparison --------------------------------------------------------------------------------------------

    def key_of(self, row, spec):
        name, _colon, interval = spec.partition(":")
        value = row[name]
        return value.replace(day=1) if interval == "month" else value

    def expected(self, rows, specs, measures):
        groups = defaultdict(lambda: dict.fromkeys(measures, 0))
        for row in rows:
            totals = groups[tuple(self.key_of(row, spec) for spec in specs)]
            for name in measures:
                totals[name] += row[name]
        return groups

    def shown(self, model, specs, measures):
        """What the web client's pivot gets: group key → measure → value."""
        groups = self.env[model].formatted_read_group(
            [("company_id", "=", self.company.id)], list(specs), [f"{name}:sum" for name in measures]
        )
        return {
            tuple(self.plain(group[spec], spec) for spec in specs): {name: group[f"{name}:sum"] for name in measures}
            for group in groups
        }

    def plain(self, value, spec):
        if spec.startswith("day:") and value:
            return self.env["fidelity.fact.purchase"]._fields["day"].to_date(value[0])
        return value[0] if isinstance(value, (tuple, list)) else value

    def assertFiguresEqualSources(self):
        for model, measures in ALL_MEASURES.items():
            rows = self.rows(model)
            for spec in GROUPS[model]:
                specs = (spec, "currency_id")
                expected, shown = self.expected(rows, specs, measures), self.shown(model, specs, measures)
                self.assertEqual(set(shown), set(expected), f"{model} {spec}")
                for key, totals in expected.items():
                    for name, value in totals.items():
                        self.assertAlmostEqual(shown[key][name], value, 6, f"{model} {spec} {key} {name}")

    def test_figures_equal_sources_in_the_middle_of_a_roll_up(self):
        """Nothing, part, all rolled up; then late posts and returns; batches of any size."""
        self.sell_at_random(15)
        self.adjust(self.member, 40)
        self.adjust(self.member, -7)
        self.assertFiguresEqualSources()
        middle = self.env["fidelity.posting"].search([], limit=10)[-1].id
        self.settle(middle)
        self.roll_up()
        self.assertFiguresEqualSources()
        self.sell_at_random(8)
        self.assertFiguresEqualSources()
        self.settle()
        self.env["fidelity.rollup"]._roll_up_next(batch=3)
        self.assertFiguresEqualSources()
        self.roll_up(batch=4)
        self.assertEqual(self.env["fidelity.rollup"].search([]).waiting_count, 0)
        self.assertFiguresEqualSources()

    def test_nothing_is_rolled_up_before_it_is_sealed(self):
        """A transaction that still runs could add below an unsealed posting."""
        self.settle()
        self.roll_up()
        self.sell_at_random(3)
        self.roll_up()
        self.assertGreaterEqual(self.env["fidelity.rollup"].search([]).waiting_count, 3)
        self.assertFiguresEqualSources()

    def test_rolling_up_twice_adds_nothing(self):
        self.sell_at_random(4)
        self.settle()
        self.roll_up()
        before = self.env["fidelity.rolled.purchase"].sudo().search_read([])
        self.roll_up()
        self.assertEqual(self.env["fidelity.rolled.purchase"].sudo().search_read([]), before)

    def test_days_follow_a_store_that_changes_its_clock(self):
        """What is rolled up moves with it, and what is not likewise."""
        self.sell_at_random(10)
        self.settle()
        self.roll_up()
        self.sell_at_random(4)
        self.stores[0].tz = "Pacific/Auckland"
        self.assertFiguresEqualSources()
        self.company.partner_id.tz = "Asia/Tokyo"
        self.assertFiguresEqualSources()
        self.sell_at_random(2)
        self.settle()
        self.roll_up()
        self.assertFiguresEqualSources()

    def test_figures_follow_a_product_to_another_category(self):
        self.sell_at_random(8)
        self.settle()
        self.roll_up()
        self.products[0].categ_id = self.products[1].categ_id
        self.assertFiguresEqualSources()

    def test_rebuilding_changes_no_total(self):
        self.sell_at_random(8)
        self.settle()
        self.roll_up()
        self.env["fidelity.rollup"].search([]).action_rebuild()
        self.assertFalse(self.env["fidelity.rolled.purchase"].sudo().search([]))
        self.assertFiguresEqualSources()
        self.roll_up(batch=5)
        self.assertFiguresEqualSources()

    def test_the_day_is_that_of_the_store(self):
        """23:30 in Rome is the next morning in Kolkata and the same afternoon in New York."""
        at = pytz.timezone("Europe/Rome").localize(self.moment().replace(hour=23, minute=30)).astimezone(pytz.utc)
        days = []
        for store in self.stores:
            self.post(self.member, [self.line(self.products[0], 1000)], store, at.replace(tzinfo=None))
            row = self.env["fidelity.fact.purchase"].search([("store_id", "=", store.id)])
            days.append((row.day - at.date()).days)
        self.assertEqual(days, [0, 1, 0])

    def test_amounts_of_two_currencies_are_told_apart(self):
        """The client learns which currencies a sum mixes, as for every amount of Odoo's."""
        self.post(self.members[0], [self.line(self.products[0], 1000)], self.stores[0])
        self.post(self.members[2], [self.line(self.products[0], 1000)], self.stores[0])
        group = self.env["fidelity.fact.purchase"].formatted_read_group(
            [("company_id", "=", self.company.id)], ["store_id"], ["amount_total:sum", "currency_id:array_agg_distinct"]
        )
        self.assertEqual(sorted(group[0]["currency_id:array_agg_distinct"]), sorted({self.company.currency_id.id, self.yen.id}))

    def test_several_currencies_are_kept_apart(self):
        """Pivot and graph open with amounts of one currency each, once there are two."""

        def groups(view_type):
            arch = etree.fromstring(self.env["fidelity.fact.purchase"].with_user(user).get_view(view_type=view_type)["arch"])
            return [node.get("name") for node in arch.iter("field") if node.get("type") != "measure"]

        user = self.make_user("bi_currencies", "loyalty_fidelity.group_fidelity_manager")
        user.write({"company_ids": [(6, 0, self.company.ids)], "company_id": self.company.id})
        self.post(self.members[0], [self.line(self.products[0], 1000)], self.stores[0])
        self.assertEqual((groups("pivot"), groups("graph")), (["day", "store_id"], ["day", "store_id"]))
        self.post(self.members[2], [self.line(self.products[0], 1000)], self.stores[0])
        self.assertEqual(groups("pivot"), ["currency_id", "day", "store_id"])
        self.assertEqual(groups("graph"), ["day", "currency_id", "store_id"])

    def test_what_members_move_among_themselves_is_not_given(self):
        """A transfer takes from one account and gives to another; the net figure does not move."""
        self.adjust(self.members[0], 50)
        accounts = [member.account_ids.filtered(lambda account: account.unit == "points") for member in self.members[:2]]
        self.insert_posting(
            "transfer",
            [
                {"sequence": 1, "account_id": accounts[0].id, "kind": "transfer", "quantity": -30, "uses": []},
                {"sequence": 2, "account_id": accounts[1].id, "kind": "transfer", "quantity": 30, "uses": []},
            ],
        )
        group = self.env["fidelity.fact.entry"].formatted_read_group(
            [("company_id", "=", self.company.id)], [], ["points_in:sum", "points_out:sum", "points_net:sum"]
        )[0]
        self.assertEqual((group["points_in:sum"], group["points_out:sum"], group["points_net:sum"]), (50, 0, 50))
        self.assertFiguresEqualSources()

    def insert_posting(self, kind, entries):
        now = self.env.cr.now().replace(microsecond=0)
        self.env["fidelity.posting"]._insert(
            {
                "op_key": f"{kind}:test",
                "kind": kind,
                "occurred_at": now,
                "posted_at": now,
                "company_id": self.company.id,
                "store_id": self.stores[0].id,
            },
            entries,
        )

    def test_money_and_points_are_never_in_one_sum(self):
        """An account of money moves no measure of points."""
        account = self.env["fidelity.account"]._open(self.member.holder_id, "money")
        entry = {"sequence": 1, "account_id": account.id, "kind": "adjust", "quantity": 250, "uses": []}
        self.insert_posting("adjust", [entry])
        group = self.env["fidelity.fact.entry"].formatted_read_group(
            [("company_id", "=", self.company.id)], [], ["points_in:sum", "money_in:sum", "money_net:sum"]
        )[0]
        self.assertEqual((group["points_in:sum"] or 0, group["money_in:sum"], group["money_net:sum"]), (0, 2.5, 2.5))
