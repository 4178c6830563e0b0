"""Two at once: the same answer sent twice, and two answers of one person that contradict each other."""

from functools import partial

import pytest
from faults_world import at_once
from test_faults_races import attempt

ROUNDS = 4


@pytest.fixture(scope="module")
def manager(prefork):
    """A loyalty manager, on a server of processes."""
    return prefork.log_in("manager", "manager-password")


def recording(manager, partner, purpose, agrees):
    """Open the screen and tick one purpose; return its id."""
    line = {"purpose_id": purpose, "agrees": agrees, "refuses": not agrees}
    return manager.call("fidelity.consent.record", "create", [{"partner_id": partner, "line_ids": [[0, 0, line]]}])[0]


def test_the_same_answer_twice_at_once_is_recorded_once(world, manager):
    purpose = world.value("SELECT id FROM fidelity_consent_purpose WHERE code = 'marketing_email'")
    for _round in range(ROUNDS):
        partner = world.value("SELECT partner_id FROM fidelity_member WHERE id = %s", world.card()["member"])
        wizard = recording(manager, partner, purpose, True)
        at_once(*(partial(attempt, manager.call, "fidelity.consent.record", "action_record", [wizard]) for _twice in "ab"))
        assert world.value("SELECT count(*) FROM fidelity_consent WHERE partner_id = %s", partner) == 1


def test_two_answers_at_once_are_both_kept_and_one_counts(world, manager):
    """No answer is lost, and everybody reads the same one as the latest."""
    purpose = world.value("SELECT id FROM fidelity_consent_purpose WHERE code = 'marketing_email'")
    for _round in range(ROUNDS):
        partner = world.value("SELECT partner_id FROM fidelity_member WHERE id = %s", world.card()["member"])
        wizards = [recording(manager, partner, purpose, agrees) for agrees in (True, False)]
        outcomes = at_once(
            *(partial(attempt, manager.call, "fidelity.consent.record", "action_record", [wizard]) for wizard in wizards)
        )
        assert not [error for _result, error in outcomes if error], outcomes
        assert world.value("SELECT count(*) FROM fidelity_consent WHERE partner_id = %s", partner) == 2
        latest = world.value(
            "SELECT state FROM fidelity_consent WHERE partner_id = %s ORDER BY occurred_at DESC, id DESC LIMIT 1", partner
        )
        rows = manager.call("fidelity.consent.state", "search_read", [["partner_id", "=", partner]], ["state"])
        assert [row["state"] for row in rows] == [latest]
