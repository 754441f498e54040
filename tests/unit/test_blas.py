"""numpy uses what the processor can do, also where its OpenBLAS does not know the processor."""

from pathlib import Path

import pytest

from bot.launcher.blas import FALLBACK, blas_environment

OLD = "fpu sse sse2"
MIDDLE = f"{OLD} avx avx2 fma"
NEW = f"{MIDDLE} avx512f avx512cd avx512bw avx512dq avx512vl"


@pytest.mark.parametrize(("flags", "kernel"), [(MIDDLE, "Haswell"), (NEW, "SkylakeX")])
def test_a_processor_that_openblas_does_not_know_gets_its_best_kernel(tmp_path: Path, flags: str, kernel: str) -> None:
    assert blas_environment(FALLBACK, _cpu_info(tmp_path, flags)) == {"OPENBLAS_CORETYPE": kernel}


@pytest.mark.parametrize(("recognized", "flags"), [(FALLBACK, OLD), ("Zen", NEW), ("SkylakeX", NEW)])
def test_nothing_is_changed_for_an_old_processor_or_one_that_is_known(
    tmp_path: Path, recognized: str, flags: str
) -> None:
    assert blas_environment(recognized, _cpu_info(tmp_path, flags)) == {}


def test_nothing_is_changed_where_the_processor_is_not_described(tmp_path: Path) -> None:
    assert blas_environment(FALLBACK, tmp_path / "cpuinfo") == {}


def test_numpys_own_library_is_asked() -> None:
    # Whatever this machine is: no error, and nothing but the one variable.
    assert set(blas_environment()) <= {"OPENBLAS_CORETYPE"}


def _cpu_info(folder: Path, flags: str) -> Path:
    path = folder / "cpuinfo"
    path.write_text(f"processor\t: 0\nmodel name\t: A processor\nflags\t\t: {flags}\n", encoding="ascii")
    return path
