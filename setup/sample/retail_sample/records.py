"""Find-or-make for records of the sample, so that loading twice makes nothing twice."""

MODULE = "loyalty_fidelity_sample"
BATCH = 400


class LoadError(Exception):
    """Loading cannot go on, or did not arrive whole; the sentence says why and what to do."""


def find(env, name):
    """Return the record that was remembered under ``name``, or None."""
    return env.ref(f"{MODULE}.{name}", raise_if_not_found=False) or None


def remember(env, names_and_records):
    """Give records their names; ``names_and_records`` is a list of (name, record)."""
    env["ir.model.data"]._update_xmlids(
        [{"xml_id": f"{MODULE}.{name}", "record": record, "noupdate": True} for name, record in names_and_records]
    )


def ensure(env, name, model, values):
    """Return the record of that name; make it with ``values`` (a dict, or a callable that returns one) if it is missing."""
    record = find(env, name)
    if record is None:
        record = env[model].create(values() if callable(values) else values)
        remember(env, [(name, record)])
    return record


def known(env, model):
    """Return name -> id of every remembered record of a model."""
    rows = env["ir.model.data"].search_read([("module", "=", MODULE), ("model", "=", model)], ["name", "res_id"])
    alive = set(env[model].with_context(active_test=False).browse([row["res_id"] for row in rows]).exists().ids)
    return {row["name"]: row["res_id"] for row in rows if row["res_id"] in alive}


def ensure_many(env, model, wanted, progress, what):
    """Make the missing records of ``wanted`` (name -> values) in committed batches.

    :return: name -> id of all of them.
    """
    have = known(env, model)
    missing = [name for name in wanted if name not in have]
    for start in range(0, len(missing), BATCH):
        names = missing[start : start + BATCH]
        created = env[model].create([wanted[name] for name in names])
        remember(env, list(zip(names, created, strict=True)))
        env.cr.commit()
        progress(f"{what}: {len(wanted) - len(missing) + start + len(names)} of {len(wanted)}")
        have.update(zip(names, created.ids, strict=True))
    return {name: have[name] for name in wanted}
