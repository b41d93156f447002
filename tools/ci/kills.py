#!/usr/bin/env python3
"""Signals at any instant: dcsim ends soon, nobody goes on, and no file is half written.

  tools/ci/kills.py [--quick] [--seed N] [BUILD]

Each command runs with a right node and with one that hangs, and gets one signal at an
instant that --seed draws, over the length of the run and a bit behind it: every second time
the process alone, as from kill(1), else its whole group, as from a terminal. The last line of
the table says what has to be 0:

  orphans  processes of the command that are still there 1 s after its end
  half     files that are neither absent nor whole
  late     ends that took too long after TERM, INT or HUP

A trace and a JSONL file grow from their first line on (dcsim(1), FILES): all lines but the last
of a trace have to be whole, and a run that ended by itself has to have ended its trace. A
folder of artifacts takes its place at once; only SIGKILL may leave the hidden one beside it.

BUILD is a build with tests (default: build). All 50 instants take about half an hour;
--quick takes less than a minute, and gives a busy machine 5 s for an end instead of 1.
"""
import argparse
import ctypes
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

PR_SET_CHILD_SUBREAPER = 36
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL]
MARKER = "DCSIM_KILLS_RUN"
# How long a process of a command that has ended may take to be gone, in s.
ORPHAN_S = 1.0
# One that does not end at all is killed then, in s.
END_S = 20.0
# What a node that hangs is given, in s.
HANG_S = 0.8
PARTS = ["command", "report.txt", "run.json", "scenario.scn", "trace.jsonl"]

# It breaks at its end, so that it leaves artifacts.
BREAKS = """scn 1
nodes 12
node sync 2ms
net loss 5%
every 100ms inc n1
at 1s inc n2 x5
expect value == 1 on n1 at end
stop 2s
"""
# In seed 8 n1 counts 37, which is where the planted node hangs.
HANGS = """scn 1
nodes 3
load 37/s poisson inc 100% on n1 to 1s
stop 4s
"""
UNTIDY = "scn 1\nnodes   3\n" + "at  1s   inc n1  by 3\n" * 40000 + "stop  4s\n"
TIDY = "scn 1\nnodes 3\n" + "at 1s  inc n1 by 3\n" * 40000 + "stop 4s\n"


class Case:
    """A command: its arguments, where {} is its folder; what it is called; its length in s."""

    def __init__(self, command, node, arguments, length=None):
        self.command, self.node, self.arguments, self.length = command, node, arguments, length


CASES = [
    Case("run", "right", "run {}/b.scn --trace {}/t --junit {}/x.xml -o {}/o"),
    Case(
        "run --seeds -j 2",
        "right",
        "run {}/b.scn --seeds 1..4 -j 2 --trace {}/t-{{seed}} --junit {}/x.xml -o {}/o",
    ),
    Case(
        "fuzz",
        "right",
        "fuzz {}/b.scn --seeds 1..4 -j 2 --jsonl {}/j --junit {}/x.xml --seeds-file {}/k -o {}/o",
    ),
    Case("shrink", "right", "shrink {}/b.scn -o {}/o", 3.0),
    Case("fmt -i", "none", "fmt -i {}/u.scn"),
    Case("run", "hangs", "run {}/h.scn --seed 8 --trace {}/t --junit {}/x.xml -o {}/o", HANG_S),
    Case(
        "run --seeds -j 2",
        "hangs",
        "run {}/h.scn --seeds 7..10 -j 2 --trace {}/t-{{seed}} --junit {}/x.xml -o {}/o",
        HANG_S,
    ),
    Case(
        "fuzz",
        "hangs",
        "fuzz {}/h.scn --seeds 7..10 -j 2 --timeout-per-seed 10h --jsonl {}/j --junit {}/x.xml"
        " --seeds-file {}/k -o {}/o",
        HANG_S,
    ),
    Case("shrink", "hangs", "shrink {}/h.scn --seed 8 -o {}/o", HANG_S),
]


class Sweep:
    def __init__(self, build, count, late_ms, seed):
        self.dcsim = os.path.join(build, "dcsim")
        self.planted = os.path.join(build, "tests", "dcsim-planted")
        self.count, self.late_ms, self.seed = count, late_ms, seed
        self.folder = tempfile.mkdtemp(prefix="dcsim-kills-")
        self.checked = {}  # by a story's hash: is it one?
        self.runs = 0

    # ---- one run ----

    def start(self, case):
        self.runs += 1
        home = os.path.join(self.folder, "w")
        shutil.rmtree(home, ignore_errors=True)
        os.mkdir(home)
        for name, text in (("b.scn", BREAKS), ("h.scn", HANGS), ("u.scn", UNTIDY)):
            with open(os.path.join(home, name), "w", encoding="ascii") as file:
                file.write(text)
        program = self.planted if case.node == "hangs" else self.dcsim
        marker = "%d.%d" % (os.getpid(), self.runs)
        arguments = case.arguments.replace("{{seed}}", "{seed}").replace("{}", home)
        child = subprocess.Popen(
            [program] + arguments.split(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            env=dict(os.environ, DCSIM_PLANT="hang", **{MARKER: marker}),
        )
        return home, marker, child

    def length(self, case):
        """How long it runs when nobody stops it, in s."""
        if case.length:
            return case.length
        before = time.monotonic()
        _, _, child = self.start(case)
        child.wait()
        return time.monotonic() - before

    def kill_one(self, case, number, at_s, whole_group):
        """One signal. Returns ms to the end (None: it had ended), orphans, problems."""
        home, marker, child = self.start(case)
        time.sleep(at_s)
        met = child.poll() is None
        begun = time.monotonic()
        if met and whole_group:
            os.killpg(child.pid, number)
        elif met:
            os.kill(child.pid, number)
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        took_ms = (time.monotonic() - begun) * 1000
        left = wait_for_orphans(child.pid, marker)
        problems = self.look(case, home, number, child.returncode)
        return took_ms if met else None, left, problems

    # ---- what it left ----

    def look(self, case, home, number, code):
        """What is wrong with the files in @home, as texts."""
        problems = []
        for name in sorted(os.listdir(home)):
            path = os.path.join(home, name)
            if name == "u.scn":
                if read(path) not in (UNTIDY.encode(), TIDY.encode()):
                    problems.append("u.scn is neither the old nor the new text")
            elif name == "o":
                problems += self.look_at_results(path, number)
            elif name in ("b.scn", "h.scn"):
                pass
            elif name.startswith("."):
                problems.append("%s is left" % name)
            elif name == "x.xml":
                problems += look_at_xml(path)
            elif name == "k":
                problems += look_at_seeds(path)
            elif name == "j":
                problems += look_at_lines(path, whole=True, ended=False)
            elif name.startswith("t"):
                # A worker whose time was over is killed in the middle of its run.
                by_itself = case.command == "run" and case.node == "right" and code == 130
                problems += look_at_lines(path, whole=by_itself, ended=by_itself)
            else:
                problems.append("%s: nobody knows this file" % name)
        return problems

    def look_at_results(self, folder, number):
        problems = []
        for name in sorted(os.listdir(folder)):
            path = os.path.join(folder, name)
            if name.startswith("."):
                if number != signal.SIGKILL or not os.path.isdir(path):
                    problems.append("o/%s is left" % name)
            elif not os.path.isdir(path):
                problems += self.look_at_story(path)
            elif sorted(os.listdir(path)) != PARTS:
                problems.append("o/%s has only %s" % (name, " ".join(sorted(os.listdir(path)))))
            else:
                problems += self.look_at_story(os.path.join(path, "scenario.scn"))
                problems += look_at_lines(os.path.join(path, "run.json"), True, False)
                problems += look_at_lines(os.path.join(path, "trace.jsonl"), True, True)
                for part in ("command", "report.txt"):
                    if not read(os.path.join(path, part)).endswith(b"\n"):
                        problems.append("o/%s/%s is cut off" % (name, part))
        return problems

    def look_at_story(self, path):
        text = read(path)
        key = hashlib.sha256(text).hexdigest()
        if key not in self.checked:
            self.checked[key] = (
                subprocess.run(
                    [self.dcsim, "check", path],
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    check=False,
                ).returncode
                == 0
            )
        return [] if self.checked[key] else ["%s is no story" % path]

    # ---- all of them ----

    def sweep(self, case):
        """A row for each signal. Returns orphans, half files and late ends."""
        total = [0, 0, 0]
        length = self.length(case)
        for number in SIGNALS:
            draws = random.Random("%d %s %s %d" % (self.seed, case.command, case.node, number))
            ends, orphans, half = [], 0, 0
            for i in range(self.count):
                at_s = draws.random() * length * 1.1
                took_ms, left, problems = self.kill_one(case, number, at_s, i % 2 == 1)
                if took_ms is not None:
                    ends.append(took_ms)
                orphans += left
                half += len(problems)
                for problem in problems:
                    print("  at %.4f s: %s" % (at_s, problem))
            late = sum(ms > self.late_ms for ms in ends) if number != signal.SIGKILL else 0
            print_row(case, number, self.count, ends, orphans, half, late)
            for i, more in enumerate((orphans, half, late)):
                total[i] += more
        return total


def print_row(case, number, count, ends, orphans, half, late):
    ends = sorted(ends) or [0]
    print(
        "%-17s %-6s %-4s %5d %5d %8.1f %8.1f %8d %5d %5d"
        % (
            case.command,
            case.node,
            signal.Signals(number).name[3:],
            count,
            len(ends),
            ends[-1],
            ends[len(ends) // 2],
            orphans,
            half,
            late,
        ),
        flush=True,
    )


# ---- processes ----


def is_of_it(pid, session, marker):
    """Is that process of the session or has it the marker? One that nobody has asked yet is gone."""
    try:
        with open("/proc/%s/stat" % pid, "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        if fields[0] in (b"Z", b"X"):
            return False
        if int(fields[3]) == session:
            return True
        return ("%s=%s\0" % (MARKER, marker)).encode() in read("/proc/%s/environ" % pid)
    except OSError:
        return False


def wait_for_orphans(session, marker):
    """How many are left when ORPHAN_S have passed. These are killed."""
    until = time.monotonic() + ORPHAN_S
    while True:
        reap()
        left = [p for p in os.listdir("/proc") if p.isdigit() and is_of_it(p, session, marker)]
        if not left or time.monotonic() >= until:
            break
        time.sleep(0.01)
    for pid in left:
        os.kill(int(pid), signal.SIGKILL)
    return len(left)


def reap():
    """Those whose parents have gone are ours."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0] > 0:
            pass
    except ChildProcessError:
        pass


# ---- files ----


def read(path):
    with open(path, "rb") as file:
        return file.read()


def look_at_lines(path, whole, ended):
    """JSON in each line; @whole: in the last one too; @ended: that is the end of a run."""
    lines = read(path).split(b"\n")
    last = lines.pop()
    if whole and last:
        return ["%s ends in the middle of a line" % path]
    try:
        told = [json.loads(line) for line in lines]
    except ValueError:
        return ["%s has a line that is no JSON" % path]
    if ended and (not told or told[-1].get("ev") != "end"):
        return ["%s has no end" % path]
    return []


def look_at_xml(path):
    try:
        xml.etree.ElementTree.parse(path)
    except xml.etree.ElementTree.ParseError:
        return ["%s is no XML" % path]
    return []


def look_at_seeds(path):
    text = read(path)
    good = text == b"" or text.endswith(b"\n")
    return [] if good else ["%s ends in the middle of a line" % path]


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("build", nargs="?", default="build")
    options = parser.parse_args()
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup has it ignored, which dcsim respects
    build = os.path.abspath(options.build)
    os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    sweep = Sweep(build, 1 if options.quick else 50, 5000 if options.quick else 1000, options.seed)
    print("command           node   sig  kills   met   max ms   median  orphans  half  late")
    total = [0, 0, 0]
    try:
        for case in CASES:
            for i, more in enumerate(sweep.sweep(case)):
                total[i] += more
    finally:
        shutil.rmtree(sweep.folder, ignore_errors=True)
    print("orphans %d, half %d, late %d" % tuple(total))
    return 0 if total == [0, 0, 0] else 1


if __name__ == "__main__":
    sys.exit(main())
