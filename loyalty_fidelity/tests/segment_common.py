from datetime import datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time

from odoo.addons.loyalty_fidelity.models.purchase import Purchase, PurchaseLine

from .common import FidelityCase

NOW = datetime(2026, 6, 15, 12)


class SegmentCase(FidelityCase):
    """Four members of different habits, on 15 June 2026, and nobody else in question."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(NOW))
        cls.env.company.partner_id.tz = "Europe/Rome"
        cls.north = cls.make_store("N1")
        cls.env["fidelity.tier"].create({"name": "Silver", "card_type_id": cls.card_type.id, "sequence": 5})
        cls.gold = cls.env["fidelity.tier"].create({"name": "Gold", "card_type_id": cls.card_type.id, "sequence": 20})
        cls.anna = cls.member
        cls.anna.enrolled_date = "2020-01-10"
        cls.bruno = cls.make_member(cls.card_type, "Bruno Conti", store_id=cls.north.id, enrolled_date="2026-06-01")
        cls.carla = cls.make_member(cls.card_type, "Carla Neri", tier_id=cls.gold.id, enrolled_date="2024-03-01")
        cls.dario = cls.make_member(cls.card_type, "Dario Verdi", enrolled_date="2025-01-01")
        cls.people = cls.anna | cls.bruno | cls.carla | cls.dario
        cls.numbers = iter(range(1, 10_000))
        cls.env["fidelity.member"].search([("id", "not in", cls.people.ids), ("state", "=", "active")]).write({"state": "closed"})

    def segment(self, *conditions, refresh=True, **values):
        """A segment of conditions (dicts), refreshed."""
        segment = self.env["fidelity.segment"].create(
            {"name": "Some", "condition_ids": [Command.create(condition) for condition in conditions], **values}
        )
        if refresh:
            segment._refresh()
        return segment

    def members(self, segment):
        return self.env["fidelity.member"].search([("segment_ids", "in", segment.ids)])

    def assertFinds(self, expected, *conditions, **values):
        """These conditions hold exactly these members, and each explanation agrees with who is in it."""
        segment = self.segment(*conditions, **values)
        self.assertEqual(self.members(segment), expected, segment.summary)
        for member in self.people:
            rows = [row["holds"] for row in segment._explain(member) if not row["depth"]]
            met = (all if segment.match == "all" else any)(rows)
            self.assertEqual(met, member in expected, f"{member.display_name}: {segment.summary}")
        return segment

    def buy(self, member, minor, days=0, store=None, currency=None):
        """Post a purchase of a member, so many days ago at noon."""
        number = next(self.numbers)
        currency = currency or self.card_type.currency_id
        line = PurchaseLine(f"l{number}", "sale", 1, "Mug", 1_000_000, minor, minor, None)
        purchase = Purchase(
            op_key=f"segment:{number}",
            source_model="test",
            source_id=number,
            source_ref=f"R{number}",
            company_id=self.env.company.id,
            store_id=store.id if store else None,
            till_id=1,
            till_name="Till",
            author_uid=self.env.uid,
            author_name="Cashier",
            partner_id=member.partner_id.id,
            currency=currency.name,
            currency_id=currency.id,
            claimed_at=NOW - timedelta(days=days),
            claim={"card": member.card_ids[:1].number, "entry": "scan"},
            lines=(line,),
            eligible_paid_minor=minor,
        )
        behind = self.env["ir.config_parameter"].sudo()
        behind.set_param("loyalty_fidelity.clock_behind_days", "1000")
        self.env["fidelity.receipt"]._post_purchase(purchase)
        self.env.invalidate_all()

    def expire(self, member, quantity, day):
        now = datetime.now().replace(microsecond=0)
        entry = {"sequence": 1, "account_id": member.account_ids.id, "kind": "adjust", "quantity": quantity, "uses": []}
        posting = {"op_key": f"test:{next(self.numbers)}", "kind": "adjust", "occurred_at": now, "posted_at": now}
        self.env["fidelity.posting"]._insert({**posting, "company_id": self.env.company.id}, [{**entry, "expires_date": str(day)}])
        self.env.invalidate_all()
