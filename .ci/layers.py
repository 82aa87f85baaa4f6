#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the tree to its architecture: who includes whom, and what library code may call.

    layers.py [TOP]              includes of the tree TOP (default: the folder above this one)
    layers.py --objects BUILD    undefined symbols of the library objects of a release build
    layers.py --self-test        plants violations in a copy of a tiny tree and expects to find each

Includes go one way only: base <- cell <- bin <- emit <- search <- batch <- api within lib/core;
verify sees base and cell alone. Every other artefact lives on <nblist/...> and, in libraries, on base/; a
library includes the public headers of those before it alone.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

LAYERS = ["base", "cell", "bin", "emit", "search", "batch", "api"]
MAY_SEE = {layer: set(LAYERS[:at + 1]) for at, layer in enumerate(LAYERS)}
MAY_SEE["verify"] = {"base", "cell", "verify"}
MAY_SEE["api"].add("verify")

# Which public headers of artefacts a library includes.
PUBLIC = {
    "core": {"nblist", "version"},
    "io": {"nblist", "version", "io"},
    "metrics": {"nblist", "version", "io", "metrics"},
}

THIN = {"cli", "fortran", "python"}  # in lib/, but with the rights of a user's program
INTRINSICS = re.compile(r"^(\w*intrin|arm_neon|arm_sve|arm_acle|altivec|wasm_simd128)\.h$")
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|("(?:\\.|[^"\\\n])*")', re.S)
ASSERT = re.compile(r"(?<![\w.])assert[ \t]*\(")

# Library code never prints or ends the process. Streams: the io library writes files, and "-" is stdout.
BANNED = set("""printf vprintf puts putchar perror abort exit _exit _Exit quick_exit err errx warn warnx psignal
    __printf_chk __vprintf_chk __assert_fail __assert error stderr raise kill longjmp system""".split())
BANNED_STREAMS = set("""fprintf vfprintf fputs fputc putc fwrite write dprintf stdout
    __fprintf_chk __vfprintf_chk __dprintf_chk""".split())


def sources(top, folders):
    for folder in folders:
        for path, names, files in os.walk(os.path.join(top, folder)):
            names.sort()
            for name in sorted(files):
                if name.endswith((".c", ".h", ".cpp", ".hpp", ".h.in")):
                    yield os.path.relpath(os.path.join(path, name), top)


def strip(text):
    """The text without comments; strings stay, since includes are strings."""
    return COMMENT.sub(lambda m: m.group(1) or "\n" * m.group(0).count("\n"), text)


def home(path):
    """The room of a file: a layer of the core, another child of lib/, or the top-level folder."""
    parts = path.split("/")
    if parts[0] == "lib" and len(parts) > 2:
        if parts[1] == "core":
            return ("core", parts[2]) if len(parts) > 3 else ("core", "")
        return ("core", "base") if parts[1] == "base" else ("lib", parts[1])
    return ("top", parts[0])


def resolve(top, path, name):
    """The file in the tree that #include "name" means in `path`, or None."""
    folder = os.path.dirname(path)
    places = [folder, "lib", "lib/core", "tests", "tests/support"]
    if folder.startswith("lib/") and not folder.startswith(("lib/core", "lib/base")):
        places.append("/".join(folder.split("/")[:2]))
    for place in places:
        candidate = os.path.normpath(os.path.join(place, name))
        if os.path.exists(os.path.join(top, candidate)):
            return candidate
    return None


def check_local(path, target, name):
    """What is wrong with including the file `target` of the tree from `path`, or None."""
    kind, room = home(path)
    target_kind, target_room = home(target)
    if kind == "core":
        if target_kind != "core":
            return "the core includes %s" % target
        if room not in MAY_SEE:
            return 'lib/core has no layer "%s"' % room
        if target_room not in MAY_SEE[room]:
            return "%s must not include %s (%s)" % (room, target_room, name)
    elif kind == "lib":
        if target_kind == "core" and (target_room != "base" or room in THIN):
            return "%s includes %s: only <nblist/...>%s is open to it" % (
                room, target, "" if room in THIN else " and base/")
        if target_kind == "lib" and target_room != room:
            return "%s includes a private file of %s" % (room, target_room)
        if target_kind == "top" and not target.startswith("include/"):
            return "%s includes %s" % (room, target)
    elif target.startswith("lib/") and not path.startswith(("tests/unit/", "tests/metrics/unit/")):
        return "%s is private to lib/ (only unit tests may see it)" % target
    return None


def check_tree(top):
    found = []
    for path in sources(top, ["include", "lib", "tests", "bench", "examples"]):
        with open(os.path.join(top, path), encoding="utf-8", errors="replace") as stream:
            text = strip(stream.read())
        for match in INCLUDE.finditer(text):
            bracket, name = match.groups()
            line = text.count("\n", 0, match.start(1)) + 1
            base = os.path.basename(path)
            wrong = None
            if bracket == '"':
                target = resolve(top, path, name)
                if target is not None:
                    wrong = check_local(path, target, name)
                elif path.startswith(("lib/", "include/")):
                    wrong = 'no file "%s" in the tree' % name
            elif name == "omp.h" and path.startswith(("lib/", "include/")) and path != "lib/base/threads.c":
                wrong = "only lib/base/threads.c includes <omp.h>"
            elif INTRINSICS.match(os.path.basename(name)) and path.startswith(("lib/", "include/")):
                if not re.match(r"lib/core/search/(isa_\w+\.c|simd_\w+\.h)$", path):
                    wrong = "only lib/core/search/isa_*.c and simd_*.h include <%s>" % name
            elif name.startswith("nblist/") and path.startswith("lib/"):
                room = "core" if home(path)[0] == "core" else home(path)[1]
                if room in PUBLIC and name[len("nblist/"):-len(".h")] not in PUBLIC[room]:
                    wrong = "%s includes <%s> of another artefact" % (room, name)
            if wrong:
                found.append("%s:%d: %s" % (path, line, wrong))
            if base.startswith("isa_") and path.startswith("lib/core/search/") and name == "assert.h":
                found.append("%s:%d: an ISA file holds only the instantiation" % (path, line))
        if path.startswith("lib/") and not path.startswith("lib/cli/"):
            for match in ASSERT.finditer(text):
                found.append("%s:%d: library code asserts" % (path, text.count("\n", 0, match.start()) + 1))
    return found


def library_objects(build):
    for path, names, files in os.walk(os.path.join(build, "lib")):
        if os.path.relpath(path, build).split(os.sep)[1:2] == ["cli"]:
            continue
        for name in files:
            if name.endswith(".o"):
                yield os.path.join(path, name)


def check_objects(build):
    found, seen = [], 0
    for path in sorted(library_objects(build)):
        seen += 1
        room = os.path.relpath(path, build).split(os.sep)[1]
        banned = BANNED if room == "io" else BANNED | BANNED_STREAMS
        names = subprocess.run(["nm", "-u", path], check=True, capture_output=True, text=True).stdout.split()
        for name in sorted(set(names) & banned):
            found.append("%s: calls or refers to %s" % (os.path.relpath(path, build), name))
    if seen == 0:
        found.append("%s: no library objects: is it a build folder?" % build)
    return found


# --- Self test: a clean tree passes, and every planted violation is found --------------------------------

CLEAN = {
    "include/nblist/nblist.h": "",
    "include/nblist/io.h": "",
    "lib/base/memory.h": "#include <nblist/nblist.h>\n",
    "lib/base/threads.c": "#include <omp.h>\n",
    "lib/core/cell/lattice.h": '#include "base/memory.h"\n',
    "lib/core/bin/grid.h": '#include "cell/lattice.h"\n/* #include "search/kernel.h" */\n',
    "lib/core/search/kernel.h": '#include "bin/grid.h"\n',
    "lib/core/search/simd_x86.h": "#include <immintrin.h>\n",
    "lib/core/verify/verify.c": '#include "cell/lattice.h"\n_Static_assert(1, "one");\n',
    "lib/core/api/api.c": '#include "search/kernel.h"\n',
    "include/nblist/metrics.h": "",
    "lib/io/read.c": '#include <nblist/io.h>\n#include "base/memory.h"\n',
    "lib/metrics/row.h": '#include <nblist/nblist.h>\n',
    "lib/metrics/rows.c": '#include <nblist/io.h>\n#include <nblist/metrics.h>\n#include "base/memory.h"\n'
                          '#include "metrics/row.h"\n',
    "tests/metrics/unit/rows.c": '#include "metrics/row.h"\n',
    "lib/cli/main.c": '#include <assert.h>\nvoid f(int x)\n{\n    assert(x);\n}\n',
    "tests/unit/grid.c": '#include "bin/grid.h"\n',
    "bench/main.c": "#include <immintrin.h>\n#include <nblist/nblist.h>\n",
}

PLANTED = [
    ("lib/core/cell/bad.c", '#include "bin/grid.h"\n', "cell must not include bin"),
    ("lib/core/bin/bad.c", "\n\n # include  \"../search/kernel.h\"\n", "bad.c:3: bin must not include search"),
    ("lib/base/bad.c", '#include "cell/lattice.h"\n', "base must not include cell"),
    ("lib/core/verify/bad.c", '#include "bin/grid.h"\n', "verify must not include bin"),
    ("lib/core/search/bad.h", '#include "verify/verify.c"\n', "search must not include verify"),
    ("lib/core/misc/bad.c", '#include "base/memory.h"\n', 'no layer "misc"'),
    ("lib/core/bad.c", '#include "base/memory.h"\n', 'no layer ""'),
    ("lib/core/cell/bad.h", '#include "missing.h"\n', "no file"),
    ("lib/core/bin/bad.h", "#include <omp.h>\n", "only lib/base/threads.c"),
    ("lib/core/bin/simd_x86.h", "#include <immintrin.h>\n", "isa_*.c"),
    ("lib/core/emit/bad.c", "#include <arm_neon.h>\n", "isa_*.c"),
    ("lib/core/cell/bad.c", "#include <nblist/io.h>\n", "another artefact"),
    ("lib/io/bad.c", '#include "cell/lattice.h"\n', "io includes lib/core/cell"),
    ("lib/io/bad.c", "#include <nblist/metrics.h>\n", "another artefact"),
    ("lib/metrics/bad.c", '#include "cell/lattice.h"\n', "metrics includes lib/core/cell"),
    ("lib/metrics/bad.c", '#include "../io/read.c"\n', "private file of io"),
    ("lib/metrics/bad.c", "#include <omp.h>\n", "only lib/base/threads.c"),
    ("lib/metrics/bad.c", "#include <immintrin.h>\n", "isa_*.c"),
    ("tests/metrics/bad.c", '#include "metrics/row.h"\n', "private to lib/"),
    ("lib/cli/bad.c", '#include "base/memory.h"\n', "only <nblist/...> is open"),
    ("lib/cli/bad.c", '#include "../io/read.c"\n', "private file of io"),
    ("tests/api/bad.c", '#include "base/memory.h"\n', "private to lib/"),
    ("bench/bad.c", '#include "../lib/core/bin/grid.h"\n', "private to lib/"),
    ("lib/core/bin/bad.c", "void f(int x)\n{\n    assert(x > 0);\n}\n", "bad.c:3: library code asserts"),
]

PLANTED_CODE = [
    ("lib/core/a.p", '#include <stdio.h>\nvoid f(int x);\nvoid f(int x) { printf("%d", x); }\n', "printf"),
    ("lib/io/a.p", "#include <stdlib.h>\nvoid f(void);\nvoid f(void) { abort(); }\n", "abort"),
    ("lib/base/a.p", '#include <stdio.h>\nvoid f(void);\nvoid f(void) { fputs("x", stderr); }\n', "stderr"),
]


def plant(top, files):
    for path, text in files:
        os.makedirs(os.path.dirname(os.path.join(top, path)), exist_ok=True)
        with open(os.path.join(top, path), "w", encoding="utf-8") as stream:
            stream.write(text)


def compile_object(top, folder, text):
    plant(top, [(folder + "/a.c", text)])
    subprocess.run(["cc", "-O2", "-c", "a.c", "-o", "a.c.o"], cwd=os.path.join(top, folder), check=True)


def self_test():
    missed = []
    with tempfile.TemporaryDirectory() as top:
        plant(top, CLEAN.items())
        missed += ["clean tree: " + line for line in check_tree(top)]
    for path, text, expected in PLANTED:
        with tempfile.TemporaryDirectory() as top:
            plant(top, list(CLEAN.items()) + [(path, text)])
            found = check_tree(top)
            if len(found) != 1 or expected not in found[0]:
                missed.append("%s with %r: expected '%s', found %s" % (path, text, expected, found))
    with tempfile.TemporaryDirectory() as top:
        compile_object(top, "lib/core/a.p", "int f(int x);\nint f(int x) { return x; }\n")
        compile_object(top, "lib/cli/a.p", PLANTED_CODE[0][1])
        missed += ["clean objects: " + line for line in check_objects(top)]
    for folder, text, expected in PLANTED_CODE:
        with tempfile.TemporaryDirectory() as top:
            compile_object(top, folder, text)
            if not any(expected in line for line in check_objects(top)):
                missed.append("object with %s not found" % expected)
    print("layers: %d planted violations, %d missed" % (len(PLANTED) + len(PLANTED_CODE), len(missed)))
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--objects", metavar="BUILD")
    parser.add_argument("--self-test", action="store_true")
    parser.add_argument("top", nargs="?", default=os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
    arguments = parser.parse_args()
    if arguments.self_test:
        found = self_test()
    elif arguments.objects:
        found = check_objects(arguments.objects)
    else:
        found = check_tree(os.path.normpath(arguments.top))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
