/*
 * Linked into a copy of the program with --wrap=digest_of: the first digest
 * breaks a contract, so that a test can see what a user would see.
 */
#include <stdint.h>

#include "core/contract.h"

struct pncounter;
uint64_t __wrap_digest_of(const struct pncounter *counter);

uint64_t __wrap_digest_of(const struct pncounter *counter)
{
    PRE(counter == (void *)0, "planted");
    return 0;
}
