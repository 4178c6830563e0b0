"""A process that sells is killed between any two SQL statements; the till sends the order again: posted once."""

import faults_environment as environment
import pytest

OTHERS = 12


def start_sale(zygote, world, order, **request):
    uid = world.facts["users"]["cashier"]
    return zygote.start("pos.order", "sync_from_ui", [order], uid=uid, **request)


@pytest.fixture(scope="module")
def trace(world, zygote):
    """(SQL statements of one paid order, how many of them come before its commit)."""
    event = start_sale(zygote, world, world.order(world.card())).end()
    assert event["event"] == "done", event
    return event["statements"], event["committed"]


def places(world, statements):
    """After how many statements to kill: around our own and some others; all of them with LF_ALL=1."""
    every = range(len(statements) + 1)
    if environment.EVERYTHING:
        return list(every)
    ours = [place for place, text in enumerate(statements, 1) if "fidelity" in text]
    assert any("INSERT INTO fidelity_posting" in statements[place - 1] for place in ours)
    near = {place + step for place in ours for step in (-1, 0)}
    return sorted({0, 1, len(statements), *near, *world.random.sample(every, OTHERS)} & set(every))


def test_killed_between_any_two_statements(world, zygote, trace):
    statements, committed = trace
    card = world.card()
    orders = []
    for place in places(world, statements):
        order = world.order(card)
        orders.append(order)
        assert start_sale(zygote, world, order, kill_after=place).end() is None, f"lived on after statement {place}"
        assert world.counts(order) == ((0, 0, 0, 0) if place <= committed else (1, 1, 1, 1))
        assert start_sale(zygote, world, order).result()["pos.order"]
        assert world.counts(order) == (1, 1, 1, 1), f"killed after statement {place}: {statements[place - 1 : place + 1]}"
    print(f"{len(orders)} of {len(statements) + 1} places, {committed} statements before the commit")
    assert world.waiting() == []
    assert world.balance(card) == world.points(*orders)
    world.assert_clean(zygote)


@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_at_the_commit(world, zygote, when):
    card = world.card()
    order = world.order(card)
    assert start_sale(zygote, world, order, kill_at_commit=when).end() is None
    assert world.counts(order) == ((0, 0, 0, 0) if when == "before" else (1, 1, 1, 1))
    start_sale(zygote, world, order).result()
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)


TRAPS = [
    ("INSERT INTO fidelity_posting", "before", 0),
    ("INSERT INTO fidelity_posting", "after", 0),
    ("COMMIT", "before", 0),
    ("COMMIT", "after", 1),
]


@pytest.mark.parametrize(("statement", "when", "posted"), TRAPS)
def test_a_worker_process_is_killed(world, prefork, statement, when, posted):
    sell_into_trap(world, prefork, statement, when, posted)


@pytest.mark.parametrize(("statement", "when", "posted"), TRAPS[1:3])
def test_the_whole_server_is_killed_and_started_again(world, threaded, statement, when, posted):
    sell_into_trap(world, threaded, statement, when, posted)


def sell_into_trap(world, server, statement, when, posted):
    """Sell; the process dies at the statement; start what must be started; the till sends the same order again."""
    card = world.card()
    order = world.order(card)
    till = server.log_in("cashier", "cashier-password")
    server.set_trap(statement, when)
    till.send_and_leave(order)
    world.until(lambda: server.trap_sprung)
    if not server.workers:
        server.wait_dead()
        server.start()
    assert world.counts(order) == (posted,) * 4
    server.log_in("cashier", "cashier-password").sell(order)
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)
