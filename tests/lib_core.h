/*
 * What the tests of core share: memory that counts and fails on request, a
 * world that writes down what a node asks of it, and counters as text.
 *
 * Helpers build; those called expect_... assert.
 */
#ifndef DC_TESTS_LIB_CORE_H
#define DC_TESTS_LIB_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/env.h"
#include "core/mem.h"
#include "core/names.h"
#include "core/pncounter.h"

/* Both texts are the same; also for literals, which Criterion takes for writable. */
void expect_text(const char *text, const char *expected);

/* ---- Memory ---- */

struct test_mem {
    struct mem mem;  /* hand out &mem.mem; the object must not move */
    size_t live;     /* bytes not yet freed */
    size_t peak;     /* of live, with old and new while a block moves */
    size_t requests; /* for new or larger blocks, so far */
    size_t fail_at;  /* the request that fails, SIZE_MAX for none */
    bool fail_all;   /* and all behind it */
    size_t failed;   /* requests refused so far */
};

void test_mem_init(struct test_mem *mem);

/* Request number @requests from now (0 is the next) fails, once. */
void test_mem_fail_after(struct test_mem *mem, size_t requests);

/* The same, and so does every later one. */
void test_mem_fail_from(struct test_mem *mem, size_t requests);

void test_mem_fail_never(struct test_mem *mem);

/*
 * Runs @op with request 0 failing, then 1, 2, ... until it runs through; each
 * time before that it must return DC_ENOMEM, and @unchanged (may be NULL) must
 * find nothing changed. Twice: one request failing, and all from there on.
 * @op succeeds with 0 or more; @undo (may be NULL) then takes it back, so that
 * the second sweep starts where the first did.
 */
struct oom_case {
    int (*op)(void *ctx);
    void (*unchanged)(void *ctx);
    void (*undo)(void *ctx);
    void *ctx;
    bool may_do_without; /* some of the memory only makes it faster */
};
void expect_survives_no_memory(struct test_mem *mem, const struct oom_case *oom);

/* ---- Chance ---- */

/* SplitMix64: integers only, the same on every machine. */
struct test_random {
    uint64_t state;
};

uint64_t draw(struct test_random *random);

/* 0..bound - 1, roughly. */
uint64_t draw_below(struct test_random *random, uint64_t bound);

/* ---- Counters ---- */

/* Memory and names, which every counter needs. */
struct test_world {
    struct test_mem mem;
    struct names names;
};

void world_init(struct test_world *world);

/* Releases the names and asserts that nothing is left. */
void expect_world_empty(struct test_world *world);

dc_name name(struct test_world *world, const char *text);

/* A counter from text like "n1:+5-0 n2:+7-3"; the caller releases it. */
struct pncounter counter_of(struct test_world *world, const char *entries);

/* Up to @ids_max entries "n0".. with totals of many sizes; halves may be 0, not both. */
struct pncounter counter_drawn(struct test_world *world, struct test_random *random,
                               uint32_t ids_max);

/* The entries of @counter are these, in this order: "" for none. */
void expect_entries(const struct pncounter *counter, const char *entries);

/* Ids ascending, each once, no zero entry. */
void expect_canonical(const struct pncounter *counter);

/* ---- Bytes ---- */

struct buf;

/* Appends the bytes that @hex spells, blanks left out; @buf has room. */
void append_hex(struct buf *buf, const char *hex);

/* Appends @count times @byte. */
void append_times(struct buf *buf, uint8_t byte, size_t count);

/* Appends one zstd frame, without its size, of @count times @byte behind @head. */
void append_zstd_of(struct buf *buf, const char *head_hex, uint8_t byte, size_t count,
                    const char *tail_hex);

/* ---- A world for a node ---- */

/* Everything asked of it becomes a line of text. */
struct test_env {
    struct env env; /* hand out &env.env; the object must not move */
    const struct names *names;
    uint64_t now_ns;
    struct test_random random;
    size_t draws; /* calls of random */
    size_t len;   /* bytes in said */
    char said[65536];
};

void test_env_init(struct test_env *env, const struct names *names);

/* Says nothing but these lines since the last call, each ending in \n. */
void expect_said(struct test_env *env, const char *lines);

/* Forgets what was said. */
void test_env_clear(struct test_env *env);

/* How many lines begin with @beginning. */
size_t said_count(const struct test_env *env, const char *beginning);

#endif
