from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

MOST = 1_000_000
#: Who has no more right than to look after cards makes at most so many at a time.
MOST_BY_USER = 10_000
#: Cards made in one transaction; a batch of at most so many is made at once, larger ones in the background.
PART = 5_000


class FidelityCardBatch(models.Model):
    """Cards made together: to be handed out, for all members without a card, or to follow cards that expire.

    Invariants: cards are made part by part, each part with the count of what is made in one transaction, so that a batch
    that was interrupted goes on where it stopped; two at work on one batch never make a part twice.
    """

    _name = "fidelity.card.batch"
    _description = "Batch of cards"
    _order = "id desc"

    card_type_id = fields.Many2one(
        "fidelity.card.type", required=True, readonly=True, ondelete="restrict", index=True, help="What kind of cards."
    )
    company_id = fields.Many2one(related="card_type_id.company_id", store=True, index=True)
    kind = fields.Selection(
        [("hand_out", "To be handed out"), ("members", "For members without a card"), ("reissue", "To follow cards that expire")],
        required=True,
        readonly=True,
        default="hand_out",
        help="Whom the cards are for.",
    )
    quantity = fields.Integer(string="Cards", readonly=True, help="How many cards are to be made.")
    made_count = fields.Integer(string="Made", readonly=True, help="How many are made so far.")
    given_count = fields.Integer(string="Given out", compute="_compute_given_count", help="How many have a member.")
    progress = fields.Float(compute="_compute_progress", help="How much of it is made, in percent.")
    medium = fields.Selection(
        [("barcode", "Barcode"), ("stripe", "Magnetic stripe"), ("chip", "Chip"), ("virtual", "Virtual")],
        required=True,
        readonly=True,
        default="barcode",
        help="How readers read them.",
    )
    expiring_date = fields.Date(
        string="Expire until", readonly=True, help="Cards valid until this day at the latest get a successor."
    )
    replace_date = fields.Date(
        string="Replace on",
        readonly=True,
        help="The day on which the old cards stop at the latest, where the new ones are given out.",
    )
    last_id = fields.Integer(readonly=True)
    state = fields.Selection(
        [("running", "Being made"), ("done", "Ready"), ("stopped", "Stopped"), ("giving", "Being given out")],
        required=True,
        readonly=True,
        default="running",
        index=True,
        help="A stopped batch keeps what was made and can go on.",
    )
    author_name = fields.Char(string="Made by", readonly=True, help="Who asked for it.")
    card_ids = fields.One2many("fidelity.card", "batch_id", help="The cards made.")

    @api.depends("card_type_id", "create_date")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for batch in self:
            batch.display_name = self.env._("%(type)s, batch %(number)s", type=batch.card_type_id.name, number=batch.id)

    def _compute_given_count(self):
        domain = [("batch_id", "in", self.ids), ("member_id", "!=", False)]
        counts = dict(self.env["fidelity.card"]._read_group(domain, ["batch_id"], ["__count"]))
        for batch in self:
            batch.given_count = counts.get(batch, 0)

    @api.depends("quantity", "made_count")
    def _compute_progress(self):
        for batch in self:
            batch.progress = 100 * batch.made_count / batch.quantity if batch.quantity else 100

    def write(self, vals):
        raise AccessError(self.env._("A batch of cards is not edited. Use its buttons: Stop, Go on, Give all out."))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_made(self):
        if any(batch.made_count for batch in self):
            raise UserError(self.env._("A batch says when its cards were made and by whom: it stays."))

    def _set(self, vals):
        """Write what nobody edits by hand. Callers have checked the right to."""
        return super().write(vals)

    @api.model
    def _start(self, card_type, kind="hand_out", quantity=0, medium="barcode", expiring_date=None, replace_date=None):
        """Make cards: at once where they are few, else in the background.

        :return: the batch
        :raise UserError: the number is not possible
        :raise AccessError: the user may not make so many
        """
        self.env["fidelity.card"].check_access("create")
        card_type.check_access("read")
        may_all = self.env.user.has_group("loyalty_fidelity.group_fidelity_manager")
        batch = self.new({"card_type_id": card_type.id, "kind": kind, "expiring_date": expiring_date})
        if kind != "hand_out":
            if not may_all:
                raise AccessError(self.env._("Only a loyalty manager makes cards for many members at once. Ask yours."))
            quantity = batch._count_wanted()
            if not quantity:
                raise UserError(self.env._("There is nobody to make a card for."))
        if not 1 <= quantity <= MOST:
            raise UserError(self.env._("Cards: enter a number from 1 to 1,000,000."))
        if quantity > MOST_BY_USER and not may_all:
            raise AccessError(self.env._("Only a loyalty manager makes more than 10,000 cards at a time. Ask yours."))
        batch = self.sudo().create(
            {
                "card_type_id": card_type.id,
                "kind": kind,
                "quantity": quantity,
                "medium": medium,
                "expiring_date": expiring_date,
                "replace_date": replace_date,
                "author_name": self.env.user.name,
            }
        )
        if quantity <= PART:
            while batch._make_some():
                pass
        else:
            batch._go_on_soon()
        return batch.sudo(False)

    def _go_on_soon(self):
        self.env.ref("loyalty_fidelity.ir_cron_card_batch").sudo()._trigger()

    @api.model
    def _cron_make(self):
        """Go on with what is being made or given out, in committed parts."""
        batches = self.search([("state", "in", ("running", "giving"))], order="id")
        left = sum(batch.quantity - batch.made_count for batch in batches)
        self.env["ir.cron"]._commit_progress(remaining=left)
        for batch in batches:
            work = batch._make_some if batch.state == "running" else batch._give_some
            while count := work():
                if not self.env["ir.cron"]._commit_progress(count):
                    return

    def _held(self):
        """Hold this batch for this transaction.

        :return: whether it is ours; another one at work on it does it otherwise
        """
        rows = self.env.execute_query(SQL("SELECT id FROM fidelity_card_batch WHERE id = %s FOR UPDATE SKIP LOCKED", self.id))
        self.invalidate_recordset()
        return bool(rows)

    def _make_some(self):
        """Make the next part.

        :return: how many cards; zero when it is ready, stopped, or made by somebody else right now
        """
        self.ensure_one()
        self.env.flush_all()
        if not self._held() or self.state != "running":
            return 0
        count = min(PART, self.quantity - self.made_count)
        by_hand = self.kind == "hand_out"
        wanted = [(None, None)] * count if by_hand else self.env.execute_query(self._wanted_sql(self.last_id, PART))
        rest = wanted
        while rest:
            # A number that somebody typed by hand before is passed over.
            numbers = self.card_type_id._take_numbers(len(rest))
            there = self._insert_cards(rest, numbers)
            rest = [row for row, number in zip(rest, numbers, strict=True) if number not in there]
        made = self.made_count + len(wanted)
        # Who came or went since it was counted changes how many there are.
        ready = made >= self.quantity if by_hand else len(wanted) < PART
        self._set(
            {
                "made_count": made,
                "quantity": made if ready else max(self.quantity, made),
                "last_id": max((row[1] or row[0] or 0 for row in wanted), default=self.last_id),
                "state": "done" if ready else "running",
            }
        )
        self.flush_recordset()
        return len(wanted)

    def _count_wanted(self):
        """How many cards a batch for members, or of successors, would make."""
        self.env.flush_all()
        return self.env.execute_query(SQL("SELECT count(*) FROM (%s) n", self._wanted_sql(0, None)))[0][0]

    def _wanted_sql(self, after, limit):
        """SQL of who gets a card next: rows of a member's id or nothing, and the id of the card to follow or nothing."""
        limit = SQL("LIMIT %s", limit) if limit else SQL()
        if self.kind == "members":
            return SQL(
                """
                SELECT m.id, NULL::int FROM fidelity_member m
                 WHERE m.card_type_id = %s AND m.state = 'active' AND m.id > %s
                   AND NOT EXISTS (SELECT 1 FROM fidelity_card c WHERE c.member_id = m.id AND c.state IN ('active', 'blocked'))
              ORDER BY m.id %s
                """,
                self.card_type_id.id,
                after,
                limit,
            )
        return SQL(
            """
            SELECT NULL::int, c.id FROM fidelity_card c JOIN fidelity_member m ON m.id = c.member_id
             WHERE c.card_type_id = %s AND c.state = 'active' AND c.expires_date <= %s AND c.id > %s AND m.state = 'active'
               AND NOT EXISTS (SELECT 1 FROM fidelity_card n WHERE n.predecessor_id = c.id AND n.state IN ('draft', 'active'))
          ORDER BY c.id %s
            """,
            self.card_type_id.id,
            self.expiring_date or None,
            after,
            limit,
        )

    def _insert_cards(self, wanted, numbers):
        """Insert cards and, where they have a member, their history, in one statement.

        :param wanted: rows as of :meth:`_wanted_sql`
        :param numbers: as many
        :return: set of the numbers inserted: those that no card had
        """
        now = fields.Datetime.now()
        state = "active" if self.kind == "members" else "draft"
        expires_date = self.kind == "members" and self.card_type_id._expires_from(now.date())
        events = self.env["fidelity.card.event"]._insert_sql("c", None)
        rows = self.env.execute_query(
            SQL(
                """
                WITH n AS (INSERT INTO fidelity_card (number, member_id, predecessor_id, card_type_id, company_id, medium, state,
                                                      state_at, batch_id, replace_date, expires_date, create_uid, create_date,
                                                      write_uid, write_date)
                           SELECT x.*, %(type)s, %(company)s, %(medium)s, %(state)s, %(now)s, %(batch)s, %(replace)s,
                                  %(expires)s, %(uid)s, %(now)s, %(uid)s, %(now)s
                             FROM unnest(%(numbers)s::text[], %(members)s::int[], %(earlier)s::int[]) x
                        ON CONFLICT (number) DO NOTHING RETURNING id, number, state, member_id),
                     c AS (SELECT id, NULL AS from_state, state, member_id FROM n WHERE member_id IS NOT NULL),
                     e AS (%(events)s)
                SELECT number FROM n
                """,
                type=self.card_type_id.id,
                company=self.card_type_id.company_id.id or None,
                medium=self.medium,
                state=state,
                now=now,
                batch=self.id,
                replace=self.replace_date or None,
                expires=expires_date or None,
                uid=self.create_uid.id,
                numbers=numbers,
                members=[row[0] for row in wanted],
                earlier=[row[1] for row in wanted],
                events=events,
            )
        )
        self.env["fidelity.card"].invalidate_model()
        return {row[0] for row in rows}

    def _give_some(self):
        """Give the next successors to the members of the cards that they follow.

        :return: how many; zero when all are given out
        """
        self.ensure_one()
        self.env.flush_all()
        if not self._held() or self.state != "giving":
            return 0
        ids = SQL(
            """
            SELECT n.id FROM fidelity_card n JOIN fidelity_card o ON o.id = n.predecessor_id
              JOIN fidelity_member m ON m.id = o.member_id
             WHERE n.batch_id = %s AND n.state = 'draft' AND m.state = 'active' ORDER BY n.id LIMIT %s
            """,
            self.id,
            PART,
        )
        also = SQL(
            ", member_id = (SELECT p.member_id FROM fidelity_card p WHERE p.id = c.predecessor_id), expires_date = %s",
            self.card_type_id._expires_from(fields.Datetime.now().date()) or None,
        )
        count = self.env["fidelity.card"]._change_in_sql(ids, "active", self.env._("Given out with its batch"), also)
        if not count:
            self._set({"state": "done"})
        return count


class FidelityCard(models.Model):
    _inherit = "fidelity.card"

    batch_id = fields.Many2one(
        "fidelity.card.batch",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The batch with which it was made.",
    )
