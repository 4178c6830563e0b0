"""The night of the tiers: all members looked at, of whom one in a hundred changes.

``tiers``: ours is the whole night, chunk by chunk, with the rules in Python for whose tier may change and a note of every
change; raw is the least that has to be done in any case, in one statement: the sum of the window by member, the tier that
it reaches, and one UPDATE of the members who have another. ``size`` is the number of members, ten days of purchases each.
Goes roll back, so that every turn has the same work. Notes: what changed, and how much the process grew.
"""

import resource
import statistics
import time

import harness
from databases import say

from odoo import SUPERUSER_ID, Command, api, fields
from odoo.tools import SQL

DAYS_EACH = 10
RUNS = 3
#: One member in so many changes.
ONE_IN = 100

RAW = """
WITH f AS (SELECT p.member_id, sum(p.spending_minor) AS figure FROM fidelity_tier_progress p
            WHERE p.day > (%(day)s::date - interval '12 months')::date AND p.day <= %(day)s GROUP BY p.member_id),
     x AS (SELECT m.id, (SELECT l.tier_id FROM (VALUES %(levels)s) l(tier_id, entry)
                          WHERE l.entry <= COALESCE(f.figure, 0) ORDER BY l.entry DESC LIMIT 1) AS tier_id
             FROM fidelity_member m LEFT JOIN f ON f.member_id = m.id WHERE m.card_type_id = %(card_type)s AND m.state = 'active')
UPDATE fidelity_member m SET tier_id = x.tier_id, tier_since = %(day)s FROM x WHERE m.id = x.id AND m.tier_id IS DISTINCT FROM x.tier_id
"""


def fill(env, members):
    """A ladder of three tiers, purchases of two years by SQL, everybody in his tier; then what changes tonight."""
    card_type = env["fidelity.card.type"].search([("code", "=", "bench-points")])
    tiers = [
        {"name": "Bronze", "medal": "bronze", "sequence": 10},
        {"name": "Silver", "medal": "silver", "sequence": 20, "entry_amount": 500, "stay_amount": 400},
        {"name": "Gold", "medal": "gold", "sequence": 30, "entry_amount": 1000, "stay_amount": 800},
    ]
    card_type.write({"tier_measure": "spending", "tier_ids": [Command.create(tier) for tier in tiers]})
    env.flush_all()
    bronze = card_type.tier_ids.sorted("sequence")[0]
    env.cr.execute(SQL("UPDATE fidelity_member SET tier_id = %s WHERE card_type_id = %s", bronze.id, card_type.id))
    say(f"  {members * DAYS_EACH} days of purchases")
    env.cr.execute(
        SQL(
            """
            INSERT INTO fidelity_tier_progress (member_id, day, points, spending_minor, purchases)
            SELECT m.id, (now() AT TIME ZONE 'UTC')::date - 1 - n * 70 - (m.id %% 61)::int, 1,
                   500 + (m.id::bigint * 7919 + n * 104729) %% 15000, 1
              FROM fidelity_member m, generate_series(0, %s) n WHERE m.card_type_id = %s
            """,
            DAYS_EACH - 1,
            card_type.id,
        )
    )
    env.cr.commit()
    env.cr.execute("ANALYZE fidelity_tier_progress, fidelity_member")
    say("  everybody in his tier")
    night(env, commit=True)
    env.cr.execute("DELETE FROM fidelity_tier_run")
    env.cr.execute(
        SQL(
            """
            INSERT INTO fidelity_tier_progress (member_id, day, points, spending_minor, purchases)
            SELECT m.id, (now() AT TIME ZONE 'UTC')::date, 1, 200000, 1 FROM fidelity_member m
             WHERE m.card_type_id = %s AND m.id %% %s = 0
            """,
            card_type.id,
            ONE_IN,
        )
    )


def night(env, commit=False):
    """Do a whole night; return it."""
    run = env["fidelity.tier.run"]._begin(fields.Date.to_string(fields.Date.today()))
    while run._advance():
        if commit:
            env.cr.commit()
    return run


def _raw(env):
    card_type = env["fidelity.card.type"].search([("code", "=", "bench-points")])
    levels = [SQL("(%s, %s)", tier.id, int(tier.entry_amount * 100)) for tier in card_type.tier_ids]
    env.cr.execute(SQL(RAW, day=fields.Date.today(), levels=SQL(", ").join(levels), card_type=card_type.id))


def _timed(registry, work):
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        cr.execute("SET LOCAL jit = off")
        cr.execute("SET LOCAL work_mem = '64MB'")
        before, start = cr.sql_log_count, time.perf_counter()
        done = work(env)
        spent = 1000 * (time.perf_counter() - start)
        statements = cr.sql_log_count - before
        notes = {"rose": done.rose, "fell": done.fell} if done else {}
        cr.rollback()
        return spent, statements, notes


def run(databases, registry, runs):
    """Measure; yield the result."""
    members = databases.sizes["members"]
    template = databases.sized("ours", members)
    name = databases.changed(f"ours_{members}_tiers", template, lambda env: fill(env, members))
    target = registry(name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    taken = []
    for _turn in range(RUNS):
        taken.append((_timed(target, night), _timed(target, _raw)))
        # What a rolled back go leaves behind, autovacuum would have cleared before the next.
        databases.vacuum(name, "fidelity_member")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024
    yield harness.Result(
        "tiers", members, "ms",
        round(statistics.median(mine[0] for mine, _theirs in taken), 1),
        raw=round(statistics.median(theirs[0] for _mine, theirs in taken), 1),
        sql_statements=taken[-1][0][1],
        runs=RUNS,
        notes={**taken[-1][0][2], "grew_mb": grown},
    )  # fmt: skip
