/*
 * A calm cluster: no faults, links that delay and may lose a little, a few clients,
 * a node that may leave. Here laws are exact that hold under no mix of faults:
 *
 * - As long as nobody has counted, each question has one answer, and nobody pushes.
 * - When all have heard of the last count, only the timer of whole states pushes.
 * - Nothing that was counted is lost, also when one leaves who has just counted.
 * - Who has left is soon forgotten.
 *
 * All hear of a count within ROUNDS rounds: of those who have not, each asks one at
 * random in each round, so n rounds do not suffice once in about e^n seeds.
 */
#include "sim/swarm/calm.h"

#include <inttypes.h>

#define ROUNDS 40u
/* Then they rest, long enough to tell rest from work. */
#define ROUNDS_OF_REST 160u
#define ROUNDS_IDLE 10u
/* A node that leaves says so for at most so many rounds, each with a push to each peer it picks. */
#define ROUNDS_OF_LEAVING 30u
/* Two messages of the same round are that much apart, at most, for their delays. */
#define LATE_MS 200u

struct calm {
    struct swarm *swarm;
    uint64_t sync_ms, full_ms, idle_ms;
    uint64_t last_ms; /* of the counts */
    int64_t value;
    bool leaves, loses;
};

bool swarm_is_calm(struct swarm *swarm)
{
    struct knob knob = knob_of(swarm, "calm");

    return knob_chance(&knob, 12);
}

static void draw_cluster(struct calm *calm)
{
    struct knob knob = knob_of(calm->swarm, "calm cluster");
    struct knob disk = knob_of(calm->swarm, "calm disk"), net = knob_of(calm->swarm, "calm net");
    uint64_t nodes = calm->swarm->nodes, most = nodes < 5 ? nodes - 1 : 4, lo_ms, hi_ms;
    FILE *out = calm->swarm->out;
    char times[2 * KNOB_TIME_MAX];

    calm->sync_ms = knob_ms(&knob, 40, 120);
    calm->full_ms = calm->sync_ms * knob_draw(&knob, 5, 40);
    calm->idle_ms = ROUNDS_IDLE * calm->sync_ms;
    calm->swarm->sync_ms = calm->sync_ms;
    calm->swarm->fanout = knob_draw(&knob, 1, most);
    fprintf(out, "node sync %" PRIu64 "ms full %" PRIu64 "ms fanout %" PRIu64, calm->sync_ms,
            calm->full_ms, calm->swarm->fanout);
    if (knob_chance(&disk, 50))
        fprintf(out, " fsync %" PRIu64 "ms", knob_draw(&disk, 1, 30));
    if (knob_chance(&disk, 10))
        fputs(" disk off", out);
    lo_ms = knob_draw(&net, 1, 10);
    hi_ms = knob_draw(&net, lo_ms, lo_ms + 20);
    fprintf(out, "\nnet delay %s", knob_times(times, lo_ms, hi_ms));
    calm->loses = knob_chance(&net, 40);
    if (calm->loses) /* one who leaves goes on until it is heard */
        fprintf(out, " loss %" PRIu64 "%%", knob_draw(&net, 1, 30));
    fputc('\n', out);
}

/* Of single nodes, so that what they come to is known. */
static void draw_counts(struct calm *calm)
{
    struct knob knob = knob_of(calm->swarm, "calm clients");
    uint64_t count = knob_draw(&knob, 1, 6);
    char at[KNOB_TIME_MAX];

    calm->last_ms = calm->idle_ms;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t node = knob_draw(&knob, 1, calm->swarm->nodes);
        uint64_t by = knob_draw(&knob, 1, 1000), times = knob_draw(&knob, 1, 20);
        bool inc = knob_chance(&knob, 70);

        calm->last_ms += knob_draw(&knob, 0, 3 * calm->sync_ms);
        calm->value += (inc ? 1 : -1) * (int64_t)(by * times);
        fprintf(calm->swarm->out, "at %s %s n%" PRIu64 " by %" PRIu64 " x%" PRIu64 "\n",
                knob_time(at, calm->last_ms), inc ? "inc" : "dec", node, by, times);
    }
}

/* One only: the more leave, the more say so to those who are about to go. */
static void draw_leave(struct calm *calm)
{
    struct knob knob = knob_of(calm->swarm, "calm leave");
    uint64_t node = knob_draw(&knob, 1, calm->swarm->nodes), by = knob_draw(&knob, 1, 1000);
    char at[KNOB_TIME_MAX];

    calm->leaves = calm->swarm->nodes >= 4 && knob_chance(&knob, 50);
    if (!calm->leaves)
        return;
    calm->last_ms += knob_draw(&knob, 0, ROUNDS * calm->sync_ms);
    knob_time(at, calm->last_ms);
    calm->value += (int64_t)by;
    fprintf(calm->swarm->out, "at %s inc n%" PRIu64 " by %" PRIu64 "\n", at, node, by);
    fprintf(calm->swarm->out, "+1ms leave n%" PRIu64 "\n", node);
}

static void expect_laws(const struct calm *calm, const char *end)
{
    uint64_t per_round = calm->swarm->nodes * calm->swarm->fanout;
    uint64_t work_ms = calm->last_ms - calm->idle_ms + ROUNDS * calm->sync_ms + LATE_MS;
    uint64_t pushes = per_round * (work_ms / calm->sync_ms + 2);
    uint64_t whole = calm->swarm->fanout / 2 > 0 ? calm->swarm->fanout / 2 : 1;
    FILE *out = calm->swarm->out;
    char idle[KNOB_TIME_MAX];

    pushes += calm->swarm->nodes * whole * (calm->swarm->until_ms / calm->full_ms + 2);
    if (calm->leaves)
        pushes += calm->swarm->fanout * ROUNDS_OF_LEAVING;
    knob_time(idle, calm->idle_ms - 1);
    fprintf(out, "expect pushes == 0 at %s\n", idle);
    fprintf(out, "expect messages <= %" PRIu64 " at %s\n", 2 * per_round * (ROUNDS_IDLE + 1), idle);
    fprintf(out, "expect pushes <= %" PRIu64 " at %s\n", pushes, end);
    if (calm->leaves && !calm->loses)
        fprintf(out, "expect dropped <= %" PRIu64 " at %s\n", calm->swarm->fanout * ROUNDS + ROUNDS,
                end);
    else if (!calm->loses)
        fprintf(out, "expect dropped == 0 at %s\n", end);
    fprintf(out, "expect value == %" PRId64 "\n", calm->value);
}

void swarm_calm(struct swarm *swarm)
{
    struct calm calm = {.swarm = swarm};
    char until[KNOB_TIME_MAX];

    draw_cluster(&calm);
    draw_counts(&calm);
    draw_leave(&calm);
    swarm->until_ms = calm.last_ms + (ROUNDS + ROUNDS_OF_REST) * calm.sync_ms;
    knob_time(until, swarm->until_ms);
    fprintf(swarm->out, "quiet %s\nexpect converged\nexpect value == oracle\n", until);
    expect_laws(&calm, until);
}
