from collections import Counter

from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.spending import CASHBACK
from .big_integer import BigInteger
from .line_prices import expected_returns


class FidelityReceipt(models.Model):
    """Cashback that a purchase was paid with, and what of it comes back with the goods.

    What was taken off the price leaves the money account, first what came first; the sale stands also where less is there
    by then: the account owes the rest, and the receipt says so. A return gives back what it carries of it, line by line, at
    most what fell on those goods, to the lots that it came from.
    """

    _inherit = "fidelity.receipt"

    cashback_spent_minor = BigInteger(
        readonly=True, help="What was paid with cashback, in minor units; negative: given back with goods. Empty: nothing."
    )
    amount_spent = fields.Monetary(
        string="Paid with cashback",
        compute="_compute_amount_spent",
        help="What of the money account was used; negative: given back.",
    )

    @api.depends("cashback_spent_minor", "currency_id")
    def _compute_amount_spent(self):
        for receipt in self:
            receipt.amount_spent = receipt.cashback_spent_minor / 10**receipt.currency_id.decimal_places

    def _prepare_spending(self, purchase, card, prices, given, reversals, flags):
        """The movements that what was paid with cashback makes. Called on the earlier receipts whose goods come back.

        :param dict card: row of ``fidelity.card._identify``, if a card works here
        :param prices: :class:`line_prices.LinePrice` by line key
        :param given: the amounts off of these receipts, of :meth:`_given_amounts`
        :param reversals: what the same posting takes back, of :meth:`_prepare_reversals`
        :param set flags: gets ``cashback_short`` where the account has less, ``collects_only`` where the member may not spend,
            ``cashback_unallowed`` where the card type does not allow that much or that little
        :return: (entries, ids of accounts that are spent from)
        """
        effects = [effect for price in prices.values() for effect in price.effects if effect["kind"] == CASHBACK]
        if not effects:
            return [], []
        spent = sum(effect["amount_minor"] for effect in effects if effect["amount_minor"] > 0)
        entries, accounts = [], []
        if spent:
            account = self._ending_hold(purchase, card)
            accounts.append(account.id)
            if spent > int(card["money_balance"] or 0):
                flags.add("cashback_short")
            decimals = self.env["res.currency"].browse(purchase.currency_id).decimal_places
            if not card["cashback_spending"] or spent < round((card["cashback_spend_minimum"] or 0) * 10**decimals):
                flags.add("cashback_unallowed")
            if card["collects_only"] and account.holder_id.is_household:
                flags.add("collects_only")
            entries.append(
                {
                    "account_id": account.id,
                    "unit": "money",
                    "kind": "spend",
                    "quantity": -spent,
                    "uses": self._uses_besides(account, spent, reversals),
                }
            )
        receipts = {part.carrier_key: part.receipt_id for part in given}
        carried = {}
        for effect in effects:
            if effect["amount_minor"] < 0:
                carried[effect["carrier_key"]] = carried.get(effect["carrier_key"], 0) - effect["amount_minor"]
        back = {}
        for carrier_key, amount in expected_returns(purchase, given).items():
            receipt_id = receipts[carrier_key]
            back[receipt_id] = back.get(receipt_id, 0) + min(amount, carried.get(carrier_key, 0))
        for original in self:
            entries += original._entries_given_back(back.get(original.id, 0))
        return entries, accounts

    @api.model
    def _ending_hold(self, purchase, card):
        """The money account of a member, and with it the end of what the till had set aside of it for this purchase."""
        account = self.env["fidelity.account"].browse(card["money_account_id"] or self._open_account(card["member_id"], "money"))
        key = purchase.claim.get("hold")
        if key:
            self.env["fidelity.hold"].sudo()._captured(key, account)
        return account

    @api.model
    def _uses_besides(self, account, quantity, reversals):
        """Take a quantity from an account's lots, oldest first, besides what reversals of the same posting take of them."""
        taken = Counter()
        for reversal in reversals:
            for use in (use for entry in reversal["entries"] for use in entry["uses"]):
                taken[use["lot_id"]] += use["quantity"]
        uses, left = [], quantity
        for use in self.env["fidelity.lot"].sudo()._oldest_first(account, quantity + taken.total()):
            part = min(left, use["quantity"] - taken[use["lot_id"]])
            if part > 0:
                uses.append({"lot_id": use["lot_id"], "quantity": part})
                left -= part
        return uses

    def _entries_given_back(self, amount):
        """Movements that give back what this receipt was paid with: to the lots that it used, where the account is the same.

        :param int amount: zero or more, in minor units
        """
        self.ensure_one()
        if not amount:
            return []
        spent = self.posting_id.sudo().entry_ids.filtered(lambda entry: entry.kind == "spend" and entry.quantity < 0)
        account = self.env["fidelity.account"].sudo()._settling(self, "money") or spent.account_id
        common = {"account_id": account.id, "unit": "money", "kind": "spend"}
        uses = []
        for lot_id, used in self._still_used(spent) if account == spent.account_id else ():
            part = min(used, amount - sum(use["quantity"] for use in uses))
            if part > 0:
                uses.append({"lot_id": lot_id, "quantity": part})
        to_lots = sum(use["quantity"] for use in uses)
        entries = []
        if to_lots:
            negative = [{**use, "quantity": -use["quantity"]} for use in uses]
            entries.append({**common, "quantity": to_lots, "uses": negative})
        if amount > to_lots:
            entries.append({**common, "quantity": amount - to_lots, "uses": []})
        return entries

    def _still_used(self, spent):
        """What this receipt's spending still uses of lots: (lot id, quantity above zero), last used first."""
        return self.env.execute_query(
            SQL(
                """
                SELECT x.lot_id, (x.quantity + COALESCE(sum(b.quantity), 0))::bigint
                  FROM fidelity_lot_allocation x
             LEFT JOIN (SELECT a.lot_id, a.quantity
                          FROM fidelity_receipt_reversal v JOIN fidelity_receipt r ON r.id = v.receipt_id
                          JOIN fidelity_ledger_entry e ON e.posting_id = r.posting_id AND e.kind = 'spend'
                          JOIN fidelity_lot_allocation a ON a.entry_id = e.id AND a.quantity < 0
                         WHERE v.original_id = %s) b ON b.lot_id = x.lot_id
                 WHERE x.entry_id = ANY (%s) AND x.quantity > 0
              GROUP BY x.id HAVING x.quantity + COALESCE(sum(b.quantity), 0) > 0 ORDER BY x.id DESC
                """,
                self.id,
                spent.ids,
            )
        )
