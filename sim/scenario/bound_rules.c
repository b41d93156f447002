/* What a file says of its links, as far as a bound depends on it. */
#include "core/types.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/scenario.h"
#include "sim/wide.h"

static void take_more(uint64_t *largest, uint64_t value, bool for_all)
{
    if (for_all || value > *largest)
        *largest = value;
}

/* @a * @b / @c, saturated. */
static uint64_t share_of(uint64_t a, uint64_t b, uint64_t c)
{
    u128 result = (u128)a * b / c;

    return result > UINT64_MAX ? DC_TIME_NEVER : (uint64_t)result;
}

/* Deviations of the jitter, in thousandths and rounded up; RANGE has its own way. */
static const uint64_t deviations[][BOUND_LATES] = {
    [SCN_DIST_UNIFORM] = {875, 993, 1000, 1000},
    [SCN_DIST_NORMAL] = {1560, 2680, 4770, 6000},
    [SCN_DIST_EXP] = {1773, 4546, 12863, 26726},
    [SCN_DIST_PARETO] = {1178, 5600, 115600, 11917000},
};

/* What all but so many messages keep. */
static uint64_t delay_of(const struct scn_rules *rules, enum bound_late late)
{
    uint64_t span = rules->delay.hi - rules->delay.lo;

    if (rules->dist != SCN_DIST_RANGE)
        return dc_time_add(rules->delay.hi,
                           share_of(rules->jitter, deviations[rules->dist][late], 1000));
    return late == BOUND_LATE_16TH    ? rules->delay.hi - span / 16
           : late == BOUND_LATE_256TH ? rules->delay.hi - span / 256
                                      : rules->delay.hi;
}

/* Over a long time; where what is called a burst loses less, at any time. */
static uint64_t mean_loss(const struct scn_rules *rules)
{
    const struct scn_bursts *bursts = &rules->bursts;
    uint64_t changes = bursts->to_bad + bursts->to_good, bad;

    if (!rules->has_bursts)
        return rules->loss_ppb.hi;
    if (bursts->to_bad == 0 || bursts->good >= bursts->bad)
        return bursts->good;
    bad = share_of(SCN_PPB, bursts->to_bad, changes);
    return dc_time_add(share_of(bursts->bad, bad, SCN_PPB),
                       share_of(bursts->good, SCN_PPB - bad, SCN_PPB));
}

/* A link that was bad, or good, is so in the next slot with 1 - p - r more than the mean. */
static uint64_t lasting_of(const struct scn_bursts *bursts)
{
    uint64_t changes = bursts->to_bad + bursts->to_good;

    return changes < SCN_PPB ? SCN_PPB - changes : changes - SCN_PPB;
}

static void take_loss(struct bound_input *input, const struct scn_rules *rules, bool for_all)
{
    const struct scn_bursts *bursts = &rules->bursts;
    bool differ = rules->has_bursts && bursts->to_bad > 0 && bursts->bad > bursts->good;

    take_more(&input->loss_ppb, mean_loss(rules), for_all);
    take_more(&input->burst_ppb, differ ? bursts->bad - bursts->good : 0, for_all);
    take_more(&input->lasting_ppb, differ ? lasting_of(bursts) : 0, for_all);
}

static void take_rules(struct bound_input *input, const struct scn_stmt *stmt)
{
    bool for_all = stmt->kind == SCN_STMT_NET;

    for (int late = 0; (stmt->rules.set & SCN_RULE_DELAY) && late < BOUND_LATES; late++)
        take_more(&input->delay_ns[late], delay_of(&stmt->rules, (enum bound_late)late), for_all);
    if (stmt->rules.set & SCN_RULE_DELAY)
        take_more(&input->corr_ppb, stmt->rules.corr_ppb, for_all);
    if (stmt->rules.set & SCN_RULE_LOSS)
        take_loss(input, &stmt->rules, for_all);
    if (stmt->rules.set & SCN_RULE_DUP)
        take_more(&input->dup_ppb, stmt->rules.dup_ppb.hi, for_all);
    if (stmt->rules.set & SCN_RULE_CORRUPT) /* mostly nobody can read it */
        take_more(&input->corrupt_ppb, stmt->rules.corrupt_ppb.hi, for_all);
}

/* Of all links, or of some. Returns why there is no bound, or NULL. */
static const char *take_links(struct bound_input *input, const struct scn_stmt *stmts,
                              size_t stmts_len, enum scn_stmt_kind kind)
{
    const char *problem = NULL;

    for (size_t i = 0; i < stmts_len; i++) {
        if (stmts[i].kind != kind)
            continue;
        take_rules(input, &stmts[i]);
        if (stmts[i].rules.set & SCN_RULE_DOWN)
            problem = "the file's own rules keep links down";
        if (stmts[i].rules.set & SCN_RULE_RATE)
            problem = "the file's own rules limit a rate, and how much is sent is open";
    }
    if (input->loss_ppb >= SCN_PPB || input->corrupt_ppb >= SCN_PPB)
        problem = "the file's own rules lose every message";
    return problem;
}

const char *bound_take_links(struct bound_input *input, const struct scn_stmt *stmts,
                             size_t stmts_len)
{
    const char *net = take_links(input, stmts, stmts_len, SCN_STMT_NET);
    const char *link = take_links(input, stmts, stmts_len, SCN_STMT_LINK);

    return net ? net : link;
}
