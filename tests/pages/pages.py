#!/usr/bin/env python3
"""Do the pages tell what is so?

  tests/pages/pages.py ROOT BUILD [PAGE...]

Reads README.md, docs/*.md and docs/*.scd. Each block between ``` is one of these, by what
it says:

- a transcript: it begins with "$ COMMAND". The command is run, and what it prints is compared
  with the lines below it, byte for byte: standard output, then standard error. A line "..."
  stands for any lines, " ... " within a line for anything. See NORMAL for what has a fixed form.
- commands alone: each is run, and has to end with 0.
- a scenario (it has "scn 1"): it holds. A part of one has no error.
- anything else stands in NOT_RUN, with a reason; so does a command that no test can run. Options
  are looked up in each case.

The blocks of a page are run one after the other in one folder, which has a copy of scenarios/, and
BUILD as build/; what one has written, another finds. Options, links and files that the text between
the blocks names are looked up as well.

DCSIM_REWRITE=1 in the environment writes what was printed into the pages. It keeps elisions, or
says that it cannot. Exits with 1 when a page is wrong, and says where.
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

# What is no transcript, no command and no scenario, and commands that are not run: page, line
# (a command, or the first line of a block), reason. A row that is in no page is an error.
NOT_RUN = [
    ("README.md", "tools/setup.sh", "installs packages; .ci/run runs it"),
    ("README.md", "tools/setup.sh --fast", "likewise"),
    ("README.md", "tools/setup.sh --tests", "likewise"),
    ("README.md", "meson install -C build", "tests/install.sh installs"),
    ("README.md", "meson test -C build", "is what runs this test"),
    ("README.md", "build/dcsim fuzz --swarm --time 60s -j 2", "takes a minute"),
    ("README.md", "ninja -C build tests/lessons/dcsim-lesson-03_counted_twice",
     "meson has built it: 'depends' of this test"),
    ("docs/WIRE.md", "00                              plain", "bytes: tests/test_claims.c"),
    ("docs/WIRE.md", "[sum, [address, incarnation, state], ...]", "a form"),
    ("docs/WIRE.md", '82  a6 "NodeID"  <id as string>  a5 "Value"  cf <64 bits>', "a form"),
    ("docs/architecture.md", "scenario.scn + seed", "a drawing"),
    ("docs/contributing.md", "tools/ci/kills.py --quick build", "a step of the gate"),
    ("docs/contributing.md", "tools/ci/kills.py build", "takes a quarter of an hour"),
    ("docs/contributing.md", "tools/rewrite.sh build", "writes into the source"),
    ("docs/contributing.md", "tools/rewrite.sh build failures", "likewise"),
    ("docs/mutants.md", "tools/mutants/run.py", "takes an hour"),
    ("docs/mutants.md", "tools/mutants/run.py --time 10 canary", "builds; .ci/run runs some"),
    ("docs/mutants.md", "tools/mutants/run.py --list", "is of the source, not of the program"),
    ("docs/mutants.md", "tools/mutants/sweep.py", "takes hours"),
    ("docs/mutants.md", "tools/mutants/sweep.py --sample 60 --only wal --seed 7", "likewise"),
    ("docs/mutants.md", "tools/mutants/sweep.py --again", "likewise"),
    ("docs/mutants.md", "tools/mutants/mutate.py core/wal.c", "the test 'mutants of a sample'"),
    ("docs/performance.md", "tools/bench/run.sh", "builds and measures"),
    ("docs/performance.md", "tools/bench/run.sh w1 runs", "likewise"),
    ("docs/performance.md", "tools/bench/run.sh --quick", "likewise"),
    ("docs/performance.md", "tools/ci/instructions.sh", "builds two commits"),
    ("docs/performance.md", "tools/ci/instructions.sh main", "likewise"),
    ("docs/performance.md", "instructions: w1-100 +4 % because each frame is now checked twice",
     "a line of a commit's text"),
    ("docs/performance.md", "tools/bench/profile.sh -D nodes=300 tools/bench/w1.scn",
     "builds, and needs valgrind"),
    ("docs/performance.md", "callgrind_annotate build-profile/calls.out", "likewise"),
    ("docs/performance.md", "less", "likewise"),
    ("docs/strangers.md", "build/tools/bench_strangers 64", "measures"),
]

# What differs from build to build, and the form in which the pages have it.
NORMAL = [
    (re.compile(r"\b\d+\.\d+\.\d+ \([^()]*\)(?=\"| model )"), "0.1.0 (1a2b3c4)"),
    (re.compile(r'(?<="wall_ns":)\d+'), "0"),
]
# What is measured on the clock while a command runs, on standard error.
PROGRESS = re.compile(r"(fuzz: elapsed|shrink: \d+ statements ->) ")

# Options of others that the text names.
OTHERS = {
    "--suite": "meson test", "--benchmark": "meson test", "--setup": "meson test",
    "--tool": "valgrind", "--again": "tools/mutants/sweep.py",
}

COMMAND = re.compile(r"(?:dcsim|(?:build|tools)/\S+|meson|ninja|callgrind_annotate)(?: |$)")
STATEMENT = re.compile(
    r"(?:scn|param|sweep|seeds?|include|nodes|group|fix|stop|node|net|link|at|\+\S+|every|repeat|load|"
    r"quiet|expect|always|never|sometimes|show)\b")
OPTION = re.compile(r"(?<![\w-])--[a-z][a-z-]*(?![\w-])")
LINK = re.compile(r"\]\(([^)#:]+)\)")
PATH = re.compile(r"(?<![\w/.-])(?:core|sim|tests|tools|docs|scenarios)/[\w/.*-]*[\w/*]")
GAP = " ... "


class Program:
    """What dcsim says of itself."""

    def __init__(self, path):
        text = subprocess.run([path, "--help"], capture_output=True, text=True, check=True).stdout
        self.commands = set(re.findall(r"^(?:usage:|  +) *dcsim \[?(\w+)\]? ", text, re.M))
        self.options = {}
        of = set()
        for line in text.splitlines():
            if re.match(r"[a-z ]+:$", line):
                of = self.commands if line == "all commands:" else set(line[:-1].split(" and "))
            elif re.match(r" +-", line):
                for name in re.findall(r"(?<!\S)--?[A-Za-z-]+", line[:28]):
                    self.options.setdefault(name, set()).update(of)

    def unknown(self, words):
        """The options in words behind "dcsim" that its command does not have."""
        command = words[0] if words and words[0] in self.commands else "run"
        for word in words:
            if not re.match(r"--?[A-Za-z]", word):
                continue
            name = re.match(r"--[a-z-]+|-[A-Za-z]", word).group(0)
            if command not in self.options.get(name, ()):
                yield "dcsim %s has no option %s" % (command, name)


class Block:
    def __init__(self, page, line, lines):
        self.page, self.line, self.lines = page, line, lines

    def first(self):
        return self.lines[0].strip() if self.lines else ""


def split_page(page, text):
    """(blocks, the text without them, line by line)."""
    blocks, prose, begin = [], [], None
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if line.lstrip().startswith("```"):
            if begin is not None:
                blocks.append(Block(page, begin + 1, lines[begin:number - 1]))
            begin = number if begin is None else None
            prose.append("")
        else:
            prose.append(line if begin is None else "")
    if begin is not None:
        blocks.append(Block(page, begin + 1, lines[begin:]))
    return blocks, prose


def simple_commands(line):
    """(what stands before it, the command) of each command of a line of shell."""
    parts = re.split(r"(&&|;|\|(?!\|))(?=(?:[^']*'[^']*')*[^']*$)", line)
    for i in range(0, len(parts), 2):
        yield parts[i - 1] if i else "", parts[i].strip()


def without_comment(line):
    return re.sub(r"(?:^|\s+)# .*$", "", line).strip()


# ---- what was printed, and what the page says of it ----

def normal(text):
    for pattern, form in NORMAL:
        text = pattern.sub(form, text)
    return text


def line_matches(expected, found):
    parts = expected.split(GAP)
    if len(parts) == 1:
        return expected == found
    return re.fullmatch(".*".join(map(re.escape, parts)), found) is not None


def runs_of(expected):
    """The lines between lines "...": the first run stands at the begin, the last one at the end."""
    runs = [[]]
    for line in expected:
        if line == "...":
            runs.append([])
        else:
            runs[-1].append(line)
    return runs


def find_run(run, found, begin, ways):
    """Its first place in the first way in which it has one."""
    for matches in ways:
        for at in range(begin, len(found) - len(run) + 1):
            if all(map(matches, run, found[at:])):
                return at
    return None


def places_of(expected, found, ways):
    """Where each run begins in what was found; None for the first run that is not there."""
    runs = runs_of(expected)
    if len(runs) == 1:
        return [find_run(expected, found, 0, ways) if len(expected) == len(found) else None]
    places, at = [], 0
    for i, run in enumerate(runs):
        last = len(found) - len(run)
        if i == 0:
            place = find_run(run, found[:len(run)], 0, ways)
        elif i == len(runs) - 1:
            place = find_run(run, found, last, ways) if last >= at else None
        else:
            place = find_run(run, found, at, ways)
        places.append(place)
        if place is None:
            break
        at = place + len(run)
    return places


def is_same(expected, found):
    return None not in places_of(expected, found, [line_matches])


def figures(text):
    """A pattern of what has the same words, with other figures."""
    return re.sub(r"(?:(?<![A-Za-z])[0-9a-f]*[0-9][0-9a-f]*)", "[0-9a-f]+", re.escape(text))


def fits(expected, found):
    return re.fullmatch(".*".join(map(figures, expected.split(GAP))), found) is not None


def renewed_line(expected, found):
    """What was found, with the gaps of the page."""
    if GAP not in expected:
        return found
    parts = ["(%s)" % figures(part) for part in expected.split(GAP)]
    match = re.fullmatch(".*".join(parts), found)
    return GAP.join(match.groups()) if match else None


def renewed(expected, found):
    """The lines to write for what was found; None where an elision has no place any more."""
    runs = runs_of(expected)
    if len(runs) == 1:
        lines = [renewed_line(*pair) for pair in zip(expected, found)] + found[len(expected):]
        return found if GAP not in "\n".join(expected) else None if None in lines else lines
    places = places_of(expected, found, [line_matches, fits])
    if None in places and len(runs) == 2 and len(found) >= len(expected) - 1:
        places = [0, len(found) - len(runs[1])]
    if None in places:
        return None
    lines = []
    for i, (run, at) in enumerate(zip(runs, places)):
        lines += ["..."] if i else []
        lines += [renewed_line(line, found[at + j]) for j, line in enumerate(run)]
    return None if None in lines else lines


def difference(expected, found):
    yield "  the page says:"
    yield from ("    | " + line for line in expected)
    yield "  this is printed:"
    yield from ("    | " + line for line in found[:60])
    if len(found) > 60:
        yield "    | and %d lines more" % (len(found) - 60)


# ---- the pages ----

class Pages:
    def __init__(self, root, build, not_run=None, rewrite=False, out=sys.stdout):
        self.root, self.build = pathlib.Path(root).resolve(), pathlib.Path(build).resolve()
        self.program = Program(str(self.build / "dcsim"))
        self.not_run = {(page, line): reason for page, line, reason in
                        (NOT_RUN if not_run is None else not_run)}
        self.met, self.wrong, self.ran = set(), 0, 0
        self.folder = None
        self.rewrite, self.out = rewrite, out

    def say(self, page, line, text, more=()):
        print("%s:%d: %s" % (page, line, text), file=self.out)
        for other in more:
            print(other, file=self.out)
        self.wrong += 1

    def is_listed(self, page, line):
        if (page, line) not in self.not_run:
            return False
        self.met.add((page, line))
        return True

    # -- commands

    def run(self, command):
        environment = dict(os.environ, LC_ALL="C", NO_COLOR="1",
                           PATH="%s:%s" % (self.folder / "bin", os.environ["PATH"]))
        environment.pop("DCSIM_REWRITE", None)
        done = subprocess.run(["sh", "-c", command], cwd=self.folder, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True,
                              encoding="utf-8", errors="replace")
        self.ran += 1
        errors = [line for line in done.stderr.splitlines() if not PROGRESS.match(line)]
        return done.returncode, done.stdout.splitlines() + errors

    def check_options(self, page, number, command):
        words = command.split(">")[0].split()
        words = words[:words.index("#")] if "#" in words else words
        name = words[0] if words else ""
        if name == "dcsim" or re.match(r"build/(?:\S*/)?dcsim[^/]*$", name):
            for text in self.program.unknown(words[1:]):
                self.say(page, number, "%s: %s" % (text, command))
        elif name.startswith("tools/"):
            path = self.root / name
            options = re.findall(r"(?<!\S)--[a-z-]+", command)
            if not self.is_there(name):
                self.say(page, number, "there is no %s" % name)
            elif options and any(option not in path.read_text(encoding="utf-8") for option in options):
                self.say(page, number, "%s has no such option: %s" % (name, command))

    def runnable(self, page, number, line):
        """The part of a line of shell that a test can run; '' for none."""
        parts = []
        for before, command in simple_commands(line):
            self.check_options(page, number, command)
            if not self.is_listed(page, command):
                parts.append((before if parts else "") + " " + command)
        return " ".join(parts).strip()

    def check_commands(self, block):
        for number, line in enumerate(block.lines, block.line):
            command = self.runnable(block.page, number, without_comment(line))
            if not command:
                continue
            code, found = self.run(command)
            if code != 0:
                self.say(block.page, number, "'%s' ends with %d" % (command, code),
                         difference([], found))

    def check_output(self, block, number, line, expected):
        """One command with its output. Returns the lines for the page."""
        command = self.runnable(block.page, number, line[2:])
        if not command:
            if expected not in ([], ["..."]):
                self.say(block.page, number, "the output of what is not run: %s" % line)
            return expected
        code, found = self.run(command)
        found = [normal(line) for line in found]
        if code < 0 or code >= 126:
            self.say(block.page, number, "'%s' ends with %d" % (command, code),
                     difference(expected, found))
            return expected
        if is_same(expected, found):
            return expected
        lines = renewed(expected, found) if self.rewrite else None
        if lines is None:
            why = "; an elision has no place any more, mend it by hand" if self.rewrite else \
                "; 'tools/rewrite.sh BUILD pages' writes it anew"
            self.say(block.page, number, "'%s' prints something else%s" % (command, why),
                     difference(expected, found))
            return expected
        return lines

    def check_transcript(self, block):
        lines, at = [], 0
        while at < len(block.lines):
            end = at + 1
            while end < len(block.lines) and not block.lines[end].startswith("$ "):
                end += 1
            lines.append(block.lines[at])
            lines += self.check_output(block, block.line + at, block.lines[at],
                                       block.lines[at + 1:end])
            at = end
        return lines

    # -- scenarios

    def check_scenario(self, block, is_part):
        text = "\n".join(block.lines) + "\n"
        if is_part:
            text = "scn 1\nnodes 5\n%sstop 10s\n" % text
        (self.folder / "page.scn").write_text(text, encoding="utf-8")
        code, found = self.run("dcsim %s -q page.scn" % ("check" if is_part else "run"))
        if code != 0:
            self.say(block.page, block.line, "the scenario is not one that %s" %
                     ("parses" if is_part else "holds"), difference(block.lines, found))

    def check_block(self, block):
        """Returns the lines for the page."""
        statements = [text for text in map(without_comment, block.lines) if text]
        if any(line.startswith("$ ") for line in block.lines):
            if block.lines[0].startswith("$ "):
                return self.check_transcript(block)
            self.say(block.page, block.line, "a transcript begins with its first '$ '")
        elif self.is_listed(block.page, block.first()) and not COMMAND.match(block.first()):
            pass
        elif "scn 1" in statements[:1]:
            self.check_scenario(block, False)
        elif statements and all(map(COMMAND.match, statements)):
            self.check_commands(block)
        elif statements and all(map(STATEMENT.match, statements)):
            self.check_scenario(block, True)
        else:
            self.say(block.page, block.line,
                     "a block that is neither run nor in NOT_RUN of tests/pages/pages.py: %s" %
                     block.first())
        return block.lines

    # -- the text between the blocks

    def is_there(self, path):
        """A file or folder of the source, or a module; NAME and NN_name stand for anything."""
        pattern = re.sub(r"NN_name|NAME", "*", path.rstrip("/"))
        return any(self.root.glob(pattern)) or (self.root / (path + ".h")).is_file()

    def check_files(self, page, number, line):
        for link in LINK.findall(line):
            if not ((self.root / page).parent / link).exists():
                self.say(page, number, "a link that leads nowhere: %s" % link)
        for path in PATH.findall(LINK.sub("", line)):
            if not self.is_there(path):
                self.say(page, number, "there is no %s" % path)

    def check_text(self, page, prose, text):
        tools = [name for name in set(re.findall(r"tools/[\w/]+\.(?:sh|py)", text))
                 if (self.root / name).is_file()]
        theirs = "".join((self.root / name).read_text(encoding="utf-8") for name in tools)
        for number, line in enumerate(prose, 1):
            if page.endswith(".md") and line.startswith("    ") and number > 1 and not prose[number - 2]:
                self.say(page, number, "a block without ``` around it")
            self.check_files(page, number, line)
            spans = re.findall(r"`([^`]+)`", line) if page.endswith(".md") else [line]
            for span in spans:
                if COMMAND.match(span) and page.endswith(".md"):
                    for _, command in simple_commands(span):
                        self.check_options(page, number, command)
                    continue
                for option in OPTION.findall(span):
                    if option not in self.program.options and option not in OTHERS and \
                            not re.search(re.escape(option) + r"\b", theirs):
                        self.say(page, number, "nobody has an option %s" % option)

    def make_folder(self):
        (self.folder / "bin").mkdir()
        (self.folder / "bin" / "dcsim").symlink_to(self.build / "dcsim")
        (self.folder / "build").symlink_to(self.build)
        if (self.root / "scenarios").exists():
            shutil.copytree(self.root / "scenarios", self.folder / "scenarios")

    def check_page(self, page):
        path = self.root / page
        text = path.read_text(encoding="utf-8")
        blocks, prose = split_page(page, text)
        self.check_text(page, prose, text)
        lines, changed = text.split("\n"), False
        with tempfile.TemporaryDirectory() as folder:
            self.folder = pathlib.Path(folder)
            self.make_folder()
            renewed_blocks = [(block, self.check_block(block)) for block in blocks]
        for block, new in reversed(renewed_blocks):
            changed = changed or new != block.lines
            lines[block.line - 1:block.line - 1 + len(block.lines)] = new
        if changed:
            new_path = path.with_name(path.name + ".new")
            new_path.write_text("\n".join(lines), encoding="utf-8")
            new_path.replace(path)
            print("%s: written anew" % page, file=self.out)
        return len(blocks)

    def check(self, names=()):
        pages = [str(path.relative_to(self.root)) for path in
                 [self.root / "README.md"] + sorted((self.root / "docs").glob("*.md")) +
                 sorted((self.root / "docs").glob("*.scd")) if path.exists()]
        count = sum(self.check_page(page) for page in pages if not names or page in names)
        for page, line in self.not_run:
            if (page, line) not in self.met and (not names or page in names):
                self.say(page, 0, "is in NOT_RUN of tests/pages/pages.py, and not in the page: %s" % line)
        print("%d blocks, %d commands and scenarios run, %d wrong" % (count, self.ran, self.wrong),
              file=self.out)
        return 1 if self.wrong or not count else 0


if __name__ == "__main__":
    wish = os.environ.get("DCSIM_REWRITE") == "1"
    sys.exit(Pages(sys.argv[1], sys.argv[2], rewrite=wish).check(sys.argv[3:]))
