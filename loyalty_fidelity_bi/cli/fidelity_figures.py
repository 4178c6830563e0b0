import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FidelityFigures(Command):
    """Roll up the loyalty figures that are settled; with --rebuild from the beginning."""

    name = "fidelity_figures"

    def run(self, args):
        self.parser.add_argument("--rebuild", action="store_true", help="forget what is rolled up and begin anew")
        options, rest = self.parser.parse_known_args(args)
        config.parse_config(rest, setup_logging=True)
        names = config["db_name"]
        if not names:
            sys.exit("Name the database: odoo fidelity_figures -d DATABASE")
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                rollup = api.Environment(cr, SUPERUSER_ID, {})["fidelity.rollup"]
                if options.rebuild:
                    rollup._rebuild()
                    cr.commit()  # pylint: disable=invalid-commit -- a batch of a command
                while rollup._roll_up_next():
                    cr.commit()  # pylint: disable=invalid-commit -- a batch of a command
                state = rollup.search([])
                sys.stdout.write(f"{name}: rolled up to posting {state.posting_id}, {state.waiting_count} added live\n")
