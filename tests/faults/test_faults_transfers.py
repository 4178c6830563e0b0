"""Members are merged and households made while tills sell and managers adjust: no point is lost, doubled or stranded."""

from functools import partial

from faults_server import RpcError
from faults_world import BALANCES, at_once

POSTING = "fidelity.receipt._post_purchase"


def start_sale(zygote, world, order, place, when):
    """A sale that stands somewhere in the middle."""
    uid = world.facts["users"]["cashier"]
    sale = zygote.start("pos.order", "sync_from_ui", [order], uid=uid, gates=[[place, when]])
    assert sale.gate() == f"{when} {place}"
    return sale


def make(zygote, world, model, **values):
    """A wizard of a manager: its id."""
    return zygote.call(model, "create", [values], uid=world.facts["users"]["manager"])[0]["id"]


def run(zygote, world, model, wizard, method, **request):
    """Run a wizard as the manager; return None, or why it was refused."""
    try:
        zygote.call(model, method, ids=[wizard], uid=world.facts["users"]["manager"], **request)
    except RpcError as error:
        return str(error)
    return None


def merge(zygote, world, card, survivor, **request):
    """Merge the member of one card into that of another."""
    members = [card["member"], survivor["member"]]
    wizard = make(zygote, world, "fidelity.member.merge", member_ids=[(6, 0, members)], survivor_id=survivor["member"])
    return run(zygote, world, "fidelity.member.merge", wizard, "action_merge", **request)


def join(zygote, world, card, other):
    wizard = make(zygote, world, "fidelity.household.join", member_id=card["member"], other_id=other["member"])
    return run(zygote, world, "fidelity.household.join", wizard, "action_join")


def adjust(zygote, world, card, quantity, **request):
    wizard = make(zygote, world, "fidelity.adjustment", member_id=card["member"], quantity=quantity, reason="Test")
    return run(zygote, world, "fidelity.adjustment", wizard, "action_post", **request)


def sweep(zygote):
    zygote.call("fidelity.holder", "_cron_sweep")


def account_balance(world, card):
    """What the account that a card's member was enrolled with has."""
    rows = world.query(f"{BALANCES} WHERE a.id = %s", card["account"])
    assert rows[0][1] == rows[0][2]
    return int(rows[0][1])


def member_of(world, card):
    return world.value("SELECT member_id FROM fidelity_card WHERE number = %s", card["number"])


def test_a_sale_that_ran_while_its_member_was_merged(world, zygote):
    """It knew nothing of the merge: what it posted follows, once."""
    for place, when in ((POSTING, "before"), (POSTING, "after"), ("commit", "before")):
        card, survivor = world.card(), world.card()
        assert adjust(zygote, world, card, 30) is None
        order = world.order(card, till=2)
        sale = start_sale(zygote, world, order, place, when)
        assert merge(zygote, world, card, survivor) is None
        assert world.balance(survivor) == 30
        sweep(zygote)
        sale.go().result()
        world.settle_outbox(zygote)
        sweep(zygote)
        sweep(zygote)
        assert world.balance(survivor) == 30 + world.points(order), (place, when)
        assert account_balance(world, card) == 0
        assert member_of(world, card) == survivor["member"]
    world.assert_clean(zygote)


def test_a_sale_that_ran_while_its_member_joined_a_household(world, zygote):
    card, other = world.card(), world.card()
    order = world.order(card, till=2)
    sale = start_sale(zygote, world, order, POSTING, "before")
    assert join(zygote, world, card, other) is None
    sale.go().result()
    world.settle_outbox(zygote)
    sweep(zygote)
    assert world.balance(card) == world.balance(other) == world.points(order)
    assert account_balance(world, card) == 0
    world.assert_clean(zygote)


def start_merge(zygote, world, card, survivor, **request):
    """A merge in a process of its own."""
    members = [card["member"], survivor["member"]]
    wizard = make(zygote, world, "fidelity.member.merge", member_ids=[(6, 0, members)], survivor_id=survivor["member"])
    uid = world.facts["users"]["manager"]
    return zygote.start("fidelity.member.merge", "action_merge", ids=[wizard], uid=uid, **request)


def test_a_return_that_ran_while_its_member_was_merged(world, zygote):
    """It uses the lots that the merge moves: one waits for the other, and the second knows of the first."""
    for place, when in ((POSTING, "before"), (POSTING, "after")):
        card, survivor = world.card(), world.card()
        order = world.order(card, [world.line(world.facts["products"][1], 3)])
        zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
        back = world.return_of(order, card, {0: 2}, till=2)
        sale = start_sale(zygote, world, back, place, when)
        merging = start_merge(zygote, world, card, survivor)
        if when == "before":
            merging.result()
            sale.go().result()
        else:
            sale.go().result()
            merging.result()
        world.settle_outbox(zygote)
        sweep(zygote)
        assert (world.balance(survivor), account_balance(world, card)) == (4, 0), (place, when)
        world.assert_clean(zygote)


def test_a_return_and_an_adjustment_use_a_lot_once(world, zygote):
    card = world.card()
    order = world.order(card, [world.line(world.facts["products"][1], 3)])
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
    sale = start_sale(zygote, world, world.return_of(order, card, {0: 2}, till=2), POSTING, "before")
    assert adjust(zygote, world, card, -12) is None
    sale.go().result()
    world.settle_outbox(zygote)
    assert world.balance(card) == 4 - 12
    world.assert_clean(zygote)


def test_an_adjustment_that_ran_while_its_member_was_merged(world, zygote):
    """One of both waits for the other: the merge takes what was adjusted, or the adjustment is refused with a reason."""
    card, survivor = world.card(), world.card()
    manager = world.facts["users"]["manager"]
    wizard = make(zygote, world, "fidelity.adjustment", member_id=card["member"], quantity=9, reason="Test")
    first = zygote.start("fidelity.adjustment", "action_post", ids=[wizard], uid=manager, gates=[["commit", "before"]])
    first.gate()
    members = [card["member"], survivor["member"]]
    other = make(zygote, world, "fidelity.member.merge", member_ids=[(6, 0, members)], survivor_id=survivor["member"])
    second = zygote.start("fidelity.member.merge", "action_merge", ids=[other], uid=manager)
    first.go().result()
    second.result()
    assert (world.balance(survivor), account_balance(world, card)) == (9, 0)

    card, survivor = world.card(), world.card()
    members = [card["member"], survivor["member"]]
    other = make(zygote, world, "fidelity.member.merge", member_ids=[(6, 0, members)], survivor_id=survivor["member"])
    wizard = make(zygote, world, "fidelity.adjustment", member_id=card["member"], quantity=9, reason="Test")
    first = zygote.start("fidelity.member.merge", "action_merge", ids=[other], uid=manager, gates=[["commit", "before"]])
    first.gate()
    second = zygote.start("fidelity.adjustment", "action_post", ids=[wizard], uid=manager)
    first.go().result()
    try:
        second.result()
        refused = ""
    except RpcError as error:
        refused = str(error)
    assert "was merged into" in refused
    assert (world.balance(survivor), account_balance(world, card)) == (0, 0)
    world.assert_clean(zygote)


def test_the_same_merge_twice_at_once(world, zygote):
    for _round in range(3):
        card, survivor = world.card(), world.card()
        assert adjust(zygote, world, card, 30) is None
        members = [card["member"], survivor["member"]]
        wizard = make(zygote, world, "fidelity.member.merge", member_ids=[(6, 0, members)], survivor_id=survivor["member"])
        click = partial(run, zygote, world, "fidelity.member.merge", wizard, "action_merge")
        assert at_once(click, click) == [None, None]
        assert (world.balance(survivor), account_balance(world, card)) == (30, 0)
        transfers = "SELECT count(*) FROM fidelity_posting WHERE kind = 'transfer' AND member_id = %s"
        assert world.value(transfers, card["member"]) == 1
    world.assert_clean(zygote)


def test_the_same_undo_twice_at_once(world, zygote):
    """With one dialogue it is done once; of two dialogues the second is told that there is nothing to undo."""
    for dialogues in (1, 2):
        for _round in range(3):
            card, survivor = world.card(), world.card()
            assert adjust(zygote, world, card, 30) is None
            assert adjust(zygote, world, survivor, 7) is None
            assert merge(zygote, world, card, survivor) is None
            wizards = [make(zygote, world, "fidelity.member.unmerge", member_id=card["member"]) for _number in range(dialogues)]
            clicks = [
                partial(run, zygote, world, "fidelity.member.unmerge", wizards[at % dialogues], "action_unmerge") for at in (0, 1)
            ]
            refusals = [answer for answer in at_once(*clicks) if answer]
            assert len(refusals) == dialogues - 1, refusals
            assert all("nothing to undo" in refusal for refusal in refusals), refusals
            assert (world.balance(survivor), account_balance(world, card)) == (7, 30)
            assert member_of(world, card) == card["member"]
    world.assert_clean(zygote)


def test_an_undo_and_a_merge_of_the_survivor_at_once(world, zygote):
    """Whoever is first: nothing is lost or doubled, and where the survivor was merged first, the undo says so."""
    for _round in range(3):
        card, survivor, third = (world.card() for _number in range(3))
        for each, quantity in ((card, 30), (survivor, 7), (third, 300)):
            assert adjust(zygote, world, each, quantity) is None
        assert merge(zygote, world, card, survivor) is None
        wizard = make(zygote, world, "fidelity.member.unmerge", member_id=card["member"])
        undo = partial(run, zygote, world, "fidelity.member.unmerge", wizard, "action_unmerge")
        answers = at_once(undo, partial(merge, zygote, world, survivor, third))
        assert answers[1] is None, answers
        sweep(zygote)
        balances = [account_balance(world, each) for each in (card, survivor, third)]
        if answers[0]:
            assert "Undo the merge of" in answers[0]
            assert (balances, member_of(world, card)) == ([0, 0, 337], third["member"])
        else:
            assert (balances, member_of(world, card)) == ([30, 0, 307], card["member"])
    world.assert_clean(zygote)


def test_merges_in_a_chain_and_in_a_circle_at_once(world, zygote):
    """A into B while B into C, and A into B while B into A: whoever comes second knows of the first, or is refused."""
    for circle in (False, True):
        for _round in range(3):
            first, second, third = (world.card() for _number in range(3))
            for card, quantity in ((first, 5), (second, 70), (third, 300)):
                assert adjust(zygote, world, card, quantity) is None
            calls = (
                partial(merge, zygote, world, first, second),
                partial(merge, zygote, world, second, first if circle else third),
            )
            refusals = [answer for answer in at_once(*calls) if answer]
            assert all("was merged into" in refusal for refusal in refusals), refusals
            sweep(zygote)
            total = sum(account_balance(world, card) for card in (first, second, third))
            assert total == 375, "nothing is lost or doubled"
            left_behind = """
                SELECT count(*) FROM fidelity_account a JOIN fidelity_holder h ON h.id = a.holder_id
                 WHERE h.merged_into_id IS NOT NULL
                   AND (SELECT COALESCE(sum(quantity), 0) FROM fidelity_ledger_entry e WHERE e.account_id = a.id) <> 0
            """
            assert world.value(left_behind) == 0
            assert {member_of(world, first), member_of(world, second)} <= {card["member"] for card in (first, second, third)}
    world.assert_clean(zygote)


def test_two_sweeps_at_once(world, zygote):
    cards, survivor, orders = [world.card() for _number in range(3)], world.card(), []
    for card in cards:
        order = world.order(card, till=2)
        sale = start_sale(zygote, world, order, "commit", "before")
        assert merge(zygote, world, card, survivor) is None
        sale.go().result()
        orders.append(order)
    world.settle_outbox(zygote)

    def try_sweep():
        try:
            sweep(zygote)
        except RpcError as error:
            assert "SerializationFailure" in str(error)

    at_once(try_sweep, try_sweep)
    sweep(zygote)
    assert world.balance(survivor) == world.points(*orders)
    assert [account_balance(world, card) for card in cards] == [0, 0, 0]
    world.assert_clean(zygote)


def test_a_card_given_while_its_member_is_merged(world, zygote):
    card, survivor = world.card(), world.card()
    card_type = world.value("SELECT card_type_id FROM fidelity_member WHERE id = %s", card["member"])
    values = {"card_type_id": card_type, "member_id": card["member"]}
    given = zygote.start("fidelity.card", "create", [values], gates=[["commit", "before"]])
    given.gate()
    assert merge(zygote, world, card, survivor) is None
    new = given.go().result()[0]["id"]
    sweep(zygote)
    assert world.value("SELECT member_id FROM fidelity_card WHERE id = %s", new) == survivor["member"]


def test_members_join_each_other_at_once(world, zygote):
    """Each wants to share the other's points: both share one account, whoever was first."""
    for _round in range(3):
        anna, marco = world.card(), world.card()
        assert adjust(zygote, world, anna, 20) is None
        assert adjust(zygote, world, marco, 7) is None
        answers = at_once(partial(join, zygote, world, anna, marco), partial(join, zygote, world, marco, anna))
        assert [answer for answer in answers if answer and "already" not in answer] == []
        sweep(zygote)
        assert world.balance(anna) == world.balance(marco) == 27
        assert account_balance(world, anna) + account_balance(world, marco) == 27
    world.assert_clean(zygote)
