"""The purchase that gave a discount and the one that used it come back at once: what is owed is what is kept, and no more."""

import json

import pytest
from faults_server import RpcError

INSERT = "fidelity.posting._insert"
#: Somebody waits for somebody.
WAITING = """
SELECT bool_or(cardinality(pg_blocking_pids(pid)) > 0) FROM pg_stat_activity WHERE datname = current_database()
"""
BRACKETS = [(0, 0, {"from_amount": 1, "percent": 10})]


@pytest.fixture
def owing(world, zygote):
    """A card whose purchases leave 10 % for the next one; what was used and comes back is owed."""
    manager = world.facts["users"]["manager"]
    number = world.random.randrange(100, 999)
    vals = {
        "name": f"Next {number}",
        "code": f"next-{number}",
        "number_prefix": f"048{number}",
        "rolling_return": "debt",
        "benefit_ids": [(0, 0, {"kind": "rolling", "valid_days": 60, "bracket_ids": BRACKETS})],
    }
    card_type = zygote.call("fidelity.card.type", "create", [vals], uid=manager)[0]["id"]
    zygote.call("fidelity.card.type", "_publish", ids=[card_type], uid=manager)
    partner = zygote.call("res.partner", "create", [{"name": f"Owing {number}"}])[0]["id"]
    vals = {"partner_id": partner, "card_type_id": card_type}
    member = zygote.call("fidelity.member", "create", [vals], uid=manager)[0]["id"]
    zygote.call("fidelity.card", "create", [{"card_type_id": card_type, "member_id": member}], uid=manager)
    benefit = world.value("SELECT id FROM fidelity_benefit WHERE card_type_id = %s", card_type)
    number = world.value("SELECT number FROM fidelity_card WHERE member_id = %s", member)
    return {"number": number, "partner": partner, "member": member, "benefit": f"b{benefit}"}


def plain(world):
    return next(product for product in world.facts["products"] if not product["percent"])


def using(world, card):
    """An order that uses the 10 % of the last one."""
    product = plain(world)
    line = world.line(product, 2)
    paid = round(product["price"] * 2 * 0.9, 2)
    effect = {"v": 1, "kind": "percent", "manual_bps": 0, "card_bps": 1000, "benefits": {card["benefit"]: 1000}}
    line.update(discount=10, price_subtotal=paid, price_subtotal_incl=paid, fidelity_effect=json.dumps(effect))
    return world.order(card, [line])


def back(world, order, card, till):
    """All of the only line of an order comes back, for what was paid."""
    sold = order["lines"][0][2]
    line_id = world.value("SELECT id FROM pos_order_line WHERE uuid = %s", sold["uuid"])
    line = world.line(plain(world), -sold["qty"], refunded_orderline_id=line_id, discount=sold["discount"], name=world.uuid())
    line.update(price_subtotal=-sold["price_subtotal"], price_subtotal_incl=-sold["price_subtotal_incl"])
    # Two tills at once: numbers of their own, for Odoo gives them out one at a time.
    names = {
        "pos_reference": f"Order {world.uuid()}",
        "tracking_number": "1",
        "sequence_number": world.random.randrange(1000, 9999),
    }
    return world.order(card, [line], claim=False, till=till, is_refund=True, **names)


def owed(world, card):
    """What is owed, by the ledger and by what the returns noted: the same."""
    by_entries = world.value(
        "SELECT -COALESCE(sum(e.quantity), 0) FROM fidelity_ledger_entry e JOIN fidelity_account a ON a.id = e.account_id"
        " JOIN fidelity_member m ON m.holder_id = a.holder_id WHERE m.id = %s AND a.unit = 'money'",
        card["member"],
    )
    noted = world.value(
        "SELECT COALESCE(sum(d.quantity), 0) FROM fidelity_receipt_debt d JOIN fidelity_receipt r ON r.id = d.source_id"
        " WHERE r.member_id = %s",
        card["member"],
    )
    assert by_entries == noted
    return int(noted)


def test_a_used_discount_is_owed_until_its_goods_come_back(world, zygote, owing):
    cashier = world.facts["users"]["cashier"]
    source, used = world.order(owing, [world.line(plain(world), 1)]), using(world, owing)
    for order in (source, used):
        zygote.call("pos.order", "sync_from_ui", [order], uid=cashier)
    assert world.value("SELECT flags FROM fidelity_receipt ORDER BY id DESC LIMIT 1") is None
    zygote.call("pos.order", "sync_from_ui", [back(world, source, owing, 0)], uid=cashier)
    assert owed(world, owing) == round(plain(world)["price"] * 20)
    zygote.call("pos.order", "sync_from_ui", [back(world, used, owing, 1)], uid=cashier)
    assert owed(world, owing) == 0
    world.assert_clean(zygote)


@pytest.mark.parametrize("first", [0, 1], ids=["what gave it first", "what used it first"])
def test_both_come_back_at_once(world, zygote, owing, first):
    """The second begins before the first has written what it did; it waits, is tried again, and nothing is owed in the end."""
    cashier = world.facts["users"]["cashier"]
    source, used = world.order(owing, [world.line(plain(world), 1)]), using(world, owing)
    for order in (source, used):
        zygote.call("pos.order", "sync_from_ui", [order], uid=cashier)
    returns = [back(world, source, owing, 0), back(world, used, owing, 1)]
    ahead = zygote.start("pos.order", "sync_from_ui", [returns[first]], uid=cashier, gates=[[INSERT, "before"]])
    assert ahead.gate() == f"before {INSERT}"
    behind = zygote.start("pos.order", "sync_from_ui", [returns[1 - first]], uid=cashier)
    world.until(lambda: world.value(WAITING))
    for call in (ahead.go(), behind):
        try:
            call.result()
        except RpcError as error:
            pytest.fail(f"a return is never refused: {error}")
    world.settle_outbox(zygote)
    assert owed(world, owing) == 0
    world.assert_clean(zygote)
