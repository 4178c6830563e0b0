from . import test_account
from . import test_card
from . import test_card_type
from . import test_claim
from . import test_ledger
from . import test_member
from . import test_verification
from . import test_views
