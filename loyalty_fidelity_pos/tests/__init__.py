from . import test_identify
from . import test_outbox
from . import test_posting
from . import test_returns
from . import test_rights
from . import test_tours
from . import test_translations
from . import test_wrong_input
