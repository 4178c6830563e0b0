import { useExternalListener, useRef } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useDebounced } from "@web/core/utils/timing";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

const PAUSE_MS = 350;
const FOLLOWED = ["integer", "float", "monetary", "char"]
    .map((type) => `.o_field_${type} input`)
    .join(", ");

/**
 * A form whose computed fields follow while one types, not only when a field is left.
 *
 * What is typed is given to the record after a short pause. The text and the cursor stay as the user has them: a field
 * would rewrite "1" as "1.00" under his fingers.
 */
export class LiveFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        this.liveRoot = useRef("compiled_view_root");
        this.typed = 0;
        const follow = useDebounced((input) => this.follow(input), PAUSE_MS);
        useExternalListener(window, "input", (ev) => {
            if (this.isFollowed(ev.target)) {
                this.typed++;
                follow(ev.target);
            }
        });
        useExternalListener(window, "focusout", (ev) => {
            if (this.isFollowed(ev.target)) {
                follow.cancel();
                this.giveToRecord();
            }
        });
    }

    isFollowed(element) {
        return this.liveRoot.el?.contains(element) && element.matches(FOLLOWED);
    }

    /** Let every field hand over what is typed in it. */
    async giveToRecord() {
        const proms = [];
        this.props.record.model.bus.trigger("NEED_LOCAL_CHANGES", { proms });
        await Promise.all(proms);
    }

    async follow(input) {
        const { value, selectionStart, selectionEnd } = input;
        const typed = this.typed;
        await this.giveToRecord();
        browser.requestAnimationFrame(() => {
            const stillTyping = typed === this.typed && input === document.activeElement;
            if (!stillTyping || input.value === value) {
                return;
            }
            input.value = value;
            input.setSelectionRange(selectionStart, selectionEnd);
            // The field learns that its text is the user's; it does not bubble, so it is not followed again.
            input.dispatchEvent(new Event("input"));
            this.props.record.model.bus.trigger("FIELD_IS_DIRTY", false);
        });
    }
}

registry.category("views").add("fidelity_live_form", { ...formView, Renderer: LiveFormRenderer });
