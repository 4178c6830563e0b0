import { patch } from "@web/core/utils/patch";
import { OrderDisplay } from "@point_of_sale/app/components/order_display/order_display";

patch(OrderDisplay.prototype, {
    /** Amounts off come after the articles, wherever they are among the lines. */
    get comboSortedLines() {
        const lines = super.comboSortedLines;
        const amounts = lines.filter((line) => line.isFidelityAmount());
        return amounts.length ? [...lines.filter((line) => !line.isFidelityAmount()), ...amounts] : lines;
    },
});
