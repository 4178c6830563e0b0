"""A draw that anybody can repeat: who wins follows from a seed and the members who take part. Plain data, no Odoo."""

import hashlib
from collections.abc import Iterable


def winners(seed: str, members: Iterable[int], count: int) -> list[int]:
    """Draw members: those whose SHA-256 of ``seed|member`` is lowest.

    :param seed: published as :func:`proof` before the draw, itself after it
    :return: ids, the first drawn first; all of them where there are no more than ``count``

    >>> winners("seed", [3, 1, 2], 2) == winners("seed", [1, 2, 3], 2)
    True
    """
    return sorted(set(members), key=lambda member: (hashlib.sha256(f"{seed}|{member}".encode()).hexdigest(), member))[:count]


def proof(seed: str) -> str:
    """What is published before the draw, so that nobody can choose the seed after it.

    >>> proof("seed")[:12]
    '19b25856e1c1'
    """
    return hashlib.sha256(seed.encode()).hexdigest()
