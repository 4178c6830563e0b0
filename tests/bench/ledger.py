"""The ledger of a million entries, and with ``--big`` of ten million: proving it, and folding the last million into the accounts.

``prove_balances``: ours proves the balance of every account from its entries, as the first part of ``verify``; raw is the plain sum
of all entries by account. ``verify``: ours is the whole proof, with digests, seals, lots and receipts; raw is the same plain sum.
``fold``: ours brings 1,000,000 new entries into the accounts' folded balances; raw is their plain sum by account. ``fold_write``: the
same, and raw is the sum and then one UPDATE of the accounts that moved, in one statement: what has to be written in any case.

``size`` is the number of entries; the accounts are 10,000 to a million entries, 1,000,000 to ten million. Goes that write roll back,
so that every turn has the same work.
"""

import statistics
import time

import harness
import history

from odoo import SUPERUSER_ID, api

#: Entries, receipts and orders, members.
SIZE = (1_000_000, 100_000, 10_000)
BIG = (10_000_000, 1_000_000, 1_000_000)
RUNS = 5

SUM = "SELECT account_id, sum(quantity) AS quantity FROM fidelity_ledger_entry {} GROUP BY account_id"
WRITE = """
UPDATE fidelity_account a SET folded_balance = a.folded_balance + s.quantity, folded_entry_id = {} FROM ({}) s
 WHERE a.id = s.account_id
"""


def made(databases, size):
    """The name of the database of a size."""
    entries, receipts, members = size
    template = databases.sized("ours", members)
    suffix = f"ours_{members}_history_{entries}"
    return databases.changed(suffix, template, lambda env: history.post(env, entries, receipts, members))


def _timed(registry, work):
    """Time one go in a transaction that is rolled back; return milliseconds and SQL statements."""
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        # What a plain sum would spend on compilation and on a small memory is not held against it.
        cr.execute("SET LOCAL jit = off")
        cr.execute("SET LOCAL work_mem = '64MB'")
        before, start = cr.sql_log_count, time.perf_counter()
        work(env)
        spent = 1000 * (time.perf_counter() - start)
        statements = cr.sql_log_count - before
        cr.rollback()
        return spent, statements


def _prove_balances(env):
    verification = env["fidelity.verification"]
    count, sentences = verification._check_all("_check_balances")
    assert not count, sentences[:10]


def _verify(env):
    verification = env["fidelity.verification"]._verify()
    assert verification.state == "clean", (verification.findings or "")[:1000]


def _sum_all(env):
    env.cr.execute(f"SELECT count(quantity) FROM ({SUM.format('')}) s")


class _Fold:
    """The last entries: the ways of bringing them into the accounts."""

    def __init__(self, registry):
        with registry.cursor() as cr:
            cr.execute("SELECT folded_entry_id FROM fidelity_ledger_horizon")
            self.start = cr.fetchone()[0]
            cr.execute("SELECT max(id) FROM fidelity_ledger_entry")
            self.end = cr.fetchone()[0]
        self.sum = SUM.format(f"WHERE id > {self.start} AND id <= {self.end}")

    def ours(self, env):
        while env["fidelity.ledger.horizon"]._fold_up_to(self.end):
            continue

    def raw(self, env):
        env.cr.execute(f"SELECT count(quantity) FROM ({self.sum}) s")

    def write(self, env):
        env.cr.execute(WRITE.format(self.end, self.sum))


def run(databases, registry, runs):
    """Measure; yield the results."""
    for size in (SIZE, BIG) if databases.big else (SIZE,):
        name = made(databases, size)
        target = registry(name)
        fold = _Fold(target)
        for title, amount, ours, raw in (
            ("prove_balances", size[0], _prove_balances, _sum_all),
            ("verify", size[0], _verify, _sum_all),
            ("fold", fold.end - fold.start, fold.ours, fold.raw),
            ("fold_write", fold.end - fold.start, fold.ours, fold.write),
        ):
            taken = []
            for _turn in range(RUNS):
                taken.append((_timed(target, ours), _timed(target, raw)))
                # What a rolled back go leaves behind, autovacuum would have cleared before the next.
                databases.vacuum(name, "fidelity_account")
            yield harness.Result(
                f"{title}_of_{size[0]}", amount, "ms",
                round(statistics.median(mine[0] for mine, _theirs in taken), 1),
                raw=round(statistics.median(theirs[0] for _mine, theirs in taken), 1),
                sql_statements=taken[-1][0][1],
                runs=RUNS,
            )  # fmt: skip
