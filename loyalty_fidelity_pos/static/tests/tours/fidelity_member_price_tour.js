import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const notes = "member price $ 40.00 instead of $ 47.00";

registry.category("web_tour.tours").add("loyalty_fidelity_pos.member_price", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            Fidelity.scan(Fidelity.LAMP),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "47.00" })),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", offer: "Saves $ 7.00" }),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "40.00" })),
            inLeftSide([{ trigger: `.orderline .fidelity-price-note:contains("${notes}")` }]),
            { content: "take the card off", trigger: ".fidelity-remove:visible", run: "click" },
            Fidelity.stripIsEmpty(),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "47.00" })),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ offer: "Saves $ 7.00" }),
            Fidelity.scan(Fidelity.LAMP),
            inLeftSide(Order.hasLine({ productName: "Lamp", quantity: "2", price: "80.00" })),
            Fidelity.stripShows({ offer: "Saves $ 14.00" }),
            ProductScreen.totalAmountIs("80.00"),
            Fidelity.pay(),
            Fidelity.receiptShows({ saved: "$ 14.00" }),
            { trigger: `.pos-receipt .fidelity-price-note:contains("${notes}")` },
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});
