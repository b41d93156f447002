#!/usr/bin/env python3
"""Does the alarm ring? Pages that are wrong, one in each way, have to be refused with the right words.

  tests/pages/selftest.py BUILD
"""
import io
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import pages  # noqa: E402

HELLO = """scn 1
nodes 3
at 100ms  inc n1
stop 2s
"""
HOLDS = "held  a.scn  seed 1  simulated 2s ...  value 1 ... "


def block(*lines):
    return "```\n%s\n```\n" % "\n".join(lines)


# One that writes a.scn, for those that need it.
FILE = block("$ printf 'scn 1\\nnodes 3\\nat 100ms  inc n1\\nstop 2s\\n' > a.scn")
LISTED = [("README.md", "a drawing", "is one")]

# name, README.md, rows of NOT_RUN, what is said; '' for a page that is right.
TRIALS = [
    ("a page of each kind", FILE + block("$ dcsim a.scn", "...", HOLDS) + block("dcsim -q a.scn") +
     block(*HELLO.splitlines()) + block("net loss 1%", "at 1s inc n1") + block("a drawing") +
     "Write `dcsim --seed 7 a.scn`, or `--until 1s`.\n", LISTED, ""),
    ("a wrong output", FILE + block("$ dcsim -q a.scn", "held"), [], "prints something else"),
    ("a line that is printed too", FILE + block("$ dcsim a.scn", HOLDS), [], "prints something else"),
    ("a line that is not printed", FILE + block("$ dcsim a.scn", "...", HOLDS, "more"), [],
     "prints something else"),
    ("another figure", block("$ echo x 1 y", "x 2 ... "), [], "prints something else"),
    ("an elision that elides too much", block("$ printf 'a\\nb\\na\\n'", "a", "...", "b"), [],
     "prints something else"),
    ("a command that fails", block("dcsim no-such-file.scn"), [], "ends with 2"),
    ("a command that is not there", block("$ no-such-command", "..."), [], "ends with 127"),
    ("a command that dies", block("$ kill -9 $$"), [], "ends with -9"),
    ("the output of a command that is not run", block("$ meson test", "fine"),
     [("README.md", "meson test", "")], "the output of what is not run"),
    ("a transcript that begins late", block("held", "$ dcsim a.scn"), [], "begins with its first '$ '"),
    ("an unknown block", block("a drawing"), [], "neither run nor in NOT_RUN"),
    ("an empty block", "```\n```\n", [], "neither run nor in NOT_RUN"),
    ("a block without fences", "Text:\n\n    dcsim a.scn\n", [], "a block without ```"),
    ("a block without end", "```\na drawing\n", [], "neither run nor in NOT_RUN"),
    ("a row that nobody needs", block("a drawing"), LISTED + [("README.md", "gone", "")],
     "not in the page: gone"),
    ("a row of another page", block("a drawing"), [("docs/a.md", "a drawing", "")],
     "neither run nor in NOT_RUN"),
    ("an option that is none", block("dcsim --sed 7 a.scn"), [("README.md", "dcsim --sed 7 a.scn", "")],
     "dcsim run has no option --sed"),
    ("an option of another command", block("$ dcsim fmt --seed 7 a.scn"),
     [("README.md", "dcsim fmt --seed 7 a.scn", "")], "dcsim fmt has no option --seed"),
    ("an option in a text", "Write `dcsim fuzz --swam`.\n" + block("a drawing"), LISTED,
     "dcsim fuzz has no option --swam"),
    ("a bare option in a text", "Write `--swam`.\n" + block("a drawing"), LISTED,
     "nobody has an option --swam"),
    ("a tool that is gone", "Run `tools/no.sh`.\n" + block("a drawing"), LISTED, "there is no tools/no.sh"),
    ("an option of a tool", "Run `tools/a.sh --slow`.\n" + block("a drawing"), LISTED,
     "tools/a.sh has no such option: tools/a.sh --slow"),
    ("a link", "See [it](docs/no.md).\n" + block("a drawing"), LISTED, "leads nowhere: docs/no.md"),
    ("a file in a text", "It is `tests/no_*.c`.\n" + block("a drawing"), LISTED,
     "there is no tests/no_*.c"),
    ("a scenario that does not parse", block("scn 1", "nodes 3", "at 1s inc n9", "stop 2s"), [],
     "not one that holds"),
    ("a scenario that breaks", block("scn 1", "nodes 3", "at 1s inc n1", "expect value == 2", "stop 2s"), [],
     "not one that holds"),
    ("a part that does not parse", block("net loss 1", "at 1s inc n1"), [], "not one that parses"),
    ("a page without blocks", "Text.\n", [], "0 blocks"),
]

# name, block, what is written, what is said.
REWRITES = [
    ("an output", ["$ printf 'a\\nb\\n'", "c"], ["$ printf 'a\\nb\\n'", "a", "b"], "written anew"),
    ("lines are left out", ["$ printf 'a 1\\nb 2\\nc 3\\n'", "a 7", "...", "c 8"],
     ["$ printf 'a 1\\nb 2\\nc 3\\n'", "a 1", "...", "c 3"], "written anew"),
    ("words are left out", ["$ echo a 1 b 2 c", "a 7 ... c"], ["$ echo a 1 b 2 c", "a 1 ... c"],
     "written anew"),
    ("other words behind what is left out", ["$ printf 'a\\nb\\nc\\n'", "...", "d"],
     ["$ printf 'a\\nb\\nc\\n'", "...", "c"], "written anew"),
    ("a run of lines that is there keeps its place",
     ["$ printf 'b 1\\na 2\\na 7\\nc 4\\n'", "b 9", "...", "a 7", "...", "c 4"],
     ["$ printf 'b 1\\na 2\\na 7\\nc 4\\n'", "b 1", "...", "a 7", "...", "c 4"], "written anew"),
    ("words are left out that are gone", ["$ echo a b", "c ... d"], ["$ echo a b", "c ... d"],
     "has no place any more"),
    ("a run of lines is gone", ["$ printf 'a\\nb\\nc\\n'", "...", "x", "...", "c"],
     ["$ printf 'a\\nb\\nc\\n'", "...", "x", "...", "c"], "has no place any more"),
]


def check(build, text, not_run, rewrite=False):
    """(exit status, what is said, the page behind it)."""
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "README.md").write_text(text)
        (root / "tools").mkdir()
        (root / "tools" / "a.sh").write_text("--fast\n")
        out = io.StringIO()
        code = pages.Pages(root, build, not_run, rewrite, out).check()
        return code, out.getvalue(), (root / "README.md").read_text()


def main():
    build, wrong = sys.argv[1], 0
    for name, text, not_run, words in TRIALS:
        code, said, _ = check(build, text, not_run)
        if code != (1 if words else 0) or words not in said:
            print("%s: ends with %d and says:\n%s" % (name, code, said))
            wrong += 1
    for name, lines, expected, words in REWRITES:
        code, said, text = check(build, block(*lines), [], rewrite=True)
        is_written = words == "written anew"
        if code != (0 if is_written else 1) or words not in said or text != block(*expected):
            print("%s: ends with %d, says:\n%sand writes:\n%s" % (name, code, said, text))
            wrong += 1
    print("%d pages, %d wrong" % (len(TRIALS) + len(REWRITES), wrong))
    return 1 if wrong else 0


sys.exit(main())
