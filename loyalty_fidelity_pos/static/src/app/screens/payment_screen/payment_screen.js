import { patch } from "@web/core/utils/patch";
import { PaymentScreen } from "@point_of_sale/app/screens/payment_screen/payment_screen";
import { CodeChips } from "@loyalty_fidelity_pos/app/components/code_chips/code_chips";
import { MemberStrip } from "@loyalty_fidelity_pos/app/components/member_strip/member_strip";

patch(PaymentScreen, {
    components: { ...PaymentScreen.components, CodeChips, MemberStrip },
});
