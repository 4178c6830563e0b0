/** `node kernel_till.js RUNS` reads a basket of `kernel.py` and writes the milliseconds of processor time of each go, as a JSON list. */

import { readFileSync } from "node:fs";

const folder = new URL("../../loyalty_fidelity_pos/static/src/app/rules/", import.meta.url);
const load = (name) => import(new URL(`${name}.js`, folder));
const { Basket, Line } = await load("basket");
const { evaluate } = await load("evaluate");
const { PriceLine, amounts, discounts, receiptTotal } = await load("price");
const { parse } = await load("ruleset");
const { Situation } = await load("situation");

const made = JSON.parse(readFileSync(0, "utf8"));
const ruleset = parse(made.payload);
const situation = new Situation(made.situation);

function go() {
    const lines = made.lines.map((line) => new PriceLine(line));
    discounts(ruleset, lines, null, situation);
    amounts(ruleset, lines, receiptTotal(lines), situation, lines);
    const goods = made.goods.map((line) => new Line(line));
    evaluate(ruleset, new Basket({ currency: "EUR", lines: goods, eligible_paid_minor: made.paid }), situation);
}

const runs = Number(process.argv[2]);
const taken = [];
for (let turn = -30; turn < runs; turn++) {
    const start = process.cpuUsage();
    go();
    const { user, system } = process.cpuUsage(start);
    if (turn >= 0) {
        taken.push((user + system) / 1000);
    }
}
process.stdout.write(JSON.stringify(taken));
