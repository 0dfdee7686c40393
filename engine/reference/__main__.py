"""`python -m engine.reference DIR` writes the pages."""

import sys
from pathlib import Path

from engine.reference.pages import write

write(Path(sys.argv[1]))
