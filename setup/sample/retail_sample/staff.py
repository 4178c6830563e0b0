"""Stores and the people who work in them. Every password is the login; see README.md."""

from .records import ensure, find, remember
from .shop import TILLS

STORES = {
    "london": ("London Covent Garden", "LDN", "Europe/London"),
    "dublin": ("Dublin Grafton Street", "DUB", "Europe/Dublin"),
}
USERS = (
    # login, name, store (empty: all), groups
    ("cashier", "Nora Finch", "london", ("point_of_sale.group_pos_user",)),
    ("dublin", "Sean Byrne", "dublin", ("point_of_sale.group_pos_user",)),
    ("clerk", "Iris Holt", "london", ("loyalty_fidelity.group_fidelity_user",)),
    (
        "storemanager",
        "Owen Price",
        "london",
        ("loyalty_fidelity.group_fidelity_store_manager", "point_of_sale.group_pos_user"),
    ),
    (
        "manager",
        "Maeve Quinn",
        "",
        (
            "loyalty_fidelity.group_fidelity_manager",
            "point_of_sale.group_pos_manager",
            "mass_mailing.group_mass_mailing_user",
        ),
    ),
)
CASHIERS = {"london": "cashier", "dublin": "dublin"}


def build(env, shop):
    """Make users and stores, and join the tills to the stores.

    :return: (store key -> fidelity.store, login -> res.users).
    """
    users = {login: _user(env, login, name, groups) for login, name, _store, groups in USERS}
    stores = {}
    for key, (name, code, zone) in STORES.items():
        members = [users[login].id for login, _name, store, _groups in USERS if store in ("", key)]
        stores[key] = ensure(
            env,
            f"store_{key}",
            "fidelity.store",
            {
                "name": name,
                "code": code,
                "tz": zone,
                "company_id": shop.company.id,
                "manager_id": users["storemanager" if key == "london" else "manager"].id,
                "user_ids": [(6, 0, members)],
            },
        )
    for till, _name, store in TILLS:
        if shop.tills[till].fidelity_store_id != stores[store]:
            shop.tills[till].fidelity_store_id = stores[store]
    env.cr.commit()
    return stores, users


def _user(env, login, name, groups):
    """Return the user of that login; make it if the sample has not, without sending an invitation.

    A group of an addon that is not installed is left out.
    """
    user = find(env, f"user_{login}")
    known = [env.ref(group, raise_if_not_found=False) for group in ("base.group_user", *groups)]
    if user is None:
        user = (
            env["res.users"]
            .with_context(no_reset_password=True)
            .create(
                {
                    "name": name,
                    "login": login,
                    "password": login,
                    "email": f"{login}@example.com",
                    "group_ids": [(4, group.id) for group in known if group],
                }
            )
        )
        remember(env, [(f"user_{login}", user)])
    return user
