"""Load the sample data into a database that has the addons.

Usage: odoo shell -d DATABASE --no-http < load.py
   or: python load.py -c odoo.conf -d DATABASE      (Odoo on PYTHONPATH)

Loading is resumable and does nothing twice: killed half-way and run again it continues; run after that it only reports.
See README.md beside this file for what is real and what is invented.
"""

import sys
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace


def folder():
    """Return the folder of this file; fed to ``odoo shell`` it has no name of its own and is found beside the addons."""
    if "__file__" in globals():
        return Path(__file__).resolve().parent
    from odoo.modules import get_module_path

    return Path(get_module_path("loyalty_fidelity")).resolve().parent / "setup" / "sample"


if str(folder()) not in sys.path:
    sys.path.insert(0, str(folder()))

from retail_sample import (  # noqa: E402  # noqa: E402
    catalogue,
    claims,
    documents,
    members,
    offers,
    orders,
    people,
    programme,
    records,
    report,
    shop,
    staff,
    till,
)

SHIFT_PARAMETER = "loyalty_fidelity_sample.shift_days"
LOADED_PARAMETER = "loyalty_fidelity_sample.loaded"


def say(text):
    """Print one sentence at once."""
    print(text, flush=True)


def load(env, progress=say):
    """Load everything, with commits on the way.

    :param env: an environment of the superuser.
    :param progress: called with one short sentence at a time.
    :raise records.LoadError: the database has accounts in another currency, or something did not arrive whole.
    """
    env = env(context={**env.context, "lang": "en_US", "tracking_disable": True, "mail_create_nosubscribe": True})
    parameters = env["ir.config_parameter"].sudo()
    if not parameters.get_param(LOADED_PARAMETER):
        _load(env, progress)
        parameters.set_param(LOADED_PARAMETER, "1")
        env.cr.commit()
    report.summary(env, progress)


def _load(env, progress):
    """Make and post what is missing, and check that it arrived."""
    extract = documents.read()
    built = orders.build(extract.documents)
    made = shop.build(env, catalogue.build(extract.documents), progress)
    days = _days(env, built)
    stores, users = staff.build(env, made)
    joined = members.build(
        env,
        people.invent({document.customer: document.country for document in extract.documents if document.customer}),
        stores,
        till.store_of_customer,
        till.moment(built[0], days),
        progress,
    )
    cashiers = {store: users[login] for store, login in staff.CASHIERS.items()}
    tills = till.Till(env, made, joined.partners, cashiers, days, claims.Claims(joined, _rules()).of)
    tills.post(built, progress, before_last_week=lambda week: members.block_some(env, joined, week))
    members.lose_some(env, joined, built)
    programme.build(env, joined, till.moment(built[0], days), made.products, progress)
    offers.build(env, joined, made.products, progress)
    report.check(env, built, progress)


def _rules():
    """Return the addons' rule kernel."""
    from odoo.addons.loyalty_fidelity.rules import basket, evaluate, ruleset

    return SimpleNamespace(basket=basket, evaluate=evaluate, ruleset=ruleset)


def _days(env, built):
    """Return by how many days receipts move; the first run decides, so that the last receipt was the day before it."""
    parameters = env["ir.config_parameter"].sudo()
    stored = parameters.get_param(SHIFT_PARAMETER)
    if stored:
        return int(stored)
    days = orders.shift_days(built, date.today() - timedelta(days=1))
    parameters.set_param(SHIFT_PARAMETER, str(days))
    return days


def main(arguments):
    """Run the command line; return its exit code."""
    from odoo import SUPERUSER_ID, api
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(arguments, setup_logging=True)
    names = config["db_name"]
    if len(names) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    with Registry(names[0]).cursor() as cursor:
        return run(api.Environment(cursor, SUPERUSER_ID, {}))


def run(env):
    """Load; return an exit code, with one sentence for the person when it is not 0."""
    try:
        load(env)
    except records.LoadError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if "env" in globals():
    code = run(env)  # noqa: F821 - odoo shell provides it
    if code:
        sys.exit(code)
elif __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
