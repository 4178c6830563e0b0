import * as Chrome from "@point_of_sale/../tests/pos/tours/utils/chrome_util";
import * as Dialog from "@point_of_sale/../tests/generic_helpers/dialog_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";
import { refresh } from "@point_of_sale/../tests/generic_helpers/utils";
import * as Fidelity from "./utils/fidelity_util";
import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const openTill = [Chrome.startPoS(), Dialog.confirm("Open Register")];

tours.add("loyalty_fidelity_pos.earn", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", card: "Gift Points · •••• 0016", balance: "0" }),
            ProductScreen.customerIsSelected("Anna Bianchi"),
            Fidelity.scan(Fidelity.LAMP),
            ProductScreen.selectedOrderlineHas("Lamp", "1", "47.00"),
            Fidelity.stripShows({ gain: "+4" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ card: "•••• 0016", points: "+4", balance: "4 points" }),
            ReceiptScreen.clickNextOrder(),

            // The same card on the payment screen, read by a scanner that drops the leading zero.
            Fidelity.stripIsEmpty(),
            ProductScreen.addOrderline("Mug", "2"),
            ProductScreen.clickPayButton(),
            Fidelity.scan(Fidelity.ANNA.slice(1)),
            Fidelity.stripShows({ name: "Anna B.", balance: "4", gain: "+2" }),
            PaymentScreen.clickPaymentMethod("Bank"),
            PaymentScreen.clickValidate(),
            Fidelity.receiptShows({ card: "•••• 0016", points: "+2", balance: "6 points" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.refused", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            ProductScreen.selectedOrderlineHas("Lamp", "1"),
            Fidelity.scan(Fidelity.BLOCKED),
            Fidelity.stripRefuses("was blocked on"),
            Fidelity.scan(Fidelity.WRONG_DIGIT),
            Fidelity.stripRefuses("was not read well"),
            Fidelity.scan(Fidelity.UNKNOWN),
            Fidelity.stripRefuses("is not known"),
            Fidelity.stripIsEmpty(),
            Fidelity.scan(Fidelity.LAMP),
            ProductScreen.selectedOrderlineHas("Lamp", "2"),
            Fidelity.pay(),
            Fidelity.receiptHasNoCard(),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.two_cards", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B." }),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ info: "Already on this sale." }),
            Fidelity.scan(Fidelity.CARLO),
            Fidelity.stripShows({ name: "Carlo V.", info: "instead of •••• 0016", gain: "+4" }),
            ProductScreen.customerIsSelected("Carlo Verdi"),
            Fidelity.pay(),
            Fidelity.receiptShows({ card: "•••• 0023", points: "+4", balance: "4 points" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.customer_changed", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B." }),
            ProductScreen.clickPartnerButton(),
            ProductScreen.clickCustomer("Partner Test 1"),
            Fidelity.stripWarns("Card of Anna B. removed with the customer"),
            Fidelity.pay(),
            Fidelity.receiptHasNoCard(),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.typed", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            Fidelity.typeNumber("0490 0000 0001 6"),
            Fidelity.stripShows({ name: "Anna B.", gain: "+4" }),
            { content: "take the card off", trigger: ".fidelity-remove:visible", run: "click" },
            Fidelity.stripIsEmpty(),
            Fidelity.typeNumber(Fidelity.ANNA),
            Fidelity.stripShows({ name: "Anna B.", gain: "+4" }),
            // The card survives a reload of the browser with its order.
            refresh(),
            Fidelity.stripShows({ name: "Anna B.", card: "•••• 0016", gain: "+4" }),
            Fidelity.pay(),
            Fidelity.receiptShows({ card: "•••• 0016", points: "+4", balance: "4 points" }),
            ReceiptScreen.clickNextOrder(),
            Chrome.endTour(),
        ].flat(),
});

tours.add("loyalty_fidelity_pos.offline", {
    steps: () =>
        [
            ...openTill,
            Fidelity.scan(Fidelity.LAMP),
            ProductScreen.selectedOrderlineHas("Lamp", "1"),
            Fidelity.goOffline(),
            Fidelity.scan(Fidelity.ANNA),
            Fidelity.stripWarns("The customer will be found when the connection is back."),
            Fidelity.goOnline(),
            Fidelity.stripShows({ name: "Anna B.", gain: "+4" }),
            ProductScreen.customerIsSelected("Anna Bianchi"),

            // Paid without a connection: the receipt says so, and the points are posted with the sale, later.
            Fidelity.goOffline(),
            Fidelity.pay(),
            { trigger: ".fidelity-receipt-sentence:contains('What you earned will be added shortly.')" },
            Fidelity.goOnline(),
            Fidelity.receiptShows({ card: "•••• 0016", points: "+4", balance: "4 points" }),
            Chrome.endTour(),
        ].flat(),
});
