import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { click } from "@odoo/hoot-dom";
import { mountWithCleanup, onRpc, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { ProductScreen } from "@point_of_sale/app/screens/product_screen/product_screen";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";
import { ANNA, answerFor } from "../data/pos_config.data";
import { benefits, setupBenefits } from "../utils";

definePosModels();

function memberHas(facts) {
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({ ...answerFor(args[1]), ...facts }));
}

async function mountStrip(...given) {
    const till = await setupBenefits(...given);
    await till.till.read(ANNA, "scan");
    await mountWithCleanup(MemberStrip, { props: { order: till.order } });
    return till;
}

test("a discount card shows what it saves, and no points", async () => {
    memberHas({ balance: 0 });
    await mountStrip(benefits.discount());
    expect(".fidelity-offer").toHaveText("Saves $ 0.89");
    expect(".fidelity-balance").toHaveCount(0);
    expect(".fidelity-gain").toHaveCount(0);
});

test("cashback is money: what there is, and what this sale brings", async () => {
    memberHas({ balance: 0, cashback_minor: 250 });
    await mountStrip(benefits.cashback());
    expect(".fidelity-cashback").toHaveText("$ 2.50");
    expect(".fidelity-gain-money").toHaveText("+$ 1.78");
    expect(".fidelity-balance").toHaveCount(0);
});

test("points and cashback stand side by side", async () => {
    memberHas({ cashback_minor: 0 });
    await mountStrip(benefits.points(), benefits.cashback());
    expect(".fidelity-balance").toHaveText("116");
    expect(".fidelity-cashback").toHaveText("$ 0.00");
    expect(".fidelity-gain").toHaveText("+6");
});

test("a discount of the last purchase is ready, then used by itself; and the next one is told", async () => {
    memberHas({ rolling: { bps: 500, until: "2019-12-31" } });
    const { store, order, till } = await mountStrip(benefits.rolling({ minimum_receipt_minor: 1800 }));
    expect(".fidelity-offer").toHaveText("5 % ready · next 8 %");
    order.lines[0].setQuantity(4);
    await animationFrame();
    expect(".fidelity-offer").toHaveText("Saves $ 1.06 · next 8 %");

    store.data.network.offline = true;
    till.remove(order);
    await till.read(ANNA, "scan");
    await animationFrame();
    expect(".fidelity-strip-warning .fidelity-card").toHaveText(/no discount of the last purchase off line/);
});

test("lines say what their discount is made of, and amounts off explain themselves", async () => {
    const { store, order, till } = await setupBenefits(benefits.discount(), benefits.amountOff());
    await mountWithCleanup(ProductScreen, { props: { orderUuid: order.uuid } });
    await till.read(ANNA, "scan");
    order.lines[0].setDiscount(10);
    await animationFrame();
    expect(queryAllTexts(".fidelity-note")).toEqual(["by hand 10 %, then card 5 %", "card 5 %"]);
    expect(queryAllTexts(".orderline[data-fidelity='amount'] .product-name")).toEqual([
        "Gift Points discount",
        "Gift Points discount",
    ]);

    const said = [];
    patchWithCleanup(store.notification, { add: (message) => said.push(String(message)) });
    order.selectOrderline(order.lines[0]);
    await click(".orderline[data-fidelity='amount']:eq(0)");
    await animationFrame();
    expect(order.getSelectedOrderline()).toBe(order.lines[0]);
});

test("another customer by hand: the strip tells that the discounts went too", async () => {
    const { store, order } = await mountStrip(benefits.discount());
    order.setPartner(store.models["res.partner"].get(4));
    await animationFrame();
    expect(".fidelity-strip-warning .fidelity-title").toHaveText(
        "Card of Anna B. and its discounts removed with the customer. Read it again to keep them."
    );
});
