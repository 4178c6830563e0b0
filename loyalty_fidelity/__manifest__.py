{
    "name": "Loyalty Fidelity",
    "summary": "Fidelity cards, members and points on a ledger that cannot be forged",
    "version": "19.0.1.0.0",
    "category": "Sales/Loyalty",
    "license": "LGPL-3",
    "author": "Loyalty Fidelity",
    "website": "https://github.com/loyalty-fidelity/loyalty-fidelity",
    "depends": ["product", "mail", "sms", "phone_validation", "utm", "portal", "barcodes"],
    "external_dependencies": {"python": ["python-barcode", "phonenumbers"]},
    "data": [
        "security/loyalty_fidelity_groups.xml",
        "security/ir.model.access.csv",
        "security/loyalty_fidelity_security.xml",
        "data/ir_cron.xml",
    ],
    "application": True,
    "uninstall_hook": "uninstall_hook",
}
