/*
 * --seeds-file of a campaign: seeds that failed before are its first jobs, and
 * those that fail now are written behind them.
 */
#ifndef DC_SIM_CMD_KNOWN_H
#define DC_SIM_CMD_KNOWN_H

#include <stddef.h>
#include <stdint.h>

#include "sim/campaign/known.h"
#include "sim/cmd.h"
#include "sim/cmd_campaign.h"

struct cmd_known {
    const char *name; /* as typed */
    struct known known;
    struct cmd_file *files; /* read again, with other values; owned, and so are the commands */
    struct report_command *commands;
    size_t files_len;
};

/*
 * Reads @name, which need not exist, and puts its seeds before all others of @campaign, which
 * has its subjects. Seeds of files that are none of these are left alone; one of another
 * model is named, and not run. Returns 0, or -1 after a message. Released either way.
 */
int cmd_known_open(struct cmd_known *ret, const char *name, struct campaign *campaign);

/*
 * Writes the fastest seeds of each cause that are not in it, whoever has written them. Returns 0,
 * or -1 after a message.
 */
int cmd_known_close(struct cmd_known *known, const struct campaign *campaign);

void cmd_known_release(struct cmd_known *known);

#endif
