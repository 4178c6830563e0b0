{
    "name": "Loyalty Fidelity: Figures and Messages",
    "summary": "Figures of sales with card and points, and messages to the members you choose",
    "version": "19.0.1.1.0",
    "category": "Sales/Loyalty",
    "license": "LGPL-3",
    "author": "Loyalty Fidelity",
    "depends": ["loyalty_fidelity", "mass_mailing_sms", "spreadsheet_dashboard"],
    "data": [
        "security/ir.model.access.csv",
        "security/loyalty_fidelity_bi_security.xml",
        "data/ir_cron.xml",
        "views/fidelity_fact_purchase_views.xml",
        "views/fidelity_fact_product_views.xml",
        "views/fidelity_fact_entry_views.xml",
        "views/fidelity_rollup_views.xml",
        "views/loyalty_fidelity_bi_menus.xml",
    ],
    "assets": {
        "web.assets_backend_lazy": ["loyalty_fidelity_bi/static/src/views/**/*"],
    },
}
