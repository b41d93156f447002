/* Helpers of the core tests: see lib_core.h. */
#include "tests/lib_core.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <zstd.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/message.h"

void expect_text(const char *text, const char *expected)
{
    cr_assert(eq(str, (char *)text, (char *)expected));
}

/* ---- Memory ---- */

/* In front of each block: its size, to catch a wrong one when it comes back. */
struct head {
    _Alignas(max_align_t) size_t size;
};

static bool refuses(struct test_mem *mem)
{
    size_t request = mem->requests++;
    bool refused = request == mem->fail_at || (mem->fail_all && request > mem->fail_at);

    mem->failed += refused;
    return refused;
}

static void *counting_resize(void *ctx, void *ptr, size_t old, size_t size)
{
    struct test_mem *mem = ctx;
    struct head *head = ptr == NULL ? NULL : (struct head *)ptr - 1;

    if (head != NULL)
        cr_assert(eq(sz, head->size, old), "the size of a block is known to its owner");
    if (size == 0) {
        mem->live -= old;
        free(head);
        return NULL;
    }
    if (size > old && refuses(mem))
        return NULL;

    /* Always a new block: a pointer into the old one must not survive. */
    struct head *fresh = malloc(sizeof(*fresh) + size);
    if (fresh == NULL)
        return NULL;
    fresh->size = size;
    if (mem->live + size > mem->peak)
        mem->peak = mem->live + size;
    memset(fresh + 1, 0xa5, size);
    if (head != NULL) {
        memcpy(fresh + 1, ptr, old < size ? old : size);
        free(head);
    }
    mem->live += size - old;

    return fresh + 1;
}

void test_mem_init(struct test_mem *mem)
{
    *mem = (struct test_mem){.mem = {.resize = counting_resize, .ctx = mem}, .fail_at = SIZE_MAX};
}

void test_mem_fail_after(struct test_mem *mem, size_t requests)
{
    mem->fail_at = mem->requests + requests;
    mem->fail_all = false;
}

void test_mem_fail_from(struct test_mem *mem, size_t requests)
{
    mem->fail_at = mem->requests + requests;
    mem->fail_all = true;
}

void test_mem_fail_never(struct test_mem *mem)
{
    mem->fail_at = SIZE_MAX;
    mem->fail_all = false;
}

static void sweep(struct test_mem *mem, const struct oom_case *oom,
                  void (*fail)(struct test_mem *, size_t))
{
    for (size_t k = 0;; k++) {
        size_t failed = mem->failed;
        cr_assert(lt(sz, k, (size_t)10000), "the sweep ends");

        fail(mem, k);
        int rc = oom->op(oom->ctx);
        test_mem_fail_never(mem);

        if (mem->failed == failed) { /* it asked for less than k: done */
            cr_assert(ge(int, rc, 0), "with memory it succeeds: %s", err_name(rc));
            break;
        }
        if (oom->may_do_without && rc >= 0)
            continue;
        cr_assert(eq(int, rc, DC_ENOMEM), "request %zu: %s", k, err_name(rc));
        if (oom->unchanged != NULL)
            oom->unchanged(oom->ctx);
    }
    if (oom->undo != NULL)
        oom->undo(oom->ctx);
}

void expect_survives_no_memory(struct test_mem *mem, const struct oom_case *oom)
{
    sweep(mem, oom, test_mem_fail_after);
    sweep(mem, oom, test_mem_fail_from);
}

/* ---- Chance ---- */

uint64_t draw(struct test_random *random)
{
    uint64_t z = random->state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t draw_below(struct test_random *random, uint64_t bound)
{
    return draw(random) % bound;
}

/* ---- Counters ---- */

void world_init(struct test_world *world)
{
    test_mem_init(&world->mem);
    names_init(&world->names, &world->mem.mem);
}

void expect_world_empty(struct test_world *world)
{
    names_release(&world->names);
    cr_assert(eq(sz, world->mem.live, 0), "nothing is leaked");
}

dc_name name(struct test_world *world, const char *text)
{
    dc_name id = DC_NAME_NONE;

    cr_assert(eq(int, names_intern(&world->names, text, strlen(text), &id), 0));
    return id;
}

struct pncounter counter_of(struct test_world *world, const char *entries)
{
    struct pncounter counter;
    char id[64];
    uint64_t inc;
    uint64_t dec;
    int taken;

    pncounter_init(&counter, &world->mem.mem, &world->names);
    while (sscanf(entries, " %63[^: ]:+%" SCNu64 "-%" SCNu64 "%n", id, &inc, &dec, &taken) == 3) {
        dc_name handle = name(world, id);
        cr_assert(ge(int, pncounter_raise(&counter, handle, DC_INC, inc, NULL), 0));
        cr_assert(ge(int, pncounter_raise(&counter, handle, DC_DEC, dec, NULL), 0));
        entries += taken;
    }

    return counter;
}

/* Small numbers, so that ties are common, and now and then one at a limit. */
static uint64_t total_drawn(struct test_random *random)
{
    switch (draw_below(random, 8)) {
    case 0:
        return 0;
    case 1:
        return UINT64_MAX - draw_below(random, 3);
    case 2:
        return draw(random);
    default:
        return draw_below(random, 6);
    }
}

struct pncounter counter_drawn(struct test_world *world, struct test_random *random,
                               uint32_t ids_max)
{
    struct pncounter counter;
    uint64_t len = draw_below(random, ids_max + 1);

    pncounter_init(&counter, &world->mem.mem, &world->names);
    for (uint64_t i = 0; i < len; i++) {
        char text[32];
        snprintf(text, sizeof(text), "n%" PRIu64, draw_below(random, ids_max));
        dc_name id = name(world, text);
        cr_assert(ge(int, pncounter_raise(&counter, id, DC_INC, total_drawn(random), NULL), 0));
        cr_assert(ge(int, pncounter_raise(&counter, id, DC_DEC, total_drawn(random), NULL), 0));
    }

    return counter;
}

void expect_entries(const struct pncounter *counter, const char *entries)
{
    char text[4096] = "";
    size_t len = 0;

    for (uint32_t i = 0; i < counter->len; i++) {
        uint32_t id_len;
        const uint8_t *id = names_bytes(counter->names, counter->ids[i], &id_len);
        cr_assert(lt(sz, len, sizeof(text) - 128));
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s:+%" PRIu64 "-%" PRIu64,
                                i > 0 ? " " : "", (int)id_len, (const char *)id, counter->inc[i],
                                counter->dec[i]);
    }
    expect_text(text, entries);
}

void expect_canonical(const struct pncounter *counter)
{
    cr_assert(le(u32, counter->len, counter->cap));
    for (uint32_t i = 0; i < counter->len; i++) {
        cr_assert(counter->inc[i] > 0 || counter->dec[i] > 0, "no zero entry is stored");
        if (i > 0)
            cr_assert(
                lt(int, names_compare(counter->names, counter->ids[i - 1], counter->ids[i]), 0),
                "ids ascend");
    }
}

/* ---- Bytes ---- */

static uint8_t nibble(char digit)
{
    return (uint8_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

void append_hex(struct buf *buf, const char *hex)
{
    while (*hex != '\0') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        uint8_t byte = (uint8_t)(nibble(hex[0]) << 4 | nibble(hex[1]));
        cr_assert(eq(int, buf_append(buf, &byte, 1), 0));
        hex += 2;
    }
}

void append_times(struct buf *buf, uint8_t byte, size_t count)
{
    cr_assert(eq(int, buf_reserve(buf, count), 0));
    memset(buf->data + buf->len, byte, count);
    buf->len += count;
}

/* Feeds @len bytes to the stream, and ends it if there are none. */
static void feed(struct buf *buf, ZSTD_CStream *stream, const uint8_t *bytes, size_t len)
{
    ZSTD_inBuffer in = {.src = bytes, .size = len};
    uint8_t chunk[4096];
    size_t left;

    do {
        ZSTD_outBuffer out = {.dst = chunk, .size = sizeof(chunk)};
        left = ZSTD_compressStream2(stream, &out, &in, len == 0 ? ZSTD_e_end : ZSTD_e_continue);
        cr_assert(not(ZSTD_isError(left)));
        cr_assert(eq(int, buf_append(buf, chunk, out.pos), 0));
    } while (in.pos < in.size || (len == 0 && left > 0));
}

void append_zstd_of(struct buf *buf, const char *head_hex, uint8_t byte, size_t count,
                    const char *tail_hex)
{
    ZSTD_CStream *stream = ZSTD_createCStream();
    struct buf part;
    uint8_t chunk[4096];

    memset(chunk, byte, sizeof(chunk));
    buf_init(&part, mem_heap(), 1000);
    append_hex(&part, head_hex);
    if (part.len > 0)
        feed(buf, stream, part.data, part.len);
    for (size_t done = 0; done < count; done += sizeof(chunk))
        feed(buf, stream, chunk, count - done < sizeof(chunk) ? count - done : sizeof(chunk));
    buf_clear(&part);
    append_hex(&part, tail_hex);
    if (part.len > 0)
        feed(buf, stream, part.data, part.len);
    feed(buf, stream, NULL, 0);
    buf_release(&part);
    ZSTD_freeCStream(stream);
}

/* ---- A world for a node ---- */

__attribute__((format(printf, 2, 3))) static void say(struct test_env *env, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    int len = vsnprintf(env->said + env->len, sizeof(env->said) - env->len, format, args);
    va_end(args);
    cr_assert(lt(sz, env->len + (size_t)len, sizeof(env->said)), "room for what is said");
    env->len += (size_t)len;
}

static const char *text_of(const struct test_env *env, dc_name name, char text[64])
{
    uint32_t len;

    if (name == DC_NAME_NONE)
        return "-";
    const uint8_t *bytes = names_bytes(env->names, name, &len);
    snprintf(text, 64, "%.*s", (int)len, (const char *)bytes);
    return text;
}

static uint64_t say_now(void *ctx)
{
    struct test_env *env = ctx;

    return env->now_ns;
}

static uint64_t say_random(void *ctx)
{
    struct test_env *env = ctx;

    env->draws++;
    return draw(&env->random);
}

static void say_send(void *ctx, dc_name to, const struct message *msg)
{
    struct test_env *env = ctx;
    char to_text[64];
    char sender_text[64];

    say(env, "%s %s -> %s", message_kind_text(msg->kind), text_of(env, msg->sender, sender_text),
        text_of(env, to, to_text));
    if (msg->state != NULL)
        say(env, " entries %u", (unsigned)msg->state->len);
    for (uint32_t i = 0; i < msg->mem_len; i++) {
        say(env, " %s", text_of(env, msg->mem[i].address, to_text));
        if (msg->mem[i].incarnation > 0)
            say(env, "@%u", (unsigned)msg->mem[i].incarnation);
        if (msg->mem[i].left)
            say(env, "!");
    }
    say(env, "\n");
    cr_assert(eq(int, msg->state != NULL, msg->kind == MESSAGE_PUSH));
    cr_assert(ge(u64, msg->version, 1));
}

static void say_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    say(ctx, "reply %" PRIu64 " %s\n", client, env_answer_text(answer));
}

static void say_log(void *ctx, enum env_level level, enum env_event event,
                    const struct env_fields *fields)
{
    struct test_env *env = ctx;
    char text[64];

    (void)level;
    say(env, "%s", env_event_text(event));
    if (fields->name != DC_NAME_NONE)
        say(env, " %s", text_of(env, fields->name, text));
    if (event == ENV_RAISED)
        say(env, " %c %" PRIu64 " -> %" PRIu64, fields->side == DC_INC ? '+' : '-', fields->old,
            fields->now);
    if (event == ENV_CLIENT_REFUSED)
        say(env, " %c%" PRIu64, fields->side == DC_INC ? '+' : '-', fields->old);
    if (fields->peer != DC_NAME_NONE)
        say(env, " %s", text_of(env, fields->peer, text));
    if (fields->err != 0)
        say(env, " %s", err_name(fields->err));
    say(env, "\n");
}

static const struct env_ops test_env_ops = {
    .now = say_now,
    .random = say_random,
    .send = say_send,
    .reply = say_reply,
    .log = say_log,
};

void test_env_init(struct test_env *env, const struct names *names)
{
    *env = (struct test_env){.names = names, .random = {1}};
    env->env = (struct env){.ops = &test_env_ops, .ctx = env};
}

void expect_said(struct test_env *env, const char *lines)
{
    expect_text(env->said, lines);
    test_env_clear(env);
}

void test_env_clear(struct test_env *env)
{
    env->len = 0;
    env->said[0] = '\0';
}

size_t said_count(const struct test_env *env, const char *beginning)
{
    size_t count = 0;

    for (const char *line = env->said; *line != '\0'; line = strchr(line, '\n') + 1)
        count += strncmp(line, beginning, strlen(beginning)) == 0;
    return count;
}
