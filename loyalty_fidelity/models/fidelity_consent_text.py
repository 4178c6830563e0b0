from odoo import api, fields, models
from odoo.exceptions import UserError

FROZEN = frozenset({"purpose_id", "body", "version", "valid_from"})


class FidelityConsentText(models.Model):
    """One wording of a purpose, in every language, as people read it before they agreed.

    Invariants: versions of a purpose count up from 1; once somebody has answered it, a wording stays as it was, in every
    language. Another wording is another version, in use from its moment on.
    """

    _name = "fidelity.consent.text"
    _description = "Consent text"
    _order = "purpose_id, version desc"

    purpose_id = fields.Many2one(
        "fidelity.consent.purpose", required=True, ondelete="cascade", help="What people agree to with this wording."
    )
    company_id = fields.Many2one(related="purpose_id.company_id")
    version = fields.Integer(required=True, readonly=True, copy=False, default=0, help="Counts up with every new wording.")
    valid_from = fields.Datetime(
        string="In use from", required=True, default=fields.Datetime.now, help="Before that moment the version before it is shown."
    )
    body = fields.Text(
        string="Text", required=True, translate=True, help="What the person reads and agrees to, in his own language."
    )
    is_used = fields.Boolean(
        string="Answered", compute="_compute_is_used", help="Somebody has answered it: it cannot be changed any more."
    )

    _version_unique = models.Constraint("unique(purpose_id, version)", "This purpose already has a text with this number.")

    @api.depends("version", "purpose_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for text in self:
            text.display_name = self.env._("%(purpose)s, version %(number)s", purpose=text.purpose_id.name, number=text.version)

    def _compute_is_used(self):
        used = self._used()
        for text in self:
            text.is_used = text in used

    def _used(self):
        """Those of these that somebody has answered."""
        found = self.env["fidelity.consent"].sudo()._read_group([("text_id", "in", self.ids)], ["text_id"])
        return self.browse(text.id for (text,) in found)

    @api.model_create_multi
    def create(self, vals_list):
        """Add wordings; each gets the next number of its purpose."""
        purposes = {vals.get("purpose_id") for vals in vals_list}
        last = dict(self.sudo()._read_group([("purpose_id", "in", list(purposes))], ["purpose_id"], ["version:max"]))
        last = {purpose.id: version for purpose, version in last.items()}
        for vals in vals_list:
            vals["version"] = last[vals.get("purpose_id")] = last.get(vals.get("purpose_id"), 0) + 1
        return super().create(vals_list)

    def write(self, vals):
        if FROZEN & vals.keys():
            self._check_unused()
        return super().write(vals)

    def _update_field_translations(self, field_name, translations, digest=None, source_lang=""):
        self._check_unused()
        return super()._update_field_translations(field_name, translations, digest=digest, source_lang=source_lang)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_unused()

    def _check_unused(self):
        used = self._used()[:1]
        if used:
            raise UserError(
                self.env._(
                    "%(name)s was shown to people who answered it: it stays as they read it. Make a new version instead.",
                    name=used.display_name,
                )
            )

    def action_new_version(self):
        """Copy the wording in all its languages and open the copy, to be changed."""
        self.ensure_one()
        text = self.copy({"valid_from": fields.Datetime.now()})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": text.id,
            "view_mode": "form",
            "name": self.env._("New version"),
        }

    def _in(self, lang):
        """The wording in a language, else as Odoo falls back.

        :return: str
        """
        self.ensure_one()
        return self.with_context(lang=lang or self.env.lang).body
