/*
 * The wire vectors: what another implementation of the protocol sends, reads
 * and hashes. Every vector is run. Where we decide otherwise the table below
 * says so, with what we do; docs/WIRE.md holds the same table with the reasons,
 * and the last test compares the two.
 *
 * tests/vectors/wire.json is found relative to the root of the source.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <jansson.h>
#include <zstd.h>

#include "core/buf.h"
#include "core/digest.h"
#include "core/err.h"
#include "core/message.h"
#include "tests/lib_core.h"

/* ---- Where we deviate ---- */

/* What we do instead. Negative numbers are errors of ours. */
enum {
    OURS_DROPS_MAPS = 1, /* read; the maps of a pull are dropped */
    OURS_NIL = 2,        /* an empty map is sent as nil */
    OURS_NO_ZEROS = 3,   /* zero entries are neither stored nor sent */
};

struct deviation {
    const char *name;
    const char *theirs; /* expected_error, or for "encode" what they send */
    int ours;
};

/* Frames that they send and we would not, or would refuse. */
static const struct deviation encode_deviations[] = {
    {"digest_pull_with_empty_maps", "empty maps", OURS_NIL},
    {"digest_pull_carrying_maps", "maps in a pull", OURS_DROPS_MAPS},
    {"push_inc_only_empty_dec", "empty maps", OURS_NIL},
    {"push_dec_only_empty_inc", "empty maps", OURS_NIL},
    {"push_fresh_node_zeroes", "zero entries", DC_EMSG_MAPS},
    {"push_value_0", "zero entries", DC_EMSG_MAPS},
    {"push_with_digest_field", "a digest of something else", DC_EMSG_VALIDATION},
    {"push_many_2", "zero entries", OURS_NO_ZEROS},
    {"push_many_3", "zero entries", OURS_NO_ZEROS},
    {"push_many_5", "zero entries", OURS_NO_ZEROS},
    {"push_many_15", "zero entries", OURS_NO_ZEROS},
    {"push_many_16", "zero entries", OURS_NO_ZEROS},
    {"push_many_17", "zero entries", OURS_NO_ZEROS},
    {"push_many_20", "zero entries", OURS_NO_ZEROS},
    {"push_many_50", "zero entries", OURS_NO_ZEROS},
    {"push_many_100", "zero entries", OURS_NO_ZEROS},
    {"push_many_1000", "zero entries", OURS_NO_ZEROS},
    {"push_many_10000", "zero entries", OURS_NO_ZEROS},
};

/* Frames that they read and we refuse, or refuse for another reason. */
static const struct deviation decode_deviations[] = {
    {"flag_01_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_02_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_40_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_7f_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_81_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_c0_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"flag_ff_plain_payload", "none", DC_EMSG_UNMARSHAL},
    {"zstd_two_frames_concatenated", "none", DC_EMSG_DECOMPRESS},
    {"zstd_skippable_then_frame", "none", DC_EMSG_DECOMPRESS},
    {"zstd_only_skippable", "ErrUnmarshall", DC_EMSG_DECOMPRESS},
    {"zstd_claims_11MiB", "ErrDecompression", DC_EMSG_TOO_LARGE},
    {"zstd_claims_8GiB", "ErrDecompression", DC_EMSG_TOO_LARGE},
    {"zstd_claims_1TiB", "ErrDecompression", DC_EMSG_TOO_LARGE},
    {"zstd_expands_to_20MiB_valid", "none", DC_EMSG_TOO_LARGE},
    {"zstd_expands_to_20MiB_zeroes", "ErrUnmarshall", DC_EMSG_TOO_LARGE},
    {"zstd_expands_to_512MiB_zeroes", "ErrUnmarshall", DC_EMSG_TOO_LARGE},
    {"type_uint16_257", "none", DC_EMSG_TYPE},
    {"type_uint64_4294967297", "none", DC_EMSG_TYPE},
    {"type_int16_minus_255", "none", DC_EMSG_TYPE},
    {"push_key_nil", "none", DC_EMSG_UNMARSHAL},
    {"field_name_nil", "none", DC_EMSG_UNMARSHAL},
    {"count_negative_fixint_minus_1", "none", DC_EMSG_UNMARSHAL},
    {"count_int8_minus_1", "none", DC_EMSG_UNMARSHAL},
    {"count_int16_minus_2", "none", DC_EMSG_UNMARSHAL},
    {"count_int32_minus_3", "none", DC_EMSG_UNMARSHAL},
    {"count_int64_minus_4", "none", DC_EMSG_UNMARSHAL},
    {"count_nil", "none", DC_EMSG_UNMARSHAL},
    {"digest_negative", "none", DC_EMSG_UNMARSHAL},
    {"outer_array_5_fields", "none", DC_EMSG_UNMARSHAL},
    {"outer_array_empty", "ErrInvalidType", DC_EMSG_UNMARSHAL},
    {"outer_nil", "ErrInvalidType", DC_EMSG_UNMARSHAL},
    {"trailing_garbage_after_map", "none", DC_EMSG_UNMARSHAL},
    {"two_messages_back_to_back", "none", DC_EMSG_UNMARSHAL},
    {"pull_with_push_maps", "none", OURS_DROPS_MAPS},
    {"nested_arrays_depth_100_in_unknown_field", "none", DC_EMSG_UNMARSHAL},
    {"nested_arrays_depth_10000_in_unknown_field", "none", DC_EMSG_UNMARSHAL},
    {"nested_arrays_depth_9000000_in_unknown_field", "crash", DC_EMSG_UNMARSHAL},
};

enum {
    ENCODE_DEVIATIONS = sizeof(encode_deviations) / sizeof(encode_deviations[0]),
    DECODE_DEVIATIONS = sizeof(decode_deviations) / sizeof(decode_deviations[0]),
};

static const struct deviation *deviation_of(const struct deviation *table, size_t len,
                                            const char *name)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}

/* ---- Reading the file ---- */

static char *file_text(const char *path)
{
    FILE *file = fopen(path, "rb");
    cr_assert(ne(ptr, file, NULL), "%s: run from the root of the source", path);
    size_t cap = 4u << 20;
    char *text = malloc(cap);
    size_t len = fread(text, 1, cap - 1, file);
    cr_assert(lt(sz, len, cap - 1));
    text[len] = '\0';
    fclose(file);
    return text;
}

/*
 * The reader of JSON has no keys with a zero byte in them, but one vector has.
 * It is read as U+E000, which no vector uses, and put back by id_of().
 */
static json_t *vectors(void)
{
    char *text = file_text("tests/vectors/wire.json");
    json_error_t error;

    cr_assert(eq(ptr, strstr(text, "ue000"), NULL));
    for (char *at = text; (at = strstr(at, "\\u0000")) != NULL;)
        memcpy(at, "\\ue000", 6);
    json_t *root = json_loads(text, 0, &error);
    cr_assert(ne(ptr, root, NULL), "wire.json:%d: %s", error.line, error.text);
    free(text);
    return root;
}

static dc_name id_of(struct test_world *world, const char *text)
{
    size_t len = strlen(text);
    char *bytes = malloc(len + 1);
    size_t write = 0;
    dc_name id;

    for (size_t read = 0; read < len; write++) {
        bool zero = strncmp(text + read, "\xee\x80\x80", 3) == 0;
        bytes[write] = zero ? '\0' : text[read];
        read += zero ? 3 : 1;
    }
    cr_assert(eq(int, names_intern(&world->names, bytes, write, &id), 0));
    free(bytes);
    return id;
}

static const char *text_of(const json_t *vector, const char *key)
{
    return json_string_value(json_object_get(vector, key));
}

static uint64_t number_of(const char *text)
{
    uint64_t number;

    cr_assert(eq(int, sscanf(text, "%" SCNu64, &number), 1));
    return number;
}

/* The id of the sender of a vector; node_id_hex where it is no text. */
static dc_name sender_of(struct test_world *world, const json_t *vector)
{
    const char *hex = text_of(vector, "node_id_hex");
    struct buf bytes;
    dc_name id;

    if (hex == NULL)
        return id_of(world, text_of(vector, "node_id"));
    buf_init(&bytes, mem_heap(), 65536);
    append_hex(&bytes, hex);
    cr_assert(eq(int, names_intern(&world->names, bytes.data, bytes.len, &id), 0));
    buf_release(&bytes);
    return id;
}

/* ---- States with zeros, which no counter holds ---- */

/* The union of both maps of a vector, ids ascending. */
struct full_state {
    struct pncounter columns; /* read-only view; zeros included */
    dc_name *ids;
    uint64_t *inc;
    uint64_t *dec;
    uint32_t inc_len; /* entries of each map as it is written */
    uint32_t dec_len;
};

static const struct names *sort_names; /* qsort() passes no context */

static int by_bytes(const void *a, const void *b)
{
    return names_compare(sort_names, *(const dc_name *)a, *(const dc_name *)b);
}

static uint64_t count_in(const json_t *map, const char *id)
{
    const char *text = json_string_value(json_object_get(map, id));

    return text == NULL ? 0 : number_of(text);
}

/* Maps that are too large to print: ids "node-00000" and on. */
static void generate(struct test_world *world, const json_t *vector, struct full_state *state)
{
    const char *rule = text_of(vector, "generator");
    bool with_dec = strstr(rule, "dec is null") == NULL;

    cr_assert(eq(int, strncmp(rule, "ids are \"node-\"", 15), 0), "%s", rule);
    for (uint32_t i = 0; i < state->columns.len; i++) {
        char id[16];
        snprintf(id, sizeof(id), "node-%05u", i);
        state->ids[i] = name(world, id);
        state->inc[i] = (uint64_t)i * 7919 + 1;
        state->dec[i] = with_dec ? (uint64_t)i * 104729 : 0;
    }
}

static void collect_ids(struct test_world *world, json_t *map, struct full_state *state)
{
    const char *id;
    json_t *value;

    json_object_foreach(map, id, value)
    {
        dc_name handle = id_of(world, id);
        bool seen = false;
        for (uint32_t i = 0; i < state->columns.len; i++)
            seen |= state->ids[i] == handle;
        if (!seen)
            state->ids[state->columns.len++] = handle;
    }
}

static void fill_totals(struct test_world *world, json_t *map, const struct full_state *state,
                        uint64_t *totals)
{
    const char *id;
    json_t *value;

    json_object_foreach(map, id, value)
    {
        dc_name handle = id_of(world, id);
        for (uint32_t i = 0; i < state->columns.len; i++) {
            if (state->ids[i] == handle)
                totals[i] = count_in(map, id);
        }
    }
}

static struct full_state state_of(struct test_world *world, const json_t *vector)
{
    json_t *inc = json_object_get(vector, "inc");
    json_t *dec = json_object_get(vector, "dec");
    struct full_state state = {
        .inc_len = (uint32_t)json_integer_value(json_object_get(vector, "inc_count")),
        .dec_len = (uint32_t)json_integer_value(json_object_get(vector, "dec_count")),
    };
    uint32_t most = state.inc_len + state.dec_len + 1;

    state.ids = calloc(most, sizeof(*state.ids));
    state.inc = calloc(most, sizeof(*state.inc));
    state.dec = calloc(most, sizeof(*state.dec));
    if (state.inc_len > 0 && json_object_size(inc) == 0) {
        state.columns.len = state.inc_len;
        generate(world, vector, &state);
    } else {
        collect_ids(world, inc, &state);
        collect_ids(world, dec, &state);
        sort_names = &world->names;
        qsort(state.ids, state.columns.len, sizeof(*state.ids), by_bytes);
        fill_totals(world, inc, &state, state.inc);
        fill_totals(world, dec, &state, state.dec);
    }
    state.columns.names = &world->names;
    state.columns.ids = state.ids;
    state.columns.inc = state.inc;
    state.columns.dec = state.dec;
    return state;
}

static void state_release(struct full_state *state)
{
    free(state->ids);
    free(state->inc);
    free(state->dec);
}

/* The counter that a node of ours makes of it: without zeros. */
static struct pncounter counter_from(struct test_world *world, const struct full_state *state)
{
    struct pncounter counter;

    pncounter_init(&counter, &world->mem.mem, &world->names);
    for (uint32_t i = 0; i < state->columns.len; i++) {
        cr_assert(
            ge(int, pncounter_raise(&counter, state->ids[i], DC_INC, state->inc[i], NULL), 0));
        cr_assert(
            ge(int, pncounter_raise(&counter, state->ids[i], DC_DEC, state->dec[i], NULL), 0));
    }
    expect_canonical(&counter);
    return counter;
}

/* ---- serialize ---- */

/*
 * The canonical form and its hash, byte for byte, for every state there is,
 * zeros included: the digest reads columns and does not care where they come
 * from. No vector deviates.
 */
Test(vectors, every_state_has_their_form_and_hash)
{
    json_t *root = vectors();
    json_t *list = json_object_get(root, "serialize");
    size_t i;
    json_t *vector;

    json_array_foreach(list, i, vector)
    {
        const char *label = text_of(vector, "name");
        struct test_world world;
        world_init(&world);
        struct full_state state = state_of(&world, vector);
        struct buf form;
        buf_init(&form, &world.mem.mem, SIZE_MAX / 2);

        cr_assert(eq(u64, digest_of(&state.columns), number_of(text_of(vector, "xxh64"))), "%s",
                  label);
        cr_assert(eq(int, digest_canonical(&state.columns, &form), 0));
        cr_assert(
            eq(sz, form.len, (size_t)json_integer_value(json_object_get(vector, "serialized_len"))),
            "%s", label);
        if (text_of(vector, "serialized_hex") != NULL) {
            struct buf expected;
            buf_init(&expected, &world.mem.mem, SIZE_MAX / 2);
            append_hex(&expected, text_of(vector, "serialized_hex"));
            cr_assert(eq(sz, expected.len, form.len), "%s", label);
            cr_assert(eq(int, memcmp(expected.data, form.data, form.len), 0), "%s", label);
            buf_release(&expected);
        }

        buf_release(&form);
        state_release(&state);
        expect_world_empty(&world);
    }
    cr_assert(eq(sz, json_array_size(list), 37));
    json_decref(root);
}

/* ---- encode ---- */

struct encode_case {
    struct test_world *world;
    struct codec *codec;
    const json_t *vector;
    const char *name;
    struct message msg;       /* what we send for it */
    struct pncounter counter; /* without zeros */
    struct full_state state;  /* with them */
    struct buf frame;         /* ours */
    struct buf payload;       /* ours, without flag, decompressed */
    size_t plain_len;
};

/* Decompresses a frame of either side with zstd itself, not with our reader. */
static void payload_of(const struct buf *frame, struct buf *payload)
{
    buf_clear(payload);
    if (frame->data[0] == 0) {
        cr_assert(eq(int, buf_append(payload, frame->data + 1, frame->len - 1), 0));
        return;
    }
    unsigned long long size = ZSTD_getFrameContentSize(frame->data + 1, frame->len - 1);
    cr_assert(lt(u64, size, 1u << 24));
    cr_assert(eq(int, buf_reserve(payload, (size_t)size), 0));
    payload->len = ZSTD_decompress(payload->data, (size_t)size, frame->data + 1, frame->len - 1);
    cr_assert(eq(sz, payload->len, (size_t)size));
}

/* What a frame, theirs or ours, must come out as. */
static void expect_decodes(struct encode_case *this, const struct buf *frame)
{
    struct message msg;
    struct pncounter state;
    pncounter_init(&state, &this->world->mem.mem, &this->world->names);

    cr_assert(eq(int, message_decode(this->codec, frame->data, frame->len, &msg, &state), 0), "%s",
              this->name);
    cr_assert(eq(int, msg.kind, this->msg.kind), "%s", this->name);
    cr_assert(eq(u32, msg.sender, this->msg.sender), "%s", this->name);
    cr_assert(eq(u64, msg.digest, this->msg.digest), "%s", this->name);
    if (msg.kind == MESSAGE_PUSH)
        cr_assert(eq(int, pncounter_compare(&state, &this->counter), PNCOUNTER_EQUAL), "%s",
                  this->name);
    else
        cr_assert(eq(ptr, (void *)msg.state, NULL), "%s", this->name);
    pncounter_release(&state);
}

static void expect_we_read_theirs(struct encode_case *this, const struct deviation *deviation)
{
    const char *hex = text_of(this->vector, "frame_hex");
    struct buf frame;

    if (hex == NULL)
        return; /* too large to print: our own of the same is read */
    buf_init(&frame, &this->world->mem.mem, SIZE_MAX / 2);
    append_hex(&frame, hex);
    if (deviation != NULL && deviation->ours == DC_EMSG_VALIDATION) {
        struct message msg;
        struct pncounter state;
        pncounter_init(&state, &this->world->mem.mem, &this->world->names);
        cr_assert(eq(int, message_decode(this->codec, frame.data, frame.len, &msg, &state),
                     DC_EMSG_VALIDATION),
                  "%s", this->name);
        pncounter_release(&state);
    } else {
        expect_decodes(this, &frame);
    }
    buf_release(&frame);
}

static size_t their_len(const struct encode_case *this)
{
    return (size_t)json_integer_value(json_object_get(this->vector, "payload_len"));
}

/* Same payload: byte for byte when its order is fixed, else as long and as read. */
static void expect_same_payload(struct encode_case *this)
{
    struct buf theirs;
    const char *hex = text_of(this->vector, "payload_hex");

    cr_assert(eq(sz, this->plain_len, their_len(this)), "%s", this->name);
    cr_assert(eq(int, this->frame.data[0],
                 (int)json_integer_value(json_object_get(this->vector, "flag"))),
              "%s", this->name);
    if (this->state.inc_len > 1 || this->state.dec_len > 1)
        return;
    buf_init(&theirs, &this->world->mem.mem, SIZE_MAX / 2);
    append_hex(&theirs, hex);
    cr_assert(eq(sz, this->payload.len, theirs.len), "%s", this->name);
    cr_assert(eq(int, memcmp(this->payload.data, theirs.data, theirs.len), 0), "%s", this->name);
    buf_release(&theirs);
}

/* A vector that is in the table for no reason is an error too. */
static void expect_other_payload(struct encode_case *this, const struct deviation *deviation)
{
    struct buf theirs;
    const char *hex = text_of(this->vector, "payload_hex");

    if (deviation->ours == DC_EMSG_VALIDATION)
        return; /* same bytes; refused when read, which was asserted */
    if (hex == NULL) {
        cr_assert(ne(sz, this->plain_len, their_len(this)), "%s", this->name);
        return;
    }
    buf_init(&theirs, &this->world->mem.mem, SIZE_MAX / 2);
    append_hex(&theirs, hex);
    cr_assert(this->payload.len != theirs.len ||
                  memcmp(this->payload.data, theirs.data, theirs.len) != 0,
              "%s does not deviate", this->name);
    buf_release(&theirs);
}

static void expect_ours(struct encode_case *this, const struct deviation *deviation)
{
    int rc = message_encode(this->codec, &this->msg, &this->frame, &this->plain_len);

    if (deviation != NULL && deviation->ours == DC_EMSG_MAPS) {
        cr_assert(eq(int, rc, DC_EMSG_MAPS), "%s", this->name);
        return;
    }
    cr_assert(eq(int, rc, 0), "%s: %s", this->name, err_name(rc));
    payload_of(&this->frame, &this->payload);
    cr_assert(eq(sz, this->payload.len, this->plain_len), "%s", this->name);
    cr_assert(eq(sz, message_plain_len(&this->world->names, &this->msg), this->plain_len), "%s",
              this->name);
    if (deviation != NULL)
        expect_other_payload(this, deviation);
    else
        expect_same_payload(this);
    if (deviation == NULL || deviation->ours != DC_EMSG_VALIDATION)
        expect_decodes(this, &this->frame);
}

/*
 * We read every frame that they send, and what we send for the same message is
 * the same payload, but for the order of entries and the table.
 */
Test(vectors, every_message_is_read_and_written)
{
    json_t *root = vectors();
    json_t *list = json_object_get(root, "encode");
    size_t used = 0;
    size_t i;
    json_t *vector;

    json_array_foreach(list, i, vector)
    {
        struct test_world world;
        world_init(&world);
        struct encode_case this = {
            .world = &world,
            .codec = codec_new(&world.mem.mem, &world.names),
            .vector = vector,
            .name = text_of(vector, "name"),
            .state = state_of(&world, vector),
        };
        buf_init(&this.frame, &world.mem.mem, DC_MESSAGE_BYTES_MAX);
        buf_init(&this.payload, &world.mem.mem, DC_MESSAGE_BYTES_MAX);
        this.counter = counter_from(&world, &this.state);
        this.msg = (struct message){
            .kind = (enum message_kind)json_integer_value(json_object_get(vector, "type")),
            .sender = sender_of(&world, vector),
            .digest = number_of(text_of(vector, "digest")),
        };
        if (this.msg.kind == MESSAGE_PUSH)
            this.msg.state = &this.counter;

        const struct deviation *deviation =
            deviation_of(encode_deviations, ENCODE_DEVIATIONS, this.name);
        used += deviation != NULL;
        expect_we_read_theirs(&this, deviation);
        expect_ours(&this, deviation);

        buf_release(&this.frame);
        buf_release(&this.payload);
        pncounter_release(&this.counter);
        state_release(&this.state);
        codec_free(this.codec);
        expect_world_empty(&world);
    }
    cr_assert(eq(sz, used, ENCODE_DEVIATIONS), "each name of the table is a vector");
    json_decref(root);
}

/* ---- decode ---- */

static int err_of(const char *expected)
{
    static const struct {
        const char *theirs;
        int ours;
    } table[] = {
        {"none", 0},
        {"ErrEmptyMessage", DC_EMSG_EMPTY},
        {"ErrDecompression", DC_EMSG_DECOMPRESS},
        {"ErrUnmarshall", DC_EMSG_UNMARSHAL},
        {"ErrInvalidType", DC_EMSG_TYPE},
        {"ErrEmptyNodeID", DC_EMSG_NODE_ID},
        {"ErrEmptyPNMaps", DC_EMSG_MAPS},
        {"ErrMessageTooLarge", DC_EMSG_TOO_LARGE},
        {"crash", 1}, /* nothing that we would do as well */
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (strcmp(table[i].theirs, expected) == 0)
            return table[i].ours;
    }
    cr_fatal("unknown class of error: %s", expected);
    return 1;
}

/* The frame of a vector; those that are only described are built. */
static void frame_of(const json_t *vector, struct buf *frame)
{
    const char *hex = text_of(vector, "frame_hex");
    const char *label = text_of(vector, "name");

    if (hex != NULL) {
        append_hex(frame, hex);
    } else if (strcmp(label, "empty") == 0) {
        return;
    } else if (strcmp(label, "frame_10MiB_plus_1") == 0) {
        append_times(frame, 0, (10u << 20) + 1);
    } else if (strcmp(label, "frame_10MiB_exact_zeroes") == 0) {
        append_times(frame, 0, 10u << 20);
    } else if (strcmp(label, "nested_arrays_depth_9000000_in_unknown_field") == 0) {
        append_hex(frame, "80");
        append_zstd_of(frame, "83 a174cc02 a26964a16e a27a7a", 0x91, 9000000, "c0");
    } else if (strcmp(label, "zstd_expands_to_512MiB_zeroes") == 0) {
        append_hex(frame, "80");
        append_zstd_of(frame, "", 0, 512u << 20, "");
    } else {
        cr_fatal("%s: no frame", label);
    }
}

static void expect_decoded(struct test_world *world, const json_t *vector,
                           const struct message *msg, bool maps_dropped)
{
    const json_t *decoded = json_object_get(vector, "decoded");
    const char *label = text_of(vector, "name");
    json_t *inc = json_object_get(decoded, "inc");
    json_t *dec = json_object_get(decoded, "dec");
    json_t *sized = json_pack("{s:O, s:O, s:i, s:i}", "inc", inc, "dec", dec, "inc_count",
                              (int)json_object_size(inc), "dec_count", (int)json_object_size(dec));
    struct full_state full = state_of(world, sized);
    struct pncounter expected = counter_from(world, &full);

    cr_assert(eq(int, msg->kind, (int)json_integer_value(json_object_get(decoded, "type"))), "%s",
              label);
    cr_assert(eq(u32, msg->sender, sender_of(world, decoded)), "%s", label);
    cr_assert(eq(u64, msg->digest, number_of(text_of(decoded, "digest"))), "%s", label);
    cr_assert(eq(int, msg->state != NULL, msg->kind == MESSAGE_PUSH), "%s", label);
    if (msg->state != NULL)
        cr_assert(eq(int, pncounter_compare(msg->state, &expected), PNCOUNTER_EQUAL), "%s", label);
    else
        cr_assert(eq(int, expected.len > 0, maps_dropped), "%s", label);

    pncounter_release(&expected);
    state_release(&full);
    json_decref(sized);
}

/* One vector; whether it was found in the table. */
static bool run_decode(const json_t *vector)
{
    const char *label = text_of(vector, "name");
    const char *theirs = text_of(vector, "expected_error");
    const struct deviation *deviation = deviation_of(decode_deviations, DECODE_DEVIATIONS, label);
    int expected = err_of(theirs);
    struct test_world world;
    world_init(&world);
    struct codec *codec = codec_new(&world.mem.mem, &world.names);
    struct message msg = {.version = 77};
    struct pncounter state = counter_of(&world, "leftover:+1-1");
    struct buf frame;
    buf_init(&frame, mem_heap(), 1u << 25);
    frame_of(vector, &frame);
    if (json_object_get(vector, "decoded") != NULL) /* of a sender unknown nothing is kept */
        (void)sender_of(&world, json_object_get(vector, "decoded"));

    if (deviation != NULL) {
        expect_text(deviation->theirs, theirs);
        cr_assert(ne(int, deviation->ours, expected), "%s does not deviate", label);
        expected = deviation->ours == OURS_DROPS_MAPS ? 0 : deviation->ours;
    }
    int rc = message_decode(codec, frame.data, frame.len, &msg, &state);
    cr_assert(eq(int, rc, expected), "%s: %s, not %s", label, err_name(rc), err_name(expected));
    if (rc == 0) {
        expect_decoded(&world, vector, &msg,
                       deviation != NULL && deviation->ours == OURS_DROPS_MAPS);
    } else {
        cr_assert(eq(u64, msg.version, 77), "%s: untouched on error", label);
        cr_assert(eq(u32, state.len, 0), "%s: empty on error", label);
    }

    buf_release(&frame);
    pncounter_release(&state);
    codec_free(codec);
    expect_world_empty(&world);
    return deviation != NULL;
}

/* Every frame gives their result, or the one in the table. */
Test(vectors, every_frame_gives_their_result_or_the_one_we_chose)
{
    json_t *root = vectors();
    json_t *list = json_object_get(root, "decode");
    size_t used = 0;
    size_t i;
    json_t *vector;

    json_array_foreach(list, i, vector)
    {
        used += run_decode(vector);
    }
    cr_assert(eq(sz, used, DECODE_DEVIATIONS), "each name of the table is a vector");
    cr_assert(eq(sz, json_array_size(list), 254));
    json_decref(root);
}

/* ---- The table in the documentation ---- */

/* How our side of a deviation reads in docs/WIRE.md. */
static const char *ours_text(int ours)
{
    if (ours == OURS_DROPS_MAPS)
        return "maps dropped";
    if (ours == OURS_NIL)
        return "nil";
    if (ours == OURS_NO_ZEROS)
        return "no zero entries";
    return err_name(ours);
}

/* The row of the table that holds `name`, as a copy; fails when there is none. */
static char *row_of(const char *doc, const char *name)
{
    char needle[128];
    snprintf(needle, sizeof(needle), "`%s`", name);
    const char *at = strstr(doc, needle);
    cr_assert(ne(ptr, (void *)at, NULL), "docs/WIRE.md lacks %s", name);
    const char *start = at;
    while (start > doc && start[-1] != '\n')
        start--;
    cr_assert(eq(int, *start, '|'), "%s stands in the table", name);
    cr_assert(eq(ptr, strstr(at + 1, needle), NULL), "%s stands there once", name);
    size_t len = strcspn(start, "\n");
    char *row = malloc(len + 1);
    memcpy(row, start, len);
    row[len] = '\0';
    return row;
}

static void expect_documented(const char *doc, const struct deviation *deviation)
{
    char *row = row_of(doc, deviation->name);

    cr_assert(ne(ptr, strstr(row, deviation->theirs), NULL), "%s: theirs is %s", deviation->name,
              deviation->theirs);
    cr_assert(ne(ptr, strstr(row, ours_text(deviation->ours)), NULL), "%s: ours is %s",
              deviation->name, ours_text(deviation->ours));
    free(row);
}

/* Names in backquotes at the beginning of rows: vectors, and nothing else. */
static size_t names_in_table(const char *doc)
{
    size_t count = 0;

    for (const char *row = strstr(doc, "\n| `"); row != NULL; row = strstr(row + 1, "\n| `")) {
        const char *end = strchr(row + 3, '|');
        for (const char *at = row; at < end; at++)
            count += *at == '`';
    }
    return count / 2;
}

/*
 * A reader of docs/WIRE.md sees each deviation, with both results, and no
 * other: the table there and the one that is tested are the same.
 */
Test(vectors, every_deviation_is_documented)
{
    char *text = file_text("docs/WIRE.md");
    const char *doc = strstr(text, "\n| vectors |");
    cr_assert(ne(ptr, (void *)doc, NULL));

    for (size_t i = 0; i < ENCODE_DEVIATIONS; i++)
        expect_documented(doc, &encode_deviations[i]);
    for (size_t i = 0; i < DECODE_DEVIATIONS; i++)
        expect_documented(doc, &decode_deviations[i]);
    cr_assert(eq(sz, names_in_table(doc), ENCODE_DEVIATIONS + DECODE_DEVIATIONS));
    free(text);
}
