from odoo import fields, models

from ..rules import lots as kernel
from .big_integer import BigInteger


class FidelityAccount(models.Model):
    """What of a balance can be spent now: not what is set aside, not available yet or past its last day."""

    _inherit = "fidelity.account"

    available = BigInteger(compute="_compute_available", help="What can be spent now.")
    pending = BigInteger(compute="_compute_available", help="What was earned and can be used later.")
    held = BigInteger(string="Set aside", compute="_compute_available", help="What is set aside for baskets being paid.")

    def _compute_available(self):
        found = self._spending()
        for account in self:
            account.available, account.pending, account.held = found.get(account._origin.id, (0, 0, 0))

    def _spending(self):
        """What can be spent of these accounts, in two statements.

        :return: dict account id → (available, pending, held)
        """
        balances = self._balances()
        today = self.env["fidelity.expiry.policy"]._today()
        return {
            account_id: (
                sum(kernel.spendable(lots, int(balances[account_id]), today).values()),
                sum(lot.left for lot in lots if lot.available and lot.available > today),
                sum(lot.held for lot in lots),
            )
            for account_id, lots in self.env["fidelity.lot"].sudo()._left_in(self).items()
        }

    def _may_leave(self):
        """What of these accounts may go to another holder: not what is set aside, and no debt.

        :return: dict account id → quantity, zero or more
        """
        balances = self._balances()
        return {key: max(0, int(balances[key]) - held) for key, (_available, _pending, held) in self._spending().items()}

    def _why_not_more(self, name):
        """What can be spent of this account and what keeps the rest from it, in sentences.

        :param str name: whose it is
        """
        self.ensure_one()
        available, pending, held = self._spending()[self.id]
        _ = self.env._
        said = [_("%(name)s can spend %(available)s now.", name=name, available=self._quantity_text(available))]
        if held:
            said.append(_("Set aside for another basket: %(held)s.", held=self._quantity_text(held)))
        if pending:
            said.append(_("Not available yet: %(pending)s.", pending=self._quantity_text(pending)))
        return " ".join(said)


class FidelityMember(models.Model):
    """What of a member's points can be spent now."""

    _inherit = "fidelity.member"

    available_points = fields.Integer(string="Available", compute="_compute_available", help="Points that can be spent now.")
    pending_points = fields.Integer(string="Pending", compute="_compute_available", help="Earned, and to be used later.")
    held_points = fields.Integer(string="Set aside", compute="_compute_available", help="Set aside for baskets being paid.")

    def _compute_available(self):
        accounts = self.holder_id.account_ids.filtered(lambda account: account.unit == "points")
        found = accounts._spending()
        by_holder = {account.holder_id: found.get(account._origin.id) for account in accounts}
        for member in self:
            spending = by_holder.get(member.holder_id) or (0, 0, 0)
            member.available_points, member.pending_points, member.held_points = spending
