import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FidelityVerify(Command):
    """Prove every balance of the loyalty ledger from its entries; exit with 1 when one is not proved.

    How far it is goes to the standard error, in steps of ten percent. Control-C leaves it between two steps.
    """

    name = "fidelity_verify"

    def run(self, args):
        config.parse_config(args, setup_logging=True)
        names = config["db_name"]
        if not names:
            sys.exit("Name the database: odoo fidelity_verify -d DATABASE")
        wrong = False
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                try:
                    verification = api.Environment(cr, SUPERUSER_ID, {})["fidelity.verification"]._verify(_Progress(name))
                except KeyboardInterrupt:
                    sys.exit(f"{name}: left before the end, nothing is proved.")
                sys.stdout.write(
                    f"{name}: {verification.account_count} accounts, {verification.entry_count} entries, "
                    f"{verification.finding_count} findings\n{verification.findings or ''}\n"
                )
                wrong = wrong or verification.state == "wrong"
        sys.exit(1 if wrong else 0)


class _Progress:
    """Says every ten percent how far a proof is."""

    def __init__(self, name):
        self.name = name
        self.said = 0

    def __call__(self, percent):
        if percent >= self.said + 10:
            self.said = percent - percent % 10
            sys.stderr.write(f"{self.name}: {self.said} %\n")
            sys.stderr.flush()
