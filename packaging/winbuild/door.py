"""Where the frozen program begins."""

import sys

from linkage_gui.__main__ import main

sys.exit(main())
