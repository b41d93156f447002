/* Which names are of one file. */
#include "sim/cmd_places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/artifacts.h"
#include "sim/cmd.h"
#include "sim/cmd_outfile.h"
#include "sim/fatal.h"

/* The folder that @place lies in, or with "/.." behind it the one around that. */
static bool look_at_folder(const struct place *place, const char *behind, struct stat *ret)
{
    size_t len = (size_t)(place->name - place->path), size = len + strlen(behind) + 2;
    char *folder = fatal_alloc(size);
    bool exists;

    if (len > 0)
        snprintf(folder, size, "%.*s%s", (int)len, place->path, behind);
    else
        snprintf(folder, size, ".%s", behind);
    exists = stat(folder, ret) == 0;
    free(folder);
    return exists;
}

/* That of the descriptor @fd. False: it is no plain file. */
static bool look_at_opened(struct place *ret, const char *option, const char *path, int fd)
{
    struct stat there;

    if (fstat(fd, &there) < 0 || !S_ISREG(there.st_mode))
        return false;
    *ret = (struct place){.option = option,
                          .path = path,
                          .name = "",
                          .exists = true,
                          .device = there.st_dev,
                          .number = there.st_ino,
                          .opened = true};
    return true;
}

/* False: it is nothing that has a place. */
static bool look(struct place *ret, const char *option, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat there;
    bool exists = (option ? lstat(path, &there) : stat(path, &there)) == 0;
    int opened = outfile_descriptor(path);

    if (opened >= 0)
        return look_at_opened(ret, option, path, opened);
    if (strcmp(path, "-") == 0 || (exists && !S_ISREG(there.st_mode)))
        return false;
    *ret = (struct place){
        .option = option, .path = path, .name = slash ? slash + 1 : path, .exists = exists};
    if (exists) {
        ret->device = there.st_dev;
        ret->number = there.st_ino;
    }
    ret->has_folder = look_at_folder(ret, "", &there);
    if (ret->has_folder) {
        ret->folder_device = there.st_dev;
        ret->folder_number = there.st_ino;
    }
    return true;
}

static bool is_same(const struct place *a, const struct place *b)
{
    bool same_folder = a->has_folder && b->has_folder && a->folder_device == b->folder_device &&
                       a->folder_number == b->folder_number;
    bool same_file = a->exists && b->exists && a->device == b->device && a->number == b->number;

    return same_file || (same_folder && strcmp(a->name, b->name) == 0);
}

static int complain(const struct place *a, const struct place *b)
{
    const struct place *output = a->option ? a : b;

    if (!a->option || !b->option)
        cmd_usage("%s needs a file of its own: '%s' is read", output->option, output->path);
    else if (strcmp(a->path, b->path) == 0)
        cmd_usage("%s and %s need a file each", a->option, b->option);
    else
        cmd_usage("%s and %s need a file each: '%s' is '%s'", a->option, b->option, b->path,
                  a->path);
    return -1;
}

/* Would artifacts be written there? Their folders are in that of results. */
static bool is_part(const struct places *places, const struct place *place)
{
    const char *results = places->results ? places->results : OUTDIR_DEFAULT;
    struct stat of_results, around;

    return places->has_artifacts && place->option && !place->opened &&
           artifacts_have(place->name) && stat(results, &of_results) == 0 &&
           look_at_folder(place, "/..", &around) && around.st_dev == of_results.st_dev &&
           around.st_ino == of_results.st_ino;
}

static int check(const struct places *places, const struct place *place)
{
    if (is_part(places, place)) {
        cmd_usage("%s needs a file of its own: '%s' could be one of artifacts", place->option,
                  place->path);
        return -1;
    }
    for (size_t i = 0; i < places->len; i++)
        if ((places->list[i].option || place->option) &&
            !(places->list[i].opened && place->opened) && is_same(&places->list[i], place))
            return complain(&places->list[i], place);
    return 0;
}

static int add(struct places *places, const struct place *place)
{
    if (check(places, place) < 0)
        return -1;
    if (places->len == places->cap) {
        places->cap = places->cap ? places->cap * 2 : 8;
        places->list = fatal_realloc_array(places->list, places->cap, sizeof(*places->list));
    }
    places->list[places->len++] = *place;
    return 0;
}

int places_add_output(struct places *places, const char *option, const char *path)
{
    struct place place;

    return path && look(&place, option, path) ? add(places, &place) : 0;
}

int places_add_standard(struct places *places)
{
    static const char *const names[] = {"standard output", "standard error"};
    static const char *const paths[] = {"/dev/stdout", "/dev/stderr"};
    int rc = 0;

    for (int i = 0; rc == 0 && i < 2; i++)
        rc = places_add_output(places, names[i], paths[i]);
    return rc;
}

int places_check_output(const struct places *places, const char *option, const char *path)
{
    struct place place;

    return look(&place, option, path) ? check(places, &place) : 0;
}

int places_add_input(struct places *places, const char *path)
{
    struct place place;

    return look(&place, NULL, path) ? add(places, &place) : 0;
}

void places_release(struct places *places)
{
    free(places->list);
    *places = (struct places){0};
}
