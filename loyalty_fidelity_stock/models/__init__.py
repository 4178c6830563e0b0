from . import fidelity_store
from . import fidelity_prize
