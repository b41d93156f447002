/*
 * Nodes that are to agree while clients go on: each operation parts them until all have
 * heard of it, so that with many of them there is hardly an instant at which nobody lacks
 * one.
 */
#include "sim/scenario/hints.h"

#include <inttypes.h>
#include <string.h>

#include "core/types.h"
#include "sim/scenario/bound.h"
#include "sim/scenario/parse.h"
#include "sim/wide.h"

/* So many operations while one spreads: about e^-16 of all instants are left, at most. */
#define OPERATIONS_MANY 16u

#define SECOND_NS UINT64_C(1000000000)

/* More of them, and the rest is not looked at: a bound on the work. */
#define LOADS_MAX 64u

/* When an expectation looks at the nodes. */
struct look {
    uint64_t first_ns, last_ns;
    bool known; /* else only a run tells, and it is at some time before the stop */
};

static bool is_of_agreement(const struct scn_stmt *stmt)
{
    const struct scn_pred *pred = &stmt->pred;

    return stmt->kind == SCN_STMT_EXPECT && !pred->negated &&
           (pred->kind == SCN_PRED_CONVERGED || pred->kind == SCN_PRED_WITHIN);
}

static struct look look_of(const struct scenario *scn, const struct scn_pred *pred)
{
    uint64_t at_ns = pred->at_end ? scn->stop_ns : pred->at_ns;

    if (pred->kind == SCN_PRED_CONVERGED)
        return (struct look){.first_ns = at_ns, .last_ns = at_ns, .known = true};
    if (pred->of_kind == SCN_OF_TIME)
        return (struct look){.first_ns = pred->of_ns,
                             .last_ns = dc_time_add(pred->of_ns, pred->within_ns),
                             .known = true};
    return (struct look){.last_ns = scn->stop_ns};
}

static bool goes_on(const struct scenario *scn, const struct scn_stmt *load, struct look look)
{
    uint64_t from_ns = load->has_from ? load->from.hi : 0;
    uint64_t to_ns = load->has_to ? load->to.lo : scn->stop_ns;
    uint64_t last_ns = look.last_ns < scn->stop_ns ? look.last_ns : scn->stop_ns;

    return (!look.known || from_ns <= look.first_ns) && to_ns >= last_ns;
}

/* Operations a second, at least. */
static u128 rate_of(const struct scenario *scn, const struct scn_stmt *load)
{
    bool each = load->load.each && strcmp(load->load.on.text, "all") == 0;
    u128 rate = (u128)load->load.rate_per_s * (each ? scn->nodes : 1);

    return rate * (load->load.inc_ppb + load->load.dec_ppb) / SCN_PPB;
}

/* The shortest time in which all nodes can hear of something from one of them, about. */
static u128 spread_ns(const struct parser *p)
{
    struct bound_input input;
    uint64_t rounds = 0;

    bound_take_nodes(&input, p, p->scn->stop_ns);
    for (u128 know = 1; know < input.nodes; know *= input.fanout_most + 1)
        rounds++;
    return (u128)input.sync_ns_least * rounds;
}

static size_t find_loads(const struct scenario *scn, const struct scn_stmt *ret[static LOADS_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < scn->stmts_len && len < LOADS_MAX; i++)
        if (scn->stmts[i].kind == SCN_STMT_LOAD)
            ret[len++] = &scn->stmts[i];
    return len;
}

void hints_say_load(const struct parser *p)
{
    const struct scenario *scn = p->scn;
    const struct scn_stmt *loads[LOADS_MAX];
    size_t len = scn->quiet.at_ns == DC_TIME_NEVER ? find_loads(scn, loads) : 0;
    u128 ns = len > 0 ? spread_ns(p) : 0;
    char place[DIAG_PLACE_MAX];

    for (size_t i = 0; i < scn->stmts_len && len > 0; i++) {
        const struct scn_stmt *stmt = &scn->stmts[i], *largest = NULL;
        u128 rate = 0;

        for (size_t k = 0; k < len && is_of_agreement(stmt); k++) {
            if (!goes_on(scn, loads[k], look_of(scn, &stmt->pred)))
                continue;
            rate += rate_of(scn, loads[k]);
            if (!largest || rate_of(scn, loads[k]) > rate_of(scn, largest))
                largest = loads[k];
        }
        if (!largest || rate * ns < (u128)OPERATIONS_MANY * SECOND_NS)
            continue;
        diag_warning(p->diags, stmt->arg_pos,
                     "this hardly ever holds: the load of %s goes on, with %" PRIu64
                     " operations a second, and each parts the nodes until all know of it; end "
                     "it before, with 'to TIME'",
                     diags_place(place, p->diags, largest->pos, stmt->arg_pos),
                     rate > UINT64_MAX ? UINT64_MAX : (uint64_t)rate);
    }
}
