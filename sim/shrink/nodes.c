/* Fewer nodes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/value.h"
#include "sim/shrink/shrink.h"

/* Larger clusters are not tried without each single node. */
#define SINGLE_NODES_MAX 24u

/* What becomes of the nodes. */
struct renaming {
    uint64_t nodes;   /* there are from now on */
    uint64_t without; /* this one is gone, later ones move up; 0: those past the end take turns */
};

static uint64_t renamed(const struct renaming *renaming, uint64_t node)
{
    if (renaming->without == 0)
        return (node - 1) % renaming->nodes + 1;
    if (node < renaming->without)
        return node;
    return node > 1 ? node - 1 : 1;
}

static bool is_gone(const struct renaming *renaming, uint64_t node)
{
    return renaming->without == 0 ? node > renaming->nodes : node == renaming->without;
}

/* The number of a node that is named at @text, and how long that is; 0: none is. */
static uint64_t node_at(const char *text, size_t at, size_t *ret_len)
{
    uint64_t node = 0;
    size_t len = 1;

    if (text[at] != 'n' || (at > 0 && (value_is_name_char(text[at - 1]) || text[at - 1] == '$' ||
                                       text[at - 1] == '@')))
        return 0;
    while (value_is_digit(text[at + len]) && node <= SCN_NODES_MAX)
        node = node * 10 + (uint64_t)(text[at + len++] - '0');
    if (value_is_name_char(text[at + len]))
        return 0;
    *ret_len = len;
    return node;
}

/* @line with other names into *ret, to be freed. Returns whether it names a node that is gone. */
static bool rename_line(const struct renaming *renaming, const char *line, char **ret)
{
    size_t size;
    FILE *out = fatal_memstream(ret, &size);
    bool gone = false;

    if (line_is(line, "nodes"))
        fprintf(out, "nodes %" PRIu64, renaming->nodes);
    for (size_t at = line_is(line, "nodes") ? strlen(line) : 0, len; line[at];) {
        uint64_t node = node_at(line, at, &len);

        if (node == 0) {
            fputc(line[at++], out);
            continue;
        }
        gone = gone || is_gone(renaming, node);
        fprintf(out, "n%" PRIu64, renamed(renaming, node));
        at += len;
    }
    fatal_memstream_close(out, ret);
    return gone;
}

/* Tries it; with @drops lines that name what is gone go with it. */
static bool try_renaming(struct shrink *shrink, const struct renaming *renaming, bool drops)
{
    struct story candidate;

    story_copy(&candidate, &shrink->best);
    for (size_t i = candidate.len; i-- > 0;) {
        char *text = NULL;
        bool gone;

        if (line_is(candidate.lines[i], "fix"))
            continue;
        gone = rename_line(renaming, candidate.lines[i], &text);
        if (gone && drops)
            story_remove(&candidate, i, 1);
        else
            story_set(&candidate, i, text, strlen(text));
        free(text);
    }
    return shrink_try(shrink, &candidate);
}

static uint64_t nodes_of(const struct story *story)
{
    for (size_t i = 0; i < story->len; i++)
        if (line_is(story->lines[i], "nodes"))
            return strtoull(story->lines[i] + strlen("nodes "), NULL, 10);
    return 0; /* it stands for a parameter */
}

static bool try_both(struct shrink *shrink, const struct renaming *renaming)
{
    return try_renaming(shrink, renaming, true) || try_renaming(shrink, renaming, false);
}

/* From few to many: the first that works is the best. */
static bool take_first(struct shrink *shrink)
{
    uint64_t nodes = nodes_of(&shrink->best);

    for (uint64_t to = 1; to < nodes && !shrink_stops(shrink); to = to < 8 ? to + 1 : to * 3 / 2)
        if (try_both(shrink, &(struct renaming){.nodes = to}))
            return true;
    return false;
}

bool shrink_nodes(struct shrink *shrink)
{
    bool found = take_first(shrink);

    for (uint64_t node = nodes_of(&shrink->best); node > 0 && !shrink_stops(shrink); node--) {
        uint64_t nodes = nodes_of(&shrink->best);

        if (nodes < 2 || nodes > SINGLE_NODES_MAX)
            break;
        if (node <= nodes)
            found =
                try_both(shrink, &(struct renaming){.nodes = nodes - 1, .without = node}) || found;
    }
    return found;
}
