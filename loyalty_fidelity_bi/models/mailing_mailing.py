from odoo import fields, models


class MailingMailing(models.Model):
    """A mailing to members goes to who agreed to it, and once to an address that several of them share."""

    _inherit = "mailing.mailing"

    fidelity_one_per_address = fields.Boolean(
        string="One message per address",
        default=True,
        help="A household, or a customer with two kinds of card, gets one message: for the membership that is oldest.",
    )
    fidelity_purpose_id = fields.Many2one(
        "fidelity.consent.purpose",
        string="Purpose",
        ondelete="restrict",
        index="btree_not_null",
        help="What members must have agreed to. Empty: the company's offers by this way.",
    )
    fidelity_segment_id = fields.Many2one(
        "fidelity.segment",
        string="Segment",
        ondelete="restrict",
        index="btree_not_null",
        help="The segment that it was written for.",
    )
    fidelity_company_id = fields.Many2one(
        "res.company", string="Sent for", ondelete="cascade", help="The company whose rules on consent count."
    )

    def _get_recipients_domain(self):
        """Nobody is written to who has not agreed, whoever made the mailing and however it chooses."""
        domain = super()._get_recipients_domain()
        if self.mailing_model_real != "fidelity.member":
            return domain
        company = self.fidelity_company_id or self.user_id.company_id or self.env.company
        members = self.env["fidelity.member"].with_company(company)
        channel = "sms" if self.mailing_type == "sms" else "email"
        purpose = self.fidelity_purpose_id or members.env["fidelity.consent.purpose"]._standard("marketing", channel)
        domain &= members._allows_domain(purpose)
        return domain & members._profiling_domain(self.fidelity_segment_id)

    def _get_recipients(self):
        ids = super()._get_recipients()
        if self.mailing_model_real == "fidelity.member" and self.fidelity_one_per_address:
            return self.env["fidelity.member"]._first_of_each_address(ids, self.mailing_type)
        return ids
