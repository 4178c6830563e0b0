from odoo import api, fields, models
from odoo.tools import SQL

from .big_integer import BigInteger

UNITS = [("points", "Points"), ("money", "Cashback"), ("price", "Taken off")]


class FidelityReceiptEarning(models.Model):
    """What one benefit gave on one receipt, after its limits: how much of a limit of the day and month is used.

    What comes back later does not give room again. Two sales of one member that are posted at the same moment do not see
    each other, and together may use more than what was left: neither waits for the other.
    """

    _name = "fidelity.receipt.earning"
    _inherit = "fidelity.append.only"
    _description = "What a benefit gave"
    _log_access = False
    _order = "receipt_id, id"

    receipt_id = fields.Many2one("fidelity.receipt", required=True, readonly=True, ondelete="restrict", index=True)
    member_id = fields.Many2one("fidelity.member", required=True, readonly=True, ondelete="restrict", help="Who got it.")
    benefit = fields.Char(required=True, readonly=True, help="The key of the benefit in the rules of the receipt.")
    unit = fields.Selection(UNITS, required=True, readonly=True, help="What it gave.")
    quantity = BigInteger(required=True, readonly=True, help="How much: points, or minor units of money.")
    day = fields.Date(required=True, readonly=True, help="The day, by the store's calendar.")
    currency_id = fields.Many2one(related="receipt_id.currency_id")
    text = fields.Char(string="Gave", compute="_compute_text", help="What it gave, in words.")

    _used_index = models.Index("(member_id, benefit, day) INCLUDE (quantity)")

    @api.depends("unit", "quantity")
    @api.depends_context("lang")
    def _compute_text(self):
        for row in self:
            if row.unit == "points":
                row.text = self.env["fidelity.benefit"]._points_words(row.quantity)
            else:
                row.text = row.currency_id.format(row.quantity / 10**row.currency_id.decimal_places)

    @api.model
    def _used(self, member_id, keys, day):
        """What benefits gave a member before, on a day and in its calendar month.

        :param keys: of benefits with such a limit
        :param date day: of the store
        :return: as the kernel's ``Situation.used``
        """
        if not keys:
            return {}
        first = day.replace(day=1)
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT e.benefit, sum(e.quantity) AS month, COALESCE(sum(e.quantity) FILTER (WHERE e.day = %(day)s), 0) AS day
                  FROM (SELECT %(member)s AS id UNION ALL SELECT id FROM fidelity_member WHERE merged_into_id = %(member)s) w
                  JOIN fidelity_receipt_earning e ON e.member_id = w.id
                 WHERE e.benefit = ANY (%(keys)s) AND e.day >= %(first)s AND e.day < %(next)s
              GROUP BY e.benefit
                """,
                member=member_id,
                keys=list(keys),
                day=day,
                first=first,
                next=fields.Date.add(first, months=1),
            )
        )
        used = {}
        for row in rows:
            used.update({f"{row['benefit']}:{span}": int(row[span]) for span in ("day", "month") if row[span]})
        return used
