/* The tables. */
#include "sim/scenario/facts.h"

#include <stddef.h>

static const struct scn_facts of_actions[] = {
    [SCN_INC] = {"a node that takes its request", 0},
    [SCN_DEC] = {"a node that takes its request", 0},
    [SCN_MEET] = {"a node that runs, and another for it to learn of", 0},
    [SCN_PARTITION] = {"a message that it stops", SCN_ON_MESSAGES},
    [SCN_HEAL] = {"a partition that it ends", 0},
    [SCN_HOLD] = {"a message that it holds", SCN_ON_MESSAGES | SCN_KEEPS_MESSAGES},
    [SCN_RELEASE] = {"a hold that it ends, or links of one", 0},
    [SCN_NET] = {"a message that it acts on", SCN_ON_MESSAGES | SCN_KEEPS_MESSAGES},
    [SCN_LINK] = {"a message that it acts on", SCN_ON_MESSAGES | SCN_KEEPS_MESSAGES},
    [SCN_DROP] = {"a message that it acts on", SCN_ON_MESSAGES},
    [SCN_DELAY] = {"a message that it acts on", SCN_ON_MESSAGES | SCN_KEEPS_MESSAGES},
    [SCN_CRASH] = {"a node that runs", SCN_ON_DISKS},
    [SCN_RESTART] = {"a node that is down", 0},
    [SCN_PAUSE] = {"a node that is up", SCN_KEEPS_MESSAGES | SCN_DELAYS_STOPS},
    [SCN_RESUME] = {"a node that is paused", 0},
    [SCN_JOIN] = {"a node that has not joined yet", 0},
    [SCN_LEAVE] = {"a node that is up and does not end yet", SCN_ON_DISKS},
    [SCN_STOPNODE] = {"a node that is up and does not end yet", SCN_ON_DISKS},
    [SCN_CLOCK] = {"a node that runs, then or later", SCN_LASTS},
    [SCN_DISK] = {NULL, 0}, /* below */
    [SCN_DUP] = {"a message that it acts on", SCN_ON_MESSAGES},
    [SCN_CORRUPT] = {"a message that it acts on", SCN_ON_MESSAGES},
    [SCN_FORGE] = {"a node that hears it", 0},
    [SCN_MEMORY] = {NULL, 0}, /* below */
};

/* net reset, link reset */
static const struct scn_facts of_reset = {"a rule that was laid over those of the file",
                                          SCN_KEEPS_MESSAGES};

static const struct scn_facts of_disks[] = {
    [SCN_DISK_TORN] = {"a crash with writes that no sync has covered",
                       SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS},
    [SCN_DISK_BITROT] = {"a start of a node that has something on its disk",
                         SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS | SCN_SHORTENS_LOGS},
    [SCN_DISK_FULL] = {"a write", SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS},
    [SCN_DISK_SYNCFAIL] = {"a sync", SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS},
    [SCN_DISK_SLOW] = {"a sync", SCN_ON_DISKS | SCN_LASTS}, /* a stop counts it by its amount */
    [SCN_DISK_BACKUP] = {"a node with a disk", SCN_ON_DISKS | SCN_LASTS},
    [SCN_DISK_RESTORE] = {"a start of a node with a backup that was made before",
                          SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS | SCN_SHORTENS_LOGS},
    [SCN_DISK_LOSE] = {"a start of a node with a write on its disk",
                       SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS | SCN_SHORTENS_LOGS},
    [SCN_DISK_ZEROED] = {"a start of a node that has something on its disk",
                         SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS | SCN_SHORTENS_LOGS},
    [SCN_DISK_READFAIL] = {"a read, at the start of a node",
                           SCN_ON_DISKS | SCN_DELAYS_STOPS | SCN_LASTS},
    [SCN_DISK_OK] = {"a disk with something wrong", SCN_ON_DISKS},
};

static const struct scn_facts of_memories[] = {
    [SCN_MEMORY_FAIL] = {"a request for memory", SCN_DELAYS_STOPS | SCN_LASTS},
    [SCN_MEMORY_OK] = {"a node whose requests for memory may fail", 0},
};

const struct scn_facts *scn_facts(const struct scn_action *action)
{
    if (action->kind == SCN_DISK)
        return &of_disks[action->disk];
    if (action->kind == SCN_MEMORY)
        return &of_memories[action->memory];
    if ((action->kind == SCN_NET || action->kind == SCN_LINK) &&
        action->rules.set == SCN_RULE_RESET)
        return &of_reset;
    return &of_actions[action->kind];
}

const char *scn_once(const struct scn_action *action)
{
#define AT_A_START "this happens once, at the next start of its node: leave out 'for'"
#define ENDS "'ok' is an end itself: give what it ends a 'for'"
    static const char *const of_disk[] = {
        [SCN_DISK_TORN] = NULL,
        [SCN_DISK_BITROT] = NULL,
        [SCN_DISK_FULL] = NULL,
        [SCN_DISK_SYNCFAIL] = NULL,
        [SCN_DISK_SLOW] = NULL,
        [SCN_DISK_ZEROED] = NULL,
        [SCN_DISK_READFAIL] = NULL,
        [SCN_DISK_BACKUP] = "a 'backup' is made once, and has no end: leave out 'for'",
        [SCN_DISK_RESTORE] = AT_A_START,
        [SCN_DISK_LOSE] = AT_A_START,
        [SCN_DISK_OK] = ENDS,
    };
    static const char *const of_memory[] = {[SCN_MEMORY_FAIL] = NULL, [SCN_MEMORY_OK] = ENDS};
    static const char *const of_clock[] = {
        [SCN_CLOCK_SKEW] = NULL,
        [SCN_CLOCK_DRIFT] = NULL,
        [SCN_CLOCK_JUMP] = "a 'jump' happens once, and has no end of its own",
    };

    if (action->kind == SCN_DISK)
        return of_disk[action->disk];
    return action->kind == SCN_MEMORY ? of_memory[action->memory] : of_clock[action->clock];
#undef AT_A_START
#undef ENDS
}
