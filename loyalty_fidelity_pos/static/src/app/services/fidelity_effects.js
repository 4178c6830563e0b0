import { _t } from "@web/core/l10n/translation";
import { add } from "@loyalty_fidelity_pos/app/rules/arithmetic";
import { RuleError } from "@loyalty_fidelity_pos/app/rules/errors";
import { amounts, discounts, receiptTotal } from "@loyalty_fidelity_pos/app/rules/price";
import { redeem } from "@loyalty_fidelity_pos/app/rules/voucher";
import { spend } from "@loyalty_fidelity_pos/app/rules/spending";
import { amountLineVals, placeOf } from "@loyalty_fidelity_pos/app/models/fidelity_amount_lines";
import { benefitOf, vouchersOf } from "@loyalty_fidelity_pos/app/models/fidelity_code";
import { writeEffect } from "@loyalty_fidelity_pos/app/models/fidelity_effect";
import { memberPricing, writeMemberPrice } from "@loyalty_fidelity_pos/app/models/fidelity_member_price";
import { changesPrice, priceLines } from "@loyalty_fidelity_pos/app/models/fidelity_price_lines";
import { shareLineVals, sharesOf } from "@loyalty_fidelity_pos/app/models/fidelity_share_lines";

const LINE_FIELDS = new Set([
    "qty",
    "price_unit",
    "discount",
    "tax_ids",
    "price_type",
    "price_extra",
    "order_id",
    "product_id",
    "refunded_orderline_id",
    "combo_parent_id",
]);
const ORDER_FIELDS = new Set(["lines", "fidelity_claim", "fidelity_codes", "pricelist_id", "fiscal_position_id"]);

/**
 * Keeps the prices of open orders as their cards make them. `refresh` looks at an order as it is and writes what its
 * card gives, whatever came first; what it wrote before counts for nothing, so it may run at any time.
 */
export class FidelityEffects {
    /** @param {FidelityTill} till */
    constructor(till) {
        this.till = till;
        this.busy = new Set();
    }

    /** Follow every change of an order or a line. */
    listen(models) {
        const lines = models["pos.order.line"];
        const refresh = (line) => this.refresh(line?.order_id);
        lines.addEventListener("create", ({ ids }) => ids.forEach((id) => refresh(lines.get(id))));
        lines.addEventListener("update", ({ id, fields }) => {
            if (fields?.some((field) => LINE_FIELDS.has(field))) {
                refresh(lines.get(id));
            }
        });
        models["pos.order"].addEventListener("update", ({ id, fields }) => {
            if (fields?.some((field) => ORDER_FIELDS.has(field))) {
                this.refresh(models["pos.order"].get(id));
            }
        });
    }

    /** Write what the card of an open order gives on its lines; without a card, take off what one gave. */
    refresh(order) {
        if (!order || order.finalized || this.busy.has(order.uuid) || order.models._loadingData) {
            return;
        }
        this.quietly(order, () => {
            this.till.prizes.reconcile(order);
            this.till.codes.reconcile(order);
        });
        const concerned =
            order.fidelity_claim ||
            order.fidelity_codes ||
            order.lines.some((line) => line.fidelity_effect || line.fidelity_price || line.refunded_orderline_id);
        // A line that is just being made announces itself before it is whole; it will again.
        if (!concerned || order.lines.some((line) => !line.uiState)) {
            return;
        }
        this.quietly(order, () => {
            this.till.tellPriceNow(order);
            order.fidelityBatch(() => this._write(order, this._inForce(order)));
        });
    }

    /**
     * Do something to an order without its prices being looked at.
     *
     * @param {PosOrder} order
     * @param {() => void} work
     */
    quietly(order, work) {
        this.busy.add(order.uuid);
        try {
            work();
        } finally {
            this.busy.delete(order.uuid);
        }
    }

    /**
     * The ruleset whose prices apply now. They apply from the moment that a card is read, by its number: who pays before
     * the answer comes gets them too. A card that is then refused takes them along.
     */
    _inForce(order) {
        const claim = order.getFidelityClaim();
        const ruleset = claim && this.till.rulesets.tryInForce(claim.card, order.getFidelityMember());
        return ruleset?.rules.currency === order.currency.name ? ruleset : null;
    }

    _write(order, ruleset) {
        const goods = order.lines.filter((line) => !line.isFidelityAmount());
        const pricing = ruleset && memberPricing(order, ruleset);
        goods.forEach((line) => writeMemberPrice(order, line, pricing));
        let wanted = [];
        try {
            wanted = this._writePrices(order, goods, ruleset);
        } catch (error) {
            if (!(error instanceof RuleError)) {
                throw error;
            }
            // Figures that no rule can be applied to: the price stays as it is without a card.
            this._writePercents(goods, {});
        }
        this._writeLines(order, [...wanted, ...this._shares(order, goods, wanted)]);
    }

    /** Percentages onto the lines; what the amount lines have to be is returned. */
    _writePrices(order, goods, ruleset) {
        const wish = ruleset ? this.till.spending.wish(order) : 0;
        const codes = order.getFidelityCodes();
        if (!(ruleset && (wish || changesPrice(ruleset.rules)))) {
            this._writePercents(goods, {});
            return codes.length ? this._codeLines(order, goods, codes) : [];
        }
        const { rules } = ruleset;
        const situation = this.till.situationOf(order);
        const rolling = order.getFidelityMember()?.rolling;
        const rolling_bps = rolling?.bps || null;
        const rolling_minor = rolling?.minor || 0;
        const before = priceLines(order, goods, (line) => line.getFidelityManual(), rules);
        this._writePercents(goods, discounts(rules, before, rolling_bps, situation, rolling_minor));
        const after = priceLines(order, goods, (line) => line.getDiscount(), rules);
        const receipt_minor = receiptTotal(before);
        const found = amounts(rules, after, receipt_minor, situation, before, rolling_bps, rolling_minor);
        const brought = redeem(after, takenOf(found), vouchersOf(codes, goods), receipt_minor);
        const paid = wish ? spend(after, takenOf([...found, ...brought]), wish) : null;
        // What is left of the sale may be less than the least that is spent: then nothing is, until there is more again.
        const enough = paid && paid.amount_minor >= this.till.spending.least(order);
        return [
            ...found.flatMap((effect) => amountLineVals(order, goods, effect, this._name(order, ruleset))),
            ...this._namedLines(order, goods, brought, codes),
            ...(enough ? amountLineVals(order, goods, paid, _t("Cashback")) : []),
        ];
    }

    /** The amount lines of codes alone, where no card changes the price. */
    _codeLines(order, goods, codes) {
        const lines = priceLines(order, goods, (line) => line.getDiscount());
        return this._namedLines(order, goods, redeem(lines, {}, vouchersOf(codes, goods), receiptTotal(lines)), codes);
    }

    _namedLines(order, goods, effects, codes) {
        const names = Object.fromEntries(codes.map((code) => [benefitOf(code), code.name]));
        return effects.flatMap((effect) => amountLineVals(order, goods, effect, names[effect.benefit]));
    }

    _writePercents(goods, found) {
        for (const line of goods) {
            const manual = line.getFidelityManual();
            const given = found[line.uuid];
            if (given?.card_bps) {
                const { discount_bps, card_bps, benefits } = given;
                const effect = { kind: "percent", manual_bps: Math.round(manual * 100), card_bps, benefits };
                line.setFidelityPercent(discount_bps / 100, writeEffect(effect), manual);
            } else if (line.fidelity_effect) {
                line.setFidelityPercent(manual, false, manual);
            }
        }
    }

    _shares(order, goods, amountLines) {
        const shares = sharesOf(order);
        if (!shares.length) {
            return [];
        }
        const goodsTotal = add(priceLines(order, goods, (line) => line.getDiscount()).map((line) => line.total_minor));
        const given = shares.flatMap((share) => Object.values(share.allocation));
        const total = add([goodsTotal, ...amountLines.map((line) => line.amount_minor), ...given]);
        return shares.map((share) => shareLineVals(order, share, total < 0)).filter(Boolean);
    }

    /** Bring the amount and share lines of an order to what they have to be: change, make, remove. */
    _writeLines(order, wanted) {
        const { models, config } = this.till.pos;
        const product = models["product.product"].get(config._fidelity_discount_product_id);
        const existing = new Map();
        for (const line of order.lines.filter((line) => line.isFidelityAmount())) {
            const place = placeOf(line.getFidelityEffect(), line.tax_ids);
            existing.set(place, [...(existing.get(place) || []), line]);
        }
        for (const { place, taxes, vals } of product ? wanted : []) {
            const line = existing.get(place)?.shift();
            if (!line) {
                this._create(order, product, taxes, vals);
            } else if (differs(line, vals)) {
                line.update(vals);
            }
        }
        [...existing.values()].flat().forEach((line) => line.delete());
    }

    _create(order, product, taxes, vals) {
        order.models["pos.order.line"].create({
            order_id: order,
            product_id: product,
            price_type: "manual",
            price_extra: 0,
            discount: 0,
            tax_ids: taxes.map((tax) => ["link", tax]),
            ...vals,
        });
    }

    _name(order, ruleset) {
        const cardType = order.getFidelityMember()?.card_type?.name || ruleset.cardType;
        return cardType ? _t("%s discount", cardType) : _t("Card discount");
    }
}

/** What amounts off take of lines together: line key → minor units. */
function takenOf(effects) {
    const taken = {};
    for (const [key, share] of effects.flatMap((effect) => Object.entries(effect.allocation))) {
        taken[key] = add([taken[key] || 0, share]);
    }
    return taken;
}

/** Whether a line is not yet as it has to be; tax data are objects, and compared as text. */
function differs(line, vals) {
    return Object.entries(vals).some(([name, value]) =>
        name === "extra_tax_data" ? JSON.stringify(line[name]) !== JSON.stringify(value) : line[name] !== value
    );
}
