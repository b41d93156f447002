/* From a run to a record, and from that to a line. */
#include "sim/campaign/runinfo.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "sim/campaign/cause.h"
#include "sim/text.h"
#include "sim/choose.h"

const char *runinfo_verdict_text(enum runinfo_verdict verdict)
{
    static const char *const words[RUNINFO_VERDICTS] = {
        [RUNINFO_HELD] = "held",
        [RUNINFO_BROKE] = "broke",
        [RUNINFO_UNKNOWN] = "unknown",
        [RUNINFO_INTERNAL] = "internal",
    };

    return words[verdict];
}

void runinfo_of(struct runinfo *ret, const struct run *run, enum runinfo_verdict verdict,
                bool lines)
{
    const struct outcome *outcome = &run->outcome;
    const char *reason = reason_text(outcome->reason);
    u128 lost = cluster_lost(&run->cluster);

    *ret = (struct runinfo){
        .verdict = verdict,
        .nodes = run->scn->nodes,
        .ended = true,
        .converged = run->expects.ever,
        .together = run->expects.converged,
        .converged_ns = run->expects.since_ns,
        .sim_ns = run->world.now_ns,
        .events = run->world.events,
        .trace_hash = run->world.trace.hash,
        .unseed = run->world.choose.unseed,
        .lost = lost < UINT64_MAX ? (uint64_t)lost : UINT64_MAX,
    };
    if (verdict == RUNINFO_HELD)
        return;
    if (outcome->stmt != UINT32_MAX)
        ret->line = outcome->pos.line ? outcome->pos.line : run->scn->stmts[outcome->stmt].pos.line;
    snprintf(ret->reason, sizeof(ret->reason), "%s", reason ? reason : "");
    cause_of(ret->cause, sizeof(ret->cause), ret->reason, outcome->headline, lines ? ret->line : 0);
}

void runinfo_lost(struct runinfo *ret, enum runinfo_verdict verdict, const char *reason,
                  const char *cause)
{
    *ret = (struct runinfo){.verdict = verdict};
    snprintf(ret->reason, sizeof(ret->reason), "%s", reason);
    snprintf(ret->cause, sizeof(ret->cause), "%s: %s", reason, cause);
}

bool runinfo_shrinks(const struct runinfo *info)
{
    return info->verdict == RUNINFO_BROKE ||
           (info->verdict == RUNINFO_INTERNAL &&
            strcmp(info->reason, reason_text(REASON_CONTRACT)) == 0);
}

static void text_or_null(FILE *out, const char *text)
{
    if (text && text[0])
        text_json(out, text);
    else
        fputs("null", out);
}

static void json_text(FILE *out, const char *name, const char *text)
{
    fprintf(out, "\"%s\":", name);
    text_or_null(out, text);
    fputc(',', out);
}

static void json_number(FILE *out, const char *name, bool known, uint64_t number)
{
    if (known)
        fprintf(out, "\"%s\":%" PRIu64 ",", name, number);
    else
        fprintf(out, "\"%s\":null,", name);
}

static void json_hash(FILE *out, const char *name, bool known, uint64_t hash)
{
    if (known)
        fprintf(out, "\"%s\":\"%016" PRIx64 "\",", name, hash);
    else
        fprintf(out, "\"%s\":null,", name);
}

void runinfo_json(FILE *out, const struct runinfo *info, const char *scenario, uint64_t seed,
                  const char *command)
{
    fputs("{\"schema\":1,", out);
    json_text(out, "scenario", scenario);
    json_number(out, "model", true, DCSIM_MODEL);
    json_number(out, "seed", true, seed);
    /* As in the objects of single runs: there are three, and the reason says the rest. */
    json_text(
        out, "verdict",
        runinfo_verdict_text(info->verdict == RUNINFO_INTERNAL ? RUNINFO_BROKE : info->verdict));
    json_text(out, "reason", info->reason);
    json_text(out, "cause", info->cause);
    json_number(out, "line", info->line > 0, info->line);
    json_number(out, "nodes", info->ended, info->nodes);
    json_number(out, "sim_ns", info->ended, info->sim_ns);
    json_number(out, "events", info->ended, info->events);
    json_number(out, "converged_ns", info->ended && info->converged, info->converged_ns);
    json_number(out, "acknowledged_lost", info->ended, info->lost);
    json_hash(out, "trace_hash", info->ended, info->trace_hash);
    json_hash(out, "unseed", info->ended, info->unseed);
    fputs("\"command\":", out);
    text_or_null(out, command);
    fputs("}\n", out);
}
