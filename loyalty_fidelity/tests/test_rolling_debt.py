from odoo.tests import BaseCase, tagged

from odoo.addons.loyalty_fidelity.models.rolling_debt import UsedLine, owed_minor

ONE = 1_000_000

#: (why, lines that used it, what the purchase is still worth: percentage and amount, what is owed)
CASES = (
    ("still worth what it was", [UsedLine(500, 1000, ONE)], 1000, 0, 0),
    ("worth more than it was: nothing is given", [UsedLine(500, 1000, ONE)], 1200, 0, 0),
    ("worth nothing any more: all of it", [UsedLine(500, 1000, ONE)], 0, 0, 500),
    ("half the percentage: half of it", [UsedLine(500, 1000, ONE)], 500, 0, 250),
    ("a third, rounded to the nearest", [UsedLine(100, 900, ONE)], 600, 0, 33),
    ("a half rounds in favour of the customer", [UsedLine(5, 1000, ONE)], 500, 0, 2),
    ("line by line", [UsedLine(333, 1000, ONE), UsedLine(334, 1000, ONE)], 300, 0, 233 + 234),
    ("what it bought came back too: nothing", [UsedLine(500, 1000, ONE, ONE)], 0, 0, 0),
    ("one of three came back", [UsedLine(500, 1000, 3 * ONE, ONE)], 0, 0, 333),
    ("more came back than was sold", [UsedLine(500, 1000, ONE, 5 * ONE)], 0, 0, 0),
    ("an amount: what is above", [UsedLine(300, 0, ONE), UsedLine(200, 0, ONE)], 0, 350, 150),
    ("an amount: worth nothing", [UsedLine(300, 0, ONE), UsedLine(200, 0, ONE)], 0, 0, 500),
    ("an amount: less was used than is left", [UsedLine(300, 0, ONE)], 0, 350, 0),
    ("an amount: one of its lines came back", [UsedLine(300, 0, ONE, ONE), UsedLine(200, 0, ONE)], 0, 0, 200),
    ("nothing was used", [], 0, 0, 0),
    ("a discount of nothing", [UsedLine(0, 1000, ONE)], 0, 0, 0),
)


@tagged("post_install", "-at_install")
class TestRollingDebt(BaseCase):
    """What is owed for a discount that was used before its purchase came back."""

    def test_cases(self):
        for why, lines, bps, minor, owed in CASES:
            with self.subTest(why=why):
                self.assertEqual(owed_minor(lines, bps, minor), owed)

    def test_more_coming_back_never_makes_a_debt_negative_or_larger_than_what_was_had(self):
        for amount in range(0, 40, 7):
            for bps in range(0, 1001, 125):
                owed = [owed_minor([UsedLine(amount, 1000, 3 * ONE, back * ONE)], bps, 0) for back in range(4)]
                self.assertTrue(all(0 <= value <= amount for value in owed))
                self.assertEqual(owed, sorted(owed, reverse=True))
                self.assertEqual(owed[-1], 0)
