{
    "name": "Loyalty Fidelity: Point of Sale",
    "summary": "Read a fidelity card at the till; points are posted with the payment",
    "version": "19.0.1.1.0",
    "category": "Sales/Point of Sale",
    "license": "LGPL-3",
    "author": "Loyalty Fidelity",
    "depends": ["loyalty_fidelity", "point_of_sale"],
    "data": [
        "security/ir.model.access.csv",
        "data/ir_cron.xml",
        "data/product_data.xml",
        "views/fidelity_store_views.xml",
        "views/pos_config_views.xml",
        "views/pos_order_views.xml",
    ],
    "assets": {
        "point_of_sale._assets_pos": ["loyalty_fidelity_pos/static/src/**/*"],
        "web.assets_tests": ["loyalty_fidelity_pos/static/tests/tours/**/*"],
        "web.assets_unit_tests": ["loyalty_fidelity_pos/static/tests/unit/**/*"],
    },
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
