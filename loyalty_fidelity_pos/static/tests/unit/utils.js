import { mockDate } from "@odoo/hoot-mock";
import { getFilledOrder, setupPosEnv } from "@point_of_sale/../tests/unit/utils";
import { payload } from "./data/fidelity_ruleset.data";
import { BarcodeReader } from "@point_of_sale/app/services/barcode_reader_service";

/** Put an order on a screen, as the router does. */
export function show(store, order, screen = "ProductScreen") {
    store.selectedOrderUuid = order?.uuid;
    store.router.state.current = screen;
    store.router.state.params = order ? { orderUuid: order.uuid } : {};
}

/**
 * A till with an order of 17.85 on the product screen.
 *
 * @returns {Promise<{store: PosStore, order: PosOrder, till: FidelityTill}>}
 */
export async function setupTill() {
    const store = await setupPosEnv();
    const order = await getFilledOrder(store);
    show(store, order);
    return { store, order, till: store.fidelity };
}

/**
 * A reader of this till whose parser takes everything for a product.
 *
 * @returns {{reader: BarcodeReader, parsed: string[]}} `parsed` lists what reached the product parser
 */
export function makeReader(store) {
    const parsed = [];
    const parser = {
        parse_barcode(code) {
            parsed.push(code);
            return { type: "product", code, base_code: code };
        },
    };
    const reader = new BarcodeReader(parser, { notification: { add: () => {} } });
    reader.getFidelityTill = () => store.fidelity;
    return { reader, parsed };
}

/** Benefits as rulesets of schema 2 write them; `changes` go over the defaults. */
export const benefits = {
    points: (changes) => ({ key: "b1", kind: "points", points: 2, step_minor: 500, minimum_receipt_minor: 0, ...changes }),
    cashback: (changes) => ({ key: "b2", kind: "cashback", percent_bps: 1000, minimum_receipt_minor: 0, ...changes }),
    discount: (changes) => ({
        key: "b3",
        kind: "discount",
        percent_bps: 500,
        on_discounted: "stack",
        minimum_receipt_minor: 0,
        ...changes,
    }),
    amountOff: (changes) => ({ key: "b4", kind: "amount_off", amount_minor: 500, minimum_receipt_minor: 0, ...changes }),
    rolling: (changes) => ({
        key: "b5",
        kind: "rolling",
        brackets: [{ from_minor: 1000, percent_bps: 800 }],
        valid_days: 60,
        on_discounted: "stack",
        minimum_receipt_minor: 0,
        ...changes,
    }),
};

/**
 * A till with an order of 17.85 whose cards give these benefits.
 *
 * @param {...Object} given from `benefits`
 */
export async function setupBenefits(...given) {
    mockDate("2019-11-21 10:00:00", 0);
    const till = await setupTill();
    till.store.models["fidelity.ruleset"].get(2).payload = payload(2, { schema: 2, benefits: given });
    return till;
}

/** Put so many of a product on an order. */
export async function add(store, order, id, qty = 1, values = {}) {
    const product_tmpl_id = store.models["product.template"].get(id);
    return store.addLineToOrder({ product_tmpl_id, qty, ...values }, order);
}

/** @returns {number} what an order comes to, rounded as it is shown */
export function total(order) {
    return order.currency.round(order.priceIncl);
}
