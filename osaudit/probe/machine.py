"""The machine that osaudit runs on: processor, memory, disk, load."""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

_GPUS = ("/dev/nvidia0", "/dev/kfd", "/dev/dxg")
_CGROUP_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_average() -> float:
    """The load average of the last minute."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def memory_total() -> int:
    """Bytes of memory, or of what a container is given of it."""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min([total, *_container_limits()])


def memory_available() -> int:
    """Bytes of memory that could be had now."""
    for line in _lines("/proc/meminfo"):
        if line.startswith("MemAvailable:"):
            return min([int(line.split()[1]) * 1024, *_container_limits()])
    return memory_total() // 2


def disk_free(folder: Path) -> int:
    """Bytes free where the folder is, or would be made."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free


def cpu() -> str:
    """The processor's name."""
    for line in _lines("/proc/cpuinfo"):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def system() -> str:
    """Operating system, release and architecture."""
    return f"{platform.system()} {platform.release()} {platform.machine()}"


def has_gpu() -> bool:
    """Whether a driver's device is there: its address space is then larger than any bound."""
    return any(Path(path).exists() for path in _GPUS)


def _container_limits() -> list[int]:
    found = []
    for path in _CGROUP_LIMITS:
        text = "".join(_lines(path)).strip()
        if text.isdigit() and 0 < int(text) < 2**60:
            found.append(int(text))
    return found


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
