"""The bench runs end to end; its figures are read by people, never asserted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

pytestmark = pytest.mark.slow


@pytest.fixture
def bench(tmp_path: Path):
    def run(*words: str) -> str:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "crm_project.settings"}
        done = subprocess.run(
            [sys.executable, "-m", "bench", *words],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    yield run
    run("--drop")


def test_bench_measures_500_vehicles_and_writes_its_report(bench, tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    printed = bench("--vehicles", "500", "--pairs", "1", "--readme", str(readme))
    written = readme.read_text(encoding="utf-8")
    assert "## 500 vehicles" in written
    for row in "12345678":
        assert f"\n| {row} " in written
        assert f"\n{row} " in printed
    assert "0 rows and tasks written" in written
    assert "0 of 500" in written
    assert "0 written, 500 unchanged" in written


def test_drop_leaves_no_database_of_the_bench(bench) -> None:
    bench("--drop")
    assert bench("--drop") == ""
