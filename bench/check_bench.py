#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs nbl_bench on small cases and checks what it says, not how fast it is.

check_bench.py NBL_BENCH EXAMPLE_PEER FORGETFUL_PEER
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

program, example, forgetful = sys.argv[1:4]
failures = 0


def check(condition, what):
    global failures
    if not condition:
        failures += 1
        print("FAILED:", what)


def run(*arguments, **environment):
    done = subprocess.run([program, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          env={**os.environ, **environment})
    return done.returncode, done.stdout, done.stderr


def near(a, b):
    return a is not None and b is not None and abs(a - b) <= 1e-4 * abs(b)


def cases_of(*arguments):
    """The cases of a run that has to succeed."""
    status, output, messages = run("--quick", *arguments, "--json", "-")
    check(status == 0, "%s: exit status %d: %s" % (" ".join(arguments), status, messages))
    cases = json.loads(output)["cases"]
    failed = [case["name"] + ": " + case["error"] for case in cases if "error" in case]
    check(not failed, "; ".join(failed))
    return [case for case in cases if "error" not in case]


def named(*names):
    return [word for name in names for word in ("--case", name)]


def check_rates(name, figures, atoms, pairs, pair_bytes):
    median = figures["time"]["median"]
    check(near(figures["ns_per_atom"], 1e9 * median / atoms), name + ": ns_per_atom")
    check(near(figures["ns_per_pair"], 1e9 * median / pairs), name + ": ns_per_pair")
    check(near(figures["mpairs_per_s"], 1e-6 * pairs / median), name + ": mpairs_per_s")
    check(near(figures["bytes_per_s"], pair_bytes * pairs / median), name + ": bytes_per_s")


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
    check_rates(name, case, atoms, pairs, case["pair_bytes"])
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
    check(report["settings"] == {"quick": True, "cpu_time": False, "threads": 1, "used_threads": 1, "isa": "auto",
                                 "used_isa": report["library"]["isa"]}, "settings")
    cases = report["cases"]
    check([case["name"] for case in cases] == ["cu32", "one15"], "selection and order of the cases")
    check_case(cases[0], 32, 32 * 42, 1)
    check_case(cases[1], 1, 1204, 1)
    for case in cases:
        (peer,) = case["peers"]
        check(peer["name"] == "example" and peer["interface"] == "nbl_bench_peer_run", "name of the peer")
        check(peer.get("same") is True, case["name"] + ": the peer's pairs differ")
        check(peer.get("digest") == case["digest"], case["name"] + ": digests differ")
        check_rates(case["name"] + ", peer", peer, case["atoms"], case["pairs"], 28)
        check(near(peer["ratio"], peer["time"]["median"] / case["time"]["median"]), case["name"] + ": ratio")
        narrow = case["narrow"]
        check_variant(case, narrow, "int32 i, j", 20)
        check(near(peer["narrow_ratio"], peer["time"]["median"] / narrow["time"]["median"]),
              case["name"] + ": ratio with int32")
        check(case["pair_bytes"] == 28 and case["isas"] == [], case["name"] + ": bytes and levels")
        check(peer["wrong"] == 0 and peer["peak"] > 0, case["name"] + ": memory of the peer")
        check(case["name"] in table, case["name"] + " is not in the table")
    check(table.count("\n  with int32 i, j") == 2 and table.count("\n  example ") == 2, "lines below the cases")
    check("DIFFERENT" not in table + messages, "DIFFERENT is said where nothing differs")


def check_variant(case, variant, name, pair_bytes):
    what = "%s, %s" % (case["name"], name)
    check(variant is not None and variant["name"] == name, what + ": not measured")
    check(variant["same"] is True, what + ": found something else")
    for key in ("digest", "pairs"):
        check(variant[key] == case[key], "%s: %s" % (what, key))
    check(variant["pair_bytes"] == pair_bytes, what + ": bytes of a pair")
    check(near(variant["ratio"], variant["time"]["median"] / case["time"]["median"]), what + ": ratio")
    check(near(variant["ratio"] * variant["share"], 1), what + ": ratio and share")
    if pair_bytes > 0:
        check_rates(what, variant, case["atoms"], case["pairs"], pair_bytes)


def check_ways():
    """Batches, several cutoffs and rows on the fly, against our own other way and the peer."""
    names = ["batch-mol3-open-32", "batch-mol3-pbc-1", "disjoint-5-5.5-6", "visit-coord-4000", "visit-lj-4000",
             "visit-empty-4000"]
    cases = cases_of(*named(*names))
    check([case["name"] for case in cases] == names, "selection and order of the ways")
    if len(cases) < len(names):
        return
    for case, reference in zip(cases, [("loop", 28), ("loop", 28), ("full singles", 28), ("stored list", 8),
                                       ("stored list", 28), ("counting search", 0)]):
        check_variant(case, case["reference"], *reference)
    batch, boxed, shells, coordination, lj, empty = cases
    check_case(batch, 32 * 3, 32 * 6, 32)
    check(batch["way"] == "batch" and batch["plan"]["grids"] == 0, "plan of the batch")
    check(boxed["pairs"] >= 6 and boxed["atoms"] == 3, "a molecule in a box")
    check(shells["cutoffs"] == [5, 5.5, 6] and shells["time"]["build"] is None, "cutoffs of the shells")
    for case in (coordination, lj, empty):
        check(case["pairs"] == 4000 * 42, case["name"] + ": pairs")
        check(case["bytes_per_s"] is None and case["time"]["fetch"] is None, case["name"] + ": writes nothing")
    check(coordination["digest"] != lj["digest"], "digests of different results")
    for case in cases_of("--case", "batch-mol3-*-32", "--peer", "example=" + example):
        check_variant(case, case["narrow"], "int32 i, j", 20)
        check(case["peers"][0]["digest"] == case["digest"], case["name"] + ": digest of the peer")


def check_acceptance():
    """Rows in order, half lists and moving atoms, against what they are compared with; no peer does these."""
    names = ["cu4000-sorted", "cu4000-half", "cu4000-moved"]
    cases = cases_of(*named(*names), "--peer", "example=" + example)
    check([case["name"] for case in cases] == names, "selection and order of the ways of our own")
    for case, reference, pairs in zip(cases, ("unsorted", "full", "first time"), (168000, 84000, 168000)):
        check_case(case, 4000, pairs, 1)
        check_variant(case, case["reference"], reference, 28)
        check_variant(case, case["narrow"], "int32 i, j", 20)
        check(case["peers"] == [], case["name"] + ": has a peer")
        counted = 0 if reference == "first time" else None
        check(case["memory"]["allocations"] == counted, case["name"] + ": allocations")


def check_vectors():
    (case,) = cases_of("--case", "cu32-vectors", "--peer", "example=" + example, "--peer", "none=" + forgetful)
    check_case(case, 32, 32 * 42, 1)
    check(case["pair_bytes"] == 60 and case["narrow"]["pair_bytes"] == 52, "bytes with vectors and distances")
    able, unable = case["peers"]
    check(able["same"] is True and able["wrong"] == 0, "vectors and distances of the peer")
    check("neither vectors" in unable.get("unable", "") and "error" not in unable, "a peer without vectors")


def check_levels():
    """Levels of instructions: all in one run, and one that is forced."""
    (case,) = cases_of("--case", "cu32", "--isas", "--int32")
    levels = ["portable", "avx2", "avx512", "neon"]
    best = [isa["name"] for isa in case["isas"]]
    check(best == [name for name in reversed(levels) if name in best], "order of the levels: %s" % best)
    for isa in case["isas"]:
        check_variant(case, isa, isa["name"], 28)
    check_variant(case, case["narrow"], "int32 i, j", 20)
    status, output, table = run("--quick", "--case", "cu32", "--isas", "--isa", "portable", "--json", "-")
    report = json.loads(output)
    check(status == 0 and report["settings"]["isa"] == report["settings"]["used_isa"] == "portable", "--isa")
    check(report["cases"][0]["isas"] == [] and report["cases"][0]["digest"] == case["digest"], "--isa: the case")
    check("(portable)" in table.splitlines()[0], "--isa: the head of the table")
    status, _, messages = run("--case", "cu32", "--isa", "avx2", NBLIST_ISA="portable")
    check(status == 2 and "--isa" in messages, "a level that is not to be had: %d, %s" % (status, messages))


def check_sweep():
    status, output, table = run("--quick", "--sweep", "--cpu-time", "--json", "-", "--peer", "example=" + example)
    check(status == 0, "--sweep: exit status %d: %s" % (status, table))
    report = json.loads(output)
    check(report["cases"] == [], "--sweep: cases that were not asked for")
    sweep = report["sweep"]
    points = sweep["points"]
    check([point["atoms"] for point in points] == [2 ** k for k in range(9)], "--sweep: atoms")
    check(sweep["passes"] == 3 and sweep["cutoff"] == 5, "--sweep: passes and cutoff")
    for before, point in zip([None] + points, points):
        check_case(point, point["atoms"], 42 * point["atoms"], 1)
        step = point["ns_per_atom"] / before["ns_per_atom"] if before else None
        check(point["step"] is None if before is None else near(point["step"], step), "--sweep: steps")
        (peer,) = point["peers"]
        check(peer["same"] is True and peer["ratio"] > 0, "--sweep: the peer")
    largest = sweep["largest_step"]
    check(largest["ratio"] == max(point["step"] for point in points[1:]), "--sweep: the largest step")
    check(largest["to"] == 2 * largest["from"], "--sweep: where the largest step is")
    check("largest step: " in table and "\n     256 " in table, "--sweep: table")


def check_svg(path, texts):
    content = xml.etree.ElementTree.parse(path).getroot()
    words = " ".join("".join(element.itertext()) for element in content.iter() if element.tag.endswith("}text"))
    for text in texts:
        check(text in words, "%s lacks '%s': %s" % (os.path.basename(path), text, words))


def check_plot():
    with tempfile.TemporaryDirectory() as top:
        folder = os.path.join(top, "it's")
        status, _, messages = run("--quick", "--case", "cu32", "--plot", folder, PATH="")
        check(status == 2 and "gnuplot" in messages, "no gnuplot: %d, %s" % (status, messages))
        status, _, messages = run("--plot", os.path.join(folder, "none", "none"))
        check(status == 2 and "cannot be created" in messages, "--plot without a place: %d, %s" % (status, messages))
        if not shutil.which("gnuplot"):
            return
        status, _, messages = run("--quick", *named("cu32", "batch-mol3-open-1", "visit-empty-4000"), "--sweep",
                                  "--plot", folder, "--peer", "ex_am'ple=" + example)
        check(status == 0 and messages == "", "--plot: exit status %d: %s" % (status, messages))
        check(sorted(os.listdir(folder)) == ["cases.gp", "cases.svg", "cases.tsv", "sweep.tsv", "time.gp",
                                             "time.svg"], "--plot: files %s" % os.listdir(folder))
        with open(os.path.join(folder, "cases.tsv"), encoding="ascii") as file:
            rows = [line.rstrip("\n").split("\t") for line in file]
        with open(os.path.join(folder, "sweep.tsv"), encoding="ascii") as file:
            points = [line.rstrip("\n").split("\t") for line in file]
        check_svg(os.path.join(folder, "time.svg"), ["time per atom (ns)", "atoms", "libnblist", "ex_am ple", "cases"])
        check_svg(os.path.join(folder, "cases.svg"), ["time per atom (ns)", "cu32", "batch-mol3-open-1", "ex_am ple"])
        status, _, messages = run("--quick", "--case", "batch-mol3-open-1", "--plot", folder)
        check(status == 0 and messages == "", "--plot of one case: %d, %s" % (status, messages))
    check(rows[0] == ["case", "atoms", "systems", "single", "libnblist", "ex_am ple"], "cases.tsv: %s" % rows[0])
    check([row[0] for row in rows[1:]] == ["cu32", "batch-mol3-open-1", "visit-empty-4000"], "cases.tsv: cases")
    check([row[3] for row in rows[1:]] == ["1", "0", "0"] and rows[3][5] == "-", "cases.tsv: columns")
    check(len(points) == 10 and all(float(row[1]) > 0 and float(row[2]) > 0 for row in points[1:]), "sweep.tsv")


def check_metrics():
    if "--metrics" not in run("--help")[1]:
        return
    status, output, table = run("--quick", "--metrics", "--json", "-")
    check(status == 0, "--metrics: exit status %d: %s" % (status, table))
    report = json.loads(output)
    rows = report["metrics"]
    check(report["cases"] == [] and len(rows) >= 9, "--metrics: cases")
    check("original, 2.1 GHz Xeon" in table, "--metrics: whose figures these are")
    for row in rows:
        check(row["name"] in table, "--metrics: the table lacks " + row["name"])
        check(near(row["ns_per_atom"], 1e9 * row["time"]["median"] / row["atoms"]), "--metrics: " + row["name"])
        wanted = (16, 19) if row["name"].endswith("k17") or row["name"].startswith("cube") else \
            (4, 6) if row["name"].endswith("k5") else (5, 19)
        check(wanted[0] < row["neighbours"] < wanted[1], "--metrics: neighbours of " + row["name"])
    for wrong in ("--sweep", "--scaling", "--int32", "--isas"):
        check(run("--metrics", wrong)[0] == 2, "--metrics " + wrong)


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


ONE = '1\nLattice="3 0 0 0 3 0 0 0 3" Properties=species:S:1:pos:R:3\nX 0 0 0\n'
OPEN = "2\nopen\nX 0 0 0\nX 0 0 1.5\n"


def check_file():
    """Frames of a file: 1 atom has 6 neighbours within 3.1 and 18 within 4.3; the molecule has one pair."""
    with tempfile.TemporaryDirectory() as folder:
        one, two = os.path.join(folder, "one.xyz"), os.path.join(folder, "two.xyz")
        for path, text in ((one, ONE), (two, ONE + OPEN)):
            with open(path, "w", encoding="ascii") as file:
                file.write(text)
        if "without libnblist-io" in run("--quick", "--file", one, "--cutoff", "3.1")[2]:
            return
        for path, cutoffs, way, reference, atoms, pairs in (
                (one, "3.1", "loop", None, 1, 6), (two, "3.1", "batch", "loop", 3, 6 + 2),
                (one, "4.3,3.1,1", "lists", "a search each", 1, 0 + 6 + 18),
                (two, "4.3,3.1,1", "batch lists", "a search each", 3, 0 + 6 + 18 + 2 + 2)):
            (case,) = cases_of("--file", path, "--cutoff", cutoffs, "--peer", "example=" + example)
            what = "--file, %s" % way
            check(case["way"] == way, "%s: way %s" % (what, case["way"]))
            check_case(case, atoms, pairs, atoms // 3 + 1)
            check(case.get("cutoffs", [3.1]) == ([1, 3.1, 4.3] if "," in cutoffs else [3.1]), what + ": cutoffs")
            check(case["peers"][0].get("same") is True, what + ": the peer's pairs differ")
            check_variant(case, case["narrow"], "int32 i, j", 20)
            if reference:
                check_variant(case, case["reference"], reference, 28)
        status, _, messages = run("--quick", "--file", os.path.join(folder, "none.xyz"), "--cutoff", "3")
        check(status == 1 and "none.xyz" in messages, "a file that is not there: %d, %s" % (status, messages))


def check_usage():
    for arguments in (["--case", "cu33"], ["--threads", "-1"], ["--threads", "2x"], ["--case"], ["cu32"],
                      ["--file", "x"], ["--cutoff", "5"], ["--cpu-time", "--threads", "2"],
                      ["--scaling", "--threads", "2"], ["--scaling", "--peer", "x=y"], ["--scaling", "--sweep"],
                      ["--scaling", "--int32"], ["--scaling", "--isas"], ["--scaling", "--plot", "x"],
                      ["--isa"], ["--isa", "sse9"], ["--plot"], ["--file", "x", "--cutoff", "5,"],
                      ["--file", "x", "--cutoff", "5,x"], ["--file", "x", "--cutoff", "5,-1"],
                      ["--file", "x", "--cutoff", ",".join(["1"] * 17)],
                      ["--peer", "nothing"], ["--peer", "x=/nonexistent.so"]):
        status, output, messages = run(*arguments)
        check(status == 2, "%s: exit status %d" % (arguments, status))
        check(messages.startswith("nbl_bench: "), "%s: no message" % arguments)
        check(output == "", "%s: something on standard output" % arguments)
    status, output, _ = run("--list")
    check(status == 0 and len(output.splitlines()) >= 58, "--list")
    status, output, _ = run("--help")
    options = ("--case", "--list", "--quick", "--file", "--cutoff", "--sweep", "--scaling", "--threads", "--isa ",
               "--cpu-time", "--peer NAME=PATH", "--int32", "--isas", "--json", "--plot DIR", "--help")
    check(status == 0 and not [name for name in options if "\n  " + name not in output], "--help")


check_usage()
check_figures()
check_ways()
check_acceptance()
check_vectors()
check_levels()
check_sweep()
check_plot()
check_scaling()
check_metrics()
check_difference()
check_file()
sys.exit(1 if failures else 0)
