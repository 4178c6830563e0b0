import { expect, test } from "@odoo/hoot";
import { mockDate } from "@odoo/hoot-mock";
import { definePosModels } from "@point_of_sale/../tests/unit/data/generate_model_definitions";
import { basketFromOrder, lineKind } from "@loyalty_fidelity_pos/app/models/fidelity_basket";
import { Basket, Line } from "@loyalty_fidelity_pos/app/rules/basket";
import { evaluate } from "@loyalty_fidelity_pos/app/rules/evaluate";
import { parse } from "@loyalty_fidelity_pos/app/rules/ruleset";
import { payload } from "../data/fidelity_ruleset.data";
import { ANNA } from "../data/pos_config.data";
import { setupTill } from "../utils";

definePosModels();

/** The basket as plain figures: kinds, totals, untaxed totals, quantities, payments. */
function figures(order) {
    const basket = basketFromOrder(order);
    return {
        kinds: basket.lines.map((line) => line.kind),
        totals: basket.lines.map((line) => line.total_minor),
        untaxed: basket.lines.map((line) => line.untaxed_minor),
        quantities: basket.lines.map((line) => line.quantity_micro),
        paid: [basket.eligible_paid_minor, basket.ineligible_paid_minor],
    };
}

test("amounts are integers with and without tax, and what is due counts as paid", async () => {
    const { order } = await setupTill();
    expect(figures(order)).toEqual({
        kinds: ["sale", "sale"],
        totals: [1035, 750],
        untaxed: [900, 600],
        quantities: [3000000, 2000000],
        paid: [1785, 0],
    });
    expect(basketFromOrder(order).currency).toBe("USD");
});

test("change is not paid, and the customer account is apart", async () => {
    const { store, order } = await setupTill();
    const [cash, account] = [1, 3].map((id) => store.models["pos.payment.method"].get(id));
    order.addPaymentline(account);
    order.payment_ids[0].setAmount(7.85);
    expect(figures(order).paid).toEqual([1000, 785]);
    order.addPaymentline(cash);
    order.payment_ids[1].setAmount(50);
    expect(figures(order).paid).toEqual([1000, 785]);
});

test("lines know their kind: sale, return, discount, tip", async () => {
    const { store, order } = await setupTill();
    const [line, other] = order.lines;
    line.setQuantity(-3);
    expect(lineKind(line)).toBe("return_unlinked");
    other.setUnitPrice(-3);
    expect(lineKind(other)).toBe("sale");
    await store.addLineToOrder({ product_tmpl_id: store.models["product.template"].get(1) }, order);
    expect(lineKind(order.lines.at(-1))).toBe("excluded");
    line.setQuantity(3);
    order.lines.at(-1).update({ refunded_orderline_id: line, qty: -1 });
    expect(lineKind(order.lines.at(-1))).toBe("return_linked");
});

test("the preview is what the kernel says of the same basket", async () => {
    mockDate("2019-11-21 10:00:00", 0);
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    const basket = new Basket({
        currency: "USD",
        lines: [
            new Line({ key: "a", kind: "sale", quantity_micro: 3000000, total_minor: 1035, untaxed_minor: 900 }),
            new Line({ key: "b", kind: "sale", quantity_micro: 2000000, total_minor: 750, untaxed_minor: 600 }),
        ],
        eligible_paid_minor: 1785,
    });
    const outcome = evaluate(parse(JSON.parse(payload(2))), basket);
    expect(outcome.points).toBe(6);
    expect(till.preview(order).points).toBe(outcome.points);
    expect(till.preview(order).code).toBe("earned");
    order.lines[0].setQuantity(1);
    expect(till.preview(order).points).toBe(4);
});

test("the rules in force are chosen by the clock of the till", async () => {
    const { order, till } = await setupTill();
    await till.read(ANNA, "scan");
    mockDate("2019-06-30 12:00:00", 0);
    expect(till.preview(order).ruleset.hash).toBe("first");
    mockDate("2019-07-01 12:00:00", 0);
    expect(till.preview(order).ruleset.hash).toBe("second");
    mockDate("2018-12-31 12:00:00", 0);
    expect(till.preview(order)).toBe(null);
});

test("without the rules that the server named nothing is promised", async () => {
    const { store, order, till } = await setupTill();
    await till.read(ANNA, "scan");
    store.models["fidelity.ruleset"].get(2).delete();
    expect(till.preview(order)).toBe(null);
});

test("off line the number tells the rules", async () => {
    mockDate("2019-11-21 10:00:00", 0);
    const { store, order, till } = await setupTill();
    store.data.network.offline = true;
    await till.read(ANNA, "scan");
    expect(till.preview(order).points).toBe(6);
});
