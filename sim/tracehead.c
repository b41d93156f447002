/* Strings and lists by hand, as everywhere in reports; this line is written once a run. */
#include "sim/tracehead.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/json.h"
#include "sim/text.h"
#include "sim/version.h"

/* ---- writing ---- */

/* @len bytes of a scenario, in which there is no NUL. */
static void write_text(FILE *out, const char *bytes, size_t len)
{
    char *text = fatal_alloc(len + 1);

    memcpy(text, bytes, len);
    text[len] = '\0';
    text_json(out, text);
    free(text);
}

static void write_defines(FILE *out, const struct report_command *command)
{
    fputs(",\"defines\":[", out);
    for (size_t i = 0; i < command->defines_len; i++) {
        const struct scn_define *define = &command->defines[i];

        fputs(i ? ",{\"name\":" : "{\"name\":", out);
        write_text(out, define->name, define->name_len);
        fputs(",\"value\":", out);
        text_json(out, define->value);
        fprintf(out, ",\"swept\":%s}", define->swept ? "true" : "false");
    }
    fputc(']', out);
}

static void write_params(FILE *out, const struct scenario *scn)
{
    fputs(",\"params\":[", out);
    for (size_t i = 0; i < scn->params_len; i++) {
        fputs(i ? ",{\"name\":" : "{\"name\":", out);
        text_json(out, scn->params[i].name);
        fputs(",\"value\":", out);
        text_json(out, scn->params[i].value);
        fputc('}', out);
    }
    fputc(']', out);
}

static void write_sources(FILE *out, const struct diags *diags)
{
    fputs(",\"sources\":[", out);
    for (size_t i = 0; i < diags->sources_len; i++) {
        const struct diag_source *source = &diags->sources[i];

        fputs(i ? ",{\"name\":" : "{\"name\":", out);
        text_json(out, source->name);
        fputs(",\"path\":", out);
        text_json(out, source->path);
        fputs(",\"text\":", out);
        write_text(out, source->text, source->len);
        fputc('}', out);
    }
    fputc(']', out);
}

static void write_statements(FILE *out, const struct scenario *scn)
{
    fputs(",\"statements\":[", out);
    for (size_t i = 0; i < scn->stmts_len; i++) {
        const struct scn_stmt *stmt = &scn->stmts[i];

        fprintf(out,
                "%s{\"source\":%" PRIu32 ",\"line\":%" PRIu32 ",\"key\":\"%016" PRIx64
                "\",\"text\":",
                i ? "," : "", stmt->pos.file, stmt->pos.line, stmt->key);
        text_json(out, stmt->text);
        fputc('}', out);
    }
    fputc(']', out);
}

void tracehead_write(FILE *out, const struct report *report, const struct run_options *options,
                     uint64_t last, const char *version)
{
    const struct scenario *scn = report->scn;

    fprintf(out, "{\"dcsim_trace\":%u,\"model\":%u,\"version\":", TRACE_SCHEMA, DCSIM_MODEL);
    text_json(out, version ? version : DCSIM_VERSION " (" DCSIM_COMMIT ")");
    fputs(",\"scenario\":", out);
    text_json(out, report->command->file);
    fprintf(out, ",\"scenario_hash\":\"%016" PRIx64 "\",\"seed\":%" PRIu64, scn->hash,
            options->seed);
    if (options->until_ns != UINT64_MAX)
        fprintf(out, ",\"until\":%" PRIu64, options->until_ns);
    if (last > 0)
        fprintf(out, ",\"last\":%" PRIu64, last);
    write_defines(out, report->command);
    write_params(out, scn);
    fprintf(out, ",\"nodes\":%" PRIu32 ",\"stop\":%" PRIu64, scn->nodes, scn->stop_ns);
    write_sources(out, report->source);
    write_statements(out, scn);
    fputs("}\n", out);
}

/* ---- reading ---- */

/* A field that must be there; else the reason is in @reterr. */
static const struct json *need(const struct json *object, const char *name, enum json_kind kind,
                               char *reterr)
{
    static const char *const kinds[] = {
        [JSON_NULL] = "null",       [JSON_BOOL] = "true or false", [JSON_NUMBER] = "a number",
        [JSON_STRING] = "a string", [JSON_ARRAY] = "an array",     [JSON_OBJECT] = "an object",
    };
    const struct json *value = json_get(object, name);

    if (value && value->kind == kind)
        return value;
    snprintf(reterr, TRACEHEAD_PROBLEM_MAX, "\"%s\" %s; expected %s", name,
             value ? "is of another kind" : "is missing", kinds[kind]);
    return NULL;
}

/* A number that may be missing. */
static int read_maybe(const struct json *object, const char *name, uint64_t otherwise,
                      uint64_t *ret, char *reterr)
{
    const struct json *value = json_get(object, name);

    *ret = otherwise;
    if (!value)
        return 0;
    value = need(object, name, JSON_NUMBER, reterr);
    if (!value)
        return -1;
    *ret = value->number;
    return 0;
}

static int read_versions(const struct json *object, char *reterr)
{
    const struct json *schema = json_get_kind(object, "dcsim_trace", JSON_NUMBER);
    const struct json *model;

    if (!schema) {
        snprintf(reterr, TRACEHEAD_PROBLEM_MAX,
                 "this is no trace of dcsim: its first line has no \"dcsim_trace\"; "
                 "'dcsim run --trace FILE' writes one");
        return -1;
    }
    if (schema->number != TRACE_SCHEMA) {
        snprintf(reterr, TRACEHEAD_PROBLEM_MAX,
                 "a trace of schema %" PRIu64 "; this dcsim (" DCSIM_VERSION
                 ") reads schema %u: use the dcsim that wrote it",
                 schema->number, TRACE_SCHEMA);
        return -1;
    }
    model = need(object, "model", JSON_NUMBER, reterr);
    if (model && model->number != DCSIM_MODEL) {
        snprintf(
            reterr, TRACEHEAD_PROBLEM_MAX,
            "a run of model %" PRIu64 "; this dcsim (" DCSIM_VERSION
            ") makes runs of model %u, which come out differently: use the dcsim that wrote it",
            model->number, DCSIM_MODEL);
        return -1;
    }
    return model ? 0 : -1;
}

static int read_define(struct tracehead *head, const struct json *object, struct scn_define *ret,
                       char *reterr)
{
    const struct json *name = need(object, "name", JSON_STRING, reterr);
    const struct json *value = name ? need(object, "value", JSON_STRING, reterr) : NULL;
    const struct json *swept = value ? need(object, "swept", JSON_BOOL, reterr) : NULL;
    char *text;

    if (!swept)
        return -1;
    text = arena_alloc(&head->arena, name->len + value->len + 2);
    snprintf(text, name->len + value->len + 2, "%s=%s", name->string, value->string);
    *ret = (struct scn_define){
        .name = text,
        .name_len = name->len,
        .value = text + name->len + 1,
        .swept = swept->truth,
    };
    return 0;
}

static int read_source(const struct json *object, struct diag_source *ret, char *reterr)
{
    const struct json *name = need(object, "name", JSON_STRING, reterr);
    const struct json *path = name ? need(object, "path", JSON_STRING, reterr) : NULL;
    const struct json *text = path ? need(object, "text", JSON_STRING, reterr) : NULL;

    if (!text)
        return -1;
    *ret = (struct diag_source){
        .name = name->string,
        .path = path->string,
        .text = text->string,
        .len = text->len,
    };
    return 0;
}

static int read_lists(struct tracehead *head, const struct json *object, char *reterr)
{
    const struct json *defines = need(object, "defines", JSON_ARRAY, reterr);
    const struct json *sources = defines ? need(object, "sources", JSON_ARRAY, reterr) : NULL;

    if (!sources)
        return -1;
    if (sources->len == 0 || sources->len > SCN_SOURCES_MAX) {
        snprintf(reterr, TRACEHEAD_PROBLEM_MAX, "\"sources\" must have 1 to %u files",
                 SCN_SOURCES_MAX);
        return -1;
    }
    head->defines = arena_alloc(&head->arena, (defines->len + 1) * sizeof(*head->defines));
    head->sources = arena_alloc(&head->arena, sources->len * sizeof(*head->sources));
    for (const struct json *it = defines->in; it; it = it->next)
        if (read_define(head, it, &head->defines[head->defines_len++], reterr) < 0)
            return -1;
    for (const struct json *it = sources->in; it; it = it->next)
        if (read_source(it, &head->sources[head->sources_len++], reterr) < 0)
            return -1;
    return 0;
}

static int read_fields(struct tracehead *head, const struct json *object, char *reterr)
{
    const struct json *version, *scenario, *seed;

    if (read_versions(object, reterr) < 0)
        return -1;
    version = need(object, "version", JSON_STRING, reterr);
    scenario = version ? need(object, "scenario", JSON_STRING, reterr) : NULL;
    seed = scenario ? need(object, "seed", JSON_NUMBER, reterr) : NULL;
    if (!seed || read_maybe(object, "until", UINT64_MAX, &head->until_ns, reterr) < 0 ||
        read_maybe(object, "last", 0, &head->last, reterr) < 0)
        return -1;
    head->version = version->string;
    head->scenario = scenario->string;
    head->seed = seed->number;
    return read_lists(head, object, reterr);
}

int tracehead_read(struct tracehead *ret, const char *line, size_t len,
                   char reterr[static TRACEHEAD_PROBLEM_MAX])
{
    struct json_error err;
    const struct json *object;

    *ret = (struct tracehead){.line_len = len};
    ret->line = arena_text(&ret->arena, line, len);
    object = json_read(&ret->arena, line, len, &err);
    if (!object) {
        snprintf(reterr, TRACEHEAD_PROBLEM_MAX, "this is no trace of dcsim: byte %zu: %s",
                 err.at + 1, err.text);
        return -1;
    }
    return read_fields(ret, object, reterr);
}

void tracehead_release(struct tracehead *head)
{
    arena_release(&head->arena);
    *head = (struct tracehead){0};
}

/* ---- its scenario ---- */

static int on_load(void *ctx, const char *path, struct diag_source *ret,
                   char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    const struct tracehead *head = ctx;

    for (size_t i = 0; i < head->sources_len; i++) {
        if (strcmp(head->sources[i].path, path) != 0)
            continue;
        *ret = head->sources[i];
        return 0;
    }
    snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "it is not in the trace");
    return -1;
}

int tracehead_parse(struct tracehead *head, struct scenario *ret, struct diags *diags)
{
    struct scn_loader loader = {.load = on_load, .ctx = head};
    struct scn_options options = {
        .defines = head->defines, .defines_len = head->defines_len, .loader = &loader};

    diags_init(diags, head->sources[0].name, head->sources[0].text, head->sources[0].len);
    return scenario_parse(ret, diags, &options);
}
