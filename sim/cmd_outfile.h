/*
 * Files that dcsim makes. Nothing is written through what is there: a file is made new, and
 * takes its place at once. What stands there already is replaced only if dcsim made it.
 *
 * Every function that returns text returns NULL when all went well, else why it did not, for a
 * message behind the name: "it is a link; ...". That text is good until the next call.
 *
 * Source: CWE-59 (link following), CWE-367 (a check before the use).
 */
#ifndef DC_SIM_CMD_OUTFILE_H
#define DC_SIM_CMD_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A folder, opened once: what comes to stand at its name later is not followed. */
struct outdir {
    int fd;
};

#define OUTDIR_DEFAULT "dcsim-out"

/*
 * The folder @path; those parts of it that do not exist are made. A link in it is followed
 * if @follows: then a person typed that path. On error nothing is open.
 */
const char *outdir_open(struct outdir *ret, const char *path, bool follows);

/* The folder for results: @path if it is not NULL, as a person typed it, else OUTDIR_DEFAULT. */
const char *outdir_open_results(struct outdir *ret, const char *path);

/* The folder @path in @dir, likewise; no link is followed. */
const char *outdir_enter(struct outdir *ret, const struct outdir *dir, const char *path);

void outdir_close(struct outdir *dir);

/*
 * A folder that takes its name when all is in it. Until then it is called
 * ".<name>.<number>", so whatever ends dcsim leaves nothing half written at @name.
 */
struct outdir_new {
    struct outdir dir;    /* to be written into; owned */
    struct outdir parent; /* owned */
    char *name, *beside;  /* in parent; owned */
};

/* A new folder for @name in @parent. On error nothing is open. */
const char *outdir_begin(struct outdir_new *ret, const struct outdir *parent, const char *name);

/* It takes its name, which nobody must have but an empty folder, or it goes; closed either way. */
const char *outdir_end(struct outdir_new *dir);

/* It goes, with all that is in it. Fine for a zeroed one. */
void outdir_drop(struct outdir_new *dir);

/* Is there anything at @name but an empty folder? */
bool outdir_is_taken(const struct outdir *parent, const char *name);

/* What may be replaced: a plain file that begins as dcsim begins such a file, or is empty. */
enum outfile_kind {
    OUTFILE_PART = 0, /* of the artifacts: any plain file, as the folder is ours */
    OUTFILE_TRACE,    /* --trace */
    OUTFILE_JSONL,    /* --jsonl */
    OUTFILE_JUNIT,    /* --junit */
    OUTFILE_STORY,    /* of shrink */
    OUTFILE_EDIT,     /* a person's own file, which must be there: fmt -i, --rewrite */
    OUTFILE_KINDS,
};

/*
 * May files that are only told by their names be replaced in @dir? It must be empty, or have
 * the file @name, which is told by what is in it.
 */
const char *outdir_has_only(const struct outdir *dir, const char *name, enum outfile_kind kind);

/* A zeroed one is closed. */
struct outfile {
    FILE *out;         /* to be written to */
    struct outdir dir; /* owned */
    char *name;        /* in dir; owned */
    char *beside;      /* the name that it has until it takes its place; NULL: none; owned */
    enum outfile_kind kind;
    bool in_place; /* it has its name, or goes to a pipe or a device */
    bool is_new;   /* there was nothing at its name */
};

/*
 * Makes a file that is to stand at @path, as a person typed it, or at @name in @dir. It has
 * no name as long as it has not taken its place, so whatever ends dcsim leaves nothing half
 * written; where a file system can do without no name, it is called ".<name>.<number>".
 * A pipe or a device is written to as it is, and so are the descriptors that /dev/stdin,
 * /dev/stdout, /dev/stderr, /dev/fd/N and /proc/self/fd/N stand for, if they were opened for that.
 */
const char *outfile_begin(struct outfile *ret, const char *path, enum outfile_kind kind);
const char *outfile_begin_in(struct outfile *ret, const struct outdir *dir, const char *name,
                             enum outfile_kind kind);

/* The descriptor that @path stands for, such as 1 of /dev/stdout; -1: it stands for none. */
int outfile_descriptor(const char *path);

/*
 * Before there is anything to write: could a file be made at @path? A pipe or a device is not
 * asked, for it may be opened once only.
 */
const char *outfile_may_begin(const char *path, enum outfile_kind kind);

/*
 * What is there cannot always be replaced: something may be mounted there, or its folder may
 * let only owners do so. Then, if it is ours and no person wrote it, it is written over.
 *
 * It takes its place now, and is written on there: what is written may be read at once.
 */
const char *outfile_place(struct outfile *file);

/*
 * It takes its place, if it has not yet, and is closed. On error it is as it was before, unless
 * it had to be written over.
 */
const char *outfile_end(struct outfile *file);

/*
 * The same for a file that cost long work. If it is written and only its place is somebody
 * else's now, it is kept beside it: *@ret_number is not 0 then, and its name has that number
 * behind a dot ("out.xml.1"). Nothing that has such a name already is replaced.
 */
const char *outfile_end_or_keep(struct outfile *file, unsigned *ret_number);

/* Closes it. If it has not taken its place, there never was one. Fine for a closed one. */
void outfile_drop(struct outfile *file);

/* All at once: the file at @path holds these bytes from now on. */
const char *outfile_write(const char *path, enum outfile_kind kind, const char *bytes, size_t len);

/*
 * write() of all of @bytes to an open descriptor: a signal may come between, and a pipe may
 * take less than all. Returns 0, or -1 with errno.
 */
int outfile_write_whole(int fd, const char *bytes, size_t len);

/*
 * The same at the end of @fd. What a plain file has got of it when there is no room for the rest
 * is taken away again, so that it has all of @bytes or nothing.
 */
int outfile_append_whole(int fd, const char *bytes, size_t len);

#endif
