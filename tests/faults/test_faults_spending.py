"""Two tills and the same cashback: one gets it, the other is told; where both take it all the same, the account says so."""

import json
from functools import partial

import faults_environment as environment
import pytest
from faults_server import RpcError
from faults_world import at_once

TRIALS = 200 if environment.EVERYTHING else 20
INSERT = "fidelity.posting._insert"
#: Somebody waits for somebody.
WAITING = """
SELECT bool_or(cardinality(pg_blocking_pids(pid)) > 0) FROM pg_stat_activity WHERE datname = current_database()
"""


@pytest.fixture(scope="module")
def tills(prefork):
    """A cashier on two tills, on a server of processes."""
    return [prefork.log_in("cashier", "cashier-password") for _number in range(2)]


@pytest.fixture
def saver(world, zygote):
    """A card with 10.00 of cashback, from a card type that pays cashback out."""
    manager = world.facts["users"]["manager"]
    number = world.random.randrange(100, 999)
    vals = {
        "name": f"Cash {number}",
        "code": f"cash-{number}",
        "number_prefix": f"047{number}",
        "cashback_payout": True,
        "benefit_ids": [(0, 0, {"kind": "cashback", "percent": 10})],
    }
    card_type = zygote.call("fidelity.card.type", "create", [vals], uid=manager)[0]["id"]
    zygote.call("fidelity.card.type", "_publish", ids=[card_type], uid=manager)
    partner = zygote.call("res.partner", "create", [{"name": f"Saver {number}"}])[0]["id"]
    vals = {"partner_id": partner, "card_type_id": card_type}
    member = zygote.call("fidelity.member", "create", [vals], uid=manager)[0]["id"]
    zygote.call("fidelity.card", "create", [{"card_type_id": card_type, "member_id": member}], uid=manager)
    card = {
        "number": world.value("SELECT number FROM fidelity_card WHERE member_id = %s", member),
        "partner": partner,
        "member": member,
    }
    sell(world, zygote, world.order(card, [world.line(mug(world), 10)]))
    assert money(world, card) == 1000
    return card


def mug(world):
    return next(product for product in world.facts["products"] if product["price"] == 10.0)


def config_of(world, number):
    return world.value("SELECT config_id FROM pos_session WHERE id = %s", world.facts["tills"][number]["session"])


def sell(world, zygote, order):
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])


def money(world, card):
    return int(
        world.value(
            "SELECT COALESCE(sum(e.quantity), 0) FROM fidelity_ledger_entry e JOIN fidelity_account a ON a.id = e.account_id"
            " JOIN fidelity_member m ON m.holder_id = a.holder_id WHERE m.id = %s AND a.unit = 'money'",
            card["member"],
        )
    )


def held(world, card):
    return world.value(
        "SELECT COALESCE(sum(quantity), 0) FROM fidelity_hold WHERE member_id = %s AND state = 'held'"
        " AND expires_at > now() AT TIME ZONE 'UTC'",
        card["member"],
    )


def spending(world, card, minor, till, hold=None):
    """A sale of 20.00, of which some is paid with cashback."""
    goods = world.line(mug(world), 2)
    product = world.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'loyalty_fidelity_pos' AND name = 'product_fidelity_discount'"
    )
    effect = {"v": 1, "kind": "amount", "benefit": "cashback", "amount_minor": minor, "allocation": {goods["uuid"]: minor}}
    off = world.line({"id": product, "price": -minor / 100, "taxes": [], "percent": 0}, 1, fidelity_effect=json.dumps(effect))
    # Two tills at once: numbers of their own, for Odoo gives them out one at a time.
    names = {
        "pos_reference": f"Order {world.uuid()}",
        "tracking_number": "1",
        "sequence_number": world.random.randrange(1000, 9999),
    }
    order = world.order(card, [goods, off], till=till, **names)
    if hold:
        order["fidelity_claim"] = json.dumps({**json.loads(order["fidelity_claim"]), "hold": hold})
    return order


def receipt(world, order):
    """(flags, what was paid with cashback) of an order's receipt."""
    return world.query(
        "SELECT r.flags, r.cashback_spent_minor FROM fidelity_receipt r JOIN pos_order o ON o.id = r.source_id WHERE o.uuid = %s",
        order["uuid"],
    )[0]


def test_two_tills_want_the_same_cashback(world, zygote, tills, saver):
    """Each time one gets it and the other is told what there is."""
    for trial in range(TRIALS):
        keys = [f"cash-{trial}-{number}-{world.uuid()}" for number in range(2)]
        calls = (
            partial(
                tills[number].call, "pos.config", "fidelity_hold_cashback", [config_of(world, number)], saver["number"], 800,
                keys[number],
            )
            for number in range(2)
        )  # fmt: skip
        answers = at_once(*calls)
        assert sorted(answer["status"] for answer in answers) == ["ok", "refused"], answers
        won = next(number for number in range(2) if answers[number]["status"] == "ok")
        assert "2.00" in answers[1 - won]["message"], answers
        assert held(world, saver) == 800
        assert tills[won].call("pos.config", "fidelity_release", [config_of(world, won)], keys[won])
    assert money(world, saver) == 1000


@pytest.mark.parametrize("first", [0, 1])
def test_two_sales_take_the_same_cashback_at_once(world, zygote, saver, first):
    """One has it set aside, the other was off line: both sales stand, each took its 8.00 once, and the second is flagged.

    The second begins before the first has written what it did; it waits, and is settled with what the first left.
    """
    key = world.uuid()
    cashier = world.facts["users"]["cashier"]
    zygote.call("pos.config", "fidelity_hold_cashback", saver["number"], 800, key, ids=[config_of(world, 0)], uid=cashier)
    orders = [spending(world, saver, 800, 0, hold=key), spending(world, saver, 800, 1)]
    ahead = zygote.start("pos.order", "sync_from_ui", [orders[first]], uid=cashier, gates=[[INSERT, "after"]])
    assert ahead.gate() == f"after {INSERT}"
    behind = zygote.start("pos.order", "sync_from_ui", [orders[1 - first]], uid=cashier)
    world.until(lambda: world.value(WAITING))
    for call in (ahead.go(), behind):
        try:
            call.result()
        except RpcError as error:
            pytest.fail(f"a sale is never refused: {error}")
    world.settle_outbox(zygote)
    found = [receipt(world, order) for order in orders]
    assert [spent for _flags, spent in found] == [800, 800]
    flags = [set((flags or "").split(",")) for flags, _spent in found]
    assert "cashback_short" not in flags[first]
    assert "cashback_short" in flags[1 - first]
    assert held(world, saver) == 0
    # 10.00, minus twice 8.00, and a tenth of the 12.00 that each paid.
    assert money(world, saver) == 1000 - 2 * 800 + 2 * 120
    world.assert_clean(zygote)


def test_cashback_is_paid_out_once_whoever_asks(world, zygote, tills, saver):
    """The same payment asked at two processes at once, and again: one posting, one cash move."""
    key = world.uuid()
    ask = partial(tills[0].call, "pos.config", "fidelity_pay_out", [config_of(world, 0)], saver["number"], 700, key)
    again = partial(tills[1].call, "pos.config", "fidelity_pay_out", [config_of(world, 0)], saver["number"], 700, key)
    assert at_once(ask, again) == [{"status": "ok", "balance_minor": 300}] * 2
    assert ask() == {"status": "ok", "balance_minor": 300}
    assert money(world, saver) == 300
    moves = world.query(
        "SELECT amount FROM account_bank_statement_line WHERE pos_session_id = %s AND amount = -7",
        world.facts["tills"][0]["session"],
    )
    assert len(moves) == 1
    world.assert_clean(zygote)


def test_paid_out_while_it_is_spent(world, zygote, saver):
    """A sale is about to commit what it took; paying the same out waits, and is told what is left."""
    cashier = world.facts["users"]["cashier"]
    order = spending(world, saver, 800, 0)
    sale = zygote.start("pos.order", "sync_from_ui", [order], uid=cashier, gates=[[INSERT, "after"]])
    assert sale.gate() == f"after {INSERT}"
    paying = zygote.start(
        "pos.config", "fidelity_pay_out", saver["number"], 1000, world.uuid(), ids=[config_of(world, 1)], uid=cashier
    )
    world.until(lambda: world.value(WAITING))
    sale.go().result()
    answer = paying.result()
    assert answer["status"] == "refused", answer
    assert "3.20" in answer["message"], answer
    assert receipt(world, order) == (None, 800)
    assert money(world, saver) == 1000 - 800 + 120
    world.assert_clean(zygote)
