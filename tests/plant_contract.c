/*
 * Linked into a copy of the program with --wrap=digest_of: the first digest of
 * a run breaks a contract, or kills the process if $DCSIM_PLANT says "signal",
 * so that tests can see what a user would see.
 */
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/contract.h"

struct pncounter;
uint64_t __wrap_digest_of(const struct pncounter *counter);

uint64_t __wrap_digest_of(const struct pncounter *counter)
{
    const char *plant = getenv("DCSIM_PLANT");

    if (plant && strcmp(plant, "signal") == 0) {
        signal(SIGFPE, SIG_DFL);
        raise(SIGFPE);
    }
    PRE(counter == (void *)0, "planted");
    return 0;
}
