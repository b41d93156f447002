/* The ids of a run, and one question after the other. */
#include "sim/models/models.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "sim/fatal.h"
#include "sim/marks.h"
#include "sim/models/model_inner.h"

/* Of 10^9, while memory fails. */
#define STARVED_PPB 300000000u

uint64_t model_draw(struct model *it, uint64_t lo, uint64_t hi)
{
    return choose_range(&it->choose, key_with(it->key, it->draws++), PURPOSE_KIND,
                        (struct scn_range){lo, hi});
}

void model_starve(struct model *it, bool on)
{
    if (on)
        memory_fail(&it->memory, STARVED_PPB, 0);
    else
        (void)memory_ok(&it->memory);
}

bool model_again(struct model *it, int rc)
{
    bool refused = it->memory.refused != it->refused;

    it->refused = it->memory.refused;
    return rc == DC_ENOMEM && refused;
}

void model_wrong(const struct model *it, enum check check, const char *what, uint64_t due,
                 uint64_t found)
{
    char label[CHECKS_TEXT_MAX];

    snprintf(label, sizeof(label), "expected %" PRIu64 ", found %" PRIu64 " (node models)", due,
             found);
    checks_fail(it->checks, check, it->node, what, label);
}

bool model_is_wrong(const struct model *it)
{
    return it->checks->violation.check != NULL;
}

/* ---- ids ---- */

/* Lengths at which something changes: of the header of a string, of a chunk of a digest. */
static uint32_t draw_len(struct model *it, bool many, bool huge)
{
    uint64_t kind = model_draw(it, 0, many ? 9 : 40);

    if (huge)
        return (uint32_t)model_draw(it, DC_NAME_BYTES_MAX - 25, DC_NAME_BYTES_MAX);
    if (kind == 0)
        return (uint32_t)model_draw(it, 30, 33);
    if (kind == 1)
        return (uint32_t)model_draw(it, 254, 257);
    if (kind == 2 && !many)
        return (uint32_t)model_draw(it, 4065, 4072);
    return (uint32_t)model_draw(it, 1, 20);
}

/* Many are alike up to their last byte, or but for their length. */
static void draw_id(struct model *it, struct model_id *id, bool many, bool huge)
{
    id->len = draw_len(it, many, huge);
    id->bytes = fatal_calloc(id->len, 1);
    memset(id->bytes, (int)model_draw(it, 'a', 'b'), id->len);
    id->bytes[id->len - 1] = (uint8_t)model_draw(it, 0, many ? 255 : 3);
}

static int compare(const struct model_id *a, const struct model_id *b)
{
    int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);

    return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* Puts it where it belongs, unless it is there. */
static void insert(struct model *it, struct model_id id)
{
    uint32_t at = it->len;

    while (at > 0 && compare(&it->ids[at - 1], &id) > 0)
        at--;
    if (at > 0 && compare(&it->ids[at - 1], &id) == 0) {
        free(id.bytes);
        return;
    }
    memmove(&it->ids[at + 1], &it->ids[at], (it->len - at) * sizeof(*it->ids));
    it->ids[at] = id;
    it->len++;
}

static void make_ids(struct model *it)
{
    bool many = model_draw(it, 0, 7) == 0;
    bool huge = !many && model_draw(it, 0, 39) == 0;
    uint64_t count = many ? model_draw(it, 60, MODEL_IDS_MAX) : model_draw(it, 1, huge ? 8 : 20);

    it->ids = fatal_calloc(MODEL_IDS_MAX, sizeof(*it->ids));
    for (uint64_t i = 0; i < count; i++) {
        struct model_id id = {.name = DC_NAME_NONE};

        draw_id(it, &id, many, huge);
        insert(it, id);
    }
}

/* ---- all of it ---- */

static void ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t number)
{
    static void (*const questions[])(struct model * it) = {
        model_ask_buffers, model_ask_forms,  model_ask_names, model_ask_states,
        model_ask_members, model_ask_rounds, model_ask_log,   model_ask_hash,
    };
    struct model it = {.checks = checks, .node = node};

    choose_init(&it.choose, seed);
    it.key = key_with(key_with(key_root(CAUSE_MODEL), node), number);
    memory_init(&it.memory, &it.choose, &it.met, key_with(it.key, UINT64_MAX));
    names_init(&it.names, &it.memory.mem);
    make_ids(&it);

    for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]) && !model_is_wrong(&it); i++)
        questions[i](&it);

    names_release(&it.names);
    if (!model_is_wrong(&it) && (it.memory.spoilt || it.memory.in_use != 0))
        model_wrong(&it, CHECK_MEMORY, "spoils memory that is not its own, or keeps some", 0,
                    it.memory.in_use);
    for (uint32_t i = 0; i < it.len; i++)
        free(it.ids[i].bytes);
    free(it.ids);
}

void models_ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t times)
{
    for (uint64_t number = 0; number < times && checks->violation.check == NULL; number++)
        ask(checks, node, seed, number);
    (void)marks_take();
}
