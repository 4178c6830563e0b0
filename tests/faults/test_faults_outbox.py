"""What cannot post now is paid all the same, waits in the outbox and posts once."""

from contextlib import contextmanager

import faults_environment as environment
import pytest


@contextmanager
def broken(world):
    """The posting statement fails, as after an interrupted update of the addon."""
    world.query("ALTER TABLE fidelity_receipt RENAME COLUMN screen TO screen_gone")
    try:
        yield
    finally:
        world.query("ALTER TABLE fidelity_receipt RENAME COLUMN screen_gone TO screen")


def failing_sale(world, zygote):
    """A sale whose posting fails; return (card, order)."""
    card = world.card()
    order = world.order(card)
    with broken(world):
        zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
    return card, order


def rows(world, order):
    key = f"pos.order:{order['uuid']}"
    return world.query("SELECT state, attempts, last_error FROM fidelity_outbox WHERE op_key = %s", key)


def test_it_is_paid_and_waits_and_is_posted_by_the_job_alone(world, zygote, make_server):
    card = world.card()
    order = world.order(card)
    server = make_server(crons=1, name="crons")
    till = server.log_in("cashier", "cashier-password")
    with broken(world):
        answer, errors = till.sell(order)
        assert errors == [] and answer["pos.order"][0]["state"] == "paid"
        assert '"pending"' in answer["pos.order"][0]["fidelity_result"]
        # The job that the sale woke up tries as well and fails as well.
        world.until(lambda: rows(world, order)[0][1] >= 1)
        assert world.counts(order) == (1, 0, 0, 0)
    assert len(rows(world, order)) == 1
    world.make_due()
    till.sell(order)
    world.query(
        "INSERT INTO ir_cron_trigger (cron_id, call_at) SELECT res_id, now() AT TIME ZONE 'UTC' FROM ir_model_data"
        " WHERE module = 'loyalty_fidelity' AND name = 'ir_cron_outbox'"
    )
    environment.query("postgres", "NOTIFY cron_trigger, %s", world.database)
    world.until(lambda: rows(world, order)[0][0] == "done", 90)
    server.stop()
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)
    assert world.value("SELECT flags FROM fidelity_receipt WHERE source_ref = %s", order["name"]) in ("late", None)
    world.assert_clean(zygote)


@pytest.fixture(scope="module")
def statements(world, zygote):
    """How many SQL statements the job makes for one row."""
    failing_sale(world, zygote)
    event = zygote.start("fidelity.outbox", "_cron_post").end()
    assert event["event"] == "done" and world.waiting() == []
    return len(event["statements"])


def test_the_job_is_killed_between_any_two_statements(world, zygote, statements):
    done = []
    for place in range(statements + 1):
        if place % 4 == 0:
            done.append(failing_sale(world, zygote))
        assert world.waiting() or zygote.call("pos.order", "search_count", []) > 0
        zygote.start("fidelity.outbox", "_cron_post", kill_after=place).end()
        world.make_due()
    world.settle_outbox(zygote)
    for card, order in done:
        assert rows(world, order)[0][0] == "done"
        assert world.counts(order) == (1, 1, 1, 1)
        assert world.balance(card) == world.points(order)
    world.assert_clean(zygote)


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_job_is_killed_at_its_commit(world, zygote, when):
    card, order = failing_sale(world, zygote)
    # The job commits first when it begins, then after each row: die at the second.
    job = zygote.start("fidelity.outbox", "_cron_post", gates=[["commit", "before"], ["commit", "after"]])
    for _first_commit in range(2):
        job.gate()
        job.go()
    assert job.gate() == "before commit"
    if when == "after":
        job.go()
        assert job.gate() == "after commit"
    job.kill()
    posted = int(when == "after")
    assert world.counts(order) == (1, posted, posted, posted)
    world.settle_outbox(zygote)
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)


def test_two_jobs_at_once(world, zygote):
    sales = [failing_sale(world, zygote) for _number in range(4)]
    jobs = [zygote.start("fidelity.outbox", "_cron_post") for _number in range(2)]
    for job in jobs:
        job.end()
    world.settle_outbox(zygote)
    for card, order in sales:
        assert world.counts(order) == (1, 1, 1, 1)
        assert world.balance(card) == world.points(order)
    world.assert_clean(zygote)


def test_a_return_waits_for_its_sale(world, zygote):
    """A return whose sale still waits posts after it, whatever the order of the rows."""
    card, order = failing_sale(world, zygote)
    back = world.return_of(order, card, {1: 1})
    zygote.call("pos.order", "sync_from_ui", [back], uid=world.facts["users"]["cashier"])
    assert world.counts(back)[:2] == (1, 0)
    world.settle_outbox(zygote)
    assert world.counts(order)[:3] == world.counts(back)[:3] == (1, 1, 1)
    assert world.balance(card) == round((order["amount_total"] + back["amount_total"]) * 100) // 1000
    world.assert_clean(zygote)


def test_what_was_posted_and_is_gone_is_posted_again(world, zygote):
    """The outbox said that it is done; the sweep sees that it is not, and the same row waits again."""
    card, order = failing_sale(world, zygote)
    world.settle_outbox(zygote)
    guarded = (
        "fidelity_receipt_earning", "fidelity_receipt_line", "fidelity_receipt", "fidelity_lot", "fidelity_ledger_entry",
        "fidelity_posting",
    )  # fmt: skip
    of_receipt = "receipt_id = (SELECT id FROM fidelity_receipt WHERE posting_id = {0})"
    posting = world.value("SELECT id FROM fidelity_posting WHERE op_key = %s", f"pos.order:{order['uuid']}")
    conditions = (
        of_receipt, of_receipt, "posting_id = {0}",
        "entry_id IN (SELECT id FROM fidelity_ledger_entry WHERE posting_id = {0})", "posting_id = {0}", "id = {0}",
    )  # fmt: skip
    for table, condition in zip(guarded, conditions, strict=True):
        guard = f"ALTER TABLE {table} {{}} TRIGGER {table}_append_only"
        delete = f"DELETE FROM {table} WHERE {condition.format(posting)}"
        world.query("; ".join([guard.format("DISABLE"), delete, guard.format("ENABLE ALWAYS")]))
    assert world.counts(order) == (1, 0, 0, 0)
    assert zygote.call("pos.order", "_cron_fidelity_sweep") == 1
    assert len(rows(world, order)) == 1
    world.settle_outbox(zygote)
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)
    world.assert_clean(zygote)
