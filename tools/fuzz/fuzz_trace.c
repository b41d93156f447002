/*
 * Any bytes as a trace: they replay, differ at a line, or are refused with a
 * reason. A small cluster is run for a while; a large one takes too long here.
 *
 *   fuzz_trace -max_len=16384 NEW tests/traces
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/replay.h"
#include "sim/scenario/scenario.h"
#include "sim/tracehead.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define NODES_MAX 8u
#define LOOKS_MAX 4u

static void need(int truth, const char *what)
{
    if (!truth) {
        fprintf(stderr, "fuzz_trace: %s\n", what);
        abort();
    }
}

static unsigned looks;

static bool enough(void)
{
    return ++looks > LOOKS_MAX;
}

/* Has it a header with a scenario that is small enough? */
static bool is_small(const char *bytes, size_t len)
{
    const char *feed = len > 0 ? memchr(bytes, '\n', len) : NULL;
    char problem[TRACEHEAD_PROBLEM_MAX] = "";
    struct tracehead head;
    struct scenario scn;
    struct diags diags;
    bool small = true;

    if (feed && tracehead_read(&head, bytes, (size_t)(feed - bytes), problem) == 0) {
        if (tracehead_parse(&head, &scn, &diags) == 0)
            small = scn.nodes <= NODES_MAX;
        scenario_release(&scn);
        diags_release(&diags);
    } else if (feed) {
        need(problem[0] != '\0', "a header is refused with a reason");
    }
    if (feed)
        tracehead_release(&head);
    return small;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct replay_options options = {.name = "t", .command = "dcsim", .stop = enough};
    char *out_text = NULL, *err_text = NULL;
    size_t out_len = 0, err_len = 0;
    enum replay_result result;
    FILE *in, *out, *err;

    if (len == 0 || !is_small((const char *)bytes, len))
        return 0;
    looks = 0;
    in = fmemopen((void *)(uintptr_t)bytes, len, "r");
    out = open_memstream(&out_text, &out_len);
    err = open_memstream(&err_text, &err_len);
    need(in && out && err, "memory");
    result = replay_trace(out, err, in, &options);
    fclose(in);
    fclose(out);
    fclose(err);
    need(result != REPLAY_SAME || out_len > 0, "what is the same is said");
    need(result != REPLAY_DIFFERS || out_len > 0, "what differs is shown");
    need(result != REPLAY_NO_TRACE || (err_len > 0 && out_len == 0), "the reason is said");
    free(out_text);
    free(err_text);
    return 0;
}
