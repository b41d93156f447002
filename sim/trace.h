/*
 * The run as a sequence of records, and their rolling hash: two runs are the
 * same exactly when their hashes are. Records hold nothing that depends on the
 * machine, on addresses or on a zstd version. Whoever wants to see them hangs
 * in a sink; the hash is computed all the same, and a sink cannot change a run.
 *
 * Notes are what nodes log beside that. They say why, not what: they are shown
 * to a sink that asks for them and are no part of the hash.
 */
#ifndef DC_SIM_TRACE_H
#define DC_SIM_TRACE_H

#include <stddef.h>
#include <stdint.h>

struct env_fields;

enum record_kind {
    RECORD_EVENT = 1, /* detail: event kind; a: payload that has a meaning, b: order */
    RECORD_SEND,      /* node -> peer; detail: message kind; a: digest, b: plain bytes */
    RECORD_FATE,      /* of the send before it; detail: enum net_fate; a: arrival, b: statement */
    RECORD_DELIVER,   /* node <- peer; detail: message kind; a: digest, b: plain bytes */
    RECORD_LOST,      /* node -> peer, on the way; detail: enum net_fate; b: statement */
    RECORD_REPLY,     /* node; detail: answer; a: client */
    RECORD_STATE,     /* node; a, b: fingerprint after the event that changed it */
    RECORD_FAULT,     /* detail: 1 begins, 0 ends; a: statement, b: turn */
    RECORD_VERDICT,   /* detail: 1 holds, 0 does not; a: statement */
    RECORD_LIFE,      /* node; detail: enum host_life; a: which start it is, from 0 */
    RECORD_SYNC,      /* node; detail: 1 succeeded, 0 failed; a: number of the sync */
    RECORD_COPY,      /* as RECORD_FATE, of a duplicate of the send before it */
    RECORD_FLIP,      /* node <- peer; detail: 1 it was read, 0 not; a: bit; b: stmt */
    RECORD_FORGE, /* as RECORD_SEND, of a forged frame; detail: enum scn_forge; a: stmt, b: bytes */
    RECORD_FORGED, /* node <- peer, it has come; detail: likewise; a: error, b: stmt */
};

#define RECORD_NO_NODE UINT32_MAX

struct record {
    uint64_t at_ns;
    uint64_t key; /* of the event that is being handled, or of the message */
    uint64_t a, b;
    uint32_t node, peer; /* indices from 0, or RECORD_NO_NODE */
    uint32_t kind;       /* enum record_kind */
    uint32_t detail;
};

/* What a node told its host to log, in the event that is being handled. */
struct note {
    uint64_t at_ns;
    uint64_t key; /* of that event */
    uint32_t node;
    uint32_t level;                  /* enum env_level */
    uint32_t event;                  /* enum env_event */
    const struct env_fields *fields; /* valid during the call only */
};

/* Either may be NULL. Both only look; records and notes come in the order of the run. */
struct trace_sink {
    void (*record)(void *ctx, const struct record *record);
    void (*note)(void *ctx, const struct note *note);
    void *ctx;
};

#define TRACE_TEE_MAX 4u

/* Several sinks as one. A zeroed one has none. */
struct trace_tee {
    struct trace_sink sinks[TRACE_TEE_MAX];
    size_t len;
};

struct trace {
    uint64_t hash;
    uint64_t records;
    struct trace_sink sink; /* its functions are NULL when nobody looks */
};

/* Appends @record: hashes its fields, little-endian, and shows it to the sink. */
void trace_add(struct trace *trace, const struct record *record);

/* Shows @note to the sink, if it wants notes. */
void trace_note(struct trace *trace, const struct note *note);

/* Adds @sink, at most TRACE_TEE_MAX of them; one that wants nothing is none. */
void trace_tee_add(struct trace_tee *tee, struct trace_sink sink);

/* A sink that shows everything to all of @tee, in the order in which they were added. */
struct trace_sink trace_tee_sink(struct trace_tee *tee);

#endif
