import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA, answerFor } from "../data/pos_config.data";
import { benefits, setupBenefits, total } from "../utils";

definePosModels();

/** A till with 17.85 on the order of Anna, who has some cashback; the server answers `answers` when it is set aside. */
async function setupCashback(cashback_minor, { answer = { status: "ok" }, given = [benefits.cashback()] } = {}) {
    const calls = [];
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({ ...answerFor(args[1]), cashback_minor }));
    onRpc("pos.config", "fidelity_hold_cashback", ({ args }) => {
        calls.push(["hold", args[1], args[2]]);
        return answer;
    });
    onRpc("pos.config", "fidelity_release", () => {
        calls.push(["release"]);
        return true;
    });
    const found = await setupBenefits(...given);
    await found.till.read(ANNA, "scan");
    return { ...found, calls, spending: found.till.spending };
}

const carried = (order) => order.lines.filter((line) => line.isFidelityAmount());

test("cashback comes off the sale, is set aside and can be kept after all", async () => {
    const { order, calls, spending } = await setupCashback(400);
    expect(spending.limit(order)).toBe(400);
    expect(await spending.use(order, 400)).toBe("");
    expect(total(order)).toBe(13.85);
    expect(spending.spent(order)).toBe(400);
    expect(carried(order).every((line) => line.full_product_name === "Cashback")).toBe(true);
    expect(order.getFidelityClaim().spend_minor).toBe(400);
    expect(typeof order.getFidelityClaim().hold).toBe("string");
    await spending.use(order, 0);
    expect(total(order)).toBe(17.85);
    expect(order.getFidelityClaim().spend_minor).toBe(undefined);
    expect(calls).toEqual([["hold", ANNA, 400], ["release"]]);
});

test("never more than the sale comes to, whatever is taken off it afterwards", async () => {
    const { order, spending } = await setupCashback(5000);
    expect(spending.limit(order)).toBe(1785);
    await spending.use(order, 1785);
    expect(total(order)).toBe(0);
    const [first] = order.lines.filter((line) => !line.isFidelityAmount());
    first.delete();
    expect(total(order)).toBe(0);
    expect(spending.spent(order)).toBeLessThan(1785);
});

test("it comes after the card's discounts, and is no saving", async () => {
    const { order, spending, till } = await setupCashback(400, { given: [benefits.discount({ percent_bps: 1000 })] });
    const before = till.preview(order).saved_minor;
    await spending.use(order, 400);
    expect(till.preview(order).saved_minor).toBe(before);
    expect(spending.spent(order)).toBe(400);
});

test("what the server refuses is not taken off, and the sentence is told", async () => {
    const refused = { status: "refused", message: "Anna can spend $ 1.00 now." };
    const { order, spending } = await setupCashback(400, { answer: refused });
    expect(await spending.use(order, 400)).toBe("Anna can spend $ 1.00 now.");
    expect(total(order)).toBe(17.85);
    expect(order.getFidelityClaim().spend_minor).toBe(undefined);
});

test("without a connection it waits for another time", async () => {
    const { order, spending, store } = await setupCashback(400);
    store.data.network.offline = true;
    expect(await spending.use(order, 400)).toMatch(/connection/);
    expect(total(order)).toBe(17.85);
});

for (const cashback of [0, -200, null]) {
    test(`who has ${cashback} cannot spend any`, async () => {
        const { order, spending } = await setupCashback(cashback);
        expect(spending.limit(order)).toBe(0);
    });
}

test("no less than the card type says; what is left of a sale may become too little", async () => {
    const { order, spending, store } = await setupCashback(1500);
    const cardType = store.models["fidelity.card.type"].get(1);
    cardType.cashback_spend_minimum = 15.01;
    expect(spending.limit(order)).toBe(0);
    cardType.cashback_spend_minimum = 15;
    expect([spending.least(order), spending.limit(order)]).toEqual([1500, 1500]);
    await spending.use(order, 1500);
    expect(total(order)).toBe(2.85);
    const [first] = order.lines.filter((line) => !line.isFidelityAmount());
    first.delete();
    expect(spending.spent(order)).toBe(0);
    expect(carried(order).length).toBe(0);
});

test("where members do not shop with it nothing is offered", async () => {
    const { order, spending, store } = await setupCashback(1500);
    store.models["fidelity.card.type"].get(1).cashback_spending = false;
    expect(spending.limit(order)).toBe(0);
});

test("it is paid out from the least on, where the card type pays out", async () => {
    const { order, spending, store } = await setupCashback(1500);
    const cardType = store.models["fidelity.card.type"].get(1);
    expect(spending.payable(order)).toBe(1500);
    cardType.cashback_payout_minimum = 15.01;
    expect(spending.payable(order)).toBe(0);
    cardType.cashback_payout_minimum = 15;
    expect([spending.payable(order), spending.leastPaidOut(order)]).toEqual([1500, 1500]);
    cardType.cashback_payout = false;
    expect(spending.payable(order)).toBe(0);
});

test("a payment out that got no answer is asked again with its key", async () => {
    const keys = [];
    const { order, spending, store } = await setupCashback(1500);
    onRpc("pos.config", "fidelity_pay_out", ({ args }) => {
        keys.push(args[3]);
        return { status: "ok", balance_minor: 500 };
    });
    store.data.network.offline = true;
    expect((await spending.payOut(order, 1000)).message).toMatch(/connection/);
    const { key } = order.uiState.fidelityPayOut;
    store.data.network.offline = false;
    expect((await spending.payOut(order, 1000)).status).toBe("ok");
    expect(keys).toEqual([key]);
    expect(order.getFidelityMember().cashback_minor).toBe(500);
});

test("taking the card off takes the cashback off the sale and lets it go", async () => {
    const { order, calls, spending, till } = await setupCashback(400);
    await spending.use(order, 400);
    till.remove(order);
    expect(total(order)).toBe(17.85);
    await animationFrame();
    expect(calls.at(-1)).toEqual(["release"]);
});
