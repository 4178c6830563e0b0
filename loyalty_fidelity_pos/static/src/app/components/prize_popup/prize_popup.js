import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { formatCurrency } from "@web/core/currency";
import { formatPoints } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/** The prizes of a member: those within reach can be chosen, of the others he sees what is missing. */
export class PrizePopup extends Component {
    static template = "loyalty_fidelity_pos.PrizePopup";
    static components = { Dialog };
    static props = {
        prizes: Array,
        available: Number,
        unit: String,
        currency: Object,
        getPayload: Function,
        close: Function,
    };

    get title() {
        return _t("Prizes for %(points)s %(unit)s", { points: formatPoints(this.props.available), unit: this.props.unit });
    }

    cost(prize) {
        const points = _t("%(points)s %(unit)s", { points: formatPoints(prize.points), unit: this.props.unit });
        return prize.money ? `${points} + ${formatCurrency(prize.money, this.props.currency.id)}` : points;
    }

    /** Why a prize cannot be chosen here; empty when it can. */
    missing(prize) {
        if (prize.how === "office") {
            return _t("given in the back office");
        }
        return prize.missing ? _t("%s more", formatPoints(prize.missing)) : "";
    }

    picture(prize) {
        return prize.product_id ? `/web/image/product.product/${prize.product_id}/image_128` : "";
    }

    choose(prize) {
        this.props.getPayload(prize);
        this.props.close();
    }
}
