#!/usr/bin/env python3
"""Large clusters: they hold, and take no more memory than docs/scale.md says.

  tools/ci/scale.py [DCSIM]

Each is run twice, with all frames encoded and with a sample of them, which has
to be the same run. Prints seconds and memory of each. DCSIM is an optimised
build; a sanitizer's takes more of both.
"""
import json
import os
import subprocess
import sys

# MiB of resident memory at most, and what is run.
RUNS = [
    (72, ["-D", "nodes=1000", "tools/bench/w1.scn"]),
    (512, ["scenarios/scale/nodes-3000.scn"]),
    (256, ["scenarios/scale/nodes-10000.scn"]),
]


def run(dcsim, codec, arguments):
    """What a run told, its CPU seconds and its MiB."""
    child = subprocess.Popen(
        [dcsim, "run", "--json", "--codec", codec] + arguments, stdout=subprocess.PIPE
    )
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    told = json.loads(out) if status == 0 else {}
    return told, usage.ru_utime + usage.ru_stime, (usage.ru_maxrss + 1023) // 1024


def main():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
    os.chdir(root)
    dcsim = sys.argv[1] if len(sys.argv) > 1 else "build-ci-gcc-O3/dcsim"
    good = True
    for most, arguments in RUNS:
        hashes = set()
        for codec in ("full", "sampled"):
            told, seconds, mebibytes = run(dcsim, codec, arguments)
            verdict = told.get("verdict", "failed")
            hashes.add(told.get("trace_hash"))
            print(
                "%-6s %6.2f s %4d MiB  %s  %s"
                % (verdict, seconds, mebibytes, codec, " ".join(arguments)),
                flush=True,
            )
            good = good and verdict == "held"
            if mebibytes > most:
                print("expected at most %d MiB" % most)
                good = False
        if len(hashes) != 1:
            print("expected one trace_hash, found %s" % " ".join(sorted(map(str, hashes))))
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
