from . import test_prize_stock
