import sys

from odoo import SUPERUSER_ID, api
from odoo.cli import Command
from odoo.modules.registry import Registry
from odoo.tools import config


class FidelityVerify(Command):
    """Prove every balance of the loyalty ledger from its entries; exit with 1 when one is not proved.

    ``--balances`` proves the balances and leaves out digests, seals, lots and receipts: seconds instead of minutes.
    How far it is goes to the standard error, in steps of ten percent. Control-C leaves it between two steps.
    """

    name = "fidelity_verify"

    def run(self, args):
        only_balances = "--balances" in args
        config.parse_config([arg for arg in args if arg != "--balances"], setup_logging=True)
        names = config["db_name"]
        if not names:
            sys.exit("Name the database: odoo fidelity_verify -d DATABASE")
        prove = _balances if only_balances else _everything
        wrong = False
        for name in [names] if isinstance(names, str) else names:
            with Registry(name).cursor() as cr:
                try:
                    found, text = prove(api.Environment(cr, SUPERUSER_ID, {})["fidelity.verification"], name)
                except KeyboardInterrupt:
                    sys.exit(f"{name}: left before the end, nothing is proved.")
                sys.stdout.write(f"{name}: {text}\n")
                wrong = wrong or bool(found)
        sys.exit(1 if wrong else 0)


def _everything(verifications, name):
    """Do the whole proof and keep it.

    :return: (how many things are wrong, what to print)
    """
    verification = verifications._verify(_Progress(name))
    figures = f"{verification.account_count} accounts, {verification.entry_count} entries, {verification.finding_count} findings"
    return verification.finding_count, f"{figures}\n{verification.findings or ''}"


def _balances(verifications, _name):
    """Prove the balances only; keep nothing.

    :return: (how many are wrong, what to print)
    """
    found, sentences = verifications._check_all("_check_balances")
    return found, "\n".join([f"balances of all accounts, {found} findings", *sentences])


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
