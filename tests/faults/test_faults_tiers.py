"""The night of the tiers, in real processes: two at once, and one that is killed. Everybody rises once, with one note."""

import os
import signal

#: A night in chunks of two members.
SMALL = {"constants": [["odoo.addons.loyalty_fidelity.models.fidelity_tier_run", "CHUNK", 2]]}
AFTER_A_CHUNK = [["fidelity.tier.run._advance", "after"]]
MEMBERS = 5

#: Members of whom something else is counted than what they, and those merged into them, bought and kept.
COUNTED_WRONG = """
    SELECT COALESCE(m.merged_into_id, m.id), array_agg(r.source_ref), sum(r.base_minor + COALESCE(v.taken, 0)), p.counted
      FROM fidelity_receipt r
      JOIN fidelity_member m ON m.id = r.member_id
 LEFT JOIN (SELECT original_id, sum(base_minor) AS taken FROM fidelity_receipt_reversal GROUP BY 1) v ON v.original_id = r.id
 LEFT JOIN (SELECT member_id, sum(spending_minor) AS counted FROM fidelity_tier_progress GROUP BY 1) p ON p.member_id = COALESCE(m.merged_into_id, m.id)
     WHERE r.ruleset_id IS NOT NULL
  GROUP BY 1, p.counted
    HAVING sum(r.base_minor + COALESCE(v.taken, 0)) <> COALESCE(p.counted, 0)
"""


def ladder(world, zygote):
    """A ladder on which every purchase makes one Silver."""
    card_type = world.value("SELECT card_type_id FROM fidelity_member WHERE id = %s", world.facts["cards"][0]["member"])
    if not world.value("SELECT count(*) FROM fidelity_tier WHERE card_type_id = %s", card_type):
        tiers = [
            [0, 0, {"name": "Bronze", "sequence": 10}],
            [0, 0, {"name": "Silver", "sequence": 20, "entry_amount": 1, "stay_amount": 1}],
        ]
        zygote.call("fidelity.card.type", "write", {"tier_measure": "spending", "tier_ids": tiers}, ids=[card_type])


def seal(world, zygote):
    """Seal everything at once: nobody is selling now, so nothing can be added below."""
    last = world.value("SELECT max(id) FROM fidelity_posting")
    while world.value("SELECT COALESCE(max(last_posting_id), 0) FROM fidelity_ledger_seal") < last:
        zygote.call("fidelity.ledger.seal", "_seal_up_to", last)


def buyers(world, zygote):
    """Cards of members who have bought, all of it sealed; a night of the day has not been."""
    ladder(world, zygote)
    cards = [world.card() for _number in range(MEMBERS)]
    for card in cards:
        zygote.call("pos.order", "sync_from_ui", [world.order(card)], uid=world.facts["users"]["cashier"])
    seal(world, zygote)
    world.query("DELETE FROM fidelity_tier_run")
    return cards


def notes(world, card):
    """How often a member rose, and to what."""
    return world.query("SELECT to_name, why FROM fidelity_tier_change WHERE member_id = %s", card["member"])


def assert_all_rose_once(world, cards):
    assert [notes(world, card) for card in cards] == [[("Silver", "qualified")]] * MEMBERS
    assert world.query("SELECT state FROM fidelity_tier_run") == [("done",)]
    assert not world.query(COUNTED_WRONG)


def test_two_nights_at_once(world, zygote):
    cards = buyers(world, zygote)
    nights = [zygote.start("fidelity.tier.run", "_cron_run", **SMALL) for _number in range(2)]
    for night in nights:
        night.result()
    assert_all_rose_once(world, cards)


def test_a_night_beside_the_job_that_counts(world, zygote):
    cards = buyers(world, zygote)
    jobs = [
        zygote.start("fidelity.tier.run", "_cron_run", **SMALL),
        zygote.start("fidelity.tier.progress", "_cron_fold"),
    ]
    for job in jobs:
        job.result()
    assert_all_rose_once(world, cards)


def test_a_killed_night_is_taken_up(world, zygote):
    cards = buyers(world, zygote)
    night = zygote.start("fidelity.tier.run", "_cron_run", gates=AFTER_A_CHUNK, **SMALL)
    for _chunk in range(2):
        night.gate()
        night.go()
    night.gate()
    os.kill(night.pid, signal.SIGKILL)
    assert night.event() is None
    assert world.query("SELECT state FROM fidelity_tier_run") == [("running",)]
    zygote.call("fidelity.tier.run", "_cron_run", **SMALL)
    assert_all_rose_once(world, cards)


def test_selling_while_a_night_stands_before_its_commit(world, zygote):
    """A member whose tier is being changed can buy at that moment, at once and not through the outbox."""
    cards = buyers(world, zygote)
    night = zygote.start("fidelity.tier.run", "_cron_run", gates=AFTER_A_CHUNK)
    night.gate()
    order = world.order(cards[0])
    zygote.call("pos.order", "sync_from_ui", [order], uid=world.facts["users"]["cashier"])
    night.go()
    while (event := night.event()) and event["event"] == "gate":
        night.go()
    assert world.waiting() == []
    assert world.counts(order) == (1, 1, 1, 1)
    assert [len(notes(world, card)) for card in cards] == [1] * MEMBERS
