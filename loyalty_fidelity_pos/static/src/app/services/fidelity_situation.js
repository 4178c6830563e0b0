import { nowhere, Situation } from "@loyalty_fidelity_pos/app/rules/situation";

const { DateTime } = luxon;

/**
 * The situation of a sale: day and minute by the store's clock, the store, and what the server told of the member. Off
 * line the member's part is not known; the server computes with it at payment.
 *
 * @param {PosConfig} config
 * @param {Object|null} member as `pos.order.getFidelityMember` gives it
 * @param {DateTime} moment when the price is told
 * @returns {Situation}
 */
export function situationOf(config, member, moment) {
    const store = config._fidelity_store || { id: 0, tz: "UTC" };
    const zoned = moment.setZone(store.tz);
    const local = zoned.isValid ? zoned : moment.setZone("UTC");
    const date = local.toFormat("yyyy-MM-dd");
    const told = member?.situation || nowhere();
    return new Situation({
        ...told,
        date,
        minute: local.hour * 60 + local.minute,
        store_id: store.id,
        birthday_days: birthdayFrom(told, date),
        used: usedFrom(told, date),
    });
}

/** The birthday comes nearer overnight: a sale may be open longer than its day. */
function birthdayFrom(told, date) {
    if (told.birthday_days === null) {
        return null;
    }
    const days = DateTime.fromISO(date).diff(DateTime.fromISO(told.date), "days").days;
    return told.birthday_days - Math.round(days);
}

/** What limits were used on an earlier day, or in an earlier month, counts no longer. */
function usedFrom({ date: then, used }, date) {
    const same = { day: then === date, month: then.slice(0, 7) === date.slice(0, 7) };
    return Object.fromEntries(Object.entries(used).filter(([key]) => same[key.slice(key.lastIndexOf(":") + 1)]));
}
