"""The fields of a benefit that say when it applies and how much it gives at most."""

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WHEN_FIELDS = (
    "from_date", "to_date", *WEEKDAYS, "from_hour", "to_hour", "store_ids", "tier_ids", "tag_ids", "on_birthday",
    "birthday_days", "first_purchase", "every_purchase",
)  # fmt: skip
POINTS_LIMITS = ("cap_points_receipt", "cap_points_day", "cap_points_month")
AMOUNT_LIMITS = ("cap_line", "cap_receipt", "cap_day", "cap_month")
LIMIT_FIELDS = (*POINTS_LIMITS, *AMOUNT_LIMITS, "minimum_lines")
#: Which limits each kind of benefit has, from the narrowest to the widest.
LIMITS = {"points": POINTS_LIMITS, "cashback": AMOUNT_LIMITS[1:], "discount": AMOUNT_LIMITS}
