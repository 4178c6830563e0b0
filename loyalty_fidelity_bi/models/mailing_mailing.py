from odoo import fields, models


class MailingMailing(models.Model):
    """A mailing to members writes once to an address that several of them share."""

    _inherit = "mailing.mailing"

    fidelity_one_per_address = fields.Boolean(
        string="One message per address",
        default=True,
        help="A household, or a customer with two kinds of card, gets one message: for the membership that is oldest.",
    )

    def _get_recipients(self):
        ids = super()._get_recipients()
        if self.mailing_model_real == "fidelity.member" and self.fidelity_one_per_address:
            return self.env["fidelity.member"]._first_of_each_address(ids, self.mailing_type)
        return ids
