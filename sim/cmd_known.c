/* Known seeds: before a campaign, and after it. */
#include "sim/cmd_known.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/choose.h"
#include "sim/cmd_outfile.h"
#include "sim/fatal.h"
#include "sim/text.h"
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

/*
 * Opens the file for reading and for adding lines. Seeds are added to what is there, so that
 * two campaigns may share one. Returns NULL, or why not; *ret_fd is -1 when there is none.
 */
static const char *open_file(const char *name, bool makes, int *ret_fd)
{
    int flags = O_RDWR | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    struct outfile beside;
    struct stat there;
    const char *why;

    *ret_fd = open(name, flags | (makes ? O_CREAT : 0), 0666);
    if (*ret_fd < 0 && errno == ELOOP)
        return "it is a link; name the file itself";
    if (*ret_fd < 0 && (errno != ENOENT || makes))
        return strerror(errno);
    if (*ret_fd < 0) { /* it is made when there is something to write; could it be? */
        why = outfile_begin(&beside, name, OUTFILE_PART);
        if (!why)
            outfile_drop(&beside);
        return why;
    }
    if (fstat(*ret_fd, &there) == 0 && S_ISREG(there.st_mode))
        return NULL;
    close(*ret_fd);
    *ret_fd = -1;
    return "it is no plain file";
}

static int read_file(const char *name, char **ret_text, size_t *ret_len)
{
    FILE *in = NULL;
    int fd, err = 0;
    const char *why = open_file(name, false, &fd);

    *ret_text = NULL;
    *ret_len = 0;
    if (fd >= 0)
        in = fdopen(fd, "rb");
    if (in)
        err = cmd_read(in, ret_text, ret_len);
    if (in)
        fclose(in);
    if (err == 0 && *ret_len > SCN_FILE_BYTES_MAX)
        err = EFBIG;
    if (err != 0)
        why = strerror(err);
    if (why) {
        text_print(stderr, "dcsim: cannot use '%s' as a seeds file: %s\n", name, why);
        free(*ret_text);
        return -1;
    }
    *ret_text = fatal_realloc(*ret_text, *ret_len + 1);
    (*ret_text)[*ret_len] = '\0';
    return 0;
}

/* Two names may be of one file: "a.scn", "./a.scn". */
static bool is_same_file(const char *a, const char *b)
{
    struct stat of_a, of_b;

    return strcmp(a, b) == 0 || (stat(a, &of_a) == 0 && stat(b, &of_b) == 0 &&
                                 of_a.st_dev == of_b.st_dev && of_a.st_ino == of_b.st_ino);
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

/*
 * The number of the subject that @seed is of; -1 after a message; subjects_len: of none. From
 * then on @seed has the name that its file has here.
 */
static int64_t find_subject(struct cmd_known *known, struct campaign *campaign,
                            struct known_seed *seed)
{
    const struct subject *like = NULL;

    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        const struct subject *subject = campaign->subjects[i];
        struct known_seed scenario = scenario_of(subject);

        if (!campaign_is_swarm(subject) && is_same_file(scenario.file, seed->file))
            seed->file = scenario.file;
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
    size_t len, others = 0;
    uint32_t line;

    *ret = (struct cmd_known){.name = name};
    if (read_file(name, &text, &len) < 0)
        return -1;
    if (known_read(&ret->known, text, len, &line, problem) < 0) {
        text_print(stderr, "%s:%" PRIu32 ": error: %s\n", name, line, problem);
        return -1;
    }
    ret->files = fatal_calloc(ret->known.len + 1, sizeof(*ret->files));
    ret->commands = fatal_calloc(ret->known.len + 1, sizeof(*ret->commands));
    campaign->turns = campaign->subjects_len;
    for (size_t i = 0; i < ret->known.len; i++) {
        struct known_seed *seed = &ret->known.list[i];
        int64_t subject;

        if (seed->model != DCSIM_MODEL) {
            text_print(stderr,
                       "%s:%" PRIu32 ": warning: other model: seed %" PRIu64
                       " of %s is one of model "
                       "%" PRIu64 ", this is model %u; it is not run\n",
                       name, seed->line, seed->seed, seed->file, seed->model, DCSIM_MODEL);
            continue;
        }
        subject = find_subject(ret, campaign, seed);
        if (subject < 0) {
            text_print(stderr, "%s:%" PRIu32 ": error: this is the seed with these values\n", name,
                       seed->line);
            return -1;
        }
        if (subject < (int64_t)campaign->subjects_len)
            campaign_add_first(campaign, (uint32_t)subject, seed->seed);
        else
            others++;
    }
    if (others > 0 && !campaign->quiet)
        text_print(stderr, "dcsim: %zu of the seeds in '%s' %s of other scenarios, and not run\n",
                   others, name, others == 1 ? "is" : "are");
    return 0;
}

/* ---- after ---- */

/* What the file @file is called in @campaign; @file, if it is none of its files. */
static const char *name_here(const struct campaign *campaign, const char *file)
{
    for (uint32_t i = 0; i < campaign->subjects_len; i++) {
        const struct subject *subject = campaign->subjects[i];

        if (!campaign_is_swarm(subject) && is_same_file(subject->source.command.file, file))
            return subject->source.command.file;
    }
    return file;
}

/* The lines of the seeds that are not in @known, whose files have the names of @campaign; owned. */
static char *lines_of_new(const struct known *known, const struct campaign *campaign,
                          const char *date, size_t *ret_len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, ret_len);

    if (!out)
        fatal_memory(0);
    for (size_t i = 0; i < campaign->summary.causes_len; i++) {
        const struct summary_cause *cause = &campaign->summary.causes[i];

        for (unsigned k = 0; !cause->outside && k < cause->seeds_len; k++) {
            uint32_t subject = cause->seeds[k].subject;
            struct known_seed seed = scenario_of(campaign->subjects[subject]), there;

            seed.seed = cause->seeds[k].seed;
            there = seed;
            there.file = name_here(campaign, seed.file);
            if (!known_has(known, &there))
                known_print(out, &seed, date, cause->text, DCSIM_COMMIT);
        }
    }
    if (fclose(out) != 0)
        fatal_memory(0);
    return text;
}

/* All that is in @fd, of @len bytes. It is not closed: that would end the lock. */
static char *bytes_of(int fd, size_t len, size_t *ret_len)
{
    char *text = fatal_calloc(1, len + 1);
    ssize_t got = 1;

    *ret_len = 0;
    while (*ret_len < len && got > 0) {
        got = pread(fd, text + *ret_len, len - *ret_len, (off_t)*ret_len);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got > 0)
            *ret_len += (size_t)got;
    }
    if (got >= 0)
        return text;
    free(text);
    return NULL;
}

/*
 * The lines that are new in what @fd holds now: others may have written since it was read. What
 * is no list of seeds any more has none; they are told beside it. NULL, with errno: it cannot be
 * read.
 */
static char *lines_to_add(int fd, const struct campaign *campaign, const char *date,
                          size_t *ret_len, bool *ret_open_end)
{
    char problem[KNOWN_PROBLEM_MAX], *text = NULL, *lines;
    struct known now;
    struct stat there;
    uint32_t line;
    size_t len;

    if (fstat(fd, &there) == 0)
        text = bytes_of(fd, (size_t)there.st_size, &len);
    if (!text)
        return NULL;
    *ret_open_end = len > 0 && text[len - 1] != '\n';
    if (known_read(&now, text, len, &line, problem) < 0)
        now = (struct known){0};
    for (size_t i = 0; i < now.len; i++)
        now.list[i].file = name_here(campaign, now.list[i].file);
    lines = lines_of_new(&now, campaign, date, ret_len);
    known_release(&now);
    return lines;
}

/* Behind what is there, whose last line may have no end: all that is new, or nothing of it. */
static const char *append(const char *name, const struct campaign *campaign, const char *date)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    bool open_end = false;
    char *lines;
    size_t len;
    int fd;
    const char *why = open_file(name, true, &fd);

    if (why)
        return why;
    if (fcntl(fd, F_SETLKW, &whole) < 0)
        errno = 0; /* not every file system can; then whoever is first is first */
    lines = lines_to_add(fd, campaign, date, &len, &open_end);
    if (lines && len > 0) {
        lines = fatal_realloc(lines, len + 1);
        memmove(lines + open_end, lines, len);
        lines[0] = open_end ? '\n' : lines[0];
        len += open_end;
    }
    if (!lines || outfile_append_whole(fd, lines, len) < 0)
        why = strerror(errno);
    free(lines);
    if (close(fd) < 0 && !why)
        why = strerror(errno);
    return why;
}

int cmd_known_close(struct cmd_known *known, const struct campaign *campaign)
{
    time_t now = time(NULL);
    struct tm day;
    char date[16] = "";
    const char *why = NULL;
    size_t len;

    if (gmtime_r(&now, &day))
        strftime(date, sizeof(date), "%Y-%m-%d", &day);
    free(lines_of_new(&known->known, campaign, date, &len));
    if (len > 0) /* else the file need not be there */
        why = append(known->name, campaign, date);
    if (why)
        text_print(stderr, "dcsim: cannot write '%s': %s\n", known->name, why);
    return why ? -1 : 0;
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
