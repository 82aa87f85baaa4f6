#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Holds the interface modules of Fortran to the headers.

    interface.py --cc COMPILER --fc COMPILER --include FOLDER... HEADER=MODULE...

Both sides become programs that print a table: values of constants, sizes of structs, names and
offsets of their fields. C's is made from the header, so a constant, a field or a struct that is new
there is a line that Fortran's lacks. Arguments of functions are compared as they are declared.
Compilers are commands, words parted by blanks.
"""
import argparse
import os
import re
import shlex
import subprocess
import sys
import tempfile

# What Fortran has no use for, or makes from other calls.
LEFT_OUT_STRUCTS = {"nbl_allocator"}
LEFT_OUT_FUNCTIONS = {"nbl_neighbors"}

C_COMMENT = re.compile(r"/\*.*?\*/", re.S)
ENUM = re.compile(r"^enum \w+ \{(.*?)\};", re.M | re.S)
ENUM_VALUE = re.compile(r"\b(NBL_\w*[A-Z0-9])\s*=")
STATUS = re.compile(r"^\s*X\((NBL_\w+),", re.M)
LIMIT = re.compile(r"^#define (NBL_MAX_LISTS)\b", re.M)
STRUCT = re.compile(r"^typedef struct (\w+) \{(.*?)\} \1;", re.M | re.S)
FUNCTION = re.compile(r"^NBL_API\s+([^;]*?)\(([^;]*)\);", re.M | re.S)

F_CONSTANT = re.compile(r"^\s*integer\(c_int32_t\), parameter :: (nbl_\w+) =", re.M)
F_TYPE = re.compile(r"^\s*type, bind\(c\) :: (\w+)\n(.*?)^\s*end type", re.M | re.S)
F_FUNCTION = re.compile(
    r"^\s*(function|subroutine) \w+\(([^)]*)\)\s*bind\(c, name='(nbl_\w+)'\)"
    r"(?: result\((\w+)\))?\n(.*?)^\s*end \1",
    re.M | re.S)

C_KINDS = {
    "nbl_status": "int32_t",
    "nbl_io_status": "int32_t",
    "uint32_t": "int32_t",
    "uint64_t": "int64_t",
}
F_KINDS = {
    "integer(c_int32_t)": "int32_t",
    "integer(c_int64_t)": "int64_t",
    "real(c_double)": "double",
    "type(c_ptr)": "pointer",
    "type(c_funptr)": "pointer",
}


def c_kind(declaration):
    """pointer, or the word of the type, of a parameter or of a result."""
    if "*" in declaration:
        return "pointer"
    words = [word for word in declaration.split() if word not in ("const", "NBL_API")]
    return C_KINDS.get(words[0], words[0])


class Header:
    """What a header of C declares."""

    def __init__(self, text):
        text = C_COMMENT.sub("", text)
        self.constants = set(STATUS.findall(text)) | set(LIMIT.findall(text))
        for body in ENUM.findall(text):
            self.constants |= set(ENUM_VALUE.findall(body))
        self.structs = {}
        for name, body in STRUCT.findall(text):
            if "(*" not in body:
                self.structs[name] = [field for line in body.split(";") for field in c_fields(line)]
        self.functions = {}
        for head, parameters in FUNCTION.findall(text):
            name = re.search(r"(\w+)$", head.strip()).group(1)
            result = "" if head.split()[0] == "void" else c_kind(head[:head.rindex(name)])
            words = [] if parameters.strip() == "void" else parameters.split(",")
            self.functions[name] = [result] + [c_kind(word) for word in words]


def c_fields(line):
    """The names that one declaration of a struct declares."""
    names = []
    for part in line.split(","):
        match = re.search(r"(\w+)\s*(\[\w+\])?\s*$", part)
        if match:
            names.append(match.group(1))
    return names


class Module:
    """What a module of Fortran binds."""

    def __init__(self, text):
        text = re.sub(r"!.*", "", text)
        text = re.sub(r"&\s*\n\s*", "", text)
        self.constants = [name.upper() for name in F_CONSTANT.findall(text)]
        self.structs = {}
        for name, body in F_TYPE.findall(text):
            name = re.sub(r"^c_", "nbl_", name)
            self.structs[name] = re.findall(r"::\s*(\w+)", body)
        self.types = {re.sub(r"^c_", "nbl_", name): name for name, _ in F_TYPE.findall(text)}
        self.functions = {}
        for _, arguments, name, result, body in F_FUNCTION.findall(text):
            kinds = f_kinds(body)
            names = [word.strip() for word in arguments.split(",") if word.strip()]
            head = kinds[result] if result else ""
            self.functions[name] = [head] + [kinds[word] for word in names]


def f_kinds(body):
    """The kind of each declared name; by reference is a pointer."""
    kinds = {}
    for head, names in re.findall(r"^\s*((?:integer|real|type)\(.*?)\s*::\s*(.*)$", body, re.M):
        kind = F_KINDS[head.split(",")[0].strip()]
        by_reference = "intent" in head
        for name in names.split(","):
            kinds[name.strip()] = "pointer" if by_reference else kind
    return kinds


def c_program(header, include, structs):
    lines = ["#include <stdio.h>", "#include <stddef.h>", "#include <%s>" % include]
    lines += ["int main(void)", "{"]
    for name in sorted(header.constants):
        lines.append('printf("%s %%lld\\n", (long long)%s);' % (name, name))
    for name in sorted(structs):
        lines.append('printf("%s %%lld\\n", (long long)sizeof(%s));' % (name, name))
        for field in structs[name]:
            lines.append('printf("%s.%s %%lld\\n", (long long)offsetof(%s, %s));' %
                         (name, field, name, field))
    return "\n".join(lines + ["return 0;", "}", ""])


def f_program(module, text, structs):
    """Its declarations are those of the module, copied: some are private there."""
    lines = ["program table", "use, intrinsic :: iso_c_binding", "implicit none"]
    lines += re.findall(r"^ *integer\(c_int32_t\), parameter :: nbl_.*$", text, re.M)
    lines += re.findall(r"^ *type, bind\(c\) ::.*?end type \w+$", text, re.M | re.S)
    short = {name: "v%d" % at for at, name in enumerate(sorted(structs))}
    for name in structs:
        lines.append("type(%s), target :: %s" % (module.types[name], short[name]))
    for name in sorted(module.constants):
        lines.append("print '(a, 1x, i0)', '%s', %s" % (name, name.lower()))
    for name in sorted(structs):
        lines.append("print '(a, 1x, i0)', '%s', c_sizeof(%s)" % (name, short[name]))
        for field in structs[name]:
            lines.append("print '(a, 1x, i0)', '%s.%s', at(c_loc(%s%%%s)) - at(c_loc(%s))" %
                         (name, field, short[name], field, short[name]))
    lines += [
        "contains", "integer(c_intptr_t) function at(p)", "type(c_ptr), intent(in) :: p",
        "at = transfer(p, at)", "end function", "end program", ""
    ]
    return "\n".join(lines)


def output_of(compiler, folder, name, text):
    source = os.path.join(folder, name)
    with open(source, "w", encoding="utf-8") as stream:
        stream.write(text)
    program = source + ".exe"
    subprocess.run(compiler + [source, "-o", program], check=True, cwd=folder)
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


def compare(options, header_path, module_path, edit=None):
    """What differs. edit: (pattern, replacement), a change to the header."""
    with open(header_path, encoding="utf-8") as stream:
        header_text = stream.read()
    if edit:
        header_text, edits = re.subn(edit[0], edit[1], header_text, count=1)
        if edits != 1:
            return []
    header = Header(header_text)
    with open(module_path, encoding="utf-8") as stream:
        text = stream.read()
    module = Module(text)
    whole = os.path.basename(header_path) == "nblist.h"  # a part of the others is bound
    c_structs = {k: v for k, v in header.structs.items() if k not in LEFT_OUT_STRUCTS}
    if not whole:
        c_structs = {k: v for k, v in c_structs.items() if k in module.structs}
        header.constants &= set(module.constants)
    include = "nblist/" + os.path.basename(header_path)
    with tempfile.TemporaryDirectory() as folder:
        os.mkdir(os.path.join(folder, "nblist"))
        with open(os.path.join(folder, include), "w", encoding="utf-8") as stream:
            stream.write(header_text)
        flags = ["-I" + folder] + ["-I" + os.path.abspath(path) for path in options.include]
        c_text = c_program(header, include, c_structs)
        c_table = output_of(shlex.split(options.cc) + flags, folder, "table.c", c_text)
        f_text = f_program(module, text, module.structs)
        f_table = output_of(shlex.split(options.fc), folder, "table.f90", f_text)
    found = ["only in C: %s" % line for line in sorted(set(c_table) - set(f_table))]
    found += ["only in Fortran: %s" % line for line in sorted(set(f_table) - set(c_table))]
    if whole:
        unbound = set(header.functions) - set(module.functions) - LEFT_OUT_FUNCTIONS
        found += ["not bound: %s" % name for name in sorted(unbound)]
    for name, kinds in sorted(module.functions.items()):
        if header.functions.get(name) != kinds:
            found.append("%s: (result, arguments) are %s in C, %s in Fortran" %
                         (name, header.functions.get(name), kinds))
    if not edit:
        print("%s: %d constants, sizes and offsets, %d functions" %
              (include, len(c_table), len(module.functions)))
    if len(c_table) < (150 if whole else 15) or len(module.functions) < (30 if whole else 5):
        found.append("%s: less was found than there is" % include)
    return found


# Changes to <nblist/nblist.h> that must not go unnoticed: (pattern, replacement).
PLANTED = [
    (r"X\(NBL_ESTOP, -24,", "X(NBL_ESTOP, -25,"),
    (r"NBL_HALF = 1,", "NBL_HALF = 64,"),
    (r"NBL_DISJOINT = 32", "NBL_DISJOINT = 32, NBL_NEWER = 64"),
    (r"#define NBL_MAX_LISTS 255", "#define NBL_MAX_LISTS 254"),
    (r"    void \*atom_ptr;\n", "    void *atom_ptr;\n    void *newer;\n"),
    (r"    int32_t thread; ", "    int64_t thread; "),
    (r"    int64_t n_cells, n_pbc, n_cutoffs;", "    int64_t n_pbc, n_cells, n_cutoffs;"),
    (r"nbl_result_n_pairs\(const nbl_result \*result, int32_t list\)",
     "nbl_result_n_pairs(const nbl_result *result, int64_t list)"),
    (r"NBL_API int64_t nbl_result_n_bytes\(", "NBL_API int32_t nbl_result_n_bytes("),
    (r"NBL_API int32_t nbl_version\(void\);",
     "NBL_API int32_t nbl_version(void);\nNBL_API int32_t nbl_newer(void);"),
]


def self_test(options):
    header, module = options.pairs[0].split("=", 1)
    missed = [edit[1] for edit in PLANTED if not compare(options, header, module, edit)]
    print("%d planted changes, %d missed" % (len(PLANTED), len(missed)))
    return ["missed: %s" % edit for edit in missed]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cc", required=True)
    parser.add_argument("--fc", required=True)
    parser.add_argument("--include", action="append", default=[])
    parser.add_argument("--self-test",
                        action="store_true",
                        help="changes the header, and expects to notice")
    parser.add_argument("pairs", nargs="+")
    options = parser.parse_args()
    found = []
    if options.self_test:
        found = self_test(options)
    for pair in options.pairs if not options.self_test else []:
        found += compare(options, *pair.split("=", 1))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
