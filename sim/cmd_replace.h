/*
 * Writing a file so that it is the old one or the new one, never a part.
 */
#ifndef DC_SIM_CMD_REPLACE_H
#define DC_SIM_CMD_REPLACE_H

#include <stddef.h>

/*
 * The plain file @name, which exists, holds these bytes from now on; who may
 * read and write it stays. Returns 0, or -1 after a message; then it is as it was.
 */
int cmd_replace(const char *name, const char *bytes, size_t len);

/*
 * Likewise for a file that need not exist. What is no plain file (a pipe, a
 * terminal) is written to as it is.
 */
int cmd_write(const char *name, const char *bytes, size_t len);

#endif
