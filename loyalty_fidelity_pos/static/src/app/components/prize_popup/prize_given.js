import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { useService } from "@web/core/utils/hooks";
import { PrizeSlip } from "@loyalty_fidelity_pos/app/components/prize_popup/prize_slip";

/** A prize that was given at once: what the customer takes along, to print or to take back. */
export class PrizeGiven extends Component {
    static template = "loyalty_fidelity_pos.PrizeGiven";
    static components = { Dialog, PrizeSlip };
    static props = {
        slip: Object,
        takeBack: Function,
        close: Function,
    };

    setup() {
        this.printer = useService("printer");
        this.notification = useService("notification");
    }

    print() {
        return this.printer.print(PrizeSlip, this.props.slip, { webPrintFallback: true });
    }

    /** Give the points back; the till stays here when that cannot be, with the reason. */
    async takeBack() {
        const { status, message } = await this.props.takeBack();
        if (status === "ok") {
            this.notification.add(_t("Taken back: the points are there again."), { type: "success" });
            this.props.close();
        } else {
            this.notification.add(message, { type: "warning" });
        }
    }
}
