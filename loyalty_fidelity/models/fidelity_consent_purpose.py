from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

USES = [
    ("marketing", "Offers and news"),
    ("profiling", "Profiling"),
    ("partners", "Passing on to partners"),
    ("other", "Something else"),
]
CHANNELS = [("email", "E-mail"), ("sms", "SMS"), ("post", "Post"), ("phone", "Phone")]
LONGEST_MONTHS = 600


class FidelityConsentPurpose(models.Model):
    """One thing that a person may agree to, such as offers by e-mail. Each is asked and answered by itself.

    Invariants: a code names one purpose of a company; offers and news name the channel that they come by; how long
    consent lasts is fixed when it is recorded, so changing the months changes no consent that was given before.
    """

    _name = "fidelity.consent.purpose"
    _description = "Consent purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True, help="What a person agrees to, in a few words, such as Offers by e-mail.")
    code = fields.Char(required=True, copy=False, help="A short code for files and forms, such as marketing_email.")
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True, help="Archive a purpose that is no longer asked for; what was agreed stays on record.")
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="restrict",
        help="The company that asks. Empty: consent counts for all companies of this database.",
    )
    use = fields.Selection(USES, required=True, default="other", help="What it allows us to do.")
    channel = fields.Selection(CHANNELS, help="How offers and news may reach the person.")
    valid_months = fields.Integer(
        string="Lasts (months)", help="After so many months the person has to be asked again. 0: until it is withdrawn."
    )
    text_ids = fields.One2many("fidelity.consent.text", "purpose_id", help="Every wording that was ever shown, latest first.")
    text_id = fields.Many2one(
        "fidelity.consent.text", string="Text in use", compute="_compute_text_id", help="The wording that is shown today."
    )
    agreed_count = fields.Integer(string="Agreed", compute="_compute_agreed_count", help="How many contacts agree today.")

    _code_unique = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another purpose of this company has this code. Choose a different one."
    )

    @api.depends("text_ids.valid_from")
    def _compute_text_id(self):
        now = fields.Datetime.now()
        for purpose in self:
            purpose.text_id = purpose._text_at(now)

    def _compute_agreed_count(self):
        counts = dict(
            self.env["fidelity.consent.state"]._read_group(
                [("purpose_id", "in", self.ids), ("state", "=", "given")], ["purpose_id"], ["__count"]
            )
        )
        for purpose in self:
            purpose.agreed_count = counts.get(purpose, 0)

    @api.constrains("use", "channel")
    def _check_channel(self):
        for purpose in self:
            if purpose.use == "marketing" and not purpose.channel:
                raise ValidationError(
                    self.env._("Channel: say how the offers of %(name)s reach the person, such as e-mail.", name=purpose.name)
                )

    @api.constrains("valid_months")
    def _check_valid_months(self):
        for purpose in self:
            if not 0 <= purpose.valid_months <= LONGEST_MONTHS:
                raise ValidationError(
                    self.env._(
                        "Lasts (months): %(name)s needs a number from 0, until it is withdrawn, to %(most)s.",
                        name=purpose.name,
                        most=LONGEST_MONTHS,
                    )
                )

    def write(self, vals):
        if {"use", "channel", "company_id"} & vals.keys():
            self._check_unused()
        return super().write(vals)

    def _check_unused(self):
        """What somebody has answered keeps its meaning."""
        answered = self.env["fidelity.consent"].sudo().search([("purpose_id", "in", self.ids)], limit=1).purpose_id
        if answered:
            raise UserError(
                self.env._(
                    "People have answered %(name)s already: what it allows, its channel and its company stay as they are. "
                    "Archive it and make another purpose.",
                    name=answered.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_answered(self):
        answered = self.env["fidelity.consent"].sudo().search([("purpose_id", "in", self.ids)], limit=1).purpose_id
        if answered:
            raise UserError(
                self.env._("People have answered %(name)s: archive it instead, what they agreed to stays.", name=answered.name)
            )

    def _text_at(self, moment):
        """The wording in use at a moment: the latest that was valid then, if any."""
        self.ensure_one()
        texts = self.text_ids.filtered(lambda text: text.valid_from and text.valid_from <= moment)
        return texts.sorted(lambda text: (text.valid_from, text.version))[-1:]

    def action_view_agreed(self):
        """Open the contacts who agree today."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("loyalty_fidelity.fidelity_consent_state_action")
        return {**action, "domain": [("purpose_id", "=", self.id)], "context": {"search_default_given": 1}}

    # -- the gate --------------------------------------------------------------------------------------------------

    @api.model
    def _standard(self, use, channel=None, company=None):
        """The purpose that a company asks for a use, first one counts.

        :param use: one of :data:`USES`
        :param channel: one of :data:`CHANNELS`, or None
        :param company: the current one by default
        :return: a purpose, or an empty recordset where the company asks for no such thing
        """
        company = company or self.env.company
        domain = Domain("use", "=", use) & Domain("channel", "=", channel or False)
        owned = Domain("company_id", "=", False) | Domain("company_id", "parent_of", company.ids)
        return self.sudo().search(domain & owned, limit=1).with_env(self.env)

    def _is_required(self, company):
        """Whether a company needs to have consent; else not having refused is enough."""
        self.ensure_one()
        if self.use == "marketing":
            return company.sudo().fidelity_marketing_consent
        if self.use == "profiling":
            return company.sudo().fidelity_profiling_consent
        return True

    def _allows_sql(self, partner, required):
        """SQL condition: the contact may be treated so. Who refused or withdrew never is.

        :param partner: SQL of the contact's id
        :param required: SQL of whether consent has to be there, and not to be out of date
        """
        self.ensure_one()
        self.env["fidelity.consent"].flush_model()
        return SQL(
            """COALESCE((SELECT k.state = 'given' AND (NOT %(required)s OR k.until_date IS NULL OR k.until_date >= %(today)s)
                           FROM fidelity_consent k WHERE k.partner_id = %(partner)s AND k.purpose_id = %(purpose)s
                       ORDER BY k.occurred_at DESC, k.id DESC LIMIT 1), NOT %(required)s)""",
            required=required,
            today=fields.Date.context_today(self),
            partner=partner,
            purpose=self.id,
        )
