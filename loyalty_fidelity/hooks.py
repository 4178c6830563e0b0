"""What installation leaves outside Odoo's own tables, and how it is taken away."""

from .models.append_only import FUNCTION_NAME


def uninstall_hook(env):
    """Drop the trigger function; CASCADE takes its triggers, so that Odoo can drop the tables."""
    env.cr.execute(f"DROP FUNCTION IF EXISTS {FUNCTION_NAME}() CASCADE")
