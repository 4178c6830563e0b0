from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class FidelityMember(models.Model):
    """Who of a household may spend what all of it collects. A manager says so; it is asked wherever something is spent."""

    _inherit = "fidelity.member"

    collects_only = fields.Boolean(
        help="He collects for his household, and others spend it. It matters only while he belongs to one.", copy=False
    )

    def write(self, vals):
        if "collects_only" in vals and not self.env.su:
            changed = self.filtered(lambda member: member.collects_only != bool(vals["collects_only"]))
            if changed and not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
                raise AccessError(self.env._("Only a loyalty manager says who of a household may spend. Ask yours."))
        return super().write(vals)

    def _check_may_spend(self):
        """Refuse spending by who only collects.

        :raise UserError: with the way out
        """
        for member in self.sudo():
            if member.collects_only and member.is_household:
                raise UserError(
                    self.env._(
                        "%(name)s only collects for %(household)s. Another member of the household spends, or a manager lets him.",
                        name=member.display_name,
                        household=member.holder_id.display_name,
                    )
                )
