from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class FidelityMember(models.Model):
    """Who of a household may spend what all of it collects. A manager says so; it is asked wherever something is spent."""

    _inherit = "fidelity.member"

    collects_only = fields.Boolean(
        help="He collects for his household, and others spend it. It matters only while he belongs to one.", copy=False
    )

    @api.model_create_multi
    def create(self, vals_list):
        if any(vals.get("collects_only") for vals in vals_list):
            self._check_says_who_spends()
        return super().create(vals_list)

    def write(self, vals):
        if "collects_only" in vals and self.filtered(lambda member: member.collects_only != bool(vals["collects_only"])):
            self._check_says_who_spends()
        return super().write(vals)

    def _check_says_who_spends(self):
        """Refuse everybody but managers.

        :raise AccessError: ask one
        """
        if not self.env.su and not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager says who of a household may spend. Ask yours."))

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
