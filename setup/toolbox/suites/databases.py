"""The databases that the suites work on.

``…_test_base`` has Odoo's own addons that ours depend on; ``…_test_native`` also those whose suites are compared. Both are kept
from run to run. ``…_test_ours`` is made afresh by installing our addons, once a run; each suite works on a copy.
"""

from .. import addons
from ..database import Databases

BASE = "loyalty_fidelity_test_base"
NATIVE = "loyalty_fidelity_test_native"
OURS = "loyalty_fidelity_test_ours"
NATIVE_ADDONS = ("point_of_sale", "pos_loyalty")

_made = set()


def _kept(env, name, modules, title, source=None):
    """Make a database of Odoo's own addons, or keep the one that was made before.

    :param source: names a database to begin with a copy of; called only when it is needed
    """
    databases = Databases(env)
    made_from = {"odoo": env.odoo.version, "modules": sorted(modules)}
    if databases.mark(name) != made_from:
        if source:
            databases.copy(source(env), name)
        else:
            databases.drop(name)
        databases.install(name, sorted(modules), title, name)
        databases.set_mark(name, made_from)
    return name


def base(env):
    """Return the name of a database with the addons that ours build upon."""
    return _kept(env, BASE, addons.outside_depends(addons.ours()), "Installing the addons that ours build upon")


def native(env):
    """Return the name of a database with Odoo's addons whose suites are compared."""
    modules = {*addons.outside_depends(addons.ours()), *NATIVE_ADDONS}
    return _kept(env, NATIVE, modules, "Adding Odoo's own loyalty for the comparison", base)


def with_ours(env, source, target, title):
    """Copy a database and install our addons in the copy."""
    databases = Databases(env)
    databases.copy(source, target)
    databases.install(target, addons.ours(), title, target)


def ours(env, suite):
    """Return the name of a fresh database with our addons, for one suite to do with as it likes."""
    target = f"loyalty_fidelity_test_{suite}"
    if OURS not in _made:
        with_ours(env, base(env), OURS, "Installing our addons in a fresh database")
        _made.add(OURS)
    Databases(env).copy(OURS, target)
    return target


def done(env, name):
    """Drop a suite's copy."""
    Databases(env).drop(name)
