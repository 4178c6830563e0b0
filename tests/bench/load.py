"""Eight tills at once against a real server for a minute with cards and a minute without; and first sales as races.

``load``: each till is a process with a session of its own (Odoo serialises the orders of one till) that sends one random order after
the other. ours: each with a random member's card; base: the same without. In ``ms``, the time between two sales of the whole server.
``races``: two tills sell to the same new member at the same moment, so many times; half of them have no account yet.

At the end all must be exact: each order with a card has one receipt, each member the points of his orders, and the ledger proves.
"""

import re
import statistics

import clients
import content
import fill
import harness
from order import Till
from server import RealServer

TILLS, MEMBERS, WORKERS = 8, 2_000, 6
SLICES, SECONDS = 4, 15
RACES = 1_000

EXACT = """
SELECT (SELECT count(*) FROM pos_order WHERE fidelity_claim IS NOT NULL),
       (SELECT count(*) FROM fidelity_receipt),
       (SELECT count(DISTINCT source_id) FROM fidelity_receipt),
       (SELECT count(*) FROM fidelity_posting),
       (SELECT count(*) FROM fidelity_outbox)
"""
BALANCES = """
SELECT m.partner_id - %s, COALESCE(sum(e.quantity), 0)::int
  FROM fidelity_member m JOIN fidelity_account a ON a.holder_id = m.holder_id JOIN fidelity_ledger_entry e ON e.account_id = a.id
 GROUP BY m.partner_id
"""


def _prepare(members):
    def change(env):
        fill.ours(env, members, members)
        store = env["fidelity.store"].search([("code", "=", "BENCH")])
        for number in range(TILLS):
            content.open_till(env, f"Load till {number}", f"LD{number}", fidelity_store_id=store.id)

    return change


def _settle(databases, name, server):
    """Let the outbox job post what waits; return how many orders went through it."""
    with databases.environment(name) as env:
        rows = env["fidelity.outbox"].search([])
        for row in rows.filtered(lambda row: row.state != "done"):
            row._attempt()
        assert set(rows.mapped("state")) <= {"done"}, f"The outbox still holds {rows.mapped('last_error')}"
        return len(rows)


def _assert_exact(databases, name, sold, customer):
    """Prove that nothing was lost, doubled or miscounted."""
    wanted = {}
    for till in sold:
        for member, points in till.points.items():
            wanted[member] = wanted.get(member, 0) + points
    with databases.environment(name) as env:
        env.cr.execute(EXACT)
        orders, receipts, sources, postings, _outbox = env.cr.fetchone()
        taken = sum(len(till.seconds) - till.lost for till in sold)
        assert orders == receipts == sources == postings == taken, (orders, receipts, sources, postings, taken)
        env.cr.execute(BALANCES, [customer])
        found = dict(env.cr.fetchall())
        wrong = {member for member in wanted | found if wanted.get(member, 0) != found.get(member, 0)}
        assert not wrong, f"{len(wrong)} members have wrong balances"
        verification = env["fidelity.verification"]._verify()
        assert verification.state == "clean", verification.findings
    return orders


def _conflicts(log):
    """How often PostgreSQL made a request start over because another had written the same row."""
    return len(re.findall(r"tries left, try again", log))


def _load(databases, registry):
    name = databases.changed("ours_load", databases.ours(), _prepare(MEMBERS), anew=True)
    tills = [Till(registry(name), name=f"Load till {number}") for number in range(TILLS)]
    databases.leave(name)
    ways = ("ours", "base")
    places, products = [till.place for till in tills], tills[0].products
    with RealServer(name, WORKERS) as server:
        connect = (server.port, name, content.CASHIER, content.CASHIER)
        taken = clients.minute(connect, places, products, MEMBERS, SLICES, SECONDS, ways)
        conflicts = _conflicts(server.log())
    waited = _settle(databases, name, server)
    _assert_exact(databases, name, [sold["ours"] for sold in taken], places[0]["customer"])
    databases.leave(name)
    figures = {}
    for way in ways:
        seconds = sorted(second for sold in taken for second in sold[way].seconds)
        figures[way] = {
            "sales": len(seconds),
            "sales_per_second": round(len(seconds) / (SLICES * SECONDS), 1),
            "answer_ms_median": round(1000 * statistics.median(seconds)),
            "answer_ms_95": round(1000 * seconds[len(seconds) * 95 // 100]),
            "refused": sum(sold[way].refused for sold in taken),
        }
    return harness.Result(
        "load_of_8_tills", MEMBERS, "ms",
        round(1000 / figures["ours"]["sales_per_second"], 2), round(1000 / figures["base"]["sales_per_second"], 2), runs=SLICES,
        notes={**figures, "conflicts": conflicts, "through_the_outbox": waited, "wrong": 0},
    )  # fmt: skip


def _races(databases, registry):
    name = databases.changed("ours_races", databases.ours(), _prepare(RACES), anew=True)
    tills = [Till(registry(name), name=f"Load till {number}") for number in range(2)]
    with databases.environment(name) as env:
        # Half of the members as if nobody had opened an account for them.
        env.cr.execute("DELETE FROM fidelity_account WHERE id % 2 = 0")
    databases.leave(name)
    with RealServer(name, 4) as server:
        connect = (server.port, name, content.CASHIER, content.CASHIER)
        sold = clients.race(connect, [till.place for till in tills], tills[0].products, range(RACES))
        conflicts = _conflicts(server.log())
    waited = _settle(databases, name, server)
    _assert_exact(databases, name, sold, tills[0].place["customer"])
    databases.leave(name)
    seconds = [second for till in sold for second in till.seconds]
    refused = sum(till.refused for till in sold)
    return harness.Result(
        "races", RACES, "ms", round(1000 * statistics.median(seconds), 1), runs=RACES,
        notes={"refused": refused, "conflicts": conflicts, "through_the_outbox": waited, "wrong": 0},
    )  # fmt: skip


def run(databases, registry, runs):
    """Measure; yield the results."""
    yield _load(databases, registry)
    yield _races(databases, registry)
