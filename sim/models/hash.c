/* The hash of names, held against the sum that core/keyed.h says it is, worked out the slow way. */
#include <string.h>

#include "core/keyed.h"
#include "sim/models/model_inner.h"
#include "sim/wide.h"

#define PRIME ((UINT64_C(1) << 61) - 1)
/* The keys: of the sum, of the length, two of the row, its place, and one for each word. */
#define KEY_SUM 0
#define KEY_LEN 1
#define KEY_ROW 2
#define KEY_PLACE 4
#define KEY_WORDS 5

static uint64_t word_at(const uint8_t *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof(word)); /* in the order of the machine, as core does */
    return word;
}

static uint64_t row_of(const struct keyed_key *key, const uint8_t *bytes, uint32_t blocks)
{
    uint64_t row = 0;

    for (uint32_t block = 0; block < blocks; block++) {
        uint64_t sum = 0;

        for (uint32_t i = 0; i < KEYED_BLOCK_BYTES / 4; i++)
            sum += key->words[KEY_WORDS + i] * word_at(bytes + block * KEYED_BLOCK_BYTES + 4 * i);
        row = (uint64_t)(((u128)row * (uint32_t)key->words[KEY_PLACE] + (sum >> 32)) % PRIME);
    }
    return row;
}

/* Of what stands behind the last pair of words: less than eight bytes. */
static uint64_t few(const uint64_t *keys, const uint8_t *at, uint32_t len)
{
    if (len == 0)
        return 0;
    if (len < 4)
        return keys[0] *
               ((uint64_t)at[0] + at[len / 2] * UINT64_C(256) + at[len - 1] * UINT64_C(65536));
    return keys[0] * word_at(at) + keys[1] * word_at(at + len - 4);
}

static uint32_t spread(uint32_t hash)
{
    hash = (hash ^ hash >> 16) * UINT32_C(0x85ebca6b);
    hash = (hash ^ hash >> 13) * UINT32_C(0xc2b2ae35);
    return hash ^ hash >> 16;
}

static uint32_t hash_of(const struct keyed_key *key, const uint8_t *bytes, uint32_t len)
{
    uint64_t sum = key->words[KEY_SUM] + key->words[KEY_LEN] * len;
    uint32_t blocks = len / KEYED_BLOCK_BYTES, at = blocks * KEYED_BLOCK_BYTES, word = KEY_WORDS;

    if (blocks > 0) {
        uint64_t row = row_of(key, bytes, blocks);

        sum += key->words[KEY_ROW] * (uint32_t)row + key->words[KEY_ROW + 1] * (row >> 32);
    }
    for (uint32_t pairs = (len - at) / 8; pairs > 0; pairs--, at += 8, word += 2)
        sum +=
            key->words[word] * word_at(bytes + at) + key->words[word + 1] * word_at(bytes + at + 4);
    return spread((uint32_t)((sum + few(key->words + word, bytes + at, len - at)) >> 32));
}

static void ask(struct model *it, const struct keyed_key *key, const uint8_t *bytes, uint32_t len)
{
    uint32_t due = hash_of(key, bytes, len), found = keyed_hash(key, bytes, len);

    if (due != found && !model_is_wrong(it))
        model_wrong(it, CHECK_FRAME, "hashes a name to another number than its key says", due,
                    found);
}

/* The key of the table; one with all bits, so that sums get as large as they can; a drawn one. */
void model_ask_hash(struct model *it)
{
    struct keyed_key keys[3];

    keyed_key_public(&keys[0]);
    memset(&keys[1], 0xff, sizeof(keys[1]));
    for (uint32_t i = 0; i < KEYED_WORDS; i++)
        keys[2].words[i] = model_draw(it, 0, UINT64_MAX);
    for (uint32_t i = 0; i < it->len; i++)
        for (uint32_t k = 0; k < 3; k++)
            ask(it, &keys[k], it->ids[i].bytes, it->ids[i].len);
    if (memcmp(&keys[0], &it->names.key, sizeof(keys[0])) != 0)
        model_wrong(it, CHECK_FRAME, "has a table of names with another key than it got", 0, 1);
}
