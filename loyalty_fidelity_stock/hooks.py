"""What prizes on stock leave outside what Odoo takes away by itself."""

from odoo.addons.loyalty_fidelity.hooks import forget


def uninstall_hook(env):
    """Take away what Odoo forgets."""
    forget(env, "loyalty_fidelity_stock")
