import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

_logger = logging.getLogger(__name__)

OPEN = ("reserved", "ready")
BATCH = 100


class FidelityReservation(models.Model):
    """A prize set aside for a member, who collects it in a store.

    Invariants: reserving takes the points, by the posting that it names (a gift has none); it is out of the number that is
    left until it ends. It ends once: handed over, lapsed or cancelled. Lapsed and cancelled give the points back by
    the posting ``redeem:<key>:undo``, once. Everything is written by the methods below, in the name of who may; of two at
    once the second fails to serialise, is tried again and sees the first.
    """

    _name = "fidelity.reservation"
    _description = "Reserved prize"
    _order = "id desc"
    _rec_name = "prize_id"

    member_id = fields.Many2one(
        "fidelity.member", required=True, readonly=True, ondelete="restrict", index=True, help="Who collects it."
    )
    prize_id = fields.Many2one("fidelity.prize", required=True, readonly=True, ondelete="restrict", index=True, help="What waits.")
    store_id = fields.Many2one(
        "fidelity.store", required=True, readonly=True, ondelete="restrict", index=True, help="Where it is collected."
    )
    company_id = fields.Many2one(related="store_id.company_id", store=True, index=True)
    state = fields.Selection(
        [
            ("reserved", "Reserved"),
            ("ready", "Ready"),
            ("handed", "Handed over"),
            ("lapsed", "Not collected"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="reserved",
        help="Ready: it lies in the store. Not collected and cancelled: the points went back.",
    )
    until_date = fields.Date(
        string="Collect until", required=True, readonly=True, help="The last day. After it the points go back by themselves."
    )
    posting_id = fields.Many2one(
        "fidelity.posting",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="What took the points. Empty: it is a gift.",
    )
    points = fields.Integer(compute="_compute_points", help="What it cost.")
    currency_id = fields.Many2one(related="prize_id.currency_id")
    money_part = fields.Monetary(string="And money", readonly=True, help="What the customer pays when he collects it.")
    reserved_at = fields.Datetime(string="Reserved on", required=True, readonly=True, help="When it was set aside.")
    ready_at = fields.Datetime(string="Ready on", readonly=True, help="When it lay in the store.")
    handed_at = fields.Datetime(string="Handed over on", readonly=True, help="When the member got it.")
    handed_by = fields.Char(string="Handed over by", readonly=True, help="Who gave it to him.")
    handed_store_id = fields.Many2one("fidelity.store", string="Handed over in", readonly=True, help="Where he got it.")
    ended_at = fields.Datetime(string="Ended on", readonly=True, help="When it was cancelled, or lapsed.")
    reason = fields.Char(readonly=True, help="Why it ended without being collected, or why it was given.")

    _due_index = models.Index("(until_date, id) WHERE state IN ('reserved', 'ready')")

    @api.depends("posting_id")
    def _compute_points(self):
        for reservation in self:
            reservation.points = -reservation.sudo().posting_id.points

    @api.depends("prize_id.name", "member_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for reservation in self:
            reservation.display_name = self.env._(
                "%(prize)s for %(name)s", prize=reservation.prize_id.name, name=reservation.member_id.display_name
            )

    # -- setting aside -----------------------------------------------------------------------------------------------

    @api.model
    def _check_can_wait(self, prize, store, until_date=None):
        """Refuse to set aside what cannot be, or nowhere.

        :raise UserError: with the field that is wrong
        """
        if not prize.reservable:
            raise UserError(self.env._("%(prize)s cannot be reserved. Give it at once.", prize=prize.name))
        if not store:
            raise UserError(self.env._("Choose the store in which the prize is collected."))
        if until_date and fields.Date.to_date(until_date) < self._today_in(store):
            raise UserError(self.env._("Collect until is past. Choose today or a later day."))

    @api.model
    def _today_in(self, store):
        return self.env["fidelity.receipt"]._day_of(self.env.cr.now(), store)

    @api.model
    def _set_aside(self, member, prize, store, until_date=None, posting=None, reason=None):
        """Set a prize aside. Callers have checked that it can be, and the right to.

        :param posting: what took the points; none for a gift
        :return: the reservation
        """
        return self.sudo().create(
            {
                "member_id": member.id,
                "prize_id": prize.id,
                "store_id": store.id,
                "until_date": until_date or self._today_in(store) + timedelta(days=prize.pickup_days),
                "posting_id": posting and posting.id,
                "money_part": prize.money_part if posting else 0.0,
                "reserved_at": self.env.cr.now().replace(microsecond=0),
                "reason": reason,
            }
        )

    # -- what staff does ---------------------------------------------------------------------------------------------

    def _check_may_serve(self):
        """Staff of the store that a reservation waits in, and managers, look after it."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_user"):
            raise AccessError(self.env._("Only loyalty users look after reserved prizes. Ask your manager."))
        self.check_access("read")

    def _check_open(self):
        for reservation in self.filtered(lambda reservation: reservation.state not in OPEN):
            state = dict(self._fields["state"]._description_selection(self.env))[reservation.state]
            raise UserError(
                self.env._(
                    "%(prize)s for %(name)s: this reservation has ended already (%(state)s).",
                    prize=reservation.prize_id.name,
                    name=reservation.member_id.display_name,
                    state=state,
                )
            )

    def action_ready(self):
        """It lies in the store and can be collected."""
        self._check_may_serve()
        self._check_open()
        self.sudo().filtered(lambda reservation: reservation.state == "reserved").write(
            {"state": "ready", "ready_at": fields.Datetime.now()}
        )
        return True

    def action_hand_over(self):
        """The member got it, here and now, from this user. Handing it over twice does it once."""
        self._check_may_serve()
        waiting = self.filtered(lambda reservation: reservation.state != "handed")
        waiting._check_open()
        for reservation in waiting.sudo():
            reservation._hand_over(self.env.user)
        return True

    def _hand_over(self, user):
        """The member got it. Callers have checked the right to."""
        self.write(
            {
                "state": "handed",
                "handed_at": self.env.cr.now().replace(microsecond=0),
                "handed_by": user.name,
                "handed_store_id": self.store_id.id,
            }
        )
        self.flush_recordset()
        self.prize_id._fidelity_handed_over(self.member_id, self.store_id, self._reference())

    def action_cancel(self):
        """It is not collected after all: the points go back."""
        self._check_may_serve()
        for reservation in self.sudo().filtered(lambda reservation: reservation.state != "cancelled"):
            reservation._check_open()
            reservation._give_up("cancelled", self.env._("Reservation cancelled"))
        return True

    def _reference(self):
        """How a document of another app names this reservation."""
        return self.env._("Reserved prize %(number)s: %(prize)s", number=self.id, prize=self.prize_id.name)

    def _give_up(self, state, reason):
        """End it without its being collected, and give the points back."""
        self.ensure_one()
        self._end(state, reason)
        self.flush_recordset()
        if self.posting_id:
            self.posting_id._take_back(reason)

    def _end(self, state, reason):
        """Note how it ended, where it has not ended already; what was handed over and taken back is cancelled."""
        for reservation in self.filtered(lambda reservation: reservation.state not in ("lapsed", "cancelled")):
            reservation.sudo().write({"state": state, "reason": reason, "ended_at": self.env.cr.now().replace(microsecond=0)})

    # -- not collected -----------------------------------------------------------------------------------------------

    @api.model
    def _due(self, limit=BATCH):
        """Reservations whose last day is past, by the clock of their store."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.id FROM fidelity_reservation r JOIN fidelity_store s ON s.id = r.store_id
                 WHERE r.state IN ('reserved', 'ready') AND r.until_date < (%(now)s AT TIME ZONE 'UTC' AT TIME ZONE s.tz)::date
              ORDER BY r.until_date, r.id LIMIT %(limit)s
                """,
                now=self.env.cr.now(),
                limit=limit,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _cron_lapse(self):
        """Give back the points of what nobody collected, each in its own transaction. What fails is tried the next day."""
        self.flush_model()
        failed = set()
        while due := self._due().filtered(lambda reservation: reservation.id not in failed):
            for reservation in due:
                try:
                    with self.env.cr.savepoint():
                        reservation.sudo()._give_up("lapsed", self.env._("Not collected in time"))
                except Exception:
                    failed.add(reservation.id)
                    _logger.warning("Fidelity: reservation %s could not lapse", reservation.id, exc_info=True)
                if not self.env["ir.cron"]._commit_progress(1):
                    return
