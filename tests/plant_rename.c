/*
 * Linked into dcsim-planted: with $DCSIM_NO_RENAME a rename fails as one onto a file that is
 * mounted there, for which a test would have to be root.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int __real_renameat(int from, const char *name, int to, const char *new_name);
int __wrap_renameat(int from, const char *name, int to, const char *new_name);

int __wrap_renameat(int from, const char *name, int to, const char *new_name)
{
    if (!getenv("DCSIM_NO_RENAME"))
        return __real_renameat(from, name, to, new_name);
    errno = EBUSY;
    return -1;
}
