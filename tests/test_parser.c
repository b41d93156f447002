/* What statements come to: each form of them, and what is the same for all. */
#include "sim/scenario/scenario.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tests/lib_scenario.h"

#define MS UINT64_C(1000000)
#define S UINT64_C(1000000000)
#define PERCENT UINT64_C(10000000)

static void expect_range(struct scn_range range, uint64_t lo, uint64_t hi)
{
    cr_expect(range.lo == lo && range.hi == hi, "%" PRIu64 "..%" PRIu64, range.lo, range.hi);
}

static void expect_text(const char *found, const char *expected)
{
    cr_expect(strcmp(found, expected) == 0, "expected '%s', found '%s'", expected, found);
}

/* The statement of a body that has one; the default expectations follow it. */
static const struct scn_stmt *only(const struct parsed *parsed, enum scn_stmt_kind kind)
{
    cr_assert(parsed->scn.stmts_len >= 1);
    cr_assert(parsed->scn.stmts[0].kind == kind);
    return &parsed->scn.stmts[0];
}

/* The selector of "at 1s inc SEL", as kinds of terms: "n1..3 !g(n2..2) all". */
static void write_sel(FILE *out, const struct scn_sel *sel)
{
    static const char *const kinds[] = {"n", "g", "all", "up", "down", "rest", "random"};

    for (size_t i = 0; i < sel->len; i++) {
        const struct scn_term *term = &sel->terms[i];

        fprintf(out, "%s%s%s", i ? " " : "", term->minus ? "!" : "", kinds[term->kind]);
        if (term->kind == SCN_TERM_NODES)
            fprintf(out, "%u..%u", term->first, term->last);
        if (term->kind == SCN_TERM_RANDOM)
            fprintf(out, "[%" PRIu64 "..%" PRIu64 " %" PRIu64 "..%" PRIu64 "]", term->count,
                    term->count_max, term->share_ppb, term->share_max_ppb);
        if (term->of) {
            fputc('(', out);
            write_sel(out, term->of);
            fputc(')', out);
        }
    }
}

static void expect_sel(const struct scn_sel *sel, const char *expected)
{
    char found[512];
    FILE *out = fmemopen(found, sizeof(found), "w");

    cr_assert(out != NULL);
    write_sel(out, sel);
    fclose(out);
    expect_text(found, expected);
}

static void expect_selector(const char *text, const char *expected, const char *canonical)
{
    char body[512];
    struct parsed parsed;
    const struct scn_stmt *stmt;

    snprintf(body, sizeof(body), "group g = n1,n2\ngroup h = @g,!n2\nparam k = 3\nat 1s inc %s",
             text);
    parsed = parsed_body(body);
    stmt = only(&parsed, SCN_STMT_AT);
    expect_sel(&stmt->action.sel, expected);
    expect_text(stmt->action.sel.text, canonical);
    parsed_release(&parsed);
}

/* ---- the file ---- */

Test(parser, the_example_of_the_manual)
{
    struct parsed parsed =
        parsed_whole("scn 1                                  # partition.scn\n"
                     "param  nodes  = 5                      # override: -D nodes=300\n"
                     "param  fanout = 2\n"
                     "nodes  $nodes\n"
                     "node   sync 100ms  fanout $fanout\n"
                     "net    delay 20ms 5ms normal  loss 1%\n"
                     "at 500ms   inc n3 x5\n"
                     "at 500ms   inc n2 by 10 x2\n"
                     "at 1s      partition halves as split\n"
                     "at 1.5s    inc n3 x3\n"
                     "at 3s      heal split\n"
                     "expect  value of n3 == 8 on n3 at 2s   # n3 sees its own counts at once\n"
                     "expect  not converged at 2.9s          # the split is real\n"
                     "expect  converged within 2s of split   # measured from when the named ends\n"
                     "expect  value == 28 on all at end\n"
                     "stop    10s\n");
    const struct scenario *scn = &parsed.scn;

    cr_assert(scn->nodes == 5 && scn->stop_ns == 10 * S && scn->seeds.lo == 1 &&
              scn->seeds.hi == 1);
    cr_assert(scn->stmts_len == 12); /* and expect converged at end */
    cr_assert(scn->stop_pos.line == 16 && scn->stop_pos.col == 1 && scn->stop_pos.col_end == 5);
    cr_assert(scn->params_len == 2 && !scn->params[0].overridden);
    expect_text(scn->params[0].name, "nodes");
    expect_text(scn->params[0].value, "5");
    cr_assert(scn->names_len == 1 && scn->names[0].stmt == 4);
    expect_text(scn->names[0].name, "split");
    cr_assert(scn->stmts[6].action.name == 0 && scn->stmts[9].pred.of_name == 0);
    cr_assert(scn->stmts[9].pos.line == 14 && scn->stmts[9].arg_pos.col == 9 &&
              scn->stmts[9].arg_pos.col_end == 37);
    expect_text(scn->stmts[0].text, "node sync 100ms fanout $fanout");
    parsed_release(&parsed);
}

Test(parser, the_smallest_file)
{
    struct parsed parsed = parsed_whole("scn 1\nnodes 1\nstop 0s");

    cr_assert(parsed.scn.nodes == 1 && parsed.scn.stop_ns == 0 && parsed.scn.stmts_len == 2);
    cr_expect(parsed.errors_len == 0);
    parsed_release(&parsed);
    parsed_release(&parsed);
}

Test(parser, statements_may_stand_in_any_order)
{
    struct parsed parsed = parsed_whole("scn 1\nexpect converged at 3s\nat 2s heal later\n"
                                        "at 1s inc n4\nstop 3s\nseed 7\n"
                                        "at 1s partition halves as later\nnodes 4\n");

    cr_assert(parsed.scn.seeds.lo == 7 && parsed.scn.seeds.hi == 7);
    cr_assert(parsed.scn.names_len == 1 && parsed.scn.names[0].stmt == 3);
    cr_assert(parsed.scn.stmts[1].action.name == 0);
    parsed_release(&parsed);
}

/* ---- parameters ---- */

Test(param, each_type_of_value_is_accepted)
{
    struct parsed parsed = parsed_body("param a = 4k\nparam b = 1.5s\nparam c = 64KiB\n"
                                       "param d = 200ppm\nparam e = 10/s\nparam f = 10mbit\n"
                                       "param g = halves\nparam h = \"some text # no comment\"\n"
                                       "param i = 0.25%\nparam j = \"\"\nparam k = up");

    cr_assert(parsed.scn.params_len == 11);
    expect_text(parsed.scn.params[0].value, "4k");
    expect_text(parsed.scn.params[7].value, "some text # no comment");
    expect_text(parsed.scn.params[9].value, "");
    parsed_release(&parsed);
}

Test(param, is_used_wherever_a_token_stands)
{
    struct parsed parsed =
        parsed_body("param t = 1.5s\nparam shape = halves\nparam k = 2\nparam sel = all\n"
                    "param loss = 5%\nparam rate = 10/s\nparam dist = exp\nparam g = eu\n"
                    "group eu = n$k\nat $t inc n$k,n1..n$k,@$g by $k x$k\n"
                    "at $t..2s partition $shape for $t as part$k\nnet loss $loss delay 1ms $dist\n"
                    "load $rate even inc $loss on $sel");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    expect_range(stmts[0].when, 1500 * MS, 1500 * MS);
    expect_sel(&stmts[0].action.sel, "n2..2 n1..2 g(n2..2)");
    expect_text(stmts[0].action.sel.text, "n2,n1..n2,@eu");
    expect_range(stmts[0].action.by, 2, 2);
    cr_expect(stmts[0].action.times == 2);
    expect_text(stmts[0].text, "at $t inc n$k,n1..n$k,@$g by $k x$k");
    expect_range(stmts[1].when, 1500 * MS, 2 * S);
    cr_expect(stmts[1].action.cut.kind == SCN_CUT_HALVES);
    expect_text(parsed.scn.names[0].name, "part2");
    cr_expect(stmts[2].rules.dist == SCN_DIST_EXP);
    cr_expect(stmts[3].load.rate_per_s == 10);
    parsed_release(&parsed);
}

Test(param, is_replaced_by_the_command_line)
{
    static const char text[] = "scn 1\nparam n = 5\nparam s = \"a\"\nnodes $n\nstop 10s\n";
    static const char *const defines[] = {"n=300", "s=b c", NULL};
    struct parsed parsed = parsed_of("a.scn", text, strlen(text), defines);
    struct parsed as_written = parsed_whole("scn 1\nparam n = 300\nparam s = \"b c\"\nnodes $n\n"
                                            "stop 10s\n");

    cr_assert(parsed.rc == 0, "%s", parsed.errors);
    cr_expect(parsed.scn.nodes == 300 && parsed.scn.params[0].overridden);
    expect_text(parsed.scn.params[0].value, "300");
    expect_text(parsed.scn.params[1].value, "b c");
    cr_expect(parsed.scn.hash == as_written.scn.hash);
    parsed_release(&parsed);
    parsed_release(&as_written);
}

/* ---- selectors ---- */

Test(selector, each_kind_of_term)
{
    expect_selector("n3", "n3..3", "n3");
    expect_selector("n2..n5", "n2..5", "n2..n5");
    expect_selector("@g", "g(n1..1 n2..2)", "@g");
    expect_selector("@h", "g(g(n1..1 n2..2) !n2..2)", "@h");
    expect_selector("all", "all", "all");
    expect_selector("*", "all", "*");
    expect_selector("up,down, rest", "up down rest", "up,down,rest");
    expect_selector("n$k .. n5", "n3..5", "n3..n5");
}

Test(selector, terms_that_take_away)
{
    expect_selector("!n1", "!n1..1", "!n1");
    expect_selector("all , ! n1 , ! @g , !random(1)",
                    "all !n1..1 !g(n1..1 n2..2) !random[1..1 0..0]", "all,!n1,!@g,!random(1)");
}

Test(selector, random_terms)
{
    expect_selector("random(3)", "random[3..3 0..0]", "random(3)");
    expect_selector("random(1..4)", "random[1..4 0..0]", "random(1..4)");
    expect_selector("random ( 10% )", "random[0..0 100000000..100000000]", "random(10%)");
    expect_selector("random(10%..200000ppm)", "random[0..0 100000000..200000000]",
                    "random(10%..200000ppm)");
    expect_selector("random(2) of n1..n5,n1", "random[2..2 0..0](n1..5) n1..1",
                    "random(2) of n1..n5,n1");
    expect_selector("random(2) of ( n1 , @g , !n3 ) , n1",
                    "random[2..2 0..0](n1..1 g(n1..1 n2..2) !n3..3) n1..1",
                    "random(2) of (n1,@g,!n3),n1");
    expect_selector("random(1) of random(50%) of up",
                    "random[1..1 0..0](random[0..0 500000000..500000000](up))",
                    "random(1) of random(50%) of up");
    expect_selector("random(2) of !n1", "random[2..2 0..0](!n1..1)", "random(2) of !n1");
}

Test(selector, a_long_one_is_cut_in_messages)
{
    char body[4096] = "at 1s inc n1";
    struct parsed parsed;

    for (int i = 0; i < 500; i++)
        strcat(body, ",n2");
    parsed = parsed_body(body);

    cr_expect(strlen(parsed.scn.stmts[0].action.sel.text) == 203);
    cr_expect(parsed.scn.stmts[0].action.sel.len == 501);
    parsed_release(&parsed);
}

/* ---- node, net, link, load ---- */

Test(statement, node_sets_only_what_it_says)
{
    struct parsed parsed = parsed_body("node sync 100ms\nnode n1..n3 full 1s..2s fanout 1..3 "
                                       "inbox 4k service 40ms peers ring 2 fixed\n"
                                       "node down peers none\nnode peers random 1..2\n"
                                       "node n5 peers all\n"
                                       "node fanout 1024");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(!stmts[0].has_sel && stmts[0].node.set == SCN_NODE_SYNC);
    expect_range(stmts[0].node.sync_ns, 100 * MS, 100 * MS);
    cr_expect(stmts[1].has_sel);
    expect_sel(&stmts[1].sel, "n1..3");
    cr_expect(stmts[1].node.set == (SCN_NODE_FULL | SCN_NODE_FANOUT | SCN_NODE_INBOX |
                                    SCN_NODE_SERVICE | SCN_NODE_PEERS));
    expect_range(stmts[1].node.full_ns, S, 2 * S);
    expect_range(stmts[1].node.fanout, 1, 3);
    expect_range(stmts[1].node.inbox, 4000, 4000);
    expect_range(stmts[1].node.service_ns, 40 * MS, 40 * MS);
    cr_expect(stmts[1].node.peers == SCN_PEERS_RING && stmts[1].node.peers_fixed);
    expect_range(stmts[1].node.peers_count, 2, 2);
    expect_sel(&stmts[2].sel, "down");
    cr_expect(stmts[2].node.peers == SCN_PEERS_NONE);
    cr_expect(stmts[3].node.peers == SCN_PEERS_RANDOM && !stmts[3].node.peers_fixed);
    expect_range(stmts[3].node.peers_count, 1, 2);
    cr_expect(stmts[4].node.peers == SCN_PEERS_ALL && stmts[4].has_sel);
    parsed_release(&parsed);
}

Test(statement, net_and_link_lay_rules)
{
    struct parsed parsed =
        parsed_body("net delay 20ms 5ms 25% normal loss 1%..2%\nnet delay 5ms..15ms loss 5%\n"
                    "link n1,n2 <-> rest delay 5ms down\nlink n1 -> n5 loss 100%\nnet delay 5ms\n"
                    "net delay 5ms 1ms\nnet delay 5ms pareto\nnet delay 5ms..5ms");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].kind == SCN_STMT_NET &&
              stmts[0].rules.set == (SCN_RULE_DELAY | SCN_RULE_LOSS));
    cr_expect(stmts[0].rules.dist == SCN_DIST_NORMAL && stmts[0].rules.jitter == 5 * MS &&
              stmts[0].rules.corr_ppb == 25 * PERCENT);
    expect_range(stmts[0].rules.delay, 20 * MS, 20 * MS);
    expect_range(stmts[0].rules.loss_ppb, PERCENT, 2 * PERCENT);
    cr_expect(stmts[1].rules.dist == SCN_DIST_RANGE);
    expect_range(stmts[1].rules.delay, 5 * MS, 15 * MS);
    cr_expect(stmts[2].kind == SCN_STMT_LINK && stmts[2].link.both &&
              stmts[2].rules.set == (SCN_RULE_DELAY | SCN_RULE_DOWN));
    expect_sel(&stmts[2].link.from, "n1..1 n2..2");
    expect_sel(&stmts[2].link.to, "rest");
    cr_expect(!stmts[3].link.both && stmts[3].rules.loss_ppb.lo == SCN_PPB);
    cr_expect(stmts[4].rules.dist == SCN_DIST_UNIFORM && stmts[4].rules.jitter == 0);
    cr_expect(stmts[5].rules.dist == SCN_DIST_UNIFORM && stmts[5].rules.jitter == MS);
    cr_expect(stmts[6].rules.dist == SCN_DIST_PARETO && stmts[6].rules.jitter == 0);
    cr_expect(stmts[7].rules.dist == SCN_DIST_RANGE);
    parsed_release(&parsed);
}

Test(statement, load_is_of_the_selector_or_of_each)
{
    struct parsed parsed = parsed_body("load 20/s poisson inc 70% dec 30% on all from 100ms to 4s\n"
                                       "load 4k/s even each inc 0.25% on random(3)\n"
                                       "load 1/s even inc 1% on up from 1s..2s\n"
                                       "load 1/s even inc 1% on up to 2s..3s");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].kind == SCN_STMT_LOAD && stmts[0].load.rate_per_s == 20 &&
              stmts[0].load.poisson && !stmts[0].load.each);
    cr_expect(stmts[0].load.inc_ppb == 70 * PERCENT && stmts[0].load.dec_ppb == 30 * PERCENT);
    cr_expect(stmts[0].has_from && stmts[0].has_to);
    expect_range(stmts[0].from, 100 * MS, 100 * MS);
    expect_range(stmts[0].to, 4 * S, 4 * S);
    cr_expect(stmts[1].load.rate_per_s == 4000 && !stmts[1].load.poisson && stmts[1].load.each);
    cr_expect(stmts[1].load.inc_ppb == 2500000 && stmts[1].load.dec_ppb == 0);
    cr_expect(!stmts[1].has_from && !stmts[1].has_to);
    expect_range(stmts[1].to, 10 * S, 10 * S);
    expect_range(stmts[2].from, S, 2 * S);
    expect_range(stmts[3].to, 2 * S, 3 * S);
    parsed_release(&parsed);
}

/* ---- at, +, every ---- */

Test(statement, times_of_actions)
{
    struct parsed parsed = parsed_body("at 1s inc n1\nat 1s..2s inc n1\n+500ms inc n1\n"
                                       "+1ms..2ms inc n1\nevery 1s inc n1\n"
                                       "every 1s..2s from 1s to 5s..6s inc n1\nat 20s inc n1");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].kind == SCN_STMT_AT && stmts[2].kind == SCN_STMT_AFTER &&
              stmts[4].kind == SCN_STMT_EVERY);
    expect_range(stmts[0].when, S, S);
    expect_range(stmts[1].when, S, 2 * S);
    expect_range(stmts[2].when, 500 * MS, 500 * MS);
    expect_range(stmts[3].when, MS, 2 * MS);
    cr_expect(!stmts[4].has_from && !stmts[4].has_to);
    expect_range(stmts[4].to, 10 * S, 10 * S);
    expect_range(stmts[5].when, S, 2 * S);
    expect_range(stmts[5].from, S, S);
    expect_range(stmts[5].to, 5 * S, 6 * S);
    parsed_release(&parsed);
}

/* ---- actions ---- */

Test(action, clients_and_peers)
{
    struct parsed parsed = parsed_body("at 1s inc n1\nat 1s dec n1,n2 by 10 x2\n"
                                       "at 1s inc up by 1..5\nat 1s inc n1 x1000000\n"
                                       "at 1s meet n1 n2..n4\nat 1s meet random(2) of n1 n2");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].action.kind == SCN_INC && stmts[0].action.times == 1);
    expect_range(stmts[0].action.by, 1, 1);
    cr_expect(stmts[1].action.kind == SCN_DEC && stmts[1].action.times == 2);
    expect_range(stmts[1].action.by, 10, 10);
    expect_range(stmts[2].action.by, 1, 5);
    cr_expect(stmts[3].action.times == 1000000);
    cr_expect(stmts[4].action.kind == SCN_MEET);
    expect_sel(&stmts[4].action.sel, "n1..1");
    expect_sel(&stmts[4].action.other, "n2..4");
    expect_sel(&stmts[5].action.sel, "random[2..2 0..0](n1..1)");
    expect_sel(&stmts[5].action.other, "n2..2");
    parsed_release(&parsed);
}

Test(action, partitions_of_every_shape)
{
    static const struct {
        const char *text;
        enum scn_cut_kind kind;
        size_t sides;
    } cuts[] = {
        {"halves", SCN_CUT_HALVES, 0},           {"majority", SCN_CUT_MAJORITY, 0},
        {"thirds", SCN_CUT_THIRDS, 0},           {"ring", SCN_CUT_RING, 0},
        {"random", SCN_CUT_RANDOM, 0},           {"bridge n3", SCN_CUT_BRIDGE, 1},
        {"isolate n1,n2", SCN_CUT_ISOLATE, 1},   {"n1 | n2", SCN_CUT_SIDES, 2},
        {"n1 | n2,n3 | rest", SCN_CUT_SIDES, 3}, {"n1,n2 -> n4..n5", SCN_CUT_ONE_WAY, 2},
        {"random(2) | rest", SCN_CUT_SIDES, 2},  {"random \\\n (2) | n1", SCN_CUT_SIDES, 2},
        {"up -> down", SCN_CUT_ONE_WAY, 2},      {"!n1 | n1", SCN_CUT_SIDES, 2},
        {"all -> n1", SCN_CUT_ONE_WAY, 2},
    };

    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        char body[128];
        struct parsed parsed;
        const struct scn_action *action;

        snprintf(body, sizeof(body), "at 1s partition %s for 1s..2s as s", cuts[i].text);
        parsed = parsed_body(body);
        action = &only(&parsed, SCN_STMT_AT)->action;
        cr_expect(action->kind == SCN_PARTITION && action->cut.kind == cuts[i].kind, "%s", body);
        cr_expect(action->cut.sides_len == cuts[i].sides, "%s", body);
        cr_expect(action->has_for && action->name == 0);
        expect_range(action->for_ns, S, 2 * S);
        parsed_release(&parsed);
    }
}

Test(action, names_are_given_used_and_left_out)
{
    struct parsed parsed = parsed_body("at 1s partition halves\nat 2s heal\nat 3s release jam\n"
                                       "at 1s hold n1 <-> n2,n3 for 1s as jam\n"
                                       "at 2s hold n1 -> n2\nat 3s release n1 <-> n2\n"
                                       "at 3s release all -> rest");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].action.name == SCN_NO_NAME && !stmts[0].action.has_for);
    cr_expect(stmts[1].action.kind == SCN_HEAL && stmts[1].action.name == SCN_NO_NAME);
    cr_expect(stmts[2].action.kind == SCN_RELEASE && !stmts[2].action.has_link &&
              stmts[2].action.name == 0);
    cr_expect(parsed.scn.names_len == 1 && parsed.scn.names[0].stmt == 3);
    cr_expect(stmts[3].action.kind == SCN_HOLD && stmts[3].action.has_for &&
              stmts[3].action.link.both && stmts[3].action.name == 0);
    cr_expect(stmts[4].action.name == SCN_NO_NAME && !stmts[4].action.link.both);
    cr_expect(stmts[5].action.kind == SCN_RELEASE && stmts[5].action.has_link &&
              stmts[5].action.link.both && stmts[5].action.name == SCN_NO_NAME);
    expect_sel(&stmts[6].action.link.from, "all");
    parsed_release(&parsed);
}

Test(action, what_is_wrong_with_a_node_takes_a_for_and_then_a_name)
{
    static const char *const texts[] = {
        "disk n1 full",      "disk n1 slow 5ms",    "disk n1 torn 1%",     "disk n1 bitrot 1%",
        "disk n1 zeroed 1%", "disk n1 syncfail 1%", "disk n1 readfail 1%", "memory n1 fail 1%",
        "clock n1 skew -1s", "clock n1 drift +1%",
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char body[128];
        struct parsed parsed;
        const struct scn_action *action;

        snprintf(body, sizeof(body), "at 1s %s for 1s..2s as s", texts[i]);
        parsed = parsed_body(body);
        action = &only(&parsed, SCN_STMT_AT)->action;
        cr_expect(action->has_for && action->name == 0, "%s", body);
        expect_range(action->for_ns, S, 2 * S);
        cr_expect(!scn_is_unended(action) && !scn_calls_off(action), "%s", body);
        parsed_release(&parsed);

        snprintf(body, sizeof(body), "at 1s %s for 1s", texts[i]);
        parsed = parsed_body(body);
        action = &only(&parsed, SCN_STMT_AT)->action;
        cr_expect(action->has_for && action->name == SCN_NO_NAME, "%s", body);
        parsed_release(&parsed);

        snprintf(body, sizeof(body), "at 1s %s", texts[i]);
        parsed = parsed_body(body);
        action = &only(&parsed, SCN_STMT_AT)->action;
        cr_expect(!action->has_for && scn_is_unended(action), "%s", body);
        parsed_release(&parsed);
    }
}

Test(action, rules_and_message_scripts)
{
    struct parsed parsed = parsed_body("at 1s net delay 1ms 1ms pareto for 1s\nat 1s net reset\n"
                                       "at 1s link n1 <-> n2 down for 1s..2s\n"
                                       "at 1s drop next 3 n2 -> n3\nat 1s drop while 1s..2s n1 -> "
                                       "n2\nat 1s delay next 2..4 n3 -> n1 by 200ms..1s\n"
                                       "at 1s net reset loss 5%");
    const struct scn_stmt *stmts = parsed.scn.stmts;

    cr_expect(stmts[0].action.kind == SCN_NET && stmts[0].action.has_for &&
              stmts[0].action.rules.dist == SCN_DIST_PARETO);
    cr_expect(stmts[1].action.rules.set == SCN_RULE_RESET && !stmts[1].action.has_for);
    cr_expect(stmts[2].action.kind == SCN_LINK && stmts[2].action.has_link &&
              stmts[2].action.rules.set == SCN_RULE_DOWN);
    expect_range(stmts[2].action.for_ns, S, 2 * S);
    cr_expect(stmts[3].action.kind == SCN_DROP && stmts[3].action.has_next);
    expect_range(stmts[3].action.next, 3, 3);
    cr_expect(!stmts[4].action.has_next);
    expect_range(stmts[4].action.while_ns, S, 2 * S);
    cr_expect(stmts[5].action.kind == SCN_DELAY);
    expect_range(stmts[5].action.next, 2, 4);
    expect_range(stmts[5].action.by, 200 * MS, S);
    cr_expect(stmts[6].action.rules.set == (SCN_RULE_RESET | SCN_RULE_LOSS));
    parsed_release(&parsed);
}

/* ---- predicates ---- */

static struct scn_pred pred_of(struct parsed *parsed, const char *text)
{
    *parsed = parsed_body(text);
    return parsed->scn.stmts[parsed->scn.stmts[0].kind == SCN_STMT_AT ? 1 : 0].pred;
}

Test(predicate, converged)
{
    struct parsed parsed;
    struct scn_pred pred = pred_of(&parsed, "expect converged");

    cr_expect(pred.kind == SCN_PRED_CONVERGED && !pred.negated && pred.at_end && !pred.on &&
              pred.at_ns == 10 * S);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect not converged on n1,n2 at 3s");
    cr_expect(pred.negated && !pred.at_end && pred.at_ns == 3 * S);
    expect_sel(pred.on, "n1..1 n2..2");
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect converged at end");
    cr_expect(pred.at_end);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "always converged on n1");
    cr_expect(!pred.at_end && pred.on);
    parsed_release(&parsed);
}

Test(predicate, converged_within)
{
    struct parsed parsed;
    struct scn_pred pred = pred_of(&parsed, "expect converged within 2s of heal");

    cr_expect(pred.kind == SCN_PRED_WITHIN && pred.within_ns == 2 * S &&
              pred.of_kind == SCN_OF_HEAL && pred.of_name == SCN_NO_NAME);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect converged within 2s of last fault");
    cr_expect(pred.of_kind == SCN_OF_LAST_FAULT);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect converged within 2s of 8s");
    cr_expect(pred.of_kind == SCN_OF_TIME && pred.of_ns == 8 * S);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "at 1s hold n1 -> n2 for 1s as jam\nexpect converged within 0s of jam");
    cr_expect(pred.of_kind == SCN_OF_NAME && pred.of_name == 0 && pred.within_ns == 0);
    parsed_release(&parsed);
}

Test(predicate, comparisons)
{
    static const char *const cmps[] = {"==", "!=", "<", "<=", ">", ">="};
    static const char *const metrics[] = {"value",   "distinct", "messages", "bytes",
                                          "dropped", "pushes",   "queue"};

    for (size_t i = 0; i < 7; i++) {
        for (size_t j = 0; j < 6; j++) {
            char body[128];
            struct parsed parsed;
            struct scn_pred pred;

            snprintf(body, sizeof(body), "expect %s %s 4k on all at 2s", metrics[i], cmps[j]);
            pred = pred_of(&parsed, body);
            cr_expect(pred.kind == SCN_PRED_METRIC && pred.metric == (enum scn_metric)i &&
                      pred.cmp == (enum scn_cmp)j && pred.value == 4000 && pred.at_ns == 2 * S);
            expect_text(scn_metric_text(pred.metric), metrics[i]);
            expect_text(scn_cmp_text(pred.cmp), cmps[j]);
            parsed_release(&parsed);
        }
    }
}

Test(predicate, values)
{
    struct parsed parsed;
    struct scn_pred pred = pred_of(&parsed, "expect value == -5 +- 250% at 1s on n1");

    cr_expect(pred.value == 5 && pred.value_negative && pred.tolerance_ppb == 250 * PERCENT);
    cr_expect(pred.on && pred.at_ns == S);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect value != +5 +- 5%");
    cr_expect(pred.value == 5 && !pred.value_negative && pred.cmp == SCN_NE);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect value == -0");
    cr_expect(pred.value == 0 && !pred.value_negative);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect bytes < 1.5KiB");
    cr_expect(pred.value == 1536);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect value of n1 == oracle on n2");
    cr_expect(pred.oracle && pred.at_end);
    expect_sel(pred.of, "n1..1");
    parsed_release(&parsed);
    pred = pred_of(&parsed, "expect value of random(1) of (n1,n2) > 0");
    expect_sel(pred.of, "random[1..1 0..0](n1..1 n2..2)");
    parsed_release(&parsed);
}

/* Of a value, "of" says whose counts; of all else it says where. */
Test(predicate, of_is_where_unless_it_is_whose)
{
    struct parsed parsed;
    struct scn_pred pred = pred_of(&parsed, "expect messages of n3 < 5");

    cr_expect(!pred.of);
    expect_sel(pred.on, "n3..3");
    parsed_release(&parsed);
    pred = pred_of(&parsed, "always queue of (n1,n2) <= 4");
    expect_sel(pred.on, "n1..1 n2..2");
    parsed_release(&parsed);
}

Test(predicate, never)
{
    struct parsed parsed;
    struct scn_pred pred = pred_of(&parsed, "never value of n1 decrease on all");

    cr_expect(pred.kind == SCN_PRED_DECREASE && pred.of && pred.on);
    parsed_release(&parsed);
    pred = pred_of(&parsed, "never distinct > 3");
    cr_expect(pred.kind == SCN_PRED_METRIC && !pred.at_end);
    parsed_release(&parsed);
}

/* ---- defaults ---- */

static void expect_implied(const char *body, const char *first, const char *second)
{
    struct parsed parsed = parsed_body(body);
    const char *const expected[] = {first, second};
    size_t at = 0;

    for (size_t i = 0; i < parsed.scn.stmts_len; i++) {
        const struct scn_stmt *stmt = &parsed.scn.stmts[i];

        if (!stmt->implied)
            continue;
        cr_assert(at < 2 && expected[at] != NULL, "%s: %s", body, stmt->text);
        expect_text(stmt->text, expected[at++]);
        cr_expect(stmt->kind == SCN_STMT_EXPECT && stmt->pred.at_end && stmt->key != 0);
        cr_expect(stmt->pred.at_ns == 10 * S && stmt->pos.line == parsed.scn.stop_pos.line);
    }
    cr_expect(at == 2 || expected[at] == NULL, "%s: %s is missing", body, expected[at]);
    parsed_release(&parsed);
}

static const char converged_at_end[] = "expect converged at end";
static const char value_at_end[] = "expect value == oracle at end";

Test(defaults, convergence_and_value_are_required_of_the_end)
{
    expect_implied("", converged_at_end, value_at_end);
    expect_implied("always converged\nnever value decrease", converged_at_end, value_at_end);
    expect_implied("expect messages > 5\nexpect distinct == 1", converged_at_end, value_at_end);
    expect_implied("expect p99 converged < 1s", converged_at_end, value_at_end);
}

Test(defaults, what_speaks_of_the_end_takes_their_place)
{
    expect_implied("expect converged", value_at_end, NULL);
    expect_implied("expect converged at end", value_at_end, NULL);
    expect_implied("expect not converged", value_at_end, NULL);
    expect_implied("expect converged at 10s", value_at_end, NULL); /* the stop */
    expect_implied("expect value == 5", converged_at_end, NULL);
    expect_implied("expect value == 5 at 10s", converged_at_end, NULL);
    expect_implied("expect value > 3", converged_at_end, NULL);
    expect_implied("expect value != oracle", converged_at_end, NULL);
    expect_implied("expect converged\nexpect value == 5", NULL, NULL);
}

Test(defaults, what_speaks_of_another_time_does_not)
{
    expect_implied("expect converged at 1s", converged_at_end, value_at_end);
    expect_implied("expect converged at 9999999999ns", converged_at_end, value_at_end);
    expect_implied("expect not converged at 1s", converged_at_end, value_at_end);
    expect_implied("expect converged within 1s of heal", converged_at_end, value_at_end);
    expect_implied("expect converged within 1s of last fault", converged_at_end, value_at_end);
    expect_implied("expect converged within 5s of 5s", converged_at_end, value_at_end);
    expect_implied("expect value == 0 at 500ms", converged_at_end, value_at_end);
    expect_implied("expect value == oracle at 500ms", converged_at_end, value_at_end);
}

Test(defaults, what_speaks_of_a_part_does_not)
{
    expect_implied("expect converged on n1,n2", converged_at_end, value_at_end);
    expect_implied("expect converged on n1..n4\nexpect converged on n5", converged_at_end,
                   value_at_end);
    expect_implied("expect not converged on n1,n2", converged_at_end, value_at_end);
    expect_implied("expect value == 5 on n1", converged_at_end, value_at_end);
    expect_implied("expect value == 5 on random(5)", converged_at_end, value_at_end);
    expect_implied("expect value == 5 on down", converged_at_end, value_at_end);
    expect_implied("expect value of n3 == 5", converged_at_end, value_at_end);
    expect_implied("expect value of all == 5", converged_at_end, value_at_end);
    expect_implied("expect value == 5 on n1..n4\nexpect value == 8 on n5 at 9s", converged_at_end,
                   value_at_end);
}

Test(defaults, parts_that_come_to_all_do)
{
    expect_implied("expect converged on all", value_at_end, NULL);
    expect_implied("expect converged on n5,n1..n4", value_at_end, NULL);
    expect_implied("expect converged on up", value_at_end, NULL);
    expect_implied("expect value == 5 on all", converged_at_end, NULL);
    expect_implied("expect value == 5 on *,n3", converged_at_end, NULL);
    expect_implied("group west = n1..n3\nexpect value == 5 on @west\nexpect value == 8 on !@west",
                   converged_at_end, NULL);
    expect_implied("expect value == 5 on n1..n4\nexpect value == 8 on n5", converged_at_end, NULL);
}

Test(words, of_actions)
{
    expect_text(scn_action_text(SCN_INC), "inc");
    expect_text(scn_action_text(SCN_PARTITION), "partition");
    expect_text(scn_action_text(SCN_DELAY), "delay");
}
