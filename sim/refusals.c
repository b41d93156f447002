/* Each question has one right answer, which core's headers give. */
#include "sim/refusals.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/contract.h"
#include "core/env.h"
#include "core/err.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/peers.h"
#include "core/pncounter.h"
#include "core/types.h"
#include "sim/checks.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/marks.h"
#include "sim/memory.h"
#include "sim/wide.h"

struct refusals {
    struct checks *checks;
    struct choose choose;
    uint64_t draws; /* so far */
    struct names names;
    struct codec *codec;
    struct pncounter state; /* has nothing */
    struct buf frame;
    dc_name id, empty; /* of one node, and of no bytes */
};

static uint64_t draw(struct refusals *it, uint64_t lo, uint64_t hi)
{
    return choose_range(&it->choose, key_with(0, it->draws++), PURPOSE_KIND,
                        (struct scn_range){lo, hi});
}

static void wrong(struct refusals *it, const char *what, int64_t due, int64_t found)
{
    char label[CHECKS_TEXT_MAX];

    snprintf(label, sizeof(label), "expected %" PRId64 ", found %" PRId64, due, found);
    checks_fail(it->checks, CHECK_FRAME, 0, what, label);
}

/* ---- messages ---- */

static void must_not_write(struct refusals *it, const struct message *msg, int due)
{
    int rc = message_encode(it->codec, msg, &it->frame, NULL);

    if (rc != due || it->frame.len != 0)
        wrong(it, "writes a frame that it would not read", due, rc);
}

static void ask_for_messages(struct refusals *it)
{
    struct message right = {.kind = MESSAGE_PULL, .sender = it->id}, msg = right;
    uint64_t kind;
    size_t len;

    kind = draw(it, MESSAGE_ACK, 255);
    kind = kind == MESSAGE_ACK ? 0 : kind; /* none of the three */
    msg.kind = (enum message_kind)kind;
    must_not_write(it, &msg, DC_EMSG_TYPE);
    msg = right;
    msg.sender = draw(it, 0, 1) ? it->empty : DC_NAME_NONE;
    must_not_write(it, &msg, DC_EMSG_NODE_ID);
    msg = right;
    msg.kind = MESSAGE_PUSH;
    msg.state = draw(it, 0, 1) ? &it->state : NULL;
    must_not_write(it, &msg, DC_EMSG_MAPS);

    /* Its length is known beforehand, also without a digest. */
    right.digest = draw(it, 0, 1);
    len = 1 + message_plain_len(&it->names, &right);
    if (message_encode(it->codec, &right, &it->frame, NULL) < 0 || it->frame.len != len)
        wrong(it, "writes a frame of another length than it says", (int64_t)len,
              (int64_t)it->frame.len);
}

/* ---- names ---- */

static void ask_for_names(struct refusals *it)
{
    uint32_t len = it->names.len, over = (uint32_t)draw(it, 0, 2);
    size_t size = DC_NAME_BYTES_MAX + over;
    uint8_t *bytes = fatal_alloc(size);
    dc_name name = DC_NAME_NONE;
    int due = over > 0 ? DC_ELIMIT : 0, rc;

    memset(bytes, 'x', size);
    rc = names_intern(&it->names, bytes, size, &name);
    if (rc != due || it->names.len != len + (over == 0))
        wrong(it, "knows no limit of a name", due, rc);
    free(bytes);
}

/* ---- claims ---- */

/* Who leaves says so, unless its address is too long to be told: then it says nothing. */
static void ask_for_claims(struct refusals *it)
{
    uint32_t over = (uint32_t)draw(it, 0, 2);
    size_t size = DC_ADDRESS_BYTES_MAX + over;
    uint8_t *bytes = fatal_alloc(size);
    struct claim claims[DC_CLAIMS_MAX];
    struct peers peers;
    uint32_t due = over == 0, found;
    dc_name self;

    memset(bytes, 'y', size);
    if (names_intern(&it->names, bytes, size, &self) < 0)
        fatal_memory(0);
    peers_init(&peers, memory_heap(), self, NULL, 0);
    found = peers_tell(&peers, &it->names, it->id, true, PEERS_OF_IT_LEFT, claims);
    if (found != due || (due > 0 && (claims[0].address != self || !claims[0].left)))
        wrong(it, "tells a farewell that nobody can read, or does not tell it", due, found);
    peers_release(&peers);
    free(bytes);
}

/* ---- draws ---- */

static uint64_t these_bits(void *ctx)
{
    return *(const uint64_t *)ctx;
}

static void ask_for_a_draw(struct refusals *it)
{
    static const struct env_ops ops = {.random = these_bits};
    uint64_t bits = draw(it, 0, UINT64_MAX), shift = draw(it, 0, 63), due;
    uint64_t bound = draw(it, UINT64_C(1) << 63, UINT64_MAX) >> shift;
    struct env env = {.ops = &ops, .ctx = &bits};

    due = (uint64_t)(((u128)bits * bound) >> 64);
    if (env_below(&env, bound) != due)
        wrong(it, "draws another number than its bits are for", (int64_t)due,
              (int64_t)env_below(&env, bound));
}

/* ---- words ---- */

/* Each of a kind has a word of its own: two that are drawn are not alike, and none is "?". */
static void ask_for_words(struct refusals *it)
{
    uint64_t one = draw(it, 0, ENV_PEER_LEFT), more = draw(it, 1, ENV_PEER_LEFT);
    uint64_t other = (one + more) % (ENV_PEER_LEFT + 1);
    uint64_t answer = draw(it, ENV_OK, ENV_UNKNOWN), next = (answer + 1) % (ENV_UNKNOWN + 1);
    uint64_t kind = draw(it, MESSAGE_PUSH, MESSAGE_ACK), after = kind % MESSAGE_ACK + 1;
    const char *words[][2] = {
        {env_event_text((enum env_event)one), env_event_text((enum env_event)other)},
        {env_answer_text((enum env_answer)answer), env_answer_text((enum env_answer)next)},
        {message_kind_text((enum message_kind)kind), message_kind_text((enum message_kind)after)},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (strcmp(words[i][0], words[i][1]) == 0 || strcmp(words[i][0], "?") == 0)
            wrong(it, "has one word for two things, or none", (int64_t)one, (int64_t)other);
    if (strcmp(contract_place("/some/core/where/core/node.c"), "core/node.c") != 0)
        wrong(it, "says of a broken contract where it was built", 0, 1);
}

void refusals_ask(struct checks *checks, uint64_t seed)
{
    struct refusals it = {.checks = checks};

    choose_init(&it.choose, seed);
    names_init(&it.names, memory_heap());
    it.codec = codec_new(memory_heap(), &it.names);
    pncounter_init(&it.state, memory_heap(), &it.names);
    buf_init(&it.frame, memory_heap(), DC_MESSAGE_BYTES_MAX);
    if (!it.codec || names_intern(&it.names, "", 0, &it.empty) < 0 ||
        names_intern(&it.names, "n1", 2, &it.id) < 0)
        fatal_memory(0);

    ask_for_messages(&it);
    ask_for_names(&it);
    ask_for_claims(&it);
    ask_for_a_draw(&it);
    ask_for_words(&it);

    buf_release(&it.frame);
    pncounter_release(&it.state);
    codec_free(it.codec);
    names_release(&it.names);
    (void)marks_take();
}
