#!/usr/bin/env python3
"""Does dcsim say of its own hardening what its file says?

  tests/hardening.py DCSIM

Reads the file, which is ELF, without any tool. What leaves no trace that can be told from
chance (of x86: which frames are probed) is looked for where there is one at all.
"""
import struct
import subprocess
import sys

PT_LOAD, PT_DYNAMIC, PT_GNU_STACK, PT_GNU_RELRO = 1, 2, 0x6474E551, 0x6474E552
DT_NULL, DT_STRTAB, DT_STRSZ, DT_BIND_NOW, DT_FLAGS, DT_FLAGS_1 = 0, 5, 10, 24, 30, 0x6FFFFFFB
ET_DYN, EM_X86_64, EM_AARCH64 = 3, 62, 183


class Program:
    """A 64-bit little-endian ELF file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        self.type, self.machine = struct.unpack_from("<HH", self.bytes, 16)
        (at,) = struct.unpack_from("<Q", self.bytes, 32)
        size, count = struct.unpack_from("<HH", self.bytes, 54)
        # Type, flags, offset, address, -, bytes in the file.
        self.headers = [
            struct.unpack_from("<IIQQQQ", self.bytes, at + i * size) for i in range(count)
        ]

    def header(self, wanted):
        return next((h for h in self.headers if h[0] == wanted), None)

    def dynamic(self):
        """The entries of the dynamic section by their tag."""
        _, _, offset, _, _, size = self.header(PT_DYNAMIC)
        entries = {}
        for at in range(offset, offset + size, 16):
            tag, value = struct.unpack_from("<QQ", self.bytes, at)
            if tag == DT_NULL:
                break
            entries[tag] = value
        return entries

    def strings(self):
        """Names of what it asks of libraries, among others."""
        dynamic = self.dynamic()
        for kind, _, offset, address, _, size in self.headers:
            if kind == PT_LOAD and address <= dynamic[DT_STRTAB] < address + size:
                at = offset + dynamic[DT_STRTAB] - address
                return self.bytes[at : at + dynamic[DT_STRSZ]].split(b"\0")
        return []

    def code(self):
        """All that can be executed."""
        return b"".join(
            self.bytes[h[2] : h[2] + h[5]] for h in self.headers if h[0] == PT_LOAD and h[1] & 1
        )


def found(program):
    """What the file says, in the words of dcsim; None for what it cannot tell."""
    dynamic, names, code = program.dynamic(), program.strings(), program.code()
    now = (
        DT_BIND_NOW in dynamic
        or dynamic.get(DT_FLAGS, 0) & 8 != 0
        or dynamic.get(DT_FLAGS_1, 0) & 1 != 0
    )
    relro = program.header(PT_GNU_RELRO) is not None
    stack = program.header(PT_GNU_STACK)
    # Each function that can be jumped to begins with one; those of the C library are few.
    landing = {EM_X86_64: b"\xf3\x0f\x1e\xfa", EM_AARCH64: b"\x5f\x24\x03\xd5"}
    # or and mov of nothing to the top of the stack, as gcc and clang probe it.
    probes = [b"\x48\x83\x0c\x24\x00", b"\x48\xc7\x04\x24\x00\x00\x00\x00"]
    return {
        "PIE": program.type == ET_DYN,
        "full RELRO": relro and now,
        "RELRO": relro and not now,
        "no executable stack": stack is not None and stack[1] & 1 == 0,
        "strong stack protector": b"__stack_chk_fail" in names,
        "stack clash protection": any(probe in code for probe in probes)
        if program.machine == EM_X86_64
        else None,
        "control-flow protection": code.count(landing[program.machine]) > 20
        if program.machine == EM_X86_64
        else None,
        "fortified": any(n.startswith(b"__") and n.endswith(b"_chk") for n in names),
    }


def main():
    dcsim = sys.argv[1]
    program = Program(dcsim)
    if program.bytes[:6] != b"\x7fELF\x02\x01" or program.header(PT_DYNAMIC) is None:
        print("skipped: this is no dynamic 64-bit ELF program")
        return 77
    out = subprocess.run([dcsim, "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout
    lines = [line for line in out.splitlines() if line.startswith("hardened: ")]
    if len(lines) != 1:
        print("expected a line 'hardened: ...', found %r" % out)
        return 1
    said = lines[0][len("hardened: ") :].split(" (")[0].split(", ")
    failed = 0
    for what, is_there in found(program).items():
        if is_there is not None and (what in said) != is_there:
            print("%s: said %s, found %s" % (what, what in said, is_there))
            failed += 1
    unknown = [what for what in said if what not in found(program) and what != "none"]
    if unknown:
        print("said, and not looked for: %s" % ", ".join(unknown))
    print(lines[0])
    return 1 if failed or unknown else 0


if __name__ == "__main__":
    sys.exit(main())
