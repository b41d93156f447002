/* Inside of sim/models: the ids that are drawn, and what each question needs. */
#ifndef DC_SIM_MODELS_MODEL_INNER_H
#define DC_SIM_MODELS_MODEL_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/names.h"
#include "core/pncounter.h"
#include "core/types.h"
#include "sim/checks.h"
#include "sim/choose.h"
#include "sim/memory.h"
#include "sim/met.h"

#define MODEL_IDS_MAX 140u
#define MODEL_STATES 2u

/* An id, and its totals in each of the model's states, by side. */
struct model_id {
    uint8_t *bytes; /* owned */
    uint32_t len;
    dc_name name;
    uint64_t totals[MODEL_STATES][2];
};

struct model {
    struct checks *checks; /* borrowed */
    uint32_t node;         /* in whose name */
    struct choose choose;
    uint64_t key;   /* names the node, and how often it was asked */
    uint64_t draws; /* so far */
    struct met met; /* of no statement: what memory that fails is counted for */
    struct memory memory;
    uint64_t refused; /* requests for memory, when it was asked again last */
    struct names names;
    struct model_id *ids; /* ascending by their bytes; owned */
    uint32_t len;
};

/* Uniform in @lo..@hi. Draws are numbered, so two never stand among the arguments of one call. */
uint64_t model_draw(struct model *it, uint64_t lo, uint64_t hi);
/* A request for memory may fail from now on, or none does. */
void model_starve(struct model *it, bool on);
/* Is that for lack of memory, and worth another try? Only where some was refused since. */
bool model_again(struct model *it, int rc);
void model_wrong(const struct model *it, enum check check, const char *what, uint64_t due,
                 uint64_t found);

/* What is wrong once is not asked any further: it may lead anywhere. */
bool model_is_wrong(const struct model *it);

/* Each asks its questions; @it has its ids. */
void model_ask_buffers(struct model *it); /* (buffers.c) */
void model_ask_forms(struct model *it);   /* (forms.c) */
void model_ask_hash(struct model *it);    /* (hash.c) */
void model_ask_names(struct model *it);   /* (names.c) */
void model_ask_states(struct model *it);  /* (states.c) */
void model_ask_members(struct model *it); /* (members.c) */
void model_ask_rounds(struct model *it);  /* (rounds.c) */
void model_ask_log(struct model *it);     /* (log.c) */

/* Is @counter state @which of the model? */
void model_compare(const struct model *it, const struct pncounter *counter, uint32_t which);

#endif
