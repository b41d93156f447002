/* Frames that no node has sent go out as if one had. */
#include "sim/cluster_inner.h"
#include "sim/forge.h"
#include "sim/world.h"

void cluster_forge(struct cluster *cluster, const struct forge_order *order, uint32_t to)
{
    struct host *host = &cluster->hosts[order->from];
    struct forged *forged = forge_new(&cluster->world->choose, order);
    struct net_message sent = {
        .key = order->key,
        .from = order->from,
        .to = to,
        .frame = frames_forge(&cluster->frames, forged),
        .bytes = forged->len,
    };
    struct net_outcome out[NET_COPIES_MAX];
    int copies = host_send_out(host, &sent, out);

    if (copies >= 0) {
        cluster->stats.forged++;
        world_record(cluster->world, RECORD_FORGE, (uint32_t)forged->kind, order->key, order->from,
                     to, cluster_stmt_key(cluster, order->stmt), forged->len);
        for (int copy = 0; copy < copies; copy++)
            host_send_copy(host, (uint32_t)copy, &sent, &out[copy]);
    }
    frames_unref(&cluster->frames, sent.frame);
}
