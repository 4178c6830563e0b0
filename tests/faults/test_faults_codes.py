"""Two at once: the last of a prize, one reservation, one code."""

from functools import partial

import pytest
from faults_world import at_once
from test_faults_prizes import give_points, redemption
from test_faults_races import attempt

ROUNDS = 4


@pytest.fixture(scope="module")
def manager(prefork):
    """A loyalty manager, on a server of processes."""
    return prefork.log_in("manager", "manager-password")


@pytest.fixture(scope="module")
def card_type(world):
    return world.value("SELECT card_type_id FROM fidelity_member WHERE id = %s", world.card()["member"])


def test_the_last_one_goes_to_one_of_two(world, zygote, manager, card_type):
    for _round in range(ROUNDS):
        vals = {"name": "Last mug", "points": 60, "card_type_id": card_type, "availability": "limited", "limit_count": 1}
        prize = manager.call("fidelity.prize", "create", [vals])[0]
        cards = [world.card(), world.card()]
        for card in cards:
            give_points(manager, card, 60)
        wizards = [redemption(manager, card, prize)[0] for card in cards]
        outcomes = at_once(*(partial(attempt, manager.call, "fidelity.redemption", "action_give", [wizard]) for wizard in wizards))
        errors = [error for _result, error in outcomes if error]
        assert len(errors) == 1 and "No Last mug is left" in str(errors[0]), outcomes
        assert sorted(world.balance(card) for card in cards) == [0, 60]
    world.assert_clean(zygote)


def test_one_reservation_ends_once(world, zygote, manager, card_type):
    """Handed over here and cancelled there, at the same moment: one of both, and points that fit."""
    store = world.value("SELECT id FROM fidelity_store ORDER BY id LIMIT 1")
    prize = manager.call("fidelity.prize", "create", [{"name": "Mug", "points": 60, "card_type_id": card_type}])[0]
    for _round in range(ROUNDS):
        card = world.card()
        give_points(manager, card, 60)
        vals = {"member_id": card["member"], "prize_id": prize, "store_id": store, "reserve": True}
        wizard = manager.call("fidelity.redemption", "create", [vals])[0]
        manager.call("fidelity.redemption", "action_give", [wizard])
        reservation = world.value("SELECT id FROM fidelity_reservation WHERE member_id = %s", card["member"])
        at_once(
            partial(attempt, manager.call, "fidelity.reservation", "action_hand_over", [reservation]),
            partial(attempt, manager.call, "fidelity.reservation", "action_cancel", [reservation]),
        )
        state = world.value("SELECT state FROM fidelity_reservation WHERE id = %s", reservation)
        assert (state, world.balance(card)) in (("handed", 0), ("cancelled", 60))
    world.assert_clean(zygote)


def test_one_code_is_used_by_one_of_two(world, zygote, manager):
    code_list = manager.call("fidelity.code.list", "create", [{"name": "Bonus", "worth": "points", "worth_points": 50}])[0]
    for _round in range(ROUNDS):
        batch = manager.call("fidelity.code.batch", "create", [{"list_id": code_list, "count": 1}])[0]
        manager.call("fidelity.code.batch", "action_make", [batch])
        code = world.value("SELECT code FROM fidelity_code ORDER BY id DESC LIMIT 1")
        cards = [world.card(), world.card()]
        wizards = [
            manager.call("fidelity.code.redemption", "create", [{"raw": code, "member_id": card["member"]}])[0] for card in cards
        ]
        outcomes = at_once(
            *(partial(attempt, manager.call, "fidelity.code.redemption", "action_use", [wizard]) for wizard in wizards)
        )
        errors = [error for _result, error in outcomes if error]
        assert len(errors) == 1 and "was used on" in str(errors[0]), outcomes
        assert sorted(world.balance(card) for card in cards) == [0, 50]
    world.assert_clean(zygote)
