import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config

from odoo.addons.loyalty_fidelity.wizard.fidelity_health import STATES


class FidelityHealth(Command):
    """Say how loyalty is, for monitoring; exit with 0 in order, 1 to look at, 2 to act now."""

    name = "fidelity_health"

    def run(self, args):
        config.parse_config(args, setup_logging=True)
        names = config["db_name"]
        if not names:
            sys.exit("Name the database: odoo fidelity_health -d DATABASE")
        worst = 0
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {})
                companies = env["res.company"].search([]).ids
                for line in env["fidelity.health"].with_context(allowed_company_ids=companies)._inspect():
                    sys.stdout.write(
                        f"{name}: {line['state']:<4} {line['title']}: {line['finding']} {line['advice']}".rstrip() + "\n"
                    )
                    worst = max(worst, STATES.index(line["state"]))
        sys.exit(worst)
