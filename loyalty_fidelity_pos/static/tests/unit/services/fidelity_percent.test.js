import { expect, test } from "@odoo/hoot";
import { Deferred } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA, answerFor, BLOCKED, CARLO } from "../data/pos_config.data";
import { payload } from "../data/fidelity_ruleset.data";
import { add, benefits, setupBenefits } from "../utils";

definePosModels();

const discounts = (order) => order.lines.map((line) => line.discount || 0);
const effects = (order) => order.lines.map((line) => line.getFidelityEffect());

test("the card's percentage lands in the discount of every line, and says so", async () => {
    const { order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([5, 5]);
    expect(effects(order)[0]).toEqual({
        v: 1,
        kind: "percent",
        manual_bps: 0,
        card_bps: 500,
        benefits: { b3: 500 },
    });
    expect(order.priceIncl).toBe(16.96);
    expect(till.preview(order).saved_minor).toBe(1785 - 1696);
});

test("scanned before or after the articles, the card gives the same", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    await add(store, order, 5);
    expect(order.lines.length).toBe(2);
    expect(order.lines[0].qty).toBe(4);
    await add(store, order, 8);
    expect(discounts(order)).toEqual([5, 5, 5]);

    const other = store.addNewOrder();
    await add(store, other, 5, 4);
    await add(store, other, 6, 2);
    await add(store, other, 8);
    expect(other.lines.map((line) => line.qty)).toEqual(order.lines.map((line) => line.qty));
    other.setFidelity(order.getFidelityClaim(), order.getFidelityMember());
    expect(discounts(other)).toEqual([5, 5, 5]);
    expect(other.priceIncl).toBe(order.priceIncl);
});

test("what is typed is by hand: the card stacks on it, and leaves it when it goes", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount());
    order.lines[1].setDiscount(20);
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([5, 24]);

    await store.setDiscountFromUI(order.lines[0], "1");
    await store.setDiscountFromUI(order.lines[0], "10");
    expect(discounts(order)).toEqual([14.5, 24]);
    expect(effects(order)[0].manual_bps).toBe(1000);

    // The very figure that the line shows already is by hand too.
    await store.setDiscountFromUI(order.lines[1], "24");
    expect(discounts(order)).toEqual([14.5, 27.8]);

    till.remove(order);
    expect(discounts(order)).toEqual([10, 24]);
    expect(effects(order)).toEqual([null, null]);
});

test("a discount typed with more decimals than the card keeps comes back exactly", async () => {
    const { order, till } = await setupBenefits(benefits.discount());
    order.lines[0].setDiscount(12.345);
    await till.read(ANNA, "scan");
    expect(order.lines[0].discount).toBe(16.73);
    till.remove(order);
    expect(order.lines[0].discount).toBe(12.345);
});

test("a line already discounted: the larger one, or none further", async () => {
    const best = await setupBenefits(benefits.discount({ on_discounted: "best" }));
    best.order.setPricelist(false);
    best.order.lines[0].setDiscount(3);
    best.order.lines[1].setDiscount(20);
    await best.till.read(ANNA, "scan");
    expect(discounts(best.order)).toEqual([5, 20]);
    expect(effects(best.order)[1]).toBe(null);
});

test("a price list counts as a discount already given", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount({ on_discounted: "skip" }));
    await till.read(ANNA, "scan");
    expect(order.pricelist_id.id).toBe(1);
    expect(discounts(order)).toEqual([0, 0]);
    order.setPricelist(false);
    expect(discounts(order)).toEqual([5, 5]);
    order.setPricelist(store.models["product.pricelist"].get(1));
    expect(discounts(order)).toEqual([0, 0]);
});

test("from a minimum on: the basket decides with every change", async () => {
    const { order, till } = await setupBenefits(benefits.discount({ minimum_receipt_minor: 1700 }));
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([5, 5]);
    order.lines[0].setQuantity(2);
    expect(discounts(order)).toEqual([0, 0]);
    order.lines[0].setUnitPrice(30);
    expect(discounts(order)).toEqual([5, 5]);
    order.removeOrderline(order.lines[0]);
    expect(discounts(order)).toEqual([0]);
});

test("another customer by hand takes the card's discounts off", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    order.setPartner(store.models["res.partner"].get(4));
    expect(discounts(order)).toEqual([0, 0]);
});

test("another card replaces what the first one gave", async () => {
    const { order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    order.lines[0].setDiscount(10);
    await till.read(CARLO, "scan");
    expect(discounts(order)).toEqual([14.5, 5]);
});

test("the price follows the card at once, and a card that is refused takes it along", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { order, till } = await setupBenefits(benefits.discount());
    const reading = till.read(BLOCKED, "scan");
    expect(discounts(order)).toEqual([5, 5]);
    answer.resolve(answerFor(BLOCKED));
    await reading;
    expect(discounts(order)).toEqual([0, 0]);
});

test("who pays before the answer comes has the price of the card", async () => {
    const answer = new Deferred();
    onRpc("pos.config", "fidelity_identify", () => answer);
    const { order, till } = await setupBenefits(benefits.discount());
    const reading = till.read(ANNA, "scan");
    till.seal(order);
    order.state = "paid";
    answer.resolve(answerFor(ANNA));
    await reading;
    expect(discounts(order)).toEqual([5, 5]);
    expect(order.getFidelityClaim().card).toBe(ANNA);
});

test("off line the number tells the rules; a discount of the last purchase is not known", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount(), benefits.rolling());
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([5, 5]);
});

test("the discount that the last purchase left is used by itself", async () => {
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({
        ...answerFor(args[1]),
        rolling: { bps: 800, until: "2019-12-31" },
    }));
    const { order, till } = await setupBenefits(benefits.rolling());
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([8, 8]);
    expect(effects(order)[0].benefits).toEqual({ b5: 800 });
    expect(till.preview(order).rolling_bps).toBe(800);
});

test("tips and goods without their receipt are left alone", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    await add(store, order, 1, 1, { price_unit: 2 });
    order.lines[1].setQuantity(-1);
    expect(discounts(order)).toEqual([5, 0, 0]);
});

test("the parts of a combo carry the card's percentage, and a person's beside it", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount());
    const [parent, child] = order.lines;
    parent.setUnitPrice(0);
    parent.combo_line_ids = [["link", child]];
    await till.read(ANNA, "scan");
    expect(discounts(order)).toEqual([0, 5]);
    await store.setDiscountFromUI(parent, 10);
    expect(discounts(order)).toEqual([10, 14.5]);
    till.remove(order);
    expect(discounts(order)).toEqual([10, 10]);
});

test("a paid order is never touched", async () => {
    const { order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    order.state = "paid";
    order.lines[0].discount = 0;
    expect(order.lines[0].discount).toBe(0);
});

test("rules published since the till was opened come with the card", async () => {
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({
        ...answerFor(args[1]),
        ruleset: { id: 3, hash: "third" },
    }));
    const { order, till } = await setupBenefits(benefits.discount());
    onRpc("pos.session", "load_data", ({ args }) => {
        expect.step(args[1].join());
        return {
            "fidelity.card.type": [{ id: 1, name: "Gift Points", color: 4 }],
            "fidelity.ruleset": [
                {
                    id: 3,
                    card_type_id: 1,
                    fingerprint: "third",
                    valid_from: "2019-11-01 00:00:00",
                    payload: payload(0, { schema: 2, benefits: [benefits.discount({ percent_bps: 700 })] }),
                },
            ],
        };
    });
    await till.read(ANNA, "scan");
    expect.verifySteps(["fidelity.card.type,fidelity.ruleset"]);
    expect(discounts(order)).toEqual([7, 7]);
});
