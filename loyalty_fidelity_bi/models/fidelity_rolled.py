from odoo import api, models
from odoo.tools import SQL


class FidelityRolled(models.AbstractModel):
    """Sums over receipts or ledger entries that can no longer change, one row a combination of keys.

    Written by :class:`fidelity.rollup` only; the ORM refuses everybody. A concrete model says what its keys, sums and
    latest values are, and how the sources give one row for each document; :meth:`_add` brings both together.
    """

    _name = "fidelity.rolled"
    _inherit = "fidelity.guarded"
    _description = "Rolled-up figures"
    _log_access = False

    #: Columns that tell rows apart, and the unique index over them as SQL.
    _keys = ()
    _key_sql = ""
    #: Columns that are summed, and columns of which the latest value is kept.
    _sums = ()
    _latest = ()

    @api.model
    def _columns(self):
        """SQL identifiers of all columns but ``id``, in the order of :meth:`_source_sql`."""
        return [SQL.identifier(name) for name in (*self._keys, *self._sums, *self._latest)]

    @api.model
    def _source_sql(self, condition):
        """SQL with one row for each document of the sources: ``id`` and all columns.

        :param SQL condition: on the row ``p`` with ``id`` (of the posting) and, where the model has them, ``store_id`` and
            ``company_id``
        """
        raise NotImplementedError(self._name)

    @api.model
    def _add(self, condition):
        """Add documents to the sums.

        :param SQL condition: on the row ``p`` with ``id`` (of the posting) and, where the model has them, ``store_id`` and
            ``company_id``
        """
        keys = SQL(", ").join(SQL.identifier(name) for name in self._keys)
        sums = [SQL("sum(s.%(c)s) AS %(c)s", c=SQL.identifier(name)) for name in self._sums]
        latest = [SQL("max(s.%(c)s) AS %(c)s", c=SQL.identifier(name)) for name in self._latest]
        table = SQL.identifier(self._table)
        updates = [SQL("%(c)s = %(t)s.%(c)s + EXCLUDED.%(c)s", c=SQL.identifier(name), t=table) for name in self._sums]
        updates += [SQL("%(c)s = GREATEST(%(t)s.%(c)s, EXCLUDED.%(c)s)", c=SQL.identifier(name), t=table) for name in self._latest]
        self.env.cr.execute(
            SQL(
                "INSERT INTO %s (%s) SELECT %s, %s FROM (%s) s GROUP BY %s ON CONFLICT %s DO UPDATE SET %s",
                table,
                SQL(", ").join(self._columns()),
                keys,
                SQL(", ").join(sums + latest),
                self._source_sql(condition),
                keys,
                SQL(self._key_sql),
                SQL(", ").join(updates),
            )
        )
        self.invalidate_model()

    @api.model
    def _clock_joins(self):
        """SQL that joins what tells the local time ``clock.local_at`` of posting ``p``.

        It is the store's time zone; for what happened in no store the company's, else UTC.
        """
        return SQL(
            """
            LEFT JOIN fidelity_store store ON store.id = p.store_id
            JOIN res_company company ON company.id = p.company_id
            JOIN res_partner company_partner ON company_partner.id = company.partner_id
            CROSS JOIN LATERAL (SELECT p.occurred_at AT TIME ZONE 'UTC'
                                       AT TIME ZONE COALESCE(store.tz, company_partner.tz, 'UTC') AS local_at) clock
            """
        )
