"""Folding and sealing while tills sell: every balance is the sum of its entries, whenever one looks."""

import threading
from functools import partial

from faults_world import BALANCES, NO_WAIT, at_once, settle, settle_all

CARDS, ORDERS_PER_TILL = 4, 15
PAUSE_SECONDS = 0.2


def sell_slowly(zygote, world, order):
    """A sale that has posted and stands before its commit."""
    uid = world.facts["users"]["cashier"]
    sale = zygote.start("pos.order", "sync_from_ui", [order], uid=uid, gates=[["commit", "before"]])
    assert sale.gate() == "before commit"
    return sale


def sell(zygote, world, order):
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])


def test_everything_is_folded_and_sealed(world, zygote):
    card = world.card()
    order = world.order(card)
    sell(zygote, world, order)
    settle_all(world, zygote)
    assert world.value("SELECT folded_balance FROM fidelity_account WHERE id = %s", card["account"]) == world.points(order)
    world.assert_clean(zygote)


def test_a_sale_that_took_its_numbers_early_and_commits_late(world, zygote):
    card = world.card()
    early, late = world.order(card, till=2), world.order(card)
    sale = sell_slowly(zygote, world, early)
    sell(zygote, world, late)
    settle(zygote, 6)
    assert world.balance(card) == world.points(late)
    sale.go().result()
    assert world.balance(card) == world.points(early, late)
    settle_all(world, zygote)
    assert world.balance(card) == world.points(early, late)
    world.assert_clean(zygote)


def test_a_sale_that_begins_while_the_job_looks(world, zygote):
    card = world.card()
    settle_all(world, zygote)
    order, other = world.order(card, till=2), world.order(card)
    job = zygote.start("fidelity.ledger.seal", "_cron_settle", gates=[["fidelity.ledger.horizon._advance", "before"]], **NO_WAIT)
    job.gate()
    sale = sell_slowly(zygote, world, order)
    sell(zygote, world, other)
    job.go().result()
    settle(zygote, 4)
    sale.go().result()
    assert world.balance(card) == world.points(order, other)
    settle_all(world, zygote)
    world.assert_clean(zygote)


def test_an_older_sale_commits_after_its_account_was_folded(world, zygote):
    """A sale whose snapshot is older than a folding of its own account still counts, at once or through the outbox."""
    card = world.card()
    first, second = world.order(card), world.order(card)
    sell(zygote, world, first)
    settle(zygote)
    uid = world.facts["users"]["cashier"]
    gates = [["pos.order._fidelity_post_or_keep", "before"]]
    sale = zygote.start("pos.order", "sync_from_ui", [second], uid=uid, gates=gates)
    sale.gate()
    world.query("UPDATE fidelity_account SET folded_entry_id = folded_entry_id WHERE id = %s", card["account"])
    sale.go().result()
    print(f"waited: {world.waiting()}")
    world.settle_outbox(zygote)
    assert world.counts(second) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(first, second)


def test_two_jobs_at_once(world, zygote):
    card = world.card()
    orders = [world.order(card) for _number in range(3)]
    for order in orders:
        sell(zygote, world, order)
        settle(zygote)
        jobs = [zygote.start("fidelity.ledger.seal", "_cron_settle", **NO_WAIT) for _number in range(2)]
        for job in jobs:
            job.result()
    settle_all(world, zygote)
    assert world.balance(card) == world.points(*orders)
    world.assert_clean(zygote)


def test_while_tills_sell(world, zygote, tills):
    cards = [world.card() for _number in range(CARDS)]
    baskets = [[world.order(world.random.choice(cards), till=place) for _order in range(ORDERS_PER_TILL)] for place in range(2)]
    ended, looks, wrong = threading.Event(), [], []

    def job():
        while not ended.wait(PAUSE_SECONDS):
            settle(zygote)

    def look():
        while not ended.wait(PAUSE_SECONDS / 4):
            rows = world.query(BALANCES)
            looks.append(len(rows))
            wrong.extend(row for row in rows if row[1] != row[2])

    def sell_all():
        try:
            at_once(*(partial(many, till.sell, orders) for till, orders in zip(tills, baskets, strict=True)))
        finally:
            ended.set()

    at_once(job, look, sell_all)
    assert len(looks) > 10 and not wrong
    orders = [order for basket in baskets for order in basket]
    print(f"{len(looks)} looks, {len(world.waiting())} of {len(orders)} sales waited in the outbox")
    world.settle_outbox(zygote)
    settle_all(world, zygote)
    assert {world.counts(order) for order in orders} == {(1, 1, 1, 1)}
    for card in cards:
        mine = [order for order in orders if order["partner_id"] == card["partner"]]
        assert world.balance(card) == world.points(*mine)
    world.assert_clean(zygote)


def many(function, items):
    for item in items:
        function(item)
