/*
 * What is wrong with a payload; and what is right about one, which these share. Bytes
 * are written one by one: nothing here is done often.
 */
#include "sim/forge_inner.h"

#include <string.h>
#include <xxhash.h>

#include "core/message.h"
#include "core/names.h"
#include "core/types.h"
#include "sim/choose.h"
#include "sim/fatal.h"

#define NIL FORGE_NIL
#define ENTRIES_MAX 4u

uint64_t forge_draw(struct forge *forge, uint64_t lo, uint64_t hi)
{
    return choose_range(forge->choose, key_with(forge->key, forge->draws++), PURPOSE_KIND,
                        (struct scn_range){lo, hi});
}

/* ---- bytes ---- */

void forge_put_bytes(struct forge *forge, const void *bytes, size_t len)
{
    if (forge->cap - forge->len < len) {
        forge->cap = 2 * (forge->len + len) + 64;
        forge->at = fatal_realloc(forge->at, forge->cap);
    }
    memcpy(forge->at + forge->len, bytes, len);
    forge->len += len;
}

void forge_put_byte(struct forge *forge, uint64_t byte)
{
    uint8_t one = (uint8_t)byte;

    forge_put_bytes(forge, &one, 1);
}

void forge_put_many(struct forge *forge, uint64_t byte, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        forge_put_byte(forge, byte);
}

void forge_put_drawn(struct forge *forge, uint64_t count)
{
    uint64_t bits = forge_draw(forge, 0, UINT64_MAX);

    for (uint64_t i = 0; i < count; i++)
        forge_put_byte(forge, mix64(bits + i));
}

/* The code of a number, and its bytes, most significant first. */
void forge_put_number(struct forge *forge, uint64_t code, uint64_t number, unsigned bytes)
{
    forge_put_byte(forge, code);
    while (bytes-- > 0)
        forge_put_byte(forge, number >> (8 * bytes));
}

void forge_put_little(struct forge *forge, uint64_t number, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        forge_put_byte(forge, number >> (8 * i));
}

/* ---- msgpack ---- */

/* What comes next stands for itself. */
static void edge(struct forge *forge)
{
    if (forge->edges_len < FORGE_EDGES)
        forge->edges[forge->edges_len++] = forge->len;
}

static void put_text(struct forge *forge, const char *text)
{
    forge_put_byte(forge, 0xa0 | strlen(text));
    forge_put_bytes(forge, text, strlen(text));
    edge(forge);
}

/* A string of that many bytes, in the widest form. */
static void put_long_text(struct forge *forge, size_t len)
{
    forge_put_number(forge, 0xdb, len, 4);
    forge_put_many(forge, 'x', len);
}

static void put_total(struct forge *forge)
{
    forge_put_number(forge, 0xcf, forge_draw(forge, 1, 1000000), 8);
}

static void put_node(struct forge *forge, uint64_t node)
{
    uint32_t len;
    const uint8_t *name = names_bytes(forge->names, (dc_name)node, &len);

    if (len < 32) {
        forge_put_byte(forge, 0xa0 | len);
    } else {
        forge_put_number(forge, 0xd9, len, 1);
    }
    forge_put_bytes(forge, name, len);
    edge(forge);
}

static void put_map(struct forge *forge, uint64_t fields)
{
    forge_put_byte(forge, 0x80 | fields);
}

static void put_type(struct forge *forge, enum message_kind type)
{
    put_text(forge, "t");
    forge_put_number(forge, 0xcc, (uint64_t)type, 1);
}

static void put_sender(struct forge *forge)
{
    put_text(forge, "id");
    put_node(forge, forge->from);
}

/* inc and dec: nothing */
static void put_no_maps(struct forge *forge)
{
    put_text(forge, "inc");
    forge_put_byte(forge, NIL);
    put_text(forge, "dec");
    forge_put_byte(forge, NIL);
}

/* inc and dec with counts that nobody asked for; the ids ascend, the cluster has them. */
static void put_maps(struct forge *forge)
{
    uint64_t most = forge->nodes < ENTRIES_MAX ? forge->nodes : ENTRIES_MAX;
    uint64_t count = forge_draw(forge, 1, most), first = forge_draw(forge, 0, forge->nodes - count);

    put_text(forge, "inc");
    put_map(forge, count);
    for (uint64_t i = 0; i < count; i++) {
        put_node(forge, first + i);
        put_total(forge);
    }
    put_text(forge, "dec");
    forge_put_byte(forge, NIL);
}

static void put_digest(struct forge *forge)
{
    put_text(forge, "dig");
    forge_put_number(forge, 0xcf, forge_draw(forge, 1, UINT64_MAX), 8);
}

/* The beginning of a pull or an ack, which has @more fields. */
static void put_question(struct forge *forge, uint64_t more)
{
    put_map(forge, 5 + more);
    put_type(forge, forge_draw(forge, 0, 1) ? MESSAGE_PULL : MESSAGE_ACK);
    put_sender(forge);
    put_no_maps(forge);
    put_digest(forge);
}

/* That of a push without a digest, which would be taken. */
static void put_push(struct forge *forge, uint64_t more)
{
    put_map(forge, 4 + more);
    put_type(forge, MESSAGE_PUSH);
    put_sender(forge);
    put_maps(forge);
}

/* One of the three. */
void forge_put_any(struct forge *forge, uint64_t more)
{
    if (forge_draw(forge, 0, 2) == 0)
        put_push(forge, more);
    else
        put_question(forge, more);
}

/* ---- what is wrong ---- */

void forge_write_type(struct forge *forge)
{
    uint64_t which = forge_draw(forge, 0, 6);

    put_map(forge, which == 5 ? 3 : which == 6 ? 5 : 4);
    if (which == 6) /* the last one of a field counts */
        put_type(forge, MESSAGE_PUSH);
    if (which != 5)
        put_text(forge, "t");
    if (which == 0)
        forge_put_number(forge, 0xcc, forge_draw(forge, 4, 255), 1);
    else if (which == 1)
        forge_put_number(forge, 0xcd, 0x100 | forge_draw(forge, 1, 3), 2);
    else if (which == 2)
        forge_put_number(forge, 0xcf, UINT64_C(1) << 32 | forge_draw(forge, 1, 3), 8);
    else if (which == 3)
        forge_put_byte(forge, forge_draw(forge, 0xe0, 0xff)); /* below zero */
    else if (which == 4)
        forge_put_byte(forge, forge_draw(forge, 0, 1) ? NIL : 0);
    else if (which == 6)
        forge_put_byte(forge, NIL);
    put_sender(forge);
    put_maps(forge);
}

void forge_write_sender(struct forge *forge)
{
    uint64_t which = forge_draw(forge, 0, 3);

    put_map(forge, which == 0 ? 3 : which == 3 ? 5 : 4);
    put_type(forge, (enum message_kind)forge_draw(forge, MESSAGE_PUSH, MESSAGE_ACK));
    if (which == 3) /* the last one of a field counts */
        put_sender(forge);
    if (which > 0) {
        put_text(forge, "id");
        forge_put_byte(forge, which == 2 ? 0xa0 : NIL);
    }
    put_maps(forge);
}

void forge_write_no_maps(struct forge *forge)
{
    uint64_t which = forge_draw(forge, 0, 2);

    put_map(forge, which == 0 ? 2 : 4);
    put_type(forge, MESSAGE_PUSH);
    put_sender(forge);
    if (which == 1) {
        put_no_maps(forge);
    } else if (which == 2) {
        put_text(forge, "inc");
        put_map(forge, 0);
        put_text(forge, "dec");
        put_map(forge, 0);
    }
}

void forge_write_trailing(struct forge *forge)
{
    forge_put_any(forge, 0);
    if (forge_draw(forge, 0, 2) == 0)
        forge_put_any(forge, 0);
    else
        forge_put_drawn(forge, forge_draw(forge, 1, 20));
}

void forge_write_short(struct forge *forge)
{
    forge_put_any(forge, 0);
    /* Anywhere, or where a value is missing as a whole. */
    if (forge_draw(forge, 0, 1) == 0)
        forge->len = (size_t)forge_draw(forge, 1, forge->len - 1);
    else
        forge->len = forge->edges[forge_draw(forge, 0, forge->edges_len - 1)];
}

static bool is_map(uint64_t code)
{
    return (code >= 0x80 && code <= 0x8f) || code == 0xde || code == 0xdf;
}

static bool is_text(uint64_t code)
{
    return (code >= 0xa0 && code <= 0xbf) || (code >= 0xc4 && code <= 0xc6) ||
           (code >= 0xd9 && code <= 0xdb);
}

static bool is_number(uint64_t code)
{
    return code <= 0x7f || code >= 0xe0 || (code >= 0xcc && code <= 0xd3);
}

/* The code of something else, and of something. */
static uint64_t draw_other(struct forge *forge, bool (*is_it)(uint64_t code))
{
    uint64_t others[256], len = 0;

    for (uint64_t code = 0; code < 256; code++)
        if (code != NIL && !is_it(code))
            others[len++] = code;
    return others[forge_draw(forge, 0, len - 1)];
}

/* A total, or a digest, that is no number, or is below zero. */
static void put_no_number(struct forge *forge)
{
    uint64_t code = draw_other(forge, is_number);

    switch (forge_draw(forge, 0, 7)) {
    case 0:
        forge_put_byte(forge, forge_draw(forge, 0xe0, 0xff));
        break;
    case 1:
        forge_put_number(forge, 0xd0, forge_draw(forge, 0x80, 0xff), 1);
        break;
    case 2:
        forge_put_number(forge, 0xd3, UINT64_MAX - forge_draw(forge, 0, 1000000), 8);
        break;
    case 3:
        forge_put_number(forge, 0xca, forge_draw(forge, 0, UINT32_MAX), 4);
        break;
    case 4:
        forge_put_number(forge, 0xcb, forge_draw(forge, 0, UINT64_MAX), 8);
        break;
    case 5:
        put_text(forge, "12");
        break;
    case 6:
        forge_put_byte(forge, 0xc3);
        break;
    default: /* with the bytes that a number of such a code would have */
        forge_put_number(forge, code, forge_draw(forge, 1, 9), 1u << (code & 3));
        break;
    }
}

void forge_write_total(struct forge *forge)
{
    bool digest = forge_draw(forge, 0, 3) == 0;

    put_map(forge, digest ? 5 : 4);
    put_type(forge, MESSAGE_PUSH);
    put_sender(forge);
    if (digest) {
        put_maps(forge);
        put_text(forge, "dig");
        put_no_number(forge);
        return;
    }
    put_text(forge, "inc");
    put_map(forge, 2);
    put_node(forge, 0);
    put_total(forge);
    put_node(forge, 1);
    put_no_number(forge);
    put_text(forge, "dec");
    forge_put_byte(forge, NIL);
}

/* A map or an array that says that it has more than there is. */
void forge_write_count(struct forge *forge)
{
    uint64_t count = forge_draw(forge, 0, 1) ? UINT32_MAX : forge_draw(forge, 100000, 1u << 31);

    switch (forge_draw(forge, 0, 2)) {
    case 0:
        forge_put_number(forge, 0xdf, count, 4);
        put_type(forge, MESSAGE_PUSH);
        put_sender(forge);
        put_maps(forge);
        break;
    case 1:
        put_map(forge, 3);
        put_type(forge, MESSAGE_PUSH);
        put_sender(forge);
        put_text(forge, "inc");
        forge_put_number(forge, 0xdf, count, 4);
        put_node(forge, forge->from);
        put_total(forge);
        break;
    default:
        put_question(forge, 1);
        put_text(forge, "mem");
        forge_put_number(forge, 0xdd, count, 4);
        put_total(forge);
        break;
    }
}

/* In a field that others may have. */
void forge_write_deep(struct forge *forge)
{
    uint64_t most = forge_draw(forge, 0, 7) == 0 ? 20000 : DC_NESTING_MAX + 20;
    uint64_t depth = forge_draw(forge, DC_NESTING_MAX + 1, most);
    bool pairs = forge_draw(forge, 0, 1) == 0;

    put_question(forge, 1);
    put_text(forge, "new");
    forge_put_many(forge, pairs ? 0x92 : 0x91, depth);
    forge_put_many(forge, NIL, pairs ? depth + 1 : 1); /* it ends as it has to */
}

void forge_write_digest(struct forge *forge)
{
    put_push(forge, 1);
    put_digest(forge);
}

/* A field that may have swallowed the digest: of any length but that of a digest, 13. */
void forge_write_hidden(struct forge *forge)
{
    uint64_t len = forge_draw(forge, 0, 25);

    put_push(forge, 1);
    put_text(forge, "x");
    len += len >= 10;
    forge_put_byte(forge, 0xa0 | len);
    forge_put_many(forge, 'y', (size_t)len);
}

/* ---- what is told of membership ---- */

static void put_claim(struct forge *forge, size_t address_len, uint64_t incarnation, uint64_t state)
{
    forge_put_byte(forge, 0x93);
    forge_put_number(forge, 0xda, address_len, 2);
    forge_put_drawn(forge, address_len);
    forge_put_number(forge, 0xcf, incarnation, 8);
    forge_put_byte(forge, state);
}

/* The sum of all from @first on goes to @at. */
static void seal_claims(struct forge *forge, size_t at, size_t first, uint64_t flip)
{
    uint64_t sum = XXH64(forge->at + first, forge->len - first, 0) ^ flip;

    for (unsigned i = 0; i < 8; i++)
        forge->at[at + i] = (uint8_t)(sum >> (8 * (7 - i)));
}

/* Of no form that there is, with a sum that is right. */
void forge_write_members(struct forge *forge)
{
    uint64_t which = forge_draw(forge, 0, 5), count = which == 0   ? 0
                                                      : which == 1 ? DC_CLAIMS_MAX + 1
                                                                   : 2;
    size_t at;

    put_question(forge, 1);
    put_text(forge, "mem");
    forge_put_byte(forge, 0x90 | (1 + count));
    forge_put_number(forge, 0xcf, 0, 8);
    at = forge->len - 8;
    for (uint64_t i = 0; i < count; i++) {
        bool bad = i + 1 == count;
        uint64_t left = bad && which == 5 ? forge_draw(forge, 2, 127) : forge_draw(forge, 0, 1);
        uint64_t incarnation = bad && which == 4 ? (UINT64_C(1) << 32) : forge_draw(forge, 0, 5);

        put_claim(forge,
                  bad && which == 2   ? 0
                  : bad && which == 3 ? DC_ADDRESS_BYTES_MAX + 1
                                      : 8,
                  incarnation, left);
    }
    seal_claims(forge, at, at + 8, 0);
}

/* With a sum of something else, or of an address that is there twice. */
void forge_write_sum(struct forge *forge)
{
    uint64_t most = forge->nodes < DC_CLAIMS_MAX ? forge->nodes : DC_CLAIMS_MAX;
    uint64_t count = forge_draw(forge, 2, most > 2 ? most : 2);
    uint64_t again = forge_draw(forge, 1, count - 1), first = forge_draw(forge, 0, again - 1);
    bool twice = forge_draw(forge, 0, 1) == 0;
    size_t at;

    put_question(forge, 1);
    put_text(forge, "mem");
    forge_put_byte(forge, 0x90 | (1 + count));
    forge_put_number(forge, 0xcf, 0, 8);
    at = forge->len - 8;
    for (uint64_t i = 0; i < count; i++) {
        forge_put_byte(forge, 0x93);
        put_node(forge, twice && i == again ? first : i);
        forge_put_number(forge, 0xce, forge_draw(forge, 0, 5), 4);
        forge_put_byte(forge, forge_draw(forge, 0, 1));
    }
    seal_claims(forge, at, at + 8, twice ? 0 : forge_draw(forge, 1, UINT64_MAX));
}

/* ---- the rest ---- */

void forge_write_long(struct forge *forge)
{
    if (forge_draw(forge, 0, 1) == 0) {
        put_map(forge, 4);
        put_type(forge, MESSAGE_PULL);
        put_text(forge, "id");
        put_long_text(forge, DC_NAME_BYTES_MAX + 1);
        put_no_maps(forge);
        return;
    }
    put_map(forge, 3);
    /* Also where nobody reads the ids: the limit is that of the frame. */
    put_type(forge, (forge->key & 1) != 0 ? MESSAGE_PUSH : MESSAGE_ACK);
    put_sender(forge);
    put_text(forge, "inc");
    put_map(forge, 2);
    put_node(forge, forge->from);
    put_total(forge);
    put_long_text(forge, DC_NAME_BYTES_MAX + 1);
    put_total(forge);
}

/* No map, or keys and values of another kind than they are. */
void forge_write_form(struct forge *forge)
{
    uint32_t len;

    switch (forge_draw(forge, 0, 7)) {
    case 0: /* the fields in their order, without names */
        forge_put_byte(forge, 0x95);
        forge_put_number(forge, 0xcc, MESSAGE_PULL, 1);
        put_node(forge, forge->from);
        forge_put_byte(forge, NIL);
        forge_put_byte(forge, NIL);
        put_total(forge);
        break;
    case 1:
        forge_put_byte(forge, forge_draw(forge, 0, 1) ? NIL : 0xc1);
        break;
    case 2: /* a key that is no string */
        put_question(forge, 1);
        forge_put_byte(forge, forge_draw(forge, 0, 1) ? NIL : 7);
        forge_put_byte(forge, 7);
        break;
    case 3: /* an id that is a number */
        put_map(forge, 3);
        put_type(forge, MESSAGE_PUSH);
        put_text(forge, "id");
        put_total(forge);
        put_text(forge, "inc");
        forge_put_byte(forge, NIL);
        break;
    case 4: /* an id with the code of something else, and the length and bytes of an id */
        put_map(forge, 3);
        put_type(forge, MESSAGE_ACK);
        put_text(forge, "id");
        (void)names_bytes(forge->names, (dc_name)forge->from, &len);
        forge_put_number(forge, draw_other(forge, is_text), len, 1);
        forge_put_bytes(forge, names_bytes(forge->names, (dc_name)forge->from, &len), len);
        put_text(forge, "inc");
        forge_put_byte(forge, NIL);
        break;
    case 5: /* what is right, but for the code of the map */
        put_question(forge, 0);
        forge->at[0] = (uint8_t)draw_other(forge, is_map);
        break;
    case 6: /* counts likewise */
        put_map(forge, 3);
        put_type(forge, MESSAGE_PUSH);
        put_sender(forge);
        put_text(forge, "inc");
        forge_put_byte(forge, draw_other(forge, is_map));
        put_node(forge, forge->from);
        put_total(forge);
        break;
    default: /* a map that is an array */
        put_map(forge, 3);
        put_type(forge, MESSAGE_PUSH);
        put_sender(forge);
        put_text(forge, "inc");
        forge_put_byte(forge, 0x92);
        put_node(forge, forge->from);
        put_total(forge);
        break;
    }
}

void forge_write_state(struct forge *forge)
{
    put_map(forge, 5);
    put_type(forge, MESSAGE_ACK);
    put_sender(forge);
    put_maps(forge);
    put_digest(forge);
}
