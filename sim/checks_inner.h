/* Inside of the checks: how what is wrong is kept. */
#ifndef DC_SIM_CHECKS_INNER_H
#define DC_SIM_CHECKS_INNER_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/checks.h"

/*
 * Keeps what is wrong, unless something was before: then it returns false, and
 * checks_expect() must not be called.
 */
__attribute__((format(printf, 4, 5))) bool checks_violate(struct checks *checks, const char *check,
                                                          uint32_t node, const char *format, ...);

/* What was expected and what was found, of the violation that was kept just now. */
__attribute__((format(printf, 2, 3))) void checks_expect(struct checks *checks, const char *format,
                                                         ...);

#endif
