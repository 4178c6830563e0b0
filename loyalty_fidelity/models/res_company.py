from odoo import fields, models


class ResCompany(models.Model):
    """What a company needs to have before it writes to members."""

    _inherit = "res.company"

    fidelity_marketing_consent = fields.Boolean(
        string="Offers only with consent",
        default=True,
        help="Messages with offers go only to members who agreed to them. Off: to all but those who refused or withdrew.",
    )
    fidelity_profiling_consent = fields.Boolean(
        string="Profiling only with consent",
        help="Messages to members chosen by what they bought or by their points go only to who agreed to be profiled. "
        "Off: to all but those who refused or withdrew.",
    )
