"""What the measurements were taken on."""

import platform
import re
import subprocess
from collections.abc import Mapping
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import psutil

CPU_INFO = Path("/proc/cpuinfo")


def machine() -> Mapping[str, str]:
    """Description by name, for the report."""
    processor, memory = psutil.cpu_count(), psutil.virtual_memory().total
    return {
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{_processor()}, {processor} logical cores",
        "memory": f"{memory / 1e9:.0f} GB",
        "system": _system(),
        "Python": platform.python_version(),
        "Rasa": version("rasa"),
        "load average before the run": f"{psutil.getloadavg()[0]:.1f}",
    }


def _processor() -> str:
    if platform.system() == "Darwin":
        name = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        return subprocess.run(name, capture_output=True, text=True, check=False).stdout.strip()
    model = re.search(r"^model name\s*: (.+)$", CPU_INFO.read_text() if CPU_INFO.exists() else "", re.MULTILINE)
    return model[1] if model else platform.machine()


def _system() -> str:
    try:
        name = platform.freedesktop_os_release()["PRETTY_NAME"]
    except OSError:
        name = ""
    return " ".join(filter(None, [name, platform.system(), platform.release()]))
