/* Files are read whole, and kept: a scenario with sweeps is parsed many times. */
#define _XOPEN_SOURCE 700 /* realpath() */

#include "sim/cmd_includes.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sim/cmd.h"
#include "sim/fatal.h"

/* All in it is owned. Held by pointer, so that what a source points to stays where it is. */
struct file {
    char *name, *path, *text;
    size_t len;
    struct diag_source source;
};

struct cmd_includes {
    const char *name;
    char *folder; /* of the main file, without links; NULL until something is included */
    struct file **files;
    size_t len, cap;
};

static char *copy_text(const char *text, size_t len)
{
    char *copy = fatal_alloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

static void file_release(struct file *file)
{
    free(file->name);
    free(file->path);
    free(file->text);
    free(file);
}

/* Takes @file, which has its text, in. */
static const struct file *file_keep(struct cmd_includes *files, struct file *file, const char *name,
                                    const char *path)
{
    file->name = copy_text(name, strlen(name));
    file->path = copy_text(path, strlen(path));
    file->source = (struct diag_source){
        .name = file->name, .path = file->path, .text = file->text, .len = file->len};
    if (files->len == files->cap) {
        files->cap = files->cap ? files->cap * 2 : 4;
        files->files = fatal_realloc_array(files->files, files->cap, sizeof(struct file *));
    }
    files->files[files->len++] = file;
    return file;
}

/* Reads @disk_path. NULL with a reason. */
static const struct file *file_add(struct cmd_includes *files, const char *disk_path,
                                   const char *name, const char *path, char *reterr)
{
    FILE *in = fopen(disk_path, "rb");
    struct file *file;
    int err;

    if (!in) {
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "%s", strerror(errno));
        return NULL;
    }
    file = fatal_calloc(1, sizeof(*file));
    err = cmd_read(in, &file->text, &file->len);
    fclose(in);
    if (err) {
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "%s", strerror(err));
        file_release(file);
        return NULL;
    }
    return file_keep(files, file, name, path);
}

/* Its name below its folder. */
static const char *base_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

struct cmd_includes *cmd_includes_new(const char *name, char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    struct cmd_includes *files = fatal_calloc(1, sizeof(*files));

    files->name = name;
    if (file_add(files, name, name, base_of(name), reterr))
        return files;
    cmd_includes_release(files);
    return NULL;
}

struct cmd_includes *cmd_includes_of_text(const char *name, const char *text, size_t len)
{
    struct cmd_includes *files = fatal_calloc(1, sizeof(*files));
    struct file *file = fatal_calloc(1, sizeof(*file));

    files->name = name;
    file->text = copy_text(text, len);
    file->len = len;
    file_keep(files, file, name, base_of(name));
    return files;
}

void cmd_includes_release(struct cmd_includes *files)
{
    for (size_t i = 0; files && i < files->len; i++)
        file_release(files->files[i]);
    if (files) {
        free(files->files);
        free(files->folder);
    }
    free(files);
}

const struct diag_source *cmd_includes_main(const struct cmd_includes *files)
{
    return &files->files[0]->source;
}

/* The folder of the main file as it was typed, its '/' included; perhaps nothing. */
static size_t folder_len(const struct cmd_includes *files)
{
    const char *slash = strrchr(files->name, '/');

    return slash ? (size_t)(slash - files->name) + 1 : 0;
}

/* Does @disk_path, with all links followed, lie in the folder? Returns 0, or -1 with a reason. */
static int check_inside(struct cmd_includes *files, const char *disk_path, char *reterr)
{
    char *real = realpath(disk_path, NULL);
    struct stat info;
    size_t len;
    bool inside;

    if (!real || stat(real, &info) < 0) {
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "%s", strerror(errno));
        free(real);
        return -1;
    }
    if (!files->folder) {
        char *typed = copy_text(files->name, folder_len(files));

        files->folder = realpath(typed[0] ? typed : ".", NULL);
        free(typed);
    }
    len = files->folder ? strlen(files->folder) : 0;
    inside = len > 0 && strncmp(real, files->folder, len) == 0 &&
             (real[len] == '/' || files->folder[len - 1] == '/');
    free(real);
    if (!inside)
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX,
                 "it is a link that leads out of the folder of the scenario");
    else if (!S_ISREG(info.st_mode))
        snprintf(reterr, SCN_LOAD_PROBLEM_MAX, "it is no regular file");
    return inside && S_ISREG(info.st_mode) ? 0 : -1;
}

static int on_load(void *ctx, const char *path, struct diag_source *ret,
                   char reterr[static SCN_LOAD_PROBLEM_MAX])
{
    struct cmd_includes *files = ctx;
    size_t folder = folder_len(files), size = folder + strlen(path) + 1;
    const struct file *file = NULL;
    char *disk_path;

    for (size_t i = 0; i < files->len; i++)
        if (strcmp(files->files[i]->path, path) == 0)
            file = files->files[i];
    if (!file) {
        disk_path = fatal_alloc(size);
        snprintf(disk_path, size, "%.*s%s", (int)folder, files->name, path);
        if (check_inside(files, disk_path, reterr) == 0)
            file = file_add(files, disk_path, disk_path, path, reterr);
        free(disk_path);
    }
    if (!file)
        return -1;
    *ret = file->source;
    return 0;
}

struct scn_loader cmd_includes_loader(struct cmd_includes *files)
{
    return (struct scn_loader){.load = on_load, .ctx = files};
}
