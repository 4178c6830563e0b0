from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.models.big_integer import BigInteger

KEY = "(member_id)"


class FidelityRolledMember(models.Model):
    """What each member bought so far: how often, for how much in the currency of his card type, and when last.

    Lists of members are searched by it, so they are as old as the last roll-up; figures and balances are not.
    """

    _name = "fidelity.rolled.member"
    _inherit = "fidelity.rolled"
    _description = "Rolled-up members"
    _log_access = False

    _keys = ("member_id",)
    _key_sql = KEY
    _sums = ("purchase_count", "spent_minor")
    _latest = ("last_purchase_at",)

    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="cascade")
    purchase_count = BigInteger(required=True, readonly=True)
    spent_minor = BigInteger(required=True, readonly=True)
    last_purchase_at = fields.Datetime(readonly=True)

    _key_unique = models.UniqueIndex(KEY)
    _last_purchase_index = models.Index("(last_purchase_at, member_id)")
    _spent_index = models.Index("(spent_minor, member_id)")

    @api.model
    def _source_sql(self, condition):
        return SQL(
            """
            SELECT r.id, COALESCE(merged.survivor_id, r.member_id) AS member_id, (r.total_minor > 0)::int AS purchase_count,
                   CASE WHEN r.currency_id = (SELECT ct.currency_id FROM fidelity_member m
                                                JOIN fidelity_card_type ct ON ct.id = m.card_type_id
                                               WHERE m.id = COALESCE(merged.survivor_id, r.member_id))
                        THEN COALESCE(r.total_minor, 0) ELSE 0 END AS spent_minor,
                   CASE WHEN r.total_minor > 0 THEN r.occurred_at END AS last_purchase_at
              FROM fidelity_receipt r
        CROSS JOIN LATERAL (SELECT r.posting_id AS id) p
         LEFT JOIN (%s) merged ON merged.id = r.member_id
             WHERE r.member_id IS NOT NULL AND %s
            """,
            self._survivors_sql(),
            condition,
        )

    @api.model
    def _survivors_sql(self):
        """SQL with ``survivor_id`` for the ``id`` of each merged membership, however often it was merged on."""
        return SQL(
            """
            WITH RECURSIVE chain AS (
                SELECT id, merged_into_id AS survivor_id FROM fidelity_member WHERE merged_into_id IS NOT NULL
             UNION ALL
                SELECT chain.id, next.merged_into_id
                  FROM chain JOIN fidelity_member next ON next.id = chain.survivor_id
                 WHERE next.merged_into_id IS NOT NULL)
            SELECT chain.id, chain.survivor_id
              FROM chain JOIN fidelity_member last ON last.id = chain.survivor_id AND last.merged_into_id IS NULL
            """
        )

    @api.model
    def _seen_sql(self):
        """SQL with ``member_id`` and ``last_purchase_at``: rolled up, and live for what is younger."""
        return SQL(
            "SELECT member_id, last_purchase_at FROM fidelity_rolled_member"
            " UNION ALL SELECT live.member_id, live.last_purchase_at FROM (%s) live",
            self._source_sql(SQL("p.id > %s", self.env["fidelity.rollup"]._watermark())),
        )

    @api.model
    def _merge(self, members, into):
        """What merged members bought goes to the member who has their points now.

        :param members: memberships that are merged
        :param into: one membership
        """
        self.env["fidelity.rollup"]._lock()
        self.env.cr.execute(
            SQL(
                """
                WITH gone AS (DELETE FROM fidelity_rolled_member WHERE member_id IN %s
                           RETURNING purchase_count, spent_minor, last_purchase_at)
                INSERT INTO fidelity_rolled_member AS t (member_id, purchase_count, spent_minor, last_purchase_at)
                SELECT %s, sum(purchase_count), sum(spent_minor), max(last_purchase_at) FROM gone HAVING count(*) > 0
                    ON CONFLICT (member_id) DO UPDATE
                   SET purchase_count = t.purchase_count + EXCLUDED.purchase_count,
                       spent_minor = t.spent_minor + EXCLUDED.spent_minor,
                       last_purchase_at = GREATEST(t.last_purchase_at, EXCLUDED.last_purchase_at)
                """,
                tuple(members.ids),
                into.id,
            )
        )
        self.invalidate_model()

    @api.model
    def _recount(self, members):
        """Roll up anew what these members bought, and those who live on in them: a merge was undone.

        It reads all their receipts.
        """
        rolled_up_to = self.env["fidelity.rollup"]._lock()
        self.env["fidelity.member"].flush_model(["merged_into_id"])
        concerned = (members | members.sudo().merged_ids).ids
        self.env.cr.execute(SQL("DELETE FROM fidelity_rolled_member WHERE member_id = ANY (%s)", concerned))
        self._add(SQL("r.member_id = ANY (%s) AND p.id <= %s", concerned, rolled_up_to))
