/* Inside of sim/forge.c: what its parts share. */
#ifndef DC_SIM_FORGE_INNER_H
#define DC_SIM_FORGE_INNER_H

#include "sim/forge.h"

/* A frame in the making. */
/* So many are kept, the first ones. */
#define FORGE_EDGES 16u

struct forge {
    struct choose *choose;
    uint64_t key;
    uint64_t draws; /* so far */
    uint32_t from, nodes;
    const struct names *names; /* borrowed */
    uint8_t *at;               /* owned */
    size_t len, cap;
    uint64_t says; /* what is to be read of it; 0: nothing, or nothing that is looked at */
    size_t edges[FORGE_EDGES]; /* lengths at which a key, or an id, was complete */
    unsigned edges_len;
    bool finished; /* the bytes are the whole frame; else they are a payload */
};

/* The code of nil. */
#define FORGE_NIL 0xc0u

/* Uniform in @lo..@hi. Draws are numbered, so two never stand among the arguments of one call. */
uint64_t forge_draw(struct forge *forge, uint64_t lo, uint64_t hi);

void forge_put_bytes(struct forge *forge, const void *bytes, size_t len);
void forge_put_byte(struct forge *forge, uint64_t byte);
void forge_put_many(struct forge *forge, uint64_t byte, uint64_t count);
/* Of any value. */
void forge_put_drawn(struct forge *forge, uint64_t count);
/* The code of a number, and its bytes, most significant first; least first, without a code. */
void forge_put_number(struct forge *forge, uint64_t code, uint64_t number, unsigned bytes);
void forge_put_little(struct forge *forge, uint64_t number, unsigned bytes);
/* A payload that is right but for the @more fields that are to follow. */
void forge_put_any(struct forge *forge, uint64_t more);

/* Payloads, each wrong in the way of its name. (forge_payload.c) */
void forge_write_type(struct forge *forge);
void forge_write_sender(struct forge *forge);
void forge_write_no_maps(struct forge *forge);
void forge_write_trailing(struct forge *forge);
void forge_write_short(struct forge *forge);
void forge_write_total(struct forge *forge);
void forge_write_count(struct forge *forge);
void forge_write_deep(struct forge *forge);
void forge_write_digest(struct forge *forge);
void forge_write_hidden(struct forge *forge);
void forge_write_members(struct forge *forge);
void forge_write_sum(struct forge *forge);
void forge_write_long(struct forge *forge);
void forge_write_form(struct forge *forge);
void forge_write_state(struct forge *forge);
/* (forge_other.c) */
void forge_write_other(struct forge *forge);

#endif
