/**
 * Calls the mirror with JSON and answers with JSON; the other side of `kernel_calls.py`.
 *
 * @param {URL} folder where the mirror's modules are; a test of the tests names a broken copy
 */
export async function loadKernel(folder) {
    const load = (name) => import(new URL(`${name}.js`, folder));
    const arithmetic = await load("arithmetic");
    const basket = await load("basket");
    const benefit = await load("benefit");
    const cardNumber = await load("card_number");
    const checks = await load("checks");
    const codeNumber = await load("code_number");
    const { RuleError } = await load("errors");
    const evaluate = await load("evaluate");
    const numberScheme = await load("number_scheme");
    const explain = await load("explain");
    const price = await load("price");
    const reversal = await load("reversal");
    const ruleset = await load("ruleset");
    const selector = await load("selector");
    const situation = await load("situation");
    const spending = await load("spending");
    const voucher = await load("voucher");

    const lines = (values) => values.map((value) => new basket.Line(value));
    const priceLines = (values) => values.map((value) => new price.PriceLine(value));
    const basketOf = (value) => new basket.Basket({ ...value, lines: lines(value.lines) });
    const keys = (parts) =>
        Object.fromEntries(Object.entries(parts).map(([kind, members]) => [kind, members.map((line) => line.key)]));

    /** Benefits with the fields that their schema writes. */
    const shown = (benefits, schema) =>
        benefits.map((each) => {
            const names = ["kind", "key", ...benefit.FIELDS[schema][each.kind]];
            return Object.fromEntries(names.map((name) => [name, each[name]]));
        });
    const parsed = (payload) => {
        const rules = ruleset.parse(payload);
        const { stacking, selectors, ...fields } = { ...rules, benefits: shown(rules.benefits, rules.schema) };
        return rules.schema > 2 ? { ...fields, stacking, selectors } : fields;
    };
    const some = (given, choose) => {
        const rules = ruleset.parse(given.ruleset);
        return shown(choose(rules), rules.schema);
    };
    const around = (given) => ("situation" in given ? new situation.Situation(given.situation) : situation.nowhere());
    // What schema 3 brought; earlier rulesets give it too, their vectors do not show it.
    const earned = (rules, outcome) => {
        const { rolling_minor, benefit_points, benefit_cashback, ...fields } = outcome;
        return rules.schema > 2 ? outcome : fields;
    };
    const rolling = (given) => [given.rolling_bps ?? null, given.rolling_minor ?? 0];
    const plain = (value) => value && JSON.parse(JSON.stringify(value));

    const calls = {
        "arithmetic.whole": (given) => arithmetic.whole(given.value, given.field, given.low, given.high),
        "arithmetic.add": (given) => arithmetic.add(given.values),
        "arithmetic.mul_div_floor": (given) => arithmetic.mulDivFloor(given.a, given.b, given.c),
        "arithmetic.mul_div_half_up": (given) => arithmetic.mulDivHalfUp(given.a, given.b, given.c),
        "arithmetic.largest_remainder": (given) => arithmetic.largestRemainder(given.total, given.weights),
        "card_number.check_digit": (given) => cardNumber.checkDigit(given.digits),
        "card_number.digits_of": (given) => cardNumber.digitsOf(given.raw),
        "card_number.is_prefix": (given) => cardNumber.isPrefix(given.prefix),
        "card_number.build": (given) => cardNumber.build(given.prefix, given.serial),
        "card_number.normalise": (given) => cardNumber.normalise(given.raw),
        "card_number.recognise": (given) => cardNumber.recognise(given.raw, given.prefixes),
        "card_number.mask": (given) => cardNumber.mask(given.number),
        "card_number.check_prefix": (given) => cardNumber.checkPrefix(given.prefix, given.others) ?? null,
        "code_number.check_character": (given) => codeNumber.checkCharacter(given.text),
        "code_number.normalise": (given) => codeNumber.normalise(given.raw),
        "code_number.is_code": (given) => codeNumber.isCode(given.raw),
        "code_number.grouped": (given) => codeNumber.grouped(given.code),
        "checks.text": (given) => checks.text(given.value, given.field),
        "checks.choice": (given) => checks.choice(given.value, given.field, given.choices),
        "checks.items": (given) => checks.items(given.value, given.field),
        "checks.record": (given) => checks.record(given.value, given.field, given.names),
        "benefit.parse_benefits": (given) => shown(benefit.parseBenefits(given.values, given.schema), given.schema),
        "ruleset.parse": (given) => parsed(given.payload),
        "ruleset.canonical": (given) => ruleset.canonical(given.payload),
        "ruleset.of_kind": (given) => some(given, (rules) => ruleset.ofKind(rules, ...given.kinds)),
        "ruleset.earning": (given) => some(given, ruleset.earning),
        "ruleset.pricing": (given) => some(given, ruleset.pricing),
        "basket.split": (given) => keys(basket.split(basketOf(given.basket))),
        "basket.line_amount": (given) =>
            basket.lineAmount(ruleset.parse(given.ruleset), new basket.Line(given.line)),
        "basket.earning_base": (given) => basket.earningBase(ruleset.parse(given.ruleset), basketOf(given.basket)),
        "evaluate.points_for": (given) => evaluate.pointsFor(ruleset.parse(given.ruleset), given.base_minor),
        "evaluate.cashback_for": (given) => evaluate.cashbackFor(ruleset.parse(given.ruleset), given.base_minor),
        "evaluate.rolling_for": (given) => evaluate.rollingFor(ruleset.parse(given.ruleset), given.base_minor),
        "evaluate.share_out": (given) => evaluate.shareOut(given.total, lines(given.lines), given.amounts),
        "number_scheme.parse_scheme": (given) => numberScheme.parseScheme(given.value),
        "number_scheme.luhn_digit": (given) => numberScheme.luhnDigit(given.digits),
        "number_scheme.complete": (given) => numberScheme.complete(given.digits, given.check),
        "number_scheme.recognise": (given) => numberScheme.recognise(given.raw, given.schemes),
        "evaluate.evaluate": (given) => {
            const rules = ruleset.parse(given.ruleset);
            return earned(rules, evaluate.evaluate(rules, basketOf(given.basket), around(given)));
        },
        "explain.explain": (given) => {
            const [rules, before] = [ruleset.parse(given.ruleset), priceLines(given.lines)];
            return explain.explain(rules, before, basketOf(given.basket), around(given), ...rolling(given));
        },
        "price.receipt_total": (given) => price.receiptTotal(priceLines(given.lines)),
        "price.discounts": (given) =>
            price.discounts(
                ruleset.parse(given.ruleset),
                priceLines(given.lines),
                given.rolling_bps,
                around(given),
                given.rolling_minor ?? 0
            ),
        "price.amounts": (given) =>
            price.amounts(
                ruleset.parse(given.ruleset),
                priceLines(given.lines),
                given.receipt_minor,
                around(given),
                given.before ? priceLines(given.before) : null,
                ...rolling(given)
            ),
        "spending.spend": (given) => spending.spend(priceLines(given.lines), given.taken, given.wish_minor),
        "voucher.redeem": (given) => {
            const vouchers = given.vouchers.map((each) => new voucher.Voucher(each));
            return voucher.redeem(priceLines(given.lines), given.taken, vouchers, given.receipt_minor);
        },
        "reversal.kept_amount": (given) =>
            reversal.keptAmount(given.amount_minor, given.quantity_micro, given.returned_micro),
        "reversal.share_back": (given) =>
            reversal.shareBack(given.allocated_minor, given.quantity_micro, given.before_micro, given.now_micro),
        "reversal.kept_points": (given) => {
            const rules = ruleset.parse(given.ruleset);
            const goods = [lines(given.lines), given.returned_micro, given.base_minor];
            return earned(rules, reversal.keptPoints(rules, ...goods, around(given)));
        },
        "selector.parse_selectors": (given) => selector.parseSelectors(given.values),
        "selector.matches": (given) =>
            selector.matches(selector.parseSelectors({ s1: given.selector }).s1, new selector.Product(given.product)),
        "selector.matching": (given) =>
            selector.matching(ruleset.parse(given.ruleset), new selector.Product(given.product)),
        "situation.day": (given) => situation.day(given.value, given.name),
        "situation.weekday": (given) => situation.weekday(given.date),
        "situation.birthday_distance": (given) => situation.birthdayDistance(given.date, given.birth_date),
        "situation.ids": (given) => situation.ids(given.value, given.name, given.low, given.high),
        "situation.nowhere": () => plain(situation.nowhere()),
        "situation.parse_when": (given) => situation.parseWhen(given.value),
        "situation.unmet": (given) => situation.unmet(situation.parseWhen(given.when), around(given)),
    };

    return function answer(given) {
        try {
            return { value: calls[given.call](given.input) };
        } catch (error) {
            if (error instanceof RuleError) {
                return { error: error.code };
            }
            throw error;
        }
    };
}
