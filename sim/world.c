/* The shared state of a run. */
#include "sim/world.h"

void world_init(struct world *world, uint64_t seed)
{
    *world = (struct world){0};
    choose_init(&world->choose, seed);
}

void world_release(struct world *world)
{
    evq_release(&world->evq);
    *world = (struct world){0};
}

void world_push_ordered(struct world *world, uint64_t at_ns, enum event_kind kind, uint64_t key,
                        uint32_t node, uint64_t payload, uint64_t order)
{
    evq_push(&world->evq, (struct event){
                              .at_ns = at_ns,
                              .order = order,
                              .key = key,
                              .payload = payload,
                              .node = node,
                              .class = EVENT_CLASS_WORLD,
                              .kind = (uint16_t)kind,
                          });
}

void world_limit(struct world *world, const struct world_limit *limit, uint32_t stmt)
{
    if (world->limit)
        return;
    world->limit = limit;
    world->limit_stmt = stmt;
}

void world_push(struct world *world, uint64_t at_ns, enum event_kind kind, uint64_t key,
                uint32_t node, uint64_t payload)
{
    world_push_ordered(world, at_ns, kind, key, node, payload,
                       choose_bits(&world->choose, key, PURPOSE_ORDER));
}

void world_push_scripted(struct world *world, uint64_t at_ns, enum event_class class,
                         enum event_kind kind, uint64_t key, uint64_t order, uint64_t payload)
{
    evq_push(&world->evq, (struct event){
                              .at_ns = at_ns,
                              .order = order,
                              .key = key,
                              .payload = payload,
                              .node = RECORD_NO_NODE,
                              .class = (uint16_t) class,
                              .kind = (uint16_t)kind,
                          });
}

void world_note(struct world *world, uint32_t node, uint32_t level, uint32_t event,
                const struct env_fields *fields)
{
    if (!world->trace.sink.note)
        return; /* most runs: nobody looks */

    struct note note = {
        .at_ns = world->now_ns,
        .key = world->key,
        .node = node,
        .level = level,
        .event = event,
        .fields = fields,
    };

    trace_note(&world->trace, &note);
}
