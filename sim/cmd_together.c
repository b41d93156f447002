/* Claims about many runs. */
#include "sim/cmd_together.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd.h"
#include "sim/fatal.h"
#include "sim/text.h"
#include "sim/wide.h"

void together_init(struct together *ret, const struct scenario *scn)
{
    *ret = (struct together){0};
    for (size_t i = 0; scn && i < scn->stmts_len; i++)
        ret->hopes_len += scn->stmts[i].kind == SCN_STMT_SOMETIMES;
    ret->hopes = fatal_calloc(ret->hopes_len, sizeof(*ret->hopes));
}

void together_release(struct together *together)
{
    free(together->hopes);
    summary_release(&together->times);
    *together = (struct together){0};
}

/* In place of a time: it never converged, and nobody knows. */
#define TIME_NEVER UINT64_MAX
#define TIME_UNKNOWN (UINT64_MAX - 1)

/* Handed over: when it converged; then each "sometimes" in file order. */
void together_tell(FILE *extra, const struct run *run, int exit_code)
{
    bool held = exit_code == EXIT_HELD;
    uint64_t ns = exit_code == EXIT_UNKNOWN        ? TIME_UNKNOWN
                  : held && run->expects.converged ? run->expects.since_ns
                                                   : TIME_NEVER;

    fwrite(&ns, sizeof(ns), 1, extra);
    for (uint32_t i = 0; i < run->scn->stmts_len; i++)
        if (run->scn->stmts[i].kind == SCN_STMT_SOMETIMES)
            fputc(expects_held_once(&run->expects, i) ? '1' : '0', extra);
}

size_t together_add(struct together *together, uint64_t seed, int code, const char *told,
                    size_t len)
{
    uint64_t ns = code == EXIT_UNKNOWN ? TIME_UNKNOWN : TIME_NEVER;
    bool whole = len >= sizeof(ns) + together->hopes_len;

    if (whole)
        memcpy(&ns, told, sizeof(ns));
    for (size_t i = 0; whole && i < together->hopes_len; i++)
        together->hopes[i] = together->hopes[i] || told[sizeof(ns) + i] == '1';
    if (ns == TIME_UNKNOWN)
        together->unknown++;
    else
        summary_add_time(&together->times, ns);
    if (together->runs++ == 0 || seed > together->seed_last)
        together->seed_last = seed;
    return whole ? sizeof(ns) + together->hopes_len : 0;
}

/* ---- judging ---- */

static bool compares(enum scn_cmp cmp, uint64_t found, uint64_t value)
{
    switch (cmp) {
    case SCN_LT:
        return found < value;
    case SCN_LE:
        return found <= value;
    case SCN_GT:
        return found > value;
    case SCN_GE:
        return found >= value;
    case SCN_EQ:
    case SCN_NE:
        break; /* the parser takes none of these */
    }
    return false;
}

/* "loss=5% n=3"; to be freed. */
static char *swept_of(const struct report_command *command)
{
    const char *before = "";
    char *swept = NULL;
    size_t len;
    FILE *out = fatal_memstream(&swept, &len);

    for (size_t i = 0; i < command->defines_len; i++) {
        if (!command->defines[i].swept)
            continue;
        fprintf(out, "%s%s", before, command->defines[i].name);
        before = " ";
    }
    fatal_memstream_close(out, &swept);
    return swept;
}

/* "not in 40 runs with loss=5% n=3", the place in the file, and what repeats it. */
static void judge(const struct together_place *place, const char *level, const char *words,
                  struct together_claim *claim, uint64_t runs, uint64_t seed_last)
{
    const struct report *report = place->report;
    char *swept = swept_of(report->command);
    size_t size = strlen(words) + strlen(swept) + 64;
    char *headline = fatal_alloc(size);

    claim->swept = swept;
    if (place->judged)
        place->judged(place->ctx, claim);
    if (!claim->held) {
        snprintf(headline, size, "%s %" PRIu64 " runs%s%s", words, runs, swept[0] ? " with " : "",
                 swept);
        diag_show(place->out, report->source, claim->stmt->arg_pos, level, headline, claim->label);
        report_reproduce_all(place->out, report, place->word,
                             (struct scn_range){place->seed_first, seed_last});
    }
    free(headline);
    free(swept);
}

/* The nearest rank of all runs, if the @unknown ones were the first to converge, or never did. */
static uint64_t percentile(struct together *together, unsigned percent, uint64_t unknown,
                           bool first)
{
    size_t len;
    const uint64_t *times = summary_times(&together->times, &len);
    u128 rank = ((u128)len + unknown) * percent, before = first ? unknown : 0;

    rank = rank / 100 + (rank % 100 > 0);
    if (rank <= before)
        return 0;
    return rank - before <= len ? times[(size_t)(rank - before) - 1] : TIME_NEVER;
}

static uint64_t unknown_runs(const struct together *together, uint64_t asked)
{
    return together->unknown + (asked > together->runs ? asked - together->runs : 0);
}

/* expect p99 converged < 2s: of all runs, where one that failed never converged. */
static bool judge_time(struct together *together, const struct together_place *place,
                       const struct scn_stmt *stmt)
{
    unsigned percent = stmt->pred.metric == SCN_METRIC_P50_DELAY ? 50 : 99;
    char found[TEXT_TIME_MAX] = "never", wanted[TEXT_TIME_MAX], label[160];
    struct together_claim claim = {.stmt = stmt, .label = label};
    uint64_t unknown = unknown_runs(together, place->asked);
    uint64_t ns = percentile(together, percent, unknown, false);
    bool may_hold =
        compares(stmt->pred.cmp, percentile(together, percent, unknown, true), stmt->pred.value);

    claim.held = compares(stmt->pred.cmp, ns, stmt->pred.value);
    if (ns != TIME_NEVER)
        text_time(found, ns);
    text_time(wanted, stmt->pred.value);
    if (claim.held != may_hold)
        snprintf(label, sizeof(label),
                 "expected p%u %s %s, found %" PRIu64 " runs that are unknown%s", percent,
                 scn_cmp_text(stmt->pred.cmp), wanted, unknown,
                 unknown > together->unknown ? ", with those that were not made" : "");
    else
        snprintf(label, sizeof(label), "expected p%u %s %s, found %s", percent,
                 scn_cmp_text(stmt->pred.cmp), wanted, found);
    if (claim.held != may_hold) {
        claim.held = false;
        judge(place, "unknown", "not decided by", &claim, together->runs,
              unknown > together->unknown ? place->seed_first + (place->asked - 1)
                                          : together->seed_last);
        return true;
    }
    judge(place, "error", "not in", &claim, together->runs, together->seed_last);
    return claim.held;
}

unsigned together_judge_times(struct together *together, const struct together_place *place)
{
    const struct scenario *scn = place->report->scn;
    unsigned broke = 0;

    for (size_t i = 0; together->runs > 1 && i < scn->stmts_len; i++)
        if (scn->stmts[i].kind == SCN_STMT_CAMPAIGN)
            broke += !judge_time(together, place, &scn->stmts[i]);
    return broke;
}

static bool held_once(struct together *const *list, size_t len, size_t number)
{
    for (size_t i = 0; i < len; i++)
        if (list[i]->hopes[number])
            return true;
    return false;
}

unsigned together_judge_hopes(struct together *const *list, size_t len,
                              const struct together_place *place)
{
    const struct scenario *scn = place->report->scn;
    uint64_t runs = 0, seed_last = 0;
    size_t number = 0;
    unsigned never = 0;

    for (size_t i = 0; i < len; i++) {
        runs += list[i]->runs;
        seed_last = list[i]->seed_last > seed_last ? list[i]->seed_last : seed_last;
    }
    for (size_t i = 0; runs > 1 && i < scn->stmts_len; i++) {
        struct together_claim claim = {.stmt = &scn->stmts[i],
                                       .label = "expected in at least 1 run, found in 0"};

        if (scn->stmts[i].kind != SCN_STMT_SOMETIMES)
            continue;
        claim.held = held_once(list, len, number++);
        never += !claim.held;
        judge(place, "unknown", "in none of", &claim, runs, seed_last);
    }
    return never;
}
