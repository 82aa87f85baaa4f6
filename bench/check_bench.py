#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs nbl_bench on small cases and checks what it says, not how fast it is.

check_bench.py NBL_BENCH EXAMPLE_PEER FORGETFUL_PEER
"""
import json
import os
import subprocess
import sys
import tempfile

program, example, forgetful = sys.argv[1:4]
failures = 0


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


def run(*arguments):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stdout, done.stderr


def check_case(case, atoms, pairs, systems):
    name = case["name"]
    check("error" not in case, "%s: %s" % (name, case.get("error")))
    for key, expected in (("atoms", atoms), ("pairs", pairs), ("systems", systems)):
        check(case.get(key) == expected, "%s: %s is %s, not %s" % (name, key, case.get(key), expected))
    time = case["time"]
    check(time["repetitions"] >= 7, name + ": fewer than 7 repetitions")
    check(time["repetitions"] % 2 == 1, name + ": an even number of repetitions has no measured median")
    check(0 < time["lowest"] <= time["median"] <= time["highest"], name + ": times out of order")
    for phase in ("build", "search", "fetch"):
        check(time[phase] > 0, "%s: no time for %s" % (name, phase))
    near = lambda a, b: abs(a - b) <= 1e-4 * abs(b)
    check(near(case["ns_per_atom"], 1e9 * time["median"] / atoms), name + ": ns_per_atom")
    check(near(case["ns_per_pair"], 1e9 * time["median"] / pairs), name + ": ns_per_pair")
    check(near(case["mpairs_per_s"], 1e-6 * pairs / time["median"]), name + ": mpairs_per_s")
    check(near(case["bytes_per_s"], 28 * pairs / time["median"]), name + ": bytes_per_s")
    best = max(case["store"]["regular"], case["store"]["stream"] or 0)
    check(near(case["store"]["fraction"], case["bytes_per_s"] / best), name + ": store fraction")
    check(case["plan"]["algorithm"] in ("brute", "cells"), name + ": algorithm")
    check(case["memory"]["list"] > 0 and case["memory"]["result"] >= 0, name + ": memory of the handles")


def check_figures():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "bench.json")
        status, table, messages = run("--quick", "--case", "cu32", "--case", "one15", "--json", path,
                                      "--peer", "example=" + example)
        check(status == 0, "exit status %d: %s" % (status, messages))
        with open(path, encoding="ascii") as file:
            report = json.load(file)
    check(report["schema"] == 1 and report["program"] == "nbl_bench", "schema and program")
    check(report["library"]["version"].count(".") == 2, "version of the library")
    check(isinstance(report["library"]["build"], dict), "build information")
    check(report["machine"]["cores"] >= 1, "cores")
    check(report["settings"] == {"quick": True, "cpu_time": False, "threads": 1, "used_threads": 1}, "settings")
    cases = report["cases"]
    check([case["name"] for case in cases] == ["cu32", "one15"], "selection and order of the cases")
    check_case(cases[0], 32, 32 * 42, 1)
    check_case(cases[1], 1, 1204, 1)
    for case in cases:
        (peer,) = case["peers"]
        check(peer["name"] == "example" and peer["interface"] == "nbl_bench_peer_run", "name of the peer")
        check(peer.get("same") is True, case["name"] + ": the peer's pairs differ")
        check(peer.get("digest") == case["digest"], case["name"] + ": digests differ")
        check(peer.get("ratio", 0) > 0, case["name"] + ": no ratio")
        check(case["name"] in table, case["name"] + " is not in the table")
    check("DIFFERENT" not in table + messages, "DIFFERENT is said where nothing differs")


def check_reference(case, name):
    reference = case["reference"]
    check(reference is not None and reference["name"] == name, case["name"] + ": not compared with " + name)
    check(reference["same"] is True, case["name"] + ": the reference found something else")
    for key in ("digest", "pairs"):
        check(reference[key] == case[key], "%s: %s of the reference" % (case["name"], key))
    check(reference["ratio"] > 0 and abs(reference["ratio"] * reference["share"] - 1) < 1e-4,
          case["name"] + ": ratio and share")


def check_ways():
    """Batches, several cutoffs and rows on the fly, against our own other way and the peer."""
    names = ["batch-mol3-open-32", "batch-mol3-pbc-1", "disjoint-5-5.5-6", "visit-coord-4000", "visit-lj-4000",
             "visit-empty-4000"]
    arguments = [word for name in names for word in ("--case", name)]
    status, output, messages = run("--quick", *arguments, "--json", "-")
    check(status == 0, "exit status %d: %s" % (status, messages))
    cases = json.loads(output)["cases"]
    check([case["name"] for case in cases] == names, "selection and order of the ways")
    failed = [case["name"] + ": " + case["error"] for case in cases if "error" in case]
    check(not failed, "; ".join(failed))
    if failed:
        return
    for case, reference in zip(cases, ["loop", "loop", "full singles", "stored list", "stored list",
                                       "counting search"]):
        check_reference(case, reference)
    batch, boxed, shells, coordination, lj, empty = cases
    check_case(batch, 32 * 3, 32 * 6, 32)
    check(batch["way"] == "batch" and batch["plan"]["grids"] == 0, "plan of the batch")
    check(boxed["pairs"] >= 6 and boxed["atoms"] == 3, "a molecule in a box")
    check(shells["cutoffs"] == [5, 5.5, 6] and shells["time"]["build"] is None, "cutoffs of the shells")
    for case in (coordination, lj, empty):
        check(case["pairs"] == 4000 * 42, case["name"] + ": pairs")
        check(case["bytes_per_s"] is None and case["time"]["fetch"] is None, case["name"] + ": writes nothing")
    check(coordination["digest"] != lj["digest"], "digests of different results")
    status, output, _ = run("--quick", "--case", "batch-mol3-*-32", "--json", "-",
                            "--peer", "example=" + example)
    check(status == 0, "batches and a peer: exit status %d" % status)
    for case in json.loads(output)["cases"]:
        check(case["peers"][0]["digest"] == case["digest"], case["name"] + ": digest of the peer")


def check_scaling():
    status, output, table = run("--quick", "--scaling", "--case", "cu32", "--case", "batch-mol3-open-32",
                                "--json", "-")
    check(status == 0, "--scaling: exit status %d: %s" % (status, table))
    report = json.loads(output)
    check(report["cases"] == [] and len(report["scaling"]) == 2, "--scaling: cases")
    for case in report["scaling"]:
        counts = [done["threads"] for done in case["runs"]]
        check(counts[0] == 1 and counts[-1] == report["settings"]["used_threads"], "--scaling: threads")
        check(counts == sorted(set(counts)), "--scaling: order of the threads")
        check(case["same"] is True and case["runs"][0]["speedup"] == 1, "--scaling: " + case["name"])
        check(case["name"] in table, "--scaling: the table lacks " + case["name"])


def check_difference():
    status, output, messages = run("--quick", "--cpu-time", "--case", "cu32", "--json", "-", "--peer",
                                   "forgets=" + forgetful)
    check(status == 1, "a peer with other pairs gives exit status %d" % status)
    check("DIFFERENT" in messages, "a peer with other pairs is not reported")
    (peer,) = json.loads(output)["cases"][0]["peers"]
    check(peer.get("same") is False and peer.get("pairs") == 32 * 42 - 1, "the JSON hides the difference")


def check_file():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "two.xyz")
        with open(path, "w", encoding="ascii") as file:
            file.write('1\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3\nX 0 0 0\n')
            file.write("2\nopen\nX 0 0 0\nX 0 0 1.5\n")
        status, output, messages = run("--quick", "--file", path, "--cutoff", "3.1", "--json", "-",
                                       "--peer", "example=" + example)
    if "without libnblist-io" in messages:
        return
    check(status == 0, "--file: exit status %d: %s" % (status, messages))
    case = json.loads(output)["cases"][0]
    check_case(case, 3, 6 + 2, 2)
    check(case["peers"][0].get("same") is True, "--file: the peer's pairs differ")


def check_usage():
    for arguments in (["--case", "cu33"], ["--threads", "-1"], ["--threads", "2x"], ["--case"], ["cu32"],
                      ["--file", "x"], ["--cutoff", "5"], ["--cpu-time", "--threads", "2"],
                      ["--scaling", "--threads", "2"], ["--scaling", "--peer", "x=y"],
                      ["--peer", "nothing"], ["--peer", "x=/nonexistent.so"]):
        status, output, messages = run(*arguments)
        check(status == 2, "%s: exit status %d" % (arguments, status))
        check(messages.startswith("nbl_bench: "), "%s: no message" % arguments)
        check(output == "", "%s: something on standard output" % arguments)
    status, output, _ = run("--list")
    check(status == 0 and len(output.splitlines()) >= 58, "--list")
    status, output, _ = run("--help")
    check(status == 0 and "--peer NAME=PATH" in output, "--help")


check_usage()
check_figures()
check_ways()
check_scaling()
check_difference()
check_file()
sys.exit(1 if failures else 0)
