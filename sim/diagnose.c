/* The second run, watched. */
#include "sim/diagnose.h"

#include "core/pncounter.h"

struct watcher {
    struct run *again;
    struct lack *lacks;
    size_t len;
};

/* A message from @from to @to: note it for what it carries that is lacking there. */
static void on_fate(void *ctx, uint32_t from, uint32_t to, uint32_t frame, enum net_fate fate,
                    uint32_t stmt, uint64_t arrives_ns)
{
    struct watcher *watcher = ctx;
    struct frames *frames = &watcher->again->cluster.frames;
    bool first;

    if (frames_at(frames, frame)->kind != MESSAGE_PUSH)
        return;
    for (size_t i = 0; i < watcher->len; i++) {
        struct lack *lack = &watcher->lacks[i];

        if (lack->node != to || pncounter_total(&frames_decode(frames, frame, &first)->state,
                                                lack->id, lack->side) <= lack->has)
            continue;
        lack->carried = true;
        lack->from = from;
        lack->sent_ns = watcher->again->world.now_ns;
        lack->fate = fate;
        lack->arrives_ns = arrives_ns;
        lack->stmt = stmt;
    }
}

bool diagnose(const struct run *run, struct lack *lacks, size_t len)
{
    struct run again;
    struct watcher watcher = {.again = &again, .lacks = lacks, .len = len};
    bool same;

    struct run_options options = run->options;

    options.draws = (struct choose_watch){0}; /* were shown already */
    options.shows = (struct show_sink){0};
    run_init(&again, run->scn, &options, NULL);
    again.cluster.watch = (struct cluster_watch){.fate = on_fate, .ctx = &watcher};
    while (again.world.events < run->world.events && run_step(&again))
        ;
    same = again.world.trace.hash == run->world.trace.hash;
    for (size_t i = 0; !same && i < len; i++)
        lacks[i].carried = false;
    run_release(&again);
    return same;
}
