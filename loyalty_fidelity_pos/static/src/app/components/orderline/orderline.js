import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { Orderline } from "@point_of_sale/app/components/orderline/orderline";
import { readMemberPrice } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";
import { readPrize } from "@loyalty_fidelity_pos/app/models/fidelity_prize";
import { formatPercent, formatPoints } from "@loyalty_fidelity_pos/app/services/fidelity_words";

patch(Orderline.prototype, {
    /** An amount off has no quantity and no price per unit worth reading. */
    get lineScreenValues() {
        const values = super.lineScreenValues;
        return this.line.order_id && this.line.isFidelityAmount()
            ? { ...values, unitPart: "", decimalPart: "", displayPriceUnit: false, productImage: false }
            : values;
    },

    /** The shop's price of a line sold at a member's: both can be read; empty without. */
    get fidelityPriceNote() {
        const found = !this.props.basic_receipt && readMemberPrice(this.line);
        if (!found) {
            return "";
        }
        const { currency } = this.line;
        const [member, shop] = [found.unit, found.shop].map((price) => formatCurrency(price, currency.id));
        return _t("member price %(member)s instead of %(shop)s", { member, shop });
    },

    /** What a prize costs; empty for other lines. */
    get fidelityPrizeNote() {
        const prize = !this.props.basic_receipt && readPrize(this.line.fidelity_prize);
        return prize ? _t("prize for %s points", formatPoints(prize.points || 0)) : "";
    },

    /** What the line's discount is made of: the card's part, and a person's; empty without a card. */
    get fidelityNote() {
        const line = this.line.combo_line_ids?.length ? this.line.combo_line_ids[0] : this.line;
        const effect = !this.props.basic_receipt && !this.line.combo_parent_id && line.getFidelityEffect();
        if (effect?.kind !== "percent") {
            return "";
        }
        const card = formatPercent(effect.card_bps);
        return effect.manual_bps
            ? _t("by hand %(manual)s, then card %(card)s", { manual: formatPercent(effect.manual_bps), card })
            : _t("card %s", card);
    },
});
