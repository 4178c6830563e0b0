import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { readPrize } from "@loyalty_fidelity_pos/app/models/fidelity_prize";
import { ANNA, answerFor, CARLO } from "../data/pos_config.data";
import { benefits, setupBenefits, total } from "../utils";

definePosModels();

/** A till with 17.85 on the order of Anna; the server answers `answer` when points are set aside. */
async function setupPrizes({ answer = { status: "ok" }, given = [benefits.points()] } = {}) {
    const calls = [];
    onRpc("pos.config", "fidelity_identify", ({ args }) => answerFor(args[1]));
    onRpc("pos.config", "fidelity_hold", ({ args }) => {
        calls.push(["hold", args[1], args[2]]);
        return answer;
    });
    onRpc("pos.config", "fidelity_release", () => {
        calls.push(["release"]);
        return true;
    });
    const found = await setupBenefits(...given);
    await found.till.read(ANNA, "scan");
    const product = found.order.lines[0].product_id;
    const prize = { id: 7, name: "Mug", points: 60, money: 0, product_id: product.id, missing: 0 };
    return { ...found, calls, prize, prizes: found.till.prizes };
}

const taken = (order) => order.lines.filter((line) => line.fidelity_prize);

test("a prize is a line without a price, and its points are set aside", async () => {
    const { order, calls, prize, prizes } = await setupPrizes();
    expect(await prizes.take(order, prize)).toBe("");
    expect(total(order)).toBe(17.85);
    const [line] = taken(order);
    const { prize_id, points, card } = readPrize(line.fidelity_prize);
    expect([prize_id, points, card, line.qty, line.price_unit]).toEqual([7, 60, ANNA, 1, 0]);
    expect(calls).toEqual([["hold", ANNA, 60]]);
});

test("the money part is what the customer pays, taxes included", async () => {
    const { order, prize, prizes } = await setupPrizes();
    await prizes.take(order, { ...prize, money: 2 });
    expect(total(order)).toBe(19.85);
});

test("taken off the sale, its points are free again", async () => {
    const { order, calls, prize, prizes } = await setupPrizes();
    await prizes.take(order, prize);
    order.removeOrderline(taken(order)[0]);
    await animationFrame();
    expect(calls.at(-1)).toEqual(["release"]);
    expect(taken(order)).toHaveLength(0);
});

test("prizes go with their card", async () => {
    const { order, calls, prize, prizes, till } = await setupPrizes();
    await prizes.take(order, prize);
    till.remove(order);
    await animationFrame();
    expect(taken(order)).toHaveLength(0);
    expect(calls.at(-1)).toEqual(["release"]);
});

test("another card takes the prizes of the first away", async () => {
    const { order, prize, prizes, till } = await setupPrizes();
    await prizes.take(order, prize);
    await till.read(CARLO, "scan");
    expect(taken(order)).toHaveLength(0);
});

test("a prize is one, and no other line joins it", async () => {
    const { order, prize, prizes } = await setupPrizes();
    await prizes.take(order, prize);
    const [line] = taken(order);
    expect(line.setQuantity(2).title).toBe("Prize");
    expect(line.qty).toBe(1);
    expect(line.canBeMergedWith(order.lines[0])).toBe(false);
    expect(order.lines[0].canBeMergedWith(line)).toBe(false);
});

test("it neither earns nor is discounted", async () => {
    const { order, prize, prizes, till } = await setupPrizes({ given: [benefits.points(), benefits.discount()] });
    const before = till.preview(order);
    await prizes.take(order, { ...prize, money: 2 });
    expect(till.preview(order).points).toBe(before.points);
    expect(taken(order)[0].getDiscount()).toBe(0);
});

test("what the server refuses is not put on the sale", async () => {
    const { order, prize, prizes } = await setupPrizes({ answer: { status: "refused", message: "Anna can spend 10 now." } });
    expect(await prizes.take(order, prize)).toBe("Anna can spend 10 now.");
    expect(taken(order)).toHaveLength(0);
});

test("without a connection there are no prizes", async () => {
    const { order, prize, prizes, store } = await setupPrizes();
    store.data.network.offline = true;
    expect(await prizes.take(order, prize)).toMatch(/connection/);
    expect((await prizes.list(order)).message).toMatch(/connection/);
});

test("what is no article is given at once: the key stays with the order until there is an answer", async () => {
    const keys = [];
    const { order, prize, prizes, store } = await setupPrizes();
    onRpc("pos.config", "fidelity_give_prize", ({ args }) => {
        keys.push(args[3]);
        return { status: "ok", name: "Voucher", points: 60, balance: 56 };
    });
    store.data.network.offline = true;
    expect((await prizes.give(order, prize)).message).toMatch(/connection/);
    const { key } = order.uiState.fidelityPrize;
    store.data.network.offline = false;
    expect((await prizes.give(order, prize)).key).toBe(key);
    expect(keys).toEqual([key]);
    expect([order.getFidelityMember().balance, order.uiState.fidelityPrize]).toEqual([56, null]);
    expect(taken(order)).toHaveLength(0);
    await prizes.give(order, prize);
    expect(keys[1]).not.toBe(key);
});

test("taken back, the points are on the strip again", async () => {
    const { order, prizes } = await setupPrizes();
    onRpc("pos.config", "fidelity_take_back_prize", () => ({ status: "ok", balance: 116 }));
    order.uiState.fidelity = { ...order.getFidelityMember(), balance: 56 };
    await prizes.takeBack(order, ANNA, "key");
    expect(order.getFidelityMember().balance).toBe(116);
});

test("goods that this till has not loaded are given in the back office", async () => {
    const { order, prize, prizes } = await setupPrizes();
    const listed = [
        { ...prize, how: "line" },
        { ...prize, id: 8, product_id: 999999, how: "line" },
        { ...prize, id: 9, product_id: false, how: "at_once" },
    ];
    onRpc("pos.config", "fidelity_prizes", () => ({ status: "ok", available: 116, prizes: listed }));
    const answer = await prizes.list(order);
    expect(answer.prizes.map(({ how }) => how)).toEqual(["line", "office", "at_once"]);
});
