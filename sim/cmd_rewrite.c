/* Everything but golden lines is kept, byte for byte. */
#include "sim/cmd_rewrite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cmd_outfile.h"
#include "sim/fatal.h"
#include "sim/text.h"

void rewrite_init(struct rewrite *rewrite, const struct scenario *scn)
{
    *rewrite = (struct rewrite){.len = scn->stmts_len};
    rewrite->texts = fatal_calloc(scn->stmts_len + 1, sizeof(*rewrite->texts));
}

void rewrite_release(struct rewrite *rewrite)
{
    for (size_t i = 0; i < rewrite->len; i++)
        free(rewrite->texts[i]);
    free(rewrite->texts);
    *rewrite = (struct rewrite){0};
}

static void on_shown(void *ctx, uint32_t stmt, const char *text)
{
    struct rewrite *rewrite = ctx;
    size_t size = strlen(text) + 1;

    free(rewrite->texts[stmt]);
    rewrite->texts[stmt] = fatal_alloc(size);
    memcpy(rewrite->texts[stmt], text, size);
}

struct show_sink rewrite_shows(struct rewrite *rewrite)
{
    return (struct show_sink){.shown = on_shown, .ctx = rewrite};
}

/* The line end at @at, in the way of the file. */
static const char *line_end_of(const char *at, const char *end)
{
    return end - at >= 2 && at[0] == '\r' && at[1] == '\n' ? "\r\n" : "\n";
}

/* @text as golden lines. */
static void print_golden(FILE *out, const char *text, const char *line_end)
{
    while (*text) {
        size_t len = strcspn(text, "\n");

        fprintf(out, "|%s%.*s%s", len > 0 ? " " : "", (int)len, text, line_end);
        text += len + 1;
    }
}

/* Where the lines after a show begin that are not its golden ones. */
static const char *behind(const struct scn_show *show, const char *end)
{
    const char *at = show->end;

    if (show->lines_len > 0)
        at = show->lines[show->lines_len - 1].text + show->lines[show->lines_len - 1].len;
    while (at < end && *at != '\n')
        at++;
    return at < end ? at + 1 : end;
}

/* The file with new golden lines, to @out. */
static void print_file(FILE *out, const struct rewrite *rewrite, const struct scenario *scn,
                       const struct diag_source *source, uint32_t file)
{
    const char *at = source->text, *end = source->text + source->len;

    for (size_t i = 0; i < scn->stmts_len; i++) {
        const struct scn_show *show = &scn->stmts[i].show;

        if (scn->stmts[i].kind != SCN_STMT_SHOW || scn->stmts[i].pos.file != file ||
            !rewrite->texts[i] || show->end < at)
            continue;
        fwrite(at, 1, (size_t)(show->end - at), out);
        fputs(line_end_of(show->end, end), out);
        print_golden(out, rewrite->texts[i], line_end_of(show->end, end));
        at = behind(show, end);
    }
    if (at < end)
        fwrite(at, 1, (size_t)(end - at), out);
}

static int rewrite_file(FILE *out, const struct rewrite *rewrite, const struct scenario *scn,
                        const struct diag_source *source, uint32_t file)
{
    char *bytes = NULL;
    size_t len = 0;
    FILE *memory = fatal_memstream(&bytes, &len);
    int rc = 0;

    print_file(memory, rewrite, scn, source, file);
    fatal_memstream_close(memory, &bytes);
    if (len != source->len || memcmp(bytes, source->text, len) != 0) {
        const char *why = outfile_write(source->name, OUTFILE_EDIT, bytes, len);

        if (why)
            text_print(stderr, "dcsim: cannot write '%s': %s\n", source->name, why);
        else
            text_print(out, "rewrote %s\n", source->name);
        rc = why ? -1 : 0;
    }
    free(bytes);
    return rc;
}

/* Golden lines that stand in two places of the run at once have two texts. */
static int check_twice(const struct scenario *scn, const struct diags *sources)
{
    for (size_t i = 0; i < scn->stmts_len; i++) {
        uint32_t file = scn->stmts[i].pos.file;

        if (scn->stmts[i].kind != SCN_STMT_SHOW)
            continue;
        for (uint32_t other = 0; other < sources->sources_len; other++) {
            if (other == file ||
                strcmp(sources->sources[other].path, sources->sources[file].path) != 0)
                continue;
            text_print(stderr,
                       "dcsim: cannot rewrite '%s': it is included twice; let it show nothing\n",
                       sources->sources[file].name);
            return -1;
        }
    }
    return 0;
}

int rewrite_files(FILE *out, const struct rewrite *rewrite, const struct scenario *scn,
                  const struct diags *sources)
{
    int rc = check_twice(scn, sources);

    for (uint32_t i = 0; rc == 0 && i < sources->sources_len; i++)
        rc = rewrite_file(out, rewrite, scn, &sources->sources[i], i);
    return rc;
}
