from odoo import api, fields, models
from odoo.tools import SQL

from ..rules.ruleset import of_kind


class FidelityMember(models.Model):
    """What a member has besides points: cashback, and what his last purchase left for the next one."""

    _inherit = "fidelity.member"

    currency_id = fields.Many2one(related="card_type_id.currency_id")
    cashback_balance = fields.Monetary(
        string="Cashback", compute="_compute_cashback_balance", help="The money on his account: the sum of its entries."
    )
    rolling_discount = fields.Char(
        string="Next purchase",
        compute="_compute_rolling_discount",
        help="The discount that the last purchase left for the next one.",
    )

    def _compute_cashback_balance(self):
        accounts = self.holder_id.account_ids.filtered(lambda account: account.unit == "money")
        balances = accounts._balances()
        by_holder = {account.holder_id: balances.get(account.id, 0) for account in accounts}
        for member in self:
            member.cashback_balance = by_holder.get(member.holder_id, 0) / 10**member.currency_id.decimal_places

    @api.depends_context("lang")
    def _compute_rolling_discount(self):
        now = fields.Datetime.now()
        receipts = self.env["fidelity.receipt"]
        left = self.env.execute_query_dict(
            SQL(
                "SELECT m.id, d.rolling_bps, d.rolling_minor, d.rolling_until"
                " FROM fidelity_member m CROSS JOIN LATERAL (%s) d WHERE m.id IN %s",
                receipts._rolling_sql(SQL("m.id"), now),
                tuple(self._origin.ids) or (None,),
            )
        )
        by_id = {row["id"]: row for row in left}
        for member in self:
            row = by_id.get(member._origin.id)
            bps, minor = receipts._rolling_at(row, now, member.store_id.tz) if row else (0, 0)
            member.rolling_discount = bool(bps or minor) and receipts._rolling_text(
                bps, minor, row["rolling_until"], member.currency_id
            )

    @api.model_create_multi
    def create(self, vals_list):
        """Enrol; where the card gives cashback the money account is opened at once, so that no first sale has to."""
        members = super().create(vals_list)
        for card_type in members.card_type_id:
            in_force = self.env["fidelity.ruleset"]._in_force(card_type.id, fields.Datetime.now())
            if in_force and of_kind(self.env["fidelity.ruleset"]._parsed(in_force[0]), "cashback"):
                joined = members.filtered(lambda member, card_type=card_type: member.card_type_id == card_type)
                self.env["fidelity.account"].sudo()._open(joined.sudo().holder_id, "money")
        return members
