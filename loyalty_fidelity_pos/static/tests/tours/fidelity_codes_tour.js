import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const CODE = "23456789ABCDEFB";

const chipShows = (text) => ({ content: `the code says ${text}`, trigger: `.fidelity-code:visible:contains('${text}')` });

registry.category("web_tour.tours").add("loyalty_fidelity_pos.codes", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(CODE),
            chipShows("−$ 5.00"),
            inLeftSide([Fidelity.amountLinesAre(["-5.00"])]),
            ProductScreen.totalAmountIs("42.00"),
            { content: "take it off", trigger: ".fidelity-code:visible .fidelity-code-remove", run: "click" },
            ProductScreen.totalAmountIs("47.00"),
            Fidelity.typeNumber("23456-789ab-cdefb"),
            chipShows("−$ 5.00"),
            ProductScreen.totalAmountIs("42.00"),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", gain: "+4" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ points: "+4" }),
            ReceiptScreen.clickNextOrder(),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(CODE),
            Fidelity.stripRefuses("This code cannot be used here."),
            ProductScreen.totalAmountIs("47.00"),
            Chrome.endTour(),
        ].flat(),
});
