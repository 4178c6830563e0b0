"""Who may do what: the roles, and what each of them may do with every model."""

ROLES = {
    "cashier": ("point_of_sale.group_pos_user",),
    "user": ("loyalty_fidelity.group_fidelity_user",),
    "store_manager": ("loyalty_fidelity.group_fidelity_store_manager",),
    "manager": ("loyalty_fidelity.group_fidelity_manager",),
}

#: Who may read (r), write (w), create (c), delete (d). A role that is not named may nothing.
READ_ALL = {"user": "r", "store_manager": "r", "manager": "r"}
MATRIX = {
    "fidelity.store": {"user": "r", "store_manager": "rw", "manager": "rwcd"},
    "fidelity.card.type": {"cashier": "r", "user": "r", "store_manager": "r", "manager": "rwcd"},
    "fidelity.benefit": {"user": "r", "store_manager": "r", "manager": "rwcd"},
    "fidelity.benefit.bracket": {"user": "r", "store_manager": "r", "manager": "rwcd"},
    "fidelity.tier": {"user": "r", "store_manager": "r", "manager": "rwcd"},
    "fidelity.ruleset": {"cashier": "r", **READ_ALL},
    "fidelity.holder": {"user": "r", "store_manager": "r", "manager": "rw"},
    "fidelity.account": READ_ALL,
    "fidelity.member": {"user": "rwc", "store_manager": "rwc", "manager": "rwcd"},
    "fidelity.card": {"user": "rwc", "store_manager": "rwc", "manager": "rwcd"},
    "fidelity.posting": READ_ALL,
    "fidelity.ledger.entry": READ_ALL,
    "fidelity.lot": READ_ALL,
    "fidelity.lot.allocation": READ_ALL,
    "fidelity.ledger.seal": {"manager": "r"},
    "fidelity.ledger.horizon": {"manager": "r"},
    "fidelity.receipt": READ_ALL,
    "fidelity.receipt.line": READ_ALL,
    "fidelity.receipt.effect": READ_ALL,
    "fidelity.receipt.reversal": READ_ALL,
    "fidelity.outbox": {"store_manager": "r", "manager": "r"},
    "fidelity.verification": {"manager": "r"},
    "fidelity.export": {"manager": "rwcd"},
    "fidelity.health": {"store_manager": "r", "manager": "r"},
    "fidelity.health.line": {"store_manager": "r", "manager": "r"},
    "fidelity.adjustment": {"manager": "rwcd"},
    "fidelity.member.merge": {"manager": "rwcd"},
    "fidelity.household.join": {"manager": "rwcd"},
    "fidelity.household.leave": {"manager": "rwcd"},
    "fidelity.publication": {"manager": "rwcd"},
    "fidelity.prize": {"user": "r", "store_manager": "r", "manager": "rwcd"},
    "fidelity.redemption": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
    "fidelity.redemption.undo": {"manager": "rwcd"},
    "fidelity.setup": {"manager": "rwcd"},
    "fidelity.setup.bracket": {"manager": "rwcd"},
    "fidelity.setup.prize": {"manager": "rwcd"},
    "fidelity.simulation": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
    "fidelity.simulation.line": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
    "fidelity.card.state": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
    "fidelity.card.issue": {"user": "rwcd", "store_manager": "rwcd", "manager": "rwcd"},
}
OPERATIONS = {"r": "read", "w": "write", "c": "create", "d": "unlink"}

#: Tables whose rows are money-like: no call of any role may change them, but for the calls in ALLOWED.
VALUE_TABLES = (
    "fidelity_posting",
    "fidelity_ledger_entry",
    "fidelity_lot",
    "fidelity_lot_allocation",
    "fidelity_account",
    "fidelity_receipt",
    "fidelity_receipt_line",
    "fidelity_receipt_effect",
    "fidelity_receipt_reversal",
    "fidelity_ruleset",
    "fidelity_ledger_seal",
)
GUARDED = tuple(table.replace("_", ".") for table in VALUE_TABLES)
ALLOWED = {
    ("manager", "fidelity.adjustment", "action_post"),
    ("manager", "fidelity.publication", "action_publish"),
    ("manager", "fidelity.member.merge", "action_merge"),
    ("manager", "fidelity.household.join", "action_join"),
    ("manager", "fidelity.household.leave", "action_leave"),
    ("manager", "fidelity.setup", "action_create"),
    ("user", "fidelity.redemption", "action_give"),
    ("store_manager", "fidelity.redemption", "action_give"),
    ("manager", "fidelity.redemption", "action_give"),
    ("manager", "fidelity.redemption.undo", "action_take_back"),
}
