"""Two tills and the same points: one gets them, the other is told at once. Expiry and spending never take the same points."""

import statistics
import time
from functools import partial

import faults_environment as environment
import pytest
from faults_server import RpcError
from faults_world import at_once

TRIALS = 1000 if environment.EVERYTHING else 100
#: How many times as long as the one who gets them the other may wait for his answer, at the median.
SLOWER = 3


@pytest.fixture(scope="module")
def tills(prefork):
    """A cashier on two tills, on a server of processes; the second server process answers the second."""
    return [prefork.log_in("cashier", "cashier-password") for _number in range(2)]


def timed(call):
    """Call; return (answer, seconds)."""
    began = time.perf_counter()
    return call(), time.perf_counter() - began


def held(world, card):
    return world.value(
        "SELECT COALESCE(sum(quantity), 0) FROM fidelity_hold WHERE member_id = %s AND state = 'held'"
        " AND expires_at > now() AT TIME ZONE 'UTC'",
        card["member"],
    )


def adjust(zygote, world, card, quantity):
    """Give points, in one call of the server."""
    manager = world.facts["users"]["manager"]
    made = zygote.call(
        "fidelity.adjustment", "create", [{"member_id": card["member"], "quantity": quantity, "reason": "Test"}], uid=manager
    )
    zygote.call("fidelity.adjustment", "action_post", ids=[made[0]["id"]], uid=manager)


def hold(till, world, number, card, quantity, key):
    return till.call("pos.config", "fidelity_hold", [config_of(world, number)], card["number"], quantity, key)


def test_two_tills_spend_the_same_points(world, zygote, tills):
    card = world.card()
    adjust(zygote, world, card, 100)
    ratios, winners = [], [0, 0]
    for trial in range(TRIALS):
        keys = [f"trial-{trial}-{number}-{world.uuid()}" for number in range(2)]
        outcomes = at_once(
            *(partial(timed, partial(hold, tills[number], world, number, card, 60, keys[number])) for number in range(2))
        )
        assert sorted(answer["status"] for answer, _seconds in outcomes) == ["ok", "refused"], outcomes
        won = next(number for number in range(2) if outcomes[number][0]["status"] == "ok")
        refusal = outcomes[1 - won][0]["message"]
        assert "can spend 40 points now. Set aside for another basket: 60 points." in refusal, refusal
        assert held(world, card) == 60
        winners[won] += 1
        ratios.append(outcomes[1 - won][1] / outcomes[won][1])
        assert tills[won].call("pos.config", "fidelity_release", [config_of(world, won)], keys[won])
        assert held(world, card) == 0
    median = statistics.median(ratios)
    print(f"{TRIALS} trials, won {winners}; the other waited {median:.2f} times as long, at most {max(ratios):.2f}")
    assert median <= SLOWER
    assert world.balance(card) == 100
    world.assert_clean(zygote)


def test_two_tills_that_both_have_enough(world, zygote, tills):
    card = world.card()
    adjust(zygote, world, card, 100)
    for trial in range(TRIALS // 10):
        keys = [f"both-{trial}-{number}-{world.uuid()}" for number in range(2)]
        answers = at_once(*(partial(hold, tills[number], world, number, card, 50, keys[number]) for number in range(2)))
        assert [answer["status"] for answer in answers] == ["ok", "ok"], answers
        assert held(world, card) == 100
        for number in range(2):
            tills[number].call("pos.config", "fidelity_release", [config_of(world, number)], keys[number])


def test_the_same_hold_twice_at_once(world, zygote, tills):
    card = world.card()
    adjust(zygote, world, card, 100)
    for _trial in range(TRIALS // 10):
        key = world.uuid()
        at_once(*(partial(hold, tills[number], world, 0, card, 60, key) for number in range(2)))
        assert held(world, card) == 60
        tills[0].call("pos.config", "fidelity_release", [config_of(world, 0)], key)


def test_a_till_sells_while_another_holds(world, zygote, tills):
    """A hold is about to commit: a sale to the same card goes through without waiting."""
    card = world.card()
    adjust(zygote, world, card, 100)
    slow = holding(zygote, world, card, gates=[["commit", "before"]])
    assert slow.gate() == "before commit"
    order = world.order(card, till=1)
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
    assert world.counts(order) == (1, 1, 1, 1)
    assert slow.go().result()["status"] == "ok"
    assert world.balance(card) == 100 + world.points(order)
    world.assert_clean(zygote)


def config_of(world, number):
    return world.value("SELECT config_id FROM pos_session WHERE id = %s", world.facts["tills"][number]["session"])


# -- expiry at the same moment ---------------------------------------------------------------------------------------

RUN = {
    "day": "2030-02-01", "from_date": "2020-01-01", "from_entry_id": 10**12, "entry_id": 0, "started_at": "2030-02-01 01:00:00",
    "phase": "days", "position": 0, "account_count": 0, "points": 0,
}  # fmt: skip


@pytest.fixture
def expiring(world, zygote):
    """Cards with 100 points each that expire, and a run of a day to come that takes them as soon as it goes on."""
    world.query("DELETE FROM fidelity_expiry_run")
    card_type = world.value("SELECT card_type_id FROM fidelity_member ORDER BY id LIMIT 1")
    zygote.call("fidelity.card.type", "write", {"expiry_kind": "months", "expiry_months": 1}, ids=[card_type])
    zygote.call("fidelity.card.type", "_publish", "2020-01-03 00:00:00", ids=[card_type])
    cards = [world.card() for _number in range(3)]
    for card in cards:
        adjust(zygote, world, card, 100)
    zygote.call("fidelity.expiry.run", "_append", [RUN])
    yield cards
    zygote.call("fidelity.card.type", "write", {"expiry_kind": "never"}, ids=[card_type])
    zygote.call("fidelity.card.type", "_publish", "2020-01-03 00:00:00", ids=[card_type])


def expired(world, card):
    return world.query(
        "SELECT quantity FROM fidelity_ledger_entry WHERE account_id = %s AND kind = 'expire' ORDER BY id", card["account"]
    )


def holding(zygote, world, card, **request):
    """A till that sets 60 points aside, in a process of its own."""
    return zygote.start(
        "pos.config", "fidelity_hold", card["number"], 60, world.uuid(), ids=[config_of(world, 0)],
        uid=world.facts["users"]["cashier"], **request,
    )  # fmt: skip


def test_points_expire_while_a_till_wants_them(world, zygote, expiring):
    """The run has posted and stands before its commit: the till waits, then is told that nothing is left."""
    run = zygote.start("fidelity.expiry.run", "_cron_expire", gates=[["fidelity.expiry.run._post", "after"]])
    run.gate()
    till = holding(zygote, world, expiring[0])
    run.go().result()
    answer = till.result()
    assert answer["status"] == "refused" and "can spend 0 points now" in answer["message"], answer
    assert [world.balance(card) for card in expiring] == [0, 0, 0]
    world.assert_clean(zygote)


def test_a_till_sets_points_aside_while_they_expire(world, zygote, expiring):
    """The hold stands before its commit: the run sees it and lets that account alone; the next run takes what comes free."""
    till = holding(zygote, world, expiring[0], gates=[["commit", "before"]])
    till.gate()
    run = zygote.start("fidelity.expiry.run", "_cron_expire")
    answer = till.go().result()
    run.result()
    assert answer["status"] == "ok"
    assert [world.balance(card) for card in expiring] == [100, 0, 0]
    assert zygote.call("pos.config", "fidelity_release", answer["key"], ids=[config_of(world, 0)])
    world.query("UPDATE fidelity_expiry_run SET started_at = '2020-01-01'")
    tomorrow = {**RUN, "day": "2030-02-02", "from_date": "2030-02-01", "since_at": "2020-01-01 00:00:00", "phase": "late"}
    zygote.call("fidelity.expiry.run", "_append", [tomorrow])
    zygote.call("fidelity.expiry.run", "_cron_expire")
    assert [world.balance(card) for card in expiring] == [0, 0, 0]
    world.assert_clean(zygote)


def test_a_run_that_is_killed_goes_on(world, zygote, expiring):
    """One account a batch; killed around every statement of the first ones, it ends with every account posted once."""
    small = {"constants": [["odoo.addons.loyalty_fidelity.models.fidelity_expiry_run", "BATCH", 1]]}
    for after in (12, 16, 20, 24, 30) if not environment.EVERYTHING else range(1, 60):
        zygote.start("fidelity.expiry.run", "_cron_expire", kill_after=after, **small).end()
    zygote.call("fidelity.expiry.run", "_cron_expire", **small)
    assert [expired(world, card) for card in expiring] == [[(-100,)]] * 3
    assert [world.balance(card) for card in expiring] == [0, 0, 0]
    assert world.value("SELECT phase FROM fidelity_expiry_run") == "done"
    world.assert_clean(zygote)


def test_two_runs_at_once(world, zygote, expiring):
    """Two jobs at the same run: nothing expires twice."""
    runs = [zygote.start("fidelity.expiry.run", "_cron_expire") for _twice in "ab"]
    for run in runs:
        try:
            run.result()
        except RpcError as error:
            assert "could not serialize" in str(error), error
    zygote.call("fidelity.expiry.run", "_cron_expire")
    assert [expired(world, card) for card in expiring] == [[(-100,)]] * 3
    world.assert_clean(zygote)
