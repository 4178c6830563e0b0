"""Two at once: the first sale of a card, returns of one receipt, adjustments. Nothing is lost, nothing posts twice."""

from functools import partial

from faults_server import RpcError
from faults_world import at_once

ROUNDS = 20
RETURNS = 8


def attempt(function, *arguments):
    """Call; return (result, error): of what two people do at once, one may be refused."""
    try:
        return function(*arguments), None
    except RpcError as error:
        return None, error


def test_two_tills_sell_to_the_same_new_card(world, zygote, tills):
    sales = []
    for number in range(ROUNDS):
        card = world.card()
        if number % 2:
            # Also without the account that enrolment opened.
            world.query("DELETE FROM fidelity_account WHERE id = %s", card["account"])
        orders = [world.order(card, till=place) for place in range(2)]
        answers = at_once(*(partial(till.sell, order) for till, order in zip(tills, orders, strict=True)))
        assert [errors for _answer, errors in answers] == [[], []]
        sales.append((card, orders))
    print(f"{len(world.waiting())} of {2 * ROUNDS} sales posted through the outbox")
    world.settle_outbox(zygote)
    for card, orders in sales:
        assert [world.counts(order) for order in orders] == [(1, 1, 1, 1)] * 2
        assert world.balance(card) == world.points(*orders)
    world.assert_clean(zygote)


def test_two_returns_of_the_same_receipt(world, zygote, tills):
    _mug, lamp, chair, taxed, _pencil = world.facts["products"]
    waited = 0
    for _round in range(RETURNS // 2):
        card = world.card()
        sale = world.order(card, [world.line(lamp, 3), world.line(chair, 2), world.line(taxed, 1)])
        tills[0].sell(sale)
        returns = [world.return_of(sale, card, {0: 1, 1: 1}), world.return_of(sale, card, {0: 1, 2: 1}, till=1)]
        answers = at_once(*(partial(till.sell, order) for till, order in zip(tills, returns, strict=True)))
        assert [errors for _answer, errors in answers] == [[], []]
        kept = round((sale["amount_total"] + sum(order["amount_total"] for order in returns)) * 100) // 1000
        assert world.balance(card) >= kept
        assert [world.counts(order)[0] for order in returns] == [1, 1]
        waited += len(world.waiting())
        world.settle_outbox(zygote)
        assert [world.counts(order)[:3] for order in returns] == [(1, 1, 1)] * 2
        assert world.balance(card) == kept
    print(f"{waited} of {RETURNS} returns posted through the outbox")
    world.assert_clean(zygote)


def adjustment(manager, card, quantity):
    """Open the wizard; return (its id, its key)."""
    values = {"member_id": card["member"], "quantity": quantity, "reason": "Complaint"}
    wizard = manager.call("fidelity.adjustment", "create", [values])[0]
    return wizard, manager.call("fidelity.adjustment", "read", [wizard], ["key"])[0]["key"]


def postings(world, key):
    return world.value("SELECT count(*) FROM fidelity_posting WHERE op_key = 'adjust:' || %s", key)


def test_two_adjustments_that_would_overdraw(world, zygote, server):
    managers = [server.log_in("manager", "manager-password") for _number in range(2)]
    for _round in range(4):
        card = world.card()
        wizard, _key = adjustment(managers[0], card, 100)
        managers[0].call("fidelity.adjustment", "action_post", [wizard])
        wizards = [adjustment(manager, card, -60) for manager in managers]
        outcomes = at_once(
            *(
                partial(attempt, manager.call, "fidelity.adjustment", "action_post", [wizard])
                for manager, (wizard, _key) in zip(managers, wizards, strict=True)
            )
        )
        errors = [error for _result, error in outcomes if error]
        assert len(errors) == 1 and "UserError" in str(errors[0]), outcomes
        assert sorted(postings(world, key) for _wizard, key in wizards) == [0, 1]
        assert world.balance(card) == 40
    world.assert_clean(zygote)


def test_the_same_adjustment_twice_at_once(world, zygote, server):
    managers = [server.log_in("manager", "manager-password") for _number in range(2)]
    for _round in range(4):
        card = world.card()
        wizard, key = adjustment(managers[0], card, 7)
        at_once(*(partial(attempt, managers[0].call, "fidelity.adjustment", "action_post", [wizard]) for _twice in "ab"))
        assert postings(world, key) == 1
        assert world.balance(card) == 7
