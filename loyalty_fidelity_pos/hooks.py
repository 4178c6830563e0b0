"""What the till leaves outside what Odoo takes away by itself, and how it is taken away."""

from odoo.tools import SQL

from odoo.addons.loyalty_fidelity.hooks import forget


def uninstall_hook(env):
    """Post what still waits, leave the shop its orders, and take away the rest."""
    _settle_outbox(env)
    _release_discount_product(env)
    forget(env, "loyalty_fidelity_pos")


def _settle_outbox(env):
    """Orders lose their card with this addon: what can still post posts now, and nothing waits for ever."""
    rows = env["fidelity.outbox"].search([("source_model", "=", "pos.order"), ("state", "!=", "done")])
    for row in rows:
        if not row._attempt():
            error = env._("Given up as the point of sale part was uninstalled: %(error)s", error=row.last_error)
            row.write({"state": "done", "last_error": error})


def _release_discount_product(env):
    """The product of effect lines stays with the orders that name it, archived, as the shop's own; unused, it goes."""
    product = env.ref("loyalty_fidelity_pos.product_fidelity_discount", raise_if_not_found=False)
    if not product:
        return
    if _is_used(env, product):
        product.active = False
        for record in (product, product.product_tmpl_id):
            owned = [("module", "=", "loyalty_fidelity_pos"), ("model", "=", record._name), ("res_id", "=", record.id)]
            env["ir.model.data"].search(owned).unlink()
    elif "product.value" in env:
        # The history of its cost, which Odoo keeps without it.
        env["product.value"].sudo().search([("product_id", "=", product.id)]).unlink()


def _is_used(env, record):
    """Whether a row somewhere keeps this record from being deleted."""
    env.flush_all()
    env.cr.execute(
        SQL(
            """
            SELECT c.conrelid::regclass::text, a.attname
              FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
             WHERE c.confrelid = %s::regclass AND c.contype = 'f' AND c.confdeltype IN ('a', 'r')
            """,
            record._table,
        )
    )
    return any(
        env.execute_query(SQL("SELECT 1 FROM %s WHERE %s = %s LIMIT 1", SQL.identifier(table), SQL.identifier(column), record.id))
        for table, column in env.cr.fetchall()
    )
