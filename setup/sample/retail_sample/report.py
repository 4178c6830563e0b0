"""After loading: prove that everything arrived, and say what to try."""


def check(env, orders, progress):
    """Check that every order is posted once, that nothing waits, and that the ledger proves its balances.

    :raise RuntimeError: one of these does not hold; the sentence says which.
    """
    posted = env["pos.order"].search_count([("uuid", "in", [order.uuid for order in orders]), ("state", "=", "done")])
    if posted != len(orders):
        raise RuntimeError(f"{len(orders) - posted} of {len(orders)} receipts are missing. Run the loader again.")
    waiting = env["fidelity.outbox"].search_count([("state", "!=", "done")])
    if waiting:
        raise RuntimeError(f"{waiting} receipts wait in the outbox: open Loyalty, Outbox, and see why.")
    proof = env["fidelity.verification"]._verify()
    env.cr.commit()
    if proof.state != "clean":
        raise RuntimeError(f"The ledger is not proved: {proof.findings}")
    progress(f"Ledger proved: {proof.account_count} accounts, {proof.entry_count} entries")


def summary(env, members, progress):
    """Say which cards to try."""
    active = env["fidelity.card"].search(
        [("card_type_id", "=", members.types["gift"].id), ("state", "=", "active")], order="id", limit=1
    )
    progress(f"A card to read: {active.number} ({active.member_id.display_name}, {active.member_id.balance} points)")
    for state, words in (("blocked", "A blocked card"), ("lost", "A lost card"), ("replaced", "A replaced card")):
        card = env["fidelity.card"].search([("state", "=", state)], order="id", limit=1)
        progress(f"{words}: {card.number} ({card.member_id.display_name})")
    progress(f"A card that nobody has yet: {members.spare[:1].number}")
    product = env["product.product"].search([("default_code", "=", "22423")], limit=1)
    if product:
        progress(f"A product to scan: {product.barcode} ({product.name})")
    progress("Log in as cashier, dublin, clerk, storemanager or manager; the password is the login")
