import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as Order from "@point_of_sale/../tests/generic_helpers/order_widget_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import * as TicketScreen from "@point_of_sale/../tests/pos/tours/utils/ticket_screen_util";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const openTill = [Chrome.startPoS(), Dialog.confirm("Open Register")];

tours.add("loyalty_fidelity_pos.discount", {
    steps: () =>
        [
            ...openTill,
            ProductScreen.addOrderline("Lamp", "1"),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", offer: "Saves $ 2.35" }),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "44.65" })),
            inLeftSide([ProductScreen.addDiscount("10")].flat()),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "40.19" })),
            Fidelity.lineNotes("by hand 10 %, then card 5 %"),
            ProductScreen.addOrderline("Cheese", "0.34"),
            inLeftSide(Order.hasLine({ productName: "Cheese", price: "4.17" })),
            Fidelity.stripShows({ offer: "Saves $ 2.34", gain: "+4" }),

            // Without the card, what was typed by hand is left; with it again, the same as before.
            { content: "take the card off", trigger: ".fidelity-remove:visible", run: "click" },
            Fidelity.stripIsEmpty(),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "42.30" })),
            inLeftSide(Order.hasLine({ productName: "Cheese", price: "4.39" })),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ offer: "Saves $ 2.34" }),
            inLeftSide(Order.hasLine({ productName: "Lamp", price: "40.19" })),
            Fidelity.pay(),
            Fidelity.receiptShows({ card: "•••• 0016", points: "+4", balance: "4 points", saved: "$ 2.34" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.amount_off", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B." }),
            ProductScreen.addOrderline("Vase", "1"),
            inLeftSide(Fidelity.amountLinesAre([])),
            // 24.19 twice and 10.00: from 30.00 on, 5.00 off, for each tax its part.
            ProductScreen.clickNumpad("2"),
            inLeftSide(ProductScreen.selectedOrderlineHasDirect("Vase", "2")),
            ProductScreen.addOrderline("Book", "1"),
            inLeftSide(Fidelity.amountLinesAre(["-4.14", "-0.86"])),
            ProductScreen.totalAmountIs("53.38"),
            Fidelity.stripShows({ offer: "Saves $ 5.00" }),
            inLeftSide([
                { content: "an amount is not selected", trigger: "[data-fidelity='amount']:first", run: "click" },
                { trigger: ".o_notification:contains('It comes and goes with the card.')" },
                { trigger: ".orderline.selected:not([data-fidelity]):contains('Book')" },
            ]),
            Fidelity.pay(),
            Fidelity.receiptShows({ saved: "$ 5.00", points: "+5" }),
            { trigger: ".pos-receipt .orderline:contains('Gift Points discount'):contains('-4.14')" },
            ReceiptScreen.clickNextOrder(),

            ...ProductScreen.clickRefund(),
            ...TicketScreen.selectOrder("001"),
            { content: "an amount is not given back", trigger: "[data-fidelity='amount']:first", run: "click" },
            { trigger: ".o_notification:contains('comes back by itself')" },
            inLeftSide(Order.hasLine({ productName: "Vase", withClass: ".selected" })),
            ProductScreen.clickNumpad("1"),
            TicketScreen.toRefundTextContains("To Refund: 1"),
            TicketScreen.confirmRefund(),
            PaymentScreen.isShown(),
            PaymentScreen.totalIs("-22.12"),
            PaymentScreen.clickPaymentMethod("Bank"),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
            ReceiptScreen.clickNextOrder(),

            ...ProductScreen.clickRefund(),
            ...TicketScreen.selectOrder("001"),
            inLeftSide(Order.hasLine({ productName: "Vase", withClass: ".selected" })),
            ProductScreen.clickNumpad("1"),
            TicketScreen.toRefundTextContains("To Refund: 1"),
            inLeftSide(ProductScreen.clickLine("Book", "")),
            ProductScreen.clickNumpad("1"),
            inLeftSide(Order.hasLine({ productName: "Book", withClass: ".selected" })),
            TicketScreen.confirmRefund(),
            PaymentScreen.isShown(),
            PaymentScreen.totalIs("-31.26"),
            PaymentScreen.clickPaymentMethod("Bank"),
            PaymentScreen.clickValidate(),
            ReceiptScreen.isShown(),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.cashback", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", cashback: "$ 0.00", "gain-money": "+$ 0.94", offer: "next 5 %" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ cashback: "+$ 0.94", "cashback-balance": "$ 0.94", next: "5 %" }),
            ReceiptScreen.clickNextOrder(),

            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ cashback: "$ 0.94", offer: "5 % ready" }),
            ProductScreen.addOrderline("Mug", "3"),
            inLeftSide(Order.hasLine({ productName: "Mug", price: "28.50" })),
            Fidelity.stripShows({ offer: "Saves $ 1.50", "gain-money": "+$ 0.57" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ saved: "$ 1.50", cashback: "+$ 0.57", "cashback-balance": "$ 1.51" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.happy_hour", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.ANNA),
            // Vases only, at most 3.00 on a receipt; double points for the visit at this hour.
            ProductScreen.addOrderline("Vase", "2"),
            inLeftSide(Fidelity.amountLinesAre(["-3.00"])),
            ProductScreen.addOrderline("Book", "1"),
            inLeftSide(Fidelity.amountLinesAre(["-3.00"])),
            Fidelity.stripShows({ offer: "Saves $ 3.00", gain: "+20" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ saved: "$ 3.00", points: "+20" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});
