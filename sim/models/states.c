/* States, digests and pushes, held against totals in a list. */
#include <string.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/message.h"
#include "sim/fatal.h"
#include "sim/memory.h"
#include "sim/models/model_inner.h"
#include "sim/plain_digest.h"
#include "sim/wide.h"

/* Frames up to this length are not compressed, which takes time: of others a few are tried. */
#define PLAIN_MAX 1024u

static bool holds(const struct model_id *id, uint32_t which)
{
    return id->totals[which][DC_INC] > 0 || id->totals[which][DC_DEC] > 0;
}

void model_compare(const struct model *it, const struct pncounter *counter, uint32_t which)
{
    struct pncounter_extent extents[2] = {{0}};
    uint32_t at = 0;

    for (uint32_t i = 0; i < it->len; i++) {
        const struct model_id *id = &it->ids[i];
        const uint64_t *totals = id->totals[which];

        if (!holds(id, which))
            continue;
        if (at == counter->len || counter->ids[at] != id->name ||
            counter->inc[at] != totals[DC_INC] || counter->dec[at] != totals[DC_DEC]) {
            model_wrong(it, CHECK_DIGEST, "comes to another state than the sum of what was added",
                        i, at);
            return;
        }
        for (int side = DC_INC; side <= DC_DEC; side++) {
            extents[side].entries += totals[side] > 0;
            extents[side].bytes += totals[side] > 0 ? id->len + (id->len < 32    ? 1u
                                                                 : id->len < 256 ? 2u
                                                                                 : 3u)
                                                    : 0;
        }
        at++;
    }
    if (at != counter->len || memcmp(extents, counter->extents, sizeof(extents)) != 0)
        model_wrong(it, CHECK_DIGEST, "comes to a state of another size than what was added", at,
                    counter->len);
}

/* ---- a state is made ---- */

static uint64_t draw_total(struct model *it)
{
    switch (model_draw(it, 0, 7)) {
    case 0:
    case 1:
    case 2:
        return 0;
    case 3:
        return model_draw(it, UINT64_MAX - 2, UINT64_MAX);
    case 4:
        return model_draw(it, UINT32_MAX - 1, UINT64_C(1) << 33);
    default:
        return model_draw(it, 1, 3);
    }
}

/* Adds to a half, again when there is no memory; then the state is as it was. */
static void add(struct model *it, struct pncounter *counter, uint32_t which, uint32_t at,
                enum dc_side side, uint64_t amount)
{
    struct model_id *id = &it->ids[at];
    uint64_t *total = &id->totals[which][side];
    int due = amount > UINT64_MAX - *total ? DC_EOVERFLOW : 0, rc;

    while (model_again(it, rc = pncounter_add(counter, id->name, side, amount, NULL)))
        model_compare(it, counter, which);
    if (rc != due)
        model_wrong(it, CHECK_DIGEST, "adds more than a total can be, or refuses what it can",
                    *total, amount);
    *total += rc == 0 ? amount : 0;
}

static void raise_to(struct model *it, struct pncounter *counter, uint32_t which, uint32_t at,
                     enum dc_side side, uint64_t to)
{
    struct model_id *id = &it->ids[at];
    uint64_t *total = &id->totals[which][side];
    int due = to > *total, rc;

    while (model_again(it, rc = pncounter_raise(counter, id->name, side, to, NULL)))
        model_compare(it, counter, which);
    if (rc != due)
        model_wrong(it, CHECK_DIGEST, "says that a total rose that did not, or the reverse", *total,
                    to);
    *total = due ? to : *total;
}

static void make(struct model *it, struct pncounter *counter, uint32_t which)
{
    uint32_t from = (uint32_t)model_draw(it, 0, it->len - 1);

    pncounter_init(counter, &it->memory.mem, &it->names);
    for (uint32_t i = 0; i < it->len; i++) {
        enum dc_side side = (enum dc_side)model_draw(it, DC_INC, DC_DEC);
        uint32_t at = (from + i) % it->len;

        if (model_draw(it, 0, 3) == 0)
            continue;
        add(it, counter, which, at, side, draw_total(it));
        raise_to(it, counter, which, at, side == DC_INC ? DC_DEC : DC_INC, draw_total(it));
        if (model_draw(it, 0, 3) == 0)
            add(it, counter, which, at, side, draw_total(it));
    }
    model_compare(it, counter, which);
}

/* ---- what is asked of one ---- */

static void ask_value(const struct model *it, const struct pncounter *counter, uint32_t which)
{
    i128 due = 0, own;
    int64_t value = 0;
    int rc;

    for (uint32_t i = 0; i < it->len; i++) {
        const uint64_t *totals = it->ids[i].totals[which];

        own = (i128)totals[DC_INC] - (i128)totals[DC_DEC];
        due += own;
        rc = pncounter_local_value(counter, it->ids[i].name, &value);
        if ((rc == 0) != (own >= INT64_MIN && own <= INT64_MAX) || (rc == 0 && value != own))
            model_wrong(it, CHECK_VALUE, "gives one id another value than its totals", i,
                        (uint64_t)value);
    }
    rc = pncounter_value(counter, &value);
    if ((rc == 0) != (due >= INT64_MIN && due <= INT64_MAX) || (rc == 0 && value != due))
        model_wrong(it, CHECK_VALUE, "gives a state another value than its totals", (uint64_t)due,
                    (uint64_t)value);
}

static void ask_digest(const struct model *it, const struct pncounter *counter)
{
    uint64_t due = plain_digest(counter), found = digest_of(counter);

    if (found != due)
        model_wrong(it, CHECK_DIGEST, "makes another digest than that of the canonical form", due,
                    found);
}

/* ---- a push ---- */

static void write_push(struct model *it, struct codec *codec, const struct message *msg,
                       struct buf *frame)
{
    size_t len = 0, due = message_plain_len(&it->names, msg);
    int rc;

    while (model_again(it, rc = message_encode(codec, msg, frame, &len)) && frame->len == 0) {
    }
    if (rc != 0 || len != due || (frame->len > 0 && frame->data[0] == 0 && frame->len != due + 1))
        model_wrong(it, CHECK_FRAME, "writes a frame of another length than it says", due, len);
}

static void read_push(struct model *it, struct codec *codec, const struct message *sent,
                      const struct buf *frame, uint32_t which)
{
    struct message msg = {0};
    struct pncounter state;
    int rc;

    pncounter_init(&state, &it->memory.mem, &it->names);
    while (model_again(it, rc = message_decode(codec, frame->data, frame->len, &msg, &state)) &&
           state.len == 0) {
    }
    if (rc != 0 || msg.kind != MESSAGE_PUSH || msg.sender != sent->sender ||
        msg.digest != sent->digest || msg.state != &state || msg.mem_len != 0)
        model_wrong(it, CHECK_FRAME, "reads something else than it has written", 0, (uint64_t)-rc);
    else
        model_compare(it, &state, which);
    pncounter_release(&state);
}

static void ask_push(struct model *it, const struct pncounter *counter, uint32_t which)
{
    struct message msg = {.kind = MESSAGE_PUSH, .state = counter, .digest = digest_of(counter)};
    struct codec *codec;
    struct buf frame;

    msg.sender = it->ids[model_draw(it, 0, it->len - 1)].name;
    if (message_plain_len(&it->names, &msg) > PLAIN_MAX && model_draw(it, 0, 3) > 0)
        return;
    while ((codec = codec_new_apart(&it->memory.mem, memory_heap(), &it->names)) == NULL &&
           model_again(it, DC_ENOMEM)) {
    }
    if (!codec)
        fatal_memory(0);
    buf_init(&frame, &it->memory.mem, DC_MESSAGE_BYTES_MAX);
    write_push(it, codec, &msg, &frame);
    read_push(it, codec, &msg, &frame, which);
    buf_release(&frame);
    codec_free(codec);
}

/* ---- two of them ---- */

/* What is to be heard of a merge: the ids ascending, increments first. */
struct rises {
    const struct model *it;
    uint32_t at; /* 2 * id + side, of the next that may rise */
};

static bool rises_at(const struct model *it, uint32_t at)
{
    const struct model_id *id = &it->ids[at / 2];

    return id->totals[1][at % 2] > id->totals[0][at % 2];
}

static void raised(void *ctx, dc_name name, enum dc_side side, uint64_t old, uint64_t now)
{
    struct rises *rises = ctx;
    const struct model *it = rises->it;
    const struct model_id *id;

    while (rises->at < 2 * it->len && !rises_at(it, rises->at))
        rises->at++;
    id = rises->at < 2 * it->len ? &it->ids[rises->at / 2] : NULL;
    if (!id || id->name != name || (enum dc_side)(rises->at % 2) != side ||
        id->totals[0][side] != old || id->totals[1][side] != now)
        model_wrong(it, CHECK_LOG, "tells of a rise that is none, or too late", rises->at / 2, old);
    else
        rises->at++;
}

static bool contains(const struct model *it, uint32_t which, uint32_t other)
{
    for (uint32_t i = 0; i < it->len; i++)
        for (int side = DC_INC; side <= DC_DEC; side++)
            if (it->ids[i].totals[which][side] < it->ids[i].totals[other][side])
                return false;
    return true;
}

static void ask_order(const struct model *it, const struct pncounter *a, const struct pncounter *b)
{
    static const enum pncounter_order orders[2][2] = {
        {PNCOUNTER_CONCURRENT, PNCOUNTER_BEHIND},
        {PNCOUNTER_AHEAD, PNCOUNTER_EQUAL},
    };
    enum pncounter_order due = orders[contains(it, 0, 1)][contains(it, 1, 0)];
    enum pncounter_order found = pncounter_compare(a, b);

    if (found != due)
        model_wrong(it, CHECK_DIGEST, "puts two states in another order than their totals", due,
                    found);
}

/* State 0 with state 1, without memory as it was; one more entry finds its room. */
static void merge(struct model *it, struct pncounter *a, const struct pncounter *b)
{
    struct rises rises = {.it = it};
    struct pncounter_watch watch = {.raised = raised, .ctx = &rises};
    bool due = !contains(it, 0, 1);
    uint32_t at = 0;
    int rc;

    while (model_again(it, pncounter_reserve(a, a->len + 1)))
        model_compare(it, a, 0);
    while (model_again(it, rc = pncounter_merge(a, b, &watch)) && rises.at == 0)
        model_compare(it, a, 0);
    while (rises.at < 2 * it->len && !rises_at(it, rises.at))
        rises.at++;
    if (rc != due || rises.at < 2 * it->len)
        model_wrong(it, CHECK_DIGEST, "says of a merge what is not so", due, (uint64_t)rc);
    for (uint32_t i = 0; i < it->len; i++)
        for (int side = DC_INC; side <= DC_DEC; side++)
            if (it->ids[i].totals[1][side] > it->ids[i].totals[0][side])
                it->ids[i].totals[0][side] = it->ids[i].totals[1][side];
    model_compare(it, a, 0);

    while (at < it->len && holds(&it->ids[at], 0))
        at++;
    if (at == it->len)
        return;
    memory_fail(&it->memory, UINT64_C(1000000000), 0);
    rc = pncounter_add(a, it->ids[at].name, DC_DEC, 1, NULL);
    model_starve(it, false);
    if (rc != 0)
        model_wrong(it, CHECK_DIGEST, "has no room for an entry that it reserved", 0,
                    (uint64_t)-rc);
    it->ids[at].totals[0][DC_DEC] = 1;
}

static void ask_both(struct model *it, struct pncounter *a, struct pncounter *b)
{
    int rc;

    ask_value(it, a, 0);
    ask_digest(it, a);
    ask_digest(it, b);
    if (a->len > 0)
        ask_push(it, a, 0);
    ask_order(it, a, b);
    merge(it, a, b);
    ask_order(it, a, b);
    ask_digest(it, a);

    while (model_again(it, rc = pncounter_copy(b, a)))
        model_compare(it, b, 1);
    if (rc != 0 || pncounter_compare(a, b) != PNCOUNTER_EQUAL)
        model_wrong(it, CHECK_DIGEST, "copies a state wrongly", 0, (uint64_t)-rc);
}

void model_ask_states(struct model *it)
{
    struct pncounter a, b;

    model_starve(it, model_draw(it, 0, 1));
    make(it, &a, 0);
    make(it, &b, 1);
    if (!model_is_wrong(it))
        ask_both(it, &a, &b);
    model_starve(it, false);
    pncounter_release(&a);
    pncounter_release(&b);
}
