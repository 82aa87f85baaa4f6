#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes nblist/_abi.py: what nblist.h declares, for ctypes.

    generate_abi.py             prints it
    generate_abi.py --write     writes it to its place
    generate_abi.py --check     1 if the file there differs
    generate_abi.py --c-check   prints a C program that compares sizes, offsets and values

Reads include/nblist/nblist.h, and the version in meson.build. What it does not understand is an
error: nothing of the header is left out in silence.
"""
from __future__ import annotations

import os
import re
import sys
from typing import Iterator, List, Tuple

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.normpath(os.path.join(HERE, "..", ".."))
HEADER = os.path.join(TOP, "include", "nblist", "nblist.h")
TARGET = os.path.join(HERE, "nblist", "_abi.py")

SIMPLE = {
    "double": "c_double",
    "float": "c_float",
    "size_t": "c_size_t",
    "int": "c_int",
    "nbl_status": "c_int32",
    "int8_t": "c_int8",
    "int16_t": "c_int16",
    "uint16_t": "c_uint16",
    "uint8_t": "c_uint8",
    "int32_t": "c_int32",
    "uint32_t": "c_uint32",
    "int64_t": "c_int64",
    "uint64_t": "c_uint64",
}

COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)
STATUS = re.compile(r'X\((NBL_\w+), (-?\d+), "([^"]*)"\)')
ENUM = re.compile(r"\benum (\w+) \{([^}]*)\};")
NUMBER = re.compile(r"^#define (NBL_[A-Z_]+) (\d+)$", re.M)
STRUCT = re.compile(r"\btypedef struct (\w+) \{(.*?)\} \1;", re.S)
FUNCTION = re.compile(r"\bNBL_API\s+([\w ]+?[ *]+)(nbl_\w+)\(([^)]*)\);")
CALLBACK = re.compile(r"^\w[\w ]*[ *]+\(\*(\w+)\)\([^)]*\)$", re.S)
FIELD = re.compile(r"^((?:const )?\w+)\s+(.+)$", re.S)
DECLARATOR = re.compile(r"^(\**)\s*(\w+)(?:\[(\d+)\])?$")


def fail(what: str) -> None:
    raise SystemExit("generate_abi.py: %s" % what)


def class_name(name: str) -> str:
    """nbl_build_options -> BuildOptions"""
    return "".join(part.capitalize() for part in name.split("_")[1:])


def fields(body: str) -> Iterator[Tuple[str, str]]:
    """The names and ctypes of the fields of a struct."""
    for statement in (part.strip() for part in body.split(";")):
        if not statement:
            continue
        callback = CALLBACK.match(statement)
        if callback:
            yield callback.group(1), "c_void_p"
            continue
        match = FIELD.match(statement)
        if not match:
            fail("field '%s'" % statement)
            return
        base = match.group(1).replace("const ", "")
        for text in match.group(2).split(","):
            declarator = DECLARATOR.match(text.strip())
            if not declarator:
                fail("field '%s'" % statement)
                return
            stars, name, length = declarator.groups()
            if stars:
                kind = "c_void_p"
            elif base in SIMPLE:
                kind = SIMPLE[base]
            else:
                fail("type '%s' of field '%s'" % (base, name))
            yield name, kind + (" * %s" % length if length else "")


def argument(text: str) -> str:
    """The ctypes type of one parameter."""
    if "*" in text:
        return "c_void_p"
    base = text.replace("const ", "").split()[0]
    if base not in SIMPLE:
        fail("parameter '%s'" % text)
    return SIMPLE[base]


def result(text: str) -> str:
    text = text.strip()
    if text == "void":
        return "None"
    if text == "const char *":
        return "c_char_p"
    if text not in SIMPLE:
        fail("result '%s'" % text)
    return SIMPLE[text]


class Header:
    """What the header declares: statuses, constants, structs and functions, in its order."""

    def __init__(self, path: str) -> None:
        with open(path, encoding="utf-8") as stream:
            raw = stream.read()
        text = COMMENT.sub("", raw)
        self.statuses = [(name, int(value), told) for name, value, told in STATUS.findall(text)]
        self.constants: List[Tuple[str, int]] = []
        for name, body in ENUM.findall(text):
            if name == "nbl_status_code":
                continue
            for item in (part.strip() for part in body.split(",")):
                if item:
                    key, _, value = item.partition(" = ")
                    if not re.match(r"-?(0x)?[0-9a-fA-F]+$", value):
                        fail("enum value '%s'" % item)
                    self.constants.append((key, int(value, 0)))
        self.constants += [(name, int(value)) for name, value in NUMBER.findall(text)]
        self.structs = [(name, list(fields(body))) for name, body in STRUCT.findall(text)]
        self.functions = [
            (
                name,
                result(kind),
                [
                    argument(part.strip())
                    for part in parameters.split(",")
                    if part.strip() not in ("", "void")
                ],
            )
            for kind, name, parameters in FUNCTION.findall(text)
        ]
        declared = len(re.findall(r"^NBL_API\b", text, re.M))
        if declared != len(self.functions):
            fail("%d functions of %d" % (len(self.functions), declared))
        if text.count("typedef struct") - len(re.findall(r"typedef struct (\w+) \1;", text)) != len(
            self.structs
        ):
            fail("a struct that is not understood")


def version() -> str:
    with open(os.path.join(TOP, "meson.build"), encoding="utf-8") as stream:
        match = re.search(r"^  version: '(\d+\.\d+\.\d+)',$", stream.read(), re.M)
    if not match:
        raise SystemExit("generate_abi.py: no version in meson.build")
    return match.group(1)


def entry(name: str, kind: str, arguments: List[str]) -> str:
    """One function, in lines of at most 100 characters."""
    line = '    "%s": (%s, [%s]),\n' % (name, kind, ", ".join(arguments))
    if len(line) <= 101:
        return line
    inner = "        [%s],\n" % ", ".join(arguments)
    if len(inner) > 101:
        inner = "        [\n%s        ],\n" % "".join(
            "            %s,\n" % one for one in arguments
        )
    return '    "%s": (\n        %s,\n%s    ),\n' % (name, kind, inner)


def generate(header: Header) -> str:
    told = version()
    parts = [int(part) for part in told.split(".")]
    out = [
        'VERSION_STRING = "%s"\n' % told,
        "VERSION = %d\n\n" % (parts[0] * 1000000 + parts[1] * 1000 + parts[2]),
        "STATUSES = {\n",
    ]
    out += [
        '    %d: ("%s", "%s"),\n' % (value, name, text) for name, value, text in header.statuses
    ]
    out.append("}\n\n")
    out += ["%s = %d\n" % (name, value) for name, value, _ in header.statuses]
    out.append("\n")
    out += ["%s = %d\n" % pair for pair in header.constants]
    for name, entries in header.structs:
        out.append(
            '\n\nclass %s(Structure):\n    """%s"""\n\n    _fields_ = [\n'
            % (class_name(name), name)
        )
        out += ['        ("%s", %s),\n' % entry for entry in entries]
        out.append("    ]\n")
    out.append("\n\nSTRUCTS = {\n")
    out += ['    "%s": %s,\n' % (name, class_name(name)) for name, _ in header.structs]
    out.append("}\n\n# Name: result, arguments.\nFUNCTIONS = {\n")
    for name, kind, arguments in header.functions:
        out.append(entry(name, kind, arguments))
    out.append("}\n")
    body = "".join(out)
    used = ["Structure"] + sorted(set(re.findall(r"\bc_\w+", body)))
    return (
        "# SPDX-License-Identifier: MIT\n"
        '"""Generated by generate_abi.py from nblist.h. Do not edit."""\n'
        "from ctypes import (\n    %s,\n)\n\n%s" % (",\n    ".join(used), body)
    )


def c_check(header: Header) -> str:
    """A program that prints what differs between the header and _abi.py; 1 if anything does."""
    sys.path.insert(0, HERE)
    import ctypes
    import importlib.util

    spec = importlib.util.spec_from_file_location("_abi", TARGET)
    assert spec and spec.loader
    abi = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(abi)
    lines = []
    for name, structure in abi.STRUCTS.items():
        lines.append("CHECK(sizeof(%s), %d)" % (name, ctypes.sizeof(structure)))
        for field, _ in structure._fields_:
            place = getattr(structure, field)
            lines.append("CHECK(offsetof(%s, %s), %d)" % (name, field, place.offset))
            lines.append("CHECK(sizeof(((%s *)0)->%s), %d)" % (name, field, place.size))
    for name, value in header.constants:
        lines.append("CHECK(%s, %d)" % (name, getattr(abi, name)))
    for value, (name, text) in abi.STATUSES.items():
        lines.append(
            'CHECK(%s, %d)\n    CHECK(strcmp(nbl_status_text(%d), "%s"), 0)'
            % (name, value, value, text)
        )
    lines.append("CHECK(NBL_VERSION, %d)" % abi.VERSION)
    return """/* SPDX-License-Identifier: MIT */
#include <nblist/nblist.h>
#include <stdio.h>
#include <string.h>

#define CHECK(expression, value)                                                          \\
    if ((long long)(expression) != (long long)(value)) {                                  \\
        printf("%%s is %%lld, not %%lld\\n", #expression, (long long)(expression),          \\
               (long long)(value));                                                       \\
        failed = 1;                                                                       \\
    }

int main(void)
{
    int failed = 0;
    %s
    printf("%d checks\\n");
    return failed;
}
""" % (
        "\n    ".join(lines),
        sum(line.count("CHECK(") for line in lines),
    )


def main() -> int:
    header = Header(HEADER)
    mode = sys.argv[1] if len(sys.argv) > 1 else ""
    if mode == "--c-check":
        sys.stdout.write(c_check(header))
        return 0
    text = generate(header)
    if mode == "--write":
        with open(TARGET, "w", encoding="utf-8") as stream:
            stream.write(text)
        return 0
    if mode == "--check":
        with open(TARGET, encoding="utf-8") as stream:
            if stream.read() == text:
                return 0
        print(
            "%s is not what generate_abi.py makes of the header: generate_abi.py --write" % TARGET
        )
        return 1
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
