"""What installing and using the addons leaves outside what Odoo takes away by itself, and how it is taken away."""

from odoo.tools import SQL

from .models import fidelity_consent
from .models.append_only import FUNCTION_NAME

#: Odoo's models that name another model in a text, and the field that does. Nothing deletes their rows with that model.
NAMING = {
    "ir.filters": "model_id",
    "ir.exports": "resource",
    "ir.ui.view": "model",
    "ir.actions.act_window": "res_model",
    "ir.attachment": "res_model",
}


def uninstall_hook(env):
    """Take away what is left of loyalty, so that Odoo can drop its tables."""
    for function in (FUNCTION_NAME, fidelity_consent.FUNCTION_NAME):
        env.cr.execute(f"DROP FUNCTION IF EXISTS {function}() CASCADE")
    ours = [name for name in env.registry if name.startswith("fidelity.")]
    _drop_number_sequences(env)
    _drop_what_people_made(env, ours)
    forget(env, "loyalty_fidelity")


def forget(env, module):
    """Take away what Odoo forgets of any addon: its parameters, notes of foreign keys and inheritance, assets.

    :param str module: name of an addon that is being uninstalled
    """
    parameters = env["ir.config_parameter"].sudo().search([("key", "=like", f"{module}.%")])
    parameters.unlink()
    # Odoo notes every foreign key and, of those on other addons' tables, forgets to take the note away with the column.
    env.cr.execute(
        SQL(
            "DELETE FROM ir_model_constraint c USING ir_module_module d WHERE d.id = c.module AND d.name = %s AND c.type = 'f'"
            " AND NOT EXISTS (SELECT 1 FROM ir_model_data x WHERE x.model = 'ir.model.constraint' AND x.res_id = c.id)",
            module,
        )
    )
    # Every addon that extends what a model of ours inherits from has named that inheritance too.
    env.cr.execute(
        SQL(
            """
            DELETE FROM ir_model_data x USING ir_model_data o, ir_model_inherit i, ir_model m
             WHERE x.model = 'ir.model.inherit' AND o.model = x.model AND o.res_id = x.res_id AND o.module = %s
               AND x.module NOT LIKE 'loyalty\\_fidelity%%'
               AND i.id = x.res_id AND m.id = i.model_id AND m.model LIKE 'fidelity.%%'
            """,
            module,
        )
    )
    env["ir.attachment"].sudo().regenerate_assets_bundles()


def _drop_number_sequences(env):
    """Card types made their sequences themselves, so Odoo does not know whose they are."""
    env.flush_all()
    env.cr.execute("SELECT sequence_id FROM fidelity_card_type WHERE sequence_id IS NOT NULL")
    ids = [row[0] for row in env.cr.fetchall()]
    env.cr.execute("UPDATE fidelity_card_type SET sequence_id = NULL")
    env.invalidate_all()
    env["ir.sequence"].browse(ids).unlink()


def _drop_what_people_made(env, names):
    """Favourites, export templates, views, actions and menus that people made for our models would open nothing."""
    actions = env["ir.actions.act_window"].search([("res_model", "in", names)])
    references = [f"{action._name},{action.id}" for action in actions]
    if references:
        env["ir.ui.menu"].with_context(active_test=False).search([("action", "in", references)]).unlink()
    for model, field in NAMING.items():
        records = env[model].with_context(active_test=False).search([(field, "in", names)])
        known = records.get_external_id()
        records.filtered(lambda record, known=known: not known[record.id]).unlink()
