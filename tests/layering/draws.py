#!/usr/bin/env python3
"""Does a draw ever stand beside another in one expression?

  tests/layering/draws.py ROOT

What is drawn one after the other hangs on the order, and C leaves open which of two
arguments is evaluated first: gcc and clang differ. So of two calls that draw one has
to be an argument of the other, or && || ?: , or ; has to lie between them. A call
draws if it is env_below(), or if its first argument is a knob, a forge or an env.
(Draws of sim/choose.h have keys, and need no order.) Exits with 1 when one does.
"""
import glob
import os
import re
import sys

SOURCES = {"knob", "forge", "env"}
COMMENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'', re.S)
TOKEN = re.compile(r"[A-Za-z_]\w*|&&|\|\||->|\S")
CONTROL = {"if", "while", "for", "switch"}


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


class Level:
    """What stands in one pair of brackets, or at the top."""

    def __init__(self, name, is_block):
        self.name = name  # of what is called, or the word before the bracket
        self.is_block = is_block  # statements, or the condition of one
        self.tokens = 0
        self.of_source = False  # the first of them is a source
        self.draws = False  # it draws itself, by its first argument
        self.here = self.before = 0  # draws since && and so on; and in other arguments
        self.argument = 0  # draws in this argument that && or ?: have done with

    def draw(self):
        beside = self.here + self.before > 0
        self.here += 1
        return beside

    def sequence(self):
        self.argument += self.here
        self.here = 0

    def comma(self):
        self.before += self.here + self.argument
        self.here = self.argument = 0

    def end(self):
        self.here = self.before = self.argument = 0

    def has_drawn(self):
        return self.draws or self.here + self.before + self.argument > 0


def beside(text):
    """The lines on which a draw stands beside another."""
    text = COMMENT.sub(blank, text)
    text = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", blank, text, flags=re.M)
    levels, last, line, at = [Level("", True)], "", 1, 0
    for match in TOKEN.finditer(text):
        token, level = match.group(0), levels[-1]
        line += text.count("\n", at, match.start())
        at = match.start()
        if level.of_source and level.tokens == 1 and token in ",)":
            level.draws = True
        level.of_source |= level.tokens == 0 and token in SOURCES and level.name.isidentifier()
        level.tokens += 1
        if token in "([{":
            is_block = token == "{" and last in (")", "else", "do", "", ";", "{", "}", ":")
            levels.append(Level(last, is_block or last in CONTROL))
            levels[-1].draws = last == "env_below"
        elif token in ")]}" and len(levels) > 1:
            levels.pop()
            if level.is_block:
                levels[-1].end()
            elif level.has_drawn() and levels[-1].draw():
                yield line
        elif token in ("&&", "||", "?", ":"):
            level.sequence()
        elif token == ";" or (token == "," and level.is_block):
            level.end()
        elif token == ",":
            level.comma()
        last = token


def main():
    wrong = 0
    for folder in ("core", "sim"):
        pattern = os.path.join(sys.argv[1], folder, "**", "*.[ch]")
        for path in sorted(glob.glob(pattern, recursive=True)):
            with open(path, encoding="utf-8") as file:
                for line in beside(file.read()):
                    where = os.path.relpath(path, sys.argv[1])
                    print("%s:%d: a draw beside another: which comes first is open" % (where, line))
                    wrong += 1
    return wrong > 0


sys.exit(main())
