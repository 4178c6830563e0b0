"""Two tills and the same code: it is used once; where both sales stand, a manager sees which one had no right to it."""

import json
from functools import partial

import faults_environment as environment
import pytest
from faults_server import RpcError
from faults_world import at_once
from test_faults_spending import INSERT, WAITING, config_of, mug

TRIALS = 200 if environment.EVERYTHING else 20


@pytest.fixture(scope="module")
def tills(prefork):
    """A cashier on two tills, on a server of processes."""
    return [prefork.log_in("cashier", "cashier-password") for _number in range(2)]


@pytest.fixture
def code(world, zygote):
    """A code of 5.00, for whoever brings it."""
    manager = world.facts["users"]["manager"]
    made = zygote.call("fidelity.code.list", "create", [{"name": f"Voucher {world.uuid()[:8]}", "worth_amount": 5.0}], uid=manager)
    key = zygote.call("fidelity.code.list", "_make", ids=[made[0]["id"]], uid=manager)[0]["id"]
    return {"id": key, "code": world.value("SELECT code FROM fidelity_code WHERE id = %s", key)}


def bringing(world, code, till):
    """A sale of 20.00 with a code, to nobody's card."""
    goods = world.line(mug(world), 2)
    product = world.value(
        "SELECT res_id FROM ir_model_data WHERE module = 'loyalty_fidelity_pos' AND name = 'product_fidelity_discount'"
    )
    effect = {
        "v": 1,
        "kind": "amount",
        "benefit": f"code:{code['id']}",
        "amount_minor": 500,
        "allocation": {goods["uuid"]: 500},
    }
    off = world.line({"id": product, "price": -5.0, "taxes": [], "percent": 0}, 1, fidelity_effect=json.dumps(effect))
    names = {
        "pos_reference": f"Order {world.uuid()}",
        "tracking_number": "1",
        "sequence_number": world.random.randrange(1000, 9999),
    }
    codes = json.dumps({"v": 1, "codes": [code]})
    return world.order(None, [goods, off], till=till, fidelity_codes=codes, **names)


def receipt(world, order):
    """(flags, what was taken off) of an order's receipt."""
    return world.query(
        "SELECT r.flags, r.discount_minor FROM fidelity_receipt r JOIN pos_order o ON o.id = r.source_id WHERE o.uuid = %s",
        order["uuid"],
    )[0]


def uses(world, code):
    return world.value("SELECT count(*) FROM fidelity_code_use WHERE code_id = %s", code["id"])


def test_two_tills_want_the_same_code(world, tills, code):
    """Each time one has it on its sale and the other is told where it is."""
    for _trial in range(TRIALS):
        keys = [world.uuid(), world.uuid()]
        asking = (
            partial(tills[number].call, "pos.config", "fidelity_code", [config_of(world, number)], code["code"], keys[number])
            for number in range(2)
        )
        answers = at_once(*asking)
        assert sorted(answer["status"] for answer in answers) == ["ok", "refused"], answers
        won = next(number for number in range(2) if answers[number]["status"] == "ok")
        assert "another sale" in answers[1 - won]["message"], answers
        release = partial(tills[won].call, "pos.config", "fidelity_code_release", [config_of(world, won)], code["code"], keys[won])
        assert release() is True
        assert release() is False
    assert uses(world, code) == 0


@pytest.mark.parametrize("first", [0, 1])
def test_two_sales_bring_the_same_code_at_once(world, zygote, code, first):
    """The second begins before the first has written what it did: both stand, the code is used once, the second is flagged."""
    cashier = world.facts["users"]["cashier"]
    orders = [bringing(world, code, 0), bringing(world, code, 1)]
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
    assert receipt(world, orders[first]) == (None, 500)
    flags, taken = receipt(world, orders[1 - first])
    assert set(flags.split(",")) - {"late"} == {"code_refused", "discount_differs"}
    assert taken == 500
    assert uses(world, code) == 1
    world.assert_clean(zygote)


def test_killed_before_it_was_written(world, zygote, code):
    """The sale and the use of its code are one: killed before the commit there is neither; sent again there are both, once."""
    cashier = world.facts["users"]["cashier"]
    order = bringing(world, code, 0)
    sale = zygote.start("pos.order", "sync_from_ui", [order], uid=cashier, gates=[[INSERT, "after"]])
    assert sale.gate() == f"after {INSERT}"
    sale.kill()
    assert uses(world, code) == 0
    for _time in range(2):
        zygote.call("pos.order", "sync_from_ui", [order], uid=cashier)
    assert receipt(world, order) == (None, 500)
    assert uses(world, code) == 1
    world.assert_clean(zygote)
