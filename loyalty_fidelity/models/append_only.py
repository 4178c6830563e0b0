from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

FUNCTION_NAME = "fidelity_refuse_change"

FUNCTION_BODY = """
BEGIN
    RAISE EXCEPTION 'Table % only grows: % is refused. Post a correction instead.', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
"""


class FidelityGuarded(models.AbstractModel):
    """Rows that only the posting code writes: the ORM refuses everybody, superuser included."""

    _name = "fidelity.guarded"
    _description = "Guarded record"
    _log_access = False

    @api.model_create_multi
    def create(self, vals_list):
        raise self._refusal()

    def write(self, vals):
        raise self._refusal()

    def unlink(self):
        raise self._refusal()

    @api.model
    def _refusal(self):
        return AccessError(
            self.env._(
                "%(model)s is a record of what happened: nobody can add, change or delete it by hand. "
                "A loyalty manager can post an adjustment with a reason instead.",
                model=self.env["ir.model"]._get(self._name).name,
            )
        )

    @api.model
    def _append(self, vals_list):
        """Insert rows. Callers have checked the right to do so.

        :param vals_list: one dict of field values per row
        :return: the new records
        """
        return super().create(vals_list)


class FidelityAppendOnly(models.AbstractModel):
    """Rows that are written once, by the code that posts, and never changed.

    Invariants: those of ``fidelity.guarded``; and the database refuses UPDATE, DELETE and TRUNCATE to everyone
    (triggers ``<table>_append_only`` and ``<table>_no_truncate``).

    A concrete model sets ``_log_access = False`` and has no stored computed field: either would make the ORM
    update a row after inserting it.
    """

    _name = "fidelity.append.only"
    _inherit = "fidelity.guarded"
    _description = "Append-only record"
    _log_access = False

    @api.private
    def init(self):
        super().init()
        if self._abstract or not self._auto:
            return
        function, body = self._append_only_function()
        self.env.cr.execute(SQL("CREATE OR REPLACE FUNCTION %s() RETURNS trigger AS %s LANGUAGE plpgsql", SQL(function), body))
        for trigger, event, level in self._append_only_triggers():
            self.env.cr.execute(
                SQL(
                    "CREATE OR REPLACE TRIGGER %s BEFORE %s ON %s FOR EACH %s EXECUTE FUNCTION %s()",
                    SQL.identifier(trigger),
                    SQL(event),
                    SQL.identifier(self._table),
                    SQL(level),
                    SQL.identifier(function),
                )
            )
            # Also for a session that calls itself a replica, where ordinary triggers do not fire.
            self.env.cr.execute(
                SQL("ALTER TABLE %s ENABLE ALWAYS TRIGGER %s", SQL.identifier(self._table), SQL.identifier(trigger))
            )

    @api.model
    def _append_only_function(self):
        """What the triggers of this table do.

        :return: (name of the database's function, its body)
        """
        return FUNCTION_NAME, FUNCTION_BODY

    @api.model
    def _append_only_triggers(self):
        """The triggers that guard this table.

        :return: tuples (trigger name, event, level)
        """
        return (
            (f"{self._table}_append_only", "UPDATE OR DELETE", "ROW"),
            (f"{self._table}_no_truncate", "TRUNCATE", "STATEMENT"),
        )

    @api.model
    def _append_only_models(self):
        """Names of all concrete append-only models of this database, sorted."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if not model._abstract and issubclass(model, self.env.registry["fidelity.append.only"])
        )
