#!/usr/bin/env python3
"""All mutants that rules can make of a C file: one small change each.

  tools/mutants/mutate.py FILE...
  tools/mutants/mutate.py --test FILE.c FILE.txt

prints them: what tools/mutants/sweep.py takes its samples of. clang reads the
file (-ast-dump=json), so that operators, types and ranges are the compiler's.
The second form compares them with a golden text (DCSIM_REWRITE=1 writes it).

  compare    < to >= and <=, == to !=, and so on: turned, or moved by one
  logic      && to ||, and back
  sum        + to -, += to -=, ++ to --, and back
  constant   a number, or a macro that stands for one, +1 and -1; true, false
  condition  of if, while, for, ?:, && and ||: negated (a comparison is turned)
  leave      a statement left out: call, assignment, return, break, continue
  call       a call whose value is used: 0 in its place
  return     another value: !x, 0 (NULL), x + 1, as the type has it
  field      another member of the same type in the same struct
  swap       two arguments of the same type

Nothing is changed in macros with arguments: contracts (core/contract.h), marks
and static assertions are no part of what a mutant may break. Enumerators stay.
"""
import bisect
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys

TURNED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
MOVED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}
LOGIC = {"&&": "||", "||": "&&"}
SUMS = {"+": "-", "-": "+", "+=": "-=", "-=": "+="}
STEPS = {"++": "--", "--": "++"}
# What is no operation of its own in the text.
WRAPPERS = ("ImplicitCastExpr", "ParenExpr", "ConstantExpr")
BOOLS = ("_Bool", "bool")
INTEGERS = re.compile(
    r"^(u?int(8|16|32|64)_t|size_t|dc_name|char|(un)?signed.*|int|short|long.*|_Bool|bool)$"
)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


def squeezed(text):
    return " ".join(text.split())


class Mutant:
    """A change of one place: bytes from @begin to @end become @text."""

    def __init__(self, source, kind, function, begin, end, text):
        self.file, self.kind, self.function = source.path, kind, function
        self.begin, self.end = begin, end
        # The lines of what follows stay where they are: contracts have their numbers.
        self.text = text + "\n" * source.text.count("\n", begin, end)
        self.line = source.line_of(begin)
        first = source.text.rfind("\n", 0, begin) + 1
        last = source.text.find("\n", end)
        self.old = squeezed(source.text[first:last])
        self.new = squeezed(source.text[first:begin] + text + source.text[end:last])
        self.number = 1  # among those of the function that look the same
        self.id = ""

    def name_it(self):
        # No line number: what moves is still the same mutant.
        text = "\n".join((self.file, self.function, self.old, self.new, str(self.number)))
        self.id = hashlib.sha256(text.encode()).hexdigest()[:10]

    def apply(self, text):
        return text[: self.begin] + self.text + text[self.end :]


class Source:
    def __init__(self, path, text):
        self.path, self.text = path, text
        self.starts = [0] + [i + 1 for i, c in enumerate(text) if c == "\n"]

    def line_of(self, offset):
        return bisect.bisect_right(self.starts, offset)

    def token(self, offset):
        found = re.compile(r"\w+").match(self.text, offset)
        return found.group(0) if found else ""

    def behind_call(self, offset):
        """Where the arguments of a macro end, if some begin at @offset; else @offset."""
        at = offset
        while at < len(self.text) and self.text[at] in " \n\t":
            at += 1
        if self.text[at : at + 1] != "(":
            return offset
        depth = 0
        for at in range(at, len(self.text)):
            depth += {"(": 1, ")": -1}.get(self.text[at], 0)
            if depth == 0:
                return at + 1
        return offset


class Place:
    """Where a node stands in the text of the file itself; macros where they are used."""

    def __init__(self, source, begin, end):
        self.begin = begin["offset"]
        self.end = end["offset"] + end.get("tokLen", 0)
        self.in_macro = begin["macro"] and end["macro"] and begin["offset"] == end["offset"]
        if end["macro"]:
            self.end = source.behind_call(self.end)
        self.calls = self.in_macro and self.end > end["offset"] + end.get("tokLen", 0)


class Reader:
    """The nodes of one dump. It names a file only where that changes, so all are walked."""

    def __init__(self, source):
        self.source = source
        self.file = None
        self.fields = {}  # id of a member to (members of its struct, its number)
        self.function = None
        self.returns = ""
        self.mutants = []

    # ---- places ----

    def place_of(self, location):
        if "expansionLoc" in location:
            self.place_of(location["spellingLoc"])
            found = self.place_of(location["expansionLoc"])
            return found and dict(found, macro=True)
        if "offset" not in location:
            return None
        self.file = location.get("file", self.file)
        return dict(location, path=self.file, macro=False)

    def locate(self, node):
        """Gives each node its place, or none if it is in another file."""
        if "loc" in node:
            self.place_of(node["loc"])
        found = [self.place_of(node.get("range", {}).get(end, {})) for end in ("begin", "end")]
        node["place"] = None
        if all(found) and all(place["path"] == self.source.path for place in found):
            node["place"] = Place(self.source, *found)
        if node.get("kind") == "RecordDecl":
            self.take_struct(node)
        for child in node.get("inner", ()):
            self.locate(child)

    def take_struct(self, node):
        members = [child for child in node.get("inner", ()) if child.get("kind") == "FieldDecl"]
        for number, member in enumerate(members):
            self.fields[member["id"]] = (members, number)

    def text_of(self, node):
        return self.source.text[node["place"].begin : node["place"].end]

    # ---- mutants ----

    def add(self, kind, begin, end, text):
        self.mutants.append(Mutant(self.source, kind, self.function, begin, end, text))

    def put(self, kind, node, text):
        self.add(kind, node["place"].begin, node["place"].end, text)

    def put_operator(self, kind, node, others):
        """Between its two operands, or at one of the ends."""
        left, right = node["inner"]
        if not (left["place"] and right["place"]):
            return
        begin, end = left["place"].end, right["place"].begin
        gap = COMMENT.sub(lambda found: " " * len(found.group(0)), self.source.text[begin:end])
        at = gap.find(node["opcode"])
        if at < 0:
            return
        for other in others:
            self.add(kind, begin + at, begin + at + len(node["opcode"]), other)

    def functions(self, node):
        for child in node.get("inner", ()):
            if child.get("kind") == "FunctionDecl" and child["place"] and child.get("inner"):
                body = child["inner"][-1]
                if body.get("kind") == "CompoundStmt":
                    self.function = child["name"]
                    self.returns = child["type"]["qualType"].split(" (")[0].strip()
                    self.last = body["inner"][-1] if body.get("inner") else None
                    self.visit(body, None)

    def visit(self, node, parent):
        if not node.get("kind") or not node.get("place"):
            return
        if node["place"].in_macro:
            if not node["place"].calls:
                self.macro(node)
            return
        if self.only_marks(node):
            return
        rule = getattr(self, "on_" + node["kind"], None)
        if rule:
            rule(node, parent)
        self.statements(node)
        for child in node.get("inner", ()):
            self.visit(child, node)

    def only_marks(self, node):
        """A condition of a mark, and of nothing else."""
        if node["kind"] != "IfStmt" or len(node["inner"]) != 2:
            return False
        body = node["inner"][1]
        return bool(body.get("place")) and body["place"].in_macro and (
            self.text_of(body).startswith("MARK(")
        )

    def macro(self, node):
        name = self.text_of(node)
        if name in ("true", "false"):
            self.put("constant", node, "false" if name == "true" else "true")
        elif INTEGERS.match(type_of(node)):
            self.put("constant", node, "(%s + 1)" % name)
            self.put("constant", node, "(%s - 1)" % name)

    def on_IntegerLiteral(self, node, parent):
        text = self.text_of(node)
        self.put("constant", node, "(%s + 1)" % text)
        self.put("constant", node, "(%s - 1)" % text)

    def on_BinaryOperator(self, node, parent):
        code = node["opcode"]
        if code in TURNED:
            # With a number on the right it is moved by the rule for constants.
            moves = code in MOVED and core_of(node["inner"][1])["kind"] != "IntegerLiteral"
            moved = [MOVED[code]] if moves else []
            self.put_operator("compare", node, [TURNED[code]] + moved)
        elif code in LOGIC:
            self.put_operator("logic", node, [LOGIC[code]])
            for operand in node["inner"]:
                self.negate(operand)
        elif code in SUMS:
            self.put_operator("sum", node, [SUMS[code]])

    def on_CompoundAssignOperator(self, node, parent):
        if node["opcode"] in SUMS:
            self.put_operator("sum", node, [SUMS[node["opcode"]]])

    def on_UnaryOperator(self, node, parent):
        place, code = node["place"], node["opcode"]
        if code in STEPS and node.get("isPostfix"):
            self.add("sum", place.end - 2, place.end, STEPS[code])
        elif code in STEPS:
            self.add("sum", place.begin, place.begin + 2, STEPS[code])

    def negate(self, node):
        """A condition. Comparisons are turned, and && and || changed, by rules of their own."""
        inner = core_of(node)
        if not node.get("place") or inner.get("opcode") in TURNED:
            return
        if node["place"].in_macro or inner["kind"] == "IntegerLiteral":
            return
        self.put("condition", node, "!(%s)" % self.text_of(node))

    def on_IfStmt(self, node, parent):
        self.negate(node["inner"][0])

    on_WhileStmt = on_ConditionalOperator = on_IfStmt

    def on_DoStmt(self, node, parent):
        self.negate(node["inner"][1])

    def on_ForStmt(self, node, parent):
        if len(node["inner"]) == 5 and node["inner"][2].get("kind"):
            self.negate(node["inner"][2])

    def on_ReturnStmt(self, node, parent):
        value = node["inner"][0] if node.get("inner") else None
        if value is None or not value.get("place") or value["place"].in_macro:
            return
        inner = core_of(value)
        if inner["kind"] == "IntegerLiteral":
            return
        if self.returns in BOOLS:
            if inner.get("opcode") not in TURNED:
                self.put("return", value, "!(%s)" % self.text_of(value))
        elif self.returns.endswith("*") or self.returns == "int":
            self.put("return", value, "0")
        elif INTEGERS.match(self.returns):
            self.put("return", value, "(%s) + 1" % self.text_of(value))

    def on_MemberExpr(self, node, parent):
        members, number = self.fields.get(node.get("referencedMemberDecl"), ([], 0))
        if not members:
            return
        wanted = type_of(members[number])
        # The next one, round and round: one mutant a use, however many there are.
        for member in members[number + 1 :] + members[:number]:
            if type_of(member) == wanted and member.get("name") and node.get("name"):
                end = node["place"].end
                self.add("field", end - len(node["name"]), end, member["name"])
                return

    def on_CallExpr(self, node, parent):
        if parent and not is_statement_of(node, parent):
            returned = parent["kind"] == "ReturnStmt" and self.returns == "int"
            if INTEGERS.match(type_of(node)) and not returned:
                self.put("call", node, "0")
        arguments = [child for child in node["inner"][1:] if child.get("place")]
        for i, first in enumerate(arguments):
            for second in arguments[i + 1 :]:
                self.swap(first, second)

    def swap(self, first, second):
        one, two = self.text_of(first), self.text_of(second)
        if bare(type_of(first)) != bare(type_of(second)) or one == two:
            return
        begin, end = first["place"].begin, second["place"].end
        between = self.source.text[first["place"].end : second["place"].begin]
        self.add("swap", begin, end, squeezed(two + between + one))

    # ---- statements ----

    def statements(self, node):
        kind, children = node["kind"], node.get("inner", [])
        if kind == "CompoundStmt":
            bodies = children
        elif kind == "IfStmt":
            bodies = children[1:]
        elif kind in ("WhileStmt", "ForStmt", "CaseStmt", "DefaultStmt"):
            bodies = children[-1:]
        elif kind == "DoStmt":
            bodies = children[:1]
        else:
            return
        for body in bodies:
            if body.get("kind") and body.get("place") and not body["place"].in_macro:
                self.leave_out(body)

    def leave_out(self, node):
        kind = node["kind"]
        inner = core_of(node)
        if kind == "CStyleCastExpr":
            inner = core_of(node["inner"][0])
        if kind == "ReturnStmt":
            leaves = node is not self.last and (self.returns == "void" or bool(node.get("inner")))
        else:
            leaves = inner["kind"] in (
                "CallExpr",
                "CompoundAssignOperator",
                "BreakStmt",
                "ContinueStmt",
            )
            leaves |= inner["kind"] == "BinaryOperator" and inner["opcode"] == "="
            leaves |= inner["kind"] == "UnaryOperator" and inner["opcode"] in STEPS
        if leaves:
            self.put("leave", node, "")


def type_of(node):
    found = node.get("type", {})
    return found.get("desugaredQualType", found.get("qualType", ""))


def bare(text):
    return re.sub(r"\b(const|restrict)\b ?", "", text).strip()


def core_of(node):
    while node["kind"] in WRAPPERS and node.get("inner"):
        node = node["inner"][0]
    return node


def is_statement_of(node, parent):
    """Its value is not used."""
    kind = parent["kind"]
    if kind == "CStyleCastExpr":
        return type_of(parent) == "void"
    if kind in ("IfStmt", "WhileStmt"):
        return node is not parent["inner"][0]
    return kind in ("CompoundStmt", "CaseStmt", "DefaultStmt", "DoStmt") or (
        kind == "ForStmt" and node is parent["inner"][-1]
    )


def mutants_of(root, path, flags):
    """All mutants of @path, which is relative to @root, in the order of the text."""
    # How code is made (-f, -m) may be another compiler's words, and says nothing of the text.
    reads = [flag for flag in flags if not re.match(r"-[fm]", flag)]
    command = ["clang", "-x", "c", "-I."] + reads
    command += ["-w", "-fsyntax-only", "-Xclang", "-ast-dump=json", path]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE)
    if done.returncode != 0:
        sys.exit("%s: clang cannot read it" % path)
    with open(os.path.join(root, path), encoding="latin-1") as file:
        source = Source(path, file.read())
    reader = Reader(source)
    tree = json.loads(done.stdout)
    reader.locate(tree)
    reader.functions(tree)

    found, seen = [], {}
    for mutant in sorted(reader.mutants, key=lambda m: (m.begin, m.end, m.kind, m.text)):
        key = (mutant.function, mutant.old, mutant.new)
        if (mutant.begin, mutant.end, mutant.text) in seen:
            continue  # two rules, one change
        seen[(mutant.begin, mutant.end, mutant.text)] = True
        mutant.number = seen[key] = seen.get(key, 0) + 1
        mutant.name_it()
        found.append(mutant)
    return found


def listing(path):
    lines = []
    for mutant in mutants_of(".", path, ["-std=c11"]):
        lines.append("%s:%d: %s: %s" % (path, mutant.line, mutant.function, mutant.kind))
        lines += ["- " + mutant.old, "+ " + mutant.new]
    return "\n".join(lines) + "\n"


def test(path, golden):
    """The exit code of a test; meson takes 77 for one that was left out."""
    if not shutil.which("clang"):
        print("no clang: tools/setup.sh --ci installs it")
        return 77
    found = listing(os.path.relpath(path))
    if os.environ.get("DCSIM_REWRITE") == "1":
        with open(golden, "w") as file:
            file.write(found)
    with open(golden) as file:
        wanted = file.read()
    diff = difflib.unified_diff(wanted.splitlines(), found.splitlines(), golden, "now", lineterm="")
    print("\n".join(diff))
    return 0 if found == wanted else 1


def main():
    sys.setrecursionlimit(20000)
    args = sys.argv[1:]
    if len(args) == 3 and args[0] == "--test":
        return test(args[1], args[2])
    if not args or args[0].startswith("-"):
        sys.exit(__doc__)
    for path in args:
        print(listing(path), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
