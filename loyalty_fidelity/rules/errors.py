"""The one error that a rule raises.

Decides nothing; it names what was wrong with the arguments. A rule never raises anything else for bad input, and
never corrects bad input silently.

Invariant: the mirror raises ``RuleError`` with the same code for the same arguments.
"""


class RuleError(ValueError):
    """An argument that a rule refuses.

    >>> error = RuleError("range", field="points", low=1)
    >>> error.code, error.details
    ('range', {'field': 'points', 'low': 1})
    >>> str(error)
    'range (field=points, low=1)'
    """

    def __init__(self, code: str, **details: object) -> None:
        """Name the mistake.

        :param code: short and stable, in snake case; callers decide by it and translate it
        :param details: what a developer wants to see; never a whole card number
        """
        self.code = code
        self.details = details
        shown = ", ".join(f"{name}={value}" for name, value in details.items())
        super().__init__(f"{code} ({shown})" if shown else code)
