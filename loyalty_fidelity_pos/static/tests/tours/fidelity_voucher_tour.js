import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const open = { content: "show the prizes", trigger: ".fidelity-prizes:visible", run: "click" };
const choose = { content: "choose the voucher", trigger: ".modal .fidelity-prize:not(:disabled):contains('Voucher of 5')", run: "click" };
const sure = { content: "give it", trigger: ".modal:contains('for 60 points') .btn-primary:contains('Give it')", run: "click" };

registry.category("web_tour.tours").add("loyalty_fidelity_pos.voucher", {
    steps: () =>
        [
            Chrome.startPoS(),
            Dialog.confirm("Open Register"),
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", balance: "200" }),
            open,
            { trigger: ".modal .fidelity-prize:disabled:contains('Dinner'):contains('given in the back office')" },
            choose,
            sure,
            { trigger: ".modal .fidelity-slip:contains('Voucher of 5') .fidelity-bars img" },
            { content: "changed his mind", trigger: ".modal .fidelity-take-back", run: "click" },
            Fidelity.stripShows({ name: "Anna B.", balance: "200" }),
            open,
            choose,
            sure,
            {
                content: "scan the code of the slip at once",
                trigger: ".modal .fidelity-slip-code",
                run({ anchor }) {
                    const code = anchor.textContent.trim();
                    document.querySelector(".modal .fidelity-slip-done").click();
                    window.posmodel.fidelity.read(code, "scan");
                },
            },
            Fidelity.stripShows({ name: "Anna B.", balance: "140" }),
            { trigger: ".fidelity-code:visible:contains('−$ 5.00')" },
            ProductScreen.totalAmountIs("42.00"),
            Fidelity.pay(),
            Fidelity.receiptShows({ balance: "144" }),
            Chrome.endTour(),
        ].flat(),
});
