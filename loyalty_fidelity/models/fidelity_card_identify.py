from odoo import api, fields, models
from odoo.tools import SQL


class FidelityCard(models.Model):
    """Finding a card with all that a sale needs to know of its member: one statement, whatever his history."""

    _inherit = "fidelity.card"

    @api.model
    def _identify(self, number, moment=None, store_id=None, progress=False):
        """Everything a till needs to know of a card, in one statement.

        :param str number: in normal form
        :param datetime moment: UTC, naive; receipts after it leave no discount for it. Now by default
        :param int store_id: where, for its clock
        :param bool progress: also what is missing to the next tier, which posting a sale need not know
        :return: dict of the row, or None for an unknown card; ``balance`` in points and ``money_balance`` in minor units,
            None without an account; ``rolling_bps``, ``rolling_minor``, ``rolling_until`` and ``rolling_receipt_id`` as the
            member's last purchase left them; what the rules may look at besides: ``store_tz``, ``birth_date``, ``tag_ids``,
            ``own_bps``, ``own_until``, ``purchases``; ``member_pricelist_id`` (None: the shop's prices) and ``member_price_policy``
        """
        self.flush_model()
        self.env["fidelity.member"].flush_model(["state", "holder_id", "partner_id", "tier_id", "merged_into_id", "collects_only"])
        self.env["res.partner"].flush_model(["name", "fidelity_birth_date"])
        self.env["fidelity.store"].flush_model(["tz"])
        for model in ("fidelity.card.type", "fidelity.tier"):
            self.env[model].flush_model(["member_pricelist_id", "member_price_policy"])
        self.env["fidelity.card.type"].flush_model(["cashback_spending", "cashback_spend_minimum"])
        lang = self.env.lang or "en_US"
        moment = moment or fields.Datetime.now()
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT c.id AS card_id, c.number, c.medium, %(state)s AS card_state, c.state_at, c.card_type_id,
                       ct.company_id, ct.color, ct.cashback_spending IS NOT FALSE AS cashback_spending, ct.cashback_spend_minimum,
                       COALESCE(ct.name->>%(lang)s, ct.name->>'en_US') AS card_type_name,
                       m.id AS member_id, m.state AS member_state, m.collects_only, m.partner_id, p.name AS member_name, m.tier_id,
                       COALESCE(t.name->>%(lang)s, t.name->>'en_US') AS tier_name, t.medal,
                       a.id AS account_id, a.unit, %(balance)s AS balance,
                       am.id AS money_account_id, %(money)s AS money_balance,
                       d.rolling_bps, d.rolling_minor, d.rolling_until, d.receipt_id AS rolling_receipt_id,
                       (SELECT s.tz FROM fidelity_store s WHERE s.id = %(store)s) AS store_tz, p.fidelity_birth_date AS birth_date,
                       ARRAY(SELECT g.category_id FROM res_partner_res_partner_category_rel g
                              WHERE g.partner_id = p.id ORDER BY g.category_id) AS tag_ids,
                       w.percent_bps AS own_bps, w.until_date AS own_until, %(purchases)s AS purchases,
                       pl.id AS member_pricelist_id,
                       CASE WHEN t.member_pricelist_id IS NULL THEN ct.member_price_policy
                            ELSE t.member_price_policy END AS member_price_policy%(columns)s
                  FROM fidelity_card c
                  JOIN fidelity_card_type ct ON ct.id = c.card_type_id
             LEFT JOIN fidelity_member m ON m.id = c.member_id
             LEFT JOIN fidelity_tier t ON t.id = m.tier_id
             LEFT JOIN res_partner p ON p.id = m.partner_id
             LEFT JOIN product_pricelist pl ON pl.id = COALESCE(t.member_pricelist_id, ct.member_pricelist_id) AND pl.active
             LEFT JOIN fidelity_account a ON a.holder_id = m.holder_id AND a.unit = 'points'
             LEFT JOIN fidelity_account am ON am.holder_id = m.holder_id AND am.unit = 'money'
             LEFT JOIN LATERAL (%(rolling)s) d ON TRUE
             LEFT JOIN LATERAL (%(own)s) w ON TRUE %(progress)s
                 WHERE c.number = %(number)s
                """,
                lang=lang,
                number=number,
                state=self._state_sql(SQL("c"), moment or fields.Datetime.now()),
                balance=self.env["fidelity.account"]._balance_sql(SQL("a")),
                money=self.env["fidelity.account"]._balance_sql(SQL("am")),
                rolling=self.env["fidelity.receipt"]._rolling_sql(SQL("m.id"), moment),
                own=self.env["fidelity.member.percentage"]._last_sql(SQL("m.id"), moment),
                purchases=self.env["fidelity.receipt"]._purchases_sql(SQL("m.id")),
                store=store_id or None,
                columns=SQL(", nt.next_tier, nt.tier_measure, nt.entry - COALESCE(pr.running, 0) AS missing")
                if progress
                else SQL(),
                progress=self.env["fidelity.tier.progress"]._missing_sql(lang) if progress else SQL(),
            )
        )
        return rows[0] if rows else None
