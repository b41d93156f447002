/*
 * A node alone in a process with a host around it, such as one that listens on a socket,
 * and strangers who send it what they like: what do they cost it, and does it hear its
 * friends afterwards? tests/test_strangers.c asks that it stays within the limits;
 * tools/bench/strangers.c prints what it comes to.
 *
 * Memory is what is asked of struct mem, so it is the same on every machine.
 */
#ifndef DC_TESTS_STRANGERS_H
#define DC_TESTS_STRANGERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/buf.h"
#include "core/env.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/node.h"
#include "core/pncounter.h"

struct strangers_mem {
    struct mem mem; /* hand out &mem.mem; the object must not move */
    size_t live;
    size_t peak; /* of live, with old and new where a block moves */
};

void strangers_mem_init(struct strangers_mem *mem);

struct siege {
    struct strangers_mem memory;       /* of the node and its codec */
    struct strangers_mem names_memory; /* of the table of names alone, and its digest form */
    struct names names;
    struct env env;
    struct node node;
    struct codec *codec;
    struct pncounter read;
    dc_name friends[2]; /* the list it starts with: itself, and one more */
    struct buf frame;   /* of a stranger, not in memory */
    uint64_t drawn;
    uint64_t frames, bytes, refused; /* that strangers sent */
    uint64_t sent;                   /* messages by the node */
    uint64_t said;                   /* a hash of what they said, and to whom */
    uint64_t now_ns;
    uint64_t turns;
    bool sweeps_always; /* after each event; else when it is time */
    uint64_t sweeps;
};

/* A node "us" with the peer "friend" and the @limit of its names; @fixed: it learns nobody. */
void siege_begin(struct siege *siege, size_t limit, bool fixed);
void siege_end(struct siege *siege);

/* Some event, drawn: a timer, a client, a push, a pull with claims. */
void siege_turn(struct siege *siege);

/* What a node can still do for others. */
struct siege_service {
    bool friend_answered, friend_counted;     /* whom it knew before */
    bool stranger_answered, stranger_counted; /* one that came afterwards, with an id and an */
    bool stranger_learned;                    /* address of its own */
    bool counts_itself;
};

/* Tries all of it. */
struct siege_service siege_try(struct siege *siege);

/* What a node cannot do any more afterwards, whatever it does. */
enum siege_after {
    SIEGE_FIXED = 1 << 0,       /* it learns nobody anyhow */
    SIEGE_NOT_LEARNED = 1 << 1, /* DC_PEERS_MAX were */
    SIEGE_NOT_COUNTED = 1 << 2, /* its state is full of ids: no new one is taken */
};

/* Each is a way to cost a node something. */
struct siege_attack {
    const char *name;
    const char *text; /* what is sent */
    void (*run)(struct siege *siege, uint32_t frames);
    uint32_t frames; /* so many in earnest */
    uint32_t few;    /* and in a test */
    unsigned after;  /* of enum siege_after */
};

extern const struct siege_attack siege_attacks[];
extern const size_t siege_attacks_len;

/* The digest form of a table (core/digest.h) takes no more beside it, also while it grows. */
#define SIEGE_FORM_BYTES_MAX ((size_t)20 << 20)

#endif
