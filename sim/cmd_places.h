/*
 * The files that a command line names, for writing and for reading. No two of them may be one:
 * results would mix, or take the place of what they come from. One file may have many names
 * ("x", "./x", "link/x"), so they are told apart by folder, device and number on the disk.
 * What goes to a pipe, a device or standard output may be shared.
 */
#ifndef DC_SIM_CMD_PLACES_H
#define DC_SIM_CMD_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct place {
    const char *option; /* "--junit"; NULL: it is read */
    const char *path;   /* as typed; borrowed */
    const char *name;   /* in its folder; points into path */
    bool has_folder, exists;
    dev_t folder_device, device;
    ino_t folder_number, number;
    bool opened; /* whoever started us did so, as standard output: several may go there */
};

/* A zeroed one has none. */
struct places {
    const char *results; /* where folders of artifacts are made; NULL: OUTDIR_DEFAULT; borrowed */
    bool has_artifacts;  /* some may be */
    struct place *list;  /* owned */
    size_t len, cap;
};

/*
 * The option @option writes to @path; NULL: it was not given. Returns 0, or -1 after a message
 * when that is one of @places, or a part of artifacts. Both are borrowed.
 */
int places_add_output(struct places *places, const char *option, const char *path);

/* The same for one of many that @option makes, which differ: @places stays as it is. */
int places_check_output(const struct places *places, const char *option, const char *path);

/*
 * What goes to standard output and standard error goes to files, if whoever started us has
 * opened such. Returns 0, or -1 after a message when one of @places is there.
 */
int places_add_standard(struct places *places);

/* @path is read. Returns 0, or -1 after a message when it is written as well. */
int places_add_input(struct places *places, const char *path);

void places_release(struct places *places);

#endif
