#!/usr/bin/env python3
"""Has each table that stands for an enum a row for each of its members?

  tests/layering/tables.py ROOT

A table is an initialiser with rows such as [SCN_CRASH] = "crash". A member without a
row is printed as "(null)", ends a list of words too early, or acts as the one with the
number 0, and no compiler says so. Counts at the end of an enum (CHECKS) have no row.
Exits with 1 when a row is missing, and says which.
"""
import pathlib
import re
import sys

# What has no row, and why that is right.
WITHOUT = {
    "sim/scenario/words.c:words_dists": {"SCN_DIST_RANGE": "A..B says it, no word does"},
    "sim/scenario/bound_rules.c:deviations": {"SCN_DIST_RANGE": "has bounds instead"},
    "sim/sayings.c:forms": {"ENV_RAISED": "is looked at by the check 'log' itself"},
    "sim/cmd_outfile.c:kinds": {"OUTFILE_PART": "is any file", "OUTFILE_EDIT": "likewise"},
    "sim/forge.c:kinds": {"SCN_FORGE_RANDOM": "is drawn to be one of the others"},
}
# Lists of words that stand for bits, which no designator can name: in the order of the enum.
IN_STEP = {"words_rules": "scn_rule_key", "words_node_keys": "scn_node_key"}

COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*', re.S)
STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
ENUM = re.compile(r"\benum\s*(\w*)\s*\{([^{}]*)\}")
TOKEN = re.compile(r"\[\s*([A-Z][A-Z0-9_]*)\s*\]\s*=(?!=)|(\w+)\s*(?:\[[^\]]*\]\s*)+=\s*\{|[{}]")


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code(path):
    text = COMMENT.sub(blank, path.read_text())
    return text, STRING.sub(lambda match: '"' + " " * (len(match.group(0)) - 2) + '"', text)


def sources(root, suffixes):
    for folder in ("core", "sim"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes:
                yield path


def members_of(body):
    names = [item.split("=")[0].strip() for item in body.split(",")]
    return [name for name in names if name]


def read_enums(root):
    """The members of each enum, but for those that say how many there are: CHECKS."""
    enums, lengths = {}, set()
    for path in sources(root, (".h", ".c")):
        text = code(path)[1]
        lengths.update(re.findall(r"\[([A-Z][A-Z0-9_]*)\](?!\s*=[^={]*[,}])", text))
        for name, body in ENUM.findall(text):
            members = members_of(body)
            enums[name or "of %s" % members[0]] = members
    for members in enums.values():
        if members[-1] in lengths and members[-1].endswith("S"):
            members.pop()
    return enums


def tables(text):
    """(name, line, designators) of each initialiser that has some."""
    levels, line, at = [], 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        token = match.group(0)
        if match.group(1):
            if levels:
                levels[-1][2].append(match.group(1))
        elif token.endswith("{"):
            levels.append((match.group(2), line, []))
        elif levels:
            name, begin, found = levels.pop()
            if found:
                yield name, begin, found


def check_tables(root, enums):
    owner = {member: name for name, members in enums.items() for member in members}
    wrong = seen = 0
    for path in sources(root, (".c", ".h")):
        for name, line, found in tables(code(path)[1]):
            enum = owner.get(found[0])
            if enum is None or name is None:  # an array that is part of something else
                continue
            seen += 1
            where = path.relative_to(root)
            left_out = WITHOUT.get("%s:%s" % (where, name), {})
            for member in enums[enum]:
                if member not in found and member not in left_out:
                    print("%s:%d: %s has no row for %s" % (where, line, name, member))
                    wrong += 1
    return wrong, seen


def check_in_step(root, enums):
    text = (root / "sim/scenario/words.c").read_text()
    wrong = 0
    for name, enum in IN_STEP.items():
        body = re.search(r"\b%s\[\] = \{(.*?)\}" % name, text, re.S)
        words = re.findall(r'"(\w+)"', body.group(1)) if body else []
        due = [member.rsplit("_", 1)[1].lower() for member in enums.get(enum, [])]
        if words != due or not words:
            print("sim/scenario/words.c: %s is not in step with enum %s: %s" %
                  (name, enum, " ".join(sorted(set(due) ^ set(words))) or "another order"))
            wrong += 1
    return wrong


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    enums = read_enums(root)
    wrong, seen = check_tables(root, enums)
    if (root / "sim/scenario/words.c").exists():
        wrong += check_in_step(root, enums)
    if seen == 0:
        print("no table was found: have they another form?")
        return 1
    return 1 if wrong else 0


sys.exit(main())
