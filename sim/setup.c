/* Node statements, applied in file order; rings and random lists of peers. */
#include "sim/setup.h"

#include <stdlib.h>

#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/select.h"

static uint64_t draw_key(struct choose *choose, const struct scn_stmt *stmt, uint32_t node,
                         enum scn_node_key which, struct scn_range range)
{
    uint64_t key = key_with(key_with(stmt->key, (uint64_t)which), node);

    return choose_range(choose, key, PURPOSE_CONFIG, range);
}

static void apply_keys(struct choose *choose, const struct scn_stmt *stmt, uint32_t node,
                       struct setup *keys)
{
    const struct scn_node_keys *said = &stmt->node;

    if (said->set & SCN_NODE_SYNC)
        keys->sync_ns = draw_key(choose, stmt, node, SCN_NODE_SYNC, said->sync_ns);
    if (said->set & SCN_NODE_FULL)
        keys->full_ns = draw_key(choose, stmt, node, SCN_NODE_FULL, said->full_ns);
    if (said->set & SCN_NODE_FANOUT)
        keys->fanout = draw_key(choose, stmt, node, SCN_NODE_FANOUT, said->fanout);
    if (said->set & SCN_NODE_INBOX)
        keys->inbox = draw_key(choose, stmt, node, SCN_NODE_INBOX, said->inbox);
    if (said->set & SCN_NODE_SERVICE)
        keys->service_ns = draw_key(choose, stmt, node, SCN_NODE_SERVICE, said->service_ns);
    if (said->set & SCN_NODE_FSYNC)
        keys->fsync_ns = draw_key(choose, stmt, node, SCN_NODE_FSYNC, said->fsync_ns);
    if (said->set & SCN_NODE_SEGMENT)
        keys->segment_bytes = draw_key(choose, stmt, node, SCN_NODE_SEGMENT, said->segment_bytes);
    if (said->set & SCN_NODE_LEAVE)
        keys->leave_ns = draw_key(choose, stmt, node, SCN_NODE_LEAVE, said->leave_ns);
    if (said->set & SCN_NODE_PREFIX)
        keys->prefix = draw_key(choose, stmt, node, SCN_NODE_PREFIX, said->prefix);
    if (said->set & SCN_NODE_CLIENTS)
        keys->clients = draw_key(choose, stmt, node, SCN_NODE_CLIENTS, said->clients);
    if (said->set & SCN_NODE_MODELS)
        keys->models = draw_key(choose, stmt, node, SCN_NODE_MODELS, said->models);
    if (said->set & SCN_NODE_DISK)
        keys->disk = said->disk;
    if (said->set & SCN_NODE_PEERS) {
        keys->peers = said->peers;
        keys->peers_fixed = said->peers_fixed;
        keys->peers_count = draw_key(choose, stmt, node, SCN_NODE_PEERS, said->peers_count);
        if (keys->peers_count == 0 && keys->peers != SCN_PEERS_ALL)
            keys->peers = SCN_PEERS_NONE;
    }
}

/* Returns how many nodes it speaks of. */
static uint32_t apply_statement(struct setup *setups, const struct scn_stmt *stmt,
                                struct choose *choose, const struct nodeset *up)
{
    struct select select;
    struct nodeset set;
    uint32_t count;

    nodeset_init(&set, up->nodes);
    select_init(&select, choose, up, stmt->key);
    if (stmt->has_sel)
        select_nodes(&select, &stmt->sel, &set);
    else
        nodeset_fill(&set);
    NODESET_EACH(node, &set)
    apply_keys(choose, stmt, node, &setups[node]);
    count = nodeset_count(&set);
    select_release(&select);
    nodeset_release(&set);
    return count;
}

struct setup *setup_of_nodes(const struct scenario *scn, struct choose *choose,
                             const struct nodeset *up, struct met *met)
{
    struct setup *setups = fatal_calloc(scn->nodes, sizeof(*setups));

    for (uint32_t i = 0; i < scn->nodes; i++)
        setups[i] = (struct setup){
            .sync_ns = SETUP_SYNC_NS, .fanout = SETUP_FANOUT, .inbox = SETUP_INBOX, .disk = true};
    for (size_t s = 0; s < scn->stmts_len; s++)
        if (scn->stmts[s].kind == SCN_STMT_NODE &&
            apply_statement(setups, &scn->stmts[s], choose, up) > 0 && met)
            met_add(met, (uint32_t)s);
    for (uint32_t i = 0; i < scn->nodes; i++)
        if (setups[i].full_ns == 0)
            setups[i].full_ns = setups[i].sync_ns > UINT64_MAX / SETUP_FULL_SYNCS
                                    ? UINT64_MAX
                                    : setups[i].sync_ns * SETUP_FULL_SYNCS;
    return setups;
}

static int name_compare(const void *left, const void *right)
{
    dc_name a = *(const dc_name *)left;
    dc_name b = *(const dc_name *)right;

    return a < b ? -1 : a > b;
}

/* N neighbours on each side by number, each once. */
static uint32_t peers_ring(uint32_t self, uint32_t nodes, uint64_t each_side, dc_name *ret)
{
    uint32_t len = 0;

    if (each_side * 2 >= nodes)
        each_side = nodes / 2;
    for (uint32_t i = 1; i <= each_side; i++) {
        uint32_t after = (self + i) % nodes;
        uint32_t before = (self + nodes - i) % nodes;

        if (after != self)
            ret[len++] = after;
        if (before != after && before != self)
            ret[len++] = before;
    }
    return len;
}

/* N others, each set equally likely: the first N steps of a shuffle, kept sparse by rejection. */
static uint32_t peers_random(struct choose *choose, uint64_t key, uint32_t self, uint32_t nodes,
                             uint64_t want, dc_name *ret)
{
    struct nodeset taken;
    uint32_t others = nodes - 1;
    uint32_t len = 0;

    nodeset_init(&taken, nodes);
    /* Floyd: for the last @want candidates draw one below; if taken, take the candidate. */
    for (uint32_t top = others - (uint32_t)want; top < others; top++) {
        uint32_t pick = (uint32_t)choose_below(choose, key_with(key, top), PURPOSE_CONFIG, top + 1);

        if (nodeset_has(&taken, pick))
            pick = top;
        nodeset_add(&taken, pick);
    }
    NODESET_EACH(other, &taken)
    ret[len++] = other < self ? other : other + 1;
    nodeset_release(&taken);
    return len;
}

dc_name *setup_peers(const struct setup *setup, struct choose *choose, uint64_t key, uint32_t self,
                     uint32_t nodes, uint32_t *ret_len)
{
    uint64_t want = setup->peers_count;
    dc_name *list;

    *ret_len = 0;
    if (setup->peers == SCN_PEERS_ALL)
        *ret_len = nodes;
    if (setup->peers == SCN_PEERS_ALL || setup->peers == SCN_PEERS_NONE)
        return NULL;
    if (want > nodes - 1)
        want = nodes - 1;
    list = fatal_realloc_array(NULL, 2 * ((size_t)want + 1), sizeof(*list));
    if (setup->peers == SCN_PEERS_RING)
        *ret_len = peers_ring(self, nodes, want, list);
    else
        *ret_len = peers_random(choose, key, self, nodes, want, list);
    qsort(list, *ret_len, sizeof(*list), name_compare);
    list[*ret_len] = *ret_len > 0 ? list[*ret_len - 1] + 1 : 0;
    return list;
}
