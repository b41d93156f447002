/*
 * Helpers for tests of traces: the trace of a scenario as one text, its lines,
 * and a replay of any text.
 */
#ifndef DC_TESTS_LIB_TRACE_H
#define DC_TESTS_LIB_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "sim/replay.h"

/*
 * The whole trace of the scenario @text with @seed, to be freed; of its lines
 * the last @last, 0: all. The hash of the run is stored in *ret_hash unless
 * that is NULL. The run is interrupted after @events events, 0: it is not.
 */
char *trace_of(const char *text, uint64_t seed, uint64_t last, uint64_t events, uint64_t *ret_hash);

size_t trace_lines(const char *trace);

/* Line @number, from 1, without its line feed. */
const char *trace_line(const char *trace, size_t number, size_t *ret_len);

/*
 * The trace with @count lines from @number on taken away, and @text, as it is,
 * in their place; to be freed.
 */
char *trace_edit(const char *trace, size_t number, size_t count, const char *text);

/* What a replay of @len bytes came to and said, to @out and @err; texts to be freed. */
struct replayed {
    enum replay_result result;
    char *out, *err;
};
struct replayed trace_replay(const char *bytes, size_t len);
void replayed_release(struct replayed *replayed);

#endif
