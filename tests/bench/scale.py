"""One paid order in a young and in an old database, in the same run: what a sale costs must not grow with what was sold before.

Young: 1,000 entries, 100 receipts and orders, 1,000 members. Old: 1,000,000 entries, 100,000 receipts and orders, 10,000 members; with
``--big`` 10,000,000, 1,000,000 and 1,000,000. ours: five taxed lines for a random member with his card; base: the same without a card.
``order_stock_at_once``: of products that are counted, whose moves are made with the sale. ``size`` is the number of entries.
"""

import content
import harness
import ledger
from order import Till

from odoo import Command

YOUNG = (1_000, 100, 1_000)
STOCK_TILL = "Bench till, stock at once"
#: Read whole once before measuring, as a shop's server has them in memory.
TABLES = ("fidelity_card", "fidelity_member", "fidelity_account", "res_partner")


def _stock_till(env):
    """A till that moves stock with every sale, and five products that are counted."""
    if env["pos.config"].search_count([("name", "=", STOCK_TILL)]):
        return
    products = env["product.product"].search([("default_code", "like", "BENCH%")])
    tax = products.taxes_id
    counted = env["product.product"].create(
        [
            {"name": f"Counted {at}", "lst_price": price, "available_in_pos": True, "type": "consu", "is_storable": True,
             "default_code": f"STOCK{at}", "taxes_id": [Command.set(tax.ids)]}
            for at, price in enumerate(content.PRICES, 1)
        ]
    )  # fmt: skip
    env.company.point_of_sale_update_stock_quantities = "real"
    store = env["fidelity.store"].search([("code", "=", "BENCH")])
    config = content.open_till(env, STOCK_TILL, "BNST", fidelity_store_id=store.id)
    assert not config.current_session_id.update_stock_at_closing
    env.company.point_of_sale_update_stock_quantities = "closing"
    for product in counted:
        env["stock.quant"]._update_available_quantity(product, config.picking_type_id.default_location_src_id, 1_000_000)


def _tills(databases, registry, size):
    """The tills of a database of a size, by what is measured."""
    name = ledger.made(databases, size)
    target = registry(name)
    with databases.environment(name) as env:
        _stock_till(env)
    tills = {
        "order": Till(target, members=size[2]),
        "order_stock_at_once": Till(target, name=STOCK_TILL, products="STOCK", members=size[2]),
    }
    for table in TABLES:
        tills["order"].server.query(f"SELECT count(t.*) FROM {table} t")
    return tills


def run(databases, registry, runs):
    """Measure; yield the results."""
    old = ledger.BIG if databases.big else ledger.SIZE
    ways, sizes = {}, (YOUNG, old)
    for size in sizes:
        for what, till in _tills(databases, registry, size).items():
            ways[what, size, "ours"] = till.server, lambda till=till: till.prepare(claim=True)
            ways[what, size, "base"] = till.server, till.prepare
    figures = harness.compare(ways, runs)
    for what in ("order", "order_stock_at_once"):
        for size in sizes:
            mine = {way: figures[what, size, way] for way in ("ours", "base")}
            yield harness.result(f"{what}_after_{size[0]}", size[0], mine, runs)
