/*
 * The texts of struct env's enums, and the one way to draw a number below a
 * bound.
 */
#include "core/env.h"

#include "core/contract.h"
#include "core/banned.h"

const char *env_event_text(enum env_event event)
{
    switch (event) {
    case ENV_RAISED:
        return "raised";
    case ENV_MERGE_FAILED:
        return "merge failed";
    case ENV_CLIENT_REFUSED:
        return "client refused";
    case ENV_PEER_LEARNED:
        return "peer learned";
    case ENV_PEER_REFUSED:
        return "peer refused";
    case ENV_STARTED:
        return "started";
    case ENV_STOPPED:
        return "stopped";
    case ENV_LOG_EMPTY:
        return "log empty";
    case ENV_LOG_TORN:
        return "log torn";
    case ENV_LOG_UNREADABLE:
        return "the log cannot be read";
    case ENV_LOG_DAMAGED:
        return "log damaged";
    case ENV_COUNTS_LOST:
        return "counts lost";
    case ENV_INCARNATION:
        return "new incarnation";
    case ENV_DISK_FAILED:
        return "disk failed";
    case ENV_LEFT:
        return "left";
    case ENV_PEER_LEFT:
        return "peer left";
    }
    return "?";
}

const char *env_answer_text(enum env_answer answer)
{
    switch (answer) {
    case ENV_OK:
        return "ok";
    case ENV_REFUSED:
        return "refused";
    case ENV_UNKNOWN:
        return "unknown";
    }
    return "?";
}

uint64_t env_below(const struct env *env, uint64_t bound)
{
    PRE(bound > 0, "there is no number below 0");

    /*
     * The upper 64 bits of random * bound, in four products of 32 bits. One
     * draw and no rejection: the bias is below bound / 2^64.
     */
    uint64_t bits = env->ops->random(env->ctx);
    uint64_t bits_low = bits & UINT32_MAX;
    uint64_t bits_high = bits >> 32;
    uint64_t bound_low = bound & UINT32_MAX;
    uint64_t bound_high = bound >> 32;
    uint64_t middle = bits_high * bound_low + ((bits_low * bound_low) >> 32);
    uint64_t other = bits_low * bound_high + (middle & UINT32_MAX);
    uint64_t number = bits_high * bound_high + (middle >> 32) + (other >> 32);

    POST(number < bound, "a draw lies below its bound");
    return number;
}
