import { expect, test } from "@odoo/hoot";
import { click, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";
import { pricePaths } from "@loyalty_fidelity_pos/app/models/fidelity_why";
import { reasonSentence } from "@loyalty_fidelity_pos/app/services/fidelity_reasons";
import { ANNA, answerFor } from "../data/pos_config.data";
import { benefits, setupBenefits } from "../utils";

definePosModels();

/** A till with a member on 17.85, and the popup open. */
async function openWhy(given, change = () => {}) {
    onRpc("pos.config", "fidelity_identify", ({ args }) => answerFor(args[1]));
    const found = await setupBenefits(...given);
    await found.till.read(ANNA, "scan");
    change(found.order);
    await mountWithCleanup(MemberStrip, { props: { order: found.order } });
    await click(".fidelity-why");
    await animationFrame();
    return found;
}

test("each line from the shop's price to what is paid", async () => {
    const { order } = await openWhy([benefits.discount(), benefits.amountOff()], (order) => order.lines[0].setDiscount(10));
    const paths = pricePaths(order);
    for (const { shop_minor, paid_minor, steps } of paths) {
        expect(steps.reduce((sum, step) => sum + step.amount_minor, shop_minor)).toBe(paid_minor);
    }
    expect(paths[0].steps.map(({ kind, benefit }) => [kind, benefit])).toEqual([
        ["manual", undefined],
        ["percent", "b3"],
        ["amount", "b4"],
    ]);
    const paid = paths.reduce((sum, { paid_minor }) => sum + paid_minor, 0);
    expect(paid).toBe(Math.round(order.priceIncl * 100));
    const [first] = queryAllTexts(".fidelity-why-line:first .fidelity-why-step");
    expect(first).toMatch(/Discount by hand/);
    expect(queryAllTexts(".fidelity-why-line:first .fidelity-why-step span:first-child").slice(1)).toEqual([
        "5 % off every product",
        "$ 5.00 off the receipt",
    ]);
});

test("goods that come back: the discount with which they were sold, and what comes back of an amount", async () => {
    const { store, order } = await openWhy([benefits.discount(), benefits.amountOff()]);
    order.state = "paid";
    const refund = store.addNewOrder({ is_refund: true });
    const [sold] = order.lines;
    store.models["pos.order.line"].create({
        order_id: refund,
        product_id: sold.product_id,
        qty: -1,
        price_unit: sold.price_unit,
        discount: sold.discount,
        tax_ids: sold.tax_ids.map((tax) => ["link", tax]),
        refunded_orderline_id: sold,
        price_type: "automatic",
    });
    const [{ paid_minor, steps }] = pricePaths(refund);
    expect(steps.map(({ kind, name }) => [kind, name])).toEqual([
        ["sold", undefined],
        ["share", "Gift Points discount"],
    ]);
    expect(paid_minor).toBe(Math.round(refund.priceIncl * 100));
});

test("each benefit with what it gives, or why nothing", async () => {
    await openWhy([benefits.discount(), benefits.amountOff({ minimum_receipt_minor: 2000 })]);
    expect(queryAllTexts(".fidelity-why-benefit").map((text) => text.replace(/\s+/g, " "))).toEqual([
        "5 % off every product −$ 0.89",
        "$ 5.00 off the receipt $ 2.15 more is needed.",
    ]);
    expect(".fidelity-why-benefit .fa-check").toHaveCount(1);
});

test("every reason of the rules has its sentence", async () => {
    const { order } = await openWhy([benefits.points()]);
    const codes = ["date", "weekdays", "hours", "stores", "tiers", "tags", "birthday", "first_purchase", "every_purchase"];
    codes.push("no_lines", "currency", "discounted", "not_best", "not_first", "minimum", "step", "capped", "cost");
    codes.push("nothing_left", "applies");
    const kinds = ["points", "multiplier", "cashback", "discount", "amount_off", "rolling"];
    for (const code of codes) {
        for (const kind of kinds) {
            expect(reasonSentence({ kind, mode: "unit" }, { code, value: 5 }, order.currency).text.length).toBeGreaterThan(3);
        }
    }
});
