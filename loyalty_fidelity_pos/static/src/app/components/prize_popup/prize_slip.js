import { Component } from "@odoo/owl";
import { formatPoints } from "@loyalty_fidelity_pos/app/services/fidelity_words";

/** What a customer takes along of a prize that was given at once: a voucher with its bars, or what to show where it is due. */
export class PrizeSlip extends Component {
    static template = "loyalty_fidelity_pos.PrizeSlip";
    static props = {
        given: Object,
        unit: String,
        card: String,
        shop: String,
        date: String,
    };

    get points() {
        return formatPoints(this.props.given.points);
    }

    get bars() {
        const { code } = this.props.given;
        return code ? `data:image/svg+xml;base64,${code.bars}` : "";
    }
}
