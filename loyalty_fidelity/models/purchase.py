"""A purchase or return as any channel hands it over to be posted. Plain data, no Odoo."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class PurchaseLine:
    """One line, with its amounts recomputed by the server.

    :ivar key: unique over all documents of the channel, such as the line's uuid
    :ivar kind: ``sale``, ``return_linked``, ``return_unlinked``, ``excluded`` or ``effect``
    :ivar quantity_micro: signed quantity in millionths of the product's unit
    :ivar total_minor: signed, tax included, after discount, in minor units
    :ivar untaxed_minor: likewise without tax
    :ivar original_key: the key of the line that a linked return gives back, or whose amount a share gives back
    :ivar discount_bps: the line's whole discount, in hundredths of a percent
    :ivar before_minor: what it would be with the discount of :attr:`manual_bps` alone, tax included; None: as it is
    :ivar before_untaxed_minor: likewise without tax
    :ivar manual_bps: the discount that the channel says a person gave; all of it unless it says otherwise
    :ivar effect: what the channel says loyalty did to its price, as :func:`effect_claim.parse_effect` reads it
    :ivar member_price: the channel says that its unit price is a member's
    """

    key: str
    kind: str
    product_id: int
    name: str
    quantity_micro: int
    total_minor: int
    untaxed_minor: int
    original_key: str | None = None
    discount_bps: int = 0
    before_minor: int | None = None
    before_untaxed_minor: int | None = None
    manual_bps: int = 0
    effect: dict = field(default_factory=dict)
    member_price: bool = False

    @property
    def before_total_minor(self):
        """What it would be without the card's benefits, tax included."""
        return self.total_minor if self.before_minor is None else self.before_minor


@dataclass(frozen=True)
class ShopPrice:
    """What the shop asks for a line of everybody, beside what was asked for it.

    :ivar shop_minor: the line's total at the shop's price, with the discount of ``manual_bps``, tax included
    :ivar agrees: the line's unit price is what price list and policy of the member give, or the shop's without them
    """

    shop_minor: int
    agrees: bool


@dataclass(frozen=True)
class Purchase:
    """One paid document.

    :ivar op_key: what makes it unique
    :ivar claimed_at: when the channel says it happened, UTC, naive
    :ivar claim: what the channel knew of the card, see ``docs/architecture.md``; empty without a card
    :ivar eligible_paid_minor: what was paid by means that always count, change subtracted
    :ivar customer_account_minor: what was put on the customer's account
    :ivar pricelist_bps: gives what a price list took of lines, in hundredths of a percent by key; asked only for rules
        that look at it
    :ivar costs: gives what lines cost the shop, without tax, in minor units by key, where it is known; asked likewise
    :ivar values: gives the attribute values that were chosen for lines beside those of their variant, by key; asked likewise
    :ivar flags: what the channel itself found that a manager should see
    :ivar vouchers: what the codes of this document take off it, :class:`voucher.Voucher`, in the order in which they were read
    :ivar shop_prices: gives, for a member's price list (its id and policy, or None twice), :class:`ShopPrice` by key of the
        lines whose price nobody typed; asked only for members with such a list, or where a line claims a member price
    """

    op_key: str
    source_model: str
    source_id: int
    source_ref: str
    company_id: int
    store_id: int | None
    till_id: int
    till_name: str
    author_uid: int
    author_name: str
    partner_id: int | None
    currency: str
    currency_id: int
    claimed_at: datetime
    claim: dict = field(default_factory=dict)
    lines: tuple[PurchaseLine, ...] = ()
    eligible_paid_minor: int = 0
    customer_account_minor: int = 0
    pricelist_bps: Callable[[], Mapping[str, int]] = dict
    costs: Callable[[], Mapping[str, int]] = dict
    values: Callable[[], Mapping[str, Iterable[int]]] = dict
    shop_prices: Callable[[int | None, str | None], Mapping[str, ShopPrice]] = lambda pricelist_id, policy: {}
    flags: frozenset = frozenset()
    vouchers: tuple = ()

    @property
    def receipt_minor(self):
        """What the goods come to before the card's benefits, which minimum receipts are compared with: signed, tax included."""
        return sum(line.before_total_minor for line in self.lines if line.kind == "sale")
