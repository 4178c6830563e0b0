"""What tests of tiers need: ladders, and purchases and returns on any day, posted as a channel does."""

import itertools
from datetime import datetime

from odoo import Command

from ..models.purchase import Purchase, PurchaseLine
from .common import FidelityCase

NUMBERS = itertools.count(1)


class TierCase(FidelityCase):
    """A card type with Bronze, Silver from 500 (stays with 400, three months of grace) and Gold from 1,000 (stays with 800)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Purchases of years are posted.
        cls.env["ir.config_parameter"].set_param("loyalty_fidelity.clock_behind_days", "9000")
        cls.env["ir.config_parameter"].set_param("loyalty_fidelity.clock_ahead_minutes", "9000000")
        cls.store.tz = "UTC"
        cls.ranked = cls.make_ranked("Ranked", "0481")
        cls.bronze, cls.silver, cls.gold = cls.ranked.tier_ids.sorted("sequence")
        cls.anna = cls.enrol("Anna Verdi")
        cls.product = cls.env["product.product"].create({"name": "Lamp"})
        cls.nights = cls.env["fidelity.tier.run"]
        cls.progress = cls.env["fidelity.tier.progress"]
        cls.changes = cls.env["fidelity.tier.change"]
        # What other tests and demonstrations posted is no business of ours.
        cls.fold()

    @classmethod
    def make_ranked(cls, name, prefix, measure="spending", **vals):
        tiers = [
            {"name": "Bronze", "medal": "bronze", "sequence": 10},
            {
                "name": "Silver",
                "medal": "silver",
                "sequence": 20,
                "entry_amount": 500,
                "stay_amount": 400,
                "entry_count": 5,
                "stay_count": 4,
                "grace_months": 3,
            },
            {
                "name": "Gold",
                "medal": "gold",
                "sequence": 30,
                "entry_amount": 1000,
                "stay_amount": 800,
                "entry_count": 10,
                "stay_count": 8,
            },
        ]
        values = {"tier_measure": measure, "tier_ids": [Command.create(tier) for tier in tiers], **vals}
        return cls.make_card_type(name=name, prefix=prefix, **values)

    @classmethod
    def enrol(cls, name, card_type=None, enrolled="2024-01-10", **vals):
        return cls.make_member(card_type or cls.ranked, name=name, enrolled_date=enrolled, **vals)

    @classmethod
    def fold(cls):
        """Count everything that is posted; return the members whose figures changed."""
        last = cls.env["fidelity.posting"].search([], order="id desc", limit=1).id
        touched = set()
        while True:
            more, ids = cls.env["fidelity.tier.progress"]._fold_next(up_to=last)
            touched |= set(ids)
            if not more:
                return touched

    def buy(self, member, amount, day, back_of=None, quantity=1, kind=None, store=None, at="10:00:00"):
        """Buy for an amount on a day, or give goods of a receipt back; return the receipt."""
        number = next(NUMBERS)
        minor = round(amount * 100)
        kind = kind or ("return_linked" if back_of else "sale")
        line = PurchaseLine(
            f"tier-line-{number}",
            kind,
            self.product.id,
            "Lamp",
            quantity * (1_000_000 if kind == "sale" else -1_000_000),
            minor,
            minor,
            back_of.line_ids[:1].source_key if back_of else None,
        )
        currency = member.card_type_id.currency_id
        purchase = Purchase(
            op_key=f"tier-test:{number}",
            source_model="tier-test",
            source_id=number,
            source_ref=f"T{number}",
            company_id=self.env.company.id,
            store_id=(store or self.store).id,
            till_id=1,
            till_name="Till",
            author_uid=self.env.uid,
            author_name="Cashier",
            partner_id=member.partner_id.id,
            currency=currency.name,
            currency_id=currency.id,
            claimed_at=datetime.fromisoformat(f"{day} {at}"),
            claim={} if back_of else {"card": member.card_ids[:1].number},
            lines=(line,),
            eligible_paid_minor=minor,
        )
        receipt = self.env["fidelity.receipt"].browse(self.env["fidelity.receipt"]._post_purchase(purchase))
        self.env.invalidate_all()
        return receipt

    def night(self, day, chunk=20_000):
        """Find the tiers of a day, with everything counted; return the night."""
        self.fold()
        self.progress._bring_after()
        self.env["fidelity.tier.run"].search([]).flush_recordset()
        self.env.cr.execute("UPDATE fidelity_tier_run SET state = 'done'")
        self.nights.invalidate_model()
        run = self.nights._begin(day)
        while run._advance(chunk):
            continue
        self.env.invalidate_all()
        return run

    def rows(self, member):
        """(day, points, spending, purchases) that count for a member, oldest first."""
        found = self.progress.search([("member_id", "=", member.id)], order="day")
        return [(str(row.day), row.points, row.spending_minor, row.purchases) for row in found]

    def history(self, member):
        """(from, to, why) of a member's changes, oldest first."""
        return [(row.from_name or "", row.to_name, row.why) for row in member.tier_change_ids.sorted("id")]
