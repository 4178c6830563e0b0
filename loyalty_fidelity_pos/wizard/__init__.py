from . import fidelity_health
