"""The network is cut at each request of a sale, before, during and after it: the till asks again; everything is there once."""

import json

import pytest
from faults_network import CUTS, Wire
from faults_server import Lost


class WiredTill:
    """A cashier whose every request goes through a wire.

    :ivar lost: how many requests broke
    """

    def __init__(self, server, wire):
        self.wire = wire
        self.till = server.log_in("cashier", "cashier-password")
        self.till.port = wire.port
        self.lost = 0

    def ask(self, cut, model, method, *args):
        """Ask, the first time over a wire that is cut there; then again until it is answered.

        :param cut: one of ``CUTS``, or None
        """
        if cut:
            self.wire.cut_next(cut)
        while True:
            try:
                return self.till.call(model, method, *args)
            except Lost:
                self.lost += 1
                assert self.lost < 10, "the wire stays cut"

    def keep(self, cut, draft):
        """Have a draft order kept: when the answer is lost, first ask whether it is there, as a till does.

        :return: the order as the server has it
        """
        if cut:
            self.wire.cut_next(cut)
        try:
            return self.till.call("pos.order", "sync_from_ui", [draft])["pos.order"][0]
        except Lost:
            self.lost += 1
        there = self.till.call("pos.order", "read_pos_data_uuid", draft["uuid"])["pos.order"]
        return there[0] if there else self.till.call("pos.order", "sync_from_ui", [draft])["pos.order"][0]


@pytest.fixture
def wired(prefork):
    wire = Wire(prefork.port)
    yield WiredTill(prefork, wire)
    wire.close()


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("step", ["identify", "draft", "pay", "again", "return"])
def test_a_sale_whose_network_is_cut(world, zygote, wired, cut, step):
    card = world.card()
    till_id = world.value("SELECT config_id FROM pos_session WHERE id = %s", world.facts["tills"][0]["session"])
    at = {step: cut}.get

    answer = wired.ask(at("identify"), "pos.config", "fidelity_identify", till_id, card["number"])
    assert answer["status"] == "ok" and answer["member"]["id"] == card["member"]
    order = world.order(card)
    draft = {**order, "state": "draft", "payment_ids": [], "amount_paid": 0}
    kept = wired.keep(at("draft"), draft)
    assert world.counts(order) == (1, 0, 0, 0)
    paid = {**order, "id": kept["id"], "access_token": kept["access_token"], "lines": []}
    wired.ask(at("pay"), "pos.order", "sync_from_ui", [paid])
    assert world.counts(order) == (1, 1, 1, 1)
    sent_again = wired.ask(at("again"), "pos.order", "sync_from_ui", [paid])
    result = json.loads(sent_again["pos.order"][0]["fidelity_result"])
    assert (result["state"], result["points"]) == ("posted", world.points(order))
    back = world.return_of(order, card, {1: 1})
    wired.ask(at("return"), "pos.order", "sync_from_ui", [back])

    assert wired.lost == 1 and wired.wire.cuts_made == [cut]
    world.settle_outbox(zygote)
    assert world.counts(order) == (1, 1, 1, 1) and world.counts(back)[:3] == (1, 1, 1)
    assert world.balance(card) == round((order["amount_total"] + back["amount_total"]) * 100) // 1000
    world.assert_clean(zygote)
