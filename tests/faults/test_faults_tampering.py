"""What only DDL can do to the ledger: refused by the guards, and found by the verification when the guards are off.

Every trick and the verification after it run in one transaction, which is then undone.
"""

import psycopg2
import pytest
from faults_world import settle_all

INVENTED = """
WITH p AS (INSERT INTO fidelity_posting (op_key, kind, occurred_at, posted_at, company_id, member_id, digest)
           SELECT 'adjust:invented', 'adjust', now(), now(), company_id, member_id, digest FROM fidelity_posting
            WHERE id = {posting} RETURNING id)
INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)
SELECT p.id, 1, {account}, 'adjust', 1000, now() FROM p
"""
DELETE_WHOLE = (
    "DELETE FROM fidelity_receipt_earning WHERE receipt_id = {receipt}",
    "DELETE FROM fidelity_receipt_line WHERE receipt_id = {receipt}",
    "DELETE FROM fidelity_receipt WHERE id = {receipt}",
    "DELETE FROM fidelity_lot WHERE entry_id IN (SELECT id FROM fidelity_ledger_entry WHERE posting_id = {posting})",
    "DELETE FROM fidelity_ledger_entry WHERE posting_id = {posting}",
    "DELETE FROM fidelity_posting WHERE id = {posting}",
)
DELETE_ORPHANING = DELETE_WHOLE[4:]
KEEP_BALANCE = (
    "UPDATE fidelity_account SET folded_balance = COALESCE((SELECT sum(quantity) FROM fidelity_ledger_entry"
    " WHERE account_id = {account} AND id <= folded_entry_id), 0) WHERE id = {account}"
)

#: name: (statements, words of the finding that names it)
ALWAYS = {
    "quantity": (
        ["UPDATE fidelity_ledger_entry SET quantity = quantity + 500 WHERE posting_id = {posting}"],
        "Posting {posting} ({op_key})",
    ),
    "quantity with its lot, receipt and balance": (
        [
            "UPDATE fidelity_ledger_entry SET quantity = quantity + 500 WHERE posting_id = {posting}",
            "UPDATE fidelity_lot SET quantity = quantity + 500 WHERE entry_id IN"
            " (SELECT id FROM fidelity_ledger_entry WHERE posting_id = {posting})",
            "UPDATE fidelity_receipt SET points = points + 500 WHERE id = {receipt}",
            KEEP_BALANCE,
        ],
        "Posting {posting} ({op_key})",
    ),
    "account": (
        ["UPDATE fidelity_ledger_entry SET account_id = {other_account} WHERE posting_id = {posting}"],
        "Posting {posting} ({op_key})",
    ),
    "an entry removed": (
        [DELETE_WHOLE[3], "DELETE FROM fidelity_ledger_entry WHERE posting_id = {posting}"],
        "Posting {posting} ({op_key})",
    ),
    "an entry added": (
        [
            "INSERT INTO fidelity_ledger_entry (posting_id, sequence, account_id, kind, quantity, occurred_at)"
            " SELECT posting_id, 99, account_id, 'adjust', 7, occurred_at FROM fidelity_ledger_entry WHERE posting_id = {posting}"
        ],
        "Posting {posting} ({op_key})",
    ),
    "an invented posting": ([INVENTED], "adjust:invented"),
    "points of the receipt": (["UPDATE fidelity_receipt SET points = points + 5 WHERE id = {receipt}"], "{reference}"),
    "points of a line": (
        ["UPDATE fidelity_receipt_line SET points = points + 5 WHERE receipt_id = {receipt} AND sequence = 1"],
        "{reference}",
    ),
    "the posting removed, its receipt left": (list(DELETE_ORPHANING), "{reference}"),
    "a lot removed": ([DELETE_WHOLE[3]], "{entry}"),
    "a lot enlarged": (
        ["UPDATE fidelity_lot SET quantity = quantity + 1 WHERE entry_id = {entry}"],
        "does not agree with the entry",
    ),
}
SEALED = {
    "the posting removed with all that belongs to it": ([*DELETE_WHOLE, KEEP_BALANCE], "sealed on"),
    "a folded balance": (
        ["UPDATE fidelity_account SET folded_balance = folded_balance + 100 WHERE id = {account}"],
        "Account {account}: its folded balance",
    ),
    "a folding point": (["UPDATE fidelity_account SET folded_entry_id = 1 WHERE id = {account}"], "Account {account}"),
    "a seal altered": (["UPDATE fidelity_ledger_seal SET seal = md5(seal)"], "sealed on"),
    "the last seal removed": (
        ["DELETE FROM fidelity_ledger_seal WHERE id = (SELECT max(id) FROM fidelity_ledger_seal)"],
        "is gone or was altered",
    ),
}
TABLES = (
    "fidelity_posting", "fidelity_ledger_entry", "fidelity_lot", "fidelity_lot_allocation", "fidelity_ledger_seal",
    "fidelity_receipt", "fidelity_receipt_line", "fidelity_receipt_earning", "fidelity_receipt_reversal", "fidelity_ruleset",
)  # fmt: skip
#: No benefit changes a price in these sales, nobody owes for a discount, and only cards and points move.
EMPTY_TABLES = (
    "fidelity_card_event", "fidelity_consent", "fidelity_consent_erasure", "fidelity_expiry_policy", "fidelity_member_percentage",
    "fidelity_receipt_debt", "fidelity_receipt_effect", "fidelity_tier_change",
)  # fmt: skip


def sale(world, zygote, card):
    """Sell; return what the tricks need to know of it."""
    order = world.order(card)
    uid = world.facts["users"]["cashier"]
    zygote.call("pos.order", "sync_from_ui", [order], uid=uid)
    row = world.query(
        "SELECT p.id, p.op_key, r.id, r.source_ref, e.id FROM fidelity_posting p JOIN fidelity_receipt r ON r.posting_id = p.id"
        " JOIN fidelity_ledger_entry e ON e.posting_id = p.id WHERE p.op_key = %s",
        f"pos.order:{order['uuid']}",
    )[0]
    return order, dict(zip(("posting", "op_key", "receipt", "reference", "entry"), row, strict=True), account=card["account"])


@pytest.fixture(scope="module")
def targets(world, zygote):
    """A sale that is sealed and one that is not yet, by name."""
    card, other = world.card(), world.card()
    order, sealed = sale(world, zygote, card)
    uid = world.facts["users"]["cashier"]
    back = world.return_of(sale(world, zygote, card)[0], card, {1: 1})
    zygote.call("pos.order", "sync_from_ui", [back], uid=uid)
    settle_all(world, zygote)
    world.assert_clean(zygote)
    _order, fresh = sale(world, zygote, card)
    world.assert_clean(zygote)
    return {name: {**facts, "other_account": other["account"]} for name, facts in (("sealed", sealed), ("fresh", fresh))}


def verify_after(zygote, statements, guards_back_on=True):
    """Verify after statements with all guards off; undo them. Return the verification."""

    def switch(what):
        return [f"ALTER TABLE {table} {what} TRIGGER ALL" for table in TABLES]

    always = [
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{guard}" for table in TABLES for guard in ("append_only", "no_truncate")
    ]
    sql = [*switch("DISABLE"), *statements, *([*switch("ENABLE"), *always] if guards_back_on else [])]
    return zygote.call("fidelity.verification", "_verify", sql=sql, rollback=True)[0]


def check(zygote, facts, statements, words):
    row = verify_after(zygote, [statement.format(**facts) for statement in statements])
    assert row["state"] == "wrong"
    assert words.format(**facts) in row["findings"], row["findings"]


@pytest.mark.parametrize("age", ["sealed", "fresh"])
@pytest.mark.parametrize("trick", ALWAYS)
def test_found(zygote, targets, trick, age):
    check(zygote, targets[age], *ALWAYS[trick])


@pytest.mark.parametrize("trick", SEALED)
def test_found_once_sealed(zygote, targets, trick):
    check(zygote, targets["sealed"], *SEALED[trick])


def test_a_fresh_receipt_removed_without_trace_is_posted_again(world, zygote, targets):
    """Before it is sealed nothing in the ledger remembers it. Its order does: the sweep finds it."""
    statements = [statement.format(**targets["fresh"]) for statement in DELETE_WHOLE]
    guards = [f"ALTER TABLE {table} DISABLE TRIGGER ALL" for table in TABLES]
    found = zygote.call("pos.order", "_cron_fidelity_sweep", sql=[*guards, *statements], rollback=True)
    assert found == 1
    assert zygote.call("pos.order", "_cron_fidelity_sweep", rollback=True) == 0


def test_guards_off_and_on_again_leave_nothing_to_find(zygote, targets):
    row = verify_after(zygote, [])
    assert row["state"] == "clean", row["findings"]


def test_a_guard_switched_off_is_found(zygote, targets):
    row = verify_after(zygote, [], guards_back_on=False)
    for table in TABLES:
        assert f"{table}_append_only" in row["findings"]
        assert f"{table}_no_truncate" in row["findings"]


def test_a_guard_that_guards_nothing_is_found(zygote, targets):
    harmless = (
        "CREATE OR REPLACE FUNCTION fidelity_refuse_change() RETURNS trigger AS"
        " 'BEGIN RETURN COALESCE(NEW, OLD); END' LANGUAGE plpgsql"
    )
    row = verify_after(zygote, [harmless])
    assert row["state"] == "wrong"
    assert "fidelity_posting_append_only" in row["findings"]


def test_every_append_only_table_is_named_here(zygote):
    names = zygote.call("fidelity.append.only", "_append_only_models")
    assert sorted((*TABLES, *EMPTY_TABLES)) == sorted(name.replace(".", "_") for name in names)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("replica", [False, True], ids=["", "replica"])
def test_the_database_refuses(world, targets, table, replica):
    """Whoever may connect; also as a replica, where ordinary triggers do not fire and only a superuser gets."""
    assert world.value(f"SELECT count(*) FROM {table}") > 0
    role = ""
    if replica and world.value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        role = "SET LOCAL session_replication_role = replica; "
    for statement in (f"UPDATE {table} SET id = id", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        with pytest.raises(psycopg2.errors.RestrictViolation):
            world.query(f"BEGIN; {role}{statement}; ROLLBACK")
