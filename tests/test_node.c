/*
 * The protocol of one node: events in, and what it says to the world. Expected
 * stories are text, one line for each thing the node asked of its host.
 */
#include <signal.h>
#include <string.h>

#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/digest.h"
#include "core/err.h"
#include "core/message.h"
#include "core/node.h"
#include "tests/lib_core.h"

#define SYNC_NS UINT64_C(100)
#define FULL_NS UINT64_C(1000)

/* Node n1 at address a1, who knows a2 and a3 from the start. */
struct fixture {
    struct test_world world;
    struct test_env env;
    dc_name addresses[3];
    struct node node;
};

static void fixture_init(struct fixture *fixture, uint32_t fanout, bool peers_fixed)
{
    world_init(&fixture->world);
    test_env_init(&fixture->env, &fixture->world.names);
    fixture->addresses[0] = name(&fixture->world, "a1");
    fixture->addresses[1] = name(&fixture->world, "a2");
    fixture->addresses[2] = name(&fixture->world, "a3");
    struct node_config config = {
        .mem = &fixture->world.mem.mem,
        .names = &fixture->world.names,
        .id = name(&fixture->world, "n1"),
        .address = fixture->addresses[0],
        .peers = fixture->addresses,
        .peers_len = 3,
        .sync_ns = SYNC_NS,
        .full_ns = FULL_NS,
        .fanout = fanout,
        .first_start = true,
        .peers_fixed = peers_fixed,
        .peers_common = true,
    };
    node_init(&fixture->node, &config, &fixture->env.env);
}

/* The same, running, with the story so far forgotten. */
static void fixture_start(struct fixture *fixture)
{
    fixture_init(fixture, 2, false);
    fixture->env.now_ns = 5000;
    node_start(&fixture->node);
    test_env_clear(&fixture->env);
}

static void expect_fixture_gone(struct fixture *fixture)
{
    node_release(&fixture->node);
    node_release(&fixture->node); /* a second call does nothing */
    expect_world_empty(&fixture->world);
}

/* Node n2 says something from address @from; entries NULL but for a push. */
static void hear(struct fixture *fixture, const char *from, enum message_kind kind, uint64_t digest,
                 const char *entries)
{
    struct pncounter state = counter_of(&fixture->world, entries == NULL ? "" : entries);
    struct message msg = {
        .kind = kind,
        .sender = name(&fixture->world, "n2"),
        .digest = digest,
        .state = kind == MESSAGE_PUSH ? &state : NULL,
    };

    node_on_message(&fixture->node, from == NULL ? DC_NAME_NONE : name(&fixture->world, from),
                    &msg);
    pncounter_release(&state);
}

/* ---- Timers ---- */

/*
 * Nodes that start together must not stay in step: the first ticks lie
 * anywhere within a period, drawn once each, and differ between nodes.
 */
Test(node, first_ticks_have_a_random_phase)
{
    struct fixture fixture;
    fixture_init(&fixture, 2, false);
    struct node many[100];
    uint64_t sync_min = UINT64_MAX;
    uint64_t sync_max = 0;
    fixture.env.now_ns = 5000;

    for (int i = 0; i < 100; i++) {
        many[i] = fixture.node;
        size_t draws = fixture.env.draws;
        node_start(&many[i]);
        cr_assert(eq(sz, fixture.env.draws - draws, 2));
        uint64_t sync_ns = many[i].due_ns[NODE_TIMER_SYNC];
        uint64_t full_ns = many[i].due_ns[NODE_TIMER_FULL];
        cr_assert(lt(u64, sync_ns - 5000, SYNC_NS));
        cr_assert(lt(u64, full_ns - 5000, FULL_NS));
        sync_min = sync_ns < sync_min ? sync_ns : sync_min;
        sync_max = sync_ns > sync_max ? sync_ns : sync_max;
    }

    cr_assert(ge(u64, sync_max - sync_min, SYNC_NS / 2));
    expect_fixture_gone(&fixture);
}

/* A sync tick pulls from fanout peers; a full tick of an empty node is silent. */
Test(node, a_sync_tick_pulls_from_some_peers)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct node_deadline deadline = node_deadline(&fixture.node);
    cr_assert(eq(int, deadline.timer, NODE_TIMER_SYNC));
    cr_assert(eq(u64, deadline.number, 0));

    fixture.env.now_ns = deadline.at_ns - 1;
    node_on_timer(&fixture.node); /* not due */
    expect_said(&fixture.env, "");
    fixture.env.now_ns = deadline.at_ns;
    node_on_timer(&fixture.node);

    cr_assert(eq(sz, said_count(&fixture.env, "pull n1 -> a2\n"), 1));
    cr_assert(eq(sz, said_count(&fixture.env, "pull n1 -> a3\n"), 1));
    cr_assert(eq(sz, said_count(&fixture.env, ""), 2));
    cr_assert(eq(u64, fixture.node.due_ns[NODE_TIMER_SYNC], deadline.at_ns + SYNC_NS));
    cr_assert(eq(u64, fixture.node.fired[NODE_TIMER_SYNC], 1));
    expect_fixture_gone(&fixture);
}

/* Fires the full timer at its time, as if the sync timer were off. */
static void tick_full(struct fixture *fixture)
{
    fixture->node.due_ns[NODE_TIMER_SYNC] = DC_TIME_NEVER;
    fixture->env.now_ns = node_deadline(&fixture->node).at_ns;
    node_on_timer(&fixture->node);
}

/* max(1, fanout / 2) peers get the state, unless there is none to give. */
Test(node, a_full_tick_pushes_unless_empty)
{
    static const struct {
        uint32_t fanout;
        size_t pushes;
    } cases[] = {{1, 1}, {2, 1}, {3, 1}, {4, 2}, {100, 2}};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct fixture fixture;
        fixture_init(&fixture, cases[i].fanout, false);
        node_start(&fixture.node);
        test_env_clear(&fixture.env);

        tick_full(&fixture);
        expect_said(&fixture.env, "");
        node_on_client(&fixture.node, 7, DC_INC, 3);
        expect_said(&fixture.env, "raised n1 + 0 -> 3\nreply 7 ok\n");
        tick_full(&fixture);

        cr_assert(eq(sz, said_count(&fixture.env, "push n1 -> "), cases[i].pushes));
        cr_assert(eq(sz, said_count(&fixture.env, ""), cases[i].pushes));
        expect_fixture_gone(&fixture);
    }
}

/* When both are due the sync timer goes first, and one call fires one timer. */
Test(node, the_sync_timer_goes_first_when_both_are_due)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.node.due_ns[NODE_TIMER_SYNC] = 6000;
    fixture.node.due_ns[NODE_TIMER_FULL] = 6000;
    fixture.env.now_ns = 6000;

    cr_assert(eq(int, node_deadline(&fixture.node).timer, NODE_TIMER_SYNC));
    node_on_timer(&fixture.node);
    cr_assert(eq(int, node_deadline(&fixture.node).timer, NODE_TIMER_FULL));
    cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, 6000));
    node_on_timer(&fixture.node);
    cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, 6000 + SYNC_NS));

    expect_fixture_gone(&fixture);
}

/*
 * A node that slept does not tick for every period it missed, and keeps its
 * phase: woken 4.5 periods late it ticks once, and next at the fifth.
 */
Test(node, late_ticks_are_skipped_and_keep_their_phase)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.node.due_ns[NODE_TIMER_SYNC] = 5030;
    fixture.node.due_ns[NODE_TIMER_FULL] = DC_TIME_NEVER;

    fixture.env.now_ns = 5030 + 4 * SYNC_NS + SYNC_NS / 2;
    node_on_timer(&fixture.node);
    cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, 5030 + 5 * SYNC_NS));
    cr_assert(eq(u64, node_deadline(&fixture.node).number, 1));
    cr_assert(eq(sz, said_count(&fixture.env, "pull"), 2));

    /* Exactly on a tick: that one counts as now, not as next. */
    fixture.env.now_ns = 5030 + 7 * SYNC_NS;
    node_on_timer(&fixture.node);
    cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, 5030 + 8 * SYNC_NS));

    expect_fixture_gone(&fixture);
}

/*
 * Who hears of other states in round after round, and nothing changes, asks once in
 * each period as before, but no longer at one and the same time in it; and in some of
 * the rounds it tells what it has in place of asking.
 */
Test(node, who_gets_nowhere_asks_and_tells_at_other_times)
{
    struct fixture fixture;
    fixture_start(&fixture);
    node_on_client(&fixture.node, 7, DC_INC, 3);
    fixture.node.due_ns[NODE_TIMER_SYNC] = 5030;
    fixture.node.due_ns[NODE_TIMER_FULL] = DC_TIME_NEVER;
    size_t moved = 0;
    size_t told = 0;

    for (uint64_t round = 0; round < 200; round++) {
        uint64_t at_ns = node_deadline(&fixture.node).at_ns;
        uint64_t late_ns = at_ns - 5030 - round * SYNC_NS;
        cr_assert(lt(u64, late_ns, SYNC_NS));
        hear(&fixture, "a2", MESSAGE_PULL, 12345, NULL);
        hear(&fixture, "a3", MESSAGE_PULL, 12345, NULL);
        fixture.env.now_ns = at_ns;
        test_env_clear(&fixture.env);
        node_on_timer(&fixture.node);

        bool tells = said_count(&fixture.env, "push n1 -> ") == 2;
        cr_assert(eq(sz, said_count(&fixture.env, "pull n1 -> "), tells ? 0 : 2));
        if (round < STUCK_ROUNDS) {
            cr_assert(eq(u64, late_ns, 0));
            cr_assert(not(tells));
        }
        moved += late_ns > 0;
        told += tells;
    }

    cr_assert(ge(sz, moved, 150));
    cr_assert(ge(sz, told, 50));
    cr_assert(lt(sz, told, 130));
    expect_fixture_gone(&fixture);
}

/* At the end of time a timer comes to rest instead of wrapping to 0. */
Test(node, time_does_not_wrap)
{
    struct fixture fixture;
    fixture_start(&fixture);
    fixture.node.due_ns[NODE_TIMER_SYNC] = DC_TIME_NEVER - 50;
    fixture.node.due_ns[NODE_TIMER_FULL] = DC_TIME_NEVER;

    fixture.env.now_ns = DC_TIME_NEVER - 10;
    node_on_timer(&fixture.node);
    cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, DC_TIME_NEVER));
    test_env_clear(&fixture.env);
    node_on_timer(&fixture.node);
    expect_said(&fixture.env, "");

    expect_fixture_gone(&fixture);
}

/* A node alone says nothing, and its timers go on: a peer may come. */
Test(node, a_tick_without_peers_still_reschedules)
{
    struct test_world world;
    world_init(&world);
    struct test_env env;
    test_env_init(&env, &world.names);
    struct node_config config = {
        .mem = &world.mem.mem,
        .names = &world.names,
        .id = name(&world, "n1"),
        .address = name(&world, "a1"),
        .sync_ns = SYNC_NS,
        .full_ns = FULL_NS,
        .fanout = 2,
        .first_start = true,
    };
    struct node node;
    node_init(&node, &config, &env.env);
    node_start(&node);
    node_on_client(&node, 1, DC_INC, 1);
    test_env_clear(&env);

    for (uint64_t i = 0; i < 50; i++) {
        struct node_deadline deadline = node_deadline(&node);
        cr_assert(ge(u64, deadline.at_ns, env.now_ns));
        env.now_ns = deadline.at_ns;
        node_on_timer(&node);
    }
    expect_said(&env, "");
    node_meet(&node, name(&world, "a2"));
    expect_said(&env, "peer learned a2\n");
    env.now_ns = node_deadline(&node).at_ns;
    node_on_timer(&node);
    cr_assert(eq(sz, said_count(&env, ""), 1));

    node_release(&node);
    expect_world_empty(&world);
}

/* ---- Messages ---- */

/* A pull with our digest is met with an ack: there is nothing to send. */
Test(node, a_pull_with_our_digest_gets_an_ack)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a2", MESSAGE_PULL, node_digest(&fixture.node), NULL);
    expect_said(&fixture.env, "ack n1 -> a2\n");

    expect_fixture_gone(&fixture);
}

/* Another digest, or none, gets the whole state. */
Test(node, a_pull_with_another_digest_gets_a_push)
{
    struct fixture fixture;
    fixture_start(&fixture);
    node_on_client(&fixture.node, 1, DC_INC, 3);
    node_on_client(&fixture.node, 2, DC_DEC, 1);
    test_env_clear(&fixture.env);

    hear(&fixture, "a2", MESSAGE_PULL, 12345, NULL);
    hear(&fixture, "a3", MESSAGE_PULL, 0, NULL);
    expect_said(&fixture.env, "push n1 -> a2 entries 1\npush n1 -> a3 entries 1\n");

    expect_fixture_gone(&fixture);
}

/*
 * A node without a state has nothing to push, which other implementations
 * refuse; it asks for the other's state instead.
 */
Test(node, an_empty_node_answers_a_pull_with_a_pull)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a2", MESSAGE_PULL, 12345, NULL);
    expect_said(&fixture.env, "pull n1 -> a2\n");

    expect_fixture_gone(&fixture);
}

/* An ack ends the exchange. */
Test(node, an_ack_is_not_answered)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a2", MESSAGE_ACK, 12345, NULL);
    expect_said(&fixture.env, "");

    expect_fixture_gone(&fixture);
}

/* A push is merged; each half that rises is an event; the version rises once. */
Test(node, a_push_is_merged_and_each_rise_told)
{
    struct fixture fixture;
    fixture_start(&fixture);
    node_on_client(&fixture.node, 1, DC_INC, 3);
    test_env_clear(&fixture.env);
    uint64_t version = fixture.node.version;

    hear(&fixture, "a2", MESSAGE_PUSH, 0, "n1:+2-0 n2:+4-5");
    expect_said(&fixture.env, "raised n2 + 0 -> 4\nraised n2 - 0 -> 5\n");
    cr_assert(eq(u64, fixture.node.version, version + 1));
    expect_entries(&fixture.node.counter, "n1:+3-0 n2:+4-5");

    hear(&fixture, "a2", MESSAGE_PUSH, 0, "n1:+2-0 n2:+4-5"); /* again: nothing new */
    expect_said(&fixture.env, "");
    cr_assert(eq(u64, fixture.node.version, version + 1));

    expect_fixture_gone(&fixture);
}

/*
 * A push of zeros only, as a fresh node of another implementation sends it,
 * arrives as an empty state and is neither an error nor a change.
 */
Test(node, a_push_of_nothing_changes_nothing)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a2", MESSAGE_PUSH, 0, "");
    expect_said(&fixture.env, "");
    cr_assert(eq(u64, fixture.node.version, 1));

    expect_fixture_gone(&fixture);
}

/*
 * Once our digest is known, a push that carries it is our own state and is not
 * merged again. Shown by a push that lies: its state must not get in. Before
 * the digest is known, and after it is outdated, pushes are merged.
 */
Test(node, a_push_with_our_known_digest_is_skipped)
{
    struct fixture fixture;
    fixture_start(&fixture);
    node_on_client(&fixture.node, 1, DC_INC, 3);
    uint64_t digest = digest_of(&fixture.node.counter);
    test_env_clear(&fixture.env);

    hear(&fixture, "a2", MESSAGE_PUSH, digest, "n2:+1-0"); /* not known yet */
    expect_said(&fixture.env, "raised n2 + 0 -> 1\n");
    digest = node_digest(&fixture.node);
    hear(&fixture, "a2", MESSAGE_PUSH, digest, "n2:+2-0"); /* known */
    expect_said(&fixture.env, "");
    hear(&fixture, "a2", MESSAGE_PUSH, digest + 1, "n2:+2-0"); /* another */
    expect_said(&fixture.env, "raised n2 + 1 -> 2\n");
    hear(&fixture, "a2", MESSAGE_PUSH, digest, "n2:+3-0"); /* outdated */
    expect_said(&fixture.env, "raised n2 + 2 -> 3\n");

    expect_fixture_gone(&fixture);
}

/* The digest is computed when asked for, and follows every change. */
Test(node, the_digest_is_of_the_present_state)
{
    struct fixture fixture;
    fixture_start(&fixture);

    for (uint64_t i = 0; i < 20; i++) {
        cr_assert(eq(u64, node_digest(&fixture.node), digest_of(&fixture.node.counter)));
        cr_assert(eq(u64, fixture.node.digest_version, fixture.node.version));
        node_on_client(&fixture.node, i, i % 2 == 0 ? DC_INC : DC_DEC, i);
    }

    expect_fixture_gone(&fixture);
}

/* Version and digest of what is sent are those of the state inside. */
static uint64_t sent_version;
static uint64_t sent_digest;

static void keep_send(void *ctx, dc_name to, const struct message *msg)
{
    (void)ctx;
    (void)to;
    sent_version = msg->version;
    sent_digest = msg->digest;
    cr_assert(eq(u64, msg->digest, digest_of(msg->state)));
}

Test(node, what_is_sent_carries_version_and_digest)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct env_ops ops = *fixture.env.env.ops;
    ops.send = keep_send;
    fixture.node.env.ops = &ops;

    node_on_client(&fixture.node, 1, DC_INC, 1);
    hear(&fixture, "a2", MESSAGE_PULL, 1, NULL);
    uint64_t first_version = sent_version;
    uint64_t first_digest = sent_digest;
    hear(&fixture, "a3", MESSAGE_PULL, 1, NULL);
    cr_assert(eq(u64, sent_version, first_version));
    cr_assert(eq(u64, sent_digest, first_digest));
    node_on_client(&fixture.node, 1, DC_INC, 1);
    hear(&fixture, "a3", MESSAGE_PULL, 1, NULL);
    cr_assert(ge(u64, sent_version, first_version + 1));
    cr_assert(ne(u64, sent_digest, first_digest));

    expect_fixture_gone(&fixture);
}

/* ---- Peers ---- */

/* Whoever talks to us becomes a peer: its address, never its id. */
Test(node, the_source_of_a_message_becomes_a_peer)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a9", MESSAGE_ACK, 1, NULL);
    expect_said(&fixture.env, "peer learned a9\n");
    cr_assert(peers_know(&fixture.node.peers, name(&fixture.world, "a9")));
    cr_assert(not(peers_know(&fixture.node.peers, name(&fixture.world, "n2"))));
    hear(&fixture, "a9", MESSAGE_ACK, 1, NULL);
    expect_said(&fixture.env, "");

    expect_fixture_gone(&fixture);
}

/* With fixed peers a stranger is answered and not learned; the host still may. */
Test(node, fixed_peers_stay_as_they_are)
{
    struct fixture fixture;
    fixture_init(&fixture, 2, true);
    node_start(&fixture.node);
    test_env_clear(&fixture.env);

    hear(&fixture, "a9", MESSAGE_PULL, 1, NULL);
    expect_said(&fixture.env, "pull n1 -> a9\n");
    cr_assert(eq(u32, peers_count(&fixture.node.peers), 2));
    node_meet(&fixture.node, name(&fixture.world, "a8"));
    expect_said(&fixture.env, "peer learned a8\n");

    expect_fixture_gone(&fixture);
}

/* A transport may not know who spoke: a push counts, a pull has no way back. */
Test(node, a_message_from_nowhere_is_used_but_not_answered)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, NULL, MESSAGE_PULL, 1, NULL);
    expect_said(&fixture.env, "");
    hear(&fixture, NULL, MESSAGE_PUSH, 0, "n2:+1-0");
    expect_said(&fixture.env, "raised n2 + 0 -> 1\n");

    expect_fixture_gone(&fixture);
}

/* ---- Lessons of others ---- */

/*
 * Lesson 12: a peer claims the maximum for our own id. The next increment is
 * refused and says so; it neither wraps nor brings the node down, and
 * decrements go on.
 */
Test(node_lessons, a_claim_of_the_maximum_does_not_wrap)
{
    struct fixture fixture;
    fixture_start(&fixture);
    hear(&fixture, "a2", MESSAGE_PUSH, 0, "n1:+18446744073709551615-0");
    expect_said(&fixture.env, "raised n1 + 0 -> 18446744073709551615\ncounts lost n1\n"
                              "new incarnation n1#f893a2eefb32555e\n");

    node_on_client(&fixture.node, 7, DC_INC, 1);
    expect_said(&fixture.env, "raised n1#f893a2eefb32555e + 0 -> 1\nreply 7 ok\n");
    node_on_client(&fixture.node, 8, DC_INC, UINT64_MAX);
    expect_said(&fixture.env, "client refused +18446744073709551615 DC_EOVERFLOW\n"
                              "reply 8 refused\n");
    expect_entries(&fixture.node.counter, "n1:+18446744073709551615-0 n1#f893a2eefb32555e:+1-0");

    expect_fixture_gone(&fixture);
}

/*
 * Lesson 23: a message from the node's own address. It must not kill the node,
 * be answered, or make it a peer of itself.
 */
Test(node_lessons, a_message_from_our_own_address_is_ignored)
{
    struct fixture fixture;
    fixture_start(&fixture);

    hear(&fixture, "a1", MESSAGE_PULL, 1, NULL);
    hear(&fixture, "a1", MESSAGE_PUSH, 0, "n2:+1-0");
    hear(&fixture, "a1", MESSAGE_ACK, 1, NULL);
    node_meet(&fixture.node, name(&fixture.world, "a1"));

    expect_said(&fixture.env, "");
    expect_entries(&fixture.node.counter, "");
    cr_assert(eq(u32, peers_count(&fixture.node.peers), 2));
    expect_fixture_gone(&fixture);
}

/*
 * Lesson 27: zero entries are hashed there but never merged, so that fresh
 * nodes never agree. Here two nodes that never counted agree at once, and so
 * does one that heard of the other's count.
 */
Test(node_lessons, nodes_that_never_counted_agree)
{
    struct fixture one;
    struct fixture other;
    fixture_start(&one);
    fixture_start(&other);

    cr_assert(eq(u64, node_digest(&one.node), node_digest(&other.node)));
    hear(&one, "a2", MESSAGE_PULL, node_digest(&other.node), NULL);
    expect_said(&one.env, "ack n1 -> a2\n");
    node_on_client(&one.node, 1, DC_INC, 0);
    cr_assert(eq(u64, node_digest(&one.node), node_digest(&other.node)));
    node_on_client(&one.node, 1, DC_INC, 2);
    hear(&other, "a2", MESSAGE_PUSH, 0, "n1:+2-0");
    cr_assert(eq(u64, node_digest(&one.node), node_digest(&other.node)));

    expect_fixture_gone(&one);
    expect_fixture_gone(&other);
}

/* ---- Clients ---- */

/* Asking for nothing is granted, and is no new version. */
Test(node, counting_nothing_is_ok)
{
    struct fixture fixture;
    fixture_start(&fixture);

    node_on_client(&fixture.node, 7, DC_DEC, 0);
    expect_said(&fixture.env, "reply 7 ok\n");
    cr_assert(eq(u64, fixture.node.version, 1));

    expect_fixture_gone(&fixture);
}

/* ---- Life ---- */

/* Before its start and after its end a node is silent, but clients get an answer. */
Test(node, only_a_running_node_does_anything)
{
    struct fixture fixture;
    fixture_init(&fixture, 2, false);

    for (int life = 0; life < 2; life++) {
        cr_assert(eq(u64, node_deadline(&fixture.node).at_ns, DC_TIME_NEVER));
        fixture.env.now_ns += 100000;
        node_on_timer(&fixture.node);
        hear(&fixture, "a9", MESSAGE_PULL, 1, NULL);
        hear(&fixture, "a9", MESSAGE_PUSH, 0, "n2:+1-0");
        expect_said(&fixture.env, "");
        node_on_client(&fixture.node, 7, DC_INC, 5);
        expect_said(&fixture.env, "client refused +5 DC_ESTOPPED\nreply 7 refused\n");

        if (life == 0) {
            node_start(&fixture.node);
            expect_said(&fixture.env, "started\n");
            node_stop(&fixture.node);
            expect_said(&fixture.env, "stopped\n");
            node_stop(&fixture.node);
            expect_said(&fixture.env, "");
        }
    }
    expect_entries(&fixture.node.counter, "");
    expect_fixture_gone(&fixture);
}

/* A host may release what it never set up. */
Test(node, releasing_a_zeroed_node_is_fine)
{
    struct node node = {0};

    node_release(&node);
}

/* ---- Memory ---- */

/*
 * A node that runs out of memory says so and goes on as if the event had not
 * come: gossip repeats it, and a client was refused. Each kind of event with
 * each of its requests for memory failing.
 */
static int node_push(void *ctx)
{
    struct fixture *fixture = ctx;
    struct pncounter state;

    pncounter_init(&state, mem_heap(), &fixture->world.names);
    cr_assert(eq(int, pncounter_add(&state, name(&fixture->world, "n2"), DC_INC, 4, NULL), 0));
    struct message msg = {
        .kind = MESSAGE_PUSH, .sender = name(&fixture->world, "n2"), .state = &state};
    node_on_message(&fixture->node, fixture->addresses[1], &msg);
    pncounter_release(&state);

    return said_count(&fixture->env, "merge failed a2 DC_ENOMEM\n") > 0 ? DC_ENOMEM : 0;
}

static int node_count(void *ctx)
{
    struct fixture *fixture = ctx;

    node_on_client(&fixture->node, 7, DC_INC, 4);
    if (said_count(&fixture->env, "client refused +4 DC_ENOMEM\n") == 0)
        return 0;
    cr_assert(eq(sz, said_count(&fixture->env, "reply 7 refused\n"), 1));
    return DC_ENOMEM;
}

static int node_learn(void *ctx)
{
    struct fixture *fixture = ctx;
    struct message msg = {.kind = MESSAGE_ACK, .sender = name(&fixture->world, "n2")};

    node_on_message(&fixture->node, name(&fixture->world, "a9"), &msg);
    return said_count(&fixture->env, "peer refused a9 DC_ENOMEM\n") > 0 ? DC_ENOMEM : 0;
}

static void expect_untouched(void *ctx)
{
    struct fixture *fixture = ctx;

    expect_entries(&fixture->node.counter, "");
    cr_assert(eq(u64, fixture->node.version, 1));
    cr_assert(eq(u32, peers_count(&fixture->node.peers), 2));
    test_env_clear(&fixture->env);
}

static void forget(void *ctx)
{
    struct fixture *fixture = ctx;

    pncounter_release(&fixture->node.counter);
    pncounter_init(&fixture->node.counter, &fixture->world.mem.mem, &fixture->world.names);
    peers_release(&fixture->node.peers);
    peers_init(&fixture->node.peers, &fixture->world.mem.mem, fixture->addresses[0],
               fixture->addresses, 3);
    fixture->node.version = 1;
    test_env_clear(&fixture->env);
}

Test(node, out_of_memory_is_told_and_changes_nothing)
{
    int (*const ops[])(void *) = {node_push, node_count, node_learn};
    struct fixture fixture;
    fixture_start(&fixture);
    (void)name(&fixture.world, "n2");
    (void)name(&fixture.world, "a9");

    for (size_t i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
        expect_survives_no_memory(
            &fixture.world.mem,
            &(struct oom_case){
                .op = ops[i], .unchanged = expect_untouched, .undo = forget, .ctx = &fixture});

    expect_fixture_gone(&fixture);
}

#ifndef DC_CONTRACTS_DISABLED
/* A node that starts twice would draw its phases twice: a bug of the host. */
Test(node, starting_twice_breaks_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;
    fixture_start(&fixture);

    node_start(&fixture.node);
}

Test(node, a_push_without_a_state_breaks_a_contract, .signal = SIGABRT)
{
    struct fixture fixture;
    fixture_start(&fixture);
    struct message msg = {.kind = MESSAGE_PUSH, .sender = name(&fixture.world, "n2")};

    node_on_message(&fixture.node, fixture.addresses[1], &msg);
}
#endif
