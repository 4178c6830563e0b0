from odoo import api, fields, models
from odoo.exceptions import AccessError

STATES = ("ok", "look", "act")


class FidelityHealth(models.TransientModel):
    """What a manager or an administrator should know of loyalty now: one line a subject, each with what to do about it.

    The lines come from :meth:`_checks`; an addon adds its own. Every query is bounded: the page opens at once with ten
    million entries.
    """

    _name = "fidelity.health"
    _description = "Health"
    _rec_name = "checked_at"

    checked_at = fields.Datetime(string="Checked", readonly=True, help="When this was looked at.")
    state = fields.Selection(
        [("ok", "In order"), ("look", "Look at it"), ("act", "Act now")], readonly=True, help="The worst of the lines."
    )
    line_ids = fields.One2many("fidelity.health.line", "health_id", readonly=True, help="One line a subject.")

    @api.depends_context("lang")
    def _compute_display_name(self):
        self.display_name = self.env._("Health")

    @api.model
    def action_open(self):
        """Look at everything now and show it."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_store_manager"):
            raise AccessError(self.env._("Only a store manager or a loyalty manager sees this page. Ask yours."))
        lines = self._inspect()
        health = self.sudo().create(
            {
                "checked_at": fields.Datetime.now(),
                "state": max((line["state"] for line in lines), key=STATES.index),
                "line_ids": [(0, 0, line) for line in lines],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Health"),
            "res_model": self._name,
            "res_id": health.id,
            "view_mode": "form",
            "views": [(False, "form")],
        }

    def action_check_again(self):
        """Look again."""
        return {**self.action_open(), "target": "main"}

    @api.model
    def _inspect(self):
        """Look at everything.

        :return: list of dicts of columns of ``fidelity.health.line``, in the order of the page
        """
        return [{"sequence": at, **line} for at, line in enumerate(line for check in self._checks() for line in check())]

    def _checks(self):
        """The checks, each a method that yields lines made with :meth:`_line`."""
        return (
            self._check_outbox,
            self._check_verification,
            self._check_jobs,
            self._check_settling,
            self._check_guards,
            self._check_numbers,
            self._check_rules,
            self._check_clocks,
        )

    @api.model
    def _line(self, code, title, state, finding, advice="", **values):
        """One line.

        :param str code: the subject
        :param str title: the subject, in words
        :param str state: one of :data:`STATES`
        :param str finding: what is
        :param str advice: what to do, in one sentence; nothing when it is in order
        :param values: ``res_id``, ``can_open`` and ``can_mend`` where the line leads somewhere
        """
        return {"code": code, "title": title, "state": state, "finding": finding, "advice": advice, **values}


class FidelityHealthLine(models.TransientModel):
    """One subject of the health page: what is, what to do, and the way there."""

    _name = "fidelity.health.line"
    _description = "Line of the health page"
    _order = "sequence, id"

    health_id = fields.Many2one("fidelity.health", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    code = fields.Char(required=True)
    res_id = fields.Integer()
    title = fields.Char(string="Subject", required=True, help="What was looked at.")
    state = fields.Selection(
        [("ok", "In order"), ("look", "Look at it"), ("act", "Act now")], string="How it is", required=True, help="How it is."
    )
    finding = fields.Char(string="What is", help="What was found.")
    advice = fields.Char(string="What to do", help="What to do about it.")
    can_open = fields.Boolean(help="There is a screen to go to.")
    can_mend = fields.Boolean(help="It can be done from here.")

    def action_go(self):
        """Open the screen where this is looked after."""
        self.ensure_one()
        return getattr(self, f"_open_{self.code}")()

    def action_mend(self):
        """Do what the line advises, then look again."""
        self.ensure_one()
        return getattr(self, f"_mend_{self.code}")() or self.health_id.action_check_again()

    def _open_action(self, xml_id, **values):
        return {**self.env["ir.actions.act_window"]._for_xml_id(f"loyalty_fidelity.{xml_id}"), **values}

    def _open_record(self, model, res_id):
        return {"type": "ir.actions.act_window", "res_model": model, "res_id": res_id, "views": [(False, "form")]}

    def _open_outbox(self):
        return self._open_action("fidelity_outbox_action", domain=[("state", "in", ("waiting", "stuck"))])

    def _mend_outbox(self):
        rows = self.env["fidelity.outbox"].search([("state", "in", ("waiting", "stuck"))], order="next_try_at", limit=200)
        rows.action_try_again()

    def _open_verification(self):
        if self.res_id:
            return self._open_record("fidelity.verification", self.res_id)
        return self._open_action("fidelity_verification_action")

    def _mend_verification(self):
        return self.env["fidelity.verification"].action_verify()

    def _open_job(self):
        return self._open_record("ir.cron", self.res_id)

    def _mend_guards(self):
        """Put the guards back, which leaves what was altered meanwhile for a verification to find."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager can restore the guards. Ask yours."))
        for name in self.env["fidelity.append.only"]._append_only_models():
            self.env[name].sudo().init()

    def _open_numbers(self):
        return self._open_record("fidelity.card.type", self.res_id)

    def _open_rules(self):
        return self._open_record("fidelity.card.type", self.res_id)

    def _open_clocks(self):
        return self._open_action("fidelity_receipt_action", domain=[("till_id", "=", self.res_id)])
