/*
 * A file of seeds that have failed, to be run first:
 *
 *   file seed model [-D name=value]... [# date reason build]
 *
 * One a line; blank lines and comments are passed over. The swarm is the file
 * "swarm", with --nodes A..B where others have -D. A word that has a blank, a '#' or a
 * byte that cannot be shown in it is $'...', as text_dollar() has it.
 */
#ifndef DC_SIM_CAMPAIGN_KNOWN_H
#define DC_SIM_CAMPAIGN_KNOWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/scenario/scenario.h"

#define KNOWN_SWARM "swarm"
#define KNOWN_PROBLEM_MAX 200u

struct known_seed {
    const char *file;
    uint64_t seed, model;
    struct scn_define *defines; /* as -D has them; owned */
    size_t defines_len;
    struct scn_range nodes; /* of the swarm */
    uint32_t line;
};

/* A zeroed one is empty. */
struct known {
    char *text;              /* owned, and cut into words; all else points into it */
    struct known_seed *list; /* in the order of the file; owned */
    size_t len, cap;
};

/*
 * Reads @text of @len bytes, behind which stands a 0, and which is taken over. A byte order
 * mark before it says nothing. Returns 0, or -1 with what is wrong in @reterr and where in
 * *ret_line. Either way @ret is released.
 */
int known_read(struct known *ret, char *text, size_t len, uint32_t *ret_line,
               char reterr[static KNOWN_PROBLEM_MAX]);
void known_release(struct known *known);

/* Is that seed, with these defines or nodes, in it? */
bool known_has(const struct known *known, const struct known_seed *seed);

/* Orders them by their file, and their defines or nodes. 0: they are of one scenario. */
int known_compare(const struct known_seed *a, const struct known_seed *b);

/* The line of it, with what stands behind its '#'. */
void known_print(FILE *out, const struct known_seed *seed, const char *date, const char *reason,
                 const char *build);

#endif
