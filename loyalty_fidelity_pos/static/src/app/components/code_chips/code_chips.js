import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { usePos } from "@point_of_sale/app/hooks/pos_hook";
import { formatMoney } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/** The codes on a sale, each with what it takes off or why not yet, and the way to take it off again. Empty without one. */
export class CodeChips extends Component {
    static template = "loyalty_fidelity_pos.CodeChips";
    static props = { order: { type: Object, optional: true } };

    setup() {
        this.pos = usePos();
    }

    get codes() {
        const { order } = this.props;
        const found = order && !order.finalized ? order.getFidelityCodes() : [];
        return found.map((code) => ({ ...code, ...this.worthOf(code) }));
    }

    /** What a code does to this sale as it stands. */
    worthOf(code) {
        const { order } = this.props;
        const taken = this.pos.fidelity.codes.taken(order, code);
        if (taken) {
            return { worth: `−${formatMoney(taken, order.currency)}`, works: true };
        }
        const off = code.amount_minor || code.percent_bps;
        const from = _t("from a receipt of %s", formatMoney(code.minimum_minor, order.currency));
        const needs = off && code.minimum_minor ? [from] : [];
        // What is missing may be the goods that it is for.
        const what = code.selector || !needs.length ? [code.text] : [];
        return { worth: [...what, ...needs].join(", "), works: !off };
    }

    remove(code) {
        this.pos.fidelity.codes.remove(this.props.order, code.code);
    }
}
