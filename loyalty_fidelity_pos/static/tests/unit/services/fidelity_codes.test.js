import { expect, test } from "@odoo/hoot";
import { click } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { CodeChips } from "@loyalty_fidelity_pos/app/components/code_chips/code_chips";
import { ANNA, answerFor, CARLO } from "../data/pos_config.data";
import { add, benefits, setupBenefits, total } from "../utils";

definePosModels();

const CODE = "23456789ABCDEFB";
const OTHER = "ABCDEFGHJKMNPQ2";

/** A till with 17.85 on an order; the server answers with a code of 5.00 and what `changes` says. */
async function setupCodes(changes = {}, given = [benefits.points()]) {
    const calls = [];
    onRpc("pos.config", "fidelity_identify", ({ args }) => answerFor(args[1]));
    onRpc("pos.config", "fidelity_code", ({ args }) => {
        calls.push(["ask", args[1], args[3]]);
        const id = args[1] === CODE ? 7 : 8;
        const worth = { amount_minor: 500, percent_bps: 0, minimum_minor: 0, text: "$ 5.00 off", personal: false };
        return { status: "ok", id, code: args[1], name: "Voucher", ...worth, ...changes };
    });
    onRpc("pos.config", "fidelity_code_release", ({ args }) => {
        calls.push(["release", args[1]]);
        return true;
    });
    const found = await setupBenefits(...given);
    return { ...found, calls, codes: found.till.codes };
}

const carried = (order) => order.lines.filter((line) => line.isFidelityAmount());

test("a code takes off its worth, without a card", async () => {
    const { order, calls, codes } = await setupCodes();
    expect(await codes.add(order, CODE)).toBe("");
    expect(total(order)).toBe(12.85);
    expect(codes.taken(order, { id: 7 })).toBe(500);
    expect(carried(order)[0].full_product_name).toBe("Voucher");
    expect(calls).toEqual([["ask", CODE, null]]);
    expect(JSON.parse(order.serializeForORM().fidelity_codes).codes.map(({ code }) => code)).toEqual([CODE]);
});

test("a percentage follows the basket", async () => {
    const { order, codes, store } = await setupCodes({ amount_minor: 0, percent_bps: 1000 });
    await codes.add(order, CODE);
    expect(total(order)).toBe(16.06);
    await add(store, order, 5, 1, { price_unit: 10 });
    // 29.35 less 2.935, a half up.
    expect(total(order)).toBe(26.41);
});

test("it comes after what the card gives", async () => {
    const { order, codes, till } = await setupCodes({ amount_minor: 0, percent_bps: 5000 }, [benefits.amountOff()]);
    await till.read(ANNA, "scan");
    expect(total(order)).toBe(12.85);
    await codes.add(order, CODE);
    expect(total(order)).toBe(6.42);
});

test("under its minimum receipt it waits for more goods", async () => {
    const { order, codes, store } = await setupCodes({ minimum_minor: 2000 });
    await codes.add(order, CODE);
    expect(total(order)).toBe(17.85);
    await add(store, order, 5, 1, { price_unit: 10 });
    expect(codes.taken(order, { id: 7 })).toBe(500);
});

test("never more than the goods; taken off again it is free", async () => {
    const { order, calls, codes } = await setupCodes({ amount_minor: 5000 });
    await codes.add(order, CODE);
    expect(total(order)).toBe(0);
    codes.remove(order, CODE);
    await animationFrame();
    expect(total(order)).toBe(17.85);
    expect([carried(order).length, order.fidelity_codes]).toEqual([0, false]);
    expect(calls.at(-1)).toEqual(["release", CODE]);
});

test("one after the other, each once, five at most", async () => {
    const { order, codes } = await setupCodes();
    await codes.add(order, CODE);
    expect(await codes.add(order, CODE)).toMatch(/already/);
    await codes.add(order, OTHER);
    expect(total(order)).toBe(7.85);
    const [one] = order.getFidelityCodes();
    order.setFidelityCodes([1, 2, 3, 4, 5].map((id) => ({ ...one, id, code: `${CODE}${id}` })));
    expect(await codes.add(order, OTHER)).toMatch(/at most 5/);
});

test("what the server refuses is said in the strip", async () => {
    const { order, codes, till } = await setupCodes({ status: "refused", message: "This code was used." });
    await codes.read(CODE);
    expect(till.stateOf(order).notice).toEqual({ kind: "refused", message: "This code was used." });
    expect(total(order)).toBe(17.85);
});

test("off line a code is refused", async () => {
    const { order, codes, store } = await setupCodes();
    store.data.network.offline = true;
    expect(await codes.add(order, CODE)).toMatch(/connection/);
    expect(order.getFidelityCodes()).toEqual([]);
});

test("a code of a member goes with his card", async () => {
    const { order, calls, codes, till } = await setupCodes({ personal: true });
    await till.read(ANNA, "scan");
    await codes.add(order, CODE);
    expect(calls.at(-1)).toEqual(["ask", CODE, ANNA]);
    expect(total(order)).toBe(12.85);
    await till.read(CARLO, "scan");
    await animationFrame();
    expect(total(order)).toBe(17.85);
    expect(calls.at(-1)).toEqual(["release", CODE]);
});

test("scanned or typed where cards are, it is a code", async () => {
    const { order, store, till } = await setupCodes();
    expect([till.takes(CODE), till.recognises(CODE), till.takes("5901234123457")]).toEqual([true, true, false]);
    expect(till.takes("23456-789AB-CDEFB")).toBe(true);
    expect(till.takes("23456789ABCDEFC")).toBe(false);
    store.router.state.params.orderUuid = order.uuid;
    await till.read("23456-789ab-cdefb", "typed");
    expect(total(order)).toBe(12.85);
    expect(order.getFidelityClaim()).toBe(null);
});

test("chips say what each code does, and take it off", async () => {
    const { order, codes } = await setupCodes({ minimum_minor: 1785 });
    await mountWithCleanup(CodeChips, { props: { order } });
    expect(".fidelity-code").toHaveCount(0);
    await codes.add(order, CODE);
    await animationFrame();
    expect(".fidelity-code-worth").toHaveText("−$ 5.00");
    order.lines.find((line) => !line.isFidelityAmount()).setUnitPrice(0.01);
    await animationFrame();
    expect(".fidelity-code-worth").toHaveText("from a receipt of $ 17.85");
    await click(".fidelity-code-remove");
    await animationFrame();
    expect(".fidelity-code").toHaveCount(0);
});

test("a code for some products takes nothing of others, and waits for them", async () => {
    const none = { products: [], categories: [], tags: [], values: [] };
    const selector = { ...none, products: [5], without: none };
    const worth = { amount_minor: 0, percent_bps: 5000, text: "50 % off chairs", selector };
    const { order, codes, store } = await setupCodes(worth);
    await mountWithCleanup(CodeChips, { props: { order } });
    order.lines.filter((line) => line.product_id.id === 5).forEach((line) => line.delete());
    await codes.add(order, CODE);
    await animationFrame();
    expect(".fidelity-code-worth").toHaveText("50 % off chairs");
    const before = total(order);
    await add(store, order, 5, 1, { price_unit: 10, tax_ids: [] });
    expect(codes.taken(order, { id: 7 })).toBe(500);
    expect(carried(order).map((line) => Object.keys(line.getFidelityEffect().allocation))).toEqual([
        [order.lines.find((line) => line.product_id.id === 5 && !line.isFidelityAmount()).uuid],
    ]);
    expect(total(order)).toBe(before + 5);
});
