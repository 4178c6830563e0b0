from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: How long members are left to use what will expire, unless the owner says otherwise.
NOTICE_DAYS = 30


class FidelityExpiryPreview(models.TransientModel):
    """Says what giving earned points another expiry would do, month by month, and does it when told to."""

    _name = "fidelity.expiry.preview"
    _description = "Effect of an expiry on earned points"

    card_type_id = fields.Many2one("fidelity.card.type", required=True, readonly=True, help="Whose points.")
    summary = fields.Char(related="card_type_id.expiry_summary", string="New expiry", help="As the card type is set now.")
    not_before = fields.Date(
        string="Not before",
        required=True,
        default=lambda self: fields.Date.context_today(self) + timedelta(days=NOTICE_DAYS),
        help="No point expires before this day because of the change: time for members to use what they have.",
    )
    effect_now = fields.Text(string="As it is", compute="_compute_effect", help="What expires when, as points were earned.")
    effect_then = fields.Text(string="As it would be", compute="_compute_effect", help="What would expire when.")
    sure = fields.Boolean(string="Members have been told", help="The change cannot be undone by itself: only by another one.")

    @api.depends("card_type_id", "not_before")
    def _compute_effect(self):
        changes = self.env["fidelity.expiry.change"].sudo()
        for wizard in self:
            values = wizard.card_type_id._expiry_payload()
            effect = changes._effect(wizard.card_type_id, values, wizard.not_before or fields.Date.context_today(self))
            wizard.effect_now, wizard.effect_then = (changes._say_effect(effect[when]) for when in ("now", "then"))

    def action_apply(self):
        """Let the job do it."""
        self.ensure_one()
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can give earned points another expiry. Ask yours."))
        self.card_type_id.check_access("write")
        if self.not_before <= fields.Date.context_today(self):
            raise UserError(self.env._("Not before: choose a day to come, so that members can use what they have."))
        if self.card_type_id.has_changes:
            raise UserError(
                self.env._("Publish %(name)s first, so that new points follow the same rule.", name=self.card_type_id.name)
            )
        if not self.sure:
            raise UserError(self.env._("Tick that members have been told. Points that expire are money to them."))
        changes = self.env["fidelity.expiry.change"].sudo()
        running = changes.search([("card_type_id", "=", self.card_type_id.id), ("state", "=", "running")], limit=1)
        if running:
            raise UserError(self.env._("An earlier change of this card type is still at work. Wait until it is done."))
        changes._ask(self.card_type_id.sudo(), self.card_type_id._expiry_payload(), self.not_before, self.effect_then)
        return self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_expiry_change_action")


class FidelityCardType(models.Model):
    """The way to the preview."""

    _inherit = "fidelity.card.type"

    def action_expiry_preview(self):
        """Show what giving earned points the expiry of these settings would do."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Effect on earned points of %(name)s", name=self.name),
            "res_model": "fidelity.expiry.preview",
            "view_mode": "form",
            "target": "new",
            "context": {"default_card_type_id": self.id},
        }
