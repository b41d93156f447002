/* A file is replaced by a new one next to it, at once. */
#include "sim/cmd_replace.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/fatal.h"

static int complain(const char *name, int err)
{
    fprintf(stderr, "dcsim: cannot write '%s': %s\n", name, strerror(err));
    return -1;
}

/* To @fd, which is closed. Returns 0 or an errno. */
static int write_out(int fd, const char *bytes, size_t len, const struct stat *old)
{
    FILE *out = fdopen(fd, "wb");
    int err = 0;

    if (!out) {
        err = errno;
        close(fd);
        return err;
    }
    /* Whose it is cannot always be kept; who may read and write it can. */
    if (fchown(fd, old->st_uid, old->st_gid) < 0)
        errno = 0;
    if (fchmod(fd, old->st_mode & 07777) < 0 || fwrite(bytes, 1, len, out) != len ||
        fflush(out) != 0 || fsync(fd) < 0)
        err = errno;
    if (fclose(out) != 0 && err == 0)
        err = errno;
    return err;
}

/* A new file next to the old one takes its place at once, or not at all. */
static int replace(const char *name, const char *bytes, size_t len, const struct stat *old)
{
    size_t name_len = strlen(name);
    char *path = fatal_alloc(name_len + sizeof(".XXXXXX"));
    int fd, err = 0;

    memcpy(path, name, name_len);
    memcpy(path + name_len, ".XXXXXX", sizeof(".XXXXXX"));
    fd = mkstemp(path);
    if (fd < 0)
        err = errno;
    if (fd >= 0) {
        err = write_out(fd, bytes, len, old);
        if (err == 0 && rename(path, name) < 0)
            err = errno;
        if (err)
            unlink(path);
    }
    free(path);
    return err ? complain(name, err) : 0;
}

int cmd_replace(const char *name, const char *bytes, size_t len)
{
    struct stat old;

    if (lstat(name, &old) < 0)
        return complain(name, errno);
    if (!S_ISREG(old.st_mode)) {
        fprintf(stderr, "dcsim: cannot write '%s': it is no plain file; name the file itself\n",
                name);
        return -1;
    }
    /* A file in a folder that may be changed can be replaced, even if it may not be written to. */
    if (access(name, W_OK) < 0)
        return complain(name, errno);
    return replace(name, bytes, len, &old);
}

/* Into what is there, which is no plain file. */
static int write_into(const char *name, const char *bytes, size_t len)
{
    FILE *out = fopen(name, "wb");
    int err = 0;

    if (!out)
        return complain(name, errno);
    if (fwrite(bytes, 1, len, out) != len || fflush(out) != 0)
        err = errno;
    if (fclose(out) != 0 && err == 0)
        err = errno;
    return err ? complain(name, err) : 0;
}

int cmd_write(const char *name, const char *bytes, size_t len)
{
    struct stat old = {.st_uid = geteuid(), .st_gid = getegid()};
    mode_t mask;

    if (lstat(name, &old) == 0)
        return S_ISREG(old.st_mode) ? cmd_replace(name, bytes, len) : write_into(name, bytes, len);
    if (errno != ENOENT)
        return complain(name, errno);
    mask = umask(0);
    umask(mask);
    old.st_mode = 0666 & ~mask;
    return replace(name, bytes, len, &old);
}
