/* Two digits at a time, from tables. */
#include "sim/put.h"

static const char pairs[] = "00010203040506070809101112131415161718192021222324"
                            "25262728293031323334353637383940414243444546474849"
                            "50515253545556575859606162636465666768697071727374"
                            "75767778798081828384858687888990919293949596979899";

/* How many digits @value has. */
static inline unsigned digits_of(uint64_t value)
{
    unsigned digits = 1;

    while (value >= 10000) {
        value /= 10000;
        digits += 4;
    }
    return digits + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *put_number(char *at, uint64_t value)
{
    char *end = at + digits_of(value);
    char *to = end;

    while (value >= 100) {
        to -= 2;
        memcpy(to, pairs + 2 * (value % 100), 2);
        value /= 100;
    }
    if (value >= 10)
        memcpy(to - 2, pairs + 2 * value, 2);
    else
        to[-1] = (char)('0' + value);
    return end;
}

static const char hex_pairs[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
                                "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
                                "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f"
                                "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f"
                                "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
                                "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebf"
                                "c0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
                                "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";

char *put_hex(char *at, uint64_t value)
{
    for (int shift = 56; shift >= 0; shift -= 8) {
        memcpy(at, hex_pairs + 2 * (value >> shift & 0xFF), 2);
        at += 2;
    }
    return at;
}
