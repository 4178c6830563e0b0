from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.fidelity_consent import WAYS


class FidelityConsentRecord(models.TransientModel):
    """Records what a contact answers to several purposes at once, each with the text that he reads and by itself.

    Nothing is ticked beforehand, and what was not asked stays as it was. Pressing twice records once.
    """

    _name = "fidelity.consent.record"
    _description = "Recording of consents"

    partner_id = fields.Many2one("res.partner", string="Contact", required=True, help="Who answers.")
    lang = fields.Selection("_lang_get", string="Language", help="The language in which he reads the texts below.")
    way = fields.Selection(
        [way for way in WAYS if way[0] != "merge"], string="How", required=True, default="paper", help="How the answer reaches us."
    )
    occurred_at = fields.Datetime(
        string="Answered", required=True, default=fields.Datetime.now, help="When he answered, such as the date on his form."
    )
    source_ref = fields.Char(string="Reference", help="Number of the form, till or web address: where to find it again.")
    note = fields.Char(help="What else matters.")
    signature = fields.Binary(help="The person signs here, where a form is not kept on paper.")
    form_scan = fields.Binary(string="Form", help="The signed form, scanned or photographed.")
    form_name = fields.Char(string="Form's file", help="The name of the file.")
    line_ids = fields.One2many("fidelity.consent.record.line", "record_id", help="Each purpose is answered by itself.")
    key = fields.Char(required=True, readonly=True, default=lambda self: str(uuid4()), copy=False)

    @api.model
    def _lang_get(self):
        return self.env["res.lang"].get_installed()

    @api.model
    def default_get(self, names):
        values = super().default_get(names)
        partner = self.env["res.partner"].browse(values.get("partner_id") or self.env.context.get("default_partner_id"))
        if "lang" in names:
            values["lang"] = partner.lang or self.env.lang
        if "line_ids" in names:
            purposes = self.env["fidelity.consent.purpose"].search(self._purposes_domain())
            values["line_ids"] = [(0, 0, {"purpose_id": purpose.id}) for purpose in purposes]
        return values

    @api.model
    def _purposes_domain(self):
        """What the current company asks for."""
        return ["|", ("company_id", "=", False), ("company_id", "parent_of", self.env.company.ids)]

    def action_record(self):
        """Record what was answered; what was not asked stays as it was."""
        self.ensure_one()
        self.partner_id.check_access("read")
        both = self.line_ids.filtered(lambda line: line.agrees and line.refuses)[:1]
        if both:
            raise UserError(
                self.env._("%(purpose)s: tick either Agrees or Does not agree, not both.", purpose=both.purpose_id.name)
            )
        answers = {line.purpose_id: line.agrees for line in self.line_ids if line.agrees or line.refuses}
        if not answers:
            raise UserError(self.env._("Nothing is answered yet: tick Agrees or Does not agree where the person was asked."))
        answers_without_text = [purpose.name for purpose, agrees in answers.items() if agrees and not purpose.text_id]
        if answers_without_text:
            raise UserError(
                self.env._(
                    "%(purposes)s: there is no text that one could agree to. Write it under Configuration, Consent purposes.",
                    purposes=", ".join(answers_without_text),
                )
            )
        # Not in this user's hands: he may record, and neither change nor delete.
        self.env["fidelity.consent"].sudo()._record(
            self.partner_id,
            answers,
            self.way,
            self.key,
            occurred_at=self.occurred_at,
            lang=self.lang,
            source_ref=self.source_ref,
            note=self.note,
            signature=self.signature,
            form_scan=self.form_scan,
            form_name=self.form_name,
        )
        return {"type": "ir.actions.act_window_close"}


class FidelityConsentRecordLine(models.TransientModel):
    """One purpose as it is asked, with its text."""

    _name = "fidelity.consent.record.line"
    _description = "Answer to a purpose"
    _order = "id"

    record_id = fields.Many2one("fidelity.consent.record", required=True, ondelete="cascade")
    purpose_id = fields.Many2one("fidelity.consent.purpose", required=True, readonly=True, help="What is asked.")
    body = fields.Text(string="Text", compute="_compute_body", help="What the person reads.")
    now_text = fields.Char(string="So far", compute="_compute_now_text", help="What he answered before.")
    agrees = fields.Boolean(help="The person agrees to this, having read the text.")
    refuses = fields.Boolean(string="Does not agree", help="The person does not agree, or not any more.")

    @api.onchange("agrees")
    def _onchange_agrees(self):
        self.refuses = self.refuses and not self.agrees

    @api.onchange("refuses")
    def _onchange_refuses(self):
        self.agrees = self.agrees and not self.refuses

    @api.depends("purpose_id", "record_id.lang")
    def _compute_body(self):
        for line in self:
            line.body = line.purpose_id.text_id and line.purpose_id.text_id._in(line.record_id.lang)

    @api.depends("purpose_id", "record_id.partner_id")
    @api.depends_context("lang")
    def _compute_now_text(self):
        states = self.env["fidelity.consent.state"]
        labels = dict(states._fields["state"]._description_selection(self.env))
        found = states.search([("partner_id", "in", self.record_id.partner_id.ids), ("purpose_id", "in", self.purpose_id.ids)])
        by_key = {(row.partner_id, row.purpose_id): labels[row.state] for row in found}
        for line in self:
            partner = line.record_id.partner_id._origin
            line.now_text = by_key.get((partner, line.purpose_id._origin), self.env._("Not asked yet"))
