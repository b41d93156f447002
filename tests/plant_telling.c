/*
 * Linked into dcsim-planted: $DCSIM_TELLING says what becomes of whoever looks for the cause of a
 * run, or makes its artifacts, when its verdict is known: it hangs, has no memory, crashes, or
 * breaks a contract. Or the release of a run hangs-behind, or crashes-behind.
 */
#include <stdlib.h>
#include <string.h>

#include "core/contract.h"
#include "sim/artifacts.h"
#include "sim/fatal.h"
#include "sim/report.h"
#include "sim/run.h"

char *__real_report_why(const struct report *report, const struct run *run);
char *__wrap_report_why(const struct report *report, const struct run *run);
bool __real_artifacts_write(FILE *out, const char *path, const struct report *report,
                            const struct run *run, size_t more);
bool __wrap_artifacts_write(FILE *out, const char *path, const struct report *report,
                            const struct run *run, size_t more);

void __real_run_release(struct run *run);
void __wrap_run_release(struct run *run);

static void suffer(void)
{
    const char *how = getenv("DCSIM_TELLING");
    volatile bool hangs = how && strcmp(how, "hang") == 0;

    while (hangs)
        ;
    if (how && strcmp(how, "memory") == 0)
        fatal_memory(0);
    if (how && strcmp(how, "crash") == 0)
        abort();
    if (how && strcmp(how, "contract") == 0)
        contract_failed("precondition", "false", "planted", __FILE__, __LINE__);
}

char *__wrap_report_why(const struct report *report, const struct run *run)
{
    suffer();
    return __real_report_why(report, run);
}

bool __wrap_artifacts_write(FILE *out, const char *path, const struct report *report,
                            const struct run *run, size_t more)
{
    suffer();
    return __real_artifacts_write(out, path, report, run, more);
}

void __wrap_run_release(struct run *run)
{
    const char *how = getenv("DCSIM_TELLING");
    volatile bool hangs = how && strcmp(how, "hangs-behind") == 0;

    while (hangs)
        ;
    if (how && strcmp(how, "crashes-behind") == 0)
        abort();
    __real_run_release(run);
}
