#!/usr/bin/env python3
"""Writes the inputs of fuzz_wal.c that people thought of into a folder.

    tools/fuzz/make_logs.py tests/logs
"""
import pathlib
import sys

# enum step of fuzz_wal.c
(BYTES, RECORD, HEAD, FLIP, CUT, GONE, ASK, SYNC, FAIL, MERGE, OWN, FLUSH, CRASH, END, FULL, TORN,
 SMALL) = range(17)
FLAG = 17
ALL = SYNC + FLAG  # this sync and those that follow it
# enum wal_type of core/wal_record.h
ENTRIES, BASE, RETIRED, ECHO = 2, 3, 4, 5
LAST = 2**64 - 1


def number(value, width):
    return list(value.to_bytes(width, 'little'))


def blob(data):
    return number(len(data), 2) + list(data)


def entry(side, name, total):
    return [side] + blob(name) + number(total, 8)


def record(file, kind, seq, claim, payload=b'', wide=False):
    width = 8 if wide else 1
    return ([RECORD + FLAG * wide, file, kind] + number(seq, width) + number(claim, width) +
            blob(payload))


def head(file, seq, claim, name=b'n3', wide=False):
    width = 8 if wide else 1
    return [HEAD + FLAG * wide, file] + number(seq, width) + number(claim, width) + blob(name)


def flip(file, bit):
    return [FLIP, file] + number(bit, 2)


def cut(file, size):
    return [CUT, file] + number(size, 2)


FIVE = entry(0, b'n3', 5)
FIRST = head(0, 0, 0) + record(0, ENTRIES, 1, 0, FIVE) + record(0, BASE, 2, 0)
SECOND = head(1, 3, 3) + record(1, ENTRIES, 4, 3, entry(0, b'n3', 7)) + record(1, BASE, 5, 3)

inputs = {
    'empty': [],
    'garbage': [BYTES, 0] + blob([7] * 40) + [BYTES, 3] + blob([1, 2, 3]),
    'whole': FIRST + record(0, ENTRIES, 3, 3, entry(1, b'n1', 9)),
    'echoed': FIRST + record(0, ENTRIES, 3, 3, entry(0, b'n3', 9))
              + record(0, ECHO, 4, 3, entry(0, b'n3', 9)) + flip(0, 1100),
    'claims-more': FIRST + record(0, ENTRIES, 3, 9, FIVE) + [ASK, 1, ALL, CRASH, ASK, 2],
    'two-segments': FIRST + SECOND + record(1, ENTRIES, 6, 6, entry(0, b'n2', 1)),
    'retired': FIRST + SECOND + record(0, RETIRED, 6, 6) + [GONE, 1],
    'gap': FIRST + head(2, 30, 3) + record(2, BASE, 31, 3) + [ASK, 0, ALL, CRASH],
    'failed-sync': [ASK, 1, ALL, ASK, 2, FAIL, ASK, 3, ALL, CRASH, ASK, 0, FAIL, CRASH, ASK, 1, ALL],
    'two-failed': [ASK, 0, ALL] + [ASK, 1, ASK, 2, FAIL, ASK, 3, ASK, 0, FAIL, ASK, 1, SYNC, ASK, 2,
                                   CRASH] * 5,
    'fails-last': [ASK, 1, ALL, ASK, 2, FAIL],
    'full': [ASK, 1, ALL, FULL, ASK, 1, ASK, 2, FULL, ASK, 3, ALL, CRASH, FULL, ASK, 1, FULL,
             ASK, 2, ALL, CRASH] * 3,
    'torn': [TORN, 255] + [ASK, 1, ALL, ASK, 2, CRASH] * 6,
    'segments': [SMALL] + [ASK, 0, ALL, MERGE, 97, 5] * 30 + [CRASH] + [ASK, 0, ASK, 1] * 9
                + [CRASH],
    'in-flight': [SMALL] + ([ASK, 0, ALL] * 2 + [ASK, 0] * 9 + [SYNC, CRASH]) * 9,
    'flushed': [MERGE, 97, 5, FLUSH, ALL, CRASH, MERGE, 98, 6, FLUSH, SYNC, MERGE, 97, 9, CRASH] * 3,
    'rot': [SMALL] + [ASK, 0, ALL, MERGE, 97, 5] * 12 + [CRASH] + flip(0, 333) + [ASK, 0, ALL, END]
           + flip(1, 700) + cut(2, 60) + [ASK, 0, ALL],
    'own': [ASK, 4, ALL, OWN, ASK, 2, CRASH, ASK, 1, ALL, OWN, ASK, 0, ALL, CRASH],
    'last-segment': head(0xFF, 5, 5) + record(0xFF, BASE, 6, 5) + [ASK, 0, ALL, CRASH],
    'last-seq': head(0, LAST - 1, LAST, wide=True) + record(0, BASE, LAST, LAST, wide=True)
                + [ASK, 0, ALL, CRASH],
    'largest-total': head(0, 0, 0) + record(0, ENTRIES, 1, 0, entry(0, b'n3', LAST))
                     + record(0, BASE, 2, 0) + [ASK, 0, OWN, ALL],
    'ended': [ASK, 3, END, ASK, 2, ALL, END, ASK, 1, CRASH],
}

for seed, (name, steps) in enumerate(inputs.items()):
    pathlib.Path(sys.argv[1], name + '.bin').write_bytes(bytes([seed] + steps))
