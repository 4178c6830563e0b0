from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class FidelityConsentErasure(models.Model):
    """The log of erased consents: that somebody's answers were deleted, by whom and why, without saying whose they were.

    Append-only. The contact is known by its number alone, which names nobody once the contact is gone too.
    """

    _name = "fidelity.consent.erasure"
    _inherit = "fidelity.append.only"
    _description = "Erasure of consents"
    _log_access = False
    _order = "id desc"
    _rec_name = "erased_at"

    erased_at = fields.Datetime(string="Erased", required=True, readonly=True, help="When it was done.")
    partner_number = fields.Integer(string="Contact number", required=True, readonly=True, help="The number that the contact had.")
    record_count = fields.Integer(string="Records", required=True, readonly=True, help="How many answers were deleted.")
    digest = fields.Char(string="Fingerprint", required=True, readonly=True, help="SHA-256 over the answers that were deleted.")
    reason = fields.Char(required=True, readonly=True, help="Why, as the administrator said.")
    author_uid = fields.Integer(readonly=True)
    author_name = fields.Char(string="By", required=True, readonly=True, help="Who did it.")

    @api.model
    def _refusal(self):
        return AccessError(self.env._("The log of erasures is written by erasing alone, and nobody can change it."))

    @api.model
    def _erase(self, partner, reason):
        """Delete all that a contact answered, and log it.

        :param partner: one contact
        :raise AccessError: the user is no administrator
        :raise UserError: there is no reason, or nothing to erase
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only an administrator can erase what somebody agreed to. Ask yours."))
        if not (reason or "").strip():
            raise UserError(self.env._("Reason: say why, it stays in the log."))
        partner.ensure_one()
        count, digest = self.env["fidelity.consent"].sudo()._erase(partner)
        if not count:
            raise UserError(self.env._("%(name)s has answered nothing: there is nothing to erase.", name=partner.display_name))
        return self.sudo()._append(
            [
                {
                    "erased_at": fields.Datetime.now(),
                    "partner_number": partner.id,
                    "record_count": count,
                    "digest": digest,
                    "reason": reason.strip(),
                    "author_uid": self.env.uid,
                    "author_name": self.env.user.name,
                }
            ]
        )
