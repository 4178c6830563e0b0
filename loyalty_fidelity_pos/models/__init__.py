from . import fidelity_card_type
from . import fidelity_ruleset
from . import fidelity_store
from . import pos_config
from . import pos_order
from . import pos_order_line
from . import pos_order_posting
from . import pos_session
