from . import fidelity_adjustment
from . import fidelity_card_issue
from . import fidelity_card_state
from . import fidelity_publication
from . import fidelity_export
from . import fidelity_redemption
