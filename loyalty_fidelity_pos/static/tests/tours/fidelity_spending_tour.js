import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const use = { content: "use cashback", trigger: ".fidelity-spend:visible", run: "click" };
const confirm = { content: "all of it", trigger: ".modal .btn-primary:not([disabled])", run: "click" };

registry.category("web_tour.tours").add("loyalty_fidelity_pos.spending", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", cashback: "$ 0.00" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ "cashback-balance": "$ 4.70" }),
            ReceiptScreen.clickNextOrder(),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ cashback: "$ 4.70" }),
            use,
            { trigger: ".modal:contains('At most $ 4.70')" },
            confirm,
            Fidelity.stripShows({ keep: "$ 4.70 used" }),
            ProductScreen.totalAmountIs("42.30"),
            Fidelity.amountLinesAre(["-4.70"]),
            { content: "keep it after all", trigger: ".fidelity-keep:visible", run: "click" },
            { trigger: ".fidelity-spend:visible" },
            ProductScreen.totalAmountIs("47.00"),
            use,
            confirm,
            Fidelity.stripShows({ keep: "$ 4.70 used" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ spent: "$ 4.70", "cashback-balance": "$ 4.23" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});
