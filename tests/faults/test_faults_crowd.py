"""Ten people at once on twenty accounts: they sell, take back, set aside, give prizes and merge members, also while the server is killed.

Afterwards nothing is lost, doubled or spent twice, whatever the order was in which the server's processes got to it.
"""

import time
from collections import Counter

import faults_environment as environment
import pytest
from faults_crowd import Crowd
from faults_world import BALANCES, settle
from test_faults_races import adjustment
from test_faults_tiers import seal

SECONDS = 60 if environment.EVERYTHING else 10
KILLS = 10 if environment.EVERYTHING else 2
WORKERS = 4
CARDS, FEWEST_MEMBERS = 20, 8
POINTS, COST = 100, 60
PAUSE_SECONDS = 0.5
#: How much everybody does at least, however slow the machine is.
STEPS = 5
#: Between two deaths of the server.
LIVES_SECONDS = (2.0, 6.0)

#: Prizes whose points did not come out of lots, to the unit: they would have been spent from nothing, or twice.
UNCOVERED = """
SELECT p.op_key FROM fidelity_ledger_entry e JOIN fidelity_posting p ON p.id = e.posting_id
 WHERE e.kind = 'redeem' AND e.quantity < 0
   AND e.quantity <> -(SELECT COALESCE(sum(x.quantity), 0) FROM fidelity_lot_allocation x WHERE x.entry_id = e.id)
"""
OVERDRAWN_LOTS = """
SELECT l.id FROM fidelity_lot l
 WHERE (SELECT COALESCE(sum(x.quantity), 0) FROM fidelity_lot_allocation x WHERE x.lot_id = l.id) NOT BETWEEN 0 AND l.quantity
"""
#: Points that are set aside twice, or set aside and spent.
HELD_TWICE = """
SELECT l.id FROM fidelity_hold h JOIN fidelity_hold_lot hl ON hl.hold_id = h.id JOIN fidelity_lot l ON l.id = hl.lot_id
 WHERE h.state = 'held' AND h.expires_at > now() AT TIME ZONE 'UTC'
 GROUP BY l.id
HAVING sum(hl.quantity) + COALESCE((SELECT sum(x.quantity) FROM fidelity_lot_allocation x
                                      JOIN fidelity_ledger_entry e ON e.id = x.entry_id AND e.kind = 'redeem'
                                     WHERE x.lot_id = l.id), 0) > l.quantity
"""
LEFT_BEHIND = """
SELECT a.id FROM fidelity_account a JOIN fidelity_holder h ON h.id = a.holder_id
 WHERE h.merged_into_id IS NOT NULL
   AND (SELECT COALESCE(sum(e.quantity), 0) FROM fidelity_ledger_entry e WHERE e.account_id = a.id) <> 0
"""


@pytest.fixture
def crowd(world, make_server):
    """A crowd on accounts of its own with some points each, and a server of processes that ends with the test."""
    server = make_server(workers=WORKERS, name="crowd")
    manager = server.log_in("manager", "manager-password")
    cards = [world.card() for _number in range(CARDS)]
    for card in cards:
        wizard, _key = adjustment(manager, card, POINTS)
        manager.call("fidelity.adjustment", "action_post", [wizard])
    card_type = world.value("SELECT card_type_id FROM fidelity_member WHERE id = %s", cards[0]["member"])
    values = {"name": "Mug of the crowd", "points": COST, "card_type_id": card_type}
    prize = manager.call("fidelity.prize", "create", [values])[0]
    yield Crowd(world, server, cards, prize, FEWEST_MEMBERS)
    server.stop()


def look(world, crowd, zygote, seconds, steps=0):
    """Fold while everybody works, and see that every balance is the sum of its entries whenever one looks.

    :param seconds: for how long at least
    :param int steps: until everybody has done so much
    :return: how often
    """
    end, looks = time.monotonic() + seconds, 0
    while (time.monotonic() < end or any(worker.done < steps for worker in crowd.workers)) and not crowd.broken:
        wrong = [row for row in world.query(BALANCES) if row[1] != row[2]]
        assert not wrong, wrong
        if looks % 4 == 0:
            settle(zygote)
        crowd.over.wait(PAUSE_SECONDS)
        looks += 1
    return looks


def settle_everything(world, crowd, zygote):
    crowd.stop()
    crowd.server.stop()
    world.settle_outbox(zygote)
    zygote.call("fidelity.holder", "_cron_sweep")
    seal(world, zygote)


def assert_exact(world, crowd, zygote):
    """What everybody wrote down is what the ledger says."""
    sales, given = crowd.sales, crowd.given
    orders = [order for sale in sales for order in (sale.order, *sale.returns)]
    got = [prize for prize in given if prize.got]
    merged = CARDS - len({member_of(world, card) for card in crowd.cards})
    print(
        f"{len(sales)} sales, {len(orders) - len(sales)} returns, {len(got)} of {len(given)} prizes given,"
        f" {sum(prize.taken_back for prize in got)} taken back, {merged} members merged, {sum(w.done for w in crowd.workers)} steps"
    )
    assert len(sales) > len(crowd.cashiers) and got and merged
    assert {world.counts(order)[:3] for order in orders} == {(1, 1, 1)}
    keys = [
        row[0] for row in world.query("SELECT op_key FROM fidelity_posting WHERE kind = 'redeem' AND prize_id = %s", crowd.prize)
    ]
    wanted = [f"redeem:{prize.key}" for prize in got] + [f"redeem:{prize.key}:undo" for prize in got if prize.taken_back]
    assert sorted(keys) == sorted(wanted)
    expected = Counter()
    for card in crowd.cards:
        expected[member_of(world, card)] += POINTS
    for sale in sales:
        kept = sum(order["amount_total"] for order in (sale.order, *sale.returns))
        expected[member_of(world, sale.card)] += round(kept * 100) // 1000
    for prize in got:
        expected[member_of(world, prize.card)] -= 0 if prize.taken_back else COST
    assert {member: world.balance({"member": member}) for member in expected} == dict(expected)
    for statement in (UNCOVERED, OVERDRAWN_LOTS, HELD_TWICE, LEFT_BEHIND):
        assert world.query(statement) == []
    world.assert_clean(zygote)


def member_of(world, card):
    return world.value("SELECT member_id FROM fidelity_card WHERE number = %s", card["number"])


def test_a_crowd_on_few_accounts(world, zygote, crowd):
    crowd.start()
    try:
        assert look(world, crowd, zygote, SECONDS, STEPS) > 1
    finally:
        settle_everything(world, crowd, zygote)
    assert_exact(world, crowd, zygote)


def test_a_crowd_while_the_server_is_killed(world, zygote, crowd):
    """All its processes die of SIGKILL at once, wherever they are; it is started again, and everybody goes on."""
    crowd.start()
    try:
        for _kill in range(KILLS):
            look(world, crowd, zygote, world.random.uniform(*LIVES_SECONDS))
            crowd.server.stop()
            crowd.server.start()
        look(world, crowd, zygote, LIVES_SECONDS[1], STEPS)
    finally:
        settle_everything(world, crowd, zygote)
    assert_exact(world, crowd, zygote)
