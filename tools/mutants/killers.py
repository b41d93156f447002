"""What tools/mutants/sweep.py does with one core: compile, link, and look what kills it."""
import glob
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
WORK = os.path.join(ROOT, "build-mutants", "sweep")
BASE = os.path.join(WORK, "base")
# Each is built like this, whatever the build folder has.
LEVEL = ["-O2", "-g0", "-w"]
# What a mutant may take: memory in KiB, a file in blocks of 512 bytes.
LIMITS = "ulimit -v 4000000 && ulimit -f 400000 && ulimit -c 0 && exec \"$@\""
# AddressSanitizer keeps a map of all addresses, so it looks at the memory itself.
SANITIZED_LIMITS = "ulimit -f 400000 && ulimit -c 0 && exec \"$@\""
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=0:hard_rss_limit_mb=4000:allocator_may_return_null=1",
    "UBSAN_OPTIONS": "halt_on_error=1",
}
SEED_LIMIT_S = 5
# One that took longer is tried again with so much: the machine may have been busy.
HANG_S = 30
# For a campaign that does not end: how long after its time it is waited for.
GRACE_S = 20
SCENARIO_SEEDS = "1..5"
# More of their runs than have nothing to act on.
UNFIRED_MOST = 50
SCENARIOS_LIMIT_S = 120
# A test may take so many times what it takes without a mutant, and this at least.
TEST_TIMES, TEST_LIMIT_S = 5, 20
HANGS = "hangs"

# ---- processes ----


class Stopped(Exception):
    pass


class Processes:
    """Those that run, so that Ctrl-C leaves none behind."""

    def __init__(self):
        self.lock = threading.Lock()
        self.alive = set()
        self.stopped = False
        self.error = None

    def run(self, command, seconds, cwd, env=None, limits=LIMITS):
        """The exit code and what was said; None when the time was up."""
        with self.lock:
            if self.stopped:
                raise Stopped()
            child = subprocess.Popen(
                ["sh", "-c", limits, "sh"] + command,
                cwd=cwd,
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            self.alive.add(child)
        try:
            out, _ = child.communicate(timeout=seconds)
            code = child.returncode
        except subprocess.TimeoutExpired:
            out, code = b"", None
        finally:
            self.end(child)
            with self.lock:
                self.alive.discard(child)
        if self.stopped:
            raise Stopped()
        return code, out.decode(errors="replace")

    @staticmethod
    def end(child):
        """It, and what it may have left running."""
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        child.wait()

    def stop(self):
        with self.lock:
            self.stopped = True
            for child in self.alive:
                self.end(child)


PROCESSES = Processes()


def must(command, cwd=ROOT):
    code, said = PROCESSES.run(command, None, cwd)
    if code != 0:
        sys.exit("%s\n%s" % (" ".join(command), said))
    return said


# ---- the build that mutants take their objects from ----


def flags_of(command, folder):
    """What a compiler needs to know of one file, without levels, warnings and our own folders."""
    kept = []
    words = iter(command.split()[1:])
    for word in words:
        if word in ("-o", "-c", "-MF", "-MQ", "-MT"):
            next(words, None)
        elif word.startswith("-I"):
            path = os.path.normpath(os.path.join(folder, word[2:]))
            if not (path + "/").startswith(ROOT + "/"):
                kept.append("-I" + path)
        elif re.match(r"-(D|std=|f|m|isystem|pthread)", word):
            kept.append(word)
    return kept


class Build:
    """dcsim and the tests of core, linked with any archive in the place of core's."""

    def __init__(self, folder, options=(), tests=True):
        self.folder = folder
        if not os.path.exists(os.path.join(folder, "build.ninja")):
            must(["meson", "setup", folder, ROOT, "-Dbuildtype=release"] + list(options))
        self.tests = self.core_tests() if tests else []
        self.targets = ["dcsim"] + [test["target"] for test in self.tests]
        must(["ninja", "-C", folder] + self.targets)
        self.links = {target: self.link_of(target) for target in self.targets}
        with open(os.path.join(folder, "compile_commands.json")) as file:
            entries = json.load(file)
        self.flags, self.compiler = {}, "cc"
        for entry in entries:
            path = os.path.normpath(os.path.join(entry["directory"], entry["file"]))
            if os.path.dirname(path) == os.path.join(ROOT, "core"):
                self.flags["core/" + os.path.basename(path)] = flags_of(entry["command"], folder)
                self.compiler = [w for w in entry["command"].split() if "ccache" not in w][0]

    def core_tests(self):
        with open(os.path.join(self.folder, "meson-info", "intro-tests.json")) as file:
            tests = json.load(file)
        found = []
        for test in tests:
            target = os.path.relpath(test["cmd"][0], self.folder)
            if any(suite.endswith(":core") for suite in test["suite"]) and ".." not in target:
                env = {name: str(value) for name, value in test["env"].items()}
                args = test["cmd"][1:]
                if "--tap=-" in args:
                    args.append("-j1")
                found.append({"name": test["name"], "target": target, "args": args, "env": env})
        return found

    def link_of(self, target):
        done = must(["ninja", "-C", self.folder, "-t", "commands", target])
        return done.strip().splitlines()[-1].split()

    def link(self, target, archive, to):
        words = [archive if word == "core/libcore.a" else word for word in self.links[target]]
        words[words.index("-o") + 1] = to
        must(words, self.folder)

    def compile(self, compiler, folder, path, to):
        """Returns whether it is C. Relative, so that __FILE__ is the same wherever it is built."""
        command = [compiler, "-I."] + self.flags[path] + LEVEL + ["-c", path, "-o", to]
        code, _ = PROCESSES.run(command, 120, folder)
        return code == 0


# The same sanitizers as in .ci/run.
SANITIZED = ["-Db_sanitize=address,undefined", "-Dc_args=-fno-sanitize-recover=all"]


def included(path, seen):
    """The headers of core that a file of core sees."""
    with open(os.path.join(BASE, path)) as file:
        for name in re.findall(r'#include "(core/\w+\.h)"', file.read()):
            if name not in seen:
                seen.add(name)
                included(name, seen)
    return seen


def copy(names, folder):
    """So that nobody who works on the tree changes what a sweep sees."""
    shutil.rmtree(folder, ignore_errors=True)
    for name in names:
        shutil.copytree(os.path.join(ROOT, name), os.path.join(folder, name))


class Original:
    """core as it is: objects, an archive, the program. @suffix keeps those of two builds apart."""

    def __init__(self, build, suffix=""):
        self.build, self.suffix = build, suffix
        self.sources = sorted(build.flags)
        self.headers = {path: included(path, set()) for path in self.sources}
        self.archive = os.path.join(BASE, "libcore%s.a" % suffix)
        self.objects = {}
        self.lock = threading.Lock()
        for path in self.sources:
            self.object_of(build.compiler, path)
        must(["ar", "rcs", self.archive] + [self.file_of(build.compiler, p) for p in self.sources])
        self.program = os.path.join(BASE, "dcsim" + suffix)
        build.link("dcsim", self.archive, self.program)

    def file_of(self, compiler, path):
        folder = ("objects" if compiler != "clang" else "objects-clang") + self.suffix
        return os.path.join(BASE, folder, os.path.basename(path) + ".o")

    def object_of(self, compiler, path):
        with self.lock:
            if (compiler, path) not in self.objects:
                to = self.file_of(compiler, path)
                os.makedirs(os.path.dirname(to), exist_ok=True)
                if not self.build.compile(compiler, BASE, path, to):
                    sys.exit("%s does not compile" % path)
                with open(to, "rb") as file:
                    self.objects[(compiler, path)] = file.read()
            return self.objects[(compiler, path)]

    def touched_by(self, path):
        """The sources that a change of @path changes."""
        return [s for s in self.sources if s == path or path in self.headers[s]]


# ---- what kills ----


class Verdict:
    """Why something did not hold; @slow: only because it took too long."""

    def __init__(self, by="", seed=None, slow=False):
        self.by, self.seed, self.slow = by, seed, slow


def failed_line(path):
    """The first run in a file of --jsonl that did not hold, and how many came before.

    One in which chance gave a fault nothing to act on says nothing of core.
    """
    held = 0
    if not os.path.exists(path):
        return None, held
    with open(path, errors="replace") as file:
        for text in file:
            try:
                record = json.loads(text)
            except ValueError:
                break
            if record["verdict"] != "held" and record["reason"] != "unfired":
                return record, held
            held += 1
    return None, held


def is_sanitized(program):
    return program.endswith("-sanitized")


def campaign(program, folder, what, seconds, seed_limit=SEED_LIMIT_S, failures=1):
    """`dcsim fuzz`, until so many runs do not hold. Returns a verdict or None."""
    lines = os.path.join(folder, "runs.jsonl")
    if os.path.exists(lines):
        os.remove(lines)
    command = [program, "fuzz"] + what + ["-j", "1", "-q", "--max-failures", str(failures)]
    command += ["--timeout-per-seed", "%ds" % seed_limit, "--jsonl", lines]
    command += ["-o", os.path.join(folder, "out"), "--color", "never"]
    env, limits = None, LIMITS
    if is_sanitized(program):
        env, limits = dict(os.environ, **SANITIZER_ENV), SANITIZED_LIMITS
    code, said = PROCESSES.run(command, seconds + GRACE_S, BASE, env, limits)
    record, held = failed_line(lines)
    if record is not None:
        by = record["cause"] or record["reason"] or record["verdict"]
        slow = record["reason"] == "timeout"
        return Verdict("%s: %s" % (record["scenario"], by), record["seed"], slow)
    if code is None:
        return Verdict(HANGS, held + 1, True)
    if code not in (0, 4):
        return Verdict("exit %s: %s" % (code, said.strip()[-80:]), held + 1)
    return None


def fuzz(program, folder, seconds):
    return campaign(program, folder, ["--swarm", "--time", "%ds" % seconds], seconds)


def one_seed(program, folder, seed, limit):
    """One seed of the swarm, with more time."""
    what = ["--swarm", "--seeds", "%d..%d" % (seed, seed)]
    return campaign(program, folder, what, limit, limit)


def scenario_files():
    found = glob.glob(os.path.join(BASE, "scenarios", "**", "*.scn"), recursive=True)
    found = [os.path.relpath(path, BASE) for path in found]
    # Large clusters take minutes.
    return sorted(path for path in found if not path.startswith("scenarios/scale/"))


def scenarios(program, folder):
    """With their own seeds first: only then is golden text compared."""
    out = ["-q", "-o", os.path.join(folder, "out"), "--color", "never"]
    files = scenario_files()
    code, said = PROCESSES.run([program, "run"] + out + files, SCENARIOS_LIMIT_S, BASE)
    if code != 0:
        said = [line for line in said.splitlines() if line.startswith(("broke", "unknown"))]
        return Verdict(HANGS if code is None else said[0] if said else "exit %s" % code)
    what = files + ["--seeds", SCENARIO_SEEDS]
    return campaign(program, folder, what, SCENARIOS_LIMIT_S, failures=UNFIRED_MOST)


class Tests:
    """Those of core, fast ones and those of the mutated module first."""

    def __init__(self, original):
        self.original, self.build = original, original.build
        self.lock = threading.Lock()
        self.seconds = {}

    def one(self, test, archive, folder, limit):
        program = os.path.join(folder, os.path.basename(test["target"]))
        self.build.link(test["target"], archive, program)
        env = dict(os.environ, **test["env"])
        code, said = PROCESSES.run([program] + test["args"], limit, BASE, env)
        os.remove(program)
        if code is None:
            return Verdict("%s %s" % (test["name"], HANGS))
        if code != 0:
            case = re.search(r"^not ok - (\S+)", said, re.MULTILINE)
            return Verdict(case.group(1) if case else test["name"])
        return None

    def measure(self):
        """How long each takes on core as it is; once, and only when it is needed."""
        with self.lock:
            for test in self.build.tests:
                if test["name"] in self.seconds:
                    continue
                began = time.monotonic()
                verdict = self.one(test, self.original.archive, BASE, 300)
                self.seconds[test["name"]] = time.monotonic() - began
                if verdict is not None:
                    sys.exit("core as it is fails a test: %s" % verdict.by)

    def kill(self, mutant, archive, folder):
        self.measure()
        own = "test_" + os.path.basename(mutant.file).split(".")[0]
        order = sorted(self.build.tests, key=lambda t: (t["name"] != own, self.seconds[t["name"]]))
        for test in order:
            limit = max(TEST_LIMIT_S, TEST_TIMES * self.seconds[test["name"]])
            verdict = self.one(test, archive, folder, limit)
            if verdict is not None:
                return verdict
        return None
