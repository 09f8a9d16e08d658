"""`python -m bench`: makes its data once, measures, prints a table and rewrites bench/README.md."""

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")


def main() -> None:
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("--vehicles", type=int, default=100_000, metavar="N",
                       help="300000 and 1000000 are the long forms; default 100000")  # fmt: skip
    words.add_argument("--pairs", type=int, help="measurements of each figure; default 5, long 3")
    words.add_argument("--readme", default=None, metavar="FILE",
                       help="where to write the report; default bench/README.md")  # fmt: skip
    words.add_argument("--drop", action="store_true", help="drop the bench's databases and stop")
    words.add_argument("--pages", action="store_true",
                       help="only the pages and outcomes, shown and not written down")  # fmt: skip
    options = words.parse_args()
    django.setup()
    from bench import database, report, table

    if options.drop:
        for name in database.drop_all():
            print("dropped", name)
        return
    if options.vehicles < 500:
        words.error("at least 500 vehicles")
    pairs = options.pairs or (3 if options.vehicles >= 1_000_000 else 5)
    if options.pages:
        print(report.on_terminal(table.measure_pages(options.vehicles, pairs)))
        return
    found = table.measure(options.vehicles, pairs)
    print(report.on_terminal(found))
    print(report.write(found, options.readme))


if __name__ == "__main__":
    main()
