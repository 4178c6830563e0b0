from datetime import timedelta

from odoo import fields, models


class FidelityGrant(models.Model):
    """What a rule gave a member on an occasion, once: ``op_key`` is unique. Written by the rule and by nobody else."""

    _name = "fidelity.grant"
    _description = "Grant"
    _order = "id desc"
    _rec_name = "rule_id"

    rule_id = fields.Many2one("fidelity.grant.rule", required=True, readonly=True, ondelete="cascade", index=True, help="Why.")
    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="cascade", index=True, help="Who got it.")
    company_id = fields.Many2one(related="rule_id.company_id", store=True, index=True)
    occasion = fields.Char(required=True, readonly=True, help="Which occasion, such as birthday:2026.")
    op_key = fields.Char(required=True, readonly=True, help="What makes it unique.")
    granted_at = fields.Datetime(string="Given on", required=True, readonly=True, help="When it was given.")
    state = fields.Selection(
        [("granted", "Given"), ("reversed", "Taken back"), ("skipped", "Passed over")],
        required=True,
        readonly=True,
        default="granted",
        help="Taken back: the purchase that led to it came back. Passed over: it was so before the rule was started.",
    )
    posting_id = fields.Many2one("fidelity.posting", readonly=True, ondelete="restrict", help="The points.")
    code_id = fields.Many2one("fidelity.code", readonly=True, ondelete="restrict", help="The voucher code.")
    reservation_id = fields.Many2one("fidelity.reservation", readonly=True, ondelete="restrict", help="The prize to collect.")
    receipt_id = fields.Many2one(
        "fidelity.receipt", readonly=True, ondelete="restrict", index="btree_not_null", help="The purchase that led to it."
    )

    _op_key_unique = models.Constraint("unique(op_key)", "This occasion has given already.")

    def _take_back(self, reason):
        """The cause came back: so does what was given, unless it is used already. Doing it again changes nothing."""
        for grant in self.filtered(lambda grant: grant.state == "granted"):
            if grant.posting_id:
                grant.posting_id._take_grant_back(reason)
            if grant.code_id.state in ("generated", "sent"):
                grant.code_id._cancel()
            if grant.reservation_id.state in ("reserved", "ready"):
                grant.reservation_id._give_up("cancelled", reason)
            grant.write({"state": "reversed"})


class FidelityGrantRule(models.Model):
    """Giving what a rule gives."""

    _inherit = "fidelity.grant.rule"

    def _give(self, member, occasion, receipt=None):
        """Give a member what this rule gives, once an occasion. Callers have checked the right to.

        :param str occasion: what makes it another occasion, such as ``birthday:2026``
        :param receipt: the purchase that led to it
        :return: the grant, also where it was given before
        """
        self.ensure_one()
        grants = self.env["fidelity.grant"].sudo()
        op_key = f"grant:{self.id}:{member.id}:{occasion}"
        existing = grants.search([("op_key", "=", op_key)])
        if existing:
            return existing
        return grants.create(
            {
                "rule_id": self.id,
                "member_id": member.id,
                "occasion": occasion,
                "op_key": op_key,
                "granted_at": self.env.cr.now().replace(microsecond=0),
                "receipt_id": receipt and receipt.id,
                **self._gift_vals(member, op_key),
            }
        )

    def _gift_vals(self, member, op_key):
        """Give, and say what as values of the grant."""
        if self.gift == "points":
            today = self.env["fidelity.receipt"]._day_of(self.env.cr.now(), member.store_id)
            expires = today + timedelta(days=self.points_days) if self.points_days else None
            posting = (
                self.env["fidelity.posting"]
                .sudo()
                ._post_grant(member, self.points, op_key, self.name, source=self, expires_date=expires)
            )
            return {"posting_id": posting.id}
        if self.gift == "code":
            return {"code_id": self.code_list_id._make(member=member, origin="grant", store=member.store_id).id}
        prize = self.prize_id
        prize._hold()
        prize._check_left(member, member.store_id)
        reservations = self.env["fidelity.reservation"].sudo()
        return {"reservation_id": reservations._set_aside(member, prize, member.store_id, reason=self.name).id}
