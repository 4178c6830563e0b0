"""Two at once: prizes for the same points, the same prize twice, a prize taken back twice."""

from functools import partial

import pytest
from faults_world import at_once
from test_faults_races import adjustment, attempt

ROUNDS = 4


@pytest.fixture(scope="module")
def manager(prefork):
    """A loyalty manager, on a server of processes."""
    return prefork.log_in("manager", "manager-password")


@pytest.fixture(scope="module")
def prize(manager, world):
    """A prize of 60 points."""
    card_type = world.value("SELECT card_type_id FROM fidelity_member WHERE id = %s", world.card()["member"])
    return manager.call("fidelity.prize", "create", [{"name": "Mug", "points": 60, "card_type_id": card_type}])[0]


def give_points(manager, card, quantity):
    wizard, _key = adjustment(manager, card, quantity)
    manager.call("fidelity.adjustment", "action_post", [wizard])


def redemption(manager, card, prize):
    """Open the wizard; return (its id, its key)."""
    wizard = manager.call("fidelity.redemption", "create", [{"member_id": card["member"], "prize_id": prize}])[0]
    return wizard, manager.call("fidelity.redemption", "read", [wizard], ["key"])[0]["key"]


def posted(world, key, suffix=""):
    return world.value("SELECT count(*) FROM fidelity_posting WHERE op_key = 'redeem:' || %s", key + suffix)


def test_two_prizes_for_the_same_points(world, zygote, manager, prize):
    for _round in range(ROUNDS):
        card = world.card()
        give_points(manager, card, 100)
        wizards = [redemption(manager, card, prize) for _twice in "ab"]
        outcomes = at_once(
            *(partial(attempt, manager.call, "fidelity.redemption", "action_give", [wizard]) for wizard, _key in wizards)
        )
        errors = [error for _result, error in outcomes if error]
        assert len(errors) == 1 and "costs 60 points" in str(errors[0]), outcomes
        assert sorted(posted(world, key) for _wizard, key in wizards) == [0, 1]
        assert world.balance(card) == 40
    world.assert_clean(zygote)


def test_the_same_prize_twice_at_once(world, zygote, manager, prize):
    for _round in range(ROUNDS):
        card = world.card()
        give_points(manager, card, 150)
        wizard, key = redemption(manager, card, prize)
        at_once(*(partial(attempt, manager.call, "fidelity.redemption", "action_give", [wizard]) for _twice in "ab"))
        assert posted(world, key) == 1
        assert world.balance(card) == 90
    world.assert_clean(zygote)


def test_a_prize_taken_back_twice_at_once(world, zygote, manager, prize):
    for _round in range(ROUNDS):
        card = world.card()
        give_points(manager, card, 70)
        wizard, key = redemption(manager, card, prize)
        manager.call("fidelity.redemption", "action_give", [wizard])
        posting = world.value("SELECT id FROM fidelity_posting WHERE op_key = 'redeem:' || %s", key)
        undoes = [
            manager.call("fidelity.redemption.undo", "create", [{"posting_id": posting, "reason": "Wrong one"}])[0] for _ in "ab"
        ]
        at_once(*(partial(attempt, manager.call, "fidelity.redemption.undo", "action_take_back", [undo]) for undo in undoes))
        assert posted(world, key, ":undo") == 1
        assert world.balance(card) == 70
    world.assert_clean(zygote)
