import { expect, test } from "@odoo/hoot";
import { mountWithCleanup } from "@web/../tests/web_test_helpers";
import { OrderReceipt } from "@point_of_sale/app/screens/receipt_screen/receipt/order_receipt";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { payload } from "../data/fidelity_ruleset.data";
import { ANNA } from "../data/pos_config.data";
import { benefits, setupBenefits, setupTill } from "../utils";

definePosModels();

const POSTED = {
    state: "posted",
    outcome: "earned",
    message: "Points earned",
    card_masked: "•••• 0016",
    card_type: "Gift Points",
    member: "Anna B.",
    unit: "points",
    points: 4,
    balance: 1120,
    receipt_id: 5,
};

async function printed(result, { claim = { card: ANNA }, state = "paid" } = {}) {
    const { order } = await setupTill();
    if (claim) {
        order.setFidelity(claim);
    }
    order.fidelity_result = result ? JSON.stringify(result) : false;
    order.state = state;
    await mountWithCleanup(OrderReceipt, { props: { order } });
}

test("masked card, points earned, new balance", async () => {
    await printed(POSTED);
    expect(".fidelity-receipt").toHaveText(/Gift Points/);
    expect(".fidelity-receipt-card").toHaveText("•••• 0016");
    expect(".fidelity-receipt-points").toHaveText("+4");
    expect(".fidelity-receipt-balance").toHaveText("1,120 points");
    expect(".pos-receipt").not.toHaveText(new RegExp(ANNA));
});

test("points taken back have their sign", async () => {
    await printed({ ...POSTED, points: -1234, outcome: "returned" }, { claim: null });
    expect(".fidelity-receipt").toHaveText(/Points taken back/);
    expect(".fidelity-receipt-points").toHaveText("−1,234");
});

test("a return without its card names none", async () => {
    await printed({ ...POSTED, points: -4, card_masked: "", card_type: "" }, { claim: null });
    expect(".fidelity-receipt").toHaveText(/Member card/);
    expect(".fidelity-receipt-card").toHaveText("");
    expect(".fidelity-receipt-points").toHaveText("−4");
});

test("what is not posted yet is said as such", async () => {
    await printed({ state: "pending" });
    expect(".fidelity-receipt-sentence").toHaveText("What you earned will be added shortly.");
    expect(".fidelity-receipt-card").toHaveText("•••• 0016");
    expect(".fidelity-receipt-points").toHaveCount(0);
});

test("off line, without an answer, it is pending too", async () => {
    await printed(null);
    expect(".fidelity-receipt-sentence").toHaveText("What you earned will be added shortly.");
});

test("a sale that earned nothing says why", async () => {
    await printed({ ...POSTED, points: 0, outcome: "below_minimum", message: "Below the minimum receipt" });
    expect(".fidelity-receipt-sentence").toHaveText("Below the minimum receipt");
    expect(".fidelity-receipt-points").toHaveText("+0");
});

test("without a card, and before payment, the receipt says nothing", async () => {
    await printed(null, { claim: null });
    expect(".fidelity-receipt").toHaveCount(0);
});

test("a bill printed before payment promises nothing", async () => {
    await printed(null, { state: "draft" });
    expect(".fidelity-receipt").toHaveCount(0);
});

test("saved today, cashback, and the discount for the next purchase", async () => {
    await printed({
        ...POSTED,
        points: 0,
        balance: 0,
        currency: "USD",
        cashback_minor: 94,
        cashback_balance_minor: 1250,
        discount_minor: 510,
        rolling: { bps: 500, until: "2019-12-31" },
    });
    expect(".fidelity-receipt-saved").toHaveText("$ 5.10");
    expect(".fidelity-receipt-cashback").toHaveText("+$ 0.94");
    expect(".fidelity-receipt-cashback-balance").toHaveText("$ 12.50");
    expect(".fidelity-receipt-next").toHaveText("−5 %");
    expect(".fidelity-receipt").toHaveText(/Next purchase until 12\/31\/2019/);
});

test("a card that gives no points says nothing of points", async () => {
    const discountOnly = { schema: 2, benefits: [benefits.discount()] };
    const { store, order } = await setupTill();
    store.models["fidelity.ruleset"].get(2).payload = payload(0, discountOnly);
    order.setFidelity({ card: ANNA, ruleset_id: 2 });
    order.fidelity_result = JSON.stringify({ ...POSTED, points: 0, balance: 0, discount_minor: 89 });
    order.state = "paid";
    await mountWithCleanup(OrderReceipt, { props: { order } });
    expect(".fidelity-receipt-saved").toHaveCount(1);
    expect(".fidelity-receipt-points").toHaveCount(0);
});

test("without an answer yet, the receipt still says what was saved", async () => {
    const { order, till } = await setupBenefits(benefits.discount());
    await till.read(ANNA, "scan");
    order.state = "paid";
    await mountWithCleanup(OrderReceipt, { props: { order } });
    expect(".fidelity-receipt-saved").toHaveText("$ 0.89");
    expect(".fidelity-receipt-sentence").toHaveText("What you earned will be added shortly.");
});

test("what is missing to the next tier after this sale", async () => {
    const { order } = await setupTill();
    const progress = { tier: "Gold", measure: "points", missing: 10 };
    const card_type = { id: 1, name: "Gift Points" };
    order.setFidelity({ card: ANNA }, { card: ANNA, member: "Anna B.", card_type, progress });
    order.fidelity_result = JSON.stringify({ ...POSTED, base_minor: 4700 });
    order.state = "paid";
    await mountWithCleanup(OrderReceipt, { props: { order } });
    expect(".fidelity-receipt-progress").toHaveText("6 points to Gold");
});
