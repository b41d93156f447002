#!/usr/bin/env python3
"""Mutants, the test of the tester: core with one fault each, and what finds it.

  tools/mutants/run.py [OPTION...] [NAME...]

      --time S        seconds of fuzzing that each gets (default: 60)
  -j N                worker processes (default: 2)
      --no-shrink     no smallest stories
      --shrink-time S seconds that a story is looked for (default: 120)
      --keep DIR      leave the stories there, NAME.scn
      --markdown      the table as docs/mutants.md has it
      --list          names and faults, and nothing else
      --apply         only see whether each still applies to core, and has its row in
                      docs/mutants.md

The mutants are tools/mutants/*.patch, and tests/lessons/*.patch: the faults that
others had, each of which a scenario tells (docs/lessons.md), so that here too it
is seen whether chance finds them. NAME is a file's without .patch; none: all.

Each patch is applied to a copy of core in build-mutants/, dcsim is built of it,
and `dcsim fuzz --swarm` runs seeds from 1 on until one does not hold. Its
scenario is shrunk by the mutant's dcsim, and the story has to fail with the
mutant and to hold without it. Statements are the lines of the story as dcsim fmt
writes it (continued ones are one), less comments, `scn 1` and each `end`.

One that hangs is not shrunk: each try would take as long as it takes to tell. Exits
with 1 when a mutant survives, or a story is no good or has over 12 statements.
"""
import argparse
import filecmp
import glob
import json
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WORK = os.path.join(ROOT, "build-mutants")
COPY = os.path.join(WORK, "source")
BUILD = os.path.join(WORK, "build")
REAL = os.path.join(WORK, "dcsim")
OUT = os.path.join(WORK, "out")
COPIED = ["core", "sim", "docs", "tests", "scenarios", "tools", "meson.build", "meson_options.txt", "LICENSE",
          "README.md"]
# No campaign of a minute comes that far.
SEEDS_MAX = 10000000
# For a worker that hangs: how long after its time it is waited for.
GRACE_S = 5
# After Ctrl-C a shrinking one still has to try its story with other seeds.
LAST_TRIES_S = 20
# One run that takes longer hangs: they take milliseconds.
HANG_S = 15
HANGS = "hangs"
# A story may have so many statements.
STATEMENTS_MAX = 12
# So many more seeds are tried when the story of the first has more.
MORE_SEEDS = 3

# ---- patches ----


def mutants():
    """All of them: name to path, lessons first."""
    found = {}
    for folder in ("tests/lessons", "tools/mutants"):
        for path in sorted(glob.glob(os.path.join(ROOT, folder, "*.patch"))):
            found[os.path.basename(path)[: -len(".patch")]] = path
    return found


def fault(path):
    """What the first line of a patch says."""
    with open(path) as file:
        return file.readline().strip()


def patched(path):
    """The files that a patch changes."""
    with open(path) as file:
        return [line[len("+++ b/") :].split()[0] for line in file if line.startswith("+++ b/")]


# ---- the copy and its build ----


def bring(source, target):
    """A file, only if it differs: what is the same is not built anew."""
    with open(source, "rb") as file:
        wanted = file.read()
    if os.path.exists(target):
        with open(target, "rb") as file:
            if file.read() == wanted:
                return
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with open(target, "wb") as file:
        file.write(wanted)
    shutil.copymode(source, target)


def bring_all():
    """The copy is as the tree is, whatever an earlier run has left in it."""
    for name in COPIED:
        top = os.path.join(ROOT, name)
        if os.path.isfile(top):
            bring(top, os.path.join(COPY, name))
            continue
        kept = set()
        for folder, _, files in os.walk(top):
            for file in files:
                path = os.path.relpath(os.path.join(folder, file), ROOT)
                bring(os.path.join(ROOT, path), os.path.join(COPY, path))
                kept.add(path)
        for folder, _, files in os.walk(os.path.join(COPY, name)):
            for file in files:
                path = os.path.join(folder, file)
                if os.path.relpath(path, COPY) not in kept:
                    os.remove(path)


def must(*command):
    """A command that has no reason to fail."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit("%s\n%s" % (" ".join(command), done.stdout))


def compile_copy():
    must("ninja", "-C", BUILD, "dcsim")


def build_real():
    bring_all()
    if not os.path.exists(os.path.join(BUILD, "build.ninja")):
        must("meson", "setup", BUILD, COPY, "-Dbuildtype=release", "-Dtests=disabled", "-Dwerror=true")
    compile_copy()
    shutil.copy2(os.path.join(BUILD, "dcsim"), REAL)


def apply(folder, path):
    # No fuzz: a patch that has to guess plants something else one day.
    options = ["--quiet", "--fuzz=0", "--strip=1", "--no-backup-if-mismatch"]
    return ["patch"] + options + ["--directory=" + folder, "--input=" + path]


def build_mutant(path):
    must(*apply(COPY, path))
    compile_copy()


def take_back(path):
    for name in patched(path):
        bring(os.path.join(ROOT, name), os.path.join(COPY, name))


def all_apply(known, names):
    """To a copy of core that nobody builds."""
    good = True
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(os.path.join(ROOT, "core"), os.path.join(folder, "core"))
            done = subprocess.run(apply(folder, known[name]), stdout=subprocess.DEVNULL)
            same = [
                file
                for file in patched(known[name])
                if filecmp.cmp(os.path.join(ROOT, file), os.path.join(folder, file), False)
            ]
        if done.returncode != 0 or same:
            print("%s does not apply any more: make it anew against core/" % known[name])
            good = False
    return good


def all_told(known):
    """Each has its row in docs/mutants.md, with its own words, and nothing else has."""
    with open(os.path.join(ROOT, "docs", "mutants.md")) as file:
        text = file.read()
    table = text.partition("\n| mutant |")[2]
    told = dict(re.findall(r"^\| (\w+) \|.*\| ([^|]+) \|$", table, re.M))
    wrong = [name for name in sorted(set(known) | set(told))
             if name not in known or told.get(name) != fault(known[name])]
    for name in wrong:
        print("docs/mutants.md: the row of %s is missing, too many, or has other words" % name)
    count = re.search(r"^Killed (\d+) of (\d+);", text, re.M)
    if count is None or count.group(2) != str(len(known)):
        print("docs/mutants.md: there are %d mutants" % len(known))
        return False
    return not wrong


# ---- fuzzing ----


def silent(command, seconds):
    """The exit code of a command whose words are of no interest."""
    quiet = subprocess.DEVNULL
    return subprocess.run(command, stdout=quiet, stderr=quiet, timeout=seconds).returncode


class Campaign:
    """What a campaign came to: the first seed that did not hold, and why."""

    def __init__(self):
        self.seed = None
        self.headline = ""
        self.tried = 0
        self.seconds = 0.0
        self.said = ""

    def take(self, line):
        """One line of what dcsim says. Returns whether it is known what happened."""
        verdict = VERDICT.match(line)
        if self.headline:
            return True
        if self.seed is not None:
            self.headline = re.sub(r"^swarm\.scn[:0-9]*:? *(error: )?", "", line)
        elif verdict:
            self.seed = int(verdict.group(2))
            self.headline = "" if verdict.group(3).startswith("at ") else verdict.group(3)
            if self.headline.startswith(ENDED) and self.said:
                self.headline = self.said
        elif line.startswith("dcsim: "):
            self.said = line[len("dcsim: ") :]
        return self.headline != ""


VERDICT = re.compile(r"^(broke|unknown) swarm\.scn  seed (\d+)  (.*)$")
# A worker that has ended by itself; why, it has said before.
ENDED = "ended its process"
HELD = re.compile(r": held (\d+)")


def lines_until(child, deadline):
    """Lines as they come, until the time is up or there are no more."""
    rest = b""
    while True:
        ready, _, _ = select.select([child.stdout], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return
        some = os.read(child.stdout.fileno(), 65536)
        if not some:
            return
        rest += some
        *whole, rest = rest.split(b"\n")
        for line in whole:
            yield line.decode(errors="replace")


def end(child):
    """Ctrl-C, and for who does not listen the end. Returns what it still said."""
    child.send_signal(signal.SIGINT)
    try:
        out, _ = child.communicate(timeout=GRACE_S)
        return out.decode(errors="replace")
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        return None


def fuzz(dcsim, seconds, jobs):
    result = Campaign()
    started = time.monotonic()
    # What is seldom said would wait in a buffer.
    at_once = ["stdbuf", "-oL"] if shutil.which("stdbuf") else []
    child = subprocess.Popen(
        at_once
        + [dcsim, "fuzz", "--swarm", "--seeds", "1..%d" % SEEDS_MAX, "-j", str(jobs)]
        + ["-o", OUT, "--color", "never"],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        for line in lines_until(child, started + seconds):
            if result.take(line):
                break
    except BaseException:  # Ctrl-C: nothing goes on behind our back
        end(child)
        raise
    result.seconds = time.monotonic() - started
    last = end(child)
    for line in (last or "").splitlines():
        if not line.startswith("unknown"):  # those that Ctrl-C ended
            result.take(line)
    if result.seed is None:
        look_for_hang(dcsim, result, last)
    else:
        result.tried = result.seed
    return result


def look_for_hang(dcsim, result, last):
    """Which of the seeds that were under way at the end does not end by itself?"""
    held = HELD.search(last or "")
    result.tried = int(held.group(1)) if held else 0
    for line in (last or "").splitlines():
        verdict = VERDICT.match(line)
        if not verdict:
            continue
        seed = verdict.group(2)
        try:
            silent([dcsim, "fuzz", "--swarm", "--seed", seed, "-o", OUT], HANG_S)
        except subprocess.TimeoutExpired:
            result.seed = result.tried = int(seed)
            result.headline = HANGS
            return


def cause(headline):
    """The check or expectation that a headline is about."""
    for pattern, text in (
        (r"check '(\w+)'", r"check %s"),
        (r"broken (?:pre|post)?(?:condition|invariant)", "contract"),
        (r"(cannot start)", "%s"),
        (r"not converged", "expect converged"),
        (r"^not (.*)", "expect %s"),
        (r"died of signal \d+ \(([^)]*)\)", "%s"),
    ):
        found = re.search(pattern, headline)
        if found:
            text = text.replace(r"%s", found.group(1)) if found.groups() else text
            return text
    return headline[:40]


# ---- stories ----


def run_story(dcsim, story):
    """The exit code of a run; None when it does not end."""
    try:
        return silent([dcsim, "run", "-q", "-o", OUT, story], HANG_S)
    except subprocess.TimeoutExpired:
        return None


def statements(dcsim, story):
    done = subprocess.run([dcsim, "fmt", story], stdout=subprocess.PIPE, text=True)
    count = 0
    continued = False
    for line in done.stdout.splitlines():
        text = line.strip()
        if not continued and text and not text.startswith("#") and text not in ("scn 1", "end"):
            count += 1
        continued = text.endswith("\\")
    return count


class Story:
    """The smallest scenario that a mutant fails, if there is one."""

    def __init__(self):
        self.path = None
        self.statements = None
        self.fails = self.holds = None

    def is_good(self):
        if self.path is None or self.statements > STATEMENTS_MAX:
            return False
        return self.fails and self.holds


def can_shrink(dcsim):
    done = subprocess.run([dcsim, "--help"], stdout=subprocess.PIPE, text=True)
    return "dcsim shrink" in done.stdout


def shrink(dcsim, seed, name, seconds):
    story = Story()
    folder = os.path.join(WORK, "stories", name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    drawn = os.path.join(folder, "swarm.scn")
    with open(drawn, "w") as file:
        subprocess.run([REAL, "fuzz", "--swarm", "--print", "--seed", str(seed)], stdout=file)
    out = os.path.join(folder, "shrunk")
    child = subprocess.Popen(
        [dcsim, "shrink", drawn, "--seed", str(seed), "-o", out],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        child.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)  # keeps the best so far
        try:
            child.wait(timeout=LAST_TRIES_S)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
    found = sorted(glob.glob(os.path.join(out, "**", "*.scn"), recursive=True))
    if not found:
        return story
    story.path = found[0]
    story.statements = statements(REAL, story.path)
    story.fails = run_story(dcsim, story.path) != 0
    story.holds = run_story(REAL, story.path) == 0
    return story


# ---- the table ----

COLUMNS = "%-30s %-20s %8s %8s %10s  %-9s %s"
HEAD = ("mutant", "killed by", "seeds", "seconds", "statements", "on mutant", "on real")


def row(name, campaign, story):
    def told(value, yes, no):
        return "" if value is None else yes if value else no

    killed = campaign.headline != ""
    return (
        name,
        cause(campaign.headline) if killed else "SURVIVED",
        str(campaign.tried),
        "%.1f" % campaign.seconds,
        "" if story is None or story.statements is None else str(story.statements),
        "" if story is None else told(story.fails, "fails", "HOLDS"),
        "" if story is None else told(story.holds, "holds", "FAILS"),
    )


def show(cells, markdown, text):
    if markdown:
        print("| %s | %s |" % (" | ".join(cells[:5]), text))
    else:
        print((COLUMNS % cells).rstrip())
    sys.stdout.flush()


def other_seeds(dcsim, seed, jobs):
    """More seeds that the mutant fails with, behind @seed."""
    done = subprocess.run(
        [dcsim, "fuzz", "--swarm", "--seeds", "%d..%d" % (seed + 1, SEEDS_MAX), "-q"]
        + ["--time", "20s", "-j", str(jobs), "--max-failures", str(MORE_SEEDS)]
        + ["--timeout-per-seed", "5s", "-o", os.path.join(WORK, "out"), "--jsonl", "-"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [record["seed"] for record in records if record["verdict"] != "held"]


def is_good(story):
    return bool(story.path and story.fails and story.holds and story.statements <= STATEMENTS_MAX)


def smallest(dcsim, seed, name, options):
    """The story of that seed; if it is too long, or no good, that of one of the next that fail."""
    best = shrink(dcsim, seed, name, options.shrink_time)
    if is_good(best):
        return best
    for number, other in enumerate(other_seeds(dcsim, seed, options.j)):
        story = shrink(dcsim, other, "%s-%d" % (name, number), options.shrink_time)
        if is_good(story):
            return story
    return best


def try_one(name, path, options, shrinks):
    """Returns the campaign and the story, which is None when none was wanted."""
    story = None
    try:
        build_mutant(path)
        dcsim = os.path.join(WORK, "dcsim-mutant")
        shutil.copy2(os.path.join(BUILD, "dcsim"), dcsim)
        campaign = fuzz(dcsim, options.time, options.j)
        if campaign.seed is not None and campaign.headline != HANGS and shrinks:
            story = smallest(dcsim, campaign.seed, name, options)
            if story.path is not None and options.keep:
                os.makedirs(options.keep, exist_ok=True)
                shutil.copy(story.path, os.path.join(options.keep, name + ".scn"))
    finally:
        take_back(path)
    return campaign, story


def arguments(known):
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--time", type=float, default=60.0, help=argparse.SUPPRESS)
    parser.add_argument("--shrink-time", type=float, default=120.0, help=argparse.SUPPRESS)
    parser.add_argument("-j", type=int, default=2, help=argparse.SUPPRESS)
    parser.add_argument("--keep", help=argparse.SUPPRESS)
    for flag in ("--no-shrink", "--markdown", "--list", "--apply"):
        parser.add_argument(flag, action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("names", nargs="*", help=argparse.SUPPRESS)
    options = parser.parse_args()
    for name in options.names:
        if name not in known:
            parser.error("no mutant is called '%s'; --list names them" % name)
    return options


def main():
    known = mutants()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    options = arguments(known)
    names = options.names or list(known)
    if options.list:
        for name in names:
            print("%-30s %s" % (name, fault(known[name])))
        return 0
    if options.apply:
        good = all_apply(known, names)
        return 0 if good and (options.names or all_told(known)) else 1

    build_real()
    shrinks = not options.no_shrink and can_shrink(REAL)
    show(HEAD, options.markdown, "fault")
    if options.markdown:
        print("|---|---|---|---|---|---|")
    survivors, bad, tried = [], [], []
    for name in names:
        campaign, story = try_one(name, known[name], options, shrinks)
        if campaign.headline == "":
            survivors.append(name)
        else:
            tried.append(campaign.tried)
        if story is not None and not story.is_good():
            bad.append(name)
        show(row(name, campaign, story), options.markdown, fault(known[name]))

    tried.sort()
    print(
        "%skilled %d of %d%s"
        % (
            "\n" if options.markdown else "",
            len(tried),
            len(names),
            ", median seeds to kill %d" % tried[len(tried) // 2] if tried else "",
        )
    )
    for title, some in (("survived", survivors), ("no good story", bad)):
        if some:
            print("%s: %s" % (title, " ".join(some)))
    return 1 if survivors or bad else 0


if __name__ == "__main__":
    sys.exit(main())
