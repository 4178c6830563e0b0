from odoo import api, fields, models
from odoo.exceptions import UserError

from ..rules.errors import RuleError


class FidelityPosting(models.Model):
    """Cashback that was paid out in cash."""

    _inherit = "fidelity.posting"

    kind = fields.Selection(selection_add=[("payout", "Paid out")], ondelete={"payout": "cascade"})

    @api.model
    def _payout_of(self, key):
        """The posting that paid out with this key, or none."""
        return self.search([("op_key", "=", f"payout:{key}")])

    @api.model
    def _post_payout(self, member, amount_minor, key, store=None, source=None):
        """Take what is paid out from the money account of a member. Posting it again changes nothing. Callers have checked
        the right to, and pay it.

        :param int amount_minor: above zero, in minor units
        :param str key: makes it unique
        :param store: where
        :param source: the document that pays it
        :return: the posting, and whether it was made now
        :raise UserError: there is less that can be spent now, or the card type pays nothing out
        """
        existing = self._payout_of(key)
        if existing:
            return existing, False
        card_type = member.card_type_id
        if member.state != "active":
            raise UserError(self.env._("The membership of %(name)s is closed. Reopen it first.", name=member.display_name))
        member._check_may_spend()
        if not card_type.cashback_payout:
            raise UserError(
                self.env._(
                    "%(card_type)s pays no cashback out. A manager can allow it on the card type, page Expiry and spending.",
                    card_type=card_type.name,
                )
            )
        card_type._check_cashback_minimum("cashback_payout_minimum", amount_minor)
        account = self.env["fidelity.account"].sudo()._open(member.holder_id, "money")
        self._hold_account(account)
        try:
            uses = self.env["fidelity.lot"].sudo()._spend(account, amount_minor)
        except RuleError as error:
            raise UserError(account._why_not_more(member.display_name)) from error
        now = self.env.cr.now().replace(microsecond=0)
        posting = {
            "op_key": f"payout:{key}",
            "kind": "payout",
            "occurred_at": now,
            "posted_at": now,
            "company_id": member.company_id.id or self.env.company.id,
            "store_id": (store or member.store_id).id or None,
            "member_id": member.id,
            "author_uid": self.env.uid,
            "author_name": self.env.user.name,
            "source_model": source._name if source else None,
            "source_id": source.id if source else None,
            "source_ref": source.display_name if source else None,
            "reason": self.env._("Cashback paid out to %(name)s", name=member.display_name),
        }
        entry = {"sequence": 1, "account_id": account.id, "kind": "payout", "quantity": -amount_minor, "uses": uses}
        posting_id = self._insert(posting, [entry])
        self.env.invalidate_all()
        return self.browse(posting_id), True


class FidelityLedgerEntry(models.Model):
    """What was paid out."""

    _inherit = "fidelity.ledger.entry"

    kind = fields.Selection(selection_add=[("payout", "Paid out")], ondelete={"payout": "cascade"})


class FidelityCardType(models.Model):
    """Whether cashback is paid out."""

    _inherit = "fidelity.card.type"

    cashback_payout = fields.Boolean(
        string="Pay cashback out in cash",
        help="Tills may pay a member what is on his money account. Off: he can only shop with it.",
    )
