"""The ledger at a million entries: proving it, and folding a batch of it into the accounts.

``verify``: ours is the whole proof of :meth:`fidelity.verification._verify`; raw is the plain sum of all entries by account.
``fold``: ours is one batch of 100,000 entries folded into the accounts; raw is the same batch summed by account.
Both roll back, so that every turn has the same work.
"""

import statistics
import time

import harness
from databases import say

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL

MEMBERS = 10_000
ENTRIES = 1_000_000
BATCH = 100_000
RUNS = 5

PARTS = (
    """
    INSERT INTO fidelity_posting (id, op_key, kind, occurred_at, posted_at, company_id, member_id, digest)
    SELECT s, 'bench:' || s, 'receipt', t, t, %(company)s, %(member)s + s %% %(members)s, '-'
      FROM (SELECT s, timestamp '2026-01-01' + s * interval '1 second' AS t FROM generate_series(1, %(entries)s) s) x
    """,
    """
    INSERT INTO fidelity_ledger_entry (id, posting_id, sequence, account_id, kind, quantity, occurred_at)
    SELECT id, id, 1, %(account)s + id %% %(members)s, 'earn', 1 + id %% 20, occurred_at FROM fidelity_posting
    """,
    "INSERT INTO fidelity_lot (entry_id, account_id, quantity) SELECT id, account_id, quantity FROM fidelity_ledger_entry",
    """
    INSERT INTO fidelity_receipt (posting_id, member_id, company_id, currency_id, source_model, source_id, occurred_at, posted_at,
                                  points, total_minor, base_minor, outcome)
    SELECT p.id, p.member_id, p.company_id, %(currency)s, 'bench', p.id, p.occurred_at, p.posted_at,
           1 + p.id %% 20, 1000, 1000, 'earned'
      FROM fidelity_posting p
    """,
    """
    INSERT INTO fidelity_receipt_line (receipt_id, sequence, source_key, kind, quantity_micro, total_minor, untaxed_minor, points)
    SELECT id, 1, 'bench:' || id, 'sale', 1000000, total_minor, total_minor, points FROM fidelity_receipt
    """,
)


def _fill(env):
    """Post a million receipts by SQL, each with a line, its entry, lot and digest. One guard is off while the digests are written."""
    if env.execute_query(SQL("SELECT count(*) FROM fidelity_ledger_entry")) != [(0,)]:
        return
    say(f"  {ENTRIES} entries")
    member = env["fidelity.member"].search([], order="id", limit=1)
    account = member.holder_id.account_ids
    values = {
        "member": member.id, "account": account.id, "members": MEMBERS, "entries": ENTRIES,
        "company": env.company.id, "currency": env.company.currency_id.id,
    }  # fmt: skip
    for part in PARTS:
        env.cr.execute(part, values)
    env.cr.execute("ALTER TABLE fidelity_posting DISABLE TRIGGER USER")
    env.cr.execute(SQL("UPDATE fidelity_posting p SET digest = %s", env["fidelity.posting"]._digest_sql()))
    env["fidelity.posting"].init()
    for table in ("fidelity_posting", "fidelity_ledger_entry"):
        env.cr.execute(SQL("SELECT setval(%s, %s)", f"{table}_id_seq", ENTRIES))


def _timed(registry, work):
    """Time one go in a transaction that is rolled back; return milliseconds and SQL statements."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        start = time.perf_counter()
        work(env)
        spent = 1000 * (time.perf_counter() - start)
        cr.rollback()
        return spent, cr.sql_log_count


def _verify(env):
    verification = env["fidelity.verification"]._verify()
    assert verification.state == "clean" and verification.entry_count == ENTRIES, (verification.findings or "")[:1000]


def _sum_all(env):
    env.cr.execute("SELECT account_id, sum(quantity) FROM fidelity_ledger_entry GROUP BY account_id")
    env.cr.fetchall()


def _fold(env):
    assert env["fidelity.ledger.horizon"]._fold_up_to(ENTRIES)


def _sum_batch(env):
    env.cr.execute("SELECT account_id, sum(quantity) FROM fidelity_ledger_entry WHERE id <= %s GROUP BY account_id", [BATCH])
    env.cr.fetchall()


def run(databases, registry, runs):
    """Measure; yield the results."""
    name = databases.changed("ours_ledger", databases.sized("ours", MEMBERS), _fill)
    target = registry(name)
    with databases.environment(name) as env:
        env["fidelity.ledger.horizon"]._advance()
    for title, size, ours, raw in (("verify", ENTRIES, _verify, _sum_all), ("fold", BATCH, _fold, _sum_batch)):
        taken = [(_timed(target, ours), _timed(target, raw)) for _turn in range(RUNS)]
        yield harness.Result(
            title, size, "ms",
            round(statistics.median(mine[0] for mine, _theirs in taken), 1),
            raw=round(statistics.median(theirs[0] for _mine, theirs in taken), 1),
            sql_statements=taken[-1][0][1],
            runs=RUNS,
        )  # fmt: skip
