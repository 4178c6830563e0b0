import json
from dataclasses import asdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..rules import ruleset as kernel_ruleset
from ..rules import situation as kernel
from .claim import parse_moment
from .line_prices import Circumstances
from .situation import limited, looks

#: How long before the payment a till may have told the price: a basket stays open, a happy hour ends.
OPEN_FOR = timedelta(hours=6)
MOST_PURCHASES = 1_000_000


class FidelityReceipt(models.Model):
    """The situation of a purchase: all that rules look at besides its goods. Most of it comes with the card's own row."""

    _inherit = "fidelity.receipt"

    @api.model
    def _situation(self, ruleset, card, moment, store_id):
        """The situation of a member at a moment; only as much of it as the rules look at.

        :param ruleset: the kernel's
        :param dict card: row of ``fidelity.card._identify`` for that moment and store
        :param datetime moment: UTC, naive
        :param int store_id: where, if in a store
        :return: the kernel's ``Situation``; that of nowhere for rules that look at nothing
        """
        if not looks(ruleset):
            return kernel.nowhere()
        local = self._local(moment, card["store_tz"])
        day = local.date()
        own, birthday = card["own_bps"] or 0, card["birth_date"]
        return kernel.Situation(
            date=day.isoformat(),
            minute=local.hour * 60 + local.minute,
            store_id=store_id or 0,
            tier_id=card["tier_id"] or 0,
            tag_ids=tuple(card["tag_ids"] or ()),
            birthday_days=birthday and kernel.birthday_distance(day.isoformat(), birthday.isoformat()),
            purchases=min(MOST_PURCHASES, card["purchases"] or 0),
            own_bps=own if not card["own_until"] or card["own_until"] >= day else 0,
            used=self.env["fidelity.receipt.earning"]._used(card["member_id"], limited(ruleset), day),
        )

    @api.model
    def _around(self, purchase, ruleset, card, occurred_at, flags):
        """All that the rules look at besides lines and amounts.

        :return: :class:`line_prices.Circumstances`
        """
        rolling_bps, rolling_minor = self._rolling_at(card, occurred_at, card["store_tz"])
        moment = self._situation_moment(purchase, occurred_at, flags)
        return Circumstances(
            situation=self._situation(ruleset, card, moment, purchase.store_id),
            selectors=self.env["fidelity.selector"]._matched(
                ruleset, {line.key: line.product_id for line in purchase.lines}, purchase.values
            ),
            rolling_bps=rolling_bps,
            rolling_minor=rolling_minor,
        )

    @api.model
    def _prepare_circumstances(self, purchase, ruleset, card, around):
        """Columns of the receipt that say what the rules looked at."""
        sold = any(line.kind == "sale" for line in purchase.lines)
        return {
            "situation": kernel_ruleset.canonical(asdict(around.situation)) if ruleset and looks(ruleset) else None,
            "purchase_number": card["purchases"] + 1 if ruleset and sold else None,
        }

    @api.model
    def _prepare_earnings(self, ruleset, outcome, card, prices, around, occurred_at):
        """What each benefit gave, one dict a benefit; of amounts off a price only those that have a limit in time."""
        if not outcome:
            return []
        rows = [("points", key, quantity) for key, quantity in outcome.benefit_points.items()]
        rows += [("money", key, quantity) for key, quantity in outcome.benefit_cashback.items()]
        keys, taken = limited(ruleset), {}
        for price in prices.values():
            for effect in price.effects:
                if effect["benefit"] in keys and effect["amount_minor"] > 0:
                    taken[effect["benefit"]] = taken.get(effect["benefit"], 0) + effect["amount_minor"]
        rows += [("price", key, quantity) for key, quantity in taken.items()]
        day = around.situation.date if looks(ruleset) else self._local(occurred_at, card["store_tz"]).date().isoformat()
        return [
            {"member_id": card["member_id"], "benefit": key, "unit": unit, "quantity": quantity, "day": day}
            for unit, key, quantity in rows
        ]

    def _stored_situation(self):
        """The situation that this receipt was made in."""
        self.ensure_one()
        if not self.situation:
            return kernel.nowhere()
        values = json.loads(self.situation)
        return kernel.Situation(**{**values, "tag_ids": tuple(values["tag_ids"])})

    @api.model
    def _situation_moment(self, purchase, occurred_at, flags):
        """When the customer was told the price: when the till says, if that is possible, else when he paid."""
        told = purchase.claim.get("priced_at")
        told = told and parse_moment(told)
        possible = told and "clock" not in flags and timedelta(0) <= occurred_at - told <= OPEN_FOR
        return told if possible else occurred_at

    @api.model
    def _purchases_sql(self, member):
        """SQL of how many purchases a membership has: the number of the last one, and of those that have the same number
        because they were posted at one moment. Purchases of before they were numbered are counted, once a member.

        :param SQL member: the member's id
        """
        return SQL(
            """
            COALESCE((SELECT n.purchase_number - 1 + (SELECT count(*) FROM fidelity_receipt o
                                                       WHERE o.member_id = %(member)s AND o.purchase_number = n.purchase_number)
                        FROM fidelity_receipt n WHERE n.member_id = %(member)s AND n.purchase_number IS NOT NULL
                    ORDER BY n.purchase_number DESC LIMIT 1),
                     (SELECT count(*) FROM (SELECT 1 FROM fidelity_receipt b WHERE b.member_id = %(member)s AND EXISTS (
                          SELECT 1 FROM fidelity_receipt_line l WHERE l.receipt_id = b.id AND l.kind = 'sale') LIMIT %(most)s) c))
            """,
            member=member,
            most=MOST_PURCHASES,
        )
