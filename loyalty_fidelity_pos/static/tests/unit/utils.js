import { getFilledOrder, setupPosEnv } from "@point_of_sale/../tests/unit/utils";
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
