/*
 * What tools/mutants/mutate.py makes of C: each of its rules, and what it leaves
 * alone. Nothing is built of this; sample.txt has the mutants.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/contract.h"
#include "core/mark.h"

#define ROOM 8u
#define TWICE(x) ((x) + (x))

_Static_assert(ROOM > 4, "left alone");

struct box {
    uint64_t used;
    uint64_t room;
    bool open;
    struct box *next;
    uint32_t *alone;
};

enum color {
    RED,
    GREEN
};

static int put(struct box *box, uint64_t from, uint64_t to)
{
    PRE(from < to && box != NULL, "left alone");

    if (!box->open || to - from > /* - is an operator */ ROOM)
        return -1;
    box->used += to - from;
    return 0;
}

static int put_twice(struct box *box, uint64_t from)
{
    int rc = put(box, from, TWICE(from) + 1);

    if (rc == 0)
        rc = put(box, from, from + 2);
    if (rc < 0) {
        MARK(WAL_UNCUT);
        return rc;
    }
    return rc;
}

static uint64_t count(const struct box *box, enum color color)
{
    uint64_t sum = 0;

    for (; box != NULL; box = box->next) {
        if (color == RED)
            continue;
        sum = sum >= box->used ? sum : box->used;
    }
    return sum;
}

static bool empty(const struct box *box)
{
    while (box->open)
        box = box->next;
    return box->open && count(box, GREEN) <= 1;
}

void sample(struct box *box)
{
    uint32_t tries = 0;

    do
        tries++;
    while (empty(box) && tries < ROOM);
    (void)put_twice(box, tries);
    box->open = false;
}
