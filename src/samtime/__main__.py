"""`python -m samtime` is `samtime`."""

import sys

from samtime.cli import main

sys.exit(main())
