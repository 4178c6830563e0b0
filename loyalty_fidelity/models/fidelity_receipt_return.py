from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ..rules import basket as kernel_basket
from ..rules.reversal import kept_points
from .line_prices import Given


class FidelityReceipt(models.Model):
    """Returns: what the goods that come back take of earlier receipts.

    Settled by receipt, under the rules that it names: what they give for the quantities kept, minus what is posted. So
    neither the order of returns nor the state of the card matters, and nothing comes back twice.
    """

    _inherit = "fidelity.receipt"

    @api.model
    def _originals_of(self, purchase):
        """The earlier receipts whose goods or amounts come back."""
        keys = {line.original_key for line in purchase.lines if line.original_key}
        if not keys:
            return self.browse()
        return self.env["fidelity.receipt.line"].sudo().search([("source_key", "in", list(keys))]).receipt_id.sorted("id")

    def _given_back(self):
        """What came back so far of the lines of these receipts.

        :return: dict line key → positive millionths
        """
        lines = self.line_ids.filtered(lambda line: line.kind == "sale")
        groups = (
            self.env["fidelity.receipt.line"]
            .sudo()
            ._read_group(
                [("original_line_id", "in", lines.ids), ("kind", "=", "return_linked")],
                ["original_line_id"],
                ["quantity_micro:sum"],
            )
        )
        back = {line.source_key: 0 for line in lines}
        back.update((line.source_key, max(0, -int(quantity))) for line, quantity in groups)
        return back

    def _given_amounts(self, back):
        """The amounts off of these receipts, line by line.

        :param dict back: of :meth:`_given_back`
        :return: list of :class:`line_prices.Given`
        """
        if not self:
            return []
        domain = [("receipt_id", "in", self.ids), ("carrier_key", "!=", False), ("amount_minor", ">", 0)]
        return [
            Given(
                carrier_key=effect.carrier_key,
                line_key=effect.line_id.source_key,
                benefit=effect.benefit,
                amount_minor=effect.amount_minor,
                quantity_micro=effect.line_id.quantity_micro,
                before_micro=back.get(effect.line_id.source_key, 0),
                kind=effect.kind,
            )
            for effect in self.env["fidelity.receipt.effect"].sudo().search(domain, order="id")
        ]

    def _prepare_reversals(self, purchase, back):
        """What the returns of a purchase take back, one dict an earlier receipt.

        :param dict back: what came back before, of :meth:`_given_back`
        :return: dicts with ``original_id``, ``sequence``, ``member_id``, ``points`` and ``cashback_minor`` (not positive),
            ``rolling_bps``, ``rolling_minor``, ``entries`` and ``line_ids`` (key of an earlier line → its id)
        """
        gone = self._gone(purchase, back)
        return [original._prepare_reversal(gone) for original in self]

    @api.model
    def _gone(self, purchase, back):
        """What came back of lines in total, with this purchase: by line key, in millionths."""
        gone = defaultdict(int, back)
        for line in purchase.lines:
            if line.kind == "return_linked":
                gone[line.original_key] -= line.quantity_micro
        return gone

    def _prepare_reversal(self, gone):
        self.ensure_one()
        earlier = self.env["fidelity.receipt.reversal"].sudo().search([("original_id", "=", self.id)])
        kept = self._kept(gone)
        points = cashback = 0
        if kept:
            points = min(0, kept.points - sum(self.line_ids.mapped("points")) - sum(earlier.mapped("points")))
            posted = sum(self.line_ids.mapped("cashback_minor")) + sum(earlier.mapped("cashback_minor"))
            cashback = min(0, kept.cashback_minor - posted)
        settled = self._settle_points(points, earlier)
        return {
            "original_id": self.id,
            "sequence": len(earlier) + 1,
            "member_id": self.member_id._surviving().id,
            "points": points,
            "base_minor": self._base_taken_back(kept, earlier),
            "cashback_minor": cashback,
            **self._kept_rolling(kept, gone),
            "entries": self._reversal_entries({"points": settled.pop("taken_points"), "money": cashback}),
            **settled,
            "line_ids": {line.source_key: line.id for line in self.line_ids},
        }

    def _kept_rolling(self, kept, gone):
        """What this receipt leaves to the next purchase from now on, as columns of the reversal."""
        if not kept or not self.rolling_until:
            return {"rolling_bps": None, "rolling_minor": None}
        bps, minor = kept.rolling_bps, kept.rolling_minor
        if bps is None and minor is None and self.rolling_minor == 0 and self.rolling_receipt_id:
            # It used an amount up, and does so until everything came back.
            sold = self.line_ids.filtered(lambda line: line.kind == "sale")
            minor = 0 if any(line.quantity_micro > gone[line.source_key] for line in sold) else None
        left = bps is not None or minor is not None
        return {"rolling_bps": (bps or 0) if left else None, "rolling_minor": minor}

    def _base_taken_back(self, kept, earlier):
        """What a return takes of the amount that counted, not positive; None where an earlier one did not note it.

        :param kept: of :meth:`_kept`
        :param earlier: the reversals before
        """
        if not kept:
            return 0
        unknown = SQL("SELECT 1 FROM fidelity_receipt_reversal WHERE id IN %s AND base_minor IS NULL", tuple(earlier.ids))
        if earlier and self.env.execute_query(unknown):
            return None
        return min(0, kept.base_minor - self.base_minor - sum(earlier.mapped("base_minor")))

    def _kept(self, gone):
        """What the rules of this receipt give for what is kept; None where no rules applied.

        :param dict gone: what came back in total, by line key
        """
        if not self.ruleset_id:
            return None
        lines = self.line_ids.filtered(lambda line: line.kind == "sale")
        return kept_points(
            self.env["fidelity.ruleset"]._parsed(self.ruleset_id.id),
            tuple(
                kernel_basket.Line(
                    line.source_key,
                    "sale",
                    line.quantity_micro,
                    line.total_minor - line.allocated_minor,
                    line.untaxed_minor - line.allocated_untaxed_minor,
                    tuple(line.selectors.split(",")) if line.selectors else (),
                )
                for line in lines
            ),
            {line.source_key: max(0, gone[line.source_key]) for line in lines},
            self.base_minor,
            self._stored_situation(),
        )

    def _reversal_entries(self, quantities):
        """Movements that take back what this receipt gave, from who has it now.

        :param dict quantities: by unit, not positive
        """
        entries = []
        for unit, quantity in quantities.items():
            if quantity:
                account = self.env["fidelity.account"].sudo()._settling(self, unit)
                uses = self._uses_of_lots(account, -quantity)
                entries.append({"account_id": account.id, "unit": unit, "kind": "reverse", "quantity": quantity, "uses": uses})
        return entries

    def _uses_of_lots(self, account, quantity):
        """Take ``quantity`` from what is left of the lots that this receipt made, also where they were moved since.

        :return: dicts with ``lot_id`` and ``quantity`` (positive); less than asked where they are already used
        """
        uses = []
        for lot in self.env["fidelity.lot"].sudo()._of_posting(self.posting_id, account):
            used = min(quantity, lot.quantity - sum(lot.allocation_ids.mapped("quantity")))
            if used > 0:
                uses.append({"lot_id": lot.id, "quantity": used})
                quantity -= used
        return uses
