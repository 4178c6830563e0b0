"""``odoo fidelity_verify``: 0 when the ledger is proved, 1 when it is not, a sentence when there is nothing to prove."""

from contextlib import contextmanager

import faults_environment as environment


@contextmanager
def altered(world):
    """An entry altered behind the guards' back, then put back."""
    change = (
        "ALTER TABLE fidelity_ledger_entry DISABLE TRIGGER ALL;"
        " UPDATE fidelity_ledger_entry SET quantity = quantity {} 1 WHERE id = (SELECT min(id) FROM fidelity_ledger_entry);"
        " ALTER TABLE fidelity_ledger_entry ENABLE TRIGGER ALL;"
        " ALTER TABLE fidelity_ledger_entry ENABLE ALWAYS TRIGGER fidelity_ledger_entry_append_only;"
        " ALTER TABLE fidelity_ledger_entry ENABLE ALWAYS TRIGGER fidelity_ledger_entry_no_truncate"
    )
    world.query(change.format("+"))
    try:
        yield
    finally:
        world.query(change.format("-"))


def test_the_command(world, zygote, odoo_env):
    order = world.order(world.card())
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
    clean = environment.run_odoo(odoo_env, "fidelity_verify", "-d", world.database)
    assert clean.returncode == 0, clean.stderr
    assert "0 findings" in clean.stdout
    with altered(world):
        wrong = environment.run_odoo(odoo_env, "fidelity_verify", "-d", world.database)
    assert wrong.returncode == 1, wrong.stderr
    assert "was altered after it was posted" in wrong.stdout


def test_without_a_database(odoo_env):
    done = environment.run_odoo({**odoo_env, "PGDATABASE": ""}, "fidelity_verify")
    assert done.returncode not in (0, 1) or "Name the database" in done.stderr
