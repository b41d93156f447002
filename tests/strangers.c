/* See tests/strangers.h. No Criterion here: a program without it uses this too. */
#include "tests/strangers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>
#include <zstd.h>

#include "core/err.h"
#include "core/pack.h"

static void must(bool truth, const char *what)
{
    if (truth)
        return;
    fprintf(stderr, "strangers: %s\n", what);
    abort();
}

/* ---- memory ---- */

static void *count(void *ctx, void *ptr, size_t old, size_t size)
{
    struct strangers_mem *mem = ctx;

    if (size == 0) {
        free(ptr);
        mem->live -= old;
        return NULL;
    }
    void *fresh = malloc(size);
    must(fresh != NULL, "memory");
    mem->live += size;
    if (mem->live > mem->peak)
        mem->peak = mem->live;
    if (ptr != NULL)
        memcpy(fresh, ptr, old < size ? old : size);
    free(ptr);
    mem->live -= old;
    return fresh;
}

void strangers_mem_init(struct strangers_mem *mem)
{
    *mem = (struct strangers_mem){.mem = {.resize = count, .ctx = mem}};
}

/* ---- a host ---- */

static uint64_t now(void *ctx)
{
    return ((struct siege *)ctx)->now_ns;
}

static uint64_t draw(void *ctx)
{
    struct siege *siege = ctx;
    uint64_t z = siege->drawn += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void send(void *ctx, dc_name to, const struct message *msg)
{
    struct siege *siege = ctx;

    struct buf bytes;
    uint32_t to_len;
    const uint8_t *to_bytes = names_bytes(&siege->names, to, &to_len);

    siege->sent++;
    if (siege->turns == 0)
        return; /* nobody asks what it says */
    buf_init(&bytes, mem_heap(), DC_MESSAGE_BYTES_MAX);
    must(message_encode(siege->codec, msg, &bytes, NULL) == 0, "a message");
    siege->said = XXH64(bytes.data, bytes.len, siege->said);
    siege->said = XXH64(to_bytes, to_len, siege->said);
    buf_release(&bytes);
}

static void reply(void *ctx, uint64_t client, enum env_answer answer)
{
    (void)ctx;
    (void)client;
    (void)answer;
}

static void ignore(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    (void)ctx;
    (void)level;
    (void)event;
    (void)fields;
}

static const struct env_ops host_ops = {
    .now = now, .random = draw, .send = send, .reply = reply, .log = ignore};

void siege_begin(struct siege *siege, size_t limit, bool fixed)
{
    *siege = (struct siege){.env = {.ops = &host_ops, .ctx = siege}};
    strangers_mem_init(&siege->memory);
    strangers_mem_init(&siege->names_memory);
    names_init(&siege->names, &siege->names_memory.mem);
    names_set_limit(&siege->names, limit);
    must(names_intern(&siege->names, "us", 2, &siege->friends[0]) == 0, "a name");
    must(names_intern(&siege->names, "friend", 6, &siege->friends[1]) == 0, "a name");
    siege->codec = codec_new(&siege->memory.mem, &siege->names);
    must(siege->codec != NULL, "memory");
    pncounter_init(&siege->read, &siege->memory.mem, &siege->names);
    buf_init(&siege->frame, mem_heap(), 2 * DC_MESSAGE_BYTES_MAX);
    node_init(&siege->node,
              &(struct node_config){
                  .mem = &siege->memory.mem,
                  .names = &siege->names,
                  .id = siege->friends[0],
                  .address = siege->friends[0],
                  .peers = siege->friends,
                  .peers_len = 2,
                  .sync_ns = 1,
                  .full_ns = 1,
                  .fanout = 1,
                  .peers_common = true,
                  .peers_fixed = fixed,
                  .first_start = true,
              },
              &siege->env);
    must(node_start(&siege->node) == 0, "a node");
    node_on_client(&siege->node, 0, DC_INC, 1);
}

void siege_end(struct siege *siege)
{
    node_release(&siege->node);
    pncounter_release(&siege->read);
    codec_free(siege->codec);
    names_release(&siege->names);
    buf_release(&siege->frame);
    must(siege->memory.live == 0, "nothing is leaked");
    must(siege->names_memory.live == 0, "no name is leaked");
}

static void hold(void *ctx, struct names_sweep *sweep)
{
    struct siege *siege = ctx;

    for (int i = 0; i < 2; i++)
        names_show(sweep, &siege->friends[i]);
    node_show_names(&siege->node, sweep);
}

static void sweep(struct siege *siege)
{
    if (!siege->sweeps_always && !names_crowded(&siege->names))
        return;
    names_sweep(&siege->names, hold, siege);
    siege->sweeps++;
}

/* A frame has come from the transport address @from. */
static int hear(struct siege *siege, const char *from, const struct buf *frame)
{
    struct message msg;
    dc_name address = names_find(&siege->names, from, strlen(from));

    if (address == DC_NAME_NONE && names_has_room(&siege->names, NAMES_OF_SOURCES))
        (void)names_intern(&siege->names, from, strlen(from), &address);
    int rc = message_decode(siege->codec, frame->data, frame->len, &msg, &siege->read);
    if (rc == 0)
        node_on_message(&siege->node, address, &msg);
    sweep(siege);
    return rc;
}

static void attack(struct siege *siege, const char *from)
{
    int rc = hear(siege, from, &siege->frame);

    must(rc != DC_ENOMEM, "memory");
    siege->frames++;
    siege->bytes += siege->frame.len;
    siege->refused += rc < 0;
}

/* ---- frames ---- */

static void put(struct buf *buf, const void *bytes, size_t len)
{
    must(buf_append(buf, bytes, len) == 0, "memory");
}

static void put_text(struct buf *buf, const char *text)
{
    put(buf, text, strlen(text));
}

static void put_byte(struct buf *buf, uint8_t byte)
{
    put(buf, &byte, 1);
}

static void put_str(struct buf *buf, const void *bytes, size_t len)
{
    uint8_t head[5];

    put(buf, head, (size_t)(pack_str_head(head, (uint32_t)len) - head));
    put(buf, bytes, len);
}

static void put_u64(struct buf *buf, uint64_t number)
{
    uint8_t bytes[9] = {0xcf};

    (void)pack_u64(bytes + 1, number);
    put(buf, bytes, sizeof(bytes));
}

/* The flag and the beginning of a message with @fields fields. */
static void begin(struct buf *buf, uint8_t fields, enum message_kind kind, const void *id,
                  size_t id_len)
{
    buf_clear(buf);
    put_byte(buf, 0);
    put_byte(buf, (uint8_t)(0x80 | fields));
    put_text(buf, "\xa1t");
    put_byte(buf, (uint8_t)kind);
    put_text(buf, "\xa2id");
    put_str(buf, id, id_len);
}

static void put_map(struct buf *buf, const char *key, uint32_t entries)
{
    uint8_t head[5] = {0xdf, (uint8_t)(entries >> 24), (uint8_t)(entries >> 16),
                       (uint8_t)(entries >> 8), (uint8_t)entries};

    put_byte(buf, (uint8_t)(0xa0 | strlen(key)));
    put_text(buf, key);
    put(buf, head, sizeof(head));
}

/* The frame at hand, compressed. */
static void squeeze(struct buf *buf)
{
    size_t room = ZSTD_compressBound(buf->len);
    uint8_t *packed = malloc(room);

    must(packed != NULL, "memory");
    size_t len = ZSTD_compress(packed, room, buf->data + 1, buf->len - 1, 1);
    must(!ZSTD_isError(len), "compression");
    buf_clear(buf);
    put_byte(buf, 0x80);
    put(buf, packed, len);
    free(packed);
}

/* ---- who afterwards is heard ---- */

static void push_of(struct buf *buf, const char *id, uint8_t total)
{
    begin(buf, 3, MESSAGE_PUSH, id, strlen(id));
    put_map(buf, "inc", 1);
    put_str(buf, id, strlen(id));
    put_byte(buf, total);
}

static bool is_answered(struct siege *siege, struct buf *buf, const char *id)
{
    uint64_t sent = siege->sent;

    begin(buf, 2, MESSAGE_PULL, id, strlen(id));
    return hear(siege, id, buf) == 0 && siege->sent > sent;
}

static bool is_counted(struct siege *siege, struct buf *buf, const char *from, const char *id,
                       uint8_t total)
{
    push_of(buf, id, total);
    (void)hear(siege, from, buf);
    dc_name name = names_find(&siege->names, id, strlen(id));
    return name != DC_NAME_NONE && pncounter_total(&siege->node.counter, name, DC_INC) == total;
}

struct siege_service siege_try(struct siege *siege)
{
    struct siege_service it = {0};
    struct buf buf;
    uint64_t own = pncounter_total(&siege->node.counter, siege->node.ledger.id, DC_INC);

    buf_init(&buf, mem_heap(), 4096);
    it.friend_answered = is_answered(siege, &buf, "friend");
    it.friend_counted = is_counted(siege, &buf, "friend", "friend", 7);
    it.stranger_answered = is_answered(siege, &buf, "newcomer:1");
    it.stranger_counted = is_counted(siege, &buf, "newcomer:1", "newcomer", 9);
    dc_name newcomer = names_find(&siege->names, "newcomer:1", 10);
    it.stranger_learned = newcomer != DC_NAME_NONE && peers_know(&siege->node.peers, newcomer);
    node_on_client(&siege->node, 0, DC_INC, 1);
    it.counts_itself =
        pncounter_total(&siege->node.counter, siege->node.ledger.id, DC_INC) == own + 1;
    buf_release(&buf);
    return it;
}

/* ---- what strangers do ---- */

/* Three bytes, and another number for each frame. */
static void number(uint32_t n, uint8_t ret_bytes[3])
{
    for (int i = 0; i < 3; i++)
        ret_bytes[i] = (uint8_t)(n >> (8 * i));
}

static void pulls(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        uint8_t id[3];
        number(i, id);
        begin(&siege->frame, 2, MESSAGE_PULL, id, sizeof(id));
        attack(siege, "stranger");
    }
}

static void sources(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        char from[32];
        snprintf(from, sizeof(from), "10.%u.%u.%u:4000", i >> 16, i >> 8 & 0xff, i & 0xff);
        begin(&siege->frame, 2, MESSAGE_PULL, "x", 1);
        attack(siege, from);
    }
}

static void put_claims(struct buf *buf, uint32_t frame)
{
    struct buf members;

    buf_init(&members, mem_heap(), 65536);
    for (uint32_t k = 0; k < DC_CLAIMS_MAX; k++) {
        char address[DC_ADDRESS_BYTES_MAX + 1];
        memset(address, 'a', sizeof(address));
        snprintf(address, 24, "%u.%u", frame, k);
        put_byte(&members, 0x93);
        put_str(&members, address, DC_ADDRESS_BYTES_MAX);
        put_byte(&members, 0);
        put_byte(&members, 0);
    }
    put_text(buf, "\xa3mem");
    put_byte(buf, 0x90 | (1 + DC_CLAIMS_MAX));
    put_u64(buf, XXH64(members.data, members.len, 0));
    put(buf, members.data, members.len);
    buf_release(&members);
}

static void claims(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        begin(&siege->frame, 3, MESSAGE_ACK, "x", 1);
        put_claims(&siege->frame, i);
        attack(siege, "stranger");
    }
}

#define LONG_IDS 159u

/* Ids as long as they may be, that take hardly a byte when they are compressed. */
static void put_long_ids(struct buf *buf, uint32_t frame)
{
    static char id[DC_NAME_BYTES_MAX];

    memset(id, 'x', sizeof(id));
    put_map(buf, "inc", LONG_IDS);
    for (uint32_t k = 0; k < LONG_IDS; k++) {
        snprintf(id, 24, "%u.%u", frame, k);
        put_str(buf, id, sizeof(id));
        put_byte(buf, 1);
    }
}

static void long_ids(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        begin(&siege->frame, 3, MESSAGE_PUSH, "x", 1);
        put_long_ids(&siege->frame, i);
        squeeze(&siege->frame);
        attack(siege, "stranger");
    }
}

/* The same with a digest of something else: each is refused when all is read. */
static void false_digests(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        begin(&siege->frame, 4, MESSAGE_PUSH, "x", 1);
        put_long_ids(&siege->frame, i);
        put_text(&siege->frame, "\xa3"
                                "dig");
        put_u64(&siege->frame, 77);
        squeeze(&siege->frame);
        attack(siege, "stranger");
    }
}

/* Many to a frame at first, and in the last third of the frames one, so that all is full. */
static void short_ids(struct siege *siege, uint32_t frames)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < frames; i++) {
        uint32_t ids = i < frames / 3 ? 10000 : i < frames / 3 * 2 ? 100 : 1;
        begin(&siege->frame, 3, MESSAGE_PUSH, "x", 1);
        put_map(&siege->frame, "inc", ids);
        for (uint32_t k = 0; k < ids; k++) {
            uint8_t id[3];
            number(n++, id);
            put_str(&siege->frame, id, sizeof(id));
            put_byte(&siege->frame, 1);
        }
        attack(siege, "stranger");
    }
}

/* A push of as many entries as there may be, none of which says anything: zeros. */
static void zeros(struct siege *siege, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        begin(&siege->frame, 4, MESSAGE_PUSH, "x", 1);
        for (int side = 0; side < 2; side++) {
            put_map(&siege->frame, side == 0 ? "inc" : "dec", 900000);
            for (uint32_t k = 0; k < 900000; k++) {
                uint8_t id[3];
                number(k, id);
                put_str(&siege->frame, id, sizeof(id));
                put_byte(&siege->frame, 0);
            }
        }
        squeeze(&siege->frame);
        attack(siege, "stranger");
    }
}

/* ---- turns ---- */

static void some_push(struct siege *siege, uint64_t drawn)
{
    begin(&siege->frame, 3, MESSAGE_PUSH, "x", 1);
    put_map(&siege->frame, "inc", 3);
    for (unsigned i = 0; i < 3; i++) {
        char id[16];
        snprintf(id, sizeof(id), "id %u", (unsigned)(drawn >> (8 * i) & 0x3f));
        put_str(&siege->frame, id, strlen(id));
        put_byte(&siege->frame, (uint8_t)(drawn >> (8 * i) & 0x3f));
    }
}

/* A message that tells of one address. */
static void one_claim(struct siege *siege, enum message_kind kind, const char *address,
                      uint8_t incarnation, bool left)
{
    struct buf member;

    begin(&siege->frame, 3, kind, address, strlen(address));
    buf_init(&member, mem_heap(), 64);
    put_byte(&member, 0x93);
    put_str(&member, address, strlen(address));
    put_byte(&member, incarnation);
    put_byte(&member, left);
    put_text(&siege->frame, "\xa3mem\x92");
    put_u64(&siege->frame, XXH64(member.data, member.len, 0));
    put(&siege->frame, member.data, member.len);
    buf_release(&member);
}

/* Whoever is named for the first time is kept, so that handles stand in the same order. */
static bool is_peer(const struct siege *siege, const char *address)
{
    dc_name name = names_find(&siege->names, address, strlen(address));

    return name != DC_NAME_NONE && peers_know(&siege->node.peers, name);
}

void siege_turn(struct siege *siege)
{
    uint64_t drawn = draw(siege);
    char from[16], text[16];

    siege->turns++;
    siege->now_ns = node_deadline(&siege->node).at_ns;
    node_on_timer(&siege->node);
    snprintf(from, sizeof(from), "h%u", (unsigned)(drawn >> 50 & 0x1f));
    switch (drawn % 3) {
    case 0:
        some_push(siege, drawn);
        attack(siege, from);
        break;
    case 1:
        snprintf(text, sizeof(text), "h%u", (unsigned)(drawn >> 32 & 0x1f));
        one_claim(siege, MESSAGE_PULL, text, drawn >> 40 & 7,
                  (drawn >> 43 & 1) != 0 && is_peer(siege, text));
        attack(siege, from);
        break;
    default:
        node_on_client(&siege->node, 0, DC_DEC, drawn % 7);
        break;
    }
    /* And one that leads to nothing: who left, and was never known. */
    snprintf(text, sizeof(text), "%u", (unsigned)siege->turns);
    one_claim(siege, MESSAGE_ACK, text, 0, true);
    attack(siege, "friend");
}

const struct siege_attack siege_attacks[] = {
    {"senders", "pulls, each from another id", pulls, UINT32_C(1) << 21, UINT32_C(1) << 21, 0},
    {"sources", "pulls, each from another address", sources, 300000, 80000, SIEGE_NOT_LEARNED},
    {"claims", "acks with 8 addresses of 255 bytes each", claims, 20000, 9000, 0},
    {"claims, fixed", "the same, to a node that learns nobody", claims, 20000, 9000, SIEGE_FIXED},
    {"long ids", "pushes with 159 ids of 65535 bytes, compressed", long_ids, 405, 20, 0},
    {"false digests", "the same, with a digest of something else", false_digests, 405, 20, 0},
    {"short ids", "pushes with 10000, 100, 1 ids of 3 bytes", short_ids, 3000, 900,
     SIEGE_NOT_COUNTED},
    {"zeros", "pushes of 2 x 900000 entries of 0, compressed", zeros, 40, 2, 0},
};
const size_t siege_attacks_len = sizeof(siege_attacks) / sizeof(siege_attacks[0]);
