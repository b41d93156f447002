#!/usr/bin/env python3
"""Sweep: mutants of core that rules make, and what finds each (docs/mutants.md).

  tools/mutants/sweep.py [OPTION...]

      --sample N      so many mutants, drawn at random (default: 300)
      --seed S        of the drawing (default: 1)
      --time T        seconds of fuzzing that each gets (default: 20)
  -j N                mutants at a time (default: 2)
      --only TEXT     draw among those whose file and function hold TEXT
      --again         only those of the results that neither fuzz nor scenarios killed
      --doubt         also run those that equivalent.txt argues about
      --results FILE  one JSON object a mutant (default: build-mutants/sweep/results.jsonl)
      --build DIR     a build folder to take objects from (default: one of its own)
      --sanitized DIR likewise, with sanitizers
      --at-least P    exit with 1 if fewer than P percent are killed by fuzz
      --list          the drawn mutants, and nothing else

tools/mutants/mutate.py makes the mutants. One that does not compile is none, and
the next one is drawn. One whose object (gcc -O2; clang -O2 as well, where nothing
kills it) is that of the original is equivalent. Others get, until something kills
them, seeds of `dcsim fuzz --swarm` from 1 on, all scenarios with their own seed and
with 1..5, and the unit tests of core. A hang and a crash kill as well.

A result of the same sources is not made again: a sweep goes on where it ended.
tools/mutants/equivalent.txt has survivors that change nothing, with the reason.
"""
import argparse
import fcntl
import glob
import hashlib
import json
import os
import shutil
import signal
import sys
import threading
import time

import killers
import mutate
from killers import PROCESSES, ROOT, WORK, Stopped, Verdict

ARGUED = os.path.join(ROOT, "tools", "mutants", "equivalent.txt")
# So long the original is looked at first.
TRIAL_S = 10
EQUIVALENT = ("object", "argued")
TITLES = {
    "fuzz": "killed by fuzz",
    "sanitized": "killed by fuzz with sanitizers",
    "scenarios": "killed by scenarios",
    "tests": "killed by tests only",
    "object": "equivalent by object",
    "argued": "equivalent, argued",
    "survivor": "survivors",
    "unbuilt": "does not compile",
}


# ---- one mutant ----


class Worker:
    """A folder of its own, in which one mutant after the other is built and tried."""

    def __init__(self, original, sanitized, tests, number, seconds):
        self.original, self.tests, self.seconds = original, tests, seconds
        self.sanitized = sanitized
        self.folder = os.path.join(WORK, "j%d" % number)
        self.archive = os.path.join(self.folder, "libcore.a")
        self.program = os.path.join(self.folder, "dcsim")
        killers.copy(["core"], self.folder)

    def differing(self, original, compiler, paths):
        """The objects that a mutant changes; None when it does not compile."""
        found = []
        for path in paths:
            to = os.path.join(self.folder, os.path.basename(path) + ".o")
            if not original.build.compile(compiler, self.folder, path, to):
                return None
            with open(to, "rb") as file:
                if file.read() != original.object_of(compiler, path):
                    found.append(to)
        return found

    def link(self, original, objects):
        """The program with these objects in the place of the original's."""
        archive, program = self.archive + original.suffix, self.program + original.suffix
        shutil.copy2(original.archive, archive)
        killers.must(["ar", "rcs", archive] + objects)
        original.build.link("dcsim", archive, program)
        return program

    def fuzz(self, original, program):
        verdict = killers.fuzz(program, self.folder, self.seconds)
        if verdict is None or self.is_its_own(original, program, verdict):
            return verdict
        return None

    def fuzz_sanitized(self, paths):
        objects = self.differing(self.sanitized, self.sanitized.build.compiler, paths)
        if not objects:
            return None
        program = self.link(self.sanitized, objects)
        verdict = self.fuzz(self.sanitized, program)
        os.remove(program)
        return verdict

    def judge(self, mutant):
        """How it ended, and the verdict of what killed it."""
        original = self.original
        paths = original.touched_by(mutant.file)
        objects = self.differing(original, original.build.compiler, paths)
        if objects is None:
            return "unbuilt", Verdict()
        if not objects:
            return "object", Verdict()
        program = self.link(original, objects)

        verdict = self.fuzz(original, program)
        if verdict is not None:
            return "fuzz", verdict
        verdict = killers.scenarios(program, self.folder)
        if verdict is not None:
            return "scenarios", verdict
        verdict = self.fuzz_sanitized(paths)
        if verdict is not None:
            return "sanitized", verdict
        verdict = self.tests.kill(mutant, self.archive, self.folder)
        if verdict is not None:
            return "tests", verdict
        if shutil.which("clang") and self.differing(original, "clang", paths) == []:
            return "object", Verdict("clang")
        return "survivor", Verdict()

    def is_its_own(self, original, program, verdict):
        """Does the original hold with that seed, and does the mutant not when it has time?"""
        limit = killers.HANG_S
        if killers.one_seed(original.program, self.folder, verdict.seed, limit) is not None:
            return False
        if not verdict.slow:
            return True
        return killers.one_seed(program, self.folder, verdict.seed, limit) is not None

    def run(self, mutant):
        path = os.path.join(self.folder, mutant.file)
        with open(path, encoding="latin-1") as file:
            text = file.read()
        began = time.monotonic()
        try:
            with open(path, "w", encoding="latin-1") as file:
                file.write(mutant.apply(text))
            result, verdict = self.judge(mutant)
        finally:
            with open(path, "w", encoding="latin-1") as file:
                file.write(text)
            shutil.rmtree(os.path.join(self.folder, "out"), ignore_errors=True)
        return record_of(mutant, result, verdict, time.monotonic() - began)


def record_of(mutant, result, verdict, seconds):
    return {
        "id": mutant.id,
        "file": mutant.file,
        "line": mutant.line,
        "function": mutant.function,
        "kind": mutant.kind,
        "number": mutant.number,
        "old": mutant.old,
        "new": mutant.new,
        "result": result,
        "by": verdict.by,
        "seed": verdict.seed,
        "seconds": round(seconds, 1),
    }


# ---- the sample ----


def all_mutants(build):
    found = []
    flags = sorted({flag for some in build.flags.values() for flag in some})
    for path in sorted(glob.glob(os.path.join(ROOT, "core", "*.[ch]"))):
        found += mutate.mutants_of(ROOT, os.path.relpath(path, ROOT), flags)
    return found


def drawn(mutants, seed):
    """In the order in which they are drawn. One that goes or comes moves no other."""

    def place(mutant):
        return hashlib.sha256(("%d %s" % (seed, mutant.id)).encode()).hexdigest()

    return sorted(mutants, key=place)


def sources(seconds):
    """All that a result depends on."""
    total = hashlib.sha256(b"%d" % seconds)
    names = []
    for top in ("core", "sim", "scenarios", "tests"):
        for folder, _, files in os.walk(os.path.join(ROOT, top)):
            names += [os.path.relpath(os.path.join(folder, name), ROOT) for name in files]
    for name in sorted(names):
        if name.endswith((".c", ".h", ".py", ".scn", "meson.build")):
            with open(os.path.join(ROOT, name), "rb") as file:
                total.update(name.encode() + b"\0" + file.read())
    return total.hexdigest()[:16]


def argued():
    """The reasons of equivalent.txt, by what names a mutant."""
    found, entry = {}, {}
    if not os.path.exists(ARGUED):
        return found
    with open(ARGUED) as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if not line or line.startswith("#"):
                continue
            if line[:2] in ("- ", "+ ", "= "):
                entry[line[0]] = line[2:]
            else:
                entry = {"where": line}
            if line.startswith("= "):
                if not all(part in entry for part in ("where", "-", "+")):
                    sys.exit("%s:%d: a reason without a mutant" % (ARGUED, number))
                found[(entry["where"], entry["-"], entry["+"])] = entry["="]
    return found


def name_of(mutant):
    where = "%s %s" % (mutant.file, mutant.function)
    if mutant.number > 1:
        where += " #%d" % mutant.number
    return where, mutant.old, mutant.new


class Sweep:
    """The sample, what is known of it, and who works on it."""

    def __init__(self, mutants, size, path, source):
        self.mutants, self.size, self.path, self.source = mutants, size, path, source
        self.turn = threading.Condition()
        self.known, self.latest = {}, {}
        self.next = self.running = 0
        self.records = []
        if os.path.exists(path):
            with open(path) as file:
                for line in file:
                    record = json.loads(line)
                    self.latest[record["id"]] = record
                    if record["source"] == source:
                        self.known[record["id"]] = record

    def is_complete(self):
        return sum(r["result"] != "unbuilt" for r in self.records) + self.running >= self.size

    def take(self):
        """The next one that nobody has tried. As many run as are wanted: so the sample is fixed."""
        with self.turn:
            while True:
                while self.is_complete() and self.running > 0:
                    self.turn.wait()
                if self.is_complete() or self.next == len(self.mutants):
                    return None
                mutant = self.mutants[self.next]
                self.next += 1
                if mutant.id not in self.known:
                    self.running += 1
                    return mutant
                self.records.append(dict(self.known[mutant.id], line=mutant.line))

    def give(self, record):
        record["source"] = self.source
        with self.turn:
            self.running -= 1
            if record["result"] != "argued":
                with open(self.path, "a") as file:
                    file.write(json.dumps(record) + "\n")
            self.records.append(record)
            tell(record, len(self.records))
            self.turn.notify_all()


def tell(record, number):
    what = TITLES[record["result"]]
    seed = " seed %d" % record["seed"] if record["seed"] else ""
    place = "%s:%d %s" % (record["file"], record["line"], record["function"])
    print("%4d  %-30s %-11s %-50s %s" % (number, what, seed, place, record["by"][:70]))
    sys.stdout.flush()


def work(worker, sweep, reasons):
    while True:
        mutant = sweep.take()
        if mutant is None:
            return
        reason = reasons.get(name_of(mutant))
        if reason is not None:
            sweep.give(record_of(mutant, "argued", Verdict(reason), 0))
        else:
            sweep.give(worker.run(mutant))


def work_in_thread(worker, sweep, reasons):
    try:
        work(worker, sweep, reasons)
    except Stopped:
        pass
    except BaseException as error:  # a fault of the sweep: the main thread ends it
        PROCESSES.error = error
        PROCESSES.stop()


# ---- the table ----


def median(numbers):
    numbers = sorted(numbers)
    return numbers[len(numbers) // 2] if numbers else 0


def summary(records, total, seed):
    """Prints the table; returns the share of what is not equivalent that fuzz killed."""
    counts = {result: sum(r["result"] == result for r in records) for result in TITLES}
    valid = [r for r in records if r["result"] != "unbuilt"]
    different = [r for r in valid if r["result"] not in EQUIVALENT]
    print("\n%d mutants of %d, drawn with seed %d" % (len(valid), total, seed), end="")
    print(" (%d more do not compile)\n" % counts["unbuilt"])
    print("| | mutants |\n|---|---|")
    for result in TITLES:
        if result != "unbuilt":
            print("| %s | %d |" % (TITLES[result], counts[result]))
    by_fuzz = counts["fuzz"] + counts["sanitized"]
    share = 100.0 * by_fuzz / len(different) if different else 100.0
    either = by_fuzz + counts["scenarios"]
    seeds = [r["seed"] for r in valid if r["result"] in ("fuzz", "sanitized")]
    print("\nOf %d that are not equivalent" % len(different), end=" ")
    print("fuzz kills %d (%.1f %%)" % (by_fuzz, share))
    if different:
        print("and fuzz or scenarios %d (%.1f %%)." % (either, 100.0 * either / len(different)))
    print("Median seeds to kill: %d." % median(seeds))
    for result in ("scenarios", "tests", "survivor"):
        for record in sorted(valid, key=lambda r: (r["file"], r["line"])):
            if record["result"] == result:
                show(record)
    return share


def show(record):
    place = "%s:%d %s" % (record["file"], record["line"], record["function"])
    if record["number"] > 1:
        place += " #%d" % record["number"]
    by = " by " + record["by"] if record["by"] else ""
    print("\n%s%s  %s" % (TITLES[record["result"]], by, place))
    print("- %s\n+ %s" % (record["old"], record["new"]))


# ---- the command ----


def arguments():
    parser = argparse.ArgumentParser(
        usage=argparse.SUPPRESS, description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    hide = argparse.SUPPRESS
    parser.add_argument("--sample", type=int, default=300, help=hide)
    parser.add_argument("--seed", type=int, default=1, help=hide)
    parser.add_argument("--time", type=int, default=20, help=hide)
    parser.add_argument("-j", type=int, default=2, help=hide)
    parser.add_argument("--only", default="", help=hide)
    parser.add_argument("--results", default=os.path.join(WORK, "results.jsonl"), help=hide)
    parser.add_argument("--build", default=os.path.join(WORK, "build"), help=hide)
    parser.add_argument("--sanitized", default=os.path.join(WORK, "sanitized"), help=hide)
    parser.add_argument("--at-least", type=float, default=0.0, help=hide)
    for flag in ("--again", "--doubt", "--list"):
        parser.add_argument(flag, action="store_true", help=hide)
    return parser.parse_args()


def try_original(original, seconds):
    """Nothing that kills a mutant may kill the original."""
    folder = os.path.join(WORK, "trial")
    os.makedirs(folder, exist_ok=True)
    verdict = killers.fuzz(original.program, folder, min(seconds, TRIAL_S))
    verdict = verdict or killers.scenarios(original.program, folder)
    if verdict is not None:
        sys.exit("core as it is does not hold: %s (seed %s)" % (verdict.by, verdict.seed))


def reasons_for(mutants, options):
    """The arguments that count, less those about code that is gone."""
    reasons = argued()
    stale = set(reasons) - {name_of(mutant) for mutant in mutants}
    for where, old, _ in sorted(stale):
        print("equivalent.txt: no such mutant any more: %s: %s" % (where, old))
    return {} if options.doubt else reasons


def chosen(mutants, options, sweep):
    if options.only:
        mutants = [m for m in mutants if options.only in "%s %s" % (m.file, m.function)]
    if options.again:
        left = ("survivor", "tests")
        latest = sweep.latest
        mutants = [m for m in mutants if m.id in latest and latest[m.id]["result"] in left]
    return drawn(mutants, options.seed)


def run_all(sweep, original, sanitized, reasons, options):
    threads, tests = [], killers.Tests(original)
    for number in range(options.j):
        worker = Worker(original, sanitized, tests, number, options.time)
        args = (worker, sweep, reasons)
        threads.append(threading.Thread(target=work_in_thread, args=args, daemon=True))
    for thread in threads:
        thread.start()
    try:
        for thread in threads:
            while thread.is_alive() and not PROCESSES.stopped:
                thread.join(0.2)
    except KeyboardInterrupt:
        PROCESSES.stop()
        print("\nstopped; the same command goes on here")
    if PROCESSES.error is not None:
        raise PROCESSES.error


def alone():
    """Two sweeps in one folder would build over each other."""
    os.makedirs(WORK, exist_ok=True)
    lock = open(os.path.join(WORK, "lock"), "w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit("another sweep is under way in %s" % WORK)
    return lock


def main():
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.setrecursionlimit(20000)
    options = arguments()
    lock = alone()
    build = killers.Build(os.path.abspath(options.build))
    sweep = Sweep([], options.sample, options.results, sources(options.time))
    mutants = all_mutants(build)
    reasons = reasons_for(mutants, options)
    sweep.mutants = chosen(mutants, options, sweep)
    print("seed %d: %d of %d mutants" % (options.seed, options.sample, len(sweep.mutants)))
    if options.list:
        for mutant in sweep.mutants[: options.sample]:
            print("\n%s:%d %s: %s" % (mutant.file, mutant.line, mutant.function, mutant.kind))
            print("- %s\n+ %s" % (mutant.old, mutant.new))
        return 0

    killers.copy(["core", "scenarios", "tests", "docs"], killers.BASE)
    original = killers.Original(build)
    slow = killers.Build(os.path.abspath(options.sanitized), killers.SANITIZED, tests=False)
    sanitized = killers.Original(slow, "-sanitized")
    try_original(original, options.time)
    run_all(sweep, original, sanitized, reasons, options)
    share = summary(sweep.records, len(sweep.mutants), options.seed)
    if PROCESSES.stopped:
        return 130
    lock.close()
    return 1 if share < options.at_least else 0


if __name__ == "__main__":
    sys.exit(main())
