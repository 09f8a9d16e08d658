"""`python -m bench`: makes its data once, measures, prints a table and rewrites bench/README.md."""

import argparse
import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm_project.settings")

SIZES = (100_000, 300_000, 1_000_000)


def main() -> None:
    options = _options()
    django.setup()
    from bench import database, report, table

    if options.drop:
        for name in database.drop_all():
            print("dropped", name)
    elif options.pages:
        print(report.on_terminal(table.measure_pages(options.vehicles, options.pairs)))
    elif options.load:
        print(report.on_terminal(table.measure_load(options.vehicles)))
    else:
        sizes = SIZES if options.full else (options.vehicles,)
        for vehicles in sizes:
            if options.full and not options.again and report.is_fresh(vehicles, options.readme):
                print(f"{vehicles:,} vehicles: measured today at this commit (--again: once more)")
                continue
            found = table.measure(vehicles, options.pairs)
            print(report.on_terminal(found))
            print(report.write(found, options.readme), flush=True)


def _options() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    words.add_argument("--vehicles", type=int, default=SIZES[0], metavar="N",
                       help="of the dealer group; default 100000")  # fmt: skip
    words.add_argument("--full", action="store_true",
                       help="100000, 300000 and 1000000 one after the other, resumed")  # fmt: skip
    words.add_argument("--again", action="store_true",
                       help="with --full: also what was measured today at this commit")  # fmt: skip
    words.add_argument(
        "--pairs", type=int, default=5, help="measurements of each figure; default 5"
    )
    words.add_argument("--readme", default=None, metavar="FILE",
                       help="where to write the report; default bench/README.md")  # fmt: skip
    words.add_argument("--drop", action="store_true", help="drop the bench's databases and stop")
    words.add_argument("--pages", action="store_true",
                       help="only the pages and outcomes, shown and not written down")  # fmt: skip
    words.add_argument("--load", action="store_true",
                       help="only the advisors at once, shown and not written down")  # fmt: skip
    options = words.parse_args()
    if options.vehicles < 500:
        words.error("at least 500 vehicles")
    return options


if __name__ == "__main__":
    main()
