"""What kind of disk a folder lies on: SQLite's log needs a local one (safety.md §8)."""

from __future__ import annotations

import re
from pathlib import Path

NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "lustre", "fuse.sshfs", "fuse.glusterfs"})
MOUNTS = Path("/proc/mounts")


def network_disk(folder: Path, mounts: Path | None = None) -> str:
    """The kind of network file system a folder lies on, "" on a local disk or where the system does not tell."""
    try:
        lines = (mounts or MOUNTS).read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    where = folder.resolve()
    for line in lines:
        words = line.split(" ")
        if len(words) < 3:
            continue
        point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found.group(1), 8)), words[1])
        if len(point) >= len(best) and where.is_relative_to(point):
            best, kind = point, words[2]
    return kind if kind in NETWORK else ""
