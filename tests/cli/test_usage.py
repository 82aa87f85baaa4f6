# SPDX-License-Identifier: MIT
"""Usage errors, help, info, progress; and that man page, completion and help know the same options."""

import fcntl
import os
import pty
import re
import shutil
import struct
import subprocess
import termios
import threading
import time

import harness

HERE = os.path.dirname(os.path.abspath(__file__))
CLI = os.path.join(HERE, "..", "..", "lib", "cli")

# arguments, what the message must say
ERRORS = [
    (["frobnicate"], r"unknown command 'frobnicate'"),
    (["--frobnicate"], r"unknown option '--frobnicate'"),
    (["help", "frobnicate"], r"unknown command 'frobnicate'"),
    (["help", "pairs", "verify"], r"'verify' is one argument too many"),
    (["info", "x"], r"'x' is one argument too many"),
    (["pairs", "x.xyz"], r"--cutoff is missing"),
    (["pairs", "-c", "5"], r"no file is given"),
    (["pairs", "x.xyz", "--cutoff"], r"option '--cutoff' needs a value"),
    (["pairs", "x.xyz", "-c"], r"option '--cutoff' needs a value"),
    (["pairs", "x.xyz", "-c", "5", "--half=1"], r"option '--half' takes no value"),
    (["pairs", "x.xyz", "-c", "5", "--frobnicate"], r"'--frobnicate'"),
    (["pairs", "x.xyz", "-c", "5", "-z"], r"unknown option '-z'"),
    (["pairs", "x.xyz", "-c", "5", "--s"], r"ambiguous option '--s'"),
    (["pairs", "x.xyz", "-c", "5x"], r"--cutoff: '5x' is not a number"),
    (["pairs", "x.xyz", "-c", ""], r"--cutoff: '' is empty"),
    (["pairs", "x.xyz", "-c", " 5"], r"--cutoff: ' 5' is not a number"),
    (["pairs", "x.xyz", "-c", "nan"], r"--cutoff: 'nan' is not a number"),
    (["pairs", "x.xyz", "-c", "inf"], r"--cutoff: 'inf' is not a number"),
    (["pairs", "x.xyz", "-c", "0x10"], r"--cutoff: '0x10' is not a number"),
    (["pairs", "x.xyz", "-c", "5,,6"], r"--cutoff: '' is empty"),
    (["pairs", "x.xyz", "-c", ",5"], r"--cutoff: '' is empty"),
    (["pairs", "x.xyz", "-c", "5,"], r"--cutoff: '' is empty"),
    (["pairs", "x.xyz", "-c", "5,6x,7"], r"--cutoff: '6x' is not a number"),
    (["pairs", "x.xyz", "-c", "5, 6"], r"--cutoff: ' 6' is not a number"),
    (["pairs", "x.xyz", "-c", "5;6"], r"--cutoff: '5;6' is not a number"),
    (["pairs", "x.xyz", "-c", "5,0"], r"--cutoff: '0' is not a positive number"),
    (["verify", "x.xyz", "-c", "5,1e101"], r"--cutoff: '1e101' does not lie between"),
    (["pairs", "x.xyz", "-c", ",".join(["5"] * 256)], r"--cutoff: more than 255 cutoffs"),
    (["pairs", "x.xyz", "-c", "5", "--disjoint=1"], r"option '--disjoint' takes no value"),
    (["pairs", "x.xyz", "-c", "5", "--batch", "-1"], r"--batch: '-1' is negative"),
    (["pairs", "x.xyz", "-c", "5", "--batch", "all"], r"--batch: 'all' is not an integer"),
    (["pairs", "x.xyz", "-c", "5", "--batch", "2147483648"], r"--batch: '2147483648' is too large"),
    (["pairs", "x.xyz", "-c", "5", "--batch"], r"option '--batch' needs a value"),
    (["verify", "x.xyz", "-c", "5", "--batch", "2"], r"'--batch'"),
    (["pairs", "x.xyz", "-c", "-5"], r"--cutoff: '-5' is not a positive number"),
    (["pairs", "x.xyz", "-c", "0"], r"--cutoff: '0' is not a positive number"),
    (["pairs", "x.xyz", "-c", "1e999"], r"--cutoff: '1e999' is too large"),
    (["pairs", "x.xyz", "-c", "1e101"], r"--cutoff: '1e101' does not lie between"),
    (["pairs", "x.xyz", "-c", "1e-101"], r"--cutoff: '1e-101' does not lie between"),
    (["pairs", "x.xyz", "-c", "5", "--pbc", "TT"], r"--pbc: 'TT' is not three of T and F"),
    (["pairs", "x.xyz", "-c", "5", "--pbc", "TTFT"], r"--pbc: 'TTFT'"),
    (["pairs", "x.xyz", "-c", "5", "--pbc", "TXF"], r"--pbc: 'TXF'"),
    (["pairs", "x.xyz", "-c", "5", "--cell", "1 2"], r"--cell: '1 2' is not 9 numbers"),
    (["pairs", "x.xyz", "-c", "5", "--cell", "1 2 3x"], r"--cell: '1 2 3x'"),
    (["pairs", "x.xyz", "-c", "5", "--cell", "1 2 3 4 5 6 7 8 9 10"], r"--cell: "),
    (["pairs", "x.xyz", "-c", "5", "--cell", "nan 1 1"], r"--cell: "),
    (["pairs", "x.xyz", "-c", "5", "--threads", "-1"], r"--threads: '-1' is negative"),
    (["pairs", "x.xyz", "-c", "5", "--threads", "two"], r"--threads: 'two' is not an integer"),
    (["pairs", "x.xyz", "-c", "5", "--threads", "1.5"], r"--threads: '1.5' is not an integer"),
    (["pairs", "x.xyz", "-c", "5", "--threads", "65537"], r"--threads: '65537' is too large"),
    (["pairs", "x.xyz", "-c", "5", "--threads", "99999999999999999999"], r"too large"),
    (["pairs", "x.xyz", "-c", "5", "--algorithm", "magic"], r"--algorithm: 'magic' is not one of"),
    (["pairs", "x.xyz", "-c", "5", "--output", "o.txt"], r"--output: 'o.txt' does not end in .csv or .npz"),
    (["pairs", "x.xyz", "-c", "5", "--output", ".csv"], r"--output: '.csv' does not end"),
    (["pairs", "x.xyz", "-c", "5", "--output", "-", "--json"], r"no room on standard output for --json"),
    (["pairs", "x.xyz", "-c", "5", "-o-", "--histogram"], r"no room on standard output for --histogram"),
    (["pairs", "x.xyz", "-c", "5", "-o", "a.csv", "--svg", "a.csv"], r"name the same file"),
    (["pairs", "x.xyz", "-c", "5", "-o", "./a.csv", "--svg", "a.csv"], r"name the same file"),
    (["pairs", "x.xyz", "-c", "5", "-o", "a.csv", "--svg", "../{folder}/a.csv"], r"name the same file"),
    (["pairs", "x.xyz", "-c", "5", "--svg="], r"--svg: ''"),
    (["pairs", "x.xyz", "-c", "5", "--svg", "-", "--json"], r"--svg - leaves no room on .* for --json"),
    (["pairs", "x.xyz", "-c", "5", "--svg=-", "--histogram"], r"--svg - leaves no room on .* for --histogram"),
    (["pairs", "x.xyz", "-c", "5", "--svg", "-", "-o-"], r"--output - leaves no room on .* for --svg -"),
    (["pairs", "x.xyz", "-c", "5", "--max-pairs", "-1"], r"--max-pairs: '-1' is negative"),
    (["pairs", "x.xyz", "-c", "5", "--max-pairs", "1e6"], r"--max-pairs: '1e6' is not an integer"),
    (["verify", "x.xyz", "-c", "5", "--max-pairs", "9223372036854775808"], r"--max-pairs: .* is too large"),
    (["pairs", "x.xyz", "-c", "5", "--timing"], r"--timing belongs to --json"),
    (["pairs", "-", "-", "-c", "5"], r"standard input \(-\) can be read only once"),
    (["verify", "x.xyz", "-c", "5", "--json"], r"'--json'"),
    (["verify", "-c", "5"], r"no file is given"),
    (["verify", "x.xyz"], r"--cutoff is missing"),
]


def commands_in(text):
    """The commands that the general help names, but help itself."""
    return [word for word in re.findall(r"(?m)^  ([a-z]+) ", text) if word != "help"]


def options_in(text):
    return set(re.findall(r"--[a-z]+(?:-[a-z]+)*", text.replace("\\-", "-")))


class Usage(harness.Program):
    def test_errors(self):
        self.write("x.xyz", "1\n\nH 0 0 0\n")
        for arguments, says in ERRORS:
            arguments = [word.format(folder=os.path.basename(self.folder)) for word in arguments]
            with self.subTest(arguments):
                out, err = self.run_program(*arguments, status=2)
                self.assertEqual(out, "")
                self.assertRegex(err, r"^nblist[^\n]*: [^\n]*" + says)
                self.assertRegex(err, r"\nTry 'nblist[a-z ]* --help'\.\n$")
        self.assertEqual(os.listdir(self.folder), ["x.xyz"])

    def test_without_arguments(self):
        out, err = self.run_program(status=2)
        self.assertEqual(out, "")
        self.assertIn("Usage: nblist COMMAND", err)

    def test_help(self):
        general = self.run_program("help")
        self.assertEqual(self.run_program("--help"), general)
        self.assertLessEqual({"pairs", "verify", "info"}, set(commands_in(general[0])))
        for command in commands_in(general[0]):
            text = self.run_program(command, "--help")
            self.assertEqual(self.run_program("help", command), text)
            self.assertEqual(self.run_program(command, "-h"), text)
            self.assertTrue(text[0].startswith(f"Usage: nblist {command}"))
            self.assertLessEqual(max(map(len, text[0].split("\n"))), 100)

    def test_version_and_info(self):
        version = self.run_program("--version")[0]
        self.assertRegex(version, r"^nblist \d+\.\d+\.\d+\n$")
        info = self.run_program("info")[0]
        self.assertRegex(info, rf"^version: {version.split()[1]}\n")
        self.assertEqual(info.count(version.split()[1]), 1)
        self.assertRegex(info, r"(?m)^build: \S+=")
        self.assertRegex(info, r"(?m)^isa levels: portable")
        self.assertEqual(info.count("(in use)"), 1)
        self.assertRegex(info, r"(?m)^threads: [1-9]\d*$")
        capped = self.run_program("info", env={"NBLIST_ISA": "portable"})[0]
        self.assertIn("portable (in use)", capped)

    def test_options_before_and_after_files_and_after_dashes(self):
        self.write("-odd.xyz", "2\n\nH 0 0 0\nH 0 0 1\n")
        for arguments in (["-c", "2", "--", "-odd.xyz"], ["./-odd.xyz", "-c", "2"],
                          ["-c2", "--half", "./-odd.xyz"]):
            out, _ = self.pairs(*arguments)
            self.assertIn("total: 1 frame, 2 atoms", out)

    def test_numbers_do_not_depend_on_the_locale(self):
        self.write("x.xyz", "2\n\nH 0 0 0\nH 0 0 1.25\n")
        for locale in ("de_DE.UTF-8", "fr_FR.UTF-8", "C"):
            out, _ = self.pairs("x.xyz", "-c", "1.5", env={"LC_ALL": locale, "LC_NUMERIC": locale})
            self.assertIn("shortest 1.25", out)


class Companions(harness.Program):
    def test_man_page_names_every_option(self):
        with open(os.path.join(CLI, "nblist.1"), encoding="ascii") as stream:
            page = options_in(stream.read())
        said = {"--version"}
        commands = commands_in(self.run_program("help")[0])
        for command in commands:
            said |= options_in(self.run_program(command, "--help")[0])
        if "metrics" not in commands: # what is not built cannot tell its options
            self.assertLess(said, page)
            return
        self.assertEqual(page, said)

    def complete(self, *words):
        if not shutil.which("bash"):
            self.skipTest("no bash")
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _nblist 2>/dev/null; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        completion = os.path.join(CLI, "nblist.bash-completion")
        done = subprocess.run(["bash", "-c", script, "bash", completion, "nblist", *words], capture_output=True,
                              check=True, cwd=self.folder)
        return set(done.stdout.decode().split("\n")) - {""}

    def test_completion(self):
        for command in set(commands_in(self.run_program("help")[0])) - {"info"}:
            want = options_in(self.run_program(command, "--help")[0])
            self.assertEqual(self.complete(command, "--"), want)
        self.assertEqual(self.complete("ve"), {"verify"})
        self.assertEqual(self.complete("help", "p"), {"pairs"})
        self.assertEqual(self.complete("info", ""), {"--help"})
        self.assertEqual(self.complete("pairs", "--algorithm", "b"), {"brute"})
        self.assertEqual(self.complete("pairs", "--algorithm", "=", "c"), {"cells"})
        self.assertEqual(self.complete("pairs", "--pbc", "TT"), {"TTT", "TTF"})
        self.assertEqual(self.complete("pairs", "--max-pairs", ""), set())
        for name in ("a.xyz", "b.xyz.gz", "c.csv", "d.npz", "e.svg", "f.txt"):
            self.write(name, "")
        self.assertEqual(self.complete("pairs", ""), {"a.xyz", "b.xyz.gz"})
        self.assertEqual(self.complete("pairs", "--output", ""), {"c.csv", "d.npz"})
        self.assertEqual(self.complete("pairs", "--svg", ""), {"e.svg"})
        self.assertEqual(self.complete("metrics", "--output", ""), {"a.xyz", "b.xyz.gz"})
        self.assertEqual(self.complete("metrics", "--plot", ""), {"e.svg"})
        self.assertEqual(self.complete("metrics", "--filter", "gr"), {"graph_lcc", "graph_cc"})


class Progress(harness.Program):
    """Standard error is a terminal; a slow pipe makes the input long."""

    def terminal(self, columns, use, *arguments, **streams):
        """What a run shows on a terminal of that width, while use(child) reads and writes its pipes."""
        leader, follower = pty.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
        child = subprocess.Popen([self.program, "pairs", "-c", "2", *arguments], stderr=follower,
                                 cwd=self.folder, **streams)
        os.close(follower)
        seen = []

        def collect():
            try:
                while chunk := os.read(leader, 4096):
                    seen.append(chunk)
            except OSError:
                pass  # how Linux reports that the other side of a terminal is closed

        reader = threading.Thread(target=collect)
        reader.start()
        use(child)
        self.assertEqual(child.wait(60), 0)
        reader.join()
        os.close(leader)
        return b"".join(seen).decode()

    def stderr_on_a_terminal(self, *arguments):
        def use(child):
            frame = b"1\n%s\nH 0 0 0\n" % (b"x" * 65536)
            for _ in range(16):
                child.stdin.write(frame)
                child.stdin.flush()
                time.sleep(0.1)
            child.stdin.close()

        return self.terminal(80, use, *arguments, "-", stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def test_shown_and_cleared(self):
        text = self.stderr_on_a_terminal()
        rate = r"[0-9.]+[kMGT]?"
        self.assertRegex(text, rf"\d+ frames, {rate} frames/s, {rate} atoms/s, {rate} pairs/s")
        self.assertTrue(text.endswith("\r\x1b[K"))

    def test_quiet(self):
        self.assertEqual(self.stderr_on_a_terminal("--quiet"), "")

    def test_bar_fits_the_line(self):
        """A file, whose length is known; that nobody reads the table makes it last."""
        def use(child):
            time.sleep(1.3)
            while os.read(child.stdout.fileno(), 65536):
                pass
            child.stdout.close()

        self.write("many.xyz", "1\n\nH 0 0 0\n" * 40000)
        for columns, bar in ((40, False), (90, True), (200, True)):
            text = self.terminal(columns, use, "many.xyz", stdout=subprocess.PIPE)
            lines = [line for line in text.split("\r\x1b[K") if line]
            self.assertGreater(len(lines), 0)
            self.assertLess(max(map(len, lines)), columns)
            self.assertRegex(lines[0], r"^\[#+ *\] +\d+ %  \d+ frames, " if bar else r"^\d+ frames, ")


if __name__ == "__main__":
    harness.main()
