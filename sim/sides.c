/* A table of two columns. What is shown may come from strangers: printable ASCII only. */
#include "sim/sides.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "sim/arena.h"
#include "sim/fatal.h"
#include "sim/json.h"
#include "sim/text.h"

/* Characters of a value; of a longer one, the part where both begin to differ. */
#define CELL_MAX 44u
#define CELL_BEFORE 12u
#define NAME_MAX_SHOWN 16

struct table {
    struct arena arena;
    const struct json *left, *right; /* NULL: nothing more, or no object */
};

static const struct json *read_line(struct arena *arena, const struct sides_line *line)
{
    struct json_error err;
    const struct json *value = line->text ? json_read(arena, line->text, line->len, &err) : NULL;

    return value && value->kind == JSON_OBJECT ? value : NULL;
}

static struct table table_of(const struct sides_line *left, const struct sides_line *right)
{
    struct table table = {0};

    table.left = read_line(&table.arena, left);
    table.right = read_line(&table.arena, right);
    return table;
}

static bool equal(const struct json *a, const struct json *b)
{
    return a && b && a->raw_len == b->raw_len && memcmp(a->raw, b->raw, a->raw_len) == 0;
}

/* The fields of the left, then those that only the right has. NULL at the end. */
static const struct json *next_field(const struct table *table, const struct json *field,
                                     bool *ret_right)
{
    const struct json *next = field ? field->next : (table->left ? table->left->in : NULL);

    if (!field)
        *ret_right = false;
    if (!next && !*ret_right) {
        *ret_right = true;
        next = table->right ? table->right->in : NULL;
    }
    while (*ret_right && next && json_get(table->left, next->name))
        next = next->next;
    return next;
}

static size_t count_differences(const struct table *table)
{
    const struct json *field = NULL;
    bool right;
    size_t count = 0;

    while ((field = next_field(table, field, &right)))
        count += !equal(json_get(table->left, field->name), json_get(table->right, field->name));
    return count;
}

/* ---- values as text ---- */

static const struct scn_stmt *stmt_of(const struct report *report, const struct json *value)
{
    if (!value || value->kind != JSON_NUMBER || value->number >= report->scn->stmts_len)
        return NULL;
    return &report->scn->stmts[value->number];
}

static void print_raw(FILE *out, const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        fputc(text[i] >= 0x20 && text[i] < 0x7F ? text[i] : '?', out);
}

static void print_value(FILE *out, const struct report *report, const struct json *value)
{
    bool number = value->kind == JSON_NUMBER;
    const struct scn_stmt *stmt = strcmp(value->name, "stmt") == 0 ? stmt_of(report, value) : NULL;
    char time[TEXT_TIME_MAX];

    if (stmt)
        fprintf(out, "%s:%" PRIu32, diags_name(report->source, stmt->pos), stmt->pos.line);
    else if (number && (strcmp(value->name, "t") == 0 || strcmp(value->name, "arrives") == 0))
        fputs(text_time(time, value->number), out);
    else if (number && (strcmp(value->name, "node") == 0 || strcmp(value->name, "from") == 0 ||
                        strcmp(value->name, "to") == 0))
        fprintf(out, "n%" PRIu64, value->number);
    else if (value->kind == JSON_STRING)
        print_raw(out, value->string, value->len);
    else
        print_raw(out, value->raw, value->raw_len);
}

/* The whole text of @value, to be freed. */
static char *value_text_of(const struct report *report, const struct json *value)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = fatal_memstream(&text, &len);

    if (value)
        print_value(out, report, value);
    else
        fputc('-', out);
    fatal_memstream_close(out, &text);
    return text;
}

/* The part of @text that a cell has room for, from @from on. */
static void print_cell(FILE *out, const char *text, size_t from, int width)
{
    size_t len = strlen(text);
    bool fits = len <= CELL_MAX;
    bool to_the_end = fits || len <= from + CELL_MAX - 3;
    char cell[CELL_MAX + 1];

    snprintf(cell, sizeof(cell), "%s%.*s%s", !fits && from > 0 ? "..." : "",
             (int)(fits ? CELL_MAX : CELL_MAX - (from > 0 ? 3 : 0) - (to_the_end ? 0 : 3)),
             text + (fits || from > len ? 0 : from), to_the_end ? "" : "...");
    fprintf(out, "%-*s", width, cell);
}

/* Where two values begin to be shown, if they are too long: a little before they differ. */
static size_t shown_from(const char *a, const char *b)
{
    size_t longest = strlen(a) > strlen(b) ? strlen(a) : strlen(b);
    size_t last = longest > CELL_MAX ? longest - (CELL_MAX - 3) : 0;
    size_t at = 0;

    while (a[at] && a[at] == b[at])
        at++;
    at = at > CELL_BEFORE ? at - CELL_BEFORE : 0;
    return at < last ? at : last;
}

static void print_row(FILE *out, const struct report *report, const struct table *table,
                      const char *name, int width)
{
    const struct json *left = json_get(table->left, name);
    const struct json *right = json_get(table->right, name);
    char *a = value_text_of(report, left);
    char *b = value_text_of(report, right);
    size_t from = shown_from(a, b);

    fputs(equal(left, right) ? "    " : "  * ", out);
    for (int i = 0; i < NAME_MAX_SHOWN && name[i]; i++)
        fputc(name[i] >= 0x20 && name[i] < 0x7F ? name[i] : '?', out);
    fprintf(out, "%*s", NAME_MAX_SHOWN - (int)strnlen(name, NAME_MAX_SHOWN), "");
    print_cell(out, a, from, width);
    fputs("  ", out);
    print_cell(out, b, from, 0);
    fputc('\n', out);
    free(a);
    free(b);
}

/* How wide the left column must be. */
static int left_width(const struct report *report, const struct table *table,
                      const struct sides_line *left)
{
    size_t width = strlen(left->title) + (table->left ? 0 : sizeof(" (nothing more)") - 1);
    const struct json *field = NULL;
    bool right;

    while ((field = next_field(table, field, &right))) {
        char *text = value_text_of(report, json_get(table->left, field->name));
        size_t len = strlen(text);

        if (len > CELL_MAX)
            len = CELL_MAX;
        if (len > width)
            width = len;
        free(text);
    }
    return (int)width;
}

static void print_titles(FILE *out, const struct table *table, const struct sides_line *left,
                         const struct sides_line *right, int width)
{
    char title[CELL_MAX + 1];

    snprintf(title, sizeof(title), "%s%s", left->title, table->left ? "" : " (nothing more)");
    fprintf(out, "    %-*s%-*s  %s%s\n", NAME_MAX_SHOWN, "field", width, title, right->title,
            table->right ? "" : " (nothing more)");
}

static void print_statement(FILE *out, const struct report *report, const struct scn_stmt *stmt)
{
    if (stmt)
        text_print(out, "  %s:%" PRIu32 ": %s\n", diags_name(report->source, stmt->pos),
                   stmt->pos.line, stmt->text);
}

size_t sides_show(FILE *out, const struct report *report, const struct sides_line *left,
                  const struct sides_line *right)
{
    struct table table = table_of(left, right);
    const struct scn_stmt *a = stmt_of(report, json_get(table.left, "stmt"));
    const struct scn_stmt *b = stmt_of(report, json_get(table.right, "stmt"));
    size_t count = count_differences(&table);
    const struct json *field = NULL;
    int width = left_width(report, &table, left);
    bool only_right;

    if (table.left || table.right)
        print_titles(out, &table, left, right, width);
    while ((field = next_field(&table, field, &only_right)))
        print_row(out, report, &table, field->name, width);
    print_statement(out, report, a);
    if (b != a)
        print_statement(out, report, b);
    arena_release(&table.arena);
    return count;
}

size_t sides_differ(const struct sides_line *left, const struct sides_line *right)
{
    struct table table = table_of(left, right);
    size_t count = count_differences(&table);

    arena_release(&table.arena);
    return count;
}

struct sides_event sides_event_of(const struct sides_line *line)
{
    struct arena arena = {0};
    const struct json *object = read_line(&arena, line);
    const struct json *at = json_get_kind(object, "t", JSON_NUMBER);
    const struct json *number = json_get_kind(object, "e", JSON_NUMBER);
    struct sides_event event = {
        .at_ns = at ? at->number : 0,
        .number = number ? number->number : 0,
    };

    arena_release(&arena);
    return event;
}
