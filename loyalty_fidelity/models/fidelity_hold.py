from datetime import timedelta

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..rules.errors import RuleError
from .big_integer import BigInteger

#: How often a call of its own transaction is tried again, at once, when another was faster.
ATTEMPTS = 5
#: How long it waits for another that is at work on the same account.
LOCK_TIMEOUT = "2s"
KEEP_DAYS = 90


class FidelityHold(models.Model):
    """Points set aside, with their lots, for a basket being paid. It is no posting: the balance stays as it is.

    Invariants: while it lasts nobody else spends its points; it ends once, by being captured (the posting that spends
    it), released (by who took it, or a person), or lapsed (when its time is over, by itself: no job is needed); of two
    that want the same points at once one gets them. Earning never waits for it.

    :meth:`_take` and :meth:`_capture` write the account's row over, unchanged, as everything does that uses lots: of two
    that saw the same lots the second fails to serialise. Who has a transaction of its own for taking uses
    :meth:`_take_at_once`, which tries again on the spot instead of waiting for the server's next attempt.
    """

    _name = "fidelity.hold"
    _inherit = "fidelity.guarded"
    _description = "Hold"
    _log_access = False
    _order = "id desc"
    _rec_name = "key"

    key = fields.Char(required=True, readonly=True, help="What makes it unique: taking it twice takes it once.")
    account_id = fields.Many2one("fidelity.account", required=True, readonly=True, ondelete="restrict", help="Whose points.")
    member_id = fields.Many2one(
        "fidelity.member", required=True, readonly=True, ondelete="cascade", index=True, help="Whose card was shown."
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="cascade")
    store_id = fields.Many2one("fidelity.store", readonly=True, ondelete="set null", help="Where they were set aside.")
    till_name = fields.Char(string="Till", readonly=True, help="The till that set them aside.")
    quantity = BigInteger(string="Points", required=True, readonly=True, help="How many points are set aside.")
    quantity_text = fields.Char(string="How much", compute="_compute_quantity_text", help="What is set aside, as one says it.")
    purpose = fields.Char(readonly=True, help="What they are set aside for.")
    state = fields.Selection(
        [("held", "Set aside"), ("captured", "Spent"), ("released", "Released"), ("lapsed", "Lapsed")],
        required=True,
        readonly=True,
        help="Set aside until they are spent, released, or their time is over.",
    )
    status = fields.Selection(
        selection=lambda self: self._fields["state"].selection,
        string="What became of it",
        compute="_compute_status",
        help="Whether the points are still set aside.",
    )
    taken_at = fields.Datetime(required=True, readonly=True, help="When they were set aside.")
    expires_at = fields.Datetime(string="Until", required=True, readonly=True, help="When it lapses by itself.")
    ended_at = fields.Datetime(readonly=True, help="When it was spent, released or found lapsed.")
    author_uid = fields.Integer(readonly=True, help="The number of the user who set them aside.")
    author_name = fields.Char(string="By", readonly=True, help="Who set them aside.")
    lot_ids = fields.One2many("fidelity.hold.lot", "hold_id", help="The lots that the points come from.")

    _key_unique = models.Constraint("unique(key)", "These points are already set aside.")
    _held_index = models.Index("(account_id, expires_at) WHERE state = 'held'")
    _expires_index = models.Index("(expires_at)")

    @api.depends("state", "expires_at")
    def _compute_status(self):
        now = self.env.cr.now()
        for hold in self:
            hold.status = "lapsed" if hold.state == "held" and hold.expires_at <= now else hold.state

    @api.depends("quantity", "member_id", "account_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for hold in self:
            name = hold.member_id.display_name
            hold.display_name = self.env._("%(quantity)s of %(name)s", quantity=hold.quantity_text, name=name)

    @api.depends("quantity", "account_id")
    @api.depends_context("lang")
    def _compute_quantity_text(self):
        for hold in self:
            hold.quantity_text = hold.account_id._quantity_text(hold.quantity)

    # -- what is set aside -----------------------------------------------------------------------------------------

    @api.model
    def _held_sql(self, lot):
        """SQL of what is set aside of the lot row ``lot`` at this moment."""
        return SQL(
            """
            COALESCE((SELECT sum(hl.quantity) FROM fidelity_hold_lot hl JOIN fidelity_hold h ON h.id = hl.hold_id
                       WHERE hl.lot_id = %s.id AND h.state = 'held' AND h.expires_at > %s), 0)::bigint
            """,
            lot,
            self.env.cr.now(),
        )

    @api.model
    def _accounts_held(self, account_ids):
        """Those of some accounts that something is set aside of at this moment: a set of ids."""
        rows = self.env.execute_query(
            SQL(
                "SELECT DISTINCT account_id FROM fidelity_hold WHERE account_id = ANY (%s) AND state = 'held' AND expires_at > %s",
                list(account_ids),
                self.env.cr.now(),
            )
        )
        return {row[0] for row in rows}

    # -- taking ----------------------------------------------------------------------------------------------------

    @api.model
    def _take(self, member, quantity, key, purpose=None, store=None, till_name=None, minutes=None, unit="points"):
        """Set points aside. Taking them again with the same key changes nothing. Callers have checked the right to.

        :param member: one record
        :param int quantity: positive
        :param str key: makes it unique, such as a basket's uuid
        :param str purpose: what for, for whoever reads the list
        :param minutes: how long at most; the card type's by default
        :param str unit: of the account, ``points`` or ``money``
        :return: the hold
        :raise UserError: they cannot be spent now
        """
        member = member.sudo()
        existing = self.search([("key", "=", key)])
        if existing:
            return existing._check_same(member, quantity, unit)
        if member.state != "active":
            raise UserError(self.env._("The membership of %(name)s is closed. Reopen it first.", name=member.display_name))
        member._check_may_spend()
        account = self.env["fidelity.account"].sudo()._open(member.holder_id, unit)
        self._lock(account)
        uses = self._uses(account, quantity, member.display_name)
        now = self.env.cr.now().replace(microsecond=0)
        minutes = minutes or member.card_type_id.hold_minutes
        hold = self._append(
            [
                {
                    "key": key,
                    "account_id": account.id,
                    "member_id": member.id,
                    "company_id": member.company_id.id or self.env.company.id,
                    "store_id": store.id if store else False,
                    "till_name": till_name,
                    "quantity": quantity,
                    "purpose": purpose,
                    "state": "held",
                    "taken_at": now,
                    "expires_at": now + timedelta(minutes=minutes),
                    "author_uid": self.env.uid,
                    "author_name": self.env.user.name,
                }
            ]
        )
        self.env["fidelity.hold.lot"]._append([{"hold_id": hold.id, **use} for use in uses])
        self.env.flush_all()
        member.invalidate_recordset(["available_points", "held_points"])
        account.invalidate_recordset(["available", "held"])
        return hold

    @api.model
    def _take_at_once(self, *args, **kwargs):
        """:meth:`_take` for who does nothing else in this transaction: it is begun anew, at once, when another was faster.

        So of two tills that want the same points the second is told within moments. Nothing that this transaction wrote
        before would survive: there must be nothing.
        """
        for attempt in range(ATTEMPTS):
            try:
                self.env.cr.execute(SQL("SET LOCAL lock_timeout = %s", LOCK_TIMEOUT))
                return self._take(*args, **kwargs)
            except SerializationFailure:
                if attempt + 1 == ATTEMPTS:
                    raise
            except LockNotAvailable as error:
                self.env.cr.rollback()
                raise UserError(self.env._("These points are in use at this moment. Try again.")) from error
            self.env.cr.rollback()
            self.env.invalidate_all(flush=False)
        return self.browse()

    @api.model
    def _lock(self, account):
        """Write an account's row over, unchanged, without a line in the log when another was faster."""
        self.env.cr.execute(
            SQL("UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id = %s", account.id), log_exceptions=False
        )

    @api.model
    def _uses(self, account, quantity, name):
        try:
            return self.env["fidelity.lot"].sudo()._spend(account, quantity)
        except RuleError as error:
            if error.code != "short":
                raise UserError(self.env._("Enter how many points to spend, at least 1.")) from error
            raise UserError(account._why_not_more(name)) from error

    def _check_same(self, member, quantity, unit="points"):
        """An operation that is repeated is the same operation."""
        self.ensure_one()
        same = (self.member_id, self.quantity, self.account_id.unit) == (member, quantity, unit)
        if not same or self.status != "held":
            raise UserError(self.env._("This hold was used before. Set the points aside anew."))
        return self

    @api.model
    def _captured(self, key, account):
        """End what was set aside with a key of an account, if it still is: the caller's posting spends it, from whatever lots."""
        self.search([("key", "=", key), ("account_id", "=", account.id)])._end("captured")

    # -- ending ----------------------------------------------------------------------------------------------------

    def _check_covers(self, account, quantity):
        """Refuse a hold of another account, of another quantity, or one that has ended.

        :raise UserError: with the way out
        """
        self.ensure_one()
        if self.account_id != account or self.quantity != quantity:
            raise UserError(self.env._("What was set aside is not what is to be paid. Set the points aside anew."))
        if self.status != "held":
            raise UserError(self.env._("The points are not set aside any more. Set them aside anew."))

    def _capture(self):
        """End this hold by spending it, in the caller's transaction, and say from which lots. Capturing never fails for want of
        points: where a return or a merge took some of them meanwhile, the account owes the rest.

        :return: the ``uses`` of the caller's entry of minus :attr:`quantity`; together less where the lots hold less
        """
        self.ensure_one()
        self._lock(self.account_id)
        if not self._end("captured"):
            raise UserError(self.env._("The points are not set aside any more. Set them aside anew."))
        left = {lot.key: lot.left for lot in self.env["fidelity.lot"].sudo()._left_in(self.account_id)[self.account_id.id]}
        parts = [(lot.lot_id.id, min(lot.quantity, left.get(lot.lot_id.id, 0))) for lot in self.lot_ids]
        return [{"lot_id": lot_id, "quantity": part} for lot_id, part in parts if part > 0]

    def _release(self):
        """End these holds without spending them. Ending what has ended changes nothing.

        :return: those that ended now
        """
        return self._end("released")

    def _end(self, state):
        if not self:
            return self
        rows = self.env.execute_query(
            SQL(
                "UPDATE fidelity_hold SET state = %s, ended_at = %s WHERE id IN %s AND state = 'held' RETURNING id",
                state,
                self.env.cr.now().replace(microsecond=0),
                tuple(self.ids),
            )
        )
        self.invalidate_recordset()
        self.member_id.invalidate_recordset(["available_points", "held_points"])
        return self.browse(row[0] for row in rows)

    def action_release(self):
        """Let these points be spent again."""
        if not self.env.user.has_group("loyalty_fidelity.group_fidelity_user"):
            raise AccessError(self.env._("Only loyalty users can release points that are set aside. Ask your manager."))
        self.check_access("read")
        self.sudo()._release()

    @api.autovacuum
    def _gc_holds(self):
        """Mark what has lapsed, and forget what ended long ago."""
        now = self.env.cr.now()
        lapsed = self.search([("state", "=", "held"), ("expires_at", "<=", now)], limit=10_000)
        lapsed._end("lapsed")
        self.env.cr.execute(
            SQL("DELETE FROM fidelity_hold WHERE state <> 'held' AND expires_at < %s", now - timedelta(days=KEEP_DAYS))
        )
        self.invalidate_model()


class FidelityHoldLot(models.Model):
    """What a hold sets aside of a lot."""

    _name = "fidelity.hold.lot"
    _inherit = "fidelity.guarded"
    _description = "Lot of a hold"
    _log_access = False

    hold_id = fields.Many2one("fidelity.hold", required=True, readonly=True, ondelete="cascade", index=True)
    lot_id = fields.Many2one("fidelity.lot", required=True, readonly=True, ondelete="cascade", index=True)
    quantity = BigInteger(required=True, readonly=True, help="How many of its points are set aside.")
    expires_date = fields.Date(related="lot_id.expires_date", help="The last day they can be used.")

    _positive = models.Constraint("CHECK (quantity > 0)", "A hold sets something aside.")


class FidelityCardType(models.Model):
    """How long points are set aside."""

    _inherit = "fidelity.card.type"

    hold_minutes = fields.Integer(
        string="Set aside for", required=True, default=15, help="How many minutes points stay set aside for a basket being paid."
    )

    _hold_minutes_bounds = models.Constraint(
        "CHECK (hold_minutes BETWEEN 1 AND 1440)", "Points are set aside for 1 to 1440 minutes."
    )
