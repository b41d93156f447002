/*
 * Forged frames: what no right node sends, as it may come from a broken one, or from
 * somebody who means harm. Each kind is wrong in one way, which docs/WIRE.md names;
 * what is not wrong about it is as in any message, and drawn.
 *
 * A node must do nothing at all about it: the frame is refused, with the error that
 * says what is wrong, and leaves nothing behind. One kind is read as a message and
 * still has to change nothing: an ack that carries a state.
 *
 * The bytes are made by hand, also those of zstd, so no version of a library has a
 * say in them.
 */
#ifndef DC_SIM_FORGE_H
#define DC_SIM_FORGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/scenario/scenario.h"

struct choose;
struct names;

struct forge_order {
    enum scn_forge kind;       /* SCN_FORGE_RANDOM: any */
    uint64_t key;              /* names the frame; all its draws hang on it */
    uint32_t from;             /* index of the node that it says it is of */
    uint32_t nodes;            /* in the cluster */
    const struct names *names; /* borrowed; the first of them are those of the nodes */
    uint32_t stmt;             /* whose doing it is */
};

struct forged {
    enum scn_forge kind; /* never SCN_FORGE_RANDOM */
    uint32_t stmt;
    int err;       /* with which it must be refused; 0: it is read, and changes nothing */
    uint64_t says; /* frames_says() of what must be read; 0: that is not looked at */
    size_t len;
    uint8_t *bytes; /* owned; at least one */
};

/* Makes a frame; forge_free() frees it. */
struct forged *forge_new(struct choose *choose, const struct forge_order *order);
/* NULL is fine. */
void forge_free(struct forged *forged);

/* What is wrong with such a frame: "bytes behind the message". */
const char *forge_wrong(enum scn_forge kind);

#endif
