import { negate, run, scan_barcode } from "@point_of_sale/../tests/generic_helpers/utils";
import { inLeftSide } from "@point_of_sale/../tests/pos/tours/utils/common";
import * as OfflineUtil from "@point_of_sale/../tests/generic_helpers/offline_util";
import * as PaymentScreen from "@point_of_sale/../tests/pos/tours/utils/payment_screen_util";
import * as ProductScreen from "@point_of_sale/../tests/pos/tours/utils/product_screen_util";
import * as ReceiptScreen from "@point_of_sale/../tests/pos/tours/utils/receipt_screen_util";

/** Numbers that the Python side gave out. */
export const ANNA = "0490000000016";
export const CARLO = "0490000000023";
export const BLOCKED = "0490000000030";
export const UNKNOWN = "0490000000047";
export const WRONG_DIGIT = "0490000000017";
export const LAMP = "5901234123457";

/** Keys as a scanner types them: all at once, then Enter. */
export function scan(code) {
    return scan_barcode(code);
}

/** What the strip of a member shows: `name`, or the parts by their class. */
export function stripShows({ name, ...others }) {
    const strip = ".fidelity-strip-success:visible";
    const parts = { title: name, ...others };
    return Object.entries(parts)
        .filter(([, text]) => text !== undefined)
        .map(([part, text]) => ({
            content: `the strip shows ${part} ${text}`,
            trigger: `${strip} .fidelity-${part}:contains("${text}")`,
        }));
}

export function stripRefuses(sentence) {
    return [
        {
            content: `the strip says ${sentence}`,
            trigger: `.fidelity-strip-danger:visible .fidelity-title:contains("${sentence}")`,
        },
        { content: "hide it", trigger: ".fidelity-dismiss:visible", run: "click" },
        { content: "it is hidden", trigger: negate(".fidelity-strip-danger") },
    ];
}

export function stripWarns(sentence) {
    return {
        content: `the strip says ${sentence}`,
        trigger: `.fidelity-strip-warning:visible .fidelity-title:contains("${sentence}")`,
    };
}

export function stripIsEmpty() {
    return { content: "no card is shown", trigger: negate(".fidelity-strip") };
}

export function typeNumber(number) {
    return inLeftSide([
        { content: "type a card number", trigger: ".fidelity-card-button", run: "click" },
        { trigger: ".modal textarea", run: `edit ${number}` },
        { trigger: ".modal .btn-primary:contains('Apply')", run: "click" },
    ]);
}

export function goOffline() {
    return OfflineUtil.setOfflineMode();
}

export function goOnline() {
    return [
        OfflineUtil.setOnlineMode(),
        run(() => window.dispatchEvent(new CustomEvent("pos-network-online")), "the till notices"),
    ].flat();
}

/** Pay what is due with the bank, on the payment screen or before it. */
export function pay() {
    return [
        ...ProductScreen.clickPayButton(),
        ...PaymentScreen.clickPaymentMethod("Bank"),
        ...PaymentScreen.clickValidate(),
        ...ReceiptScreen.isShown(),
    ];
}

/** What the receipt's block shows, by the class of each part. */
export function receiptShows(parts) {
    return Object.entries(parts).map(([part, text]) => ({
        content: `the receipt shows ${part} ${text}`,
        trigger: `.fidelity-receipt-${part}:contains("${text}")`,
    }));
}

/** What the lines say of their discounts. */
export function lineNotes(text) {
    return inLeftSide([{ trigger: `.orderline .fidelity-note:contains("${text}")` }]);
}

/** The amounts off of the sale, in their order. */
export function amountLinesAre(prices) {
    return {
        content: `amounts off are ${prices.join(", ") || "none"}`,
        trigger: ".order-container",
        run() {
            const found = [...document.querySelectorAll(".order-container [data-fidelity='amount'] .price")];
            const texts = found.map((price) => price.textContent.replace(/[^0-9.-]/g, ""));
            if (texts.join() !== prices.join()) {
                throw new Error(`expected ${prices.join()}, found ${texts.join()}`);
            }
        },
    };
}

export function receiptHasNoCard() {
    return { content: "the receipt says nothing of a card", trigger: ".pos-receipt:not(:has(.fidelity-receipt))" };
}
