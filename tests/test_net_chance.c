/* Duplicates, damage, overtaking, rates and bursts: shares and exact times. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "sim/choose.h"
#include "sim/net.h"

#define NODES 6
#define MANY 100000

struct bench {
    struct choose choose;
    struct net net;
    struct met met[8];
    uint64_t keys;
};

static void set_up(struct bench *b, const struct scn_rules *rules)
{
    struct net_scope all = {.everywhere = true};
    struct net_drawn drawn = {
        .loss_ppb = rules->loss_ppb.lo,
        .dup_ppb = rules->dup_ppb.lo,
        .corrupt_ppb = rules->corrupt_ppb.lo,
        .reorder_ppb = rules->reorder_ppb.lo,
    };

    *b = (struct bench){0};
    choose_init(&b->choose, 1);
    net_init(&b->net, &b->choose, NODES, b->met);
    cr_assert(eq(int, net_lay(&b->net, 0, NET_NO_FAULT, &all, rules, &drawn, false), 0));
}

static int send_at(struct bench *b, uint64_t now_ns, uint64_t bytes, struct net_outcome *ret)
{
    struct net_message msg = {.key = key_with(3, b->keys++), .to = 1, .bytes = bytes};
    struct net_outcome out[NET_COPIES_MAX];
    int copies = net_send(&b->net, now_ns, &msg, out);

    cr_assert(copies > 0);
    if (ret)
        *ret = out[0];
    for (int i = 0; i < copies; i++)
        if (out[i].fate == NET_ON_ITS_WAY)
            net_arrive(&b->net, out[i].flight);
    return copies;
}

/* Within six deviations of a binomial, in thousandths of @want. */
static void expect_share(uint64_t found, uint64_t want, const char *what)
{
    cr_expect(found > want - want / 20 && found < want + want / 20, "%s: %llu, expected about %llu",
              what, (unsigned long long)found, (unsigned long long)want);
}

Test(net_chance, so_many_are_duplicated_and_damaged)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DUP | SCN_RULE_CORRUPT,
        .dup_ppb = {SCN_PPB / 5, SCN_PPB / 5},
        .corrupt_ppb = {SCN_PPB / 4, SCN_PPB / 4},
    };
    struct bench b;
    uint64_t copies = 0;

    set_up(&b, &rules);
    for (int i = 0; i < MANY; i++)
        copies += (uint64_t)send_at(&b, 1000, 100, NULL);
    expect_share(copies - MANY, MANY / 5, "duplicates");
    cr_expect(eq(u64, b.net.duplicated, copies - MANY));
    expect_share(b.net.corrupted, copies / 4, "damaged");
    cr_expect(eq(u32, b.net.in_flight, 0));
    net_release(&b.net);
}

/* A message that is lost has no duplicate. */
Test(net_chance, what_is_lost_is_not_duplicated)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DUP | SCN_RULE_LOSS,
        .dup_ppb = {SCN_PPB, SCN_PPB},
        .loss_ppb = {SCN_PPB, SCN_PPB},
    };
    struct bench b;

    set_up(&b, &rules);
    cr_expect(eq(int, send_at(&b, 1000, 100, NULL), 1));
    cr_expect(eq(u64, b.net.duplicated, 0));
    net_release(&b.net);
}

/*
 * What overtakes takes no time. With a gap of 3 two others come between any two that
 * do, and from then on each has its chance: four messages for one, when that is 1/2.
 */
static void overtake(uint64_t share_ppb, uint64_t want)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY | SCN_RULE_REORDER,
        .delay = {5000000, 5000000},
        .reorder_ppb = {share_ppb, share_ppb},
        .gap = 3,
    };
    struct net_outcome out;
    uint64_t overtook = 0;
    int last = 0;
    struct bench b;

    set_up(&b, &rules);
    for (int i = 1; i <= 30000; i++) {
        send_at(&b, 1000, 100, &out);
        if (out.arrives_ns == 5001000)
            continue;
        cr_assert(eq(u64, out.arrives_ns, 1000));
        cr_assert(i - last >= 3);
        last = i;
        overtook++;
    }
    expect_share(overtook, want, "overtook");
    net_release(&b.net);
}

Test(net_chance, overtaking)
{
    overtake(SCN_PPB, 10000);
    overtake(SCN_PPB / 2, 7500);
    overtake(SCN_PPB / 10, 30000 / 12);
}

/* 8 Mbit a second are 1000 bytes a millisecond; ten of them wait, no more. */
Test(net_chance, a_rate_is_exact_and_its_queue_ends)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY | SCN_RULE_RATE,
        .delay = {0, 0},
        .rate_bits = 8000000,
        .queue_bytes = 10000,
    };
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t i = 1; i <= 10; i++) {
        send_at(&b, 0, 1000, &out);
        cr_assert(eq(int, out.fate, NET_ON_ITS_WAY));
        cr_assert(eq(u64, out.arrives_ns, i * 1000000));
    }
    send_at(&b, 0, 1000, &out);
    cr_assert(eq(int, out.fate, NET_LOST_QUEUE));
    send_at(&b, 1000000, 1000, &out); /* one has left */
    cr_assert(eq(int, out.fate, NET_ON_ITS_WAY));
    cr_assert(eq(u64, out.arrives_ns, 11000000));
    send_at(&b, 50000000, 1000000, &out); /* nobody is before it, so it goes, large as it is */
    cr_assert(eq(u64, out.arrives_ns, 50000000 + UINT64_C(1000000000)));
    net_release(&b.net);
}

/*
 * Messages of any size at any time, some of them twice: whatever goes out has been sent
 * at the rate, in the order of sending, and what was waiting never was more than the queue.
 */
Test(net_chance, nothing_is_faster_than_its_rate)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY | SCN_RULE_RATE | SCN_RULE_DUP | SCN_RULE_REORDER,
        .delay = {0, 0},
        .dup_ppb = {SCN_PPB / 4, SCN_PPB / 4},
        .reorder_ppb = {SCN_PPB / 4, SCN_PPB / 4},
        .gap = 1,
        .rate_bits = 1234567,
        .queue_bytes = 5000,
    };
    uint64_t now_ns = 0, busy_ns = 0, lost = 0;
    struct net_outcome out[NET_COPIES_MAX];
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t i = 0; i < MANY; i++) {
        uint64_t bytes = 20 + choose_below(&b.choose, i, PURPOSE_KIND, 1500);
        uint64_t wire_ns = (bytes * 8 * 1000000000 + rules.rate_bits - 1) / rules.rate_bits;
        struct net_message msg = {.key = i, .to = 1, .bytes = bytes};
        int copies = net_send(&b.net, now_ns, &msg, out);

        for (int copy = 0; copy < copies; copy++) {
            uint64_t left_ns = busy_ns > now_ns ? busy_ns - now_ns : 0;
            uint64_t left = left_ns * rules.rate_bits / 8000 / 1000000;

            if (out[copy].fate == NET_LOST_QUEUE) {
                cr_assert(left > 0 && left + bytes > rules.queue_bytes);
                lost++;
                continue;
            }
            cr_assert(left == 0 || left + bytes <= rules.queue_bytes);
            busy_ns = now_ns + left_ns + wire_ns;
            cr_assert(eq(u64, out[copy].arrives_ns, busy_ns));
            net_arrive(&b.net, out[copy].flight);
        }
        now_ns += choose_below(&b.choose, i, PURPOSE_WHEN, 9000000);
    }
    cr_expect(lost > MANY / 20 && lost < MANY);
    net_release(&b.net);
}

/* What waits for a slow link is no longer in the way of what comes once it is fast. */
Test(net_chance, a_link_that_gets_faster_or_slower)
{
    struct scn_rules rules = {
        .set = SCN_RULE_DELAY | SCN_RULE_RATE, .rate_bits = 8000, .queue_bytes = 10000};
    struct net_scope all = {.everywhere = true};
    struct net_drawn none = {0};
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t i = 1; i <= 10; i++) {
        send_at(&b, 0, 1000, &out);
        cr_assert(eq(u64, out.arrives_ns, i * 1000000000)); /* 1000 bytes a second */
    }
    rules.rate_bits = 8000000;
    cr_assert(net_lay(&b.net, 1, 1, &all, &rules, &none, true) == 0);
    send_at(&b, 1000000000, 1000, &out); /* 9000 bytes are left */
    cr_assert(eq(u64, out.arrives_ns, 1010000000));
    rules.rate_bits = 800000;
    all = (struct net_scope){.everywhere = true};
    cr_assert(net_lay(&b.net, 2, 2, &all, &rules, &none, true) == 0);
    send_at(&b, 1005000000, 1000, &out); /* 5000 */
    cr_assert(eq(u64, out.arrives_ns, 1005000000 + 60000000));
    net_release(&b.net);
}

/* The share of bad slots, the mean length of a burst, and that a slot has one state. */
Test(net_chance, bursts_come_and_go_as_they_should)
{
    struct scn_rules rules = {
        .set = SCN_RULE_LOSS,
        .has_bursts = true,
        .bursts = {.to_bad = SCN_PPB / 50, .to_good = SCN_PPB / 10, .bad = SCN_PPB},
    };
    uint64_t lost = 0, bursts = 0;
    struct net_outcome out;
    struct bench b;
    bool before = false;

    set_up(&b, &rules);
    for (uint64_t slot = 1; slot <= 200000; slot++) {
        bool is_lost;

        send_at(&b, slot * NET_SLOT_NS, 100, &out);
        is_lost = out.fate == NET_LOST_LOSS;
        send_at(&b, slot * NET_SLOT_NS + NET_SLOT_NS / 2, 100, &out);
        cr_assert(is_lost == (out.fate == NET_LOST_LOSS));
        lost += is_lost;
        bursts += is_lost && !before;
        before = is_lost;
    }
    expect_share(lost, 200000 / 6, "bad slots");
    expect_share(lost * 100 / bursts, 1000, "length of a burst, in hundredths");
    net_release(&b.net);
}

/* 1/6 of the time 60 % are lost, else 3 %. */
Test(net_chance, both_states_lose_their_share)
{
    struct scn_rules rules = {
        .set = SCN_RULE_LOSS,
        .has_bursts = true,
        .bursts = {.to_bad = SCN_PPB / 50,
                   .to_good = SCN_PPB / 10,
                   .bad = SCN_PPB / 10 * 6,
                   .good = SCN_PPB / 100 * 3},
    };
    uint64_t lost = 0;
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t slot = 1; slot <= 200000; slot++) {
        send_at(&b, slot * NET_SLOT_NS, 100, &out);
        lost += out.fate == NET_LOST_LOSS;
    }
    expect_share(lost, 25000, "lost");
    net_release(&b.net);
}

/* However long nothing was sent, and whatever the chances, nobody looks back further than that. */
Test(net_chance, a_burst_ends_after_so_many_slots)
{
    struct scn_rules rules = {
        .set = SCN_RULE_LOSS,
        .has_bursts = true,
        .bursts = {.to_bad = 20000, .to_good = 0, .bad = SCN_PPB}, /* one in 50000 */
    };
    uint64_t bad = 0, slots = 1000000;
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t slot = 7; slot <= slots; slot += 97) {
        send_at(&b, slot * NET_SLOT_NS, 100, &out);
        bad += out.fate == NET_LOST_LOSS;
    }
    /* About 20 bursts, each as long as it may be. */
    cr_expect(bad > 6 * NET_SLOTS_BACK_MAX / 97 && bad < 40 * NET_SLOTS_BACK_MAX / 97);
    net_release(&b.net);
}

/* p + r over 100 %: the states turn over more often than not. */
Test(net_chance, bursts_that_turn_over_at_once)
{
    struct scn_rules rules = {
        .set = SCN_RULE_LOSS,
        .has_bursts = true,
        .bursts = {.to_bad = SCN_PPB, .to_good = SCN_PPB, .bad = SCN_PPB},
    };
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    for (uint64_t slot = 0; slot < 100; slot++) {
        send_at(&b, slot * NET_SLOT_NS, 100, &out);
        cr_assert(eq(int, out.fate, slot % 2 == 1 ? NET_LOST_LOSS : NET_ON_ITS_WAY));
    }
    net_release(&b.net);
}

Test(net_chance, scripts_duplicate_and_damage)
{
    struct scn_rules rules = {.set = SCN_RULE_DELAY, .delay = {5, 5}};
    struct net_script dup = {.scope = {.everywhere = true},
                             .deed = NET_DEED_DUP,
                             .by_count = true,
                             .left = 2,
                             .stmt = 1,
                             .fault = 1};
    struct net_script damage = {.scope = {.everywhere = true},
                                .deed = NET_DEED_CORRUPT,
                                .by_count = true,
                                .left = 1,
                                .stmt = 2,
                                .fault = 2};
    struct bench b;

    set_up(&b, &rules);
    cr_assert(net_script(&b.net, &dup) == 0 && net_script(&b.net, &damage) == 0);
    cr_expect(eq(int, send_at(&b, 0, 100, NULL), 2));
    cr_expect(eq(u64, b.net.corrupted, 1));
    cr_expect(eq(int, send_at(&b, 0, 100, NULL), 2));
    cr_expect(eq(int, send_at(&b, 0, 100, NULL), 1));
    cr_expect(eq(u64, b.net.corrupted, 1));
    cr_expect(b.met[1].count == 2 && b.met[2].count == 1);
    net_release(&b.net);
}

/* What is dropped, or lost, or cut off, is not what a script means to send twice. */
Test(net_chance, scripts_duplicate_what_goes_out)
{
    struct scn_rules rules = {.set = SCN_RULE_LOSS, .loss_ppb = {SCN_PPB, SCN_PPB}};
    struct net_script dup = {.scope = {.everywhere = true},
                             .deed = NET_DEED_DUP,
                             .by_count = true,
                             .left = 1,
                             .stmt = 1,
                             .fault = 1};
    struct net_script drop = {.scope = {.everywhere = true},
                              .deed = NET_DEED_DROP,
                              .by_count = true,
                              .left = 1,
                              .stmt = 2,
                              .fault = 2};
    struct net_scope all = {.everywhere = true};
    struct net_outcome out;
    struct bench b;

    set_up(&b, &rules);
    cr_assert(net_script(&b.net, &dup) == 0 && net_script(&b.net, &drop) == 0);
    cr_expect(eq(int, send_at(&b, 0, 100, &out), 1));
    cr_expect(eq(int, out.fate, NET_LOST_DROP));
    cr_expect(eq(int, send_at(&b, 0, 100, &out), 1));
    cr_expect(eq(int, out.fate, NET_LOST_LOSS));
    cr_expect(eq(u64, b.met[1].count, 0));
    rules.loss_ppb = (struct scn_range){0, 0};
    cr_assert(net_lay(&b.net, 3, 3, &all, &rules, &(struct net_drawn){0}, true) == 0);
    cr_expect(eq(int, send_at(&b, 0, 100, &out), 2));
    cr_expect(eq(u64, b.met[1].count, 1));
    net_release(&b.net);
}
