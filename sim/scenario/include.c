/* Files that a scenario includes: where they may lie, and how deep. */
#include "sim/scenario/parse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Of a path from the folder of the main file. */
#define PATH_BYTES_MAX 4096u

int parse_include(struct parser *p)
{
    if (p->tok.kind != TOKEN_STRING)
        return parse_expected(p, "the file in double quotes: include \"net.scn\"");
    if (p->tok.len == 0)
        return parse_fail(p, p->tok.pos, "the name of a file is empty");
    if (p->tok.text[0] == '/')
        return parse_fail(
            p, p->tok.pos,
            "an included file is named relative to this one, not by an absolute path");
    p->include = p->tok;
    parse_advance(p);
    return 0;
}

/* A path in the making, its parts joined with '/'. */
struct path {
    char text[PATH_BYTES_MAX];
    size_t len;
};

/* Adds one part. Returns 0; -1 when that leaves the folder, -2 when it is too long. */
static int path_add(struct path *path, const char *part, size_t len)
{
    if (len == 0 || (len == 1 && part[0] == '.'))
        return 0;
    if (len == 2 && memcmp(part, "..", 2) == 0) {
        if (path->len == 0)
            return -1;
        while (path->len > 0 && path->text[path->len - 1] != '/')
            path->len--;
        path->len -= path->len > 0;
        return 0;
    }
    if (len + 2 > sizeof(path->text) - path->len)
        return -2;
    if (path->len > 0)
        path->text[path->len++] = '/';
    memcpy(path->text + path->len, part, len);
    path->len += len;
    return 0;
}

static int path_add_all(struct path *path, const char *text, size_t len)
{
    int rc = 0;

    while (rc == 0 && len > 0) {
        const char *slash = memchr(text, '/', len);
        size_t part = slash ? (size_t)(slash - text) : len;

        rc = path_add(path, text, part);
        text += part + (slash ? 1 : 0);
        len -= part + (slash ? 1 : 0);
    }
    return rc;
}

/* What the token names, from the folder of the main file. */
static int path_of(struct parser *p, struct path *ret)
{
    const struct diag_source *here = &p->diags->sources[p->including[p->including_len - 1]];
    const char *slash = strrchr(here->path, '/');
    int rc = path_add_all(ret, here->path, slash ? (size_t)(slash - here->path) : 0);

    if (rc == 0)
        rc = path_add_all(ret, p->include.text, p->include.len);
    if (rc == -1)
        return parse_fail(p, p->include.pos,
                          "this leaves the folder of %s; included files lie there or below",
                          p->diags->sources[0].name);
    if (rc < 0 || ret->len == 0)
        return parse_fail(p, p->include.pos, rc < 0 ? "this path is too long" : "this is no file");
    ret->text[ret->len] = '\0';
    return 0;
}

static int check_limits(struct parser *p, const struct path *path)
{
    for (uint32_t i = 0; i < p->including_len; i++)
        if (strcmp(p->diags->sources[p->including[i]].path, path->text) == 0)
            return parse_fail(p, p->include.pos, "%s would include itself without end",
                              p->diags->sources[p->including[i]].name);
    if (p->including_len == SCN_INCLUDE_DEPTH_MAX)
        return parse_fail(p, p->include.pos, "files include each other at most %u deep",
                          SCN_INCLUDE_DEPTH_MAX);
    if (p->diags->sources_len == SCN_SOURCES_MAX)
        return parse_fail(p, p->include.pos, "a scenario is made of at most %u files",
                          SCN_SOURCES_MAX);
    return 0;
}

int64_t include_open(struct parser *p)
{
    char problem[SCN_LOAD_PROBLEM_MAX] = "nothing can be included here";
    struct path path = {.len = 0};
    struct diag_source source;
    uint32_t index;

    if (path_of(p, &path) < 0 || check_limits(p, &path) < 0)
        return -1;
    if (!p->loader || p->loader->load(p->loader->ctx, path.text, &source, problem) < 0)
        return parse_fail(p, p->include.pos, "cannot read '%s': %s", path.text, problem);
    if (source.len > SCN_FILE_BYTES_MAX - p->bytes)
        return parse_fail(p, p->include.pos,
                          "with this file, the scenario is larger than %" PRIu32 " MiB",
                          SCN_FILE_BYTES_MAX >> 20);
    p->bytes += source.len;
    index = diags_add_source(p->diags, &source);
    p->including[p->including_len++] = index;
    return index;
}
