{
    "name": "Loyalty Fidelity: Prizes from Stock",
    "summary": "A prize that is handed over leaves the warehouse of its store",
    "version": "19.0.1.2.0",
    "category": "Sales/Loyalty",
    "license": "LGPL-3",
    "author": "Loyalty Fidelity",
    "depends": ["loyalty_fidelity", "stock"],
    "data": ["views/fidelity_store_views.xml"],
    "uninstall_hook": "uninstall_hook",
    "auto_install": True,
}
