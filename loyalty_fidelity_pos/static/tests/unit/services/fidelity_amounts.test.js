import { expect, test } from "@odoo/hoot";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA } from "../data/pos_config.data";
import { DISCOUNT_PRODUCT } from "../data/product.data";
import { add, benefits, setupBenefits, total } from "../utils";

definePosModels();

const amountLines = (order) => order.lines.filter((line) => line.isFidelityAmount());
const sum = (values) => values.reduce((total, value) => total + value, 0);

test("an amount becomes a negative line for each tax, and notes what it took of which line", async () => {
    const { order, till } = await setupBenefits(benefits.amountOff());
    await till.read(ANNA, "scan");
    expect(total(order)).toBe(12.85);
    const lines = amountLines(order);
    expect(lines.map((line) => line.product_id.id)).toEqual([DISCOUNT_PRODUCT, DISCOUNT_PRODUCT]);
    expect(lines.map((line) => line.tax_ids.map((tax) => tax.id))).toEqual([[1], [2]]);
    // 5.00 over 10.35 and 7.50: 2.90 and 2.10.
    expect(lines.map((line) => line.getFidelityEffect())).toEqual([
        { v: 1, kind: "amount", benefit: "b4", amount_minor: 290, allocation: { [order.lines[0].uuid]: 290 } },
        { v: 1, kind: "amount", benefit: "b4", amount_minor: 210, allocation: { [order.lines[1].uuid]: 210 } },
    ]);
    expect(lines.map((line) => line.priceIncl)).toEqual([-2.9, -2.1]);
    expect(lines[0].full_product_name).toBe("Gift Points discount");
    expect(lines[0].orderDisplayProductName.name).toBe("Gift Points discount");
    expect(till.preview(order).saved_minor).toBe(500);
});

test("it follows the basket: changed, limited to what there is, gone below its minimum", async () => {
    const { store, order, till } = await setupBenefits(benefits.amountOff({ minimum_receipt_minor: 1000 }));
    await till.read(ANNA, "scan");
    const uuids = amountLines(order).map((line) => line.uuid);
    order.lines[0].setQuantity(6);
    expect(amountLines(order).map((line) => line.uuid)).toEqual(uuids);
    expect(sum(amountLines(order).map((line) => line.getFidelityEffect().amount_minor))).toBe(500);
    expect(total(order)).toBe(23.2);

    await add(store, order, 8);
    expect(order.lines.filter((line) => !line.isFidelityAmount()).length).toBe(3);
    expect(amountLines(order).length).toBe(2);

    order.removeOrderline(order.lines.find((line) => line.product_id.id === 8));
    order.lines[0].setQuantity(1);
    order.lines[1].setQuantity(1);
    expect(amountLines(order)).toEqual([]);
    expect(total(order)).toBe(7.2);
});

test("an amount larger than the basket takes the basket", async () => {
    const { order, till } = await setupBenefits(benefits.amountOff({ amount_minor: 9900 }));
    await till.read(ANNA, "scan");
    expect(total(order)).toBe(0);
    expect(till.preview(order).points).toBe(0);
});

test("the last article taken off, or the card, takes the amount lines along", async () => {
    const { order, till } = await setupBenefits(benefits.amountOff());
    await till.read(ANNA, "scan");
    till.remove(order);
    expect(order.lines.length).toBe(2);
    await till.read(ANNA, "scan");
    order.removeOrderline(order.lines[0]);
    order.removeOrderline(order.lines[0]);
    expect(order.lines.length).toBe(0);
});

test("amount lines are not worked on: not selected, not merged, not removed, not discounted", async () => {
    const { store, order, till } = await setupBenefits(benefits.amountOff());
    await till.read(ANNA, "scan");
    const [amount, other] = amountLines(order);
    expect(order.getLastOrderline()).toBe(order.lines[1]);
    order.selectOrderline(order.lines[0]);
    order.selectOrderline(amount);
    expect(order.getSelectedOrderline()).toBe(order.lines[0]);
    expect(amount.canBeMergedWith(other)).toBe(false);
    expect(order.removeOrderline(amount)).toBe(false);
    expect(amount.setQuantity(2)).toEqual({
        title: "Discount of the card",
        body: "It comes and goes with the card. Take the card off the sale to remove it.",
    });
    await store.setDiscountFromUI(amount, 10);
    amount.setUnitPrice(3);
    expect(total(order)).toBe(12.85);
});

test("after a percentage, the amount comes off what is left", async () => {
    const { order, till } = await setupBenefits(benefits.discount({ percent_bps: 1000 }), benefits.amountOff());
    await till.read(ANNA, "scan");
    const goods = order.lines.filter((line) => !line.isFidelityAmount());
    const left = sum(goods.map((line) => line.priceIncl));
    expect(total(order)).toBe(order.currency.round(left - 5));
    expect(till.preview(order).saved_minor).toBe(1785 - Math.round(total(order) * 100));
});

test("what is earned is earned on what is paid", async () => {
    const { order, till } = await setupBenefits(benefits.cashback(), benefits.points(), benefits.amountOff());
    await till.read(ANNA, "scan");
    const preview = till.preview(order);
    // 12.85 is paid: 1.28 back, and 2 points for each full 5.00.
    expect([preview.cashback_minor, preview.points]).toEqual([128, 4]);
});

test("a minimum looks at the prices before the card", async () => {
    const { order, till } = await setupBenefits(
        benefits.discount({ percent_bps: 5000 }),
        benefits.amountOff({ minimum_receipt_minor: 1785 })
    );
    await till.read(ANNA, "scan");
    expect(amountLines(order).length).toBe(2);
    order.lines[0].setDiscount(1);
    expect(amountLines(order).length).toBe(0);
});

test("the lines and what they note travel to the server", async () => {
    const { order, till } = await setupBenefits(benefits.amountOff());
    await till.read(ANNA, "scan");
    const lines = order.serializeForORM({ keepCommands: true }).lines.map(([_command, _id, vals]) => vals);
    const [amount] = lines.filter((vals) => vals.product_id === DISCOUNT_PRODUCT);
    expect(JSON.parse(amount.fidelity_effect).amount_minor).toBe(290);
    expect([amount.qty, amount.full_product_name]).toEqual([1, "Gift Points discount"]);
    expect(amount.extra_tax_data.quantity).toBe(1);
});
