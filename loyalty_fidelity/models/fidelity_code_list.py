from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .fidelity_prize import MAX_PICKUP_DAYS

MAX_CODES = 10_000


class FidelityCodeList(models.Model):
    """Codes with the same terms: made at once for a mailing, or one by one as prizes and grants.

    Invariant: changing the terms changes the codes made from then on; a code that somebody has keeps what it was made with.
    """

    _name = "fidelity.code.list"
    _inherit = ["fidelity.code.terms"]
    _description = "Code list"
    _order = "id desc"

    name = fields.Char(required=True, translate=True, help="What customers and staff call it, such as Voucher of 5 €.")
    active = fields.Boolean(default=True, help="Archive a list that makes no more codes; its codes can still be used.")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env.company,
        help="The company whose stores take its codes.",
    )
    card_type_id = fields.Many2one(
        "fidelity.card.type",
        index="btree_not_null",
        ondelete="restrict",
        help="Only members with this kind of card use its codes. Empty: anybody.",
    )
    bearer = fields.Boolean(
        string="Whoever brings it", default=True, help="Off: only the member to whom the code was given can use it."
    )
    from_date = fields.Date(string="Valid from", help="The first day its codes can be used. Empty: at once.")
    to_date = fields.Date(string="Valid until", help="The last day its codes can be used. Empty: without end.")
    valid_days = fields.Integer(
        string="Days valid", help="A code is valid so many days from the day it is made. Zero: as the list says."
    )
    code_ids = fields.One2many("fidelity.code", "list_id", help="The codes made so far.")
    code_count = fields.Integer(string="Codes", compute="_compute_code_counts", help="How many codes were made.")
    used_count = fields.Integer(string="Used", compute="_compute_code_counts", help="How many of them are used up.")

    def _compute_code_counts(self):
        groups = self.env["fidelity.code"]._read_group([("list_id", "in", self.ids)], ["list_id", "state"], ["__count"])
        for code_list in self:
            mine = [(state, count) for group, state, count in groups if group == code_list]
            code_list.code_count = sum(count for _state, count in mine)
            code_list.used_count = sum(count for state, count in mine if state == "redeemed")

    @api.constrains("from_date", "to_date", "valid_days")
    def _check_validity(self):
        for code_list in self:
            if code_list.from_date and code_list.to_date and code_list.to_date < code_list.from_date:
                raise ValidationError(self.env._("%(name)s: Valid until comes after Valid from.", name=code_list.name))
            if not 0 <= code_list.valid_days <= MAX_PICKUP_DAYS:
                raise ValidationError(
                    self.env._("%(name)s: Days valid is between 0 and %(most)s.", name=code_list.name, most=MAX_PICKUP_DAYS)
                )

    @api.constrains("company_id", "card_type_id", "worth", "worth_prize_id", "worth_selector_id")
    def _check_belonging(self):
        for code_list in self.sudo():
            for record in (code_list.card_type_id, code_list.worth_prize_id, code_list.worth_selector_id):
                if record.company_id and record.company_id not in code_list.company_id.parent_ids:
                    raise ValidationError(
                        self.env._(
                            "%(name)s: %(record)s belongs to another company.", name=code_list.name, record=record.display_name
                        )
                    )

    @api.constrains("worth_selector_id")
    def _check_products(self):
        for code_list in self.sudo():
            if code_list.worth_selector_id and not code_list.worth_selector_id.active:
                raise ValidationError(
                    self.env._(
                        "%(name)s: Of which products: %(products)s is archived. Choose others.",
                        name=code_list.name,
                        products=code_list.worth_selector_id.name,
                    )
                )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if self.env["fidelity.code"].sudo().search_count([("list_id", "in", self.ids)], limit=1):
            raise UserError(self.env._("A list that has made codes is archived, not deleted: somebody may hold one."))

    def _make(self, count=1, member=None, origin="list", store=None, posting=None):
        """Make codes with the terms of this list. Callers have checked the right to.

        :param int count: from 1 to :data:`MAX_CODES`
        :param member: whose they are
        :param str origin: of ``fidelity.code.origin``
        :param store: where they are given
        :param posting: what took the points for one
        :return: the codes
        """
        self.ensure_one()
        if not 1 <= count <= MAX_CODES:
            raise UserError(self.env._("Make between 1 and %(most)s codes at once.", most=MAX_CODES))
        until = self.to_date
        if self.valid_days:
            last = fields.Date.context_today(self) + timedelta(days=self.valid_days)
            until = min(last, until) if until else last
        terms = self._terms_vals()
        vals = {
            **terms,
            "worth_version_id": terms["worth_selector_id"] and self.sudo().worth_selector_id._version().id,
            "list_id": self.id,
            "company_id": self.company_id.id,
            "card_type_id": self.card_type_id.id,
            "bearer": self.bearer,
            "from_date": self.from_date,
            "to_date": until,
            "member_id": member and member.id,
            "origin": origin,
            "store_id": store and store.id,
            "posting_id": posting and posting.id,
        }
        codes = self.env["fidelity.code"].sudo()
        return codes.create([{**vals, "code": codes._new_number()} for _each in range(count)])

    def action_view_codes(self):
        """Open the codes of these lists."""
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_code_action")
        action["domain"] = [("list_id", "in", self.ids)]
        action["context"] = {}
        return action
