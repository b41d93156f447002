#!/usr/bin/env python3
"""Has the fuzzer's dictionary each word of the language? sim/scenario/words.c has all of them.

  tests/layering/words.py ROOT
"""
import pathlib
import re
import sys


def main():
    root = pathlib.Path(sys.argv[1])
    text = (root / "sim/scenario/words.c").read_text()
    begin = text.index("keywords[] = {")
    keywords = re.findall(r'"(\w+)"', text[begin : text.index("};", begin)])
    lines = (root / "tools/fuzz/scenario.dict").read_text().splitlines()
    known = {
        word for line in lines if not line.startswith("#") for word in re.findall(r"\w+", line)
    }
    missing = [word for word in keywords if word not in known]

    if len(keywords) < 100:
        print("words.c: found only %d words: has the list another form?" % len(keywords))
        return 1
    for word in missing:
        print("tools/fuzz/scenario.dict lacks '%s'" % word)
    return 1 if missing else 0


sys.exit(main())
