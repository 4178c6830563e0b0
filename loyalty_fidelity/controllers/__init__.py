from . import fidelity_export
