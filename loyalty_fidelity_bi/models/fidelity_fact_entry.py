from odoo import api, fields, models
from odoo.tools import SQL


class FidelityFactEntry(models.Model):
    """Movements of the ledger by day, hour, store, card type and reason; points and money never in one sum.

    What members move among themselves (merged, or in a household) is neither given nor taken: it counts in the net
    figure only, where it adds up to nothing.
    """

    _name = "fidelity.fact.entry"
    _inherit = "fidelity.fact"
    _description = "Points given and used"
    _auto = False
    _log_access = False
    _rolled = "fidelity.rolled.entry"
    _depends = {"fidelity.store": ["tz"], "fidelity.card.type": ["currency_id"]}

    hour = fields.Selection(lambda self: self._hours(), readonly=True, help="The hour, by the clock of the store.")
    kind = fields.Selection(
        lambda self: self.env["fidelity.ledger.entry"]._fields["kind"]._description_selection(self.env),
        string="Why",
        readonly=True,
        help="Why accounts moved.",
    )
    unit = fields.Selection(
        lambda self: self.env["fidelity.account"]._fields["unit"]._description_selection(self.env),
        readonly=True,
        help="What is counted.",
    )
    entry_count = fields.Integer(string="Entries", readonly=True, help="Entries of the ledger.")
    points_in = fields.Integer(string="Points given", readonly=True, help="What came into accounts, moves among members aside.")
    points_out = fields.Integer(
        string="Points taken", readonly=True, help="What went out of accounts, moves among members aside; a positive number."
    )
    points_net = fields.Integer(string="Points, net", readonly=True, help="Given less taken: how the total of all balances moved.")
    money_in = fields.Monetary(string="Cashback given", readonly=True, help="What came into money accounts.")
    money_out = fields.Monetary(string="Cashback taken", readonly=True, help="What went out of money accounts.")
    money_net = fields.Monetary(string="Cashback, net", readonly=True, help="Given less taken.")

    @api.model
    def _shape_sql(self, rows):
        money_in, money_out = self._money("quantity_in"), self._money("quantity_out")
        return SQL(
            """
            SELECT f.id, f.day, lpad(f.hour::text, 2, '0') AS hour, extract(isodow FROM f.day)::text AS weekday, f.store_id,
                   f.card_type_id, f.company_id, ct.currency_id, f.kind, f.unit, f.entry_count,
                   CASE WHEN f.unit = 'points' AND f.kind NOT IN ('transfer', 'renew') THEN f.quantity_in ELSE 0 END AS points_in,
                   CASE WHEN f.unit = 'points' AND f.kind NOT IN ('transfer', 'renew') THEN f.quantity_out ELSE 0 END AS points_out,
                   CASE WHEN f.unit = 'points' THEN f.quantity_in - f.quantity_out ELSE 0 END AS points_net,
                   CASE WHEN f.unit = 'money' AND f.kind NOT IN ('transfer', 'renew') THEN %(money_in)s ELSE 0 END AS money_in,
                   CASE WHEN f.unit = 'money' AND f.kind NOT IN ('transfer', 'renew') THEN %(money_out)s ELSE 0 END AS money_out,
                   CASE WHEN f.unit = 'money' THEN %(money_in)s - %(money_out)s ELSE 0 END AS money_net
              FROM (%(rows)s) f
              JOIN fidelity_card_type ct ON ct.id = f.card_type_id
              JOIN res_currency cur ON cur.id = ct.currency_id
            """,
            money_in=money_in,
            money_out=money_out,
            rows=rows,
        )
