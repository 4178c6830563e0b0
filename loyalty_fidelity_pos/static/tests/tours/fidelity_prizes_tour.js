import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const open = { content: "show the prizes", trigger: ".fidelity-prizes:visible", run: "click" };

registry.category("web_tour.tours").add("loyalty_fidelity_pos.prizes", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", balance: "100" }),
            open,
            { trigger: ".modal .fidelity-prize:disabled:contains('Lamp'):contains('50 more')" },
            { content: "take the mug", trigger: ".modal .fidelity-prize:not(:disabled):contains('Mug')", run: "click" },
            inLeftSide(Order.hasLine({ productName: "Mug", quantity: "1", price: "0.00" })),
            inLeftSide([{ trigger: ".orderline .fidelity-prize-note:contains('prize for 60 points')" }]),
            ProductScreen.totalAmountIs("47.00"),
            Fidelity.pay(),
            Fidelity.receiptShows({ balance: "44" }),
            { trigger: ".pos-receipt .fidelity-prize-note:contains('prize for 60 points')" },
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});
