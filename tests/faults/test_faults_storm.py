"""Hundreds of sales and returns at once while the server is killed at random statements and started again: nothing lost, nothing twice."""

import time
from functools import partial

import faults_environment as environment
import pytest
from faults_server import Lost, RpcError
from faults_world import at_once, settle_all

OPERATIONS = 2000 if environment.EVERYTHING else 200
KILLS = 40 if environment.EVERYTHING else 6
CARDS = 8
PATIENCE_SECONDS = 240
#: A sale takes about eighty statements: the next death comes somewhere within the next few sales.
STATEMENTS = 400


def until_sold(till, order):
    """Send an order again and again, as a till does while the server is away.

    :return: how many times it had to be sent
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    sent = 0
    while True:
        sent += 1
        try:
            till.call("pos.order", "sync_from_ui", [order])
        except (Lost, RpcError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return sent


def plan(world, place):
    """What one till does: sales, and returns of goods of its own earlier sales.

    :return: pairs (card, order, sale given back or None, quantities given back)
    """
    steps, mine = [], []
    for _number in range(OPERATIONS // len(world.facts["tills"])):
        if mine and world.random.random() < 0.35:
            card, sale, left = world.random.choice(mine)
            lines = [number for number, quantity in left.items() if quantity]
            if lines:
                number = world.random.choice(lines)
                quantity = world.random.randint(1, left[number])
                left[number] -= quantity
                steps.append((card, None, sale, {number: quantity}))
                continue
        card = world.random.choice(world.storm_cards)
        sale = world.order(card, till=place)
        mine.append((card, sale, {number: line[2]["qty"] for number, line in enumerate(sale["lines"])}))
        steps.append((card, sale, None, None))
    return steps


def run_till(world, till, place, steps, done):
    for card, sale, original, quantities in steps:
        order = sale or world.return_of(original, card, quantities, till=place)
        sent = until_sold(till, order)
        done.append((card, order, original, sent))


def kill_now_and_then(world, server, finished):
    """Kill the server at random statements and start it again."""
    for number in range(KILLS):
        server.set_countdown(f"storm-{number}", world.random.randint(1, STATEMENTS))
        while not server.trap_sprung:
            if finished():
                return number
            time.sleep(0.05)
        server.wait_dead()
        server.start()
    return KILLS


def expected_points(sale, returns):
    """One point for every full 10 of what was kept."""
    return round((sale["amount_total"] + sum(order["amount_total"] for order in returns)) * 100) // 1000


@pytest.fixture
def stormy(make_server):
    """A server of threads, to be killed whole."""
    return make_server(workers=0, name="storm")


def test_killed_at_random_statements(world, zygote, stormy):
    world.storm_cards = [world.card() for _number in range(CARDS)]
    places = range(len(world.facts["tills"]))
    plans = [plan(world, place) for place in places]
    tills = [stormy.log_in("cashier", "cashier-password") for _place in places]
    done, kills = [], []
    whole = sum(map(len, plans))

    def killer():
        kills.append(kill_now_and_then(world, stormy, lambda: len(done) == whole))

    at_once(killer, *(partial(run_till, world, tills[place], place, plans[place], done) for place in places))
    stormy.stop()
    world.settle_outbox(zygote)
    again = sum(sent > 1 for *_rest, sent in done)
    print(f"{len(done)} sales and returns, {kills[0]} kills, {again} were sent more than once")
    assert len(done) == whole and kills[0] >= min(KILLS, 3)
    for _card, order, _original, _sent in done:
        assert world.counts(order)[:3] == (1, 1, 1), order["uuid"]
    for card in world.storm_cards:
        sales = [order for owner, order, original, _sent in done if owner is card and original is None]
        points = sum(
            expected_points(sale, [order for _owner, order, original, _sent in done if original is sale]) for sale in sales
        )
        assert world.balance(card) == points
    settle_all(world, zygote)
    world.assert_clean(zygote)
