#!/usr/bin/env python3
"""Is there for each built-in check, and each thing that one of them says, a test in which it fires?

  tests/layering/fires.py ROOT

A check that has never fired may be one that cannot. So:

- each name in checks_name() has a plant, a fault in the program, after which a run says
  "check 'NAME'": in tests/failures or in a test that is linked with tests/plants.c;
- it is explained in docs/dcsim-scenario.5.scd, as "- _NAME_: ", and in sim/checks.h;
- each text with which a check fails, in sim, is expected by some test.

Exits with 1 when one is missing, and says which.
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"/\*.*?\*/", re.S)
GLUED = re.compile(r'"\s*\n\s*"')
FUNCTION = re.compile(r"^(?:static )?\w[\w *]*?(\w+)\(([^;{}]*?)\)\n\{\n(.*?)^\}", re.S | re.M)
SAYERS = ("checks_fail", "model_wrong", "checks_violate")


def arguments(text, at):
    """What stands in the brackets that open at @at."""
    depth, end, string = 0, at, False
    while True:
        char = text[end]
        if string:
            string = char != '"'
            end += char == "\\"
        else:
            string = char == '"'
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return text[at + 1 : end]
        end += 1


def calls(text, names):
    for match in re.finditer(r"\b(%s)\s*\(" % "|".join(names), text):
        yield text.count("\n", 0, match.start()) + 1, arguments(text, match.end() - 1)


def sayers_of(text):
    """Those of all files, and functions of this one that hand a text on to them."""
    names = list(SAYERS)
    for name, parameters, body in FUNCTION.findall(text):
        for text_name in re.findall(r"const char \*(\w+)", parameters):
            if any(re.search(r"\b%s\b" % text_name, said) for _, said in calls(body, SAYERS)):
                names.append(name)
    return names


def text_of(said):
    """The longest part, without what is filled in, of the first text in the arguments @said."""
    for text in re.findall(r'"((?:[^"\\]|\\.)*)"', said):
        if " " in text.strip():
            return max(re.split(r'%[\w.*]*|\\.|"', text), key=len).strip()
    return None


def missing_texts(root, expected):
    seen = wrong = 0
    for path in sorted((root / "sim").rglob("*.c")):
        text = COMMENT.sub(lambda m: "\n" * m.group(0).count("\n"), path.read_text())
        lines = GLUED.sub("", text)
        for _, said in calls(lines, sayers_of(lines)):
            what = text_of(said)
            seen += what is not None
            if what is not None and what not in expected:
                print("%s: no test expects '%s'" % (path.relative_to(root), what))
                wrong += 1
    return wrong, seen


def check_names(root):
    text = (root / "sim/checks.c").read_text()
    table = text[text.index("names[CHECKS] = {") :]
    return re.findall(r'\[CHECK_\w+\] = "(\w+)"', table[: table.index("};")])


def missing_names(root):
    page = (root / "docs/dcsim-scenario.5.scd").read_text()
    header = (root / "sim/checks.h").read_text()
    planted = [path for path in sorted((root / "tests").glob("test_*.c"))
               if '#include "tests/plants.h"' in path.read_text()]
    planted += sorted((root / "tests/failures").glob("*.out"))
    fired = "\n".join(path.read_text(errors="replace") for path in planted)
    wrong = 0
    for name in check_names(root):
        if "check '%s'" % name not in fired:
            print("check '%s': no plant makes it fire, in tests/failures or tests/test_planted.c"
                  % name)
            wrong += 1
        if not re.search(r"^- _%s_: " % name, page, re.M):
            print("check '%s': docs/dcsim-scenario.5.scd has no '- _%s_: '" % (name, name))
            wrong += 1
        if not re.search(r"^ \*   %s +\w" % name, header, re.M):
            print("check '%s': the list in sim/checks.h does not explain it" % name)
            wrong += 1
    return wrong


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    tests = sorted((root / "tests").glob("*.c")) + sorted((root / "tests/failures").glob("*.out"))
    expected = "\n".join(GLUED.sub("", path.read_text(errors="replace")) for path in tests)
    wrong, seen = missing_texts(root, expected)
    if seen < 100 or len(check_names(root)) < 10:
        print("only %d texts and %d checks were found: have they another form?" %
              (seen, len(check_names(root))))
        return 1
    return 1 if wrong + missing_names(root) else 0


sys.exit(main())
