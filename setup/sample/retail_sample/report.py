"""After loading: prove that everything arrived, and say what to try."""

from .records import LoadError, find

PRODUCT_CODE = "22423"
CARDS = {
    "active": "A card to read",
    "blocked": "A blocked card",
    "lost": "A lost card",
    "replaced": "A replaced card",
    "draft": "A card that nobody has yet",
}


def check(env, orders, progress):
    """Check that every order is posted once, that nothing waits, and that the ledger proves its balances.

    :raise LoadError: one of these does not hold; the sentence says which.
    """
    posted = env["pos.order"].search_count([("uuid", "in", [order.uuid for order in orders]), ("state", "=", "done")])
    if posted != len(orders):
        raise LoadError(f"{len(orders) - posted} of {len(orders)} receipts are missing. Run the loader again.")
    waiting = env["fidelity.outbox"].search_count([("state", "!=", "done")])
    if waiting:
        raise LoadError(f"{waiting} receipts wait in the outbox: open Loyalty, Outbox, and see why.")
    proof = env["fidelity.verification"]._verify()
    env.cr.commit()
    if proof.state != "clean":
        raise LoadError(f"The ledger is not proved: {proof.findings}")
    progress(f"Ledger proved: {proof.account_count} accounts, {proof.entry_count} entries")


def summary(env, progress):
    """Say which cards to try."""
    cards = env["fidelity.card"]
    kind = find(env, "type_gift")
    if kind is None:
        return
    for state, words in CARDS.items():
        card = cards.search([("card_type_id", "=", kind.id), ("state", "=", state)], order="id", limit=1)
        if card:
            member = card.member_id
            progress(f"{words}: {card.number}" + (f" ({member.display_name}, {member.balance} points)" if member else ""))
    discount = find(env, "card_lane_0")
    if discount:
        progress(f"A card with discounts: {discount.number} ({discount.member_id.display_name}, {discount.card_type_id.name})")
    product = env["product.product"].search([("default_code", "=", PRODUCT_CODE)], limit=1)
    if product:
        progress(f"A product to scan: {product.barcode} ({product.name})")
    progress("Log in as cashier, dublin, clerk, storemanager or manager; the password is the login")
