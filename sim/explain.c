/* Words for what sim/diagnose.c has found. */
#include "sim/explain.h"

#include <inttypes.h>

#include "core/message.h"
#include "core/names.h"
#include "sim/text.h"

/* ---- statements ---- */

/* "line 5" */
static const char *place(char buf[static DIAG_PLACE_MAX], const struct report *report,
                         const struct run *run, uint32_t stmt)
{
    uint32_t of = run->outcome.stmt;
    struct scn_pos from = {0};

    if (of != UINT32_MAX)
        from = report->scn->stmts[of].pos;
    return diags_place(buf, report->source, report->scn->stmts[stmt].pos, from);
}

void explain_stmt(FILE *out, const struct report *report, const struct run *run, uint32_t stmt)
{
    char buf[DIAG_PLACE_MAX];

    fprintf(out, "%s: %s", place(buf, report, run, stmt), report->scn->stmts[stmt].text);
}

/* ---- the chain ---- */

static void print_sent(FILE *out, const struct cause_event *cause)
{
    char time[TEXT_TIME_MAX];

    if (cause->from != CAUSES_NONE)
        fprintf(out, ", sent at %s", text_time(time, cause->sent_ns));
}

static void print_sender(FILE *out, const struct cause_event *cause)
{
    const char *kind = message_kind_text(cause->kind_of_message);

    if (cause->from != CAUSES_NONE && cause->kind_of_message == 0)
        fprintf(out, "a forged frame as from n%" PRIu32, cause->from + 1);
    else if (cause->from != CAUSES_NONE)
        fprintf(out, "%s %s from n%" PRIu32, text_article(kind), kind, cause->from + 1);
    else
        fputs("a message", out);
}

static void print_message(FILE *out, const struct report *report, const struct run *run,
                          const struct cause_event *cause)
{
    switch (cause->fate) {
    case NET_DELIVERED:
        fprintf(out, "n%" PRIu32 " takes ", cause->node + 1);
        print_sender(out, cause);
        print_sent(out, cause);
        break;
    case NET_ON_ITS_WAY:
        print_sender(out, cause);
        fprintf(out, " waits in the inbox of n%" PRIu32, cause->node + 1);
        print_sent(out, cause);
        break;
    case NET_HELD:
    case NET_LOST_LOSS:
    case NET_LOST_DOWN:
    case NET_LOST_PARTITION:
    case NET_LOST_DROP:
    case NET_LOST_INBOX:
    case NET_LOST_STOPPED:
    case NET_LOST_CODEC:
    case NET_LOST_QUEUE:
    case NET_LOST_MEMORY:
    case NET_UNWRITTEN:
        print_sender(out, cause);
        fprintf(out, " to n%" PRIu32 " is %s", cause->node + 1, net_fate_text(cause->fate));
        print_sent(out, cause);
        break;
    }
    if (cause->held_stmt != NET_NO_STMT) {
        fputs(", held by ", out);
        explain_stmt(out, report, run, cause->held_stmt);
    }
    if (cause->fate_stmt != NET_NO_STMT) {
        fputs(" by ", out);
        explain_stmt(out, report, run, cause->fate_stmt);
    }
}

static void print_tick(FILE *out, const struct cause_event *cause)
{
    if (cause->late)
        fprintf(out, "a tick that n%" PRIu32 " no longer waits for", cause->node + 1);
    else
        fprintf(out, "%s tick of n%" PRIu32, cause->timer == NODE_TIMER_SYNC ? "sync" : "full push",
                cause->node + 1);
}

static void print_cause(FILE *out, const struct report *report, const struct run *run,
                        const struct cause_event *cause)
{
    char time[TEXT_TIME_MAX];

    fprintf(out, "event %" PRIu64 " at %s: ", cause->number, text_time(time, cause->at_ns));
    switch (cause->kind) {
    case EVENT_TICK:
        print_tick(out, cause);
        return;
    case EVENT_ARRIVE:
    case EVENT_SERVED:
        print_message(out, report, run, cause);
        return;
    case EVENT_CLIENT:
    case EVENT_LOAD:
        if (cause->node != CAUSES_NONE)
            fprintf(out, "a client of n%" PRIu32 ", ", cause->node + 1);
        break;
    case EVENT_FAULT_END:
        fputs("the end of ", out);
        break;
    case EVENT_WAKE:
        fprintf(out, "n%" PRIu32 " goes on after its pause", cause->node + 1);
        return;
    case EVENT_SYNCED:
        fprintf(out, "a sync of n%" PRIu32 " ends", cause->node + 1);
        return;
    case EVENT_START:
        fprintf(out, "n%" PRIu32 " tries again to start", cause->node + 1);
        return;
    case EVENT_STOP:
        fputs("the stop, when every state is looked at", out);
        return;
    case EVENT_ACTION:
    case EVENT_EXPECT:
    case EVENT_DEADLINE:
    case EVENT_QUIET:
    case EVENT_SHOW:
    case EVENT_KINDS:
        break;
    }
    if (cause->stmt != NET_NO_STMT)
        explain_stmt(out, report, run, cause->stmt);
}

/* What led to the event, the nearest cause first. */
static void print_causes(FILE *out, const struct report *report, const struct run *run,
                         const struct diagnosis *found)
{
    for (size_t i = 1; i < found->chain_len && i < DIAGNOSIS_CHAIN_MAX; i++) {
        if (i == DIAGNOSIS_CHAIN_MAX - 1 && found->chain_len > DIAGNOSIS_CHAIN_MAX)
            fprintf(out, "    <- %zu more\n", found->chain_len - DIAGNOSIS_CHAIN_MAX);
        fputs("    <- ", out);
        print_cause(out, report, run, &found->chain[i]);
        fputc('\n', out);
    }
}

/* ---- states ---- */

static bool differs(const struct pncounter *state, const struct pncounter *other, dc_name id)
{
    return other && (pncounter_total(state, id, DC_INC) != pncounter_total(other, id, DC_INC) ||
                     pncounter_total(state, id, DC_DEC) != pncounter_total(other, id, DC_DEC));
}

static void print_entry(FILE *out, const struct pncounter *state, uint32_t at)
{
    char name[TEXT_NAME_MAX];

    fputs(text_name(name, state->names, state->ids[at]), out);
    if (state->inc[at])
        fprintf(out, " +%" PRIu64, state->inc[at]);
    if (state->dec[at])
        fprintf(out, " -%" PRIu64, state->dec[at]);
}

/* "28  n1 +15, n2 +10, and 3 more"; what differs from @other (NULL: nothing) comes first. */
static void print_state(FILE *out, const struct pncounter *state, const struct pncounter *other)
{
    char text[TEXT_WIDE_MAX];
    uint32_t shown = 0;
    i128 value = 0;

    for (uint32_t i = 0; i < state->len; i++)
        value += (i128)state->inc[i] - (i128)state->dec[i];
    fputs(text_wide(text, value), out);
    for (int pass = 0; pass < 2; pass++) {
        for (uint32_t i = 0; i < state->len && shown < EXPLAIN_ENTRIES_SHOWN; i++) {
            if (differs(state, other, state->ids[i]) != (pass == 0))
                continue;
            fputs(shown++ == 0 ? "  " : ", ", out);
            print_entry(out, state, i);
        }
    }
    if (state->len > shown)
        fprintf(out, ", and %" PRIu32 " more", state->len - shown);
}

static void print_inbox(FILE *out, const struct host *host, uint32_t len)
{
    char time[TEXT_TIME_MAX];

    if (host->service_ns > 0)
        fprintf(out, "  inbox %" PRIu32 " of %" PRIu64 ", %s each", len, host->inbox_max,
                text_time_scn(time, host->service_ns));
}

static void print_witness(FILE *out, const struct run *run, const struct diagnosis *found,
                          const struct witness *it)
{
    const struct host *host = &run->cluster.hosts[it->node];
    bool same = pncounter_compare(&it->before, &it->after) == PNCOUNTER_EQUAL &&
                it->inbox_before == it->inbox_after;

    fprintf(out, "  n%" PRIu32 " before%s  ", it->node + 1,
            same && !found->before_only ? " and after" : "");
    print_state(out, &it->before, found->before_only ? NULL : &it->after);
    print_inbox(out, host, it->inbox_before);
    fputc('\n', out);
    if (same || found->before_only)
        return;
    fprintf(out, "  n%" PRIu32 " after   ", it->node + 1);
    print_state(out, &it->after, &it->before);
    print_inbox(out, host, it->inbox_after);
    fputc('\n', out);
}

static void print_others(FILE *out, const struct diagnosis *found)
{
    const struct other_state *meant = &found->meant;
    char time[TEXT_TIME_MAX];

    if (!meant->known)
        return;
    fprintf(out, "  n%" PRIu32 " %s in event %" PRIu64 " at %s: ", meant->node + 1,
            found->is_frame ? "meant" : "had the same digest", meant->number,
            text_time(time, meant->at_ns));
    print_state(out, &meant->state, found->decoded.known ? &found->decoded.state : NULL);
    fputc('\n', out);
    if (!found->decoded.known)
        return;
    fputs("  its frame says: ", out);
    print_state(out, &found->decoded.state, &meant->state);
    fputc('\n', out);
}

void explain_event(FILE *out, const struct report *report, const struct run *run,
                   const struct diagnosis *found)
{
    char time[TEXT_TIME_MAX];

    if (!found->has_event)
        return;
    if (!found->same) {
        fputs("  the run does not repeat itself, so what led to this is not known: see --verify\n",
              out);
        return;
    }
    if (!found->started) {
        fputs("  at the start, before any event\n", out);
        return;
    }
    fputs("  ", out);
    print_cause(out, report, run, &found->chain[0]);
    fputc('\n', out);
    if (found->witnesses_len > 0)
        print_witness(out, run, found, &found->witnesses[0]);
    print_others(out, found);
    print_causes(out, report, run, found);
    for (size_t i = 1; i < found->witnesses_len; i++)
        print_witness(out, run, found, &found->witnesses[i]);
    if (found->chain[0].number != run->world.events)
        fprintf(out, "  found in event %" PRIu64 " at %s, when the whole state was looked at\n",
                run->world.events, text_time(time, run->world.now_ns));
}

/* ---- sums ---- */

static void print_held(FILE *out, const struct report *report, const struct run *run)
{
    char time[TEXT_TIME_MAX];

    for (size_t i = 0; i < run->net.holds_len; i++) {
        const struct net_hold *hold = &run->net.holds[i];

        if (hold->len == 0)
            continue;
        fprintf(out, "  held: %zu message%s since %s by ", hold->len, hold->len == 1 ? "" : "s",
                text_time(time, run->timeline.faults[hold->fault].begin_ns));
        explain_stmt(out, report, run, hold->stmt);
        fputc('\n', out);
    }
}

static void print_full(FILE *out, const struct run *run, uint32_t node)
{
    const struct host *host = &run->cluster.hosts[node];
    char time[TEXT_TIME_MAX];

    fprintf(out, " (n%" PRIu32 ": inbox %" PRIu64 ", service %s)", node + 1, host->inbox_max,
            text_time_scn(time, host->service_ns));
}

/* "  lost: 12 partition (line 4)"; or those that were never @sent, in their own line. */
static void print_lost(FILE *out, const struct report *report, const struct run *run,
                       const struct tally *tally, bool sent)
{
    const char *word = sent ? "lost: " : "not sent: ";
    size_t ways = 0;
    char buf[DIAG_PLACE_MAX];

    for (size_t i = 0; i < tally->lost_len; i++) {
        const struct tally_lost *lost = &tally->lost[i];

        if ((lost->fate != NET_UNWRITTEN) != sent || ways++ >= EXPLAIN_LIST_SHOWN)
            continue;
        fprintf(out, "%s%s%" PRIu64 " %s", ways == 1 ? "  " : ", ", ways == 1 ? word : "",
                lost->count, net_loss_text(lost->fate));
        if (lost->node != UINT32_MAX)
            print_full(out, run, lost->node);
        else if (lost->stmt != NET_NO_STMT)
            fprintf(out, " (%s)", place(buf, report, run, lost->stmt));
    }
    if (ways > EXPLAIN_LIST_SHOWN)
        fprintf(out, ", and in %zu more ways", ways - EXPLAIN_LIST_SHOWN);
    if (ways > 0)
        fputc('\n', out);
}

/* "    n3 +5, line 10: at 500ms inc n3 x5" */
static void print_told(FILE *out, const struct report *report, const struct run *run,
                       const struct tally_told *told)
{
    u128 answered = told->told[ENV_OK] + told->told[ENV_REFUSED] + told->told[ENV_UNKNOWN];
    char text[TEXT_WIDE_MAX];

    fputs("    ", out);
    text_nodes(out, &told->nodes);
    fprintf(out, " %c%s", told->side == DC_INC ? '+' : '-',
            text_wide(text, (i128)told->told[ENV_OK]));
    if (told->told[ENV_REFUSED] > 0)
        fprintf(out, " (%s refused)", text_wide(text, (i128)told->told[ENV_REFUSED]));
    if (told->told[ENV_UNKNOWN] > 0)
        fprintf(out, " (%s unknown)", text_wide(text, (i128)told->told[ENV_UNKNOWN]));
    if (told->asked > answered)
        fprintf(out, " (%s unanswered)", text_wide(text, (i128)(told->asked - answered)));
    fputs(", ", out);
    explain_stmt(out, report, run, told->stmt);
    fputc('\n', out);
}

void explain_still(FILE *out, const struct report *report, const struct run *run,
                   const struct diagnosis *found)
{
    char buf[DIAG_PLACE_MAX], wide[TEXT_WIDE_MAX], time[TEXT_TIME_MAX];
    uint64_t lately_ns = run->world.now_ns - found->tally.lately_ns;

    for (uint32_t stmt = 0; stmt < run->scn->stmts_len; stmt++) {
        u128 lately = tally_goes_on(&found->tally, stmt, run->world.now_ns);

        if (lately > 0)
            fprintf(out, "  %s still adds operations, %s in the last %s: %s\n",
                    place(buf, report, run, stmt), text_wide(wide, (i128)lately),
                    text_time_scn(time, lately_ns), run->scn->stmts[stmt].text);
    }
}

/* "  sent: 120 pull (4440 bytes), 60 push (4380 bytes), 58 ack (1972 bytes)" */
static void print_sent_by_kind(FILE *out, const struct diagnosis *found)
{
    const char *comma = "  sent: ";

    for (size_t i = 0; i < sizeof(diagnosis_kinds) / sizeof(diagnosis_kinds[0]); i++) {
        fprintf(out, "%s%" PRIu64 " %s (%" PRIu64 " bytes)", comma, found->sent[i].messages,
                message_kind_text(diagnosis_kinds[i]), found->sent[i].bytes);
        comma = ", ";
    }
    fputc('\n', out);
}

/* Is it one of rules, of which others have taken the place since? */
static bool is_replaced(const struct run *run, uint32_t fault)
{
    const struct fault *it = &run->timeline.faults[fault];
    enum scn_action_kind kind = run->scn->stmts[it->stmt].action.kind;

    return (kind == SCN_NET || kind == SCN_LINK) && (!it->ends || it->active) &&
           !net_rules_show(&run->net, fault);
}

/*
 * "  faults: line 7 from 0.400s to 1.000s, line 9 from 1.000s on, line 8 at 2.000s",
 * the last that began. The last is a rule that others have replaced since.
 */
static void print_faults(FILE *out, const struct report *report, const struct run *run)
{
    const struct timeline *timeline = &run->timeline;
    uint32_t from =
        timeline->faults_len > EXPLAIN_LIST_SHOWN ? timeline->faults_len - EXPLAIN_LIST_SHOWN : 0;
    char buf[DIAG_PLACE_MAX], begin[TEXT_TIME_MAX], end[TEXT_TIME_MAX];

    if (timeline->faults_len == 0)
        return;
    fputs("  faults: ", out);
    if (from > 0)
        fprintf(out, "%" PRIu32 " before, then ", from);
    for (uint32_t i = from; i < timeline->faults_len; i++) {
        const struct fault *it = &timeline->faults[i];
        bool over = it->ends && !it->active;

        fprintf(out, "%s%s", i == from ? "" : ", ", place(buf, report, run, it->stmt));
        if (is_replaced(run, i)) {
            fprintf(out, " at %s", text_time(begin, it->begin_ns));
            continue;
        }
        fprintf(out, " from %s %s%s", text_time(begin, it->begin_ns), over ? "to " : "on",
                over ? text_time(end, it->end_ns) : "");
    }
    fputc('\n', out);
}

/* "  disks: line 4, line 6": what was done to them and met something, each statement once. */
static void print_disks(FILE *out, const struct report *report, const struct run *run)
{
    char buf[DIAG_PLACE_MAX];
    uint32_t found = 0;

    for (uint32_t i = 0; i < run->scn->stmts_len && found < EXPLAIN_LIST_SHOWN; i++) {
        const struct scn_stmt *stmt = &run->scn->stmts[i];

        if (!scn_acts(stmt) || stmt->action.kind != SCN_DISK || run->met[i].count == 0 ||
            stmt->action.disk == SCN_DISK_BACKUP || scn_calls_off(&stmt->action))
            continue;
        fprintf(out, "%s%s", found++ == 0 ? "  disks: " : ", ", place(buf, report, run, i));
    }
    if (found > 0)
        fputc('\n', out);
}

static void print_lost_counts(FILE *out, const struct run *run)
{
    u128 lost = cluster_lost(&run->cluster);
    char text[TEXT_WIDE_MAX];

    if (lost > 0)
        fprintf(out, "  lost with disks: %s of what clients were told is done\n",
                text_wide(text, (i128)lost));
}

static bool is_all_done(const struct tally_told *told)
{
    return told->asked == told->told[ENV_OK];
}

/* What was not done of what they asked for comes first. */
static void print_clients(FILE *out, const struct report *report, const struct run *run,
                          const struct tally *tally)
{
    char text[TEXT_WIDE_MAX];
    size_t shown = 0;
    i128 value = 0;

    if (tally->told_len == 0) {
        fputs("  no client asked for anything\n", out);
        return;
    }
    for (size_t i = 0; i < tally->told_len; i++)
        value += tally->told[i].side == DC_INC ? (i128)tally->told[i].told[ENV_OK]
                                               : -(i128)tally->told[i].told[ENV_OK];
    fprintf(out, "  clients were told ok, %s in all:\n", text_wide(text, value));
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < tally->told_len && shown < EXPLAIN_LIST_SHOWN; i++) {
            if (is_all_done(&tally->told[i]) != (pass == 1))
                continue;
            print_told(out, report, run, &tally->told[i]);
            shown++;
        }
    if (tally->told_len > shown)
        fprintf(out, "    and %zu more\n", tally->told_len - shown);
}

/* "  tried to leave in order for 1.000s at most (node leave): line 6: at 2s leave n1" */
static void print_gone(FILE *out, const struct report *report, const struct run *run)
{
    const struct host *host;
    char time[TEXT_TIME_MAX];

    if (!run->checks.gone)
        return;
    host = &run->cluster.hosts[run->checks.violation.node];
    if (host->config.leave_ns > 0)
        fprintf(out, "  tried to leave in order for %s at most (node leave): ",
                text_time(time, host->config.leave_ns));
    else
        fputs("  left: ", out);
    explain_stmt(out, report, run, host->ends_stmt);
    fputc('\n', out);
}

static bool is_of_sends(enum scn_metric metric)
{
    return metric == SCN_METRIC_MESSAGES || metric == SCN_METRIC_BYTES ||
           metric == SCN_METRIC_PUSHES;
}

/* Of a value it matters what clients were told; of convergence, that some still wait. */
static bool is_about_clients(const struct run *run, const struct scn_pred *pred)
{
    if (pred->kind == SCN_PRED_METRIC)
        return pred->metric == SCN_METRIC_VALUE;
    return run->cluster.open > 0 && !pred->negated &&
           (pred->kind == SCN_PRED_CONVERGED || pred->kind == SCN_PRED_WITHIN);
}

void explain_sums(FILE *out, const struct report *report, const struct run *run,
                  const struct diagnosis *found)
{
    const struct scn_pred *pred;
    char time[TEXT_TIME_MAX];

    if (run->outcome.reason == REASON_CHECK && found->same) {
        print_gone(out, report, run);
        print_faults(out, report, run);
        print_disks(out, report, run);
    }
    if (run->outcome.reason != REASON_EXPECT || !found->same)
        return;
    pred = &report->scn->stmts[run->outcome.stmt].pred;
    if (pred->kind == SCN_PRED_DECREASE ||
        report->scn->stmts[run->outcome.stmt].kind == SCN_STMT_SHOW)
        return;
    if (pred->kind == SCN_PRED_CONVERGED && pred->negated)
        fprintf(out, "  converged since %s\n", text_time(time, run->expects.since_ns));
    if (pred->kind == SCN_PRED_METRIC && is_of_sends(pred->metric))
        print_sent_by_kind(out, found);
    if (is_about_clients(run, pred)) {
        print_lost_counts(out, run);
        print_disks(out, report, run);
        print_clients(out, report, run, &found->tally);
    }
    print_faults(out, report, run);
    print_held(out, report, run);
    print_lost(out, report, run, &found->tally, true);
    print_lost(out, report, run, &found->tally, false);
}

void explain_idle(FILE *out, const struct report *report, const struct run *run,
                  const struct diagnosis *found)
{
    if (!found->same || found->idle_sent == 0)
        return;
    fprintf(out, "  while it was in force, %" PRIu64 " message%s sent, ", found->idle_sent,
            found->idle_sent == 1 ? " was" : "s were");
    if (found->idle_met == 0) {
        fputs("none of them over its links\n", out);
        return;
    }
    fprintf(out, "%" PRIu64 " of them over its links", found->idle_met);
    if (found->idle_other != NET_NO_STMT) {
        fputs(", but there another came first, ", out);
        explain_stmt(out, report, run, found->idle_other);
    }
    fputc('\n', out);
}
