"""The clock of the process that runs histories: Odoo's own ways to ask for the time answer with the history's."""

from datetime import datetime, time, timedelta

from odoo import fields, sql_db

NOON = time(12)


class Clock:
    """Every history has days of its own; within a day the seconds count its steps, from noon on.

    :ivar moment: now, UTC, naive
    """

    def __init__(self):
        self.moment = None
        fields.Datetime.now = staticmethod(lambda *_record: self.moment)
        fields.Date.today = staticmethod(lambda *_record: self.moment.date())
        fields.Date.context_today = staticmethod(lambda _record, timestamp=None: (timestamp or self.moment).date())
        sql_db.Cursor.now = lambda _cursor: self.moment

    def turn_to(self, day, step):
        """It is so many seconds past noon of a day."""
        self.moment = datetime.combine(day, NOON) + timedelta(seconds=step)
