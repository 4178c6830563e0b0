"""The same order again, twice at once, and after losing the answer: one order, one posting, one receipt."""

from functools import partial

from faults_world import at_once

ROUNDS = 4
ORDERS_PER_ROUND = 3


def test_the_same_order_again(world, zygote, tills):
    card = world.card()
    order = world.order(card)
    answers = [tills[0].sell(order, tries=1)[0] for _again in range(3)]
    assert len({answer["pos.order"][0]["id"] for answer in answers}) == 1
    assert world.counts(order) == (1, 1, 1, 1)
    assert world.balance(card) == world.points(order)


def test_the_same_order_twice_at_once(world, zygote, tills):
    card = world.card()
    orders = [world.order(card) for _number in range(ROUNDS * ORDERS_PER_ROUND)]
    for start in range(0, len(orders), ORDERS_PER_ROUND):
        some = orders[start : start + ORDERS_PER_ROUND]
        at_once(*(partial(till.sell, order) for order in some for till in tills))
        assert {world.counts(order)[0] for order in some} == {1}
    world.settle_outbox(zygote)
    assert {world.counts(order) for order in orders} == {(1, 1, 1, 1)}
    assert world.balance(card) == world.points(*orders)
    world.assert_clean(zygote)


def test_after_losing_the_answer(world, zygote, tills):
    card = world.card()
    orders = [world.order(card) for _round in range(5)]
    for order in orders:
        tills[0].send_and_leave(order)
        tills[1].sell(order)
    world.settle_outbox(zygote)
    assert {world.counts(order) for order in orders} == {(1, 1, 1, 1)}
    assert world.balance(card) == world.points(*orders)
