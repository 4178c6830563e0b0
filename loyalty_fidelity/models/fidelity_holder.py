from odoo import api, fields, models
from odoo.exceptions import AccessError

from .big_integer import BigInteger


class FidelityHolder(models.Model):
    """Who owns accounts: one member, or a household of members of the same card type.

    Invariants: who has no accounts of his own any more (merged, or joined a household) leaves his holder behind, retired:
    ``merged_into_id`` says who has its accounts now, and it is never used again. What a sale that ran at that very moment
    still posts to a retired holder follows by :meth:`_cron_sweep`.
    """

    _name = "fidelity.holder"
    _description = "Account holder"
    _order = "id desc"
    _rec_names_search = ("name", "member_ids.partner_id.name", "member_ids.card_ids.number")

    name = fields.Char(help="What the household is called, such as Family Bianchi. Empty: its members' names.")
    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, readonly=True, ondelete="restrict", index=True, help="The kind of card it is for."
    )
    company_id = fields.Many2one(related="card_type_id.company_id")
    member_ids = fields.One2many("fidelity.member", "holder_id", help="Whose cards use these accounts.")
    account_ids = fields.One2many("fidelity.account", "holder_id", help="What they have of each unit.")
    card_ids = fields.Many2many("fidelity.card", compute="_compute_card_ids", help="Every card that uses these accounts.")
    balance = BigInteger(compute="_compute_balance", string="Points", help="The points that they share.")
    is_household = fields.Boolean(string="Household", readonly=True, help="Several members use these accounts.")
    merged_into_id = fields.Many2one(
        "fidelity.holder",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="Who has what these accounts had. Filled when the member was merged or joined a household.",
    )

    # Few holders are households. Written as the ORM writes it, for PostgreSQL to see that it fits.
    _household_index = models.Index("(id) WHERE is_household IS TRUE")

    @api.depends("name", "member_ids.partner_id.name")
    def _compute_display_name(self):
        for holder in self:
            members = holder.sudo().member_ids.sorted("id")
            holder.display_name = holder.name or ", ".join(members.mapped("display_name")) or self.env._("Nobody")

    @api.depends("member_ids.card_ids")
    def _compute_card_ids(self):
        for holder in self:
            holder.card_ids = holder.member_ids.card_ids

    def _compute_balance(self):
        accounts = self.account_ids.filtered(lambda account: account.unit == "points")
        balances = accounts._balances()
        for holder in self:
            holder.balance = sum(balances.get(account.id, 0) for account in accounts if account.holder_id == holder)

    def write(self, vals):
        if vals.keys() - {"name"}:
            raise AccessError(
                self.env._(
                    "Who shares an account is not edited here. Open a member: Join a household, Leave the household, or Merge."
                )
            )
        return super().write(vals)

    def _set(self, vals):
        """Write what nobody edits by hand. Callers have checked the right to."""
        return super().write(vals)

    def _surviving(self):
        """Who has what these holders had: themselves, unless their member was merged or joined a household."""
        holders = self.sudo()
        while retired := holders.filtered("merged_into_id"):
            holders = (holders - retired) | retired.merged_into_id
        return holders.with_env(self.env)

    def action_view_ledger(self):
        """Open the entries of the accounts of these holders."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_ledger_entry_action")
        action["domain"] = [("account_id", "in", self.account_ids.ids)]
        return action

    def action_view_receipts(self):
        """Open the receipts of the members of these holders."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_receipt_action")
        action["domain"] = [("member_id", "in", (self.member_ids | self.member_ids.merged_ids).ids)]
        return action
