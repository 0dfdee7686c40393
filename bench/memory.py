"""How much memory a whole `regelwerk run` takes at most, asked of the kernel by the process itself."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import sys
from engine.commands import run
code = run(sys.argv[1:])
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(f"peak {peak}", file=sys.stderr)
sys.exit(code)
"""


def peak_of_a_run(site: Path, now: str) -> float:
    """Megabytes at the highest."""
    command = [sys.executable, "-c", PROGRAM, "run", "--site", str(site), "--now", now]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    line = next((line for line in done.stderr.splitlines() if line.startswith("peak ")), "")
    if done.returncode or not line:
        raise RuntimeError(f"the run failed: {done.stdout}{done.stderr}")
    return int(line.split()[1]) / 1024
