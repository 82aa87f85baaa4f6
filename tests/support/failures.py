# SPDX-License-Identifier: MIT
"""failures.py TESTLOG.json: prints what the failed tests of a Meson run wrote, at most 60 lines of each."""
import json
import sys

LINES = 60


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as log:
        tests = [json.loads(line) for line in log if line.strip()]
    for test in tests:
        if test["result"] in ("OK", "SKIP", "EXPECTEDFAIL"):
            continue
        print(f"---- {test['name']}: {test['result']} after {test['duration']:.1f} s")
        print("     " + " ".join(test["command"]))
        for stream in ("stdout", "stderr"):
            lines = (test.get(stream) or "").splitlines()
            if len(lines) > LINES:
                print(f"     ({len(lines) - LINES} earlier lines of {stream} left out)")
            for line in lines[-LINES:]:
                print("     " + line)


main()
