/* Records as text: what -v and --verify show. */
#include <inttypes.h>
#include <string.h>

#include "core/env.h"
#include "core/err.h"
#include "core/message.h"
#include "sim/event.h"
#include "sim/forge.h"
#include "sim/net.h"
#include "sim/report.h"
#include "sim/text.h"

const char *event_text(uint32_t kind)
{
    static const char *const texts[EVENT_KINDS] = {
        [EVENT_FAULT_END] = "fault ends",
        [EVENT_ACTION] = "action",
        [EVENT_TICK] = "tick",
        [EVENT_CLIENT] = "client",
        [EVENT_LOAD] = "load",
        [EVENT_ARRIVE] = "arrive",
        [EVENT_SERVED] = "served",
        [EVENT_EXPECT] = "expect",
        [EVENT_DEADLINE] = "deadline",
        [EVENT_STOP] = "stop",
        [EVENT_QUIET] = "quiet",
        [EVENT_SHOW] = "show",
        [EVENT_WAKE] = "wake",
        [EVENT_SYNCED] = "synced",
        [EVENT_START] = "start again",
    };

    return kind < EVENT_KINDS ? texts[kind] : "?";
}

/* The statement whose key is @key, as "file:line: text". */
static void print_stmt(FILE *out, const struct report *report, uint64_t key)
{
    const struct scenario *scn = report->scn;

    for (size_t i = 0; key != 0 && i < scn->stmts_len; i++) {
        if (scn->stmts[i].key != key)
            continue;
        text_print(out, "  %s:%" PRIu32 ": %s", diags_name(report->source, scn->stmts[i].pos),
                   scn->stmts[i].pos.line, scn->stmts[i].text);
        return;
    }
}

static void print_node(FILE *out, uint32_t node)
{
    char text[16];

    if (node == RECORD_NO_NODE)
        text[0] = '\0';
    else
        snprintf(text, sizeof(text), "n%" PRIu32, node + 1);
    fprintf(out, "  %-7s", text);
}

static void print_message(FILE *out, const struct record *record, const char *arrow)
{
    fprintf(out, " %s n%" PRIu32 "  %s  digest %016" PRIx64 "  %" PRIu64 " bytes", arrow,
            record->peer + 1, message_kind_text((enum message_kind)record->detail), record->a,
            record->b);
}

static void print_fate(FILE *out, const struct report *report, const struct record *record)
{
    char time[TEXT_TIME_MAX];

    fprintf(out, " -> n%" PRIu32 "  %s", record->peer + 1,
            net_fate_text((enum net_fate)record->detail));
    if (record->detail == NET_ON_ITS_WAY)
        fprintf(out, ", arrives %s", text_time(time, record->a));
    print_stmt(out, report, record->b);
}

/* The columns behind time, word and node. */
static void print_rest(FILE *out, const struct report *report, const struct record *record)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_EVENT:
        print_stmt(out, report, record->a);
        break;
    case RECORD_SEND:
        print_message(out, record, "->");
        break;
    case RECORD_DELIVER:
        print_message(out, record, "<-");
        break;
    case RECORD_FATE:
    case RECORD_COPY:
    case RECORD_LOST:
        print_fate(out, report, record);
        break;
    case RECORD_REPLY:
        fprintf(out, "  %s %" PRIu64 "  %s", record->a == DC_INC ? "inc" : "dec", record->b,
                env_answer_text((enum env_answer)record->detail));
        break;
    case RECORD_STATE:
        fprintf(out, "  fingerprint %016" PRIx64 "%016" PRIx64, record->b, record->a);
        break;
    case RECORD_FAULT:
        fprintf(out, "  %s", record->detail ? "begins" : "ends");
        print_stmt(out, report, record->a);
        break;
    case RECORD_VERDICT:
        fprintf(out, "  %s", record->detail ? "holds" : "does not hold");
        print_stmt(out, report, record->a);
        break;
    case RECORD_LIFE:
        fprintf(out, "  %s  start %" PRIu64, host_life_text((enum host_life)record->detail),
                record->a);
        break;
    case RECORD_FLIP:
        fprintf(out, " <- n%" PRIu32 "  bit %" PRIu64 "  %s", record->peer + 1, record->a,
                record->detail ? "read all the same" : "not a valid frame");
        print_stmt(out, report, record->b);
        break;
    case RECORD_FORGE:
        fprintf(out, " -> n%" PRIu32 "  %s  %" PRIu64 " bytes", record->peer + 1,
                forge_wrong((enum scn_forge)record->detail), record->b);
        print_stmt(out, report, record->a);
        break;
    case RECORD_FORGED:
        fprintf(out, " <- n%" PRIu32 "  %s: %s", record->peer + 1,
                forge_wrong((enum scn_forge)record->detail),
                record->a == 0 ? "read" : err_text(-(int)record->a));
        print_stmt(out, report, record->b);
        break;
    case RECORD_SYNC:
        fprintf(out, "  %s  number %" PRIu64, record->detail ? "done" : "failed", record->a);
        break;
    }
}

static void print_time(FILE *out, uint64_t at_ns)
{
    fprintf(out, "%6" PRIu64 ".%09" PRIu64, at_ns / 1000000000, at_ns % 1000000000);
}

void report_draw(FILE *out, const struct run *run, uint64_t key, enum purpose purpose,
                 uint64_t value)
{
    print_time(out, run->world.now_ns);
    fprintf(out, "    draw                fix \"%s %016" PRIx64 "\" = %" PRIu64 "\n",
            choose_purpose_text(purpose), key, value);
}

void report_record(FILE *out, const struct report *report, const struct record *record)
{
    static const char *const words[] = {
        [RECORD_EVENT] = "",       [RECORD_SEND] = "send",   [RECORD_FATE] = "fate",
        [RECORD_DELIVER] = "take", [RECORD_LOST] = "lost",   [RECORD_REPLY] = "reply",
        [RECORD_STATE] = "state",  [RECORD_FAULT] = "fault", [RECORD_VERDICT] = "verdict",
        [RECORD_LIFE] = "life",    [RECORD_SYNC] = "sync",   [RECORD_COPY] = "copy",
        [RECORD_FLIP] = "flip",    [RECORD_FORGE] = "forge", [RECORD_FORGED] = "forged",
    };
    const char *word =
        record->kind == RECORD_EVENT ? event_text(record->detail) : words[record->kind];

    print_time(out, record->at_ns);
    fprintf(out, "  %s%-10s", record->kind == RECORD_EVENT ? "" : "  ", word);
    print_node(out, record->node);
    print_rest(out, report, record);
    fputc('\n', out);
}

static const char *level_text(enum env_level level)
{
    static const char *const texts[] = {
        [ENV_ERROR] = "error", [ENV_WARN] = "warn", [ENV_INFO] = "info", [ENV_DEBUG] = "debug"};

    return texts[level];
}

int report_level(const char *text)
{
    for (int level = ENV_ERROR; level <= ENV_DEBUG; level++)
        if (strcmp(level_text((enum env_level)level), text) == 0)
            return level;
    return -1;
}

static void print_fields(FILE *out, const struct run *run, const struct note *note)
{
    const struct env_fields *fields = note->fields;
    char sign = fields->side == DC_INC ? '+' : '-';
    char name[TEXT_NAME_MAX];

    if (fields->name != DC_NAME_NONE)
        fprintf(out, "  %s", text_name(name, &run->cluster.names, fields->name));
    if (note->event == ENV_RAISED)
        fprintf(out, " %c  %" PRIu64 " -> %" PRIu64, sign, fields->old, fields->now);
    if (note->event == ENV_CLIENT_REFUSED)
        fprintf(out, "  %c%" PRIu64, sign, fields->old);
    if (fields->peer != DC_NAME_NONE)
        fprintf(out, "  peer %s", text_name(name, &run->cluster.names, fields->peer));
    if (fields->err)
        fprintf(out, "  %s", err_text(fields->err));
}

void report_note(FILE *out, const struct run *run, const struct note *note)
{
    print_time(out, note->at_ns);
    fputs("    log       ", out);
    print_node(out, note->node);
    fprintf(out, "  %-5s  %s", level_text((enum env_level)note->level),
            env_event_text((enum env_event)note->event));
    print_fields(out, run, note);
    fputc('\n', out);
}
