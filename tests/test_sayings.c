/* What a node says in its log: each thing that is not so is seen, and what is so is let be. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "core/mem.h"
#include "core/names.h"
#include "sim/checks.h"
#include "sim/cluster_inner.h"
#include "sim/logread.h"
#include "sim/oracle.h"
#include "sim/sayings.h"
#include "sim/world.h"
#include "tests/lib_sim.h"

#define NODES 3u

struct bench {
    struct cluster cluster;
    struct oracle oracle;
    struct checks checks;
    dc_name everyone[NODES];
};

static void set_up(struct bench *b)
{
    *b = (struct bench){.cluster = {.nodes = NODES}};
    names_init(&b->cluster.names, mem_heap());
    oracle_init(&b->oracle, NODES);
    checks_init(&b->checks, &b->oracle, &b->cluster.names, NODES);
    b->cluster.checks = &b->checks;
    b->cluster.oracle = &b->oracle;
    b->cluster.hosts = calloc(NODES, sizeof(*b->cluster.hosts));
    for (uint32_t i = 0; i < NODES; i++) {
        char name[] = {'n', (char)('1' + i)};

        cr_assert(eq(int, names_intern(&b->cluster.names, name, 2, &b->everyone[i]), 0));
    }
    for (uint32_t i = 0; i < NODES; i++) {
        struct host *host = &b->cluster.hosts[i];

        host->cluster = &b->cluster;
        host->index = i;
        host->state = HOST_UP;
        host->book.said_name = DC_NAME_NONE;
        peers_init(&host->node.peers, mem_heap(), i, b->everyone, NODES - 1);
    }
}

static void tear_down(struct bench *b)
{
    for (uint32_t i = 0; i < NODES; i++)
        peers_release(&b->cluster.hosts[i].node.peers);
    free(b->cluster.hosts);
    checks_release(&b->checks);
    oracle_release(&b->oracle);
    names_release(&b->cluster.names);
}

/* @part: of "headline | label"; NULL: nothing is wrong. */
static void expect(const struct bench *b, const char *part)
{
    const struct violation *found = &b->checks.violation;
    char text[2 * CHECKS_TEXT_MAX + 4];

    snprintf(text, sizeof(text), "%s | %s", found->headline, found->label);
    if (!part) {
        cr_expect(found->check == NULL, "%s", text);
        return;
    }
    cr_assert(found->check != NULL, "nothing fired: %s", part);
    cr_expect(eq(str, (char *)found->check, (char *)"log"));
    cr_expect(strstr(text, part) != NULL, "expected %s, found %s", part, text);
}

/* One word of n1, which has the peer n2 and has failed to do something. */
struct word {
    enum env_level level;
    enum env_event event;
    struct env_fields fields;
    const char *wrong; /* NULL: it is right */
};

#define NOBODY .name = DC_NAME_NONE, .peer = DC_NAME_NONE

static const struct word words[] = {
    {ENV_INFO, ENV_STARTED, {NOBODY}, NULL},
    {ENV_WARN,
     ENV_STARTED,
     {NOBODY},
     "'started', which is not so | expected the level of that event, found another"},
    {ENV_INFO, ENV_STARTED, {.name = 0, .peer = DC_NAME_NONE}, "'started'"},
    {ENV_INFO, ENV_STARTED, {.name = DC_NAME_NONE, .peer = 1}, "'started'"},
    {ENV_INFO, ENV_STARTED, {NOBODY, .err = DC_EIO}, "'started'"},
    {ENV_INFO, ENV_STARTED, {NOBODY, .old = 1}, "'started'"},
    {ENV_INFO, ENV_STARTED, {NOBODY, .now = 1}, "'started'"},
    {ENV_INFO, ENV_STARTED, {NOBODY, .side = DC_DEC}, "'started'"},
    {ENV_INFO, ENV_PEER_LEARNED, {.name = DC_NAME_NONE, .peer = 1}, NULL},
    {ENV_INFO, ENV_PEER_LEARNED, {.name = DC_NAME_NONE, .peer = 1, .err = -1}, "'peer learned'"},
    {ENV_INFO, ENV_PEER_LEARNED, {NOBODY}, "'peer learned'"},
    {ENV_INFO, ENV_PEER_LEARNED, {.name = DC_NAME_NONE, .peer = 0}, "'peer learned'"},
    {ENV_INFO, ENV_PEER_LEARNED, {.name = DC_NAME_NONE, .peer = 2}, "'peer learned'"},
    {ENV_INFO, ENV_PEER_LEFT, {.name = DC_NAME_NONE, .peer = 1}, "'peer left'"},
    {ENV_WARN, ENV_PEER_REFUSED, {.name = DC_NAME_NONE, .peer = 2, .err = DC_ENOMEM}, NULL},
    {ENV_WARN, ENV_PEER_REFUSED, {.name = DC_NAME_NONE, .peer = 2}, "'peer refused'"},
    {ENV_WARN, ENV_PEER_REFUSED, {.peer = 2, .err = DC_ENOMEM}, "'peer refused'"},
    {ENV_ERROR, ENV_MERGE_FAILED, {.name = DC_NAME_NONE, .peer = 1, .err = DC_ENOMEM}, NULL},
    {ENV_ERROR, ENV_MERGE_FAILED, {NOBODY, .err = DC_ENOMEM}, "'merge failed'"},
    {ENV_ERROR, ENV_DISK_FAILED, {NOBODY, .err = DC_EFULL}, NULL},
    {ENV_ERROR, ENV_DISK_FAILED, {NOBODY}, "'disk failed'"},
    {ENV_ERROR, ENV_COUNTS_LOST, {.name = 0, .peer = DC_NAME_NONE}, NULL},
    {ENV_ERROR, ENV_COUNTS_LOST, {.name = 1, .peer = DC_NAME_NONE}, "'counts lost'"},
    {ENV_ERROR, ENV_COUNTS_LOST, {.name = 0, .peer = DC_NAME_NONE, .err = -1}, "'counts lost'"},
    {ENV_WARN, ENV_LOG_TORN, {.name = 0, .peer = DC_NAME_NONE}, NULL},
    {ENV_WARN, ENV_LOG_TORN, {NOBODY}, "'log torn'"},
    {ENV_ERROR, ENV_LOG_DAMAGED, {NOBODY}, NULL},
    {ENV_ERROR, ENV_LOG_UNREADABLE, {NOBODY, .err = DC_EIO}, "'the log cannot be read'"},
    {ENV_WARN, ENV_CLIENT_REFUSED, {NOBODY, .old = 5, .side = DC_DEC, .err = DC_EFULL}, NULL},
    {ENV_WARN, ENV_CLIENT_REFUSED, {NOBODY, .old = 5, .now = 5, .err = DC_EFULL}, "'client "},
};

Test(sayings, each_event_has_its_level_and_fields)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        struct bench b;

        set_up(&b);
        b.cluster.hosts[0].failures++;
        sayings_hear(&b.cluster.hosts[0], words[i].level, words[i].event, &words[i].fields);
        expect(&b, words[i].wrong);
        tear_down(&b);
    }
}

Test(sayings, what_fails_has_a_reason)
{
    const struct env_fields disk = {NOBODY, .err = DC_EIO};
    const struct env_fields peer = {.name = DC_NAME_NONE, .peer = 1, .err = DC_ENOMEM};
    const struct env_fields log = {NOBODY, .err = DC_EIO};
    struct bench b;

    set_up(&b);
    sayings_hear(&b.cluster.hosts[0], ENV_ERROR, ENV_DISK_FAILED, &disk);
    expect(&b, "n1 says 'disk failed', which is not so");
    tear_down(&b);

    set_up(&b);
    sayings_hear(&b.cluster.hosts[0], ENV_WARN, ENV_PEER_REFUSED, &peer);
    expect(&b, "n1 says 'peer refused', which is not so");
    tear_down(&b);

    set_up(&b);
    b.cluster.hosts[0].disk.faults.readfail_ppb = 1;
    sayings_hear(&b.cluster.hosts[0], ENV_ERROR, ENV_LOG_UNREADABLE, &log);
    expect(&b, NULL);
    tear_down(&b);
}

Test(sayings, a_life_begins_and_ends_once)
{
    const struct env_fields none = {NOBODY};
    struct bench b;

    set_up(&b);
    sayings_hear(&b.cluster.hosts[0], ENV_INFO, ENV_STARTED, &none);
    sayings_due(&b.cluster.hosts[0], ENV_STARTED);
    sayings_started(&b.cluster.hosts[0], NULL);
    expect(&b, NULL);
    sayings_hear(&b.cluster.hosts[0], ENV_INFO, ENV_STARTED, &none);
    expect(&b, "n1 says 'started', which is not so | expected it once, found it again");
    tear_down(&b);

    set_up(&b);
    sayings_started(&b.cluster.hosts[0], NULL);
    expect(&b, "n1 does not say 'started' | expected a word on that, found none");
    tear_down(&b);

    set_up(&b);
    b.cluster.hosts[0].book.said = 1u << ENV_DISK_FAILED;
    sayings_sync_fails(&b.cluster.hosts[0]);
    sayings_due(&b.cluster.hosts[0], ENV_DISK_FAILED);
    expect(&b, "n1 does not say 'disk failed'");
    tear_down(&b);
}

/* It says so in the same event, or it refuses who asked. */
Test(sayings, a_write_that_fails_is_not_passed_over)
{
    const struct env_fields failed = {NOBODY, .err = DC_EFULL};
    struct world world = {.events = 7};
    struct bench b;

    for (int says = 0; says < 2; says++) {
        set_up(&b);
        b.cluster.world = &world;
        b.cluster.hosts[0].failures++;
        sayings_write_fails(&b.cluster.hosts[0]);
        sayings_look_back(&b.cluster.hosts[0]);
        if (says)
            sayings_hear(&b.cluster.hosts[0], ENV_ERROR, ENV_DISK_FAILED, &failed);
        world.events++;
        sayings_look_back(&b.cluster.hosts[0]);
        expect(&b, says ? NULL : "n1 does not say 'disk failed'");
        tear_down(&b);
    }
}

/* The log that is torn is the one that is on the disk. */
Test(sayings, a_torn_log_has_its_id)
{
    const struct env_fields none = {NOBODY}, torn = {.name = 1, .peer = DC_NAME_NONE};

    for (dc_name id = 0; id < 2; id++) {
        const struct logread log = {.found = LOGREAD_TORN, .id = id};
        struct bench b;

        set_up(&b);
        sayings_hear(&b.cluster.hosts[0], ENV_INFO, ENV_STARTED, &none);
        sayings_hear(&b.cluster.hosts[0], ENV_WARN, ENV_LOG_TORN, &torn);
        sayings_started(&b.cluster.hosts[0], &log);
        expect(&b, id == 1 ? NULL
                           : "n1 says 'log torn', which is not so | expected the id of its log, "
                             "found another");
        tear_down(&b);
    }
}
