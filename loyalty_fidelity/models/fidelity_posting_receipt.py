from psycopg2.extras import Json

from odoo import api, models
from odoo.tools import SQL

#: Columns of a receipt's lines, of effects on their prices and of what returns took back: name → type.
LINE = {
    "sequence": "int",
    "source_key": "text",
    "original_line_id": "int",
    "kind": "text",
    "product_id": "int",
    "name": "text",
    "quantity_micro": "bigint",
    "total_minor": "bigint",
    "untaxed_minor": "bigint",
    "points": "bigint",
    "cashback_minor": "bigint",
    "manual_bps": "int",
    "card_bps": "int",
    "discount_minor": "bigint",
    "allocated_minor": "bigint",
    "allocated_untaxed_minor": "bigint",
    "selectors": "text",
    "member_price_minor": "bigint",
}
EFFECT = {"benefit": "text", "kind": "text", "percent_bps": "int", "amount_minor": "bigint", "carrier_key": "text"}
REVERSAL = {
    "original_id": "int",
    "sequence": "int",
    "points": "bigint",
    "cashback_minor": "bigint",
    "rolling_bps": "int",
    "rolling_minor": "bigint",
    "expired_points": "bigint",
    "forgiven_points": "bigint",
    "deducted_points": "bigint",
    "deducted_minor": "bigint",
    "base_minor": "bigint",
}
DEBT = {"source_id": "int", "quantity": "bigint"}
EARNING = {"member_id": "int", "benefit": "text", "unit": "text", "quantity": "bigint", "day": "date"}


class FidelityPosting(models.Model):
    """The parts of a posting's one statement that write its receipt ``r``."""

    _inherit = "fidelity.posting"

    @api.model
    def _lines_sql(self, lines):
        """The receipt's lines, and the effects on their prices where there are any: a list of parts."""
        columns = SQL(", ").join(map(SQL.identifier, LINE))
        rows = [{name: line[name] for name in LINE} for line in lines]
        parts = [
            SQL(
                "rl AS (INSERT INTO fidelity_receipt_line (receipt_id, %s) SELECT r.id, %s FROM r, %s"
                " RETURNING id, receipt_id, sequence)",
                columns,
                columns,
                self._recordset_sql(LINE, rows),
            )
        ]
        effects = [{"sequence": line["sequence"], **effect} for line in lines for effect in line["effects"]]
        if effects:
            columns = SQL(", ").join(map(SQL.identifier, EFFECT))
            parts.append(
                SQL(
                    "re AS (INSERT INTO fidelity_receipt_effect (receipt_id, line_id, %s) SELECT rl.receipt_id, rl.id, %s"
                    " FROM %s JOIN rl ON rl.sequence = x.sequence)",
                    columns,
                    columns,
                    self._recordset_sql({"sequence": "int", **EFFECT}, effects),
                )
            )
        return parts

    @api.model
    def _reversals_sql(self, reversals):
        return self._belonging_sql("v", "fidelity_receipt_reversal", REVERSAL, reversals)

    @api.model
    def _earnings_sql(self, earnings):
        return self._belonging_sql("b", "fidelity_receipt_earning", EARNING, earnings)

    @api.model
    def _debts_sql(self, debts):
        return self._belonging_sql("d", "fidelity_receipt_debt", DEBT, debts)

    @api.model
    def _belonging_sql(self, name, table, types, rows):
        """A part that inserts rows which belong to the receipt ``r``.

        :param dict types: column → SQL type
        :param rows: dicts, which may have more than these columns
        """
        return SQL(
            "%s AS (INSERT INTO %s (receipt_id, %s) SELECT r.id, %s FROM r, %s)",
            SQL.identifier(name),
            SQL.identifier(table),
            SQL(", ").join(map(SQL.identifier, types)),
            SQL(", ").join(SQL("x.%s", SQL.identifier(column)) for column in types),
            self._recordset_sql(types, [{column: row[column] for column in types} for row in rows]),
        )

    @api.model
    def _recordset_sql(self, types, rows):
        """Rows as a table ``x``.

        :param dict types: column → SQL type
        :param list rows: dicts; what is missing is NULL
        """
        columns = SQL(", ").join(SQL("%s %s", SQL.identifier(name), SQL(sql_type)) for name, sql_type in types.items())
        return SQL("jsonb_to_recordset(%s) AS x(%s)", Json(rows), columns)
