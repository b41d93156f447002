/*
 * Lines by hand: a line of fixed fields is put together in place, so the buffer
 * has room for the longest of them before it begins.
 */
#include "sim/tracelines.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/env.h"
#include "core/err.h"
#include "core/message.h"
#include "sim/choose.h"
#include "sim/event.h"
#include "sim/fatal.h"
#include "sim/net.h"
#include "sim/put.h"
#include "sim/report.h"
#include "sim/run.h"
#include "sim/text.h"

/* A line without its raised entries, and one of these: more than they can take. */
#define LINE_MAX_BYTES 512u
#define RAISE_MAX_BYTES (6 * TEXT_NAME_MAX + 64)
/* The lines of many events. */
#define FIRST_BYTES ((size_t)128 << 10)

/* ---- values ---- */

/* A node by its number in the scenario. */
static inline char *put_node(char *at, const char *name, uint32_t node)
{
    return node == RECORD_NO_NODE ? at : put_field(at, name, (uint64_t)node + 1);
}

static char *put_stmt(const struct tracelines *lines, char *at, uint64_t key)
{
    size_t lo = 0, hi = lines->stmts_len;

    if (key == 0)
        return at;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (lines->stmts[mid].key < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (lo == lines->stmts_len || lines->stmts[lo].key != key)
        return at;
    return put_field(at, "stmt", lines->stmts[lo].index);
}

/* An id in quotes. Those of the scenario's nodes, which are nearly all, are their number. */
static char *put_id(const struct tracelines *lines, char *at, dc_name id)
{
    char name[TEXT_NAME_MAX];

    *at++ = '"';
    if (id < lines->run->scn->nodes) {
        *at++ = 'n';
        at = put_number(at, (uint64_t)id + 1);
    } else {
        text_name(name, &lines->run->cluster.names, id);
        for (const char *from = name; *from; from++) {
            if (*from == '"' || *from == '\\')
                *at++ = '\\';
            *at++ = *from;
        }
    }
    *at++ = '"';
    return at;
}

/* ---- lines ---- */

static void reserve(struct tracelines *lines, size_t len)
{
    if (lines->cap - lines->len >= len)
        return;
    while (lines->cap - lines->len < len)
        lines->cap = lines->cap ? lines->cap * 2 : FIRST_BYTES;
    lines->bytes = fatal_realloc(lines->bytes, lines->cap);
}

/* Time and event, which several lines in a row have in common. */
static void put_when(struct tracelines *lines, uint64_t at_ns)
{
    char *at = put_field(lines->when.text, "t", at_ns);

    at = put_field(at, "e", lines->events);
    lines->when.len = (size_t)(at - lines->when.text);
    lines->when.at_ns = at_ns;
    lines->when.event = lines->events;
}

/* A line begins: what every line has. */
static inline char *line_begin(struct tracelines *lines, uint64_t at_ns, const char *what)
{
    char *at;

    reserve(lines, LINE_MAX_BYTES);
    at = put(lines->bytes + lines->len, "{\"n\":");
    at = put_number(at, ++lines->lines);
    if (lines->when.len == 0 || lines->when.at_ns != at_ns || lines->when.event != lines->events)
        put_when(lines, at_ns);
    memcpy(at, lines->when.text, sizeof(lines->when.text)); /* a length that is known is faster */
    return put_word(at + lines->when.len, "ev", what);
}

static inline void line_end(struct tracelines *lines, char *at)
{
    at = put(at, "}\n");
    lines->len = (size_t)(at - lines->bytes);
}

static const char *loss_word(uint32_t fate)
{
    switch ((enum net_fate)fate) {
    case NET_LOST_LOSS:
        return "loss";
    case NET_LOST_DOWN:
        return "down";
    case NET_LOST_PARTITION:
        return "partition";
    case NET_LOST_DROP:
        return "drop";
    case NET_LOST_INBOX:
        return "inbox";
    case NET_LOST_STOPPED:
        return "stopped";
    case NET_LOST_CODEC:
        return "codec";
    case NET_LOST_QUEUE:
        return "queue";
    case NET_LOST_MEMORY:
        return "memory";
    case NET_UNWRITTEN:
        return "unwritten";
    case NET_ON_ITS_WAY:
    case NET_DELIVERED:
    case NET_HELD:
        break;
    }
    return "?";
}

static char *put_message(char *at, const struct record *record)
{
    at = put_word(at, "kind", message_kind_text((enum message_kind)record->detail));
    at = put_key(at, "digest", record->a);
    return put_field(at, "bytes", record->b);
}

/* The key of the copy that arrives: sim/net.c makes it so. */
static uint64_t copy_of(uint64_t message, uint32_t copy)
{
    return key_with(key_with(key_root(CAUSE_COPY), message), copy);
}

/* What became of a copy as it was sent. */
static char *put_fate(struct tracelines *lines, char *at, const struct record *fate, uint32_t copy)
{
    if (fate->detail == NET_ON_ITS_WAY)
        at = put_key(put_field(at, "arrives", fate->a), "copy", copy_of(fate->key, copy));
    else if (fate->detail == NET_HELD)
        at = put_key(put(at, ",\"held\":true"), "copy", copy_of(fate->key, copy));
    else
        at = put_word(at, "lost", loss_word(fate->detail));
    return put_stmt(lines, at, fate->b);
}

/* A duplicate of the message that was sent last. */
static void line_duplicate(struct tracelines *lines, const struct record *fate)
{
    char *at = line_begin(lines, fate->at_ns, "duplicate");

    at = put_key(at, "key", fate->key);
    at = put_node(at, "from", fate->node);
    at = put_node(at, "to", fate->peer);
    line_end(lines, put_fate(lines, at, fate, 1));
}

static void line_send(struct tracelines *lines, const struct record *sent,
                      const struct record *fate)
{
    char *at = line_begin(lines, sent->at_ns, "send");

    at = put_key(at, "key", sent->key);
    at = put_node(at, "from", sent->node);
    at = put_node(at, "to", sent->peer);
    at = put_message(at, sent);
    line_end(lines, put_fate(lines, at, fate, 0));
}

static void line_forge(struct tracelines *lines, const struct record *sent,
                       const struct record *fate)
{
    char *at = line_begin(lines, sent->at_ns, "forge");

    at = put_key(at, "key", sent->key);
    at = put_node(at, "from", sent->node);
    at = put_node(at, "to", sent->peer);
    at = put_word(at, "wrong", scn_forge_text((enum scn_forge)sent->detail));
    at = put_field(at, "bytes", sent->b);
    line_end(lines, put_fate(lines, at, fate, 0));
}

static void line_forged(struct tracelines *lines, const struct record *record, bool waited)
{
    char *at = line_begin(lines, record->at_ns, "forged");

    at = put_key(at, "key", record->key);
    at = put_node(at, "from", record->peer);
    at = put_node(at, "to", record->node);
    at = put_word(at, "wrong", scn_forge_text((enum scn_forge)record->detail));
    if (record->a != 0)
        at = put_word(at, "error", err_text(-(int)record->a));
    at = put_stmt(lines, at, record->b);
    line_end(lines, waited ? put(at, ",\"waited\":true") : at);
}

static void line_deliver(struct tracelines *lines, const struct record *record, bool waited)
{
    char *at = line_begin(lines, record->at_ns, "deliver");

    at = put_key(at, "key", record->key);
    at = put_node(at, "from", record->peer);
    at = put_node(at, "to", record->node);
    at = put_message(at, record);
    line_end(lines, waited ? put(at, ",\"waited\":true") : at);
}

/* Lost or held on the way. */
static void line_taken(struct tracelines *lines, const struct record *record)
{
    bool held = record->kind == RECORD_FATE;
    char *at = line_begin(lines, record->at_ns, held ? "held" : "lost");

    at = put_key(at, "key", record->key);
    at = put_node(at, "from", record->node);
    at = put_node(at, "to", record->peer);
    if (!held)
        at = put_word(at, "reason", loss_word(record->detail));
    line_end(lines, put_stmt(lines, at, record->b));
}

static void line_event(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, event_text(record->detail));

    at = put_key(at, "key", record->key);
    at = put_node(at, "node", record->node);
    line_end(lines, put_stmt(lines, at, record->a));
}

static void line_answer(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "answer");

    at = put_key(at, "key", record->key);
    at = put_node(at, "node", record->node);
    at = put_word(at, "op", record->a == DC_INC ? "inc" : "dec");
    at = put_field(at, "amount", record->b);
    line_end(lines, put_word(at, "answer", env_answer_text((enum env_answer)record->detail)));
}

/* [["n3","inc",5,8],...] of what rose at @node, which is then forgotten. */
static char *put_raised(struct tracelines *lines, char *at, uint32_t node)
{
    size_t kept = 0;
    const char *comma = "";

    at = put(at, ",\"raised\":[");
    for (size_t i = 0; i < lines->raised_len; i++) {
        const struct tracelines_raise *raise = &lines->raised[i];

        if (raise->node != node) {
            lines->raised[kept++] = *raise;
            continue;
        }
        lines->len = (size_t)(at - lines->bytes);
        reserve(lines, LINE_MAX_BYTES + RAISE_MAX_BYTES);
        at = put(put(lines->bytes + lines->len, comma), "[");
        at = put(put_id(lines, at, raise->id), raise->side == DC_INC ? ",\"inc\"," : ",\"dec\",");
        at = put_number(at, raise->old);
        *at++ = ',';
        at = put_number(at, raise->now);
        *at++ = ']';
        comma = ",";
    }
    lines->raised_len = kept;
    *at++ = ']';
    return at;
}

static void line_state(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "state");

    at = put_key(at, "key", record->key);
    at = put_node(at, "node", record->node);
    at = put_hex(put(at, ",\"fingerprint\":\""), record->b);
    at = put(put_hex(at, record->a), "\"");
    line_end(lines, put_raised(lines, at, record->node));
}

static void line_fault(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "fault");

    at = put_key(at, "key", record->key);
    at = put_word(at, "what", record->detail ? "begins" : "ends");
    at = put_stmt(lines, at, record->a);
    line_end(lines, put_field(at, "turn", record->b));
}

static void line_verdict(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "verdict");

    at = put_key(at, "key", record->key);
    at = put_stmt(lines, at, record->a);
    line_end(lines, put(at, record->detail ? ",\"holds\":true" : ",\"holds\":false"));
}

static void line_life(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "life");

    at = put_key(at, "key", record->key);
    at = put_node(at, "node", record->node);
    at = put_word(at, "what", host_life_text((enum host_life)record->detail));
    line_end(lines, put_field(at, "start", record->a));
}

static void line_flip(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "flip");

    at = put_key(at, "key", record->key);
    at = put_node(at, "from", record->peer);
    at = put_node(at, "to", record->node);
    at = put_field(at, "bit", record->a);
    at = put(at, record->detail ? ",\"read\":true" : ",\"read\":false");
    line_end(lines, put_stmt(lines, at, record->b));
}

static void line_sync(struct tracelines *lines, const struct record *record)
{
    char *at = line_begin(lines, record->at_ns, "sync");

    at = put_key(at, "key", record->key);
    at = put_node(at, "node", record->node);
    at = put_field(at, "number", record->a);
    line_end(lines, put(at, record->detail ? ",\"ok\":true" : ",\"ok\":false"));
}

static void line_of(struct tracelines *lines, const struct record *record)
{
    switch ((enum record_kind)record->kind) {
    case RECORD_EVENT:
        line_event(lines, record);
        break;
    case RECORD_SEND:
    case RECORD_FORGE:
        break; /* waits for its fate */
    case RECORD_FORGED:
        line_forged(lines, record, false);
        break;
    case RECORD_FATE:
    case RECORD_LOST:
        line_taken(lines, record);
        break;
    case RECORD_DELIVER:
        line_deliver(lines, record, false);
        break;
    case RECORD_REPLY:
        line_answer(lines, record);
        break;
    case RECORD_STATE:
        line_state(lines, record);
        break;
    case RECORD_FAULT:
        line_fault(lines, record);
        break;
    case RECORD_VERDICT:
        line_verdict(lines, record);
        break;
    case RECORD_COPY:
        line_duplicate(lines, record);
        break;
    case RECORD_LIFE:
        line_life(lines, record);
        break;
    case RECORD_FLIP:
        line_flip(lines, record);
        break;
    case RECORD_SYNC:
        line_sync(lines, record);
        break;
    }
}

/* ---- two records, one line ---- */

/* Does a record that follows @record decide what is said of it? */
static bool must_wait(const struct record *record)
{
    if (record->kind == RECORD_SEND || record->kind == RECORD_FORGE)
        return true;
    return record->kind == RECORD_EVENT &&
           (record->detail == EVENT_ARRIVE || record->detail == EVENT_SERVED);
}

/* One line of what waits and of @record, if they belong together. */
static bool join(struct tracelines *lines, const struct record *record)
{
    const struct record *before = &lines->pending;

    if (before->key != record->key)
        return false;
    if (before->kind == RECORD_SEND && record->kind == RECORD_FATE)
        line_send(lines, before, record);
    else if (before->kind == RECORD_FORGE && record->kind == RECORD_FATE)
        line_forge(lines, before, record);
    else if (before->kind == RECORD_EVENT && record->kind == RECORD_FORGED)
        line_forged(lines, record, before->detail == EVENT_SERVED);
    else if (before->kind == RECORD_EVENT && record->kind == RECORD_DELIVER)
        line_deliver(lines, record, before->detail == EVENT_SERVED);
    else if (before->kind == RECORD_EVENT &&
             (record->kind == RECORD_LOST || record->kind == RECORD_FATE))
        line_taken(lines, record);
    else
        return false;
    return true;
}

void tracelines_flush(struct tracelines *lines)
{
    if (lines->has_pending)
        line_of(lines, &lines->pending);
    lines->has_pending = false;
}

void tracelines_record(struct tracelines *lines, const struct record *record)
{
    if (lines->has_pending && join(lines, record)) {
        lines->has_pending = false;
        return;
    }
    tracelines_flush(lines);
    lines->events += record->kind == RECORD_EVENT;
    if (must_wait(record)) {
        lines->pending = *record;
        lines->has_pending = true;
    } else {
        line_of(lines, record);
    }
}

/* ---- notes ---- */

static void keep_raised(struct tracelines *lines, const struct note *note)
{
    if (lines->raised_len == lines->raised_cap) {
        lines->raised_cap = lines->raised_cap ? lines->raised_cap * 2 : 64;
        lines->raised =
            fatal_realloc_array(lines->raised, lines->raised_cap, sizeof(*lines->raised));
    }
    lines->raised[lines->raised_len++] = (struct tracelines_raise){
        .old = note->fields->old,
        .now = note->fields->now,
        .id = note->fields->name,
        .node = note->node,
        .side = note->fields->side,
    };
}

static void line_log(struct tracelines *lines, const struct note *note)
{
    static const char *const levels[] = {
        [ENV_ERROR] = "error",
        [ENV_WARN] = "warn",
        [ENV_INFO] = "info",
        [ENV_DEBUG] = "debug",
    };
    const struct env_fields *fields = note->fields;
    char *at;

    reserve(lines, LINE_MAX_BYTES + RAISE_MAX_BYTES);
    at = line_begin(lines, note->at_ns, "log");
    at = put_node(at, "node", note->node);
    at = put_word(at, "level", levels[note->level]);
    at = put_word(at, "event", env_event_text((enum env_event)note->event));
    if (fields->peer != DC_NAME_NONE)
        at = put_id(lines, put(at, ",\"peer\":"), fields->peer);
    if (note->event == ENV_CLIENT_REFUSED) {
        at = put_word(at, "op", fields->side == DC_INC ? "inc" : "dec");
        at = put_field(at, "amount", fields->old);
    }
    if (fields->err != 0)
        at = put_word(at, "error", err_text(fields->err));
    line_end(lines, at);
}

void tracelines_note(struct tracelines *lines, const struct note *note)
{
    if (note->event == ENV_RAISED) {
        keep_raised(lines, note);
        return;
    }
    tracelines_flush(lines);
    line_log(lines, note);
}

/* ---- the last line ---- */

static void print_figures(FILE *out, const struct run *run)
{
    const struct cluster_stats *stats = &run->cluster.stats;
    u128 lost = cluster_lost(&run->cluster);
    char text[TEXT_WIDE_MAX];

    if (run->expects.ever)
        fprintf(out, ",\"converged\":%" PRIu64, run->expects.since_ns);
    fprintf(out, ",\"distinct\":%" PRIu32 ",\"sent\":%" PRIu64 ",\"delivered\":%" PRIu64,
            run->checks.census.distinct, stats->sent, stats->delivered);
    if (lost > 0)
        fprintf(out, ",\"acknowledged_lost\":%s", text_wide(text, (i128)lost));
    fprintf(out, ",\"dropped\":%" PRIu64 ",\"pushes\":%" PRIu64 ",\"bytes\":%" PRIu64,
            stats->dropped, stats->pushes, stats->bytes);
    fprintf(out, ",\"records\":%" PRIu64 ",\"trace_hash\":\"%016" PRIx64 "\"",
            run->world.trace.records, run->world.trace.hash);
    fprintf(out, ",\"unseed\":\"%016" PRIx64 "\"", run->world.choose.unseed);
}

static void print_end(FILE *out, const struct tracelines *lines)
{
    const struct outcome *outcome = &lines->run->outcome;
    const char *reason = reason_text(outcome->reason);

    fprintf(out, "{\"n\":%" PRIu64 ",\"t\":%" PRIu64 ",\"e\":%" PRIu64 ",\"ev\":\"end\"",
            lines->lines, lines->run->world.now_ns, lines->events);
    fprintf(out, ",\"verdict\":\"%s\"", verdict_text(outcome->verdict));
    if (reason)
        fprintf(out, ",\"reason\":\"%s\"", reason);
    if (outcome->stmt != UINT32_MAX)
        fprintf(out, ",\"stmt\":%" PRIu32, outcome->stmt);
    if (outcome->headline[0]) {
        fputs(",\"headline\":", out);
        text_json(out, outcome->headline);
    }
    if (outcome->label[0]) {
        fputs(",\"label\":", out);
        text_json(out, outcome->label);
    }
    print_figures(out, lines->run);
    fputs("}\n", out);
}

void tracelines_end(struct tracelines *lines)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out;

    tracelines_flush(lines);
    lines->lines++;
    out = fatal_memstream(&text, &len);
    print_end(out, lines);
    fatal_memstream_close(out, &text);
    reserve(lines, len);
    memcpy(lines->bytes + lines->len, text, len);
    lines->len += len;
    free(text);
}

/* ---- life ---- */

static int stmt_compare(const void *left, const void *right)
{
    const struct tracelines_stmt *a = left;
    const struct tracelines_stmt *b = right;

    if (a->key != b->key)
        return a->key < b->key ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
}

void tracelines_init(struct tracelines *lines, const struct run *run, const struct scenario *scn)
{
    *lines = (struct tracelines){.run = run, .stmts_len = scn->stmts_len};
    lines->stmts = fatal_calloc(scn->stmts_len, sizeof(*lines->stmts));
    for (uint32_t i = 0; i < scn->stmts_len; i++)
        lines->stmts[i] = (struct tracelines_stmt){.key = scn->stmts[i].key, .index = i};
    qsort(lines->stmts, lines->stmts_len, sizeof(*lines->stmts), stmt_compare);
}

void tracelines_release(struct tracelines *lines)
{
    free(lines->bytes);
    free(lines->raised);
    free(lines->stmts);
    *lines = (struct tracelines){0};
}

static void on_record(void *ctx, const struct record *record)
{
    tracelines_record(ctx, record);
}

static void on_note(void *ctx, const struct note *note)
{
    tracelines_note(ctx, note);
}

struct trace_sink tracelines_sink(struct tracelines *lines)
{
    return (struct trace_sink){.record = on_record, .note = on_note, .ctx = lines};
}

void tracelines_taken(struct tracelines *lines)
{
    lines->len = 0;
}
