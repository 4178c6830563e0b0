/** When a benefit applies: the situation of a sale, and the conditions on it; the mirror of `loyalty_fidelity/rules/situation.py`. */

import { whole } from "./arithmetic.js";
import { items } from "./checks.js";
import { RuleError } from "./errors.js";

export const DAY_MINUTES = 24 * 60;
export const MOST_PURCHASES = 1000000;
export const MAX_BPS = 10000;

const MONTH_DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const SAKAMOTO = [0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4];

function isLeap(year) {
    return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function parts(date) {
    return [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8))];
}

/**
 * Check that a value is a day of the calendar, `YYYY-MM-DD`.
 *
 * @param {*} value
 * @param {string} name the name that an error mentions
 * @returns {string}
 * @throws {RuleError} `type` for anything but a text, `range` for one that is no day
 */
export function day(value, name) {
    if (typeof value !== "string") {
        throw new RuleError("type", { field: name });
    }
    // Without a dollar sign, which would let a line end pass.
    if (value.length !== 10 || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}/.test(value)) {
        throw new RuleError("range", { field: name });
    }
    const [year, month, number] = parts(value);
    if (month < 1 || month > 12 || year < 1) {
        throw new RuleError("range", { field: name });
    }
    const last = month === 2 && isLeap(year) ? 29 : MONTH_DAYS[month - 1];
    if (number < 1 || number > last) {
        throw new RuleError("range", { field: name });
    }
    return value;
}

/**
 * Give the day of the week of a day, Monday 0 to Sunday 6.
 *
 * @param {string} date
 * @returns {number}
 * @throws {RuleError} `type`, `range`
 */
export function weekday(date) {
    day(date, "date");
    const [whole_year, month, number] = parts(date);
    const year = month < 3 ? whole_year - 1 : whole_year;
    const leaps = Math.floor(year / 4) - Math.floor(year / 100) + Math.floor(year / 400);
    return (year + leaps + SAKAMOTO[month - 1] + number + 6) % 7;
}

function ordinal(year, month, number) {
    const before = year - 1;
    const leaps = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
    const months = MONTH_DAYS.slice(0, month - 1).reduce((sum, days) => sum + days, 0);
    return before * 365 + leaps + months + (month > 2 && isLeap(year) ? 1 : 0) + number;
}

/**
 * Give the days from a day to the nearest birthday: below zero for one that is past, above for one to come. Who was born
 * on 29 February has his birthday on the 28th in common years.
 *
 * @param {string} date
 * @param {string} birth_date
 * @returns {number}
 * @throws {RuleError} `type`, `range`
 */
export function birthdayDistance(date, birth_date) {
    day(date, "date");
    day(birth_date, "birth_date");
    const [year, ...rest] = parts(date);
    const today = ordinal(year, ...rest);
    const [, month, number] = parts(birth_date);
    const found = [year + 1, year, year - 1].map((at) => {
        const common = month === 2 && number === 29 && !isLeap(at);
        return ordinal(at, month, common ? 28 : number) - today;
    });
    return found.reduce((best, days) => (Math.abs(days) < Math.abs(best) ? days : best));
}

export class Situation {
    /**
     * What rules look at besides the goods.
     *
     * @param {Object} [fields]
     * @param {string} [fields.date] `YYYY-MM-DD`, by the store's clock
     * @param {number} [fields.minute] of that day, 0 to 1,439
     * @param {number} [fields.store_id] zero for none
     * @param {number} [fields.tier_id] zero for none
     * @param {number[]} [fields.tag_ids] of the customer
     * @param {number|null} [fields.birthday_days] signed days to his nearest birthday; null when unknown
     * @param {number} [fields.purchases] earlier purchases of the membership
     * @param {number} [fields.own_bps] the member's own percentage
     * @param {Object<string, number>} [fields.used] how much of a limit in time is used: `<benefit key>:day` and `:month`
     * @throws {RuleError} `type`, `range`
     */
    constructor({
        date = "1970-01-01",
        minute = 0,
        store_id = 0,
        tier_id = 0,
        tag_ids = [],
        birthday_days = null,
        purchases = 0,
        own_bps = 0,
        used = {},
    } = {}) {
        this.date = day(date, "date");
        this.minute = whole(minute, "minute", 0, DAY_MINUTES - 1);
        this.store_id = whole(store_id, "store_id", 0);
        this.tier_id = whole(tier_id, "tier_id", 0);
        this.tag_ids = Object.freeze(items(tag_ids, "tag_ids").map((tag) => whole(tag, "tag_ids", 1)));
        this.birthday_days = birthday_days === null ? null : whole(birthday_days, "birthday_days", -366, 366);
        this.purchases = whole(purchases, "purchases", 0, MOST_PURCHASES);
        this.own_bps = whole(own_bps, "own_bps", 0, MAX_BPS);
        if (typeof used !== "object" || used === null || Array.isArray(used)) {
            throw new RuleError("type", { field: "used" });
        }
        const given = Object.entries(used).map(([key, quantity]) => [key, whole(quantity, "used", 0)]);
        this.used = Object.freeze(Object.fromEntries(given));
        Object.freeze(this);
    }
}

/** The situation of rules that look at nothing but the goods. */
export const NOWHERE = new Situation();

/** @returns {Situation} that of rules that look at nothing but the goods */
export function nowhere() {
    return NOWHERE;
}

/**
 * Check that a value is a list of rising whole numbers.
 *
 * @param {*} value
 * @param {string} name the name that an error mentions
 * @param {number} [low]
 * @param {number} [high]
 * @returns {number[]}
 * @throws {RuleError} `type`, `range`; `order` when they do not rise
 */
export function ids(value, name, low = 1, high = undefined) {
    const found = items(value, name).map((member) => whole(member, name, low, high));
    if (found.slice(1).some((later, at) => later <= found[at])) {
        throw new RuleError("order", { field: name });
    }
    return Object.freeze(found);
}

function isTrue(value, name) {
    if (value !== true) {
        throw new RuleError("type", { field: name });
    }
    return true;
}

const minute = (value, name) => whole(value, name, 0, DAY_MINUTES - 1);
const CONDITIONS = {
    from_date: day,
    to_date: day,
    weekdays: (value, name) => ids(value, name, 0, 6),
    from_minute: minute,
    to_minute: minute,
    stores: (value, name) => ids(value, name),
    tiers: (value, name) => ids(value, name),
    tags: (value, name) => ids(value, name),
    birthday_days: (value, name) => whole(value, name, 0, 183),
    first_purchase: isTrue,
    every_purchase: (value, name) => whole(value, name, 2, MOST_PURCHASES),
};
// What does not matter.
const NO_CONDITION = {
    from_date: null,
    to_date: null,
    weekdays: [],
    from_minute: null,
    to_minute: null,
    stores: [],
    tiers: [],
    tags: [],
    birthday_days: null,
    first_purchase: false,
    every_purchase: 0,
};

/**
 * Check the conditions of a benefit.
 *
 * @param {*} value an object with any of the fields
 * @returns {Object|null} all fields; null where there is no condition
 * @throws {RuleError} `type`, `range`, `unknown_field`; `missing` for one end of the hours without the other; `order` for
 *     days that end before they begin, or lists that do not rise
 */
export function parseWhen(value) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
        throw new RuleError("type", { field: "when" });
    }
    for (const name of Object.keys(value)) {
        if (!Object.hasOwn(CONDITIONS, name)) {
            throw new RuleError("unknown_field", { field: name });
        }
    }
    const names = Object.keys(CONDITIONS).filter((name) => Object.hasOwn(value, name));
    const found = Object.fromEntries(names.map((name) => [name, CONDITIONS[name](value[name], name)]));
    for (const [one, other] of [
        ["from_minute", "to_minute"],
        ["to_minute", "from_minute"],
    ]) {
        if (names.includes(one) && !names.includes(other)) {
            throw new RuleError("missing", { field: other });
        }
    }
    if (names.includes("from_date") && names.includes("to_date") && found.to_date < found.from_date) {
        throw new RuleError("order", { field: "to_date" });
    }
    return names.length ? Object.freeze({ ...NO_CONDITION, ...found }) : null;
}

function atHours({ from_minute, to_minute }, minute) {
    if (from_minute === null) {
        return true;
    }
    if (from_minute <= to_minute) {
        return from_minute <= minute && minute <= to_minute;
    }
    return minute >= from_minute || minute <= to_minute;
}

function fits(when, situation) {
    const { date, birthday_days } = situation;
    const nth = situation.purchases + 1;
    const near = when.birthday_days === null || (birthday_days !== null && Math.abs(birthday_days) <= when.birthday_days);
    return [
        ["date", (when.from_date ?? "") <= date && date <= (when.to_date ?? "9999-12-31")],
        ["weekdays", !when.weekdays.length || when.weekdays.includes(weekday(date))],
        ["hours", atHours(when, situation.minute)],
        ["stores", !when.stores.length || when.stores.includes(situation.store_id)],
        ["tiers", !when.tiers.length || when.tiers.includes(situation.tier_id)],
        ["tags", !when.tags.length || situation.tag_ids.some((tag) => when.tags.includes(tag))],
        ["birthday", near],
        ["first_purchase", !when.first_purchase || nth === 1],
        ["every_purchase", !when.every_purchase || nth % when.every_purchase === 0],
    ];
}

/**
 * Give the first condition that does not hold.
 *
 * @param {Object|null} when from `parseWhen`
 * @param {Situation} situation
 * @returns {string|null} `date`, `weekdays`, `hours`, `stores`, `tiers`, `tags`, `birthday`, `first_purchase` or
 *     `every_purchase`; null when all hold
 */
export function unmet(when, situation) {
    return when && (fits(when, situation).find(([_name, holds]) => !holds)?.[0] ?? null);
}
