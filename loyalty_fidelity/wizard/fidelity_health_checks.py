from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import SQL, format_datetime

from ..rules import number_scheme

MANAGER = "loyalty_fidelity.group_fidelity_manager"
#: How many rows are counted before a number becomes "more than".
MANY = 1000
OUTBOX_LATE = timedelta(minutes=30)
OUTBOX_TOO_LATE = timedelta(days=1)
VERIFIED_LATE = timedelta(days=2)
VERIFIED_TOO_LATE = timedelta(days=7)
JOB_GRACE = timedelta(hours=1)
FAILURES_TO_ACT = 3
SETTLED_LATE = timedelta(hours=1)
SETTLED_TOO_LATE = timedelta(days=1)
NUMBERS_USED_LOOK = 90
NUMBERS_USED_ACT = 99
CLOCK_LOOK_S = 120
CLOCK_ACT_S = 600


class FidelityHealth(models.TransientModel):
    """The checks of the health page."""

    _inherit = "fidelity.health"

    @api.model
    def _when(self, moment):
        return format_datetime(self.env, moment)

    @api.model
    def _is_manager(self):
        return self.env.su or self.env.user.has_group(MANAGER)

    def _check_outbox(self):
        title = self.env._("Outbox")
        rows = self.env["fidelity.outbox"].search([("state", "in", ("waiting", "stuck"))], order="next_try_at", limit=MANY)
        if not rows:
            yield self._line("outbox", title, "ok", self.env._("Every paid sale is posted."))
            return
        stuck = len(rows.filtered(lambda row: row.state == "stuck"))
        oldest = min(rows.mapped("create_date"))
        age = fields.Datetime.now() - oldest
        state = "act" if stuck or age > OUTBOX_TOO_LATE else "look" if age > OUTBOX_LATE else "ok"
        finding = self.env._(
            "Waiting: %(waiting)s, of which stuck: %(stuck)s; the oldest since %(date)s.",
            waiting=f"{MANY}+" if len(rows) == MANY else len(rows),
            stuck=stuck,
            date=self._when(oldest),
        )
        advice = self.env._("Read the error of the oldest, mend it, then try again.") if state != "ok" else ""
        yield self._line("outbox", title, state, finding, advice, can_open=True, can_mend=self._is_manager())

    def _check_verification(self):
        title = self.env._("Last verification")
        last = self.env["fidelity.verification"].sudo().search([("state", "!=", "running")], limit=1)
        values = {"res_id": last.id, "can_open": bool(last) and self._is_manager(), "can_mend": self._is_manager()}
        if not last:
            began = self.env["fidelity.posting"].sudo().search_count([], limit=1)
            finding = self.env._("The ledger was never verified.")
            advice = self.env._("Verify it now; from then on it happens every night.") if began else ""
            yield self._line("verification", title, "look" if began else "ok", finding, advice, **values)
            return
        age = fields.Datetime.now() - last.verified_at
        finding = self.env._("Proved on %(date)s; entries: %(count)s.", date=self._when(last.verified_at), count=last.entry_count)
        if last.state == "wrong":
            finding = self.env._(
                "Not proved on %(date)s; findings: %(count)s.", date=self._when(last.verified_at), count=last.finding_count
            )
            advice = self.env._("Keep a backup of the database as it is, read the findings and call your administrator.")
            yield self._line("verification", title, "act", finding, advice, **values)
        elif age > VERIFIED_LATE:
            state = "act" if age > VERIFIED_TOO_LATE else "look"
            advice = self.env._("Verify it now, and see below why the nightly job did not run.")
            yield self._line("verification", title, state, finding, advice, **values)
        else:
            yield self._line("verification", title, "ok", finding, **values)

    def _check_jobs(self):
        """One line a scheduled job of ours."""
        known = self.env["ir.model.data"].sudo()
        ids = known.search([("module", "=like", "loyalty_fidelity%"), ("model", "=", "ir.cron")]).mapped("res_id")
        jobs = self.env["ir.cron"].sudo().with_context(active_test=False).search([("id", "in", ids)], order="id")
        for job in jobs:
            state, finding, advice = self._judge_job(job)
            can_open = self.env.su or self.env.user.has_group("base.group_system")
            title = self.env._("Job: %(name)s", name=job.name.partition(": ")[2] or job.name)
            yield self._line("job", title, state, finding, advice, res_id=job.id, can_open=can_open)

    def _judge_job(self, job):
        """How a job is.

        :return: (state, finding, advice)
        """
        if not job.active:
            advice = self.env._("Ask the administrator to switch it on again under Settings, Technical, Scheduled Actions.")
            return "act", self.env._("Switched off."), advice
        finding = self.env._("Not run yet; due on %(next)s.", next=self._when(job.nextcall))
        if job.lastcall:
            finding = self.env._("Last run %(last)s, next %(next)s.", last=self._when(job.lastcall), next=self._when(job.nextcall))
        if job.failure_count:
            state = "act" if job.failure_count >= FAILURES_TO_ACT else "look"
            finding = self.env._(
                "Failures since %(date)s: %(count)s.", count=job.failure_count, date=self._when(job.first_failure_date)
            )
            return (
                state,
                finding,
                self.env._("Read the server's log of that time; Odoo switches the job off after a week of failures."),
            )
        interval = relativedelta(**{job.interval_type: job.interval_number})
        if job.nextcall + max(JOB_GRACE, (job.nextcall + interval) - job.nextcall) < fields.Datetime.now():
            advice = self.env._("The server runs no jobs: ask the administrator to look at its log and at max_cron_threads.")
            return "act", finding, advice
        return "ok", finding, ""

    def _check_settling(self):
        title = self.env._("Folding and sealing")
        unsealed, unfolded = self.env.execute_query(
            SQL(
                """
                SELECT (SELECT p.posted_at FROM fidelity_posting p
                         WHERE p.id > COALESCE((SELECT max(last_posting_id) FROM fidelity_ledger_seal), 0) ORDER BY p.id LIMIT 1),
                       (SELECT p.posted_at FROM fidelity_ledger_entry e JOIN fidelity_posting p ON p.id = e.posting_id
                         WHERE e.id > COALESCE((SELECT max(folded_entry_id) FROM fidelity_ledger_horizon), 0)
                      ORDER BY e.id LIMIT 1)
                """
            )
        )[0]
        oldest = min(filter(None, (unsealed, unfolded)), default=None)
        if not oldest:
            yield self._line("settling", title, "ok", self.env._("Everything posted is folded and sealed."))
            return
        age = fields.Datetime.now() - oldest
        state = "act" if age > SETTLED_TOO_LATE else "look" if age > SETTLED_LATE else "ok"
        finding = self.env._("Folded and sealed up to %(date)s.", date=self._when(oldest))
        advice = self.env._("See the job above; if it runs, end the database transaction that has been open longest.")
        yield self._line("settling", title, state, finding, advice if state != "ok" else "")

    def _check_guards(self):
        title = self.env._("Guards of the ledger")
        missing, _sentences = self.env["fidelity.verification"].sudo()._check_triggers(None, None)
        if not missing:
            yield self._line("guards", title, "ok", self.env._("The database refuses every change of what was posted."))
            return
        finding = self.env._("Missing or switched off: %(count)s.", count=missing)
        advice = self.env._("Find out who did it, restore them, then verify the ledger.")
        yield self._line("guards", title, "act", finding, advice, can_mend=self._is_manager())

    def _check_numbers(self):
        """The card type that has used most of its numbers."""
        title = self.env._("Card numbers")
        worst = (-1, None)
        for card_type in self.env["fidelity.card.type"].sudo().search([("sequence_id", "!=", False)]):
            numbers = number_scheme.capacity(card_type._scheme())
            used = 100 * card_type.sequence_id.number_next_actual // numbers
            worst = max(worst, (used, card_type), key=lambda found: found[0])
        used, card_type = worst
        if card_type is None or used < NUMBERS_USED_LOOK:
            yield self._line("numbers", title, "ok", self.env._("Every card type has numbers left."))
            return
        state = "act" if used >= NUMBERS_USED_ACT else "look"
        finding = self.env._("%(name)s has used %(used)s %% of its numbers.", name=card_type.name, used=used)
        advice = self.env._("Make a new card type with a prefix of its own before they run out.")
        yield self._line("numbers", title, state, finding, advice, res_id=card_type.id, can_open=True)

    def _check_rules(self):
        """Card types whose settings are not what tills apply."""
        title = self.env._("Published rules")
        found = False
        # A shop has a handful of card types.
        for card_type in self.env["fidelity.card.type"].search([]):  # pylint: disable=no-search-all
            values = {"res_id": card_type.id, "can_open": True}
            if not card_type.ruleset_id:
                if card_type.card_count:
                    found = True
                    finding = self.env._("%(name)s gives nothing: no rules are in force.", name=card_type.name)
                    advice = self.env._("Look at its settings, then publish them.")
                    yield self._line("rules", title, "act", finding, advice, **values)
            elif card_type.has_changes:
                found = True
                finding = self.env._("The settings of %(name)s differ from what tills apply.", name=card_type.name)
                advice = self.env._("Publish them, or put back what was changed.")
                yield self._line("rules", title, "look", finding, advice, **values)
        if not found:
            yield self._line("rules", title, "ok", self.env._("Tills apply the settings as they are."))

    def _check_clocks(self):
        """The till whose clock is furthest off, by the middle value of its receipts among the last thousand, of one day."""
        title = self.env._("Clocks of the tills")
        rows = self.env.execute_query(
            SQL(
                """
                SELECT r.till_id, min(r.till_name), percentile_disc(0.5) WITHIN GROUP (ORDER BY r.clock_skew_s) AS skew
                  FROM (SELECT * FROM fidelity_receipt ORDER BY id DESC LIMIT %s) r
                 WHERE r.till_id IS NOT NULL AND r.clock_skew_s IS NOT NULL AND r.posted_at > %s
              GROUP BY r.till_id ORDER BY abs(percentile_disc(0.5) WITHIN GROUP (ORDER BY r.clock_skew_s)) DESC LIMIT 1
                """,
                MANY,
                fields.Datetime.now() - timedelta(days=1),
            )
        )
        till_id, name, skew = rows[0] if rows else (None, None, 0)
        if abs(skew) <= CLOCK_LOOK_S:
            yield self._line("clocks", title, "ok", self.env._("The tills and the server agree on the time."))
            return
        state = "act" if abs(skew) > CLOCK_ACT_S else "look"
        minutes = round(abs(skew) / 60)
        finding = self.env._("The clock of %(till)s is %(minutes)s minutes behind the server's.", till=name, minutes=minutes)
        if skew < 0:
            finding = self.env._("The clock of %(till)s is %(minutes)s minutes ahead of the server's.", till=name, minutes=minutes)
        advice = self.env._("Set its clock, or see why its sales arrive late: rules and expiry follow the moment of the sale.")
        yield self._line("clocks", title, state, finding, advice, res_id=till_id, can_open=True)
