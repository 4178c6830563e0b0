from lxml import etree

from odoo import api, fields, models
from odoo.tools import SQL


class FidelityFact(models.AbstractModel):
    """Figures as people read them: what is rolled up, and what is younger added live, in one.

    Read-only. Ids are those of the rolled row (even) or of the document that is not rolled up yet (odd), so a row's id
    lasts until the next roll-up only.
    """

    _name = "fidelity.fact"
    _description = "Figures"
    _auto = False
    _log_access = False
    _order = "day desc, id desc"

    #: The model with the rolled part.
    _rolled = ""
    #: Whether pivot and graph open with amounts, so that several currencies have to be kept apart.
    _opens_with_amounts = False

    day = fields.Date(readonly=True, help="The day, by the clock of the store.")
    weekday = fields.Selection(
        [
            ("1", "Monday"),
            ("2", "Tuesday"),
            ("3", "Wednesday"),
            ("4", "Thursday"),
            ("5", "Friday"),
            ("6", "Saturday"),
            ("7", "Sunday"),
        ],
        readonly=True,
        help="The day of the week, by the clock of the store.",
    )
    store_id = fields.Many2one("fidelity.store", readonly=True, help="Where it happened.")
    card_type_id = fields.Many2one("fidelity.card.type", readonly=True, help="The kind of card.")
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True, help="The currency of the amounts.")

    @property
    def _table_query(self):
        rolled = self.env[self._rolled]
        columns = SQL(", ").join(rolled._columns())
        live = rolled._source_sql(SQL("p.id > %s", self.env["fidelity.rollup"]._watermark()))
        return self._shape_sql(
            SQL(
                "SELECT id::bigint * 2 AS id, %s FROM %s UNION ALL SELECT live.id::bigint * 2 + 1, %s FROM (%s) live",
                columns,
                SQL.identifier(rolled._table),
                columns,
                live,
            )
        )

    @api.model
    def _mixes_currencies(self):
        """Whether the figures that the user sees are in several currencies."""
        if not self._opens_with_amounts or self.env["res.currency"].search_count([], limit=2) < 2:
            return False
        return len(self._read_group([], ["currency_id"])) > 1

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return key + (self._mixes_currencies(),) if view_type in ("pivot", "graph") else key

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Of several currencies, each is a row of its own in the pivot and a colour of its own in the graph."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("pivot", "graph") and self._mixes_currencies():
            place, attributes = (0, {"type": "row"}) if view_type == "pivot" else (1, {})
            arch.insert(place, etree.Element("field", name="currency_id", **attributes))
        return arch, view

    @api.model
    def _shape_sql(self, rows):
        """SQL of the columns of this model.

        :param SQL rows: the columns of the rolled model, rolled up and live
        """
        raise NotImplementedError(self._name)

    @api.model
    def _hours(self):
        """The hours of the day as a selection; the key sorts."""
        return [(f"{hour:02d}", f"{hour:02d}:00") for hour in range(24)]

    @api.model
    def _money(self, column):
        """SQL of an amount in the currency ``cur`` from its minor units in the row ``f``."""
        return SQL("f.%s / power(10::numeric, cur.decimal_places)", SQL.identifier(column))
