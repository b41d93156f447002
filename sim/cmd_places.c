/* Which names are of one file. */
#include "sim/cmd_places.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cmd.h"
#include "sim/cmd_outfile.h"
#include "sim/fatal.h"

static void look_at_folder(struct place *place)
{
    size_t len = (size_t)(place->name - place->path);
    char *folder = fatal_calloc(1, len + 2);
    struct stat there;

    memcpy(folder, len > 0 ? place->path : ".", len > 0 ? len : 1);
    place->has_folder = stat(folder, &there) == 0;
    if (place->has_folder) {
        place->folder_device = there.st_dev;
        place->folder_number = there.st_ino;
    }
    free(folder);
}

/* False: it is nothing that has a place. */
static bool look(struct place *ret, const char *option, const char *path)
{
    const char *slash = strrchr(path, '/');
    struct stat there;
    bool exists = (option ? lstat(path, &there) : stat(path, &there)) == 0;

    if (strcmp(path, "-") == 0 || (exists && !S_ISREG(there.st_mode)) || outfile_is_of_system(path))
        return false;
    *ret = (struct place){
        .option = option, .path = path, .name = slash ? slash + 1 : path, .exists = exists};
    if (exists) {
        ret->device = there.st_dev;
        ret->number = there.st_ino;
    }
    look_at_folder(ret);
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

static int check(const struct places *places, const struct place *place)
{
    for (size_t i = 0; i < places->len; i++)
        if ((places->list[i].option || place->option) && is_same(&places->list[i], place))
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
