/* Buffers of lines, and two generations of them when only the last are kept. */
#include "sim/tracefile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/tracehead.h"

/* So many bytes are worth a write. */
#define WRITE_BYTES (UINT32_C(64) << 10)

static void write_bytes(struct tracefile *file, const char *bytes, size_t len)
{
    if (file->err || len == 0)
        return;
    errno = 0;
    if (fwrite(bytes, 1, len, file->out) != len)
        file->err = errno ? errno : EIO;
}

static void write_lines(struct tracefile *file)
{
    write_bytes(file, file->lines.bytes, file->lines.len);
    tracelines_taken(&file->lines);
}

/*
 * The last N lines are within the last two generations of at least N lines each
 * (a record may finish two), so no line is ever copied or counted twice: the
 * older generation is dropped as a whole.
 */
static void next_generation(struct tracefile *file)
{
    struct tracelines *lines = &file->lines;
    char *bytes = file->old;
    size_t cap = file->old_cap;

    file->old = lines->bytes;
    file->old_len = lines->len;
    file->old_cap = lines->cap;
    file->previous = lines->lines;
    lines->bytes = bytes;
    lines->cap = cap;
    tracelines_taken(lines);
}

/* What is too much goes where it belongs. After each record and note. */
static void pass_on(struct tracefile *file)
{
    if (file->last == 0) {
        if (file->lines.len >= WRITE_BYTES)
            write_lines(file);
    } else if (file->lines.lines - file->previous >= file->last) {
        next_generation(file);
    }
}

/* The last @count lines of the generation before. */
static void write_old(struct tracefile *file, uint64_t count)
{
    size_t from = file->old_len;

    while (from > 0 && count > 0) {
        from--;
        while (from > 0 && file->old[from - 1] != '\n')
            from--;
        count--;
    }
    write_bytes(file, file->old + from, file->old_len - from);
}

static void on_record(void *ctx, const struct record *record)
{
    struct tracefile *file = ctx;

    tracelines_record(&file->lines, record);
    pass_on(file);
}

static void on_note(void *ctx, const struct note *note)
{
    struct tracefile *file = ctx;

    tracelines_note(&file->lines, note);
    pass_on(file);
}

struct trace_sink tracefile_sink(struct tracefile *file)
{
    return (struct trace_sink){.record = on_record, .note = on_note, .ctx = file};
}

void tracefile_init(struct tracefile *file, FILE *out, const struct report *report,
                    const struct run *run, const struct run_options *options, uint64_t last)
{
    char *head = NULL;
    size_t len = 0;
    FILE *memory = fatal_memstream(&head, &len);

    *file = (struct tracefile){.out = out, .last = last};
    tracelines_init(&file->lines, run, report->scn);
    tracehead_write(memory, report, options, last, NULL);
    fatal_memstream_close(memory, &head);
    write_bytes(file, head, len);
    free(head);
}

int tracefile_end(struct tracefile *file)
{
    tracelines_flush(&file->lines);
    pass_on(file);
    if (file->last > 0 && file->old)
        write_old(file, file->last - (file->lines.lines - file->previous));
    write_lines(file);
    tracelines_end(&file->lines);
    write_lines(file);
    errno = 0;
    if (!file->err && fflush(file->out) != 0)
        file->err = errno ? errno : EIO;
    return file->err;
}

void tracefile_release(struct tracefile *file)
{
    tracelines_release(&file->lines);
    free(file->old);
    *file = (struct tracefile){0};
}
