"""A shop that lived with a released version is upgraded to the present one: its ledger is what it was, and it goes on."""

import hashlib
import tarfile

import lifecycle_catalogue as catalogue
import lifecycle_environment as environment
import pytest
import released

#: Tables that only grow: what an upgrade may add to a row is an empty column.
GROWING = "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE 'fidelity%append_only' ORDER BY 1"
COLUMNS = """
    SELECT column_name, is_nullable FROM information_schema.columns
     WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position
    """


def growing_rows(database, columns=None):
    """Return {table: (columns, digest of its rows in them)} of the tables that only grow.

    :param columns: {table: columns}, all of them by default
    """
    found = {}
    for (table,) in environment.query(database, GROWING):
        if columns is None or table in columns:
            names = columns[table] if columns else [name for name, _nullable in environment.query(database, COLUMNS, table)]
            listed = ", ".join(f'"{name}"' for name in names)
            rows = environment.query(database, f"SELECT {listed} FROM {table} ORDER BY id")
            found[table] = (names, hashlib.sha256(repr(rows).encode()).hexdigest(), len(rows))
    return found


@pytest.fixture(scope="module", params=sorted(released.COMMITS))
def old_shop(request, tmp_path_factory):
    """(database, ids of sales, what the ledger said, its rows) of a shop with a released version."""
    addons = released.unpack(request.param, tmp_path_factory.mktemp("released"))
    name = environment.copy(environment.base(), "old")
    forget_newer(name, addons)
    environment.change_modules(name, "-i", "loyalty_fidelity_pos", addons=addons)
    sales, said = environment.in_shop_all(name, ["fill"], ["ledger"], addons=addons)
    yield name, sales, said, growing_rows(name)
    environment.drop(name)


def forget_newer(database, addons):
    """Take those of our addons from a database's list of modules that the released version did not have."""
    for (module,) in environment.query(database, "SELECT name FROM ir_module_module WHERE name LIKE 'loyalty_fidelity%'"):
        if not (addons / module).is_dir():
            environment.query(database, "DELETE FROM ir_model_data WHERE module = 'base' AND name = %s", f"module_{module}")
            environment.query(database, "DELETE FROM ir_module_module WHERE name = %s", module)


@pytest.fixture(scope="module")
def upgraded(old_shop):
    """The shop after the upgrade, with the addons that came since; nothing was logged above INFO meanwhile."""
    new = sorted(set(environment.addons_of(environment.installed())) - set(environment.addons_of(old_shop[0])))
    said = environment.change_modules(old_shop[0], "-u", "loyalty_fidelity", *(["-i", ",".join(new)] if new else []))
    assert said == [], "\n".join(said)
    return old_shop[0]


@pytest.mark.parametrize("version", sorted(released.COMMITS))
def test_kept_version_is_the_released_one(version):
    """Where history is at hand, what is kept is what was released; elsewhere, that it can be read."""
    with tarfile.open(released.archive(version)) as packed:
        kept = released.contents(packed)
    assert "loyalty_fidelity/__manifest__.py" in kept
    assert (released.from_history(released.COMMITS[version]) or kept) == kept


def test_ledger_is_what_it_was(upgraded, old_shop):
    """Every row of every table that only grows is unchanged in its old columns; what came newly may be empty."""
    _name, _sales, _said, before = old_shop
    assert sum(rows for _columns, _digest, rows in before.values()) > 20
    after = growing_rows(upgraded, {table: columns for table, (columns, _digest, _rows) in before.items()})
    assert after == before
    for table, (old, _digest, _rows) in before.items():
        new = [name for name, nullable in environment.query(upgraded, COLUMNS, table) if name not in old and nullable == "NO"]
        assert new == [], f"{table}: a new column that old rows cannot have"


def test_schema_is_that_of_a_new_installation(upgraded):
    """An upgraded shop has the tables, columns, constraints, indexes, triggers and records of one that begins today."""
    fresh = environment.installed()
    expected, found = catalogue.schema(fresh, "fidelity"), catalogue.schema(upgraded, "fidelity")
    assert (sorted(found - expected), sorted(expected - found)) == ([], [])
    records = "SELECT module, name FROM ir_model_data WHERE module LIKE 'loyalty_fidelity%'"
    expected, found = set(environment.query(fresh, records)), set(environment.query(upgraded, records))
    assert (sorted(found - expected), sorted(expected - found)) == ([], [])


def test_shop_goes_on_with_its_history(upgraded, old_shop):
    """The ledger is proved, balances are equal, old rules are read, old goods come back, new goods sell, the till loads."""
    _name, sales, before, _rows = old_shop
    said, refund, sale, loaded, _views, after = environment.in_shop_all(
        upgraded, ["ledger"], ["give_back", sales[1], 2], ["sell", 0], ["till_loads"], ["screens_open"], ["ledger"]
    )
    assert said == before
    assert said["findings"] == ""
    assert (refund["state"], refund["points"]) == ("paid", -13)
    assert (sale["state"], sale["points"]) == ("paid", 18)
    assert loaded["models"] > 20
    assert after["findings"] == ""
    changed = {who: after["balances"][who] - balance for who, balance in before["balances"].items()}
    assert changed == {"CUSTOMER0": 18, "CUSTOMER1": -13, "CUSTOMER2": 0, "CUSTOMER3": 0}
