/* Known seeds: before a campaign, and after it. */
#include "sim/cmd_known.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim/choose.h"
#include "sim/cmd_outfile.h"
#include "sim/cmd_seeds.h"
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

/* A file of the command line. */
struct here {
    const char *name; /* borrowed */
    dev_t dev;
    ino_t ino;
    uint32_t place; /* on the command line; no two are equal */
};

/* All of them, once each. */
struct heres {
    struct here *list; /* by file, then by place; owned */
    size_t len;
};

static int compare_files(const struct here *a, const struct here *b)
{
    if (a->dev != b->dev)
        return a->dev < b->dev ? -1 : 1;
    return (a->ino > b->ino) - (a->ino < b->ino);
}

static int compare_heres(const void *left, const void *right)
{
    const struct here *a = left, *b = right;
    int order = compare_files(a, b);

    return order != 0 ? order : (a->place > b->place) - (a->place < b->place);
}

/* Which file is it? One that is not there is that of inode 0, which no file has. */
static struct here look_at(const char *name, uint32_t place)
{
    struct here here = {.name = name, .place = place};
    struct stat there;

    if (stat(name, &there) == 0) {
        here.dev = there.st_dev;
        here.ino = there.st_ino;
    }
    return here;
}

static struct heres heres_of(const struct campaign *campaign)
{
    struct heres heres = {.list = fatal_calloc(campaign->turns + 1, sizeof(*heres.list))};
    const char *before = "";

    for (uint32_t i = 0; i < campaign->turns; i++) {
        const struct subject *subject = campaign->subjects[i];
        const char *name = subject->source.command.file;

        if (campaign_is_swarm(subject) || strcmp(name, before) == 0)
            continue; /* other values of the file before */
        heres.list[heres.len++] = look_at(name, i);
        before = name;
    }
    qsort(heres.list, heres.len, sizeof(*heres.list), compare_heres);
    return heres;
}

/* Two names may be of one file: "a.scn", "./a.scn". */
static bool is_same_file(const struct here *a, const struct here *b)
{
    return compare_files(a, b) == 0 && (a->ino != 0 || strcmp(a->name, b->name) == 0);
}

/* What the file @file is called on the command line; @file, if it is none of its files. */
static const char *name_here(const struct heres *heres, const char *file)
{
    struct here here = look_at(file, 0);
    size_t from = 0, to = heres->len;

    while (from < to) {
        size_t middle = from + (to - from) / 2;

        if (compare_files(&heres->list[middle], &here) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    while (from < heres->len && compare_files(&heres->list[from], &here) == 0 &&
           !is_same_file(&heres->list[from], &here))
        from++;
    return from < heres->len && is_same_file(&heres->list[from], &here) ? heres->list[from].name
                                                                        : file;
}

struct named {
    const char *file; /* borrowed */
    size_t line;      /* in the list; no two are equal */
};

static int compare_named(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int order = strcmp(a->file, b->file);

    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

/* Of all lines. A file is looked at once, however many lines have it. */
static void names_here(struct known *known, const struct campaign *campaign)
{
    struct named *named = fatal_calloc(known->len + 1, sizeof(*named));
    struct heres heres = heres_of(campaign);
    const char *before = "", *name = "";

    for (size_t i = 0; i < known->len; i++)
        named[i] = (struct named){known->list[i].file, i};
    qsort(named, known->len, sizeof(*named), compare_named);
    for (size_t i = 0; i < known->len; i++) {
        if (strcmp(named[i].file, before) != 0) {
            before = named[i].file;
            name = name_here(&heres, before);
        }
        known->list[named[i].line].file = name;
    }
    free(heres.list);
    free(named);
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
 * The number of the subject that @seed is of, which may have to be made; -1 after a message;
 * subjects_len: of none.
 */
static int64_t find_subject(struct cmd_known *known, struct campaign *campaign,
                            const struct known_seed *seed)
{
    const struct subject *like = NULL;

    for (uint32_t i = 0; i < campaign->turns; i++) {
        const struct subject *subject = campaign->subjects[i];
        struct known_seed scenario = scenario_of(subject);

        if (known_compare(&scenario, seed) == 0)
            return i;
        if (!campaign_is_swarm(subject) && strcmp(scenario.file, seed->file) == 0)
            like = subject;
    }
    if (like && add_subject(known, campaign, like, seed) < 0)
        return -1;
    return like ? campaign->subjects_len - 1 : campaign->subjects_len;
}

/* What stands on a line. */
struct numbered {
    const struct known_seed *seed;
    uint32_t line; /* its number in the list */
};

/* Of one scenario: by model and seed. */
static int compare_seeds(const struct known_seed *a, const struct known_seed *b)
{
    if (a->model != b->model)
        return a->model < b->model ? -1 : 1;
    return (a->seed > b->seed) - (a->seed < b->seed);
}

/* By scenario, then by seed, then as they stand: no two are equal. */
static int compare_lines(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    int order = known_compare(a->seed, b->seed);

    if (order == 0)
        order = compare_seeds(a->seed, b->seed);
    return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}
/* What is known of each line, by its number in the list. */
struct line {
    uint32_t first; /* the first line of the same scenario */
    bool repeats;   /* a line before it has the same seed of it */
};

/* Of all lines in @known, to be freed. */
static struct line *look_at_lines(const struct known *known)
{
    struct line *lines = fatal_calloc(known->len + 1, sizeof(*lines));
    struct numbered *places = fatal_calloc(known->len + 1, sizeof(*places));

    for (size_t i = 0; i < known->len; i++)
        places[i] = (struct numbered){&known->list[i], (uint32_t)i};
    qsort(places, known->len, sizeof(*places), compare_lines);
    for (size_t i = 0, end; i < known->len; i = end) {
        uint32_t first = places[i].line;

        for (end = i; end < known->len && known_compare(places[i].seed, places[end].seed) == 0;
             end++) {
            if (places[end].line < first)
                first = places[end].line;
            lines[places[end].line].repeats =
                end > i && compare_seeds(places[end - 1].seed, places[end].seed) == 0;
        }
        for (size_t k = i; k < end; k++)
            lines[places[k].line].first = first;
    }
    free(places);
    return lines;
}

/* So many lines of another model are named, the others counted. */
#define OLD_NAMED 20u

/* Is it of this model? Else that is said; @old counts these. */
static bool is_of_our_model(const char *name, const struct known_seed *seed, uint64_t *old)
{
    if (seed->model == DCSIM_MODEL)
        return true;
    if ((*old)++ >= OLD_NAMED)
        return false;
    text_print(stderr,
               "%s:%" PRIu32 ": warning: other model: seed %" PRIu64 " of %s is one of model "
               "%" PRIu64 ", this is model %u; it is not run\n",
               name, seed->line, seed->seed, seed->file, seed->model, DCSIM_MODEL);
    return false;
}

/* Puts the seeds of @lines before all others. Returns how many are of other scenarios, or -1. */
static int64_t add_seeds(struct cmd_known *known, struct campaign *campaign,
                         const struct line *lines)
{
    int64_t *subjects = fatal_calloc(known->known.len + 1, sizeof(*subjects)), others = 0;
    const uint32_t none = UINT32_MAX;
    uint64_t old = 0;

    for (size_t i = 0; i < known->known.len; i++)
        subjects[i] = none;
    for (size_t i = 0; others >= 0 && i < known->known.len; i++) {
        const struct known_seed *seed = &known->known.list[i];
        int64_t *subject = &subjects[lines[i].first];

        if (!is_of_our_model(known->name, seed, &old))
            continue;
        if (*subject == none)
            *subject = find_subject(known, campaign, seed);
        if (*subject < 0) {
            text_print(stderr, "%s:%" PRIu32 ": error: this is the seed with these values\n",
                       known->name, seed->line);
            others = -1;
        } else if (*subject == campaign->subjects_len) {
            *subject = none;
            others++;
        } else if (!lines[i].repeats) {
            campaign_add_first(campaign, (uint32_t)*subject, seed->seed);
        }
    }
    if (old > OLD_NAMED)
        text_print(stderr,
                   "%s: warning: %" PRIu64 " more lines are of another model, and not run\n",
                   known->name, old - OLD_NAMED);
    free(subjects);
    return others;
}

int cmd_known_open(struct cmd_known *ret, const char *name, struct campaign *campaign)
{
    char problem[KNOWN_PROBLEM_MAX], *text;
    struct line *lines;
    int64_t others;
    uint32_t line;
    size_t len;

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
    names_here(&ret->known, campaign);
    lines = look_at_lines(&ret->known);
    others = add_seeds(ret, campaign, lines);
    free(lines);
    if (others > 0 && !campaign->quiet)
        text_print(stderr,
                   "dcsim: %" PRId64 " of the seeds in '%s' %s of other scenarios, and not run\n",
                   others, name, others == 1 ? "is" : "are");
    return others < 0 ? -1 : 0;
}

/* ---- after ---- */

/* The lines of the seeds that are not in @known, whose files have the names of @campaign; owned. */
static char *lines_of_new(const struct known *known, const struct campaign *campaign,
                          const char *date, size_t *ret_len)
{
    char *text = NULL;
    FILE *out = fatal_memstream(&text, ret_len);
    struct heres heres = heres_of(campaign);

    for (size_t i = 0; i < campaign->summary.causes_len; i++) {
        const struct summary_cause *cause = &campaign->summary.causes[i];

        for (unsigned k = 0; !cause->outside && k < cause->seeds_len; k++) {
            uint32_t subject = cause->seeds[k].subject;
            struct known_seed seed = scenario_of(campaign->subjects[subject]), there;

            seed.seed = cause->seeds[k].seed;
            there = seed;
            there.file = name_here(&heres, seed.file);
            if (!known_has(known, &there))
                known_print(out, &seed, date, cause->text, DCSIM_COMMIT);
        }
    }
    free(heres.list);
    fatal_memstream_close(out, &text);
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
        known_release(&now);
    names_here(&now, campaign);
    lines = lines_of_new(&now, campaign, date, ret_len);
    known_release(&now);
    return lines;
}

/* Between two tries to lock, and once somebody wants to stop. */
#define LOCK_WAIT_MS 50
#define LOCK_STOP_TRIES 8u

/* Returns NULL, or why not. Others hold it as long as they write. */
static const char *lock_whole(int fd, const char *name)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    unsigned tries = 0;
    bool said = false;

    while (fcntl(fd, F_SETLK, &whole) < 0) {
        if (errno != EACCES && errno != EAGAIN && errno != EINTR)
            return NULL; /* not every file system can; then whoever is first is first */
        if (seeds_interrupted() && ++tries > LOCK_STOP_TRIES)
            return "another process writes it, and has not ended";
        if (!said)
            text_print(stderr, "dcsim: waiting for another process, which writes '%s'\n", name);
        said = true;
        poll(NULL, 0, LOCK_WAIT_MS);
    }
    return NULL;
}

/* Behind what is there, whose last line may have no end: all that is new, or nothing of it. */
static const char *append(const char *name, const struct campaign *campaign, const char *date)
{
    bool open_end = false;
    char *lines;
    size_t len;
    int fd;
    const char *why = open_file(name, true, &fd);

    if (why)
        return why;
    why = lock_whole(fd, name);
    if (why) {
        close(fd);
        return why;
    }
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
