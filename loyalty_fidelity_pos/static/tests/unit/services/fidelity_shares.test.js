import { expect, test } from "@odoo/hoot";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA } from "../data/pos_config.data";
import { add, benefits, setupBenefits, total } from "../utils";

definePosModels();

const shares = (order) => order.lines.filter((line) => line.getFidelityEffect()?.kind === "share");

/** Give back so many of a line in an order of its own, as the ticket screen makes one. */
function giveBack(store, sold, quantity, order = store.addNewOrder({ is_refund: true })) {
    store.models["pos.order.line"].create({
        order_id: order,
        product_id: sold.product_id,
        qty: -quantity,
        price_unit: sold.price_unit,
        discount: sold.discount,
        tax_ids: sold.tax_ids.map((tax) => ["link", tax]),
        refunded_orderline_id: sold,
        price_type: "automatic",
    });
    return order;
}

async function soldWithAmount(...others) {
    const till = await setupBenefits(benefits.amountOff(), ...others);
    await till.till.read(ANNA, "scan");
    till.order.state = "paid";
    return till;
}

test("goods given back bring the part of the amount that fell on them", async () => {
    const { store, order } = await soldWithAmount();
    // 2.90 fell on three pieces of the first article.
    const refund = giveBack(store, order.lines[0], 1);
    const [share] = shares(refund);
    expect(share.getFidelityEffect()).toEqual({
        v: 1,
        kind: "share",
        of: order.lines[2].uuid,
        allocation: { [refund.lines[0].uuid]: 97 },
    });
    expect(share.refunded_orderline_id).toBe(order.lines[2]);
    expect([share.qty, share.full_product_name]).toEqual([-1, "Gift Points discount"]);
    expect(total(refund)).toBe(-2.48);
    expect(refund.lines[0].getFidelityEffect()).toBe(null);
});

test("returns one after the other give what one return gives", async () => {
    const { store, order } = await soldWithAmount();
    const given = [];
    for (let piece = 0; piece < 3; piece++) {
        const refund = giveBack(store, order.lines[0], 1);
        given.push(Object.values(shares(refund)[0].getFidelityEffect().allocation)[0]);
        refund.state = "paid";
    }
    expect(given).toEqual([97, 96, 97]);
    const last = giveBack(store, order.lines[1], 2);
    expect(total(last)).toBe(-5.4);
    // A fourth piece of three: Odoo lets it pass, the amount is used up.
    expect(shares(giveBack(store, order.lines[0], 1)).length).toBe(0);
});

test("returns that only the server knows count too", async () => {
    const { store, order } = await soldWithAmount();
    order.lines[0].refunded_qty = 2;
    const refund = giveBack(store, order.lines[0], 1);
    expect(shares(refund)[0].getFidelityEffect().allocation).toEqual({ [refund.lines[0].uuid]: 97 });
});

test("all given back at once comes to what was paid, tax by tax", async () => {
    const { store, order } = await soldWithAmount(benefits.discount({ percent_bps: 700 }));
    const [first, second] = order.lines;
    const refund = giveBack(store, second, 2, giveBack(store, first, 3));
    expect(total(refund)).toBe(-total(order));
    expect(refund.amountTaxes).toBeCloseTo(-order.amountTaxes, { margin: 1e-9 });
    expect(shares(refund).length).toBe(2);
    // The server turns the lines of a refund over: their tax data are written as it reads them.
    expect(shares(refund).map((line) => line.extra_tax_data.quantity)).toEqual([1, 1]);
});

test("the quantity changed or the line taken out, the share follows", async () => {
    const { store, order } = await soldWithAmount();
    const refund = giveBack(store, order.lines[0], 1);
    const uuid = shares(refund)[0].uuid;
    refund.lines[0].qty = -2;
    expect(shares(refund)[0].uuid).toBe(uuid);
    expect(Object.values(shares(refund)[0].getFidelityEffect().allocation)).toEqual([193]);
    refund.removeOrderline(refund.lines[0]);
    expect(refund.lines.length).toBe(0);
});

test("an exchange: the card gives on what goes out, what comes back keeps its price", async () => {
    const { store, order, till } = await soldWithAmount(benefits.discount());
    const exchange = giveBack(store, order.lines[0], 1, store.addNewOrder());
    await add(store, exchange, 8, 1, { price_unit: 20 });
    exchange.setFidelity(order.getFidelityClaim(), order.getFidelityMember());
    const [back, out] = exchange.lines.filter((line) => !line.isFidelityAmount());
    expect([back.discount, out.discount]).toEqual([5, 5]);
    expect(back.getFidelityEffect()).toBe(null);
    expect(out.getFidelityEffect().card_bps).toBe(500);
    const kinds = exchange.lines.map((line) => line.getFidelityEffect()?.kind);
    expect(kinds.filter((kind) => kind === "amount").length).toBe(1);
    expect(shares(exchange)[0].extra_tax_data.quantity).toBe(-1);
    expect(shares(exchange)[0].priceIncl).toBe(0.97);
    till.remove(exchange);
    expect([back.discount, out.discount]).toEqual([5, 0]);
    expect(exchange.lines.length).toBe(3);
});

test("without loyalty in the sale a return is Odoo's own", async () => {
    const { store, order } = await setupBenefits(benefits.amountOff());
    order.state = "paid";
    const refund = giveBack(store, order.lines[0], 3);
    expect(refund.lines.length).toBe(1);
});
