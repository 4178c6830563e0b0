from collections import Counter

from odoo import api, fields, models

from .big_integer import BigInteger
from .rolling_debt import UsedLine, owed_minor


class FidelityReceiptDebt(models.Model):
    """What one return let a member owe, or owe no longer, for a discount that was used before its purchase came back.

    The rows of a purchase add up to what is owed for its discount. Two returns at once both write the account over, so the
    second knows the first. A purchase that uses the discount at the very moment at which its goods come back waits for
    nobody: what it had too much is settled with the next return.
    """

    _name = "fidelity.receipt.debt"
    _inherit = "fidelity.append.only"
    _description = "Debt for a used discount"
    _log_access = False
    _order = "id"

    receipt_id = fields.Many2one(
        "fidelity.receipt", required=True, readonly=True, ondelete="restrict", index=True, help="The return."
    )
    source_id = fields.Many2one(
        "fidelity.receipt",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        help="The purchase that gave the discount.",
    )
    quantity = BigInteger(required=True, readonly=True, help="In minor units; negative: owed no longer.")

    _not_zero = models.Constraint("CHECK (quantity <> 0)", "A debt moves something.")


class FidelityReceipt(models.Model):
    """Returns of purchases whose discount was used, and of purchases that used one: what is owed for it."""

    _inherit = "fidelity.receipt"

    def _prepare_debts(self, reversals, entries, gone, using):
        """What these receipts, which are given back, let their members owe.

        :param reversals: of :meth:`_prepare_reversals`
        :param entries: what this posting moves otherwise, with its uses of lots
        :param dict gone: what came back in total of their lines, by line key
        :param dict using: what this very order uses: source id → list of :class:`UsedLine`
        :return: (more entries, dicts of columns of debts, ids of accounts that must be written over)
        """
        sources = self.filtered("rolling_until") | self.rolling_receipt_id
        sources = sources.filtered(lambda source: source.card_type_id.rolling_return == "debt")
        worth = {reversal["original_id"]: reversal for reversal in reversals}
        owing, debts, accounts = [], [], []
        pending = Counter()
        for use in (use for entry in entries for use in entry["uses"]):
            pending[use["lot_id"]] += use["quantity"]
        for source in sources.sorted("id"):
            uses = source._uses(gone)
            if source.id in using:
                uses.append(using[source.id])
            if not uses:
                continue
            bps, minor = source._still_worth(worth.get(source.id))
            owed = sum(owed_minor(lines, bps, minor) for lines in uses)
            change = owed - sum(source._debts().mapped("quantity"))
            account = source._debt_account()
            accounts.append(account.id)
            if change:
                uses = self._uses_for_debt(account, change, pending)
                owing.append(
                    {
                        "sequence": len(entries) + len(owing) + 1,
                        "account_id": account.id,
                        "unit": "money",
                        "kind": "reverse",
                        "quantity": -change,
                        "uses": uses,
                    }
                )
                debts.append({"source_id": source.id, "quantity": change})
        return owing, debts, accounts

    def _debts(self):
        return self.env["fidelity.receipt.debt"].sudo().search([("source_id", "=", self.id)])

    def _uses(self, gone):
        """What purchases took by the discount of this one: a list of :class:`UsedLine` for each."""
        purchases = self.sudo().search([("rolling_receipt_id", "=", self.id)])
        if not purchases:
            return []
        back = {**purchases._given_back(), **gone}
        return [
            [
                UsedLine(
                    effect.amount_minor,
                    0 if effect.carrier_key else effect.percent_bps,
                    effect.line_id.quantity_micro,
                    max(0, back.get(effect.line_id.source_key, 0)),
                )
                for effect in purchase.effect_ids
                if effect.kind == "rolling" and effect.amount_minor > 0
            ]
            for purchase in purchases
        ]

    def _still_worth(self, reversal):
        """What this purchase leaves now: (hundredths of a percent, minor units of an amount off).

        :param reversal: what is being taken back of it, or None
        """
        last = self.env["fidelity.receipt.reversal"].sudo().search([("original_id", "=", self.id)], order="sequence desc", limit=1)
        if reversal:
            return reversal["rolling_bps"] or 0, reversal["rolling_minor"] or 0
        return (last or self).rolling_bps or 0, (last or self).rolling_minor or 0

    @api.model
    def _uses_for_debt(self, account, quantity, pending):
        """Take a debt from the lots of an account, oldest expiry first, beside what this posting takes of them otherwise.

        :param pending: by lot, what this posting takes so far; gets what is taken here
        """
        uses = []
        for row in self.env["fidelity.lot"].sudo()._oldest_first(account, quantity + pending.total() if quantity > 0 else 0):
            used = min(quantity, row["quantity"] - pending[row["lot_id"]])
            if used > 0:
                uses.append({"lot_id": row["lot_id"], "quantity": used})
                pending[row["lot_id"]] += used
                quantity -= used
        return uses

    def _debt_account(self):
        """The money account on which it is owed; opened where the card gave no cashback so far."""
        accounts = self.env["fidelity.account"].sudo()
        return accounts._settling(self, "money") or accounts._open(
            self.member_id._surviving().sudo().holder_id._surviving(), "money"
        )

    @api.model
    def _using(self, card, prices, lines):
        """What an order takes by the discount of an earlier purchase, as :meth:`_prepare_debts` takes it."""
        if not card or not card["rolling_receipt_id"]:
            return {}
        quantities = {line.key: line.quantity_micro for line in lines}
        used = [
            UsedLine(effect["amount_minor"], effect.get("percent_bps") or 0, quantities[key])
            for key, price in prices.items()
            for effect in price.effects
            if effect["kind"] == "rolling" and effect["amount_minor"] > 0
        ]
        return {card["rolling_receipt_id"]: used} if used else {}
