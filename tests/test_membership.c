/*
 * Who knows whom: clusters of real nodes and real frames, with messages that
 * take their time, are lost, or do not cross a cut. A round is the time
 * between two syncs of a node.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/buf.h"
#include "core/message.h"
#include "core/node.h"
#include "tests/lib_core.h"

#define ROUND_NS UINT64_C(100)
#define NODES_MAX 300u
/* Within so many rounds a node has left that can reach others. */
#define LEAVE_ROUNDS 10u

struct packet {
    uint64_t at_ns;
    uint32_t from, to;
    size_t len;
    uint8_t *bytes;
};

struct cluster;

struct place {
    struct cluster *cluster;
    uint32_t index;
    uint32_t side;       /* messages cross no cut between two sides */
    bool gone;           /* its process does not run */
    uint64_t learned;    /* events so far */
    uint64_t answers[3]; /* to clients, by enum env_answer */
    uint64_t token;      /* of the sync on its way */
    struct node node;
};

struct cluster {
    struct test_world world;
    struct codec *codec;
    struct buf frame;
    struct test_random random;
    uint64_t now_ns;
    uint64_t delay_ns;     /* one way */
    uint64_t loss_percent; /* of messages */
    uint64_t sent_to[NODES_MAX];
    uint64_t told; /* messages that carried claims */
    struct packet *packets;
    size_t packets_at, packets_len, packets_cap; /* all take equally long: a queue */
    dc_name addresses[NODES_MAX];
    uint32_t nodes;
    struct place places[NODES_MAX];
};

static uint64_t on_now(void *ctx)
{
    const struct place *place = ctx;

    return place->cluster->now_ns;
}

static uint64_t on_random(void *ctx)
{
    struct place *place = ctx;

    return draw(&place->cluster->random);
}

static void on_send(void *ctx, dc_name to, const struct message *msg)
{
    struct place *place = ctx;
    struct cluster *cluster = place->cluster;

    cr_assert(lt(u32, to, cluster->nodes), "only addresses that exist");
    cr_assert(eq(int, message_encode(cluster->codec, msg, &cluster->frame, NULL), 0));
    cluster->sent_to[to]++;
    cluster->told += msg->mem_len > 0;
    if (draw_below(&cluster->random, 100) < cluster->loss_percent)
        return;
    if (cluster->packets_len == cluster->packets_cap) {
        cluster->packets_cap = cluster->packets_cap == 0 ? 64 : 2 * cluster->packets_cap;
        cluster->packets =
            realloc(cluster->packets, cluster->packets_cap * sizeof(*cluster->packets));
    }
    struct packet packet = {
        .at_ns = cluster->now_ns + cluster->delay_ns,
        .from = place->index,
        .to = to,
        .len = cluster->frame.len,
        .bytes = malloc(cluster->frame.len),
    };
    memcpy(packet.bytes, cluster->frame.data, packet.len);
    cluster->packets[cluster->packets_len++] = packet;
}

static void on_reply(void *ctx, uint64_t client, enum env_answer answer)
{
    struct place *place = ctx;

    (void)client;
    place->answers[answer]++;
}

/* A disk that takes everything, and is never read. */
static int on_append(void *ctx, const char *file, const void *bytes, size_t len)
{
    (void)ctx;
    (void)file;
    (void)bytes;
    (void)len;
    return 0;
}

static void on_sync(void *ctx, uint64_t token)
{
    struct place *place = ctx;

    place->token = token;
}

static int on_truncate(void *ctx, const char *file, uint64_t len)
{
    (void)ctx;
    (void)file;
    (void)len;
    return 0;
}

static int on_remove(void *ctx, const char *file)
{
    (void)ctx;
    (void)file;
    return 0;
}

static int on_list(void *ctx, void (*each)(void *each_ctx, const char *file, uint64_t size),
                   void *each_ctx)
{
    (void)ctx;
    (void)each;
    (void)each_ctx;
    return 0;
}

static void on_log(void *ctx, enum env_level level, enum env_event event,
                   const struct env_fields *fields)
{
    struct place *place = ctx;

    (void)level;
    (void)fields;
    place->learned += event == ENV_PEER_LEARNED;
    cr_assert(ne(int, event, ENV_PEER_REFUSED));
}

static const struct env_ops ops = {
    .now = on_now,
    .random = on_random,
    .send = on_send,
    .reply = on_reply,
    .log = on_log,
    .disk_append = on_append,
    .disk_sync = on_sync,
    .disk_truncate = on_truncate,
    .disk_remove = on_remove,
    .disk_list = on_list,
};

/* @nodes addresses, nobody there yet. */
static struct cluster *cluster_new(uint32_t nodes, uint64_t seed)
{
    struct cluster *cluster = calloc(1, sizeof(*cluster));

    world_init(&cluster->world);
    cluster->codec = codec_new(&cluster->world.mem.mem, &cluster->world.names);
    buf_init(&cluster->frame, &cluster->world.mem.mem, 1u << 25);
    cluster->random.state = seed;
    cluster->delay_ns = ROUND_NS / 10;
    cluster->nodes = nodes;
    for (uint32_t i = 0; i < nodes; i++) {
        char text[16];
        snprintf(text, sizeof(text), "n%u", (unsigned)i + 1);
        cluster->addresses[i] = name(&cluster->world, text);
        cr_assert(eq(u32, cluster->addresses[i], i));
        cluster->places[i].gone = true;
    }
    return cluster;
}

/* Node @index starts, and knows @peers, which is the list of everybody if @common. */
static void start(struct cluster *cluster, uint32_t index, const dc_name *peers, uint32_t len,
                  bool common)
{
    struct place *place = &cluster->places[index];
    struct env env = {.ops = &ops, .ctx = place};
    struct node_config config = {
        .mem = &cluster->world.mem.mem,
        .names = &cluster->world.names,
        .id = index,
        .address = index,
        .peers = peers,
        .peers_len = len,
        .peers_common = common,
        .sync_ns = ROUND_NS,
        .full_ns = 10 * ROUND_NS,
        .fanout = 2,
        .first_start = true,
    };

    place->cluster = cluster;
    place->index = index;
    place->gone = false;
    node_init(&place->node, &config, &env);
    cr_assert(eq(int, node_start(&place->node), 0));
}

/* The same with a disk, whose syncs end when the test says so. */
static void start_durable(struct cluster *cluster, uint32_t index, uint32_t len)
{
    struct place *place = &cluster->places[index];
    struct env env = {.ops = &ops, .ctx = place};
    struct node_config config = {
        .mem = &cluster->world.mem.mem,
        .names = &cluster->world.names,
        .id = index,
        .address = index,
        .peers = cluster->addresses,
        .peers_len = len,
        .peers_common = true,
        .sync_ns = ROUND_NS,
        .full_ns = 10 * ROUND_NS,
        .fanout = 2,
        .first_start = true,
        .durable = true,
    };

    place->cluster = cluster;
    place->index = index;
    place->gone = false;
    node_init(&place->node, &config, &env);
    cr_assert(eq(int, node_start(&place->node), 0));
}

static void end_sync(struct place *place, bool ok)
{
    uint64_t token = place->token;

    place->token = 0;
    node_on_sync(&place->node, token, ok);
}

/* All of the first @len know each other from the start. */
static void start_all(struct cluster *cluster, uint32_t len)
{
    for (uint32_t i = 0; i < len; i++)
        start(cluster, i, cluster->addresses, len, true);
}

static void crash(struct cluster *cluster, uint32_t index)
{
    node_release(&cluster->places[index].node);
    cluster->places[index].gone = true;
}

static void expect_cluster_gone(struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes; i++)
        node_release(&cluster->places[i].node);
    for (size_t i = cluster->packets_at; i < cluster->packets_len; i++)
        free(cluster->packets[i].bytes);
    free(cluster->packets);
    buf_release(&cluster->frame);
    codec_free(cluster->codec);
    expect_world_empty(&cluster->world);
    free(cluster);
}

static void deliver(struct cluster *cluster)
{
    struct packet packet = cluster->packets[cluster->packets_at++];
    struct place *place = &cluster->places[packet.to];
    struct pncounter state;
    struct message msg;

    pncounter_init(&state, &cluster->world.mem.mem, &cluster->world.names);
    cr_assert(eq(int, message_decode(cluster->codec, packet.bytes, packet.len, &msg, &state), 0));
    if (!place->gone && place->side == cluster->places[packet.from].side)
        node_on_message(&place->node, packet.from, &msg);
    pncounter_release(&state);
    free(packet.bytes);
    if (cluster->packets_at == cluster->packets_len)
        cluster->packets_at = cluster->packets_len = 0;
}

/* Everything that happens within @rounds from now. */
static void run(struct cluster *cluster, uint64_t rounds)
{
    uint64_t end_ns = cluster->now_ns + rounds * ROUND_NS;

    for (;;) {
        uint64_t next_ns = end_ns;
        struct place *next = NULL;
        for (uint32_t i = 0; i < cluster->nodes; i++) {
            struct place *place = &cluster->places[i];
            if (!place->gone && node_deadline(&place->node).at_ns < next_ns) {
                next_ns = node_deadline(&place->node).at_ns;
                next = place;
            }
        }
        /* Messages go first, and only those sent so far: a call may send more. */
        if (cluster->packets_at < cluster->packets_len &&
            cluster->packets[cluster->packets_at].at_ns <= next_ns) {
            cluster->now_ns = cluster->packets[cluster->packets_at].at_ns;
            deliver(cluster);
            continue;
        }
        cluster->now_ns = next_ns;
        if (next == NULL)
            return;
        node_on_timer(&next->node);
    }
}

static bool agree(struct cluster *cluster)
{
    uint64_t digest = 0;

    for (uint32_t i = 0; i < cluster->nodes; i++) {
        struct place *place = &cluster->places[i];
        if (place->gone)
            continue;
        if (digest != 0 && node_digest(&place->node) != digest)
            return false;
        digest = node_digest(&place->node);
    }
    return true;
}

/* Rounds until all that run agree, up to @most. */
static uint64_t rounds_to_agree(struct cluster *cluster, uint64_t most)
{
    uint64_t rounds = 0;

    for (; rounds < most && !agree(cluster); rounds++)
        run(cluster, 1);
    return rounds;
}

/* How many of those that run know @address. */
static uint32_t known_by(const struct cluster *cluster, dc_name address)
{
    uint32_t len = 0;

    for (uint32_t i = 0; i < cluster->nodes; i++)
        len += !cluster->places[i].gone && peers_know(&cluster->places[i].node.peers, address);
    return len;
}

static void count(struct cluster *cluster, uint32_t index)
{
    node_on_client(&cluster->places[index].node, 1, DC_INC, 1);
}

/* ---- Who does not answer ---- */

/*
 * Lesson 15: five failed sends in a row on both sides of a partition, and they
 * never talked again. Here a cut of 5 rounds, and one of 600, heals: within
 * the longest back-off every peer is asked again, and then gossip needs the
 * few rounds it always needs. Clusters of 2 to 20, halves and a single node.
 */
Test(membership, a_healed_cluster_finds_itself_again)
{
    static const uint32_t sizes[] = {2, 3, 5, 10, 20};
    uint64_t worst = 0;

    for (uint32_t kase = 0; kase < 5 * 2 * 2 * 10; kase++) {
        uint32_t nodes = sizes[kase % 5];
        uint64_t cut_rounds = kase / 5 % 2 == 0 ? 5 : 600;
        uint32_t cut_off = kase / 10 % 2 == 0 ? 1 : nodes / 2;
        struct cluster *cluster = cluster_new(nodes, kase / 20 + 1);
        start_all(cluster, nodes);
        run(cluster, 5);

        for (uint32_t i = 0; i < cut_off; i++)
            cluster->places[i].side = 1;
        run(cluster, cut_rounds);
        count(cluster, 0);
        count(cluster, nodes - 1);
        run(cluster, 15);
        cr_assert(not(agree(cluster)));
        for (uint32_t i = 0; i < cut_off; i++)
            cluster->places[i].side = 0;
        uint64_t rounds = rounds_to_agree(cluster, 100);

        worst = rounds > worst ? rounds : worst;
        cr_assert(le(u64, rounds, DOUBTS_SKIP_MAX + 8), "case %u: %u nodes", kase, nodes);
        expect_cluster_gone(cluster);
    }
    printf("a healed cluster agrees after %u rounds at most\n", (unsigned)worst);
}

/* Lesson 17: 300 nodes, nothing goes wrong but 1 % of the messages, nobody is lost. */
Test(membership, a_healthy_cluster_loses_nobody)
{
    struct cluster *cluster = cluster_new(300, 7);
    uint32_t deepest = 0;
    cluster->loss_percent = 1;
    start_all(cluster, 300);

    run(cluster, 150);

    for (uint32_t i = 0; i < 300; i++) {
        const struct peers *peers = &cluster->places[i].node.peers;
        cr_assert(eq(u32, peers_count(peers), 299));
        cr_assert(not(doubts_any(&peers->doubts)), "nobody is skipped");
        for (uint32_t k = 0; k < peers->doubts.len; k++)
            deepest =
                peers->doubts.at[k].unanswered > deepest ? peers->doubts.at[k].unanswered : deepest;
    }
    cr_assert(lt(u32, deepest, DOUBTS_PATIENCE));
    cr_assert(eq(u64, cluster->told, 0), "and there is nothing to tell");
    expect_cluster_gone(cluster);
}

/*
 * An answer that takes four rounds and is lost at times: peers may be spared
 * for a round or two, and are not driven into the longest wait.
 */
Test(membership, slow_answers_are_answers)
{
    static const uint32_t sizes[] = {2, 3, 5, 20};

    for (uint32_t kase = 0; kase < 4; kase++) {
        struct cluster *cluster = cluster_new(sizes[kase], 3);
        uint64_t skipped = 0;
        uint64_t looked = 0;
        cluster->delay_ns = 2 * ROUND_NS;
        cluster->loss_percent = 1;
        start_all(cluster, sizes[kase]);

        for (uint32_t round = 0; round < 1000; round++) {
            run(cluster, 1);
            for (uint32_t i = 0; i < sizes[kase]; i++) {
                const struct doubts *doubts = &cluster->places[i].node.peers.doubts;
                for (uint32_t k = 0; k < doubts->len; k++)
                    skipped += doubts->at[k].until > doubts->round + 2;
                looked += sizes[kase] - 1;
            }
        }

        cr_assert(le(u64, 100 * skipped, looked), "%u nodes: %u of %u", sizes[kase],
                  (unsigned)skipped, (unsigned)looked);
        expect_cluster_gone(cluster);
    }
}

/* ---- Who comes ---- */

/*
 * A node joins 49 that know each other, and knows one of them. How long until
 * all know it, and it knows all?
 */
Test(membership, a_newcomer_is_soon_known_to_all)
{
    uint64_t worst = 0;

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct cluster *cluster = cluster_new(50, seed);
        struct node *newcomer = &cluster->places[49].node;
        uint64_t rounds = 0;
        start_all(cluster, 49);
        run(cluster, 10);

        start(cluster, 49, NULL, 0, true);
        node_meet(newcomer, 0);
        while (rounds < 200 && (known_by(cluster, 49) < 49 || peers_count(&newcomer->peers) < 49)) {
            run(cluster, 1);
            rounds++;
        }

        cr_assert(le(u64, rounds, 30), "seed %u", (unsigned)seed);
        worst = rounds > worst ? rounds : worst;
        expect_cluster_gone(cluster);
    }
    printf("a newcomer and 49 others know each other after %u rounds at most\n", (unsigned)worst);
}

/* Nobody has a common list: 50 nodes, each knows the next, and all get to know all. */
Test(membership, a_ring_becomes_acquainted)
{
    struct cluster *cluster = cluster_new(50, 1);
    dc_name next[50];
    uint64_t rounds = 0;
    uint32_t known = 0;

    for (uint32_t i = 0; i < 50; i++) {
        next[i] = (i + 1) % 50;
        start(cluster, i, &next[i], 1, false);
    }
    for (; rounds < 400 && known < 50 * 49; rounds++) {
        run(cluster, 1);
        known = 0;
        for (uint32_t i = 0; i < 50; i++)
            known += peers_count(&cluster->places[i].node.peers);
    }

    cr_assert(eq(u32, known, 50 * 49));
    cr_assert(le(u64, rounds, 100));
    printf("a ring of 50 knows all of itself after %u rounds\n", (unsigned)rounds);
    expect_cluster_gone(cluster);
}

/* ---- Who goes ---- */

/* Rounds until node @index has left, up to 50. */
static uint64_t rounds_to_leave(struct cluster *cluster, uint32_t index)
{
    uint64_t rounds = 0;

    for (; rounds < 50 && cluster->places[index].node.phase == NODE_LEAVING; rounds++)
        run(cluster, 1);
    return rounds;
}

/*
 * One of 20 counts and leaves in the same instant: its count is not lost, and
 * soon nobody talks to it any more. That it is not there any more is told on.
 */
Test(membership, who_leaves_leaves_its_counts)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct cluster *cluster = cluster_new(20, seed);
        cluster->loss_percent = 10;
        start_all(cluster, 20);
        run(cluster, 5);
        count(cluster, 3);

        node_leave(&cluster->places[7].node);
        count(cluster, 7); /* refused */
        cr_assert(eq(int, cluster->places[7].node.phase, NODE_LEAVING));
        run(cluster, 1);
        crash(cluster, 7);
        start(cluster, 7, cluster->addresses, 20, true); /* a crash while it leaves is a crash */
        count(cluster, 7);
        node_leave(&cluster->places[7].node);
        uint64_t rounds = rounds_to_leave(cluster, 7);
        cr_assert(le(u64, rounds, LEAVE_ROUNDS + 1));
        cr_assert(eq(int, cluster->places[7].node.phase, NODE_LEFT));
        cr_assert(eq(u64, node_deadline(&cluster->places[7].node).at_ns, DC_TIME_NEVER));
        crash(cluster, 7);

        run(cluster, 30);
        cr_assert(eq(u32, known_by(cluster, 7), 0), "seed %u", (unsigned)seed);
        uint64_t sent = cluster->sent_to[7];
        run(cluster, 50);
        cr_assert(eq(u64, cluster->sent_to[7], sent));
        cr_assert(agree(cluster));
        cr_assert(eq(u64, pncounter_total(&cluster->places[0].node.counter, 7, DC_INC), 1));
        cr_assert(eq(u64, pncounter_total(&cluster->places[0].node.counter, 3, DC_INC), 1));
        expect_cluster_gone(cluster);
    }
}

/*
 * Who has counts does not go with them. Alone it waits for somebody to come, and cut
 * off until it is heard; who has none, and knows nobody, goes at once.
 */
Test(membership, who_leaves_waits_until_somebody_has_its_counts)
{
    struct cluster *cluster = cluster_new(3, 1);

    start(cluster, 0, NULL, 0, true);
    node_leave(&cluster->places[0].node);
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));
    crash(cluster, 0);

    start(cluster, 0, NULL, 0, true);
    count(cluster, 0);
    node_leave(&cluster->places[0].node);
    node_leave(&cluster->places[0].node);
    cr_assert(eq(u64, rounds_to_leave(cluster, 0), 50));
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEAVING));
    start(cluster, 1, cluster->addresses, 2, true);
    node_meet(&cluster->places[0].node, 1);
    cr_assert(le(u64, rounds_to_leave(cluster, 0), LEAVE_ROUNDS));
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));
    cr_assert(eq(u64, pncounter_total(&cluster->places[1].node.counter, 0, DC_INC), 1));
    node_stop(&cluster->places[0].node);
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));

    expect_cluster_gone(cluster);
}

/* Told to, it gives up: its host knows better than to wait. */
Test(membership, who_leaves_gives_up_after_its_time)
{
    struct cluster *cluster = cluster_new(2, 1);

    start(cluster, 0, cluster->addresses, 2, true); /* the other one is not there */
    cluster->places[0].node.leave_ns = 7 * ROUND_NS;
    count(cluster, 0);
    node_leave(&cluster->places[0].node);
    uint64_t rounds = rounds_to_leave(cluster, 0);
    cr_assert(ge(u64, rounds, 7));
    cr_assert(le(u64, rounds, 9));
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));

    expect_cluster_gone(cluster);
}

/*
 * Two leave at once and know nobody else: neither is anybody to hand counts to, as
 * each is about to go. A third, who stays, takes those of both.
 */
Test(membership, who_leaves_as_well_is_no_help)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct cluster *cluster = cluster_new(3, seed);
        start(cluster, 0, cluster->addresses, 2, true);
        start(cluster, 1, cluster->addresses, 2, true);
        run(cluster, 3);
        count(cluster, 0);
        count(cluster, 1);

        node_leave(&cluster->places[0].node);
        node_leave(&cluster->places[1].node);
        run(cluster, 50);
        cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEAVING), "seed %u", (unsigned)seed);
        cr_assert(eq(int, cluster->places[1].node.phase, NODE_LEAVING), "seed %u", (unsigned)seed);

        start(cluster, 2, NULL, 0, true);
        node_meet(&cluster->places[0].node, 2);
        node_meet(&cluster->places[1].node, 2);
        run(cluster, 20);
        cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));
        cr_assert(eq(int, cluster->places[1].node.phase, NODE_LEFT));
        cr_assert(eq(u64, pncounter_total(&cluster->places[2].node.counter, 0, DC_INC), 1));
        cr_assert(eq(u64, pncounter_total(&cluster->places[2].node.counter, 1, DC_INC), 1));
        expect_cluster_gone(cluster);
    }
}

/* Its state arrives, what it says of leaving does not: it goes on until it is heard. */
Test(membership, who_leaves_waits_until_it_is_heard)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct cluster *cluster = cluster_new(5, seed);
        start_all(cluster, 5);
        count(cluster, 4);
        run(cluster, 20);
        cluster->loss_percent = 100;
        node_leave(&cluster->places[4].node);
        run(cluster, 30); /* all have its digest from before */
        cr_assert(eq(int, cluster->places[4].node.phase, NODE_LEAVING));

        cluster->loss_percent = 0;
        cr_assert(le(u64, rounds_to_leave(cluster, 4), LEAVE_ROUNDS));
        crash(cluster, 4);
        run(cluster, 30);
        cr_assert(eq(u32, known_by(cluster, 4), 0), "seed %u", (unsigned)seed);
        expect_cluster_gone(cluster);
    }
}

/*
 * Who takes the counts of one that leaves must have them on its disk before that one
 * may go. Others count all the while, so that digests seldom agree.
 */
Test(membership, what_is_handed_over_is_durable)
{
    struct cluster *cluster = cluster_new(2, 1);
    struct place *taker = &cluster->places[1];
    start_durable(cluster, 1, 2);
    start(cluster, 0, cluster->addresses, 2, true);
    while (taker->token != 0)
        end_sync(taker, true);
    count(cluster, 0);

    node_leave(&cluster->places[0].node);
    for (uint32_t i = 0; i < 20; i++) {
        count(cluster, 1);
        run(cluster, 1);
    }
    cr_assert(eq(u64, pncounter_total(&taker->node.counter, 0, DC_INC), 1));
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEAVING)); /* no sync has ended */
    for (uint32_t i = 0; i < 20 && cluster->places[0].node.phase == NODE_LEAVING; i++) {
        while (taker->token != 0)
            end_sync(taker, true);
        count(cluster, 1);
        run(cluster, 1);
    }
    cr_assert(eq(int, cluster->places[0].node.phase, NODE_LEFT));

    expect_cluster_gone(cluster);
}

/*
 * It came back twice and forgot each time; others know of an incarnation that is
 * later than what it says now. It hears of that, and leaves under it.
 */
Test(membership, who_leaves_under_an_old_incarnation_is_told)
{
    struct cluster *cluster = cluster_new(3, 1);
    start_all(cluster, 3);
    run(cluster, 5);
    node_leave(&cluster->places[2].node);
    run(cluster, 1);
    crash(cluster, 2);
    start(cluster, 2, cluster->addresses, 3, true);
    run(cluster, 20);
    cr_assert(eq(u32, known_by(cluster, 2), 2));
    crash(cluster, 2);
    start(cluster, 2, cluster->addresses, 3, true);
    cr_assert(eq(u32, cluster->places[2].node.peers.incarnation, 0));

    node_leave(&cluster->places[2].node);
    cr_assert(le(u64, rounds_to_leave(cluster, 2), LEAVE_ROUNDS));
    cr_assert(eq(int, cluster->places[2].node.phase, NODE_LEFT));
    crash(cluster, 2);
    run(cluster, 20);
    cr_assert(eq(u32, known_by(cluster, 2), 0));

    expect_cluster_gone(cluster);
}

/*
 * Who left comes back at the same address and remembers nothing: it hears that
 * it left, says that it has not, and everybody knows it again.
 */
Test(membership, who_comes_back_is_known_again)
{
    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct cluster *cluster = cluster_new(20, seed);
        start_all(cluster, 20);
        run(cluster, 5);
        for (uint32_t life = 1; life <= 3; life++) {
            count(cluster, 0);
            node_leave(&cluster->places[7].node);
            (void)rounds_to_leave(cluster, 7);
            crash(cluster, 7);
            run(cluster, 30);
            cr_assert(eq(u32, known_by(cluster, 7), 0));

            start(cluster, 7, cluster->addresses, 20, true);
            run(cluster, 30);
            cr_assert(eq(u32, known_by(cluster, 7), 19), "seed %u", (unsigned)seed);
            cr_assert(eq(u32, cluster->places[7].node.peers.incarnation, life));
        }
        expect_cluster_gone(cluster);
    }
}

/*
 * What waits for the disk is answered before a node ends, by a stop or by
 * leaving, whether the disk succeeds or not; what comes later is refused.
 */
Test(membership, who_ends_answers_first)
{
    for (int kase = 0; kase < 4; kase++) {
        bool leaves = kase % 2 == 1;
        bool ok = kase < 2;
        struct cluster *cluster = cluster_new(2, 1);
        struct place *place = &cluster->places[0];
        start_durable(cluster, 0, 2);
        start(cluster, 1, cluster->addresses, 2, true);
        while (place->token != 0)
            end_sync(place, true);

        count(cluster, 0);
        cr_assert(ne(u64, place->token, 0));
        if (leaves)
            node_leave(&place->node);
        else
            node_stop(&place->node);
        run(cluster, 3 * LEAVE_ROUNDS);
        cr_assert(eq(int, place->node.phase, leaves ? NODE_LEAVING : NODE_STOPPING));
        count(cluster, 0);
        cr_assert(eq(u64, place->answers[ENV_REFUSED], 1));
        for (int syncs = 0; syncs < 10 && place->token != 0; syncs++)
            end_sync(place, ok);

        cr_assert(eq(u64, place->answers[ok ? ENV_OK : ENV_UNKNOWN], 1));
        if (leaves)
            cr_assert(le(u64, rounds_to_leave(cluster, 0), LEAVE_ROUNDS + 1));
        cr_assert(eq(int, place->node.phase, leaves ? NODE_LEFT : NODE_STOPPED));
        cr_assert(eq(u64, pncounter_total(&cluster->places[1].node.counter, 0, DC_INC),
                     leaves && ok ? 1 : 0));
        expect_cluster_gone(cluster);
    }
}

/* Nothing is learned with fixed peers; who of them left is heard all the same. */
Test(membership, fixed_peers_hear_who_left)
{
    struct cluster *cluster = cluster_new(4, 1);
    for (uint32_t i = 0; i < 3; i++) {
        start(cluster, i, cluster->addresses, 3, true);
        cluster->places[i].node.peers_fixed = cluster->places[i].node.peers.keeps_list = true;
    }
    start(cluster, 3, cluster->addresses, 3, true);

    run(cluster, 20);
    cr_assert(eq(u32, known_by(cluster, 3), 0));
    node_leave(&cluster->places[2].node);
    (void)rounds_to_leave(cluster, 2);
    crash(cluster, 2);
    run(cluster, 20);
    cr_assert(eq(u32, known_by(cluster, 2), 0));
    expect_cluster_gone(cluster);
}

/* The host may know better: whom it introduces again is asked, and refutes that it left. */
Test(membership, the_host_may_bring_one_back)
{
    struct cluster *cluster = cluster_new(2, 1);
    start_all(cluster, 2);
    node_leave(&cluster->places[1].node);
    (void)rounds_to_leave(cluster, 1);
    crash(cluster, 1);
    run(cluster, 5);
    cr_assert(eq(u32, known_by(cluster, 1), 0));

    start(cluster, 1, NULL, 0, true); /* it knows nobody, and nobody asks it */
    run(cluster, 20);
    cr_assert(eq(u32, known_by(cluster, 1), 0));
    node_meet(&cluster->places[0].node, 1);
    run(cluster, 5);
    cr_assert(eq(u32, known_by(cluster, 1), 1));
    expect_cluster_gone(cluster);
}
