import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { pricePaths } from "@loyalty_fidelity_pos/app/models/fidelity_why";
import { add } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { kindName, reasonSentence } from "@loyalty_fidelity_pos/app/services/fidelity_reasons";
import { formatMoney, formatSignedMoney } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/** Line by line why a price is what it is, and benefit by benefit what the card does on this sale or why nothing. */
export class WhyPopup extends Component {
    static template = "loyalty_fidelity_pos.WhyPopup";
    static components = { Dialog };
    static props = {
        order: Object,
        explained: [Object, { value: null }],
        close: Function,
    };

    setup() {
        this.paths = pricePaths(this.props.order);
    }

    get lines() {
        return this.paths.map(({ line, shop_minor, paid_minor, steps }) => ({
            key: line.uuid,
            name: line.full_product_name || line.product_id.display_name,
            quantity: line.getQuantityStr().qtyStr,
            shop: steps.length ? this.money(shop_minor) : "",
            paid: this.money(paid_minor),
            steps: steps.map((step) => ({ name: this.nameOf(step), amount: formatSignedMoney(step.amount_minor, this.currency) })),
        }));
    }

    get benefits() {
        const { ruleset, reasons = [] } = this.props.explained || {};
        const byKey = Object.fromEntries((ruleset?.rules.benefits || []).map((benefit) => [benefit.key, benefit]));
        return reasons.map((reason) => ({
            key: reason.benefit,
            label: this.labels[reason.benefit] || kindName(byKey[reason.benefit].kind),
            ...reasonSentence(byKey[reason.benefit], this.asTaken(reason), this.currency),
        }));
    }

    /** What a discount took here, together with others, where the rules reckon what it would take alone. */
    asTaken(reason) {
        const steps = this.paths.flatMap((path) => path.steps).filter((step) => step.benefit === reason.benefit);
        const taken = -add(steps.map((step) => step.amount_minor));
        return reason.code === "applies" && taken ? { ...reason, value: taken } : reason;
    }

    get labels() {
        return this.props.explained?.ruleset.labels || {};
    }

    get currency() {
        return this.props.order.currency;
    }

    money(amount_minor) {
        return formatMoney(amount_minor, this.currency);
    }

    /** What took something off, in words. */
    nameOf({ kind, benefit, name }) {
        switch (kind) {
            case "member_price":
                return _t("Member price");
            case "manual":
                return _t("Discount by hand");
            case "sold":
                return _t("Discount when it was sold");
            default:
                return this.labels[benefit] || name || _t("Card discount");
        }
    }
}
