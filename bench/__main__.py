"""`python -m bench [NAME ...] [--output table|json]`."""

import argparse
import sys

from bench.run import SUBJECTS, main

parser = argparse.ArgumentParser(prog="bench", description="Sekisho against its peers and limits")
parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(SUBJECTS))
parser.add_argument("--output", choices=("table", "json"), default="table")
chosen = parser.parse_args()
sys.exit(main(chosen.names, chosen.output))
