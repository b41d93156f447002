/*
 * What is told of membership: its form in a frame, what is refused of it, and
 * that no bit that flips on the way teaches anything.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <xxhash.h>

#include "core/buf.h"
#include "core/err.h"
#include "core/message.h"
#include "core/peers.h"
#include "tests/lib_core.h"

struct fixture {
    struct test_world world;
    struct codec *codec;
    struct buf frame;
    struct message msg;
    struct pncounter state;
};

static void fixture_init(struct fixture *fixture)
{
    world_init(&fixture->world);
    fixture->codec = codec_new(&fixture->world.mem.mem, &fixture->world.names);
    buf_init(&fixture->frame, &fixture->world.mem.mem, 1u << 20);
    pncounter_init(&fixture->state, &fixture->world.mem.mem, &fixture->world.names);
    fixture->msg = (struct message){.version = 77};
}

static void expect_fixture_gone(struct fixture *fixture)
{
    pncounter_release(&fixture->state);
    buf_release(&fixture->frame);
    codec_free(fixture->codec);
    expect_world_empty(&fixture->world);
}

static int decode(struct fixture *fixture, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len); /* ASan sees a byte too far */

    memcpy(copy, bytes, len);
    int rc = message_decode(fixture->codec, copy, len, &fixture->msg, &fixture->state);
    free(copy);
    return rc;
}

/* A pull of n with digest 77 that tells of @len members, addresses of @address_len bytes. */
static struct message pull_of(struct fixture *fixture, uint32_t len, uint32_t address_len)
{
    struct message pull = {.kind = MESSAGE_PULL, .digest = 77, .version = 1, .mem_len = len};
    char address[DC_ADDRESS_BYTES_MAX];

    pull.sender = name(&fixture->world, "n");
    for (uint32_t i = 0; i < len; i++) {
        memset(address, 'a', sizeof(address));
        address[0] = (char)('a' + i);
        cr_assert(
            eq(int, names_intern(&fixture->world.names, address, address_len, &pull.mem[i].address),
               0));
        pull.mem[i].incarnation = i * UINT32_C(0x24924924);
        pull.mem[i].left = i % 3 == 1;
    }
    return pull;
}

/*
 * When there is no room for more addresses, claims of those that are known are heard as
 * ever, wherever they stand in the message, and the others are as if they were not there.
 */
Test(claims, of_an_address_without_room_are_left_out)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct message pull = pull_of(&fixture, 5, 20);
    struct test_world *world = &fixture.world;
    char text[200];

    cr_assert(eq(int, message_encode(fixture.codec, &pull, &fixture.frame, NULL), 0));
    names_forget(&world->names, 0);
    names_set_limit(&world->names, DC_NAMES_BYTES_MIN);
    dc_name second = name(world, "baaaaaaaaaaaaaaaaaaa"),
            fourth = name(world, "daaaaaaaaaaaaaaaaaaa");
    for (unsigned i = 0; names_has_room(&world->names, NAMES_OF_CLAIMS); i++) {
        snprintf(text, sizeof(text), "%u %0*d", i, 180, 0);
        (void)name(world, text);
    }
    uint32_t len = world->names.len;
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, world->names.len, len));
    cr_assert(eq(u32, fixture.msg.mem_len, 2));
    cr_assert(eq(u32, fixture.msg.mem[0].address, second));
    cr_assert(fixture.msg.mem[0].left && !fixture.msg.mem[1].left);
    cr_assert(eq(u32, fixture.msg.mem[1].address, fourth));
    cr_assert(eq(u32, fixture.msg.mem[1].incarnation, 3 * UINT32_C(0x24924924)));
    expect_fixture_gone(&fixture);
}

/* ---- The form ---- */

/* Byte by byte, as docs/WIRE.md shows it: alive at incarnation 0, and left at 258. */
Test(claims, have_one_form)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct message ack = {
        .kind = MESSAGE_ACK,
        .sender = name(&fixture.world, "n"),
        .mem_len = 2,
        .mem = {{.address = name(&fixture.world, "h:1")},
                {.address = name(&fixture.world, "i"), .incarnation = 258, .left = true}},
    };
    struct buf expected;
    buf_init(&expected, mem_heap(), 1000);
    append_hex(&expected, "00 85 a174cc03 a26964a16e a3696e63c0 a3646563c0 a36d656d"
                          "93 cf470fc842e7fe68df"
                          "93 a3683a31 ce00000000 00"
                          "93 a169 ce00000102 01");
    size_t plain_len;

    cr_assert(eq(int, message_encode(fixture.codec, &ack, &fixture.frame, &plain_len), 0));

    cr_assert(eq(sz, fixture.frame.len, expected.len));
    cr_assert(eq(sz, plain_len, expected.len - 1));
    cr_assert(eq(sz, plain_len, message_plain_len(&fixture.world.names, &ack)));
    cr_assert(eq(int, memcmp(fixture.frame.data, expected.data, expected.len), 0));
    buf_release(&expected);
    expect_fixture_gone(&fixture);
}

/* What is written is read: any number of members, addresses short and long, also as zstd. */
Test(claims, what_is_written_is_read)
{
    static const uint32_t lengths[] = {1, 31, 32, 255};
    struct fixture fixture;
    fixture_init(&fixture);

    for (uint32_t kase = 0; kase < 4 * DC_CLAIMS_MAX; kase++) {
        struct message pull = pull_of(&fixture, 1 + kase / 4, lengths[kase % 4]);
        size_t plain_len;
        cr_assert(eq(int, message_encode(fixture.codec, &pull, &fixture.frame, &plain_len), 0));
        cr_assert(eq(sz, plain_len, message_plain_len(&fixture.world.names, &pull)));
        cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
        cr_assert(eq(u64, fixture.msg.digest, 77));
        cr_assert(eq(u32, fixture.msg.mem_len, pull.mem_len));
        for (uint32_t i = 0; i < pull.mem_len; i++) {
            cr_assert(eq(u32, fixture.msg.mem[i].address, pull.mem[i].address));
            cr_assert(eq(u32, fixture.msg.mem[i].incarnation, pull.mem[i].incarnation));
            cr_assert(eq(int, fixture.msg.mem[i].left, pull.mem[i].left));
        }
    }
    expect_fixture_gone(&fixture);
}

/* A push carries none: those given are not written, those found are checked and dropped. */
Test(claims, a_push_carries_none)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct pncounter state = counter_of(&fixture.world, "a:+5-1");
    struct message push = pull_of(&fixture, 2, 3);
    push.kind = MESSAGE_PUSH;
    push.digest = 0;
    push.state = &state;

    cr_assert(eq(int, message_encode(fixture.codec, &push, &fixture.frame, NULL), 0));
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, fixture.msg.mem_len, 0));
    pncounter_release(&state);
    expect_fixture_gone(&fixture);
}

/* ---- What is refused ---- */

/* Writes the head of a pull and a mem with the right sum of @claims, all in hex. */
static int decode_claims(struct fixture *fixture, const char *head, const char *claims,
                         const char *tail)
{
    struct buf bytes;
    char sum[20];

    buf_init(&bytes, mem_heap(), 10000);
    append_hex(&bytes, claims);
    snprintf(sum, sizeof(sum), "cf%016llx", (unsigned long long)XXH64(bytes.data, bytes.len, 0));
    buf_release(&bytes);
    buf_clear(&fixture->frame);
    append_hex(&fixture->frame, "00 84 a174cc02 a26964a16e a3646967cf000000000000004d a36d656d");
    append_hex(&fixture->frame, head);
    append_hex(&fixture->frame, sum);
    append_hex(&fixture->frame, claims);
    append_hex(&fixture->frame, tail);
    fixture->msg = (struct message){.version = 77};
    return decode(fixture, fixture->frame.data, fixture->frame.len);
}

/* Each fault has its error, although the sum is right; nothing is learned of it. */
Test(claims, each_fault_has_its_error)
{
    struct fixture fixture;
    fixture_init(&fixture);
    static const struct {
        const char *head, *claims;
        int err;
    } cases[] = {
        {"92", "93a1610000", 0},
        {"dc0002", "dc0003c40161cd010001", 0}, /* other widths, and bytes for text */
        {"dd00000002", "93a161cf00000000ffffffff01", 0},
        {"91", "", DC_EMSG_UNMARSHAL},
        {"93", "93a1610000", DC_EMSG_UNMARSHAL},            /* fewer than it says */
        {"92", "93a161000093a1620000", DC_EMSG_VALIDATION}, /* more: not in the sum */
        {"82", "93a1610000", DC_EMSG_UNMARSHAL},            /* a map */
        {"92", "92a16100", DC_EMSG_UNMARSHAL},
        {"92", "94a161000000", DC_EMSG_UNMARSHAL},
        {"92", "93a00000", DC_EMSG_UNMARSHAL},                   /* no address */
        {"92", "93c00000", DC_EMSG_UNMARSHAL},                   /* nil */
        {"92", "93010000", DC_EMSG_UNMARSHAL},                   /* a number */
        {"92", "93a161ff00", DC_EMSG_UNMARSHAL},                 /* incarnation -1 */
        {"92", "93a161cf000000010000000000", DC_EMSG_UNMARSHAL}, /* 2^32 */
        {"92", "93a161ca0000000000", DC_EMSG_UNMARSHAL},         /* a float */
        {"92", "93a1610002", DC_EMSG_UNMARSHAL},                 /* neither alive nor left */
        {"92", "93a16100c2", DC_EMSG_UNMARSHAL},                 /* false */
        {"93", "93a161000093a1610101", DC_EMSG_VALIDATION},      /* twice */
        {"9a",
         "93a161000093a162000093a163000093a164000093a1650000"
         "93a166000093a167000093a168000093a1690000",
         DC_EMSG_UNMARSHAL}, /* nine */
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint32_t names = fixture.world.names.len;
        int rc = decode_claims(&fixture, cases[i].head, cases[i].claims, "");
        cr_assert(eq(int, rc, cases[i].err), "case %zu: %s", i, err_name(rc));
        if (rc < 0) {
            cr_assert(eq(u64, fixture.msg.version, 77), "untouched on error");
            cr_assert(eq(u32, fixture.world.names.len, names), "no name is left behind");
        } else {
            cr_assert(eq(u32, fixture.msg.mem_len, 1));
        }
    }
    expect_fixture_gone(&fixture);
}

/* nil is nothing to tell, an address has a limit, and of a repeated key the last counts. */
Test(claims, limits_and_leniencies)
{
    struct fixture fixture;
    fixture_init(&fixture);
    char claims[2 * 300 + 20];

    for (uint32_t len = 255; len <= 256; len++) {
        int at = snprintf(claims, sizeof(claims), "93c5%04x", (unsigned)len);
        memset(claims + at, '6', 2 * (size_t)len);
        strcpy(claims + at + 2 * len, "0000");
        cr_assert(
            eq(int, decode_claims(&fixture, "92", claims, ""), len > 255 ? DC_EMSG_UNMARSHAL : 0));
    }
    buf_clear(&fixture.frame);
    append_hex(&fixture.frame, "00 83 a174cc02 a26964a16e a36d656dc0");
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, fixture.msg.mem_len, 0));
    /* A nil after them voids them; what is wrong in the first is wrong all the same. */
    cr_assert(eq(int, decode_claims(&fixture, "92", "93a1610000", "a36d656dc0"),
                 DC_EMSG_UNMARSHAL)); /* one key more than the map says */
    fixture.frame.data[1] = 0x85;
    cr_assert(eq(int, decode(&fixture, fixture.frame.data, fixture.frame.len), 0));
    cr_assert(eq(u32, fixture.msg.mem_len, 0));
    expect_fixture_gone(&fixture);
}

/*
 * Every bit of a frame flipped, one at a time and plain or compressed: it is
 * refused, or it tells what was told, or it tells nothing.
 */
Test(claims, a_flipped_bit_teaches_nothing)
{
    static const struct {
        uint32_t len, address_len;
    } cases[] = {{1, 1}, {1, 20}, {2, 5}, {8, 9}, {8, 255}};
    size_t flips = 0;
    size_t same = 0;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        fixture_init(&fixture);
        struct message pull = pull_of(&fixture, cases[i].len, cases[i].address_len);
        cr_assert(eq(int, message_encode(fixture.codec, &pull, &fixture.frame, NULL), 0));
        for (size_t bit = 0; bit < 8 * fixture.frame.len; bit++, flips++) {
            fixture.frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            fixture.msg.mem_len = 0;
            int rc = decode(&fixture, fixture.frame.data, fixture.frame.len);
            fixture.frame.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
            if (rc < 0 || fixture.msg.mem_len == 0)
                continue;
            same++;
            cr_assert(eq(u32, fixture.msg.mem_len, pull.mem_len));
            for (uint32_t k = 0; k < pull.mem_len; k++) {
                cr_assert(eq(u32, fixture.msg.mem[k].address, pull.mem[k].address));
                cr_assert(eq(u32, fixture.msg.mem[k].incarnation, pull.mem[k].incarnation));
                cr_assert(eq(int, fixture.msg.mem[k].left, pull.mem[k].left));
            }
        }
        expect_fixture_gone(&fixture);
    }
    printf("%zu bits flipped: %zu times all claims as they were, else none\n", flips, same);
}

static int decode_again(void *ctx)
{
    struct fixture *fixture = ctx;

    return message_decode(fixture->codec, fixture->frame.data, fixture->frame.len, &fixture->msg,
                          &fixture->state);
}

/* Without memory for its addresses a message is not read. */
Test(claims, out_of_memory_is_an_error)
{
    struct fixture fixture;
    fixture_init(&fixture);
    struct fixture sender;
    fixture_init(&sender);
    struct message pull = pull_of(&sender, 8, 200);
    cr_assert(eq(int, message_encode(sender.codec, &pull, &fixture.frame, NULL), 0));

    expect_survives_no_memory(&fixture.world.mem,
                              &(struct oom_case){.op = decode_again, .ctx = &fixture});
    cr_assert(eq(u32, fixture.msg.mem_len, 8));

    expect_fixture_gone(&fixture);
    expect_fixture_gone(&sender);
}

/* ---- What becomes of it ---- */

static const dc_name shared[] = {2, 4, 6, 8};

static int hear(struct peers *peers, dc_name address, uint32_t incarnation, bool left)
{
    return peers_hear(
        peers, &(struct claim){.address = address, .incarnation = incarnation, .left = left}, true);
}

/* Higher incarnations win, at equal ones left does; in any order of arrival. */
Test(claims, the_newer_wins)
{
    struct peers peers;
    peers_init(&peers, mem_heap(), 4, shared, 4);

    for (dc_name address = 8; address <= 9; address++) { /* of the list, and a stranger */
        cr_assert(eq(int, hear(&peers, 9, 0, true), PEERS_NOTHING));
        cr_assert(eq(int, hear(&peers, address, 0, false), address == 9 ? PEERS_LEARNED : 0));
        cr_assert(eq(int, hear(&peers, address, 0, false), PEERS_NOTHING));
        cr_assert(eq(int, hear(&peers, address, 0, true), PEERS_LOST));
        cr_assert(eq(int, hear(&peers, address, 0, true), PEERS_NOTHING));
        cr_assert(eq(int, hear(&peers, address, 0, false), PEERS_NOTHING));
        cr_assert(eq(int, peers_learn(&peers, address), 0), "a late message of it");
        cr_assert(not(peers_know(&peers, address)));
        cr_assert(eq(u32, peers_count(&peers), 2));
        cr_assert(eq(int, hear(&peers, address, 2, false), PEERS_LEARNED));
        cr_assert(eq(int, hear(&peers, address, 1, true), PEERS_NOTHING));
        cr_assert(peers_know(&peers, address));
        cr_assert(eq(u32, peers_count(&peers), 3));
        cr_assert(eq(int, hear(&peers, address, 3, false), PEERS_NOTHING), "and kept");
        cr_assert(eq(int, hear(&peers, address, 2, true), PEERS_NOTHING));
        cr_assert(eq(int, hear(&peers, address, 7, true), PEERS_LOST));
        cr_assert(eq(int, hear(&peers, address, 8, true), PEERS_NOTHING));
        cr_assert(eq(int, hear(&peers, address, 8, false), PEERS_NOTHING));
    }
    peers_release(&peers);
}

/* Of ourselves we know better, up to the last incarnation there is. */
Test(claims, we_refute_that_we_left)
{
    struct peers peers;
    peers_init(&peers, mem_heap(), 4, shared, 4);
    static const struct {
        uint32_t claimed;
        bool left;
        uint32_t after;
    } cases[] = {{0, false, 0}, {0, true, 1}, {0, true, 1},  {1, false, 1},
                 {5, false, 5}, {4, true, 5}, {9, true, 10}, {UINT32_MAX, true, UINT32_MAX}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        cr_assert(eq(int, hear(&peers, 4, cases[i].claimed, cases[i].left), PEERS_NOTHING));
        cr_assert(eq(u32, peers.incarnation, cases[i].after), "case %zu", i);
    }
    peers_release(&peers);
}

/*
 * Any mixture of claims against a model that keeps all of them by address: who
 * is known, in which order, and that picks are all different and known.
 */
Test(claims, a_model_agrees)
{
    struct test_mem mem;
    test_mem_init(&mem);
    struct test_env env;
    test_env_init(&env, NULL);
    struct test_random random = {3};
    struct peers peers;
    struct claim model[30];
    bool known[30] = {false};
    dc_name list[15];
    for (uint32_t i = 0; i < 15; i++)
        known[list[i] = 2 * i] = true;
    for (dc_name i = 0; i < 30; i++)
        model[i] = (struct claim){.address = i};
    known[14] = false; /* ourselves */
    peers_init(&peers, &mem.mem, 14, list, 15);

    for (int step = 0; step < 30000; step++) {
        struct claim claim = {.address = (dc_name)draw_below(&random, 30),
                              .incarnation =
                                  (uint32_t)draw_below(&random, 1 + (uint64_t)step / 300),
                              .left = draw_below(&random, 2) == 0};
        dc_name it = claim.address;
        bool seen = known[it] || model[it].left;
        int rc = peers_hear(&peers, &claim, true);
        if (it != 14 && (seen ? claim_newer(&claim, &model[it]) : !claim.left)) {
            cr_assert(eq(int, rc,
                         claim.left == !known[it] ? 0
                         : known[it]              ? PEERS_LOST
                                                  : PEERS_LEARNED));
            model[it] = claim;
            known[it] = !claim.left;
        } else {
            cr_assert(eq(int, rc, 0));
        }
        dc_name picks[30];
        uint32_t count = 0;
        uint32_t len = peers_pick(&peers, &env.env, 30, picks);
        for (dc_name i = 0; i < 30; i++) {
            cr_assert(eq(int, peers_know(&peers, i), known[i]));
            count += known[i];
        }
        cr_assert(eq(u32, peers_count(&peers), count));
        cr_assert(eq(u32, len, count));
        for (uint32_t i = 0; i < len; i++) {
            cr_assert(known[picks[i]]);
            for (uint32_t k = 0; k < i; k++)
                cr_assert(ne(u32, picks[i], picks[k]));
        }
    }
    peers_release(&peers);
    cr_assert(eq(sz, mem.live, 0));
}

/* A stranger cannot fill the memory: only so many are learned, those that left counted. */
Test(claims, learned_addresses_have_a_limit)
{
    struct peers peers;
    peers_init(&peers, mem_heap(), 4, shared, 4);

    for (dc_name address = 10; address < 10 + DC_PEERS_MAX; address++) {
        if (hear(&peers, address, 0, false) != PEERS_LEARNED)
            cr_fatal("there is room");
    }
    cr_assert(eq(int, hear(&peers, 9, 0, false), DC_ELIMIT));
    cr_assert(eq(int, hear(&peers, 9, 3, false), DC_ELIMIT));
    cr_assert(eq(int, peers_learn(&peers, 9), DC_ELIMIT));
    cr_assert(eq(int, hear(&peers, 77, 0, true), PEERS_LOST));
    cr_assert(eq(int, hear(&peers, 9, 0, false), DC_ELIMIT));
    cr_assert(eq(int, hear(&peers, 77, 1, false), PEERS_LEARNED));
    cr_assert(eq(int, hear(&peers, 8, 1, true), PEERS_LOST), "the list is no affair of the limit");
    cr_assert(eq(u32, peers_count(&peers), DC_PEERS_MAX + 2));

    peers_release(&peers);
}

/* ---- Memory ---- */

struct step {
    struct peers *peers;
    struct claim claim;
    uint32_t before;
};

static int take_step(void *ctx)
{
    struct step *step = ctx;

    return peers_hear(step->peers, &step->claim, true);
}

static void expect_as_before(void *ctx)
{
    struct step *step = ctx;

    cr_assert(eq(u32, peers_count(step->peers), step->before));
    cr_assert(not(peers_left(step->peers, step->claim.address)));
}

static void start_again(void *ctx)
{
    struct step *step = ctx;
    const struct mem *mem = step->peers->mem;

    peers_release(step->peers);
    peers_init(step->peers, mem, 4, shared, 4);
}

/* Who comes or goes while there is no memory is as before, and the claim comes again. */
Test(claims, out_of_memory_changes_nothing)
{
    static const struct claim claims[] = {{.address = 9},
                                          {.address = 9, .incarnation = 3},
                                          {.address = 8, .left = true},
                                          {.address = 8, .incarnation = 3}};

    for (size_t i = 0; i < sizeof(claims) / sizeof(claims[0]); i++) {
        struct test_mem mem;
        test_mem_init(&mem);
        struct peers peers;
        peers_init(&peers, &mem.mem, 4, shared, 4);
        struct step step = {.peers = &peers, .claim = claims[i], .before = 3};
        expect_survives_no_memory(&mem, &(struct oom_case){.op = take_step,
                                                           .unchanged = expect_as_before,
                                                           .undo = start_again,
                                                           .ctx = &step});
        peers_release(&peers);
        cr_assert(eq(sz, mem.live, 0));
    }
}
