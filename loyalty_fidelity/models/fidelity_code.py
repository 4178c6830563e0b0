import base64
import io
import secrets

import barcode

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..rules import card_number, code_number
from ..rules.errors import RuleError

LIVING = ("generated", "sent")
EXPIRE_BATCH = 1000


class FidelityCode(models.Model):
    """A code that somebody holds. Using it is in :mod:`fidelity_code_use`.

    Invariants: its text is random (more than 69 bits from the system's source of randomness), unique, and is never changed;
    its terms are those it was made with. Rows are made and changed by the methods of lists and codes alone, in the name of
    who may.
    """

    _name = "fidelity.code"
    _inherit = ["fidelity.code.terms"]
    _description = "Code"
    _order = "id desc"

    code = fields.Char(required=True, readonly=True, copy=False, help="What is printed below the bars: whoever has it can use it.")
    code_text = fields.Char(string="Printed as", compute="_compute_code_text", help="In groups of five, as people read it.")
    symbol = fields.Binary(compute="_compute_symbol", help="The code as bars (Code 128).")
    list_id = fields.Many2one("fidelity.code.list", required=True, readonly=True, ondelete="restrict", index=True, help="Its list.")
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="restrict", index=True, help="The company whose stores take it."
    )
    card_type_id = fields.Many2one(
        "fidelity.card.type", readonly=True, ondelete="restrict", help="Only members with this kind of card use it."
    )
    member_id = fields.Many2one(
        "fidelity.member", string="Given to", readonly=True, ondelete="restrict", index="btree_not_null", help="Who got it."
    )
    bearer = fields.Boolean(string="Whoever brings it", readonly=True, help="Off: only the member to whom it was given can use it.")
    from_date = fields.Date(string="Valid from", readonly=True, help="The first day it can be used.")
    to_date = fields.Date(string="Valid until", readonly=True, help="The last day it can be used.")
    worth_version_id = fields.Many2one(
        "fidelity.selector.version", string="Products", readonly=True, ondelete="restrict", help="The products as they were then."
    )
    origin = fields.Selection(
        [("prize", "Prize"), ("grant", "Grant"), ("list", "Code list")],
        required=True,
        readonly=True,
        default="list",
        help="How it came about.",
    )
    store_id = fields.Many2one(
        "fidelity.store", string="Given in", readonly=True, ondelete="restrict", index="btree_not_null", help="Where it was given."
    )
    posting_id = fields.Many2one(
        "fidelity.posting", readonly=True, ondelete="restrict", index="btree_not_null", help="What took the points for it."
    )
    state = fields.Selection(
        [
            ("generated", "Made"),
            ("sent", "Sent"),
            ("redeemed", "Used"),
            ("expired", "Expired"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="generated",
        help="Used: as often as it can be.",
    )
    ended_at = fields.Datetime(string="Ended on", readonly=True, help="When it expired or was cancelled.")
    use_ids = fields.One2many("fidelity.code.use", "code_id", help="Where, when and by whom it was used.")
    use_count = fields.Integer(string="Times used", compute="_compute_use_count", help="How often it was used.")

    _code_unique = models.Constraint("unique(code)", "This code exists already.")
    _due_index = models.Index("(to_date, id) WHERE state IN ('generated', 'sent')")

    @api.depends("use_ids")
    def _compute_use_count(self):
        counts = dict(self.env["fidelity.code.use"]._read_group([("code_id", "in", self.ids)], ["code_id"], ["__count"]))
        for code in self:
            code.use_count = counts.get(code, 0)

    @api.depends("code")
    def _compute_code_text(self):
        for code in self:
            code.code_text = code_number.grouped(code.code or "")

    @api.depends("code")
    def _compute_symbol(self):
        for code in self:
            code.symbol = code.code and base64.b64encode(code._code128())

    @api.depends("code", "list_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for code in self:
            code.display_name = f"{code.list_id.name} {card_number.mask(code.code or '')}"

    def _code128(self):
        """The code as bars.

        :return: SVG, as bytes
        """
        self.ensure_one()
        stream = io.BytesIO()
        barcode.get("code128", self.code, writer=barcode.writer.SVGWriter()).write(
            stream, {"write_text": False, "module_height": 12.0, "quiet_zone": 4.0}
        )
        return stream.getvalue()

    @api.model
    def _new_number(self):
        """A code that nobody can guess."""
        while True:
            text = "".join(secrets.choice(code_number.ALPHABET) for _place in range(code_number.RANDOM_LENGTH))
            number = text + code_number.check_character(text)
            if code_number.is_code(number):
                return number

    @api.model
    def _look_up(self, raw):
        """The code of a text that was read or typed; empty where there is none."""
        try:
            number = code_number.normalise(raw)
        except RuleError:
            return self.browse()
        return self.search([("code", "=", number)])

    # -- life ----------------------------------------------------------------------------------------------------------

    def _set_sent(self):
        """They were handed or sent to whoever holds them. Callers have checked the right to."""
        self.filtered(lambda code: code.state == "generated").write({"state": "sent"})

    def action_cancel(self):
        """Nobody can use these codes any more. What was used stays used."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can cancel codes. Ask yours."))
        self.check_access("read")
        self.sudo()._cancel()

    def _cancel(self):
        for code in self:
            if code.state not in (*LIVING, "cancelled"):
                raise UserError(self.env._("%(code)s is used or expired: there is nothing to cancel.", code=code.display_name))
        self.write({"state": "cancelled", "ended_at": self.env.cr.now().replace(microsecond=0)})

    @api.model
    def _cron_expire(self):
        """Mark what can no longer be used, in committed batches. Using a code looks at its dates itself."""
        self.flush_model()
        while True:
            expired = self.env.execute_query(
                SQL(
                    """
                    UPDATE fidelity_code SET state = 'expired', ended_at = %(now)s WHERE id IN (
                        SELECT id FROM fidelity_code WHERE state IN ('generated', 'sent') AND to_date < %(today)s
                      ORDER BY to_date, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED)
                 RETURNING id
                    """,
                    now=self.env.cr.now().replace(microsecond=0),
                    # By the clock that is last in its day: nowhere can it be used any more.
                    today=fields.Date.subtract(self.env.cr.now().date(), days=1),
                    batch=EXPIRE_BATCH,
                )
            )
            self.invalidate_model(["state", "ended_at"])
            if not expired or not self.env["ir.cron"]._commit_progress(len(expired)):
                return
