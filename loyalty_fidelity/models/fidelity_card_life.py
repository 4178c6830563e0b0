from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

#: A day is over everywhere on earth twelve hours after it is over in Greenwich.
LATEST_ZONE = timedelta(hours=12)
#: Cards that change in one transaction.
BATCH = 5_000


class FidelityCard(models.Model):
    """Ends and successors of cards.

    Invariants: a card works to the end of its last day, wherever the shop is; a sale made until then counts, also when it
    arrives later. A successor is given out only to the member of the card that it follows, which works on until the
    successor was used or the stated day has come.
    """

    _inherit = "fidelity.card"

    expires_date = fields.Date(
        string="Valid until", index="btree_not_null", copy=False, help="The last day on which it works. Empty: it does not expire."
    )
    predecessor_id = fields.Many2one(
        "fidelity.card",
        string="Follows",
        readonly=True,
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        help="The card that it will replace.",
    )
    replace_date = fields.Date(
        string="Replaces it on", readonly=True, copy=False, help="The day on which the earlier card stops working at the latest."
    )
    event_ids = fields.One2many("fidelity.card.event", "card_id", string="History", help="Every change, by whom and why.")

    def write(self, vals):
        if "expires_date" in vals and not self.env.user.has_group("loyalty_fidelity.group_fidelity_manager"):
            raise AccessError(self.env._("Only a loyalty manager changes how long a card is valid. Ask yours."))
        return super().write(vals)

    @api.model
    def _last_day(self, moment=None):
        """The last day that is over everywhere at a moment: cards valid until it have expired."""
        return ((moment or fields.Datetime.now()) - LATEST_ZONE).date() - timedelta(days=1)

    @api.model
    def _state_sql(self, card, moment):
        """SQL of the state that a card has at a moment: an end by date counts from that date, not from when it was noted.

        :param SQL card: alias of the card's row
        :param datetime moment: UTC, naive
        """
        return SQL(
            "CASE WHEN %(c)s.state = 'active' AND %(c)s.expires_date <= %(last)s THEN 'expired'"
            " WHEN %(c)s.state = 'expired' AND %(c)s.expires_date > %(last)s AND %(c)s.member_id IS NOT NULL THEN 'active'"
            " ELSE %(c)s.state END",
            c=card,
            last=self._last_day(moment),
        )

    @api.model
    def _cron_expire(self):
        """End what is over, and the cards whose successors are used, in committed batches."""
        for change in (self._expire_some, self._replace_some):
            while count := change(BATCH):
                if not self.env["ir.cron"]._commit_progress(count, remaining=count):
                    return
        self.env["ir.cron"]._commit_progress(remaining=0)

    @api.model
    def _expire_some(self, limit):
        """End cards whose last day is over.

        :return: how many; zero when none is left
        """
        ids = SQL(
            "SELECT id FROM fidelity_card WHERE expires_date <= %s AND state IN ('draft', 'active', 'blocked') ORDER BY id LIMIT %s",
            self._last_day(),
            limit,
        )
        return self._change_in_sql(ids, "expired", self.env._("Its last day is over"))

    @api.model
    def _replace_some(self, limit):
        """End cards whose successor was given out and used, or whose day of replacement has come.

        :return: how many
        """
        ids = SQL(
            """
            SELECT o.id FROM fidelity_card n JOIN fidelity_card o ON o.id = n.predecessor_id
             WHERE n.predecessor_id IS NOT NULL AND n.state = 'active' AND o.state IN ('active', 'blocked', 'lost')
               AND (n.replace_date <= %s OR EXISTS (SELECT 1 FROM fidelity_receipt r
                                                     WHERE r.member_id = n.member_id AND r.card_id = n.id))
          ORDER BY o.id LIMIT %s
            """,
            fields.Datetime.now().date(),
            limit,
        )
        successor = SQL(
            ", replaced_by_id = (SELECT max(n.id) FROM fidelity_card n WHERE n.predecessor_id = c.id AND n.state = 'active')"
        )
        return self._change_in_sql(ids, "replaced", self.env._("The new card is in use"), successor)

    @api.model
    def _change_in_sql(self, ids, state, reason, also=None):
        """Change the state of many cards and note it, in one statement. Callers have checked the right to.

        :param SQL ids: query of the cards; what others have changed meanwhile fails to serialise and is tried again
        :return: how many
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """
                WITH o AS (SELECT id, state FROM fidelity_card WHERE id IN (%(ids)s) FOR UPDATE),
                     c AS (UPDATE fidelity_card c
                              SET state = %(state)s, state_at = %(now)s, state_reason = %(reason)s, write_uid = %(uid)s,
                                  write_date = %(now)s%(also)s
                             FROM o WHERE o.id = c.id RETURNING c.id, o.state AS from_state, c.state, c.member_id),
                     e AS (%(events)s)
                SELECT count(*) FROM c
                """,
                ids=ids,
                state=state,
                now=fields.Datetime.now(),
                reason=reason,
                uid=self.env.uid,
                also=also or SQL(),
                events=self.env["fidelity.card.event"]._insert_sql("c", reason),
            )
        )
        self.env.invalidate_all()
        return rows[0][0]
