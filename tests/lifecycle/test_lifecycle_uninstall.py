"""Export, uninstall, the shop goes on, reinstall: one shop's story, told in the order of the tests."""

import csv
import io
import zipfile
from collections import Counter

import lifecycle_catalogue as catalogue
import lifecycle_environment as environment
import pytest


@pytest.fixture(scope="module")
def addons(shop):
    """Names of our addons that the shop has."""
    return environment.addons_of(shop[0])


@pytest.fixture(scope="module")
def exported(shop, tmp_path_factory):
    """(what the ledger said, the zip that was exported before)."""
    path = tmp_path_factory.mktemp("export") / "loyalty.zip"
    said = environment.in_shop(shop[0], "ledger")
    environment.run_odoo("fidelity_export", "-d", shop[0], "--output", path)
    return said, zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def uninstalled(shop, exported, addons):
    """The shop without our addons; nothing was logged above INFO while they went."""
    said = environment.change_modules(shop[0], "module", "uninstall", "loyalty_fidelity")
    assert said == [], "\n".join(said)
    return shop[0]


@pytest.fixture(scope="module")
def reinstalled(uninstalled, addons):
    """The shop with our addons again."""
    said = environment.change_modules(uninstalled, "-i", ",".join(addons))
    assert said == [], "\n".join(said)
    return uninstalled


def rows(archive, name):
    with archive.open(name) as entry:
        return list(csv.DictReader(io.TextIOWrapper(entry, "utf-8", newline="")))


def test_export_alone_proves_every_balance(exported):
    """The sums of the entries in the zip are the balances that the members had."""
    said, archive = exported
    sums = Counter()
    for entry in rows(archive, "ledger_entry.csv"):
        sums[entry["account_id"]] += int(entry["quantity"])
    holders = {row["holder_id"]: row["id"] for row in rows(archive, "account.csv") if row["unit"] == "points"}
    balances = {row["customer_name"]: sums[holders[row["holder_id"]]] for row in rows(archive, "member.csv")}
    assert sorted(balances.values()) == sorted(said["balances"].values())
    assert sum(balances.values()) > 0


def test_health_command_tells_a_monitor(shop, exported):
    """A stuck sale makes the command end with 2 and say what to do."""
    environment.query(shop[0], "UPDATE fidelity_outbox SET state = 'stuck' WHERE state = 'waiting'")
    said = environment.run_odoo("fidelity_health", "-d", shop[0], status=2).stdout
    assert "act  Outbox: Waiting: 1, of which stuck: 1" in said
    assert "ok   Guards of the ledger" in said


def test_uninstall_leaves_the_schema_as_if_never_installed(uninstalled, never):
    """Tables, columns, indexes, constraints, triggers, functions, sequences and types are those of a shop that never had us."""
    expected, found = catalogue.schema(never), catalogue.schema(uninstalled)
    assert (sorted(found - expected), sorted(expected - found)) == ([], [])


def test_uninstall_leaves_no_row(uninstalled, never):
    """Every table has as many rows as in a shop that sold the same and never had us; no text anywhere names us."""
    records = "SELECT module, name, model FROM ir_model_data"
    assert set(environment.query(uninstalled, records)) ^ set(environment.query(never, records)) == set()
    expected, found = catalogue.row_counts(never), catalogue.row_counts(uninstalled)
    assert {table: (expected[table], found[table]) for table in expected if expected[table] != found[table]} == {}
    assert catalogue.mentions(uninstalled, "fidelity") == []


def test_shop_goes_on_without_us(uninstalled, shop, never):
    """Every view is valid, the till loads the same, old goods come back, new goods sell, and the session closes."""
    looks = (["screens_open"], ["till_loads"])
    sells = (["give_back", shop[1][1], 2], ["sell", 0], ["close_session"])
    *seen, refund, sale, closed = environment.in_shop_all(uninstalled, *looks, *sells)
    assert seen == environment.in_shop_all(never, *looks)
    assert (refund["state"], refund["points"], sale["state"], sale["points"]) == ("paid", None, "paid", None)
    assert closed == {"session": "closed", "orders": ["done"], "entry": "posted"}


def test_reinstalled_it_starts_clean(reinstalled, shop):
    """Nothing of before is back; a card type, a member and a sale work; an order of before comes back without points."""
    before, session, sale, refund, said = environment.in_shop_all(
        reinstalled, ["join"], ["open_session"], ["sell", 0], ["give_back", shop[1][2], 0], ["ledger"]
    )
    assert (set(before.values()), session) == ({0}, "opened")
    assert (sale["points"], refund["points"]) == (18, None)
    assert (said["findings"], said["balances"]["CUSTOMER0"], said["postings"]) == ("", 18, 1)
