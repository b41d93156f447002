/* quiet: everything ends, and the cluster converges within the bound that was computed. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/types.h"
#include "sim/scenario/bound.h"
#include "tests/lib_scenario.h"
#include "tests/lib_sim.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)

static struct bound_input usual(uint32_t nodes, uint64_t loss_ppb, uint64_t fanout)
{
    return (struct bound_input){
        .nodes = nodes,
        .fanout = fanout,
        .sync_ns = 100 * MS,
        .delay_ns = 20 * MS,
        .loss_ppb = loss_ppb,
    };
}

static uint64_t bound_ms(struct bound_input input)
{
    return bound_of(&input).total_ns / MS;
}

/* The bound itself, so that nobody changes it by accident. */
Test(quiet, the_bound_of_some_clusters)
{
    cr_expect(bound_ms(usual(1, 0, 2)) == 0);
    cr_expect(bound_ms(usual(5, 0, 2)) == 3980, "%" PRIu64, bound_ms(usual(5, 0, 2)));
    cr_expect(bound_ms(usual(300, 0, 2)) == 6460, "%" PRIu64, bound_ms(usual(300, 0, 2)));
    cr_expect(bound_ms(usual(300, SCN_PPB / 2, 2)) == 24820, "%" PRIu64,
              bound_ms(usual(300, SCN_PPB / 2, 2)));
}

/* More nodes, more loss, less fanout, more delay: it never gets shorter. */
Test(quiet, the_bound_grows_with_what_makes_it_worse)
{
    for (uint32_t nodes = 2; nodes < 2000; nodes = nodes * 3 / 2 + 1) {
        for (uint64_t percent = 0; percent < 100; percent += 9) {
            uint64_t loss = percent * 10000000;

            for (uint64_t fanout = 1; fanout < 6; fanout++) {
                struct bound_input input = usual(nodes, loss, fanout), worse = input;
                uint64_t ns = bound_of(&input).total_ns;

                worse.nodes++;
                if (fanout < nodes) /* else it can ask one more */
                    cr_expect(bound_of(&worse).total_ns >= ns);
                worse = input;
                worse.loss_ppb += 5000000;
                cr_expect(bound_of(&worse).total_ns >= ns);
                worse = input;
                worse.delay_ns += MS;
                cr_expect(bound_of(&worse).total_ns > ns);
                worse = input;
                worse.service_ns = MS;
                worse.inbox = 7;
                cr_expect(bound_of(&worse).total_ns > ns + 7 * MS);
                input.fanout++;
                cr_expect(bound_of(&input).total_ns <= ns);
            }
        }
    }
}

Test(quiet, the_bound_does_not_wrap)
{
    struct bound_input input = usual(100000, SCN_PPB - 1, 1);

    input.sync_ns = UINT64_MAX;
    cr_expect(bound_of(&input).total_ns == DC_TIME_NEVER);
    input.sync_ns = 1;
    input.service_ns = UINT64_MAX / 2;
    input.inbox = UINT64_MAX;
    cr_expect(bound_of(&input).total_ns == DC_TIME_NEVER);
}

/* ---- in a run ---- */

#define EVERYTHING                                                                                 \
    "load 40/s poisson inc 80% dec 20% on random(1)\n"                                             \
    "at 500ms partition halves\n"                                                                  \
    "at 600ms hold n1 -> all\n"                                                                    \
    "at 700ms net loss 95%\n"                                                                      \
    "at 800ms link n2 -> all delay 2s\n"                                                           \
    "at 900ms drop while 1h n3 -> all\n"                                                           \
    "every 300ms inc n2\n"

Test(quiet, ends_what_was_begun)
{
    struct sim_case c;
    uint64_t quiet_ns = 5 * S;

    sim_case_run(&c, "scn 1\nnodes 5\n" EVERYTHING "quiet 5s\nstop 40s\n", 1);
    expect_verdict(&c, "held");
    for (size_t i = 0; i < c.records_len; i++) {
        const struct record *record = &c.records[i];

        if (record->at_ns < quiet_ns)
            continue;
        cr_expect(record->kind != RECORD_EVENT ||
                      (record->detail != EVENT_ACTION && record->detail != EVENT_LOAD &&
                       record->detail != EVENT_CLIENT),
                  "an event of kind %" PRIu32 " at %" PRIu64, record->detail, record->at_ns);
        if (record->kind == RECORD_FATE && record->at_ns > quiet_ns)
            cr_expect(record->detail == NET_ON_ITS_WAY && record->a <= record->at_ns + MS);
    }
    cr_expect(c.run.expects.since_ns > quiet_ns - 2 * S);
    sim_case_release(&c);
}

/* A node that hears nobody, planted here as rules that no scenario could have. */
Test(quiet, a_cluster_that_does_not_converge_breaks)
{
    struct sim_case c;
    struct scn_rules down = {.set = SCN_RULE_DOWN};
    struct net_scope everywhere = {.everywhere = true};

    sim_case_start(&c, "scn 1\nnodes 5\nat 100ms inc n1\nquiet 1s\nstop 40s\n", 1);
    cr_assert(net_lay(&c.run.net, NET_NO_STMT, NET_NO_FAULT, &everywhere, &down, 0, false) == 0);
    run_all(&c.run);
    expect_verdict(&c, "broke expect: not converged within 3714ms of the quiet | expected 1 state "
                       "by 4.714s, found 2");
    sim_case_release(&c);
}

/* Every topology it gives a bound for, and bad networks: with margin. */
Test(quiet, the_bound_is_kept)
{
    static const char *const nodes[] = {"2", "3", "7", "30"}, *const fanouts[] = {"1", "3"},
                             *const losses[] = {"0%", "30%"},
                             *const peers[] = {"all", "ring 1", "ring 2 fixed"};
    uint64_t runs = 0, least_ratio = UINT64_MAX;

    for (size_t i = 0; i < 4 * 2 * 2 * 3; i++) {
        for (uint64_t seed = 1; seed <= 12; seed++) {
            char text[1024];
            struct sim_case c;
            uint64_t took;

            snprintf(text, sizeof(text),
                     "scn 1\nnodes %s\nnode fanout %s peers %s\nnet delay 10ms 5ms exp loss %s\n"
                     "load 60/s poisson inc 100%% on random(1)\nat 300ms partition halves\n"
                     "at 1s net loss 90%%\nquiet 3s\nstop 10000s\n",
                     nodes[i % 4], fanouts[i / 4 % 2], peers[i / 16 % 3], losses[i / 8 % 2]);
            sim_case_parse(&c, text);
            c.scn.stop_ns = c.scn.quiet.at_ns + c.scn.quiet.bound_ns; /* nothing happens later */
            sim_case_rerun(&c, seed);
            cr_assert(c.run.outcome.verdict == VERDICT_HELD, "%s seed %" PRIu64 ": %s %s", text,
                      seed, c.run.outcome.headline, c.run.outcome.label);
            took = c.run.expects.since_ns > 3 * S ? c.run.expects.since_ns - 3 * S : 0;
            if (took > 0 && c.scn.quiet.bound_ns / took < least_ratio)
                least_ratio = c.scn.quiet.bound_ns / took;
            runs++;
            sim_case_release(&c);
        }
    }
    printf("# %" PRIu64 " runs, each at least %" PRIu64 " times faster than the bound\n", runs,
           least_ratio);
    cr_expect(least_ratio >= 2 && least_ratio < 40);
}

static void expect_error(const char *body, const char *message)
{
    char text[512];
    struct parsed parsed;

    snprintf(text, sizeof(text), "scn 1\nnodes 5\n%s\n", body);
    parsed = parsed_of("a.scn", text, strlen(text), NULL);
    cr_expect(parsed.rc == -1 && parsed.diags.errors == 1 &&
                  strcmp(parsed.diags.list[0].text, message) == 0,
              "%s\nexpected: %s\nfound:\n%s", body, message, parsed.errors);
    parsed_release(&parsed);
}

Test(quiet, what_has_no_bound_is_an_error)
{
    static const char advice[] = "; end the faults one by one, and say 'expect converged within T "
                                 "of last fault'";
    static const struct {
        const char *body, *why;
    } cases[] = {
        {"net loss 100%", "the file's own rules lose every message"},
        {"link n1 -> n2 loss 100%", "the file's own rules lose every message"},
        {"link n1 -> n2 down", "the file's own rules keep links down"},
        {"node peers none", "with 'peers none' it is open who can reach whom"},
        {"node n1 peers random 2", "with 'peers random' it is open who can reach whom"},
        {"node n1 peers ring 2", "not all nodes have the same 'peers'"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char body[256], message[256];

        snprintf(body, sizeof(body), "%s\nquiet 1s\nstop 100s", cases[i].body);
        snprintf(message, sizeof(message), "no bound can be given for this quiet: %s%s",
                 cases[i].why, advice);
        expect_error(body, message);
    }
    expect_error(
        "quiet 1s\nstop 3s",
        "after this quiet the cluster may take until 4714ms to converge, and the run stops "
        "at 3s; stop it later, or let it be quiet earlier");
    expect_error("quiet 4s\nstop 3s", "4s is later than the stop at 3s (line 4)");
    expect_error("quiet 1s\nquiet 2s\nstop 30s", "a second 'quiet'; the first is in line 3");
}
