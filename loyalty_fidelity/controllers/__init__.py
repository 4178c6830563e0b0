from . import fidelity_card
from . import fidelity_export
