import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FidelityVerify(Command):
    """Prove every balance of the loyalty ledger from its entries; exit with 1 when one is not proved."""

    name = "fidelity_verify"

    def run(self, args):
        config.parse_config(args, setup_logging=True)
        names = config["db_name"]
        if not names:
            sys.exit("Name the database: odoo fidelity_verify -d DATABASE")
        wrong = False
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                verification = api.Environment(cr, SUPERUSER_ID, {})["fidelity.verification"]._verify()
                sys.stdout.write(
                    f"{name}: {verification.account_count} accounts, {verification.entry_count} entries, "
                    f"{verification.finding_count} findings\n{verification.findings or ''}\n"
                )
                wrong = wrong or verification.state == "wrong"
        sys.exit(1 if wrong else 0)
