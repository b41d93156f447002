/*
 * The default answer to a broken contract: one line to stderr, then abort.
 *
 * Alone in its file, so that a program which defines contract_failed() itself
 * never pulls this one out of the archive.
 */
#include "core/contract.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/banned.h"

_Noreturn void contract_failed(const char *kind, const char *condition, const char *message,
                               const char *file, int line)
{
    fprintf(stderr, "%s:%d: %s broken: %s (%s)\n", contract_place(file), line, kind, message,
            condition);
    abort();
}
