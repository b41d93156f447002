/* Files that take their place at once. */
#define _GNU_SOURCE /* O_PATH, O_TMPFILE */
#include "sim/cmd_outfile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cmd_seeds.h"
#include "sim/fatal.h"

/* Names that are tried for a file that must have one. */
#define BESIDE_TRIES 100u
#define PROC_FD_MAX 64u
#define COPY_BYTES 8192u
/* So much of a file is looked at to see whose it is. */
#define LOOK_BYTES 8192u

#ifdef O_PATH
#define OPEN_FOLDER (O_PATH | O_DIRECTORY | O_CLOEXEC)
#else
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)
#endif

/* How each kind of file begins, and what to call it. */
static const struct kind {
    const char *start; /* NULL: of any */
    const char *line;  /* one of its first lines begins so; NULL: none needs to */
    const char *text;
} kinds[OUTFILE_KINDS] = {
    [OUTFILE_TRACE] = {.start = "{\"dcsim_trace\":", .text = "it is no trace of dcsim"},
    [OUTFILE_JSONL] = {.start = "{\"schema\":1,\"scenario\":",
                       .text = "it is no JSONL file of dcsim"},
    [OUTFILE_JUNIT] = {.start = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                "<testsuites name=\"dcsim\"",
                       .text = "it is no JUnit file of dcsim"},
    [OUTFILE_STORY] = {.line = "# Shrunk ", .text = "it is no story that was shrunk"},
};

static char *copy_of(const char *text, size_t len)
{
    char *copy = fatal_alloc(len + 1);

    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

/* ---- folders ---- */

/* The folder @name in @at, which is made if it is not there. */
static const char *enter(int *ret_fd, int at, const char *name, bool follows)
{
    int flags = OPEN_FOLDER | (follows ? 0 : O_NOFOLLOW);
    struct stat there;

    *ret_fd = openat(at, name, flags);
    if (*ret_fd < 0 && errno == ENOENT) {
        if (mkdirat(at, name, 0777) < 0 && errno != EEXIST)
            return strerror(errno);
        *ret_fd = openat(at, name, flags);
    }
    if (*ret_fd >= 0)
        return NULL;
    if (!follows && fstatat(at, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(there.st_mode))
        return "a part of that path is a link, which is not followed; remove it, or name another "
               "folder with -o";
    return strerror(errno);
}

/* From the folder @fd, which is closed, on. */
static const char *enter_all(struct outdir *ret, int fd, const char *path, bool follows)
{
    const char *why = NULL;

    while (!why && *path) {
        size_t len = strcspn(path, "/");

        if (len > 0) {
            char *part = copy_of(path, len);
            int next = -1;

            if (!follows && strcmp(part, "..") == 0)
                why = "it leads out of its folder";
            else
                why = enter(&next, fd, part, follows);
            free(part);
            close(fd);
            fd = next;
        }
        path += len;
        path += *path == '/';
    }
    ret->fd = fd;
    return why;
}

const char *outdir_open(struct outdir *ret, const char *path, bool follows)
{
    int fd = open(*path == '/' ? "/" : ".", OPEN_FOLDER);

    ret->fd = -1;
    return fd < 0 ? strerror(errno) : enter_all(ret, fd, path, follows);
}

const char *outdir_open_results(struct outdir *ret, const char *path)
{
    return outdir_open(ret, path ? path : OUTDIR_DEFAULT, path != NULL);
}

const char *outdir_enter(struct outdir *ret, const struct outdir *dir, const char *path)
{
    int fd = openat(dir->fd, ".", OPEN_FOLDER);

    ret->fd = -1;
    return fd < 0 ? strerror(errno) : enter_all(ret, fd, path, false);
}

void outdir_close(struct outdir *dir)
{
    if (dir->fd >= 0)
        close(dir->fd);
    dir->fd = -1;
}

/* ---- a new folder ---- */

/* ".story-8.17", which nobody has. */
static char *name_beside(const char *of, unsigned number)
{
    size_t size = strlen(of) + 2 * 3 * sizeof(long) + 4;
    char *name = fatal_alloc(size);

    snprintf(name, size, ".%s.%ld.%u", of, (long)getpid(), number);
    return name;
}

static DIR *list_of(int fd, const char *name)
{
    int list_fd = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *list = list_fd < 0 ? NULL : fdopendir(list_fd);

    if (!list && list_fd >= 0)
        close(list_fd);
    return list;
}

/* The next in @list that is neither the folder itself nor the one around it. */
static const char *next_name(DIR *list)
{
    const struct dirent *it;

    while ((it = readdir(list)) != NULL)
        if (strcmp(it->d_name, ".") != 0 && strcmp(it->d_name, "..") != 0)
            return it->d_name;
    return NULL;
}

/* One that we made, so it is no deeper than the names of our files. */
static void remove_tree(int fd, const char *name)
{
    DIR *list = list_of(fd, name);

    for (const char *part; list && (part = next_name(list)) != NULL;)
        if (unlinkat(dirfd(list), part, 0) < 0)
            remove_tree(dirfd(list), part);
    if (list)
        closedir(list);
    unlinkat(fd, name, AT_REMOVEDIR);
}

static const char *make_beside(struct outdir_new *dir)
{
    const char *why = NULL;
    int rc = -1;

    for (unsigned i = 0; rc < 0 && i < BESIDE_TRIES; i++) {
        dir->beside = name_beside(dir->name, i);
        rc = mkdirat(dir->parent.fd, dir->beside, 0777);
        if (rc == 0)
            break;
        why = strerror(errno);
        free(dir->beside);
        dir->beside = NULL;
        if (errno != EEXIST)
            break;
    }
    return rc < 0 ? why : outdir_enter(&dir->dir, &dir->parent, dir->beside);
}

const char *outdir_begin(struct outdir_new *ret, const struct outdir *parent, const char *name)
{
    const char *why;

    *ret = (struct outdir_new){.dir = {-1}, .name = copy_of(name, strlen(name))};
    why = outdir_enter(&ret->parent, parent, "");
    if (!why)
        why = make_beside(ret);
    if (why)
        outdir_drop(ret);
    return why;
}

const char *outdir_end(struct outdir_new *dir)
{
    const char *why = NULL;

    if (renameat(dir->parent.fd, dir->beside, dir->parent.fd, dir->name) < 0) {
        why = strerror(errno);
    } else {
        free(dir->beside);
        dir->beside = NULL;
    }
    outdir_drop(dir);
    return why;
}

void outdir_drop(struct outdir_new *dir)
{
    if (dir->name) {
        if (dir->beside)
            remove_tree(dir->parent.fd, dir->beside);
        outdir_close(&dir->dir);
        outdir_close(&dir->parent);
    }
    free(dir->beside);
    free(dir->name);
    *dir = (struct outdir_new){.dir = {-1}, .parent = {-1}};
}

bool outdir_is_taken(const struct outdir *parent, const char *name)
{
    struct stat there;
    bool is_folder = fstatat(parent->fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0;
    DIR *list = is_folder && S_ISDIR(there.st_mode) ? list_of(parent->fd, name) : NULL;
    bool filled = is_folder && (!list || next_name(list) != NULL);

    if (list)
        closedir(list);
    return filled;
}

/* ---- what is there ---- */

static bool has_line(const char *text, const char *start)
{
    size_t len = strlen(start);

    while (text) {
        if (strncmp(text, start, len) == 0)
            return true;
        text = strchr(text, '\n');
        text += text != NULL;
    }
    return false;
}

/* Did dcsim make it, or is it empty? */
static const char *look_inside(const struct outfile *file)
{
    const struct kind *kind = &kinds[file->kind];
    int fd = openat(file->dir.fd, file->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *text;
    ssize_t got;
    bool ours;

    if (fd < 0)
        return strerror(errno);
    text = fatal_calloc(1, LOOK_BYTES + 1);
    do
        got = read(fd, text, LOOK_BYTES);
    while (got < 0 && errno == EINTR);
    close(fd);
    ours = got == 0 ||
           (got > 0 && (!kind->start || strncmp(text, kind->start, strlen(kind->start)) == 0) &&
            (!kind->line || has_line(text, kind->line)));
    free(text);
    return ours ? NULL : kind->text;
}

/* May what is there be replaced? Its owner and mode are kept. */
static const char *look_at_plain(const struct outfile *file)
{
    if (faccessat(file->dir.fd, file->name, W_OK, 0) < 0)
        return strerror(errno);
    if (!kinds[file->kind].start && !kinds[file->kind].line)
        return NULL;
    return look_inside(file);
}

const char *outdir_has_only(const struct outdir *dir, const char *name, enum outfile_kind kind)
{
    struct outfile file = {.dir = *dir, .name = (char *)name, .kind = kind}; /* is only read */
    DIR *list = list_of(dir->fd, ".");
    struct stat there;
    bool empty;

    if (!list)
        return strerror(errno);
    empty = !next_name(list);
    closedir(list);
    if (empty)
        return NULL;
    if (fstatat(dir->fd, name, &there, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(there.st_mode) &&
        there.st_size > 0 && !look_inside(&file))
        return NULL;
    return "dcsim did not make what is in that folder; name another one with -o";
}

#define IS_A_LINK "it is a link; name the file itself"

static const char *begin_opened(struct outfile *file, int fd)
{
    file->in_place = true;
    file->out = fdopen(fd, "wb");
    if (!file->out)
        fatal_memory(0);
    return NULL;
}

/* A pipe or a device. */
static const char *begin_device(struct outfile *file)
{
    struct stat there;
    int fd;

    do { /* of a pipe, until somebody reads from it */
        if (seeds_interrupted())
            return "interrupted before anybody read from it";
        fd = openat(file->dir.fd, file->name,
                    O_WRONLY | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno == ELOOP ? IS_A_LINK : strerror(errno);
    if (fstat(fd, &there) < 0 || S_ISREG(there.st_mode)) {
        close(fd);
        return "another file has come there meanwhile";
    }
    return begin_opened(file, fd);
}

/*
 * What whoever started us has opened. It is not opened once more: who may only read it must not
 * write to it, and what goes to a file stands behind what others wrote to that descriptor.
 */
static const char *begin_descriptor(struct outfile *file, int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL), fd;

    if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
        return "it was opened for reading only";
    fd = flags < 0 ? -1 : fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    return fd < 0 ? strerror(errno) : begin_opened(file, fd);
}

/* ---- a new file ---- */

/* A name in /proc for a descriptor, through which a file without a name is given one. */
static const char *proc_name(char buf[static PROC_FD_MAX], int fd)
{
    snprintf(buf, PROC_FD_MAX, "/proc/self/fd/%d", fd);
    return buf;
}

static int open_nameless(const struct outfile *file)
{
#ifdef O_TMPFILE
    char name[PROC_FD_MAX];
    struct stat there;
    int fd = openat(file->dir.fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);

    if (fd >= 0 && stat(proc_name(name, fd), &there) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
#else
    (void)file;
#endif
    return -1;
}

static int open_beside(struct outfile *file)
{
    int fd = -1;

    for (unsigned i = 0; fd < 0 && i < BESIDE_TRIES; i++) {
        file->beside = name_beside(file->name, i);
        fd = openat(file->dir.fd, file->beside, O_CREAT | O_EXCL | O_NOFOLLOW | O_RDWR | O_CLOEXEC,
                    0666);
        if (fd < 0) {
            int err = errno;

            free(file->beside);
            file->beside = NULL;
            errno = err;
            if (err != EEXIST)
                break;
        }
    }
    return fd;
}

static const char *begin_new(struct outfile *file, const struct stat *old)
{
    int fd = open_nameless(file);

    if (fd < 0)
        fd = open_beside(file);
    if (fd < 0)
        return strerror(errno);
    file->out = fdopen(fd, "wb");
    if (!file->out)
        fatal_memory(0);
    file->is_new = !old;
    /* Whose it is cannot always be kept; who may read and write it can. */
    if (old && fchown(fd, old->st_uid, old->st_gid) < 0)
        errno = 0;
    return old && fchmod(fd, old->st_mode & 07777) < 0 ? strerror(errno) : NULL;
}

/* The file has its folder and its name. */
static const char *begin_at(struct outfile *file)
{
    struct stat there;
    const char *why;

    if (fstatat(file->dir.fd, file->name, &there, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT && file->kind != OUTFILE_EDIT ? begin_new(file, NULL)
                                                             : strerror(errno);
    if (S_ISREG(there.st_mode)) {
        why = look_at_plain(file);
        return why ? why : begin_new(file, &there);
    }
    if (S_ISDIR(there.st_mode))
        return strerror(EISDIR);
    if (file->kind == OUTFILE_EDIT)
        return "it is no plain file; name the file itself";
    if (file->kind == OUTFILE_PART || file->kind == OUTFILE_STORY)
        return "what stands there is no plain file, and not written through; remove it";
    return begin_device(file);
}

/* What only begins like one ("/dev/shm/x", "/dev/../x") leads anywhere. */
int outfile_descriptor(const char *path)
{
    static const char *const names[] = {"/dev/stdin", "/dev/stdout", "/dev/stderr"};
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};

    for (int i = 0; i < 3; i++)
        if (strcmp(path, names[i]) == 0)
            return i;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
        size_t len = strlen(folders[i]);
        const char *number = path + len;

        if (strncmp(path, folders[i], len) == 0 && *number != '\0' &&
            number[strspn(number, "0123456789")] == '\0')
            return strlen(number) < 9 ? atoi(number) : INT_MAX; /* which nobody has open */
    }
    return -1;
}

const char *outfile_begin(struct outfile *ret, const char *path, enum outfile_kind kind)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *why = NULL;
    char *folder = slash ? copy_of(path, (size_t)(slash - path) + 1) : copy_of(".", 1);
    int descriptor = outfile_descriptor(path);

    *ret = (struct outfile){.kind = kind, .name = copy_of(name, strlen(name))};
    ret->dir.fd = open(folder, OPEN_FOLDER);
    if (*name == '\0')
        why = *path == '\0' ? strerror(ENOENT) : strerror(EISDIR);
    else if (ret->dir.fd < 0)
        why = strerror(errno);
    free(folder);
    if (!why)
        why = descriptor < 0 ? begin_at(ret) : begin_descriptor(ret, descriptor);
    if (why)
        outfile_drop(ret);
    return why;
}

const char *outfile_may_begin(const char *path, enum outfile_kind kind)
{
    struct outfile file;
    struct stat there;
    const char *why;

    if (outfile_descriptor(path) < 0 && lstat(path, &there) == 0 && !S_ISREG(there.st_mode) &&
        !S_ISDIR(there.st_mode) && !S_ISLNK(there.st_mode))
        return NULL;
    why = outfile_begin(&file, path, kind);
    outfile_drop(&file);
    return why;
}

const char *outfile_begin_in(struct outfile *ret, const struct outdir *dir, const char *name,
                             enum outfile_kind kind)
{
    const char *why;

    *ret = (struct outfile){.kind = kind, .name = copy_of(name, strlen(name))};
    why = outdir_enter(&ret->dir, dir, "");
    if (!why)
        why = begin_at(ret);
    if (why)
        outfile_drop(ret);
    return why;
}

/* ---- its place ---- */

/* One without a name gets one: its own, if nobody has that. */
static int give_name(struct outfile *file)
{
    char proc[PROC_FD_MAX];
    int rc = -1;

    proc_name(proc, fileno(file->out));
    if (file->is_new)
        return linkat(AT_FDCWD, proc, file->dir.fd, file->name, AT_SYMLINK_FOLLOW);
    for (unsigned i = 0; rc < 0 && i < BESIDE_TRIES; i++) {
        char *name = name_beside(file->name, i);

        rc = linkat(AT_FDCWD, proc, file->dir.fd, name, AT_SYMLINK_FOLLOW);
        if (rc == 0)
            file->beside = name;
        else
            free(name);
        if (rc < 0 && errno != EEXIST)
            break;
    }
    return rc;
}

/* What has come there since the file was begun may be ours too: another dcsim made it. */
static const char *look_again(struct outfile *file)
{
    struct stat there;

    file->is_new = false;
    if (fstatat(file->dir.fd, file->name, &there, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? NULL : strerror(errno);
    return S_ISREG(there.st_mode) ? look_at_plain(file)
                                  : "what stands there is no plain file, and not written through; "
                                    "remove it";
}

/* Its own name, if nobody has that. A rename would take it from whoever has. */
static int place_new(struct outfile *file)
{
    if (!file->beside)
        return give_name(file);
    if (linkat(file->dir.fd, file->beside, file->dir.fd, file->name, 0) < 0)
        return -1;
    unlinkat(file->dir.fd, file->beside, 0);
    free(file->beside);
    file->beside = NULL;
    return 0;
}

/* What a person would miss is on the disk before it takes the place of what was there. */
static bool is_precious(const struct outfile *file)
{
    return file->kind == OUTFILE_EDIT || file->kind == OUTFILE_STORY;
}

/* Writes to @fd all that is in @from. Returns 0, or -1 with errno. */
static int copy_all(int fd, int from)
{
    char bytes[COPY_BYTES];
    off_t at = 0;
    ssize_t got;

    while ((got = pread(from, bytes, sizeof(bytes), at)) != 0) {
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0 || outfile_write_whole(fd, bytes, (size_t)got) < 0)
            return -1;
        at += got;
    }
    return 0;
}

/*
 * What stands at its name cannot be replaced, such as a file that is mounted there, or one of
 * another user in a folder where only owners rename. It is ours, and may be written to, so it
 * gets what is written up to now, and what comes.
 */
static const char *take_over(struct outfile *file)
{
    const char *why = look_at_plain(file);
    int fd;

    if (why)
        return why;
    fd = openat(file->dir.fd, file->name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return strerror(errno);
    if (fflush(file->out) != 0 || ftruncate(fd, 0) < 0 || copy_all(fd, fileno(file->out)) < 0 ||
        dup2(fd, fileno(file->out)) < 0 || fcntl(fileno(file->out), F_SETFD, FD_CLOEXEC) < 0)
        why = strerror(errno);
    close(fd);
    if (!why && file->beside)
        unlinkat(file->dir.fd, file->beside, 0);
    return why;
}

static const char *replace_old(struct outfile *file)
{
    if (renameat(file->dir.fd, file->beside, file->dir.fd, file->name) == 0)
        return NULL;
    if (!is_precious(file) && (errno == EBUSY || errno == EPERM || errno == EACCES))
        return take_over(file);
    return strerror(errno);
}

const char *outfile_place(struct outfile *file)
{
    const char *why;

    if (file->in_place)
        return NULL;
    if (file->is_new && place_new(file) == 0) {
        file->in_place = true;
        return NULL;
    }
    if (file->is_new) {
        why = errno == EEXIST ? look_again(file) : strerror(errno);
        if (why)
            return why;
    }
    if (!file->beside && give_name(file) < 0)
        return strerror(errno);
    why = file->beside ? replace_old(file) : NULL;
    if (why)
        return why;
    free(file->beside);
    file->beside = NULL;
    file->in_place = true;
    return NULL;
}

/* Gives what is written a name of its own: "out.xml.1". Returns the number, or 0. */
static unsigned keep_beside(const struct outfile *file)
{
    size_t size = strlen(file->name) + 3 * sizeof(unsigned) + 2;
    char *name = fatal_alloc(size), proc[PROC_FD_MAX];
    unsigned number = 0;
    int rc = -1;

    proc_name(proc, fileno(file->out));
    while (rc < 0 && number < BESIDE_TRIES) {
        snprintf(name, size, "%s.%u", file->name, ++number);
        rc = file->beside ? linkat(file->dir.fd, file->beside, file->dir.fd, name, 0)
                          : linkat(AT_FDCWD, proc, file->dir.fd, name, AT_SYMLINK_FOLLOW);
        if (rc < 0 && errno != EEXIST)
            break;
    }
    free(name);
    return rc < 0 ? 0 : number;
}

/* All is with the system, and on the disk if a person would miss it. */
static const char *flush(struct outfile *file)
{
    bool failed = ferror(file->out) != 0;

    fflush(stdout); /* it may go to the same place, and came before */
    if (fflush(file->out) != 0 || failed)
        return strerror(errno ? errno : EIO);
    if (is_precious(file) && !file->in_place && fsync(fileno(file->out)) < 0)
        return strerror(errno);
    return NULL;
}

/* @ret_number may be NULL: then it is not kept. */
static const char *end(struct outfile *file, unsigned *ret_number)
{
    const char *why = flush(file);

    if (!why) {
        why = outfile_place(file);
        if (why && ret_number)
            *ret_number = keep_beside(file);
    }
    if (!why && fclose(file->out) != 0) {
        why = strerror(errno);
        file->out = NULL;
    } else if (!why) {
        file->out = NULL;
    }
    outfile_drop(file);
    return why;
}

const char *outfile_end(struct outfile *file)
{
    return end(file, NULL);
}

const char *outfile_end_or_keep(struct outfile *file, unsigned *ret_number)
{
    *ret_number = 0;
    return end(file, ret_number);
}

void outfile_drop(struct outfile *file)
{
    if (file->out)
        fclose(file->out);
    if (file->beside) {
        unlinkat(file->dir.fd, file->beside, 0);
        free(file->beside);
    }
    if (file->name)
        outdir_close(&file->dir);
    free(file->name);
    *file = (struct outfile){0};
}

const char *outfile_write(const char *path, enum outfile_kind kind, const char *bytes, size_t len)
{
    struct outfile file;
    const char *why = outfile_begin(&file, path, kind);

    if (why)
        return why;
    fwrite(bytes, 1, len, file.out);
    return outfile_end(&file);
}

int outfile_write_whole(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t wrote = write(fd, bytes, len);

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return -1;
        bytes += wrote;
        len -= (size_t)wrote;
    }
    return 0;
}

int outfile_append_whole(int fd, const char *bytes, size_t len)
{
    struct stat before;
    bool plain = fstat(fd, &before) == 0 && S_ISREG(before.st_mode);
    int err;

    if (outfile_write_whole(fd, bytes, len) == 0)
        return 0;
    err = errno;
    /* If that fails too, the first reason is the one to be told. */
    if (plain && ftruncate(fd, before.st_size) == 0)
        lseek(fd, 0, SEEK_END);
    errno = err;
    return -1;
}
