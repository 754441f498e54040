"""Lets numpy multiply with what the processor can do.

numpy 1.22, which Rasa 3.6 brings, carries OpenBLAS 0.3.18. That takes an Intel server processor newer than itself for a
Prescott of 2004 and multiplies without AVX: fitting the classifier to 10,400 questions took 46 s in place of 19 s.
"""

from pathlib import Path

import numpy  # noqa: F401  (threadpoolctl sees the libraries that are loaded)
from threadpoolctl import threadpool_info

FALLBACK = "Prescott"
# Kernels of OpenBLAS, best first, with what they need of the processor (names of Linux).
KERNELS = {
    "SkylakeX": {"avx512f", "avx512cd", "avx512bw", "avx512dq", "avx512vl"},
    "Haswell": {"avx2", "fma"},
}
CPU_INFO = Path("/proc/cpuinfo")


def blas_environment(recognized: str | None = None, cpu_info: Path = CPU_INFO) -> dict[str, str]:
    """Environment variables for a process that uses numpy; none where OpenBLAS knows the processor.

    Args:
        recognized: what OpenBLAS takes the processor for; asks it unless told.
        cpu_info: Linux's description of the processor; elsewhere there is none, and nothing to mend.
    """
    if (recognized or _recognized()) != FALLBACK or not cpu_info.exists():
        return {}
    lines = cpu_info.read_text(encoding="ascii", errors="replace").splitlines()
    flags = next((set(line.partition(":")[2].split()) for line in lines if line.startswith("flags")), set())
    kernel = next((name for name, needed in KERNELS.items() if needed <= flags), None)
    return {"OPENBLAS_CORETYPE": kernel} if kernel else {}


def _recognized() -> str | None:
    return next((str(library["architecture"]) for library in threadpool_info() if "architecture" in library), None)
