from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

PROTECTED = frozenset({"partner_id", "card_type_id", "holder_id", "merged_into_id"})


class FidelityMember(models.Model):
    """A customer's membership of one card type.

    Invariants: one membership a customer and card type; the customer, the card type and the holder of its accounts are
    set when it is made and moved by no write (that would be a way to spend another's points).
    """

    _name = "fidelity.member"
    _description = "Member"
    _order = "id desc"
    _rec_names_search = ("partner_id.name", "partner_id.email", "partner_id.phone", "card_ids.number")

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, ondelete="restrict", index=True, help="Who the member is."
    )
    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, ondelete="restrict", index=True, help="Which kind of card he has."
    )
    company_id = fields.Many2one(related="card_type_id.company_id", store=True, index=True)
    holder_id = fields.Many2one(
        "fidelity.holder",
        required=True,
        readonly=True,
        ondelete="restrict",
        index=True,
        help="Who owns the accounts: this member alone, or his household.",
    )
    is_household = fields.Boolean(related="holder_id.is_household", string="In a household", help="He shares his points.")
    store_id = fields.Many2one(
        "fidelity.store", string="Home store", index="btree_not_null", help="Where the customer enrolled or usually shops."
    )
    tier_id = fields.Many2one(
        "fidelity.tier", domain="[('card_type_id', '=', card_type_id)]", index="btree_not_null", help="His level."
    )
    state = fields.Selection(
        [("active", "Active"), ("closed", "Closed"), ("merged", "Merged")],
        required=True,
        default="active",
        help="A closed membership earns nothing; its history stays. A merged one lives on in another.",
    )
    merged_into_id = fields.Many2one(
        "fidelity.member",
        string="Merged into",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The membership that has its points and cards now.",
    )
    merged_ids = fields.One2many("fidelity.member", "merged_into_id", help="Memberships that were merged into this one.")
    enrolled_date = fields.Date(required=True, default=fields.Date.context_today, help="The day he joined.")
    card_ids = fields.One2many("fidelity.card", "member_id", help="All cards ever given to him for this membership.")
    card_number = fields.Char(compute="_compute_card_number", help="The card in use.")
    account_ids = fields.One2many(related="holder_id.account_ids")
    balance = fields.Integer(
        compute="_compute_balance", search="_search_balance", string="Points", help="The sum of his entries in the ledger."
    )
    receipt_ids = fields.One2many("fidelity.receipt", "member_id")
    email = fields.Char(related="partner_id.email")
    phone = fields.Char(related="partner_id.phone")

    # A merged membership stays with its customer, also when that is the customer of the surviving one.
    _living_unique = models.UniqueIndex(
        "(partner_id, card_type_id) WHERE state <> 'merged'", "This customer already has a membership of this card type."
    )

    @api.depends("partner_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        # A member shared by companies has a name in all of them, also where his contact is not shared.
        for member in self.sudo():
            partner = member.partner_id
            member.display_name = partner.name or partner.display_name or self.env._("Customer without a name")

    @api.depends("card_ids.state", "card_ids.number")
    def _compute_card_number(self):
        for member in self:
            member.card_number = member.card_ids.filtered(lambda card: card.state == "active")[:1].number

    def _compute_balance(self):
        accounts = self.holder_id.account_ids.filtered(lambda account: account.unit == "points")
        balances = accounts._balances()
        by_holder = {account.holder_id: balances.get(account.id, 0) for account in accounts}
        for member in self:
            member.balance = by_holder.get(member.holder_id, 0)

    def _search_balance(self, operator, value):
        holders = self.env["fidelity.account"]._with_balance("holder_id", operator, value, unit="points")
        return NotImplemented if holders is None else [("holder_id", "in", holders)]

    @api.model_create_multi
    def create(self, vals_list):
        """Enrol. Each member gets a holder and its accounts, unless the posting code joins him to a household."""
        holders = self.env["fidelity.holder"].sudo().create([{"card_type_id": vals.get("card_type_id")} for vals in vals_list])
        tiers = self._first_tiers({vals.get("card_type_id") for vals in vals_list})
        for vals, holder in zip(vals_list, holders, strict=True):
            vals["holder_id"] = holder.id
            vals.pop("merged_into_id", None)
            if vals.get("state") == "merged":
                raise UserError(self.env._("A membership becomes merged by merging it into another one: use Merge."))
            vals.setdefault("tier_id", tiers.get(vals.get("card_type_id")))
        members = super().create(vals_list)
        self.env["fidelity.account"].sudo()._open(holders)
        return members

    def write(self, vals):
        changed = PROTECTED & vals.keys()
        for member in self:
            for name in changed:
                if vals[name] != member[name].id:
                    raise AccessError(
                        self.env._(
                            "The customer, the card type and the account holder of a membership stay as they are. "
                            "Close this membership and enrol the other customer instead."
                        )
                    )
        if "state" in vals:
            self._check_not_merged(vals["state"])
        return super().write(vals)

    def _check_not_merged(self, state):
        """Merged memberships stay merged, and others become so by merging alone."""
        for member in self:
            if member.state == "merged" != state:
                raise UserError(
                    self.env._(
                        "%(name)s was merged into %(survivor)s, who has the points and the cards now: it stays as it is.",
                        name=member.display_name,
                        survivor=member._surviving().display_name,
                    )
                )
            if state == "merged" != member.state:
                raise UserError(self.env._("A membership becomes merged by merging it into another one: use Merge."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        members = self.sudo()
        posted = self.env["fidelity.posting"].sudo().search_count([("member_id", "in", self.ids)], limit=1)
        shared = members.merged_ids or any(members.mapped("is_household"))
        if posted or shared or members.card_ids or members.receipt_ids or members.account_ids.entry_ids:
            raise UserError(self.env._("A member with cards, points or receipts is closed, not deleted. Close the membership."))

    @api.model
    def _first_tiers(self, card_type_ids):
        tiers = self.env["fidelity.tier"].sudo().search([("card_type_id", "in", list(card_type_ids))])
        first = {}
        for tier in tiers:
            first.setdefault(tier.card_type_id.id, tier.id)
        return first

    def action_adjust(self):
        """Open the adjustment of the points of this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Adjust points of %(name)s", name=self.display_name),
            "res_model": "fidelity.adjustment",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id},
        }

    def action_give_card(self):
        """Ask which card, then give it to this member."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give a card to %(name)s", name=self.display_name),
            "res_model": "fidelity.card.issue",
            "view_mode": "form",
            "target": "new",
            "context": {"default_member_id": self.id, "default_card_type_id": self.card_type_id.id},
        }

    def action_close(self):
        """Close these memberships: they earn nothing from now on, nothing else changes."""
        self.write({"state": "closed"})

    def action_reopen(self):
        """Let these memberships earn again."""
        self.write({"state": "active"})

    def action_view_ledger(self):
        """Open the entries of the accounts of these members."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_ledger_entry_action")
        action["domain"] = [("account_id", "in", self.account_ids.ids)]
        return action

    def action_view_receipts(self):
        """Open the receipts of these members."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_receipt_action")
        action["domain"] = [("member_id", "in", (self | self.merged_ids).ids)]
        return action

    def _surviving(self):
        """The memberships that have what these had: themselves, unless they were merged."""
        members = self.sudo()
        while merged := members.filtered("merged_into_id"):
            members = (members - merged) | merged.merged_into_id
        return members.with_env(self.env)

    def _with_merged(self):
        """These memberships and those that live on in them."""
        return self | self.merged_ids

    def _set(self, vals):
        """Write what nobody edits by hand. Callers have checked the right to."""
        return super().write(vals)

    def _short_name(self):
        """The name as a till may show it where others can read: given name and initial."""
        self.ensure_one()
        return short_name(self.partner_id.name)


def short_name(name):
    """Shorten a person's name to the given name and the initial of the last word.

    >>> short_name("Anna Maria Bianchi")
    'Anna B.'
    """
    words = (name or "").split()
    return f"{words[0]} {words[-1][0]}." if len(words) > 1 else "".join(words)
