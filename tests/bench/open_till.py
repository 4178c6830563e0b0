"""Opening a till: the server's part, the two calls that bring the data.

ours: with our addons; base: the same customers and products without them; native: with Odoo's own loyalty.
"""

import content
import harness

from odoo import SUPERUSER_ID, api

#: Customers, members: few of each, many customers with few members, and all of many.
SIZES = ((2_000, 100), (1_000_000, 100), (1_000_000, 1_000_000))


def _opening(registry):
    """Return the server, and a function that prepares one opening."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        session_id = env["pos.config"].search([("name", "=", "Bench till")]).current_session_id.id
        uid = env["res.users"].search([("login", "=", content.CASHIER)]).id
    server = harness.Server(registry, uid)

    def work():
        server.call("pos.session", "load_data_params", [session_id])
        server.call("pos.session", "load_data", [session_id], [])

    return server, lambda: work


def run(databases, registry, runs):
    """Measure; yield the results, time and bytes of JSON."""
    for partners, members in SIZES:
        ways = {
            "ours": _opening(registry(databases.sized("ours", partners, members))),
            "base": _opening(registry(databases.sized("base", partners))),
            "native": _opening(registry(databases.sized("native", partners))),
        }
        figures = harness.compare(ways, runs)
        yield harness.result(f"open_till_of_{partners}_customers", members, figures, runs)
        sizes = {way: figure.size for way, figure in figures.items()}
        yield harness.Result(
            f"open_till_of_{partners}_customers", members, "bytes", sizes["ours"], sizes["base"], sizes["native"], runs=runs
        )
