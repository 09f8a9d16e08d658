"""Faults of access that axe finds, and pages wider than their screen."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

OPTIONS = {"resultTypes": ["violations"]}


def no_serious_fault(page: Any) -> None:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    serious = [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found
        if fault["impact"] in {"serious", "critical"}
        for node in fault["nodes"]
    ]
    assert not serious, "\n".join(serious)


def fits(page: Any) -> None:
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0, f"{wide} pixels wider than the screen"
