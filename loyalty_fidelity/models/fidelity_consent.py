import hashlib
from uuid import uuid4

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

STATES = [("given", "Agreed"), ("withdrawn", "Refused or withdrawn")]
WAYS = [
    ("paper", "On paper"),
    ("till", "At the till"),
    ("web", "On the web"),
    ("phone", "By phone"),
    ("email", "By e-mail"),
    ("import", "Brought over from another system"),
    ("merge", "Contacts were merged"),
    ("other", "Otherwise"),
]

#: Of these settings of a transaction the database lets a person's records go, or move to another contact.
ERASING, MOVING = "fidelity.consent_erase", "fidelity.consent_move"

FUNCTION_NAME = "fidelity_consent_refuse_change"
FUNCTION_BODY = f"""
BEGIN
    IF TG_OP = 'DELETE' AND OLD.partner_id::text = current_setting('{ERASING}', true) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        IF NEW.partner_id::text = current_setting('{MOVING}', true)
                AND to_jsonb(NEW) - 'partner_id' = to_jsonb(OLD) - 'partner_id' THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'Table % only grows: % is refused. Record another answer instead.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
"""


class FidelityConsent(models.Model):
    """One answer of a person to one purpose: yes or no, to which wording, when, how, with what evidence, until when.

    Invariants:

    - append-only: a withdrawal is another answer, and the latest answer (by when it was given, then by number) counts;
    - what lasts for a time only is out of date by itself: nothing is written when it ends;
    - rows leave only by the logged erasure of one person (:meth:`_erase`), and change hands only, all else unchanged,
      when contacts are merged (:meth:`_move`): the database refuses everything else to everyone.
    """

    _name = "fidelity.consent"
    _inherit = "fidelity.append.only"
    _description = "Consent"
    _log_access = False
    _order = "occurred_at desc, id desc"

    partner_id = fields.Many2one(
        "res.partner", string="Contact", required=True, readonly=True, ondelete="restrict", help="Who answered."
    )
    purpose_id = fields.Many2one(
        "fidelity.consent.purpose", required=True, readonly=True, ondelete="restrict", help="What was asked."
    )
    company_id = fields.Many2one(related="purpose_id.company_id")
    state = fields.Selection(STATES, string="Answer", required=True, readonly=True, help="What was answered.")
    text_id = fields.Many2one(
        "fidelity.consent.text",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The wording that was answered.",
    )
    lang = fields.Char(string="Language", readonly=True, help="The language in which it was read.")
    text_digest = fields.Char(string="Fingerprint of the text", readonly=True, help="SHA-256 of the words that were read.")
    occurred_at = fields.Datetime(string="Answered", required=True, readonly=True, help="When the person answered.")
    recorded_at = fields.Datetime(string="Recorded", required=True, readonly=True, help="When it was recorded, by the server.")
    until_date = fields.Date(string="Until", readonly=True, help="The last day on which it counts. Empty: until withdrawn.")
    way = fields.Selection(WAYS, string="How", required=True, readonly=True, help="How the answer reached us.")
    source_ref = fields.Char(string="Reference", readonly=True, help="Till, web address or number of the form that it came by.")
    note = fields.Char(readonly=True, help="What else matters, such as why.")
    author_uid = fields.Integer(readonly=True)
    author_name = fields.Char(string="Recorded by", readonly=True, help="Who recorded it.")
    op_key = fields.Char(string="Key", required=True, readonly=True, help="Sent twice with one key, it is recorded once.")
    signature = fields.Binary(readonly=True, groups="loyalty_fidelity.group_fidelity_manager", help="How the person signed.")
    form_scan = fields.Binary(
        string="Form", readonly=True, groups="loyalty_fidelity.group_fidelity_manager", help="The signed form, as scanned."
    )
    form_name = fields.Char(
        string="Form's file",
        readonly=True,
        groups="loyalty_fidelity.group_fidelity_manager",
        help="The name that the file of the form had.",
    )
    evidence_digest = fields.Char(
        string="Fingerprint of the evidence",
        readonly=True,
        groups="loyalty_fidelity.group_fidelity_manager",
        help="SHA-256 of signature and form as they were recorded.",
    )
    has_evidence = fields.Boolean(string="Evidence", compute="_compute_has_evidence", help="A signature or a form is kept.")

    _op_key_unique = models.UniqueIndex("(op_key)", "This answer is recorded already.")
    _current_index = models.Index("(partner_id, purpose_id, occurred_at DESC, id DESC)")
    _purpose_index = models.Index("(purpose_id, partner_id)")

    @api.depends("purpose_id", "state")
    @api.depends_context("lang")
    def _compute_display_name(self):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for consent in self:
            consent.display_name = f"{consent.purpose_id.name}: {labels.get(consent.state, '')}"

    @api.depends("evidence_digest")
    def _compute_has_evidence(self):
        for consent in self:
            consent.has_evidence = bool(consent.sudo().evidence_digest)

    @api.model
    def _append_only_function(self):
        return FUNCTION_NAME, FUNCTION_BODY

    @api.model
    def _refusal(self):
        return AccessError(
            self.env._(
                "What somebody agreed to is kept as it was answered: nobody can add, change or delete it by hand. "
                "Record another answer, or a withdrawal, instead."
            )
        )

    # -- recording -------------------------------------------------------------------------------------------------

    @api.model
    def _record(self, partner, answers, way, key=None, **how):
        """Record what a contact answered to one or several purposes. Callers have checked the right to.

        With the same key again nothing happens: what was recorded is returned.

        :param partner: one contact
        :param dict answers: purpose → whether he agrees
        :param way: one of :data:`WAYS`
        :param str key: makes it unique, such as a uuid
        :param how: ``occurred_at`` (now by default), ``lang`` (the contact's by default), ``source_ref``, ``note``,
            ``signature`` and ``form_scan`` (base64), ``form_name``, ``author_name``
        :return: the records
        :raise UserError: he answered in the future
        """
        now = fields.Datetime.now()
        occurred_at = how.get("occurred_at") or now
        if occurred_at > now:
            raise UserError(self.env._("Answered: the moment lies in the future. Enter when the person answered."))
        key = key or str(uuid4())
        rows = {f"{key}:{purpose.id}": (purpose, agrees) for purpose, agrees in answers.items()}
        known = {record.op_key: record for record in self.search([("op_key", "in", list(rows))])}
        new = [
            {"op_key": op_key, **self._prepare_vals(partner, purpose, agrees, occurred_at, how), "way": way, "recorded_at": now}
            for op_key, (purpose, agrees) in rows.items()
            if op_key not in known
        ]
        records = self._append(new)
        self._forget_states()
        return self.browse(record.id for record in known.values()) | records

    @api.model
    def _forget_states(self):
        """What was read of today's states is out of date."""
        self.flush_model()
        self.env["fidelity.consent.state"].invalidate_model()
        self.env["res.partner"].invalidate_model(["fidelity_consent_ids", "fidelity_consent_state_ids"])
        self.env["fidelity.member"].invalidate_model(["consent_ids", "consent_state_ids"])

    @api.model
    def _prepare_vals(self, partner, purpose, agrees, occurred_at, how):
        lang = how.get("lang") or partner.lang or self.env.lang
        text = purpose._text_at(occurred_at) or purpose._text_at(fields.Datetime.now())
        months = agrees and purpose.valid_months
        day = fields.Datetime.context_timestamp(self, occurred_at).date()
        evidence = [how[name] for name in ("signature", "form_scan") if how.get(name)]
        return {
            "partner_id": partner.id,
            "purpose_id": purpose.id,
            "state": "given" if agrees else "withdrawn",
            "text_id": text.id,
            "lang": lang,
            "text_digest": text and hashlib.sha256(text._in(lang).encode()).hexdigest(),
            "occurred_at": occurred_at,
            "until_date": day + relativedelta(months=months) if months else False,
            "source_ref": how.get("source_ref"),
            "note": how.get("note"),
            "author_uid": self.env.uid,
            "author_name": how.get("author_name") or self.env.user.name,
            "signature": how.get("signature"),
            "form_scan": how.get("form_scan"),
            "form_name": how.get("form_name"),
            "evidence_digest": bool(evidence) and hashlib.sha256(b"".join(_bytes(item) for item in evidence)).hexdigest(),
        }

    # -- what the database lets pass -------------------------------------------------------------------------------

    @api.model
    def _allow(self, setting, partner_id):
        """Let a transaction do what the guard refuses, for one contact; with None, no longer."""
        self.env.cr.execute(SQL("SELECT set_config(%s, %s, true)", setting, str(partner_id or "")))

    @api.model
    def _move(self, partners, into):
        """Give what contacts answered to the one into whom they are merged. Who holds it changes, nothing else."""
        self.flush_model()
        self._allow(MOVING, into.id)
        self.env.cr.execute(
            SQL("UPDATE fidelity_consent SET partner_id = %s WHERE partner_id IN %s", into.id, tuple(partners.ids) or (None,))
        )
        self._allow(MOVING, None)
        self.invalidate_model()
        self._forget_states()

    @api.model
    def _erase(self, partner):
        """Delete everything that a contact answered, with its evidence. Callers log it and have checked the right to.

        :return: (number of records, SHA-256 over them)
        """
        records = self.search([("partner_id", "=", partner.id)], order="id")
        files = self.env["ir.attachment"].search([("res_model", "=", self._name), ("res_id", "in", records.ids)])
        files |= files.search([("res_model", "=", self._name), ("res_id", "in", records.ids), ("res_field", "!=", False)])
        files.unlink()
        self.flush_model()
        rows = self.env.execute_query(
            SQL("SELECT to_jsonb(k)::text FROM fidelity_consent k WHERE k.partner_id = %s ORDER BY k.id", partner.id)
        )
        self._allow(ERASING, partner.id)
        self.env.cr.execute(SQL("DELETE FROM fidelity_consent WHERE partner_id = %s", partner.id))
        self._allow(ERASING, None)
        self.env.invalidate_all()
        return len(rows), hashlib.sha256("\n".join(text for (text,) in rows).encode()).hexdigest()


def _bytes(value):
    return value.encode() if isinstance(value, str) else value
