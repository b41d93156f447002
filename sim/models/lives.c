/*
 * Each life of a ledger has a table of names of its own, as each process has. What is kept
 * from one to the next is kept under the names of the model, which has memory for it.
 */
#include "sim/models/log_inner.h"
#include "sim/fatal.h"

dc_name log_name(struct log_model *log, const struct model_id *id)
{
    dc_name name = DC_NAME_NONE;
    int rc;

    do
        rc = names_intern(&log->names, id->bytes, id->len, &name);
    while (model_again(log->it, rc));
    if (rc < 0)
        fatal("a name of a model is too long");
    return name;
}

dc_name log_kept_name(struct log_model *log, dc_name name)
{
    dc_name kept = DC_NAME_NONE;
    const uint8_t *bytes;
    uint32_t len;

    if (name == DC_NAME_NONE)
        return name;
    model_starve(log->it, false);
    bytes = names_bytes(&log->names, name, &len);
    if (names_intern(&log->it->names, bytes, len, &kept) < 0)
        fatal_memory(0);
    model_starve(log->it, log->is_starved);
    return kept;
}

void log_keep(struct log_model *log, struct pncounter *kept)
{
    const struct pncounter *counter = &log->counter;

    pncounter_clear(kept);
    for (uint32_t i = 0; i < counter->len; i++) {
        dc_name name = log_kept_name(log, counter->ids[i]);

        model_starve(log->it, false);
        if ((counter->inc[i] > 0 &&
             pncounter_raise(kept, name, DC_INC, counter->inc[i], NULL) < 0) ||
            (counter->dec[i] > 0 && pncounter_raise(kept, name, DC_DEC, counter->dec[i], NULL) < 0))
            fatal_memory(0);
        model_starve(log->it, log->is_starved);
    }
}
