from . import fidelity_message
