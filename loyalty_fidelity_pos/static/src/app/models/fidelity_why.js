/** How the price of each line came about: from what the shop asks to what is paid, step by step. */
import { largestRemainder } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { CASHBACK } from "@loyalty_fidelity_pos/app/rules/spending";
import { PREFIX } from "@loyalty_fidelity_pos/app/rules/voucher";
import { totalsWith } from "@loyalty_fidelity_pos/app/models/fidelity_amounts";
import { shopUnit } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";

/**
 * @param {PosOrder} order
 * @returns {{line: PosOrderline, shop_minor: number, paid_minor: number, steps: {kind: string, benefit: ?string, name: ?string, amount_minor: number}[]}[]}
 *     one for each line of goods, in order. A step's `kind` is `member_price`, `manual` (a person's discount), `sold` (the discount with
 *     which goods that come back were sold), `percent`, `amount` or `share` (an amount given back); `percent` and `amount` name
 *     their `benefit`, `amount` and `share` have the `name` of the line that carries them; `amount_minor` is negative where it takes
 *     something off. Steps and `shop_minor` add up to `paid_minor`
 */
export function pricePaths(order) {
    const goods = order.lines.filter((line) => !line.isFidelityAmount());
    const stages = [
        totalsWith(order, goods, () => 0, shopUnit),
        totalsWith(order, goods, () => 0),
        totalsWith(order, goods, (line) => line.getFidelityManual()),
        totalsWith(order, goods, (line) => line.getDiscount()),
    ];
    return goods.map((line) => {
        const [shop_minor, member, manual, card] = stages.map((totals) => totals[line.uuid]);
        const steps = [
            { kind: "member_price", amount_minor: member - shop_minor },
            { kind: line.refunded_orderline_id ? "sold" : "manual", amount_minor: manual - member },
            ...percentSteps(line, card - manual),
            ...amountSteps(order, line),
        ].filter((step) => step.amount_minor);
        const paid_minor = steps.reduce((sum, step) => sum + step.amount_minor, shop_minor);
        return { line, shop_minor, paid_minor, steps };
    });
}

/** What the card's percentages took of a line, shared over its benefits as the server shares it. */
function percentSteps(line, taken_minor) {
    const effect = line.getFidelityEffect();
    if (effect?.kind !== "percent" || !taken_minor) {
        return [];
    }
    const found = Object.entries(effect.benefits || {});
    const shares = largestRemainder(Math.abs(taken_minor), found.map(([_key, bps]) => bps));
    return found.map(([benefit], at) => ({
        kind: "percent",
        benefit,
        amount_minor: Math.sign(taken_minor) * shares[at],
    }));
}

/** When an amount off has its turn: the card's, then codes, then what the member pays with. */
function turn(benefit) {
    if (benefit === CASHBACK) {
        return 2;
    }
    return benefit?.startsWith(PREFIX) ? 1 : 0;
}

/** What amounts off took of a line, or give back with it: an amount is carried by a line for each set of taxes. */
function amountSteps(order, line) {
    const steps = order.lines
        .filter((carrier) => carrier.isFidelityAmount())
        .map((carrier) => ({ name: carrier.full_product_name, ...carrier.getFidelityEffect() }))
        .filter(({ allocation }) => allocation?.[line.uuid])
        .map(({ kind, benefit, name, allocation }) => {
            const part = allocation[line.uuid];
            return { kind, benefit, name, amount_minor: kind === "share" ? part : -part };
        });
    return steps.sort((one, other) => turn(one.benefit) - turn(other.benefit));
}
