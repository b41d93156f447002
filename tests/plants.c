/* Each function does its work, and then spoils it. */
#include "tests/plants.h"

#include <signal.h>
#include <unistd.h>

#include "core/buf.h"
#include "core/compress.h"
#include "core/contract.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/ledger.h"
#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/node.h"
#include "core/peers.h"
#include "core/pncounter.h"
#include "core/stuck.h"
#include "core/unpack.h"
#include "sim/models/models.h"

volatile enum plant plant;
volatile enum plant plant_of_models;

void __real_models_ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t times);
void __wrap_models_ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t times);
int __real_pncounter_raise(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t total,
                           const struct pncounter_watch *watch);
int __real_unpack_skip(struct unpack *unpack);
int __wrap_unpack_skip(struct unpack *unpack);
int __real_unpack_uint_any(struct unpack *unpack, uint64_t *ret_number);
int __wrap_unpack_uint_any(struct unpack *unpack, uint64_t *ret_number);
bool __real_unpack_nil(struct unpack *unpack);
bool __wrap_unpack_nil(struct unpack *unpack);
size_t __real_mem_grow(size_t cap, size_t needed, size_t max);
size_t __wrap_mem_grow(size_t cap, size_t needed, size_t max);
int __real_buf_append(struct buf *buf, const void *bytes, size_t len);
int __wrap_buf_append(struct buf *buf, const void *bytes, size_t len);
int __real_buf_reserve(struct buf *buf, size_t more);
int __wrap_buf_reserve(struct buf *buf, size_t more);
void __real_buf_trim(struct buf *buf, size_t kept);
void __wrap_buf_trim(struct buf *buf, size_t kept);
int __wrap_pncounter_raise(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t total,
                           const struct pncounter_watch *watch);
int __real_pncounter_reserve(struct pncounter *counter, uint32_t entries);
int __wrap_pncounter_reserve(struct pncounter *counter, uint32_t entries);
int __real_pncounter_copy(struct pncounter *dst, const struct pncounter *src);
int __wrap_pncounter_copy(struct pncounter *dst, const struct pncounter *src);
int __real_pncounter_local_value(const struct pncounter *counter, dc_name id, int64_t *ret_value);
int __wrap_pncounter_local_value(const struct pncounter *counter, dc_name id, int64_t *ret_value);
int __real_names_compare_tails(const struct name_entry *a, const struct name_entry *b);
int __wrap_names_compare_tails(const struct name_entry *a, const struct name_entry *b);

int __real_pncounter_merge(struct pncounter *dst, const struct pncounter *src,
                           const struct pncounter_watch *watch);
int __wrap_pncounter_merge(struct pncounter *dst, const struct pncounter *src,
                           const struct pncounter_watch *watch);
int __real_pncounter_add(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t amount,
                         const struct pncounter_watch *watch);
int __wrap_pncounter_add(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t amount,
                         const struct pncounter_watch *watch);
uint64_t __real_digest_of(const struct pncounter *counter);
uint64_t __wrap_digest_of(const struct pncounter *counter);
enum pncounter_order __real_pncounter_compare(const struct pncounter *a, const struct pncounter *b);
enum pncounter_order __wrap_pncounter_compare(const struct pncounter *a, const struct pncounter *b);
int __real_pncounter_value(const struct pncounter *counter, int64_t *ret_value);
int __wrap_pncounter_value(const struct pncounter *counter, int64_t *ret_value);
void __real_node_on_message(struct node *node, dc_name from, const struct message *msg);
void __wrap_node_on_message(struct node *node, dc_name from, const struct message *msg);
void __real_node_on_timer(struct node *node);
void __wrap_node_on_timer(struct node *node);
uint32_t __real_keyed_hash(const struct keyed_key *key, const void *bytes, size_t len);
uint32_t __wrap_keyed_hash(const struct keyed_key *key, const void *bytes, size_t len);
void __real_keyed_key_public(struct keyed_key *ret_key);
void __wrap_keyed_key_public(struct keyed_key *ret_key);
int __real_names_intern(struct names *names, const void *bytes, size_t len, dc_name *ret_name);
int __wrap_names_intern(struct names *names, const void *bytes, size_t len, dc_name *ret_name);
dc_name __real_names_find(const struct names *names, const void *bytes, size_t len);
dc_name __wrap_names_find(const struct names *names, const void *bytes, size_t len);
uint64_t __real_env_below(const struct env *env, uint64_t bound);
uint64_t __wrap_env_below(const struct env *env, uint64_t bound);
const char *__real_env_answer_text(enum env_answer answer);
const char *__wrap_env_answer_text(enum env_answer answer);
const char *__real_env_event_text(enum env_event event);
const char *__wrap_env_event_text(enum env_event event);
const char *__real_message_kind_text(enum message_kind kind);
const char *__wrap_message_kind_text(enum message_kind kind);
const char *__real_contract_place(const char *file);
const char *__wrap_contract_place(const char *file);
bool __real_claims_can_tell(const struct names *names, dc_name address);
bool __wrap_claims_can_tell(const struct names *names, dc_name address);
int __real_message_encode(struct codec *codec, const struct message *msg, struct buf *frame,
                          size_t *ret_plain_len);
int __wrap_message_encode(struct codec *codec, const struct message *msg, struct buf *frame,
                          size_t *ret_plain_len);
int __real_message_decode(struct codec *codec, const uint8_t *frame, size_t len,
                          struct message *ret_msg, struct pncounter *ret_state);
int __wrap_message_decode(struct codec *codec, const uint8_t *frame, size_t len,
                          struct message *ret_msg, struct pncounter *ret_state);

/* Few seeds come to that count, and always the same. */
static void fall_at_37(uint64_t count)
{
    if (count != 37)
        return;
    if (plant == PLANT_SEGV)
        raise(SIGSEGV);
    if (plant == PLANT_CONTRACT)
        contract_failed("precondition", "false", "planted", "core/planted.c", 1);
    if (plant == PLANT_LEAVE)
        _exit(0);
    while (plant == PLANT_HANG)
        ;
    while (plant == PLANT_BLOCK)
        pause();
}

int __wrap_pncounter_merge(struct pncounter *dst, const struct pncounter *src,
                           const struct pncounter_watch *watch)
{
    static unsigned merges; /* of all runs: a state from outside, on purpose */
    uint64_t old;
    int rc;

    if (plant == PLANT_MERGE_SKIPS && watch && ++merges % 7 == 0)
        return 0;
    if (plant == PLANT_MERGE_NOTHING && watch)
        return 0;
    rc = __real_pncounter_merge(dst, src, watch);
    if (rc > 0 && watch && plant == PLANT_SIGNAL)
        raise(SIGFPE);
    if (rc > 0 && watch)
        fall_at_37(dst->inc[0]);
    if (rc <= 0 || !watch || dst->inc[0] < 2)
        return rc;
    old = dst->inc[0];
    if (plant == PLANT_MERGE_CONTRACT)
        contract_failed("precondition", "false", "planted", "core/planted.c", 1);
    if (plant == PLANT_MERGE_LOWERS || plant == PLANT_MERGE_FORGETS)
        dst->inc[0]--;
    if (plant == PLANT_MERGE_INVENTS)
        dst->inc[0] += 1000;
    if (plant == PLANT_EXTENTS_OFF)
        dst->extents[DC_INC].bytes++;
    if (plant == PLANT_MERGE_LOWERS || plant == PLANT_MERGE_INVENTS)
        watch->raised(watch->ctx, dst->ids[0], DC_INC, old, dst->inc[0]);
    return rc;
}

int __wrap_pncounter_add(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t amount,
                         const struct pncounter_watch *watch)
{
    int rc;

    if (plant == PLANT_ADD_FORGETS)
        return 0;
    if (amount == 10 && plant == PLANT_ADD_MIXES)
        amount = 100;
    if (amount == 10 && plant == PLANT_ADD_MISCOUNTS)
        amount = 60;
    rc = __real_pncounter_add(counter, id, side, amount, watch);
    return rc == DC_EOVERFLOW && plant == PLANT_ADD_OVERFLOWS ? 0 : rc;
}

int __wrap_pncounter_value(const struct pncounter *counter, int64_t *ret_value)
{
    int rc = __real_pncounter_value(counter, ret_value);

    if (rc == 0 && plant == PLANT_VALUE_OFF)
        ++*ret_value;
    return rc;
}

uint32_t __wrap_keyed_hash(const struct keyed_key *key, const void *bytes, size_t len)
{
    return __real_keyed_hash(key, bytes, len) ^ (plant == PLANT_HASH_OTHER && len > 250);
}

/* Each key but the first is another one. */
void __wrap_keyed_key_public(struct keyed_key *ret_key)
{
    static uint64_t keys;

    __real_keyed_key_public(ret_key);
    if (plant == PLANT_HASH_KEY)
        ret_key->words[3] ^= keys++;
}

int __wrap_names_intern(struct names *names, const void *bytes, size_t len, dc_name *ret_name)
{
    int rc;

    if (plant == PLANT_NAMES_CUT && len > DC_NAME_BYTES_MAX)
        len = DC_NAME_BYTES_MAX;
    rc = __real_names_intern(names, bytes, len, ret_name);
    if (rc == 0 && plant == PLANT_NAMES_SAME)
        *ret_name = 0;
    return rc;
}

dc_name __wrap_names_find(const struct names *names, const void *bytes, size_t len)
{
    if (len == 0 && plant == PLANT_EMPTY_KNOWN)
        return 0;
    if (len == 0 && plant == PLANT_EMPTY_UNKNOWN)
        return DC_NAME_NONE;
    return len > 0 && plant == PLANT_NAMES_NOT_FOUND ? DC_NAME_NONE
                                                     : __real_names_find(names, bytes, len);
}

uint64_t __wrap_env_below(const struct env *env, uint64_t bound)
{
    uint64_t drawn = __real_env_below(env, bound);

    return plant == PLANT_DRAWS_OTHER ? bound - 1 - drawn : drawn;
}

const char *__wrap_env_answer_text(enum env_answer answer)
{
    return __real_env_answer_text(plant == PLANT_WORDS_ALIKE ? ENV_OK : answer);
}

const char *__wrap_env_event_text(enum env_event event)
{
    return plant == PLANT_WORDS_NONE && event == ENV_LEFT ? "?" : __real_env_event_text(event);
}

const char *__wrap_message_kind_text(enum message_kind kind)
{
    return __real_message_kind_text(plant == PLANT_KINDS_ALIKE ? MESSAGE_ACK : kind);
}

const char *__wrap_contract_place(const char *file)
{
    return plant == PLANT_PLACE_WHOLE ? file : __real_contract_place(file);
}

void __wrap_node_on_message(struct node *node, dc_name from, const struct message *msg)
{
    __real_node_on_message(node, from, msg);
    if (plant == PLANT_HEARS_TWICE && msg->kind == MESSAGE_PULL)
        __real_node_on_message(node, from, msg);
}

void __wrap_node_on_timer(struct node *node)
{
    if (plant == PLANT_LIST_TOLD)
        node->peers.keeps_list = false;
    if (plant == PLANT_LEAVES_LATE)
        node->leave_rounds = STUCK_HEARD;
    if (plant == PLANT_LEAVES_EARLY)
        node->leave_rounds = 0;
    __real_node_on_timer(node);
}

bool __wrap_claims_can_tell(const struct names *names, dc_name address)
{
    return plant == PLANT_TELLS_ALL || __real_claims_can_tell(names, address);
}

enum pncounter_order __wrap_pncounter_compare(const struct pncounter *a, const struct pncounter *b)
{
    return plant == PLANT_COMPARE_EQUAL ? PNCOUNTER_EQUAL : __real_pncounter_compare(a, b);
}

uint64_t __wrap_digest_of(const struct pncounter *counter)
{
    uint64_t digest = __real_digest_of(counter);

    if (plant == PLANT_DIGEST_OTHER)
        return ~digest;
    return plant == PLANT_DIGEST_CONSTANT ? 7 : digest;
}

/* A compressed frame as it would be without. */
static void unfold(struct buf *frame)
{
    struct compress compress;
    struct buf payload;

    compress_init(&compress, frame->mem);
    buf_init(&payload, frame->mem, DC_MESSAGE_BYTES_MAX);
    if (compress_unpack(&compress, frame->data + 1, frame->len - 1, &payload) == 0) {
        buf_clear(frame);
        if (buf_append(frame, "", 1) == 0)
            (void)buf_append(frame, payload.data, payload.len);
    }
    buf_release(&payload);
    compress_release(&compress);
}

int __wrap_message_encode(struct codec *codec, const struct message *msg, struct buf *frame,
                          size_t *ret_plain_len)
{
    int rc;

    if (plant == PLANT_ENCODE_CONTRACT)
        contract_failed("precondition", "false", "planted", "core/planted.c", 1);
    rc = __real_message_encode(codec, msg, frame, ret_plain_len);

    if (rc == 0 && plant == PLANT_ENCODE_FLIPS && msg->kind == MESSAGE_PUSH)
        frame->data[frame->len - 1] ^= 1;
    if (rc == 0 && plant == PLANT_ENCODE_GROWS && msg->kind == MESSAGE_PUSH)
        frame->len = DC_MESSAGE_BYTES_MAX + 1; /* seen before anyone reads it */
    if (rc == 0 && plant == PLANT_ENCODE_MISCOUNTS && ret_plain_len)
        ++*ret_plain_len;
    if (rc == 0 && plant == PLANT_ENCODE_PADS)
        (void)buf_append(frame, "", 1);
    if (rc == 0 && plant == PLANT_ENCODE_LEAKS)
        (void)mem_alloc(frame->mem, 1);
    if (rc < 0 && plant == PLANT_ENCODE_TAKES_ALL)
        rc = buf_append(frame, "", 1);
    if (rc == 0 && plant == PLANT_ENCODE_PLAIN && frame->data[0] != 0)
        unfold(frame);
    return rc;
}

int __wrap_message_decode(struct codec *codec, const uint8_t *frame, size_t len,
                          struct message *ret_msg, struct pncounter *ret_state)
{
    int rc = __real_message_decode(codec, frame, len, ret_msg, ret_state);

    if (rc == 0 && plant == PLANT_DECODE_CHANGES && ret_state->len > 0)
        ret_state->inc[0]++;
    if (rc == 0 && plant == PLANT_DECODE_MISHEARS && ret_msg->kind != MESSAGE_PUSH)
        ret_msg->digest++;
    if (rc == 0 && plant == PLANT_DECODE_SENDER)
        ret_msg->sender++;
    while (rc == DC_EMSG_UNMARSHAL && plant == PLANT_DECODE_TRAILING && len > 2)
        rc = __real_message_decode(codec, frame, --len, ret_msg, ret_state);
    if (rc < 0 && plant == PLANT_DECODE_KEEPS)
        (void)pncounter_raise(ret_state, 0, DC_INC, 1, NULL);
    if (rc == DC_EMSG_UNMARSHAL && plant == PLANT_DECODE_ERROR)
        rc = DC_EMSG_VALIDATION;
    return rc;
}

/* ---- of what the models ask ---- */

void __wrap_models_ask(struct checks *checks, uint32_t node, uint64_t seed, uint64_t times)
{
    enum plant of_run = plant;

    plant = plant_of_models;
    __real_models_ask(checks, node, seed, times);
    plant = of_run;
}

int __wrap_pncounter_raise(struct pncounter *counter, dc_name id, enum dc_side side, uint64_t total,
                           const struct pncounter_watch *watch)
{
    int rc = __real_pncounter_raise(counter, id, side, total, watch);
    return rc == 0 && plant == PLANT_RAISE_ALWAYS ? 1 : rc;
}

int __wrap_pncounter_reserve(struct pncounter *counter, uint32_t entries)
{
    bool is_one_more = counter->len > 0 && entries == counter->len + 1;

    return plant == PLANT_RESERVE_NOTHING && is_one_more
               ? 0
               : __real_pncounter_reserve(counter, entries);
}

int __wrap_pncounter_copy(struct pncounter *dst, const struct pncounter *src)
{
    return plant == PLANT_COPY_NOTHING ? 0 : __real_pncounter_copy(dst, src);
}

int __wrap_pncounter_local_value(const struct pncounter *counter, dc_name id, int64_t *ret_value)
{
    int rc = __real_pncounter_local_value(counter, id, ret_value);

    *ret_value += rc == 0 && plant == PLANT_LOCAL_VALUE_OFF;
    return rc;
}

int __wrap_names_compare_tails(const struct name_entry *a, const struct name_entry *b)
{
    int order = __real_names_compare_tails(a, b);

    return plant == PLANT_NAMES_TURNED ? -order : order;
}

int __wrap_buf_append(struct buf *buf, const void *bytes, size_t len)
{
    int rc = __real_buf_append(buf, bytes, len);

    if (rc == 0 && len > 0 && buf->max <= 300 && plant == PLANT_BUF_CUTS)
        buf->data[buf->len - 1] ^= 1;
    return rc;
}

int __wrap_buf_reserve(struct buf *buf, size_t more)
{
    if (plant == PLANT_BUF_SHORT && more > 0 && more == buf->max - buf->len)
        return DC_ELIMIT;
    return __real_buf_reserve(buf, more);
}

void __wrap_buf_trim(struct buf *buf, size_t kept)
{
    __real_buf_trim(buf, plant == PLANT_BUF_KEEPS ? SIZE_MAX : kept);
}

int __wrap_unpack_skip(struct unpack *unpack)
{
    int rc = __real_unpack_skip(unpack);

    if (rc == 0 && plant == PLANT_SKIPS_SHORT)
        unpack->at--;
    return plant == PLANT_SKIPS_ANY ? 0 : rc;
}

int __wrap_unpack_uint_any(struct unpack *unpack, uint64_t *ret_number)
{
    int rc = __real_unpack_uint_any(unpack, ret_number);

    *ret_number += rc == 0 && plant == PLANT_NUMBER_OTHER;
    return rc;
}

bool __wrap_unpack_nil(struct unpack *unpack)
{
    return plant == PLANT_NIL_ANY || __real_unpack_nil(unpack);
}

size_t __wrap_mem_grow(size_t cap, size_t needed, size_t max)
{
    if (plant == PLANT_GROWS_WIDE && max == LEDGER_WAITING_MAX)
        return max;
    if (plant == PLANT_GROWS_MANY && max == DC_NAMES_MAX)
        needed += 5000;
    return __real_mem_grow(cap, needed, max);
}
