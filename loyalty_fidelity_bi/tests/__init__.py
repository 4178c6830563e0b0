from . import test_figures
from . import test_members
from . import test_messages
from . import test_rights
from . import test_message_consent
