"""PostgreSQL itself goes away or cannot write: sales fail or wait meanwhile, and afterwards all are there once."""

import time
from functools import partial

import pytest
from faults_cluster import Cluster, elsewhere, may_mount
from faults_server import Lost, RpcError, Server, Zygote
from faults_world import World, at_once

SALES = 20
RESTARTS = ("fast", "immediate", "immediate")
PATIENCE_SECONDS = 120
DISK_MB = 700


@pytest.fixture(scope="module")
def shop(request, template, odoo_env, tmp_path_factory):
    """(cluster, world, server, zygote) with the seeded database; its parameter is the size of the cluster's small disk or None."""
    name, facts = template
    folder = tmp_path_factory.mktemp("cluster")
    cluster = Cluster(request.param)
    cluster.receive(name)
    env = cluster.variables(odoo_env)
    with elsewhere(cluster):
        server = Server(env, name, folder, workers=0, name="cluster").start()
        zygote = Zygote(env, name, folder)
        yield cluster, World(name, facts), server, zygote
        server.stop()
        zygote.stop()
    cluster.remove()


@pytest.fixture
def card(shop):
    """A card that no other test of this shop uses."""
    return shop[1].card()


usual_disk = pytest.mark.parametrize("shop", [None], indirect=True)
small_disk = pytest.mark.parametrize("shop", [DISK_MB], indirect=True)


def sell_until_done(till, order):
    """Send an order until the server takes it, as a till does; return how many times it did not."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    failures = 0
    while True:
        try:
            till.call("pos.order", "sync_from_ui", [order])
            return failures
        except (RpcError, Lost):
            failures += 1
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def assert_all_there_once(world, zygote, orders):
    world.settle_outbox(zygote)
    for order in orders:
        assert world.counts(order) == (1, 1, 1, 1)
    for card in {order["partner_id"]: None for order in orders}:
        owner = next(c for c in world.facts["cards"] if c["partner"] == card)
        assert world.balance(owner) == world.points(*(order for order in orders if order["partner_id"] == card))
    world.assert_clean(zygote)


@usual_disk
def test_postgresql_restarts_in_the_middle(shop, card):
    cluster, world, server, zygote = shop
    baskets = [[world.order(card, till=place) for _number in range(SALES)] for place in range(2)]
    tills = [server.log_in("cashier", "cashier-password") for _place in range(2)]
    done, failures = [], []

    def sell(till, orders):
        for order in orders:
            failures.append(sell_until_done(till, order))
            done.append(order)

    def restart():
        for number, mode in enumerate(RESTARTS, 1):
            while len(done) < number * 2 * SALES // (len(RESTARTS) + 1):
                time.sleep(0.02)
            cluster.restart(mode)

    at_once(restart, *(partial(sell, till, orders) for till, orders in zip(tills, baskets, strict=True)))
    orders = [order for basket in baskets for order in basket]
    print(f"{len(orders)} sales, {len(RESTARTS)} restarts, {sum(failures)} calls failed meanwhile")
    assert_all_there_once(world, zygote, orders)


@usual_disk
@pytest.mark.parametrize("mode", RESTARTS[:2])
def test_postgresql_restarts_within_a_sale(shop, card, mode):
    """Between the order and its points: neither is there afterwards; sent again, both are."""
    cluster, world, _server, zygote = shop
    order = world.order(card)
    uid = world.facts["users"]["cashier"]
    sale = zygote.start("pos.order", "sync_from_ui", [order], uid=uid, gates=[["fidelity.posting._insert", "before"]])
    assert sale.gate() == "before fidelity.posting._insert"
    cluster.restart(mode)
    assert sale.go().end()["event"] == "failed"
    assert world.counts(order) == (0, 0, 0, 0)
    zygote.call("pos.order", "sync_from_ui", [order], uid=uid)
    assert_all_there_once(world, zygote, [order])


@pytest.mark.skipif(not may_mount(), reason="expected: nobody but root may mount a small disk")
@small_disk
def test_the_disk_of_the_database_is_full(shop, card):
    cluster, world, server, zygote = shop
    till = server.log_in("cashier", "cashier-password")
    before, during = [[world.order(card) for _number in range(3)] for _time in range(2)]
    for order in before:
        till.sell(order)
    cluster.fill_disk()
    refused = 0
    # Some sales still fit into pages and segments that are there; sooner or later there is no room.
    while not refused and len(during) < 400:
        try:
            till.call("pos.order", "sync_from_ui", [during[-1]])
            during.append(world.order(card))
        except (RpcError, Lost) as error:
            refused += 1
            print(f"after {len(during)} more sales: {error}")
    assert refused, "the disk never filled up"
    cluster.free_disk()
    if not cluster.runs:
        cluster.start()
    for order in during:
        sell_until_done(till, order)
    assert_all_there_once(world, zygote, before + during)
