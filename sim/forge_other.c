/*
 * A push that is right, as another implementation may write it: fields and entries in
 * any order and more than once, values in any width, fields that we do not know. What
 * docs/WIRE.md calls "lenient on purpose" is all here.
 */
#include <string.h>

#include "core/mem.h"
#include "core/message.h"
#include "core/names.h"
#include "core/pncounter.h"
#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/forge_inner.h"
#include "sim/frames.h"
#include "sim/memory.h"
#include "sim/plain_digest.h"

#define NIL FORGE_NIL
#define ENTRIES_MAX 16u
#define FIELDS_MAX 24u
/* Of what we do not know: so deep do its values nest. */
#define DEPTH_MAX 4u

struct entry {
    dc_name id;
    uint64_t totals[2]; /* by enum dc_side */
};

struct push {
    struct entry entries[ENTRIES_MAX];
    uint64_t len;
    uint64_t digest;
    bool silent; /* it says no digest, whatever it said before */
};

/* ---- values in any form ---- */

static bool coin(struct forge *forge)
{
    return forge_draw(forge, 0, 1) == 0;
}

/* @number in one of the forms that can hold it; those with a sign too. */
static void put_number(struct forge *forge, uint64_t number)
{
    static const struct {
        uint64_t most;
        uint64_t code;
        unsigned bytes;
    } forms[] = {
        {UINT64_MAX, 0xcf, 8}, {INT64_MAX, 0xd3, 8},  {UINT32_MAX, 0xce, 4},
        {INT32_MAX, 0xd2, 4},  {UINT16_MAX, 0xcd, 2}, {INT16_MAX, 0xd1, 2},
        {UINT8_MAX, 0xcc, 1},  {INT8_MAX, 0xd0, 1},   {INT8_MAX, 0, 0},
    };
    uint64_t fit = 0, which;

    while (fit < sizeof(forms) / sizeof(forms[0]) && number <= forms[fit].most)
        fit++;
    which = forge_draw(forge, 0, fit - 1);
    if (forms[which].bytes == 0)
        forge_put_byte(forge, number);
    else
        forge_put_number(forge, forms[which].code, number, forms[which].bytes);
}

/* The header of something of @len parts: @fix | len when that fits, or 8, 16 or 32 bits. */
static void put_head(struct forge *forge, uint64_t len, uint64_t fix, uint64_t fix_max,
                     const uint64_t codes[3])
{
    uint64_t which = forge_draw(forge, 0, 3);

    if (which == 0 && len <= fix_max)
        forge_put_byte(forge, fix | len);
    else if (which <= 1 && len <= UINT8_MAX && codes[0] != 0)
        forge_put_number(forge, codes[0], len, 1);
    else if (which <= 2)
        forge_put_number(forge, codes[1], len, 2);
    else
        forge_put_number(forge, codes[2], len, 4);
}

static void put_bytes(struct forge *forge, const void *bytes, size_t len)
{
    static const uint64_t strings[3] = {0xd9, 0xda, 0xdb}, binaries[3] = {0xc4, 0xc5, 0xc6};

    if (coin(forge))
        put_head(forge, len, 0xa0, 31, strings);
    else
        put_head(forge, len, 0, 0, binaries);
    forge_put_bytes(forge, bytes, len);
}

static void put_map_head(struct forge *forge, uint64_t len)
{
    static const uint64_t codes[3] = {0, 0xde, 0xdf};

    put_head(forge, len, 0x80, 15, codes);
}

static void put_array_head(struct forge *forge, uint64_t len)
{
    static const uint64_t codes[3] = {0, 0xdc, 0xdd};

    put_head(forge, len, 0x90, 15, codes);
}

static void put_node(struct forge *forge, dc_name node)
{
    uint32_t len;
    const uint8_t *name = names_bytes(forge->names, node, &len);

    put_bytes(forge, name, len);
}

/* ---- fields that we do not know ---- */

static void put_extension(struct forge *forge)
{
    static const uint64_t sizes[] = {1, 2, 4, 8, 16};
    uint64_t which = forge_draw(forge, 0, 7), len = forge_draw(forge, 0, 40);

    if (which < 5) {
        forge_put_byte(forge, 0xd4 + which);
        len = sizes[which];
    } else {
        forge_put_number(forge, 0xc7 + which - 5, len, 1u << (which - 5));
    }
    forge_put_byte(forge, forge_draw(forge, 0, UINT8_MAX)); /* its type */
    forge_put_drawn(forge, len);
}

/* One value that holds no other. */
static void put_leaf(struct forge *forge)
{
    uint8_t bytes[40];
    uint64_t number;

    switch (forge_draw(forge, 0, 7)) {
    case 0:
        forge_put_byte(forge, NIL);
        break;
    case 1:
        forge_put_byte(forge, coin(forge) ? 0xc2 : 0xc3);
        break;
    case 2:
        forge_put_byte(forge, 0xca);
        forge_put_drawn(forge, 4);
        break;
    case 3:
        forge_put_byte(forge, 0xcb);
        forge_put_drawn(forge, 8);
        break;
    case 4:
        forge_put_byte(forge, 0xe0 | forge_draw(forge, 0, 31));
        break;
    case 5:
        number = forge_draw(forge, 0, UINT64_MAX);
        number >>= forge_draw(forge, 0, 63);
        put_number(forge, number);
        break;
    case 6:
        number = forge_draw(forge, 0, UINT64_MAX);
        for (unsigned i = 0; i < sizeof(bytes); i++)
            bytes[i] = (uint8_t)mix64(number + i);
        put_bytes(forge, bytes, (size_t)forge_draw(forge, 0, sizeof(bytes)));
        break;
    default:
        put_extension(forge);
        break;
    }
}

/* A nest of maps and arrays, without a stack: each part that is left to write is counted. */
static void put_unknown(struct forge *forge)
{
    uint64_t left[DEPTH_MAX + 1] = {1};
    unsigned depth = 0;

    for (;;) {
        while (left[depth] == 0 && depth > 0)
            depth--;
        if (left[depth] == 0)
            return;
        left[depth]--;
        if (depth == DEPTH_MAX || forge_draw(forge, 0, 2) > 0) {
            put_leaf(forge);
            continue;
        }
        bool map = coin(forge);
        uint64_t len = forge_draw(forge, 0, coin(forge) ? 2 : 18);
        if (map)
            put_map_head(forge, len);
        else
            put_array_head(forge, len);
        left[++depth] = map ? 2 * len : len;
    }
}

/* ---- the fields ---- */

enum field {
    FIELD_TYPE,
    FIELD_ID,
    FIELD_INC,
    FIELD_DEC,
    FIELD_DIGEST,
    FIELD_UNKNOWN
};

/* nil voids what came before it; to a map a later one adds, which says the same ids again. */
static void put_earlier_map(struct forge *forge, const struct push *push)
{
    uint64_t len = forge_draw(forge, 0, push->len);

    if (coin(forge)) {
        forge_put_byte(forge, NIL);
        return;
    }
    put_map_head(forge, len);
    for (uint64_t i = 0; i < len; i++) {
        put_node(forge, push->entries[forge_draw(forge, 0, push->len - 1)].id);
        put_number(forge, forge_draw(forge, 0, UINT32_MAX));
    }
}

/* What the last one of a field says counts; those before may say anything of its kind. */
static void put_field(struct forge *forge, const struct push *push, enum field field, bool last)
{
    static const char *const keys[] = {"t", "id", "inc", "dec", "dig", "new"};
    enum dc_side side = field == FIELD_DEC ? DC_DEC : DC_INC;

    put_bytes(forge, keys[field], strlen(keys[field]));
    switch (field) {
    case FIELD_TYPE:
        put_number(forge, last ? (uint64_t)MESSAGE_PUSH : forge_draw(forge, 1, 3));
        break;
    case FIELD_ID:
        put_node(forge, last ? forge->from : (dc_name)forge_draw(forge, 0, forge->nodes - 1));
        break;
    case FIELD_DIGEST:
        if (last && push->silent)
            forge_put_byte(forge, NIL);
        else
            put_number(forge, last ? push->digest : forge_draw(forge, 0, UINT64_MAX));
        break;
    case FIELD_UNKNOWN:
        put_unknown(forge);
        break;
    case FIELD_INC:
    case FIELD_DEC:
        if (!last) {
            put_earlier_map(forge, push);
            break;
        }
        put_map_head(forge, 2 * push->len);
        for (uint64_t i = 0; i < 2 * push->len; i++) {
            const struct entry *entry = &push->entries[i % push->len];

            put_node(forge, entry->id);
            put_number(forge,
                       i < push->len ? forge_draw(forge, 0, UINT16_MAX) : entry->totals[side]);
        }
        break;
    }
}

/* Each field once at least, in any order. */
static void put_fields(struct forge *forge, const struct push *push)
{
    enum field fields[FIELDS_MAX];
    bool last[FIELDS_MAX] = {false};
    bool seen[FIELD_UNKNOWN + 1] = {false};
    uint64_t len = 0, more = forge_draw(forge, 0, FIELDS_MAX - FIELD_UNKNOWN);
    enum field most = push->silent ? FIELD_DIGEST : FIELD_UNKNOWN; /* which may hide a digest */

    for (int field = FIELD_TYPE; field < FIELD_UNKNOWN; field++)
        fields[len++] = (enum field)field;
    while (more-- > 0)
        fields[len++] = (enum field)forge_draw(forge, 0, most);
    for (uint64_t i = len; i > 1; i--) { /* Fisher and Yates, as Durstenfeld has it */
        uint64_t at = forge_draw(forge, 0, i - 1);
        enum field field = fields[at];

        fields[at] = fields[i - 1];
        fields[i - 1] = field;
    }
    for (uint64_t i = len; i-- > 0;) {
        last[i] = !seen[fields[i]];
        seen[fields[i]] = true;
    }
    put_map_head(forge, len);
    for (uint64_t i = 0; i < len; i++)
        put_field(forge, push, fields[i], last[i]);
}

/* ---- what it says ---- */

static void draw_push(struct forge *forge, struct push *push, struct pncounter *state)
{
    uint64_t most = forge->nodes < ENTRIES_MAX ? forge->nodes : ENTRIES_MAX;
    uint64_t first = forge_draw(forge, 0, forge->nodes - 1);

    push->len = forge_draw(forge, 1, most);
    for (uint64_t i = 0; i < push->len; i++) {
        struct entry *entry = &push->entries[i];

        entry->id = (dc_name)((first + i) % forge->nodes);
        for (int side = DC_INC; side <= DC_DEC; side++) {
            uint64_t total = forge_draw(forge, 0, UINT64_MAX);

            total >>= forge_draw(forge, 2, 64) & 63; /* of every length; at times a 0 */
            entry->totals[side] = forge_draw(forge, 0, 4) > 0 ? total >> 1 : 0;
            if (pncounter_add(state, entry->id, (enum dc_side)side, entry->totals[side], NULL) < 0)
                fatal_memory(0);
        }
    }
    push->digest = plain_digest(state);
    push->silent = forge_draw(forge, 0, 3) == 0;
}

void forge_write_other(struct forge *forge)
{
    struct pncounter state;
    struct push push = {0};
    struct message msg = {.kind = MESSAGE_PUSH, .sender = forge->from};

    pncounter_init(&state, memory_heap(), forge->names);
    draw_push(forge, &push, &state);
    msg.digest = push.silent ? 0 : push.digest;
    forge->says = frames_says(&msg, &state);
    put_fields(forge, &push);
    pncounter_release(&state);
}
