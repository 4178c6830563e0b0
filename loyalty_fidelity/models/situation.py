"""What of a situation rules look at. Plain data, no Odoo."""

#: Fields of the kernel's benefits that limit them in time.
LIMITS = ("cap_day", "cap_month", "cap_day_minor", "cap_month_minor")


def looks(ruleset):
    """Whether rules look at anything besides the goods: then the situation is computed and stored."""
    return any(benefit.when or getattr(benefit, "own", False) for benefit in ruleset.benefits) or bool(limited(ruleset))


def limited(ruleset):
    """Keys of the benefits that have a limit a day or a month."""
    return tuple(benefit.key for benefit in ruleset.benefits if any(getattr(benefit, name, 0) for name in LIMITS))
