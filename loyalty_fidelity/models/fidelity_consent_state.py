from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class FidelityConsentState(models.Model):
    """What each contact says to each purpose today: his latest answer. Read from the answers, never stored.

    Its number is that of the answer. A consent that lasted for a time is out of date from the day after, by itself.
    """

    _name = "fidelity.consent.state"
    _description = "Consent as of today"
    _auto = False
    _order = "partner_id, purpose_id"

    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True, help="Who answered.")
    purpose_id = fields.Many2one("fidelity.consent.purpose", readonly=True, help="What was asked.")
    company_id = fields.Many2one("res.company", readonly=True)
    consent_id = fields.Many2one("fidelity.consent", string="Answer", readonly=True, help="The answer that counts.")
    state = fields.Selection(
        [("given", "Agreed"), ("expired", "Out of date"), ("withdrawn", "Refused or withdrawn")],
        string="Today",
        readonly=True,
        help="Whether the person agrees today. Out of date: he has to be asked again.",
    )
    occurred_at = fields.Datetime(string="Since", readonly=True, help="When the person answered.")
    until_date = fields.Date(string="Until", readonly=True, help="The last day on which it counts. Empty: until withdrawn.")
    text_id = fields.Many2one("fidelity.consent.text", readonly=True, help="The wording that was answered.")
    way = fields.Selection(related="consent_id.way")
    author_name = fields.Char(related="consent_id.author_name")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT last.id, last.id AS consent_id, last.partner_id, last.purpose_id, u.company_id, last.occurred_at,
                   last.until_date, last.text_id,
                   CASE WHEN last.state = 'given' AND last.until_date < %s THEN 'expired' ELSE last.state END AS state
              FROM (SELECT DISTINCT ON (k.partner_id, k.purpose_id) k.*
                      FROM fidelity_consent k
                  ORDER BY k.partner_id, k.purpose_id, k.occurred_at DESC, k.id DESC) last
              JOIN fidelity_consent_purpose u ON u.id = last.purpose_id
            """,
            fields.Date.context_today(self),
        )

    @api.depends("partner_id", "purpose_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.partner_id.display_name}: {row.purpose_id.name}"

    def action_withdraw(self):
        """Record that these people do not agree any more, now."""
        self.env["fidelity.consent.record"].check_access("create")
        for row in self:
            row.partner_id.check_access("read")
            if row.state == "withdrawn":
                raise UserError(
                    self.env._("%(name)s has withdrawn %(purpose)s already.", name=row.partner_id.name, purpose=row.purpose_id.name)
                )
        for row in self:
            # Not in this user's hands: the right was checked above.
            self.env["fidelity.consent"].sudo()._record(row.partner_id, {row.purpose_id: False}, "other")
