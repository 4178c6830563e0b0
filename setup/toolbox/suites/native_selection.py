"""Which of Odoo's own tests the suite ``native`` compares: a named subset by default, everything with ``--all``."""

#: Classes of Python tests, by addon.
PYTHON = {
    "point_of_sale": (
        "TestAngloSaxonFlow", "TestPointOfSale", "TestPointOfSaleFlow", "TestPoSBasicConfig", "TestPosMargin",
        "TestPosInvoiceConsolidation", "TestPoSMultipleReceivableAccounts", "TestPoSOtherCurrencyConfig",
        "TestPoSProductsWithTax", "TestPoSSetup", "TestPosSimpleInvoicedOrders", "TestPosSimpleOrders", "TestPoSStock",
        "TestPoSWithFiscalPosition", "TestReportPoSOrder", "TestReportSession", "TestConfigureShops",
    ),
    "pos_loyalty": ("TestUnlinkReward",),
}  # fmt: skip

#: Journeys in the browser, by addon and class.
TOURS = {
    ("point_of_sale", "TestUi"): (
        "test_01_pos_basic_order", "test_receipt_screen_tour", "test_07_pos_barcodes_scan", "test_order_refund_flow",
        "test_payment_screen_tour", "test_res_partner_scan_barcode",
    ),
    ("pos_loyalty", "TestUi"): (
        "test_gift_card_program", "test_loyalty_free_product_rewards_2", "test_loyalty_program_specific_product",
        "test_point_per_money_spent", "test_pos_loyalty_tour_basic", "test_refund_does_not_decrease_points",
        "test_scan_loyalty_card_select_customer",
    ),
}  # fmt: skip

#: Addons whose tests all run with ``--all``.
WHOLE = ("loyalty", "pos_loyalty", "point_of_sale", "product", "barcodes", "portal", "sms", "phone_validation", "utm")


def subset():
    """Return the test tags of the default run."""
    tags = ["/loyalty"]
    tags += [f"/{addon}:{name}" for addon, names in PYTHON.items() for name in names]
    tags += [f"/{addon}:{cls}.{name}" for (addon, cls), names in TOURS.items() for name in names]
    return ",".join(tags)


def everything():
    """Return the test tags of ``--all``."""
    return ",".join(f"/{addon}" for addon in WHOLE)
