/* Known seeds: before a campaign, and after it. */
#include "sim/cmd_known.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/choose.h"
#include "sim/fatal.h"
#include "sim/version.h"

/* What a subject is in such a file; all of it is borrowed. */
static struct known_seed scenario_of(const struct subject *subject)
{
    const struct report_command *command = &subject->source.command;

    if (campaign_is_swarm(subject))
        return (struct known_seed){
            .file = KNOWN_SWARM, .nodes = subject->source.nodes, .model = DCSIM_MODEL};
    return (struct known_seed){
        .file = command->file,
        .defines = (struct scn_define *)command->defines, /* is only read */
        .defines_len = command->defines_len,
        .model = DCSIM_MODEL,
    };
}

/* ---- before ---- */

static int read_file(const char *name, char **ret_text)
{
    FILE *in = fopen(name, "rb");
    size_t len = 0;
    int err;

    *ret_text = NULL;
    if (!in && errno == ENOENT) {
        *ret_text = fatal_calloc(1, 1);
        return 0;
    }
    err = in ? cmd_read(in, ret_text, &len) : errno;
    if (in)
        fclose(in);
    if (err == 0 && len > SCN_FILE_BYTES_MAX)
        err = EFBIG;
    if (err != 0) {
        fprintf(stderr, "dcsim: cannot read '%s': %s\n", name, strerror(err));
        free(*ret_text);
        return -1;
    }
    *ret_text = fatal_realloc(*ret_text, len + 1);
    (*ret_text)[len] = '\0';
    return 0;
}

/* The file of @seed once more, with the values that it names, as a subject that has no turns. */
static int add_subject(struct cmd_known *known, struct campaign *campaign,
                       const struct subject *like, const struct known_seed *seed)
{
    struct cmd_file *file = &known->files[known->files_len];
    struct report_command *command = &known->commands[known->files_len++];

    *command = *like->variants.command;
    command->defines = seed->defines;
    command->defines_len = seed->defines_len;
    if (cmd_file_load(file, seed->file, seed->defines, seed->defines_len) < 0)
        return -1;
    return campaign_add_file(campaign, file, command);
}

/* The number of the subject that @seed is of; -1 after a message; subjects_len: of none. */
static int64_t find_subject(struct cmd_known *known, struct campaign *campaign,
                            const struct known_seed *seed)
{
    const struct subject *like = NULL;

    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        const struct subject *subject = campaign->subjects[i];
        struct known_seed scenario = scenario_of(subject);

        if (known_same_scenario(&scenario, seed))
            return i;
        if (!campaign_is_swarm(subject) && strcmp(scenario.file, seed->file) == 0)
            like = subject;
    }
    if (like && add_subject(known, campaign, like, seed) < 0)
        return -1;
    return like ? campaign->subjects_len - 1 : campaign->subjects_len;
}

int cmd_known_open(struct cmd_known *ret, const char *name, struct campaign *campaign)
{
    char problem[KNOWN_PROBLEM_MAX], *text;
    uint32_t line;

    *ret = (struct cmd_known){.name = name};
    if (read_file(name, &text) < 0)
        return -1;
    if (known_read(&ret->known, text, &line, problem) < 0) {
        fprintf(stderr, "%s:%" PRIu32 ": error: %s\n", name, line, problem);
        return -1;
    }
    ret->files = fatal_calloc(ret->known.len + 1, sizeof(*ret->files));
    ret->commands = fatal_calloc(ret->known.len + 1, sizeof(*ret->commands));
    campaign->turns = campaign->subjects_len;
    for (size_t i = 0; i < ret->known.len; i++) {
        const struct known_seed *seed = &ret->known.list[i];
        int64_t subject;

        if (seed->model != DCSIM_MODEL) {
            fprintf(stderr,
                    "%s:%" PRIu32 ": warning: other model: seed %" PRIu64 " of %s is one of model "
                    "%" PRIu64 ", this is model %u; it is not run\n",
                    name, seed->line, seed->seed, seed->file, seed->model, DCSIM_MODEL);
            continue;
        }
        subject = find_subject(ret, campaign, seed);
        if (subject < 0) {
            fprintf(stderr, "%s:%" PRIu32 ": error: this is the seed with these values\n", name,
                    seed->line);
            return -1;
        }
        if (subject < (int64_t)campaign->subjects_len)
            campaign_add_first(campaign, (uint32_t)subject, seed->seed);
    }
    return 0;
}

/* ---- after ---- */

static void print_new(const struct cmd_known *known, const struct campaign *campaign,
                      const char *date, FILE *out)
{
    for (size_t i = 0; i < campaign->summary.causes_len; i++) {
        const struct summary_cause *cause = &campaign->summary.causes[i];

        for (unsigned k = 0; !cause->outside && k < cause->seeds_len; k++) {
            struct known_seed seed = scenario_of(campaign->subjects[cause->seeds[k].subject]);

            seed.seed = cause->seeds[k].seed;
            if (!known_has(&known->known, &seed) && known_is_plain(&seed))
                known_print(out, &seed, date, cause->text, DCSIM_COMMIT);
        }
    }
}

int cmd_known_close(struct cmd_known *known, const struct campaign *campaign)
{
    time_t now = time(NULL);
    struct tm day;
    char date[16] = "";
    FILE *out;

    if (summary_failed(&campaign->summary) == 0)
        return 0;
    if (gmtime_r(&now, &day))
        strftime(date, sizeof(date), "%Y-%m-%d", &day);
    out = fopen(known->name, "ab");
    if (out) {
        print_new(known, campaign, date, out);
        if (fclose(out) == 0)
            return 0;
    }
    fprintf(stderr, "dcsim: cannot write '%s': %s\n", known->name, strerror(errno));
    return -1;
}

void cmd_known_release(struct cmd_known *known)
{
    for (size_t i = 0; i < known->files_len; i++)
        cmd_file_release(&known->files[i]);
    free(known->files);
    free(known->commands);
    known_release(&known->known);
    *known = (struct cmd_known){0};
}
