import { expect, test } from "@odoo/hoot";
import { onRpc } from "@web/../tests/web_test_helpers";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { ANNA, answerFor, CARLO } from "../data/pos_config.data";
import { add, benefits, setupBenefits } from "../utils";
import { lacksPrices } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";

definePosModels();

/** Price list 3 takes 90 % of the list price of 100: members pay 10. */
const MEMBERS = 3;
const units = (order) => order.lines.map((line) => line.price_unit);

/** A till whose member Anna has a price list; the shop's price is the list price unless `shop` names another list. */
async function setupPrices(policy, { shop = false, given = [benefits.points()], pricelist_id = MEMBERS } = {}) {
    onRpc("pos.config", "fidelity_identify", ({ args }) => ({
        ...answerFor(args[1]),
        prices: args[1] === ANNA ? { pricelist_id, policy } : null,
    }));
    const found = await setupBenefits(...given);
    const { store, order, till } = found;
    await till.read(ANNA, "scan");
    order.setPricelist(shop ? store.models["product.pricelist"].get(shop) : false);
    return found;
}

test("a member pays the member's price, and the line keeps the shop's beside it", async () => {
    const { order, till } = await setupPrices("lower");
    expect(units(order)).toEqual([10, 10]);
    expect(JSON.parse(order.lines[0].fidelity_price)).toEqual({ v: 1, unit: 10, shop: 100, pricelist_id: MEMBERS });
    // 90 less on 3 with 15 % and on 2 with 25 %.
    expect(till.preview(order).saved_minor).toBe(53550);
});

test("the lower of both counts, unless the policy says the member's", async () => {
    const lower = await setupPrices("lower", { shop: 1 });
    expect(units(lower.order)).toEqual([3, 3]);
    expect(lower.order.lines.map((line) => line.fidelity_price || false)).toEqual([false, false]);
});

test("where the policy says so, the member's price counts though the shop's is lower", async () => {
    const { order, till } = await setupPrices("always", { shop: 1 });
    expect(units(order)).toEqual([10, 10]);
    order.setPartner(false);
    expect(till.preview(order)).toBe(null);
    order.setPricelist(order.models["product.pricelist"].get(1));
    expect(units(order)).toEqual([3, 3]);
});

test("the card taken off restores the shop's price; another card brings its own", async () => {
    const { order, till } = await setupPrices("lower");
    till.remove(order);
    order.setPricelist(false);
    expect(units(order)).toEqual([100, 100]);
    expect(order.lines.some((line) => line.fidelity_price)).toBe(false);
    await till.read(ANNA, "scan");
    order.setPricelist(false);
    expect(units(order)).toEqual([10, 10]);
    await till.read(CARLO, "scan");
    order.setPricelist(false);
    expect(units(order)).toEqual([100, 100]);
});

test("more of the same article joins the line, and the price follows the quantity", async () => {
    const { store, order } = await setupPrices("lower");
    await add(store, order, 5);
    expect(order.lines.length).toBe(2);
    expect(order.lines[0].qty).toBe(4);
    expect(units(order)).toEqual([10, 10]);
    order.lines[0].setQuantity(1);
    expect(units(order)).toEqual([10, 10]);
});

test("a price that a person typed stands, with the card and after it", async () => {
    const { order, till } = await setupPrices("lower");
    order.lines[0].price_type = "manual";
    order.lines[0].setUnitPrice(42);
    expect(units(order)).toEqual([42, 10]);
    expect(order.lines[0].fidelity_price).toBe(false);
    till.remove(order);
    expect(units(order)[0]).toBe(42);
});

test("a member's price counts as a discount already given", async () => {
    const { order } = await setupPrices("lower", { given: [benefits.discount({ on_discounted: "skip" })] });
    expect(order.lines.map((line) => line.discount || 0)).toEqual([0, 0]);
});

test("off line the card type tells the price list", async () => {
    const { store, order, till } = await setupBenefits(benefits.points());
    store.models["fidelity.card.type"].get(1).member_pricelist_id = store.models["product.pricelist"].get(MEMBERS);
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    order.setPricelist(false);
    expect(units(order)).toEqual([10, 10]);
});

test("prices made since the till was opened are missing, and it says so", async () => {
    const { order } = await setupPrices("lower", { pricelist_id: 99 });
    expect(units(order)).toEqual([100, 100]);
    expect(lacksPrices(order)).toBe(true);
});

test("what the line says of its price travels to the server", async () => {
    const { order } = await setupPrices("lower");
    const [line] = order.serializeForORM({ keepCommands: true }).lines.map(([_command, _id, vals]) => vals);
    expect(JSON.parse(line.fidelity_price).shop).toBe(100);
});
