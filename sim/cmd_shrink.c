/* dcsim shrink: the smallest story that fails as a seed did. */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/artifacts.h"
#include "sim/cmd.h"
#include "sim/cmd_child.h"
#include "sim/cmd_options.h"
#include "sim/cmd_outfile.h"
#include "sim/cmd_progress.h"
#include "sim/cmd_seeds.h"
#include "sim/cmd_settings.h"
#include "sim/cmd_shrink_try.h"
#include "sim/cmd_workers.h"
#include "sim/fatal.h"
#include "sim/scenario/format.h"
#include "sim/scenario/value.h"
#include "sim/shrink/shrink.h"
#include "sim/text.h"

/* A story is to fail with all of so many seeds, the one that was named among them; */
#define SEEDS 12u
#define SEEDS_LEAST 4u
/* before draws are pinned, with so many more; */
#define PIN_SEEDS 24u
/* and is told how it fares with so many others, from the first of these. */
#define OTHER_SEEDS 188u
#define OTHER_SEEDS_LEAST 8u
/* Fewer, if all of those runs would cost more than so much (sim/cmd_shrink_try.h). */
#define SEEDS_COST UINT64_C(10000000)
#define OTHER_SEEDS_COST UINT64_C(60000000)
/* With fewer of them, one in so many, the failure hangs on the seed. */
#define RARE 4u
/* All runs together: then the search is over. */
#define COST_MAX UINT64_C(300000000)
#define OTHER_SEED_FIRST 1001u
/* Seeds among those that it holds with join the others, so often. */
#define ROUNDS 4u
/* Of what the first run took; more is no simpler story. */
#define EVENTS_TIMES 4u
#define EVENTS_LEAST UINT64_C(200000)
#define EVENTS_UNKNOWN UINT64_C(20000000)
/* Of processor time, when --timeout-per-seed does not say it. */
#define LIMIT_NS UINT64_C(30000000000)
/* An event of a run that hangs is not waited for so long again. */
#define HANG_EVENT_NS UINT64_C(2000000000)
/* Between two words on how far it is; on a terminal it is said more often. */
#define PROGRESS_NS UINT64_C(10000000000)
#define KEEP_FOLDER "scenarios/regress"
/* That of a file that names none. */
#define SEED_DEFAULT 1u
/* Of the comment. */
#define COMMENT_COLUMNS 96u
#define COMMENT_LINES 14u

struct shrinking {
    struct settings settings;
    bool keep;
    struct cmd_file file;
    struct try_options options, others; /* with words and the like of the first */
    uint64_t work;                      /* what all runs have cost */
    uint64_t time_ns, begun_ns;         /* --time; 0: not given */
    bool over;                          /* the time was, before all had been tried */
    bool alone;                         /* for now it is cut with the seed that was named */
    size_t statements;                  /* at the start */
    struct shrink shrink;
    uint64_t said_ns; /* when progress was shown last */
    bool said;
    uint64_t said_trials; /* as it was then */
    struct outdir dir;    /* where the story goes */
    char *name;           /* of the file that has a story already, in dir; NULL: none; owned */
    struct story written; /* what is in it */
    char *text;           /* as it stands there; owned */
    size_t text_len;
    unsigned written_fails, written_seeds;
    bool unwritable; /* that was tried, and said */
};

/* Why the search is over before all has been tried; NULL: it is not. */
static const char *why_over(const struct shrinking *shrinking)
{
    if (shrinking->options.until_ns > 0 && progress_wall_ns() >= shrinking->options.until_ns)
        return "the time is over";
    return shrinking->work >= COST_MAX ? "so many runs are enough" : NULL;
}

/* ---- what is said on the way ---- */

/* "5", "5 and 12 pinned draws". */
static void print_size(FILE *out, const struct story *story)
{
    size_t pins = story_pins(story);

    fprintf(out, "%zu", story_statements(story));
    if (pins > 0)
        fprintf(out, " and %zu pinned draw%s", pins, pins == 1 ? "" : "s");
}

static void show_progress(struct shrinking *shrinking)
{
    const struct shrink *shrink = &shrinking->shrink;
    bool terminal = isatty(STDERR_FILENO);

    fprintf(stderr, "%sshrink: %zu statements -> ", terminal ? "\r" : "", shrinking->statements);
    print_size(stderr, &shrink->best);
    if (shrinking->alone)
        fprintf(stderr, ", with seed %" PRIu64, shrinking->options.seeds[0]);
    else
        fprintf(stderr, ", fails with %u of %u seeds", shrink->fails, shrink->judge.seeds);
    fprintf(stderr, ", %" PRIu64 " tried%s", shrink->trials, terminal ? "\033[K" : "\n");
    fflush(stderr);
    shrinking->said_ns = progress_wall_ns();
    shrinking->said_trials = shrink->trials;
    shrinking->said = true;
}

/* A line of its own, whatever stands on the terminal. */
__attribute__((format(printf, 2, 3))) static void note(struct shrinking *shrinking,
                                                       const char *format, ...)
{
    va_list args;

    if (shrinking->settings.command.quiet)
        return;
    if (shrinking->said && isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
    va_start(args, format);
    text_vprint(stderr, format, args);
    va_end(args);
    fflush(stderr);
}

static void look_at_progress(struct shrinking *shrinking)
{
    uint64_t every_ns = isatty(STDERR_FILENO) ? PROGRESS_NS / 40 : PROGRESS_NS;

    if (!shrinking->settings.command.quiet && !try_stops(&shrinking->options) &&
        progress_wall_ns() - shrinking->said_ns >= every_ns)
        show_progress(shrinking);
}

/* ---- the judge ---- */

static unsigned judge_fails(void *ctx, const struct story *story, const struct breach *breach,
                            unsigned need)
{
    struct shrinking *shrinking = ctx;
    unsigned fails;

    look_at_progress(shrinking);
    fails = try_fails(&shrinking->options, story, breach, need);
    return try_stops(&shrinking->options) ? 0 : fails; /* it was not tried with all of them */
}

static bool judge_breach(void *ctx, const struct story *story, struct breach *ret)
{
    const struct shrinking *shrinking = ctx;

    return try_breach(&shrinking->options, story, ret);
}

static int judge_look(void *ctx, const struct story *story, const struct breach *breach,
                      enum shrink_look look, FILE *out)
{
    const struct shrinking *shrinking = ctx;

    return try_look(&shrinking->options, story, breach, look, out);
}

static bool judge_stops(void *ctx)
{
    return seeds_interrupted() || why_over(ctx);
}

/* ---- the result ---- */

/*
 * A seed with which @story fails: the one that a file has which names none, if that is one;
 * else the first of those that it was tried with. False: with none of them.
 */
static bool find_seed(const struct shrinking *shrinking, const struct story *story, uint64_t *ret)
{
    const struct breach *breach = &shrinking->shrink.breach;
    struct try_options one = shrinking->options;

    one.seeds_len = 1;
    one.seeds[0] = *ret = SEED_DEFAULT;
    return try_finds(&one, story, breach, ret) ||
           try_finds(&shrinking->options, story, breach, ret) ||
           try_finds(&shrinking->others, story, breach, ret);
}

/* @text as fmt lays it out, to be freed. @text is freed. */
static char *laid_out(char *text, size_t len, size_t *ret_len)
{
    struct diags diags;
    char *laid = NULL;
    FILE *out = fatal_memstream(&laid, ret_len);

    diags_init(&diags, "story.scn", text, len);
    if (format_scenario(out, &diags) < 0)
        fatal("the shrunk story has errors");
    fatal_memstream_close(out, &laid);
    diags_release(&diags);
    free(text);
    return laid;
}

/* The lines of a file in which the best story fails, with the seed with which it does. */
static void story_for_file(const struct shrinking *shrinking, struct story *ret, uint64_t *ret_seed)
{
    char *text = NULL, line[32];
    size_t len;
    FILE *out;

    story_copy(ret, &shrinking->shrink.best);
    story_order(ret);
    if (!find_seed(shrinking, ret, ret_seed)) { /* something hangs on the order */
        story_release(ret);
        story_copy(ret, &shrinking->shrink.best);
        find_seed(shrinking, ret, ret_seed);
    }
    snprintf(line, sizeof(line), "seed %" PRIu64, *ret_seed);
    if (*ret_seed != SEED_DEFAULT)
        story_insert(ret, 1, line, strlen(line)); /* behind "scn 1" */
    out = fatal_memstream(&text, &len);
    story_print(out, ret);
    fatal_memstream_close(out, &text);
    text = laid_out(text, len, &len);
    story_release(ret);
    for (char *at = text, *end; (end = strchr(at, '\n')) != NULL; at = end + 1)
        story_add(ret, at, (size_t)(end - at));
    free(text);
}

/* A line of a comment, wrapped. */
static void comment(FILE *out, const char *text, size_t len)
{
    const char *indent = "";

    while (len > 0) {
        size_t take = len;

        if (take > COMMENT_COLUMNS)
            for (take = COMMENT_COLUMNS; take > COMMENT_COLUMNS / 2 && text[take] != ' '; take--)
                ;
        text_print(out, "# %s%.*s\n", indent, (int)take, text);
        text += take;
        len -= take;
        while (len > 0 && *text == ' ') {
            text++;
            len--;
        }
        indent = "    ";
    }
}

/* What fails, and why, of a file that has @before lines before @story. */
static void print_why(FILE *out, const struct shrinking *shrinking, const struct story *story,
                      uint64_t seed, size_t before)
{
    struct try_options one = shrinking->options;
    char *told = NULL;
    size_t len, lines = 0;
    FILE *memory = fatal_memstream(&told, &len);

    one.seeds[0] = seed;
    one.seeds_len = 1;
    try_tell(&one, story, before, &shrinking->shrink.breach, memory);
    fatal_memstream_close(memory, &told);
    for (char *at = told, *end; (end = strchr(at, '\n')) != NULL && lines < COMMENT_LINES;
         at = end + 1, lines++)
        comment(out, at, (size_t)(end - at));
    free(told);
}

/* With how many seeds it fails, and which one it has. */
struct luck {
    unsigned fails, seeds;
    uint64_t seed;
};

/*
 * Where it comes from: "Shrunk from lossy.scn, seed 7; it fails with 92 of 200 seeds, as with
 * seed 7 here."
 */
static void print_source(FILE *out, const struct shrinking *shrinking, const char *shrunk,
                         const struct luck *luck)
{
    char *line = NULL;
    size_t len;
    FILE *memory = fatal_memstream(&line, &len);

    text_print(memory, "%s from %s, seed %" PRIu64 "; it fails with ", shrunk, shrinking->file.name,
               shrinking->settings.seeds.lo);
    if (luck->seeds == 1)
        fprintf(memory, "seed %" PRIu64, luck->seed);
    else
        fprintf(memory, "%u of %u seeds", luck->fails, luck->seeds);
    if (luck->seeds > 1 && luck->fails < luck->seeds)
        fprintf(memory, ", as with seed %" PRIu64 " here", luck->seed);
    fputc('.', memory);
    fatal_memstream_close(memory, &line);
    comment(out, line, len);
    free(line);
}

/* The first comment of the file, to be freed. */
static char *comment_of(const struct shrinking *shrinking, const struct story *story, uint64_t seed)
{
    const struct breach *breach = &shrinking->shrink.breach;
    struct luck luck = {
        .fails = try_fails(&shrinking->options, story, breach, 1) +
                 try_fails(&shrinking->others, story, breach, 1),
        .seeds = shrinking->options.seeds_len + shrinking->others.seeds_len,
        .seed = seed,
    };
    size_t before = 0, len;
    char *text = NULL;

    /* It names lines of the story, and how long it is decides which these are. */
    for (unsigned pass = 0; pass < 2; pass++) {
        FILE *out;

        free(text);
        out = fatal_memstream(&text, &len);
        print_why(out, shrinking, story, seed, before);
        print_source(out, shrinking, "Shrunk", &luck);
        fatal_memstream_close(out, &text);
        before = 0;
        for (size_t i = 0; i < len; i++)
            before += text[i] == '\n';
    }
    return text;
}

/* The story as a file, to be freed. While it is still being cut, there is less about it. */
static char *text_of(const struct shrinking *shrinking, bool last, size_t *ret_len)
{
    char *text = NULL, *words;
    struct story story;
    uint64_t seed;
    size_t len;
    FILE *out = fatal_memstream(&text, &len);

    story_for_file(shrinking, &story, &seed);
    if (last) {
        words = comment_of(shrinking, &story, seed);
        fputs(words, out);
        free(words);
    } else {
        struct luck luck = {shrinking->shrink.fails, shrinking->shrink.judge.seeds, seed};

        print_source(out, shrinking, "Shrunk so far", &luck);
    }
    story_print(out, &story);
    story_release(&story);
    fatal_memstream_close(out, &text);
    return laid_out(text, len, ret_len);
}

/* "check-fall", "converges": how the story fails, as part of a file's name. */
static void print_breach(FILE *out, const struct breach *breach)
{
    static const char *const words[] = {
        [BREACH_NONE] = "none",     [BREACH_CHECK] = "check",    [BREACH_CONTRACT] = "contract",
        [BREACH_SIGNAL] = "signal", [BREACH_HANG] = "hang",      [BREACH_CONVERGES] = "converges",
        [BREACH_ORACLE] = "oracle", [BREACH_OWN] = "expectation"};

    fputs(words[breach->kind], out);
    if (breach->kind == BREACH_CHECK || breach->kind == BREACH_SIGNAL)
        fprintf(out, "-%s", breach->text);
}

/* The folder where the story goes. */
static const char *folder_of(const struct shrinking *shrinking)
{
    const char *out = shrinking->settings.out;

    return shrinking->keep ? KEEP_FOLDER : out ? out : OUTDIR_DEFAULT;
}

/* Before the first run. Returns 0, or -1 after a message. */
static int open_folder(struct shrinking *shrinking)
{
    const char *why = shrinking->keep
                          ? outdir_open(&shrinking->dir, KEEP_FOLDER, false)
                          : outdir_open_results(&shrinking->dir, shrinking->settings.out);

    if (why)
        text_print(stderr, "dcsim: cannot write into '%s/': %s\n", folder_of(shrinking), why);
    return why ? -1 : 0;
}

/* The name of the story's file; to be freed. */
static char *name_of(const struct shrinking *shrinking)
{
    const struct report_command *command = &shrinking->settings.command;
    struct report report = {.command = command, .scn = &shrinking->file.scn};
    char *name = NULL;
    size_t len;
    FILE *out = fatal_memstream(&name, &len);

    artifacts_name(out, &report, shrinking->settings.seeds.lo);
    fputc('-', out);
    print_breach(out, &shrinking->shrink.breach);
    fputs(".scn", out);
    fatal_memstream_close(out, &name);
    return name;
}

/* Writes @text into the file of the best story; one of another name is gone then. */
static int write_file(struct shrinking *shrinking, const char *text, size_t len)
{
    char *name = name_of(shrinking);
    struct outfile file;
    const char *why = outfile_begin_in(&file, &shrinking->dir, name, OUTFILE_STORY);

    if (!why) {
        fwrite(text, 1, len, file.out);
        why = outfile_end(&file);
    }
    if (why) {
        text_print(stderr, "dcsim: cannot write '%s/%s': %s\n", folder_of(shrinking), name, why);
        free(name);
        return -1;
    }
    if (shrinking->name && strcmp(shrinking->name, name) != 0)
        unlinkat(shrinking->dir.fd, shrinking->name, 0);
    free(shrinking->name);
    shrinking->name = name;
    return 0;
}

/*
 * Is the best story surer than the one in the file, or cheaper? On a way it may be neither.
 * One with hundreds of draws is worse than some luck.
 */
static bool is_worth_writing(const struct shrinking *shrinking)
{
    const struct shrink *shrink = &shrinking->shrink;

    if (shrinking->name && shrink->best.len > shrinking->statements + SHRINK_WAY_LINES_MAX)
        return false;
    return !shrinking->name || story_cheaper(&shrink->best, &shrinking->written) ||
           shrink->fails * shrinking->written_seeds >
               shrinking->written_fails * shrink->judge.seeds;
}

/* Whatever ends us from here on, the file has this story. */
static void judge_better(void *ctx, const struct shrink *shrink)
{
    struct shrinking *shrinking = ctx;
    char *text;
    size_t len;

    if (try_stops(&shrinking->options))
        return;
    if (shrinking->unwritable || !is_worth_writing(shrinking))
        return;
    text = text_of(shrinking, false, &len);
    if (try_stops(&shrinking->options)) { /* then it was not tried with all seeds */
        free(text);
        return;
    }
    shrinking->unwritable = write_file(shrinking, text, len) < 0;
    free(shrinking->text);
    shrinking->text = text;
    shrinking->text_len = len;
    story_release(&shrinking->written);
    story_copy(&shrinking->written, &shrink->best);
    shrinking->written_fails = shrink->fails;
    shrinking->written_seeds = shrink->judge.seeds;
}

/* No run is made any more: what is in the file is the result. */
static int tell_interrupted(const struct shrinking *shrinking)
{
    if (shrinking->text)
        fwrite(shrinking->text, 1, shrinking->text_len, stdout);
    if (!shrinking->settings.command.quiet && shrinking->name)
        text_print(stderr, "shrunk so far: %s/%s\n", folder_of(shrinking), shrinking->name);
    if (!shrinking->settings.command.quiet && !shrinking->text)
        fprintf(stderr, "dcsim: interrupted before there was a smaller story\n");
    return EXIT_INTERRUPTED;
}

static int write_result(struct shrinking *shrinking)
{
    size_t len;
    char *text = text_of(shrinking, !shrinking->over, &len);
    int exit_code = EXIT_HELD;

    if (seeds_interrupted()) {
        free(text);
        return tell_interrupted(shrinking);
    }
    fwrite(text, 1, len, stdout);
    if (write_file(shrinking, text, len) < 0)
        exit_code = EXIT_INTERNAL;
    else if (!shrinking->settings.command.quiet)
        text_print(stderr, "shrunk%s: %s/%s\n", shrinking->over ? " so far" : "",
                   folder_of(shrinking), shrinking->name);
    free(text);
    return exit_code;
}

/* ---- the command ---- */

/* So many seeds that runs which cost @cost each come to @all together; at most @most. */
static unsigned seeds_for(uint64_t all, uint64_t cost, unsigned least, unsigned most)
{
    uint64_t count = all / (cost + 1);

    return count < least ? least : count > most ? most : (unsigned)count;
}

/* The one that was named comes first. Runs with one seed cost @cost. */
static void choose_seeds(struct shrinking *shrinking, uint64_t cost)
{
    struct try_options *options = &shrinking->options, *others = &shrinking->others;
    uint64_t named = shrinking->settings.seeds.lo;
    unsigned most = seeds_for(SEEDS_COST, cost, SEEDS_LEAST, SEEDS);

    *others = *options; /* words as well */
    others->seeds_len = 0;
    for (uint64_t seed = 1; options->seeds_len < most; seed++)
        if (seed != named)
            options->seeds[options->seeds_len++] = seed;
    most = seeds_for(OTHER_SEEDS_COST, cost, OTHER_SEEDS_LEAST, OTHER_SEEDS);
    for (uint64_t seed = OTHER_SEED_FIRST; others->seeds_len < most; seed++)
        if (seed != named)
            others->seeds[others->seeds_len++] = seed;
}

/* What the seed comes to. Returns 0, or -1 after a message: it breaks nothing. */
static int look_at_seed(struct shrinking *shrinking, struct try_result *ret)
{
    struct try_options *options = &shrinking->options;

    options->seeds_len = 1;
    options->seeds[0] = shrinking->settings.seeds.lo;
    options->events_max = UINT64_MAX;
    try_first(options, &shrinking->file.scn, ret);
    if (options->place->had_kib > 0) {
        text_print(stderr,
                   "dcsim: seed %" PRIu64 " of %s ran out of memory, with %" PRIu64 " MiB\n",
                   options->seeds[0], shrinking->file.name, options->place->had_kib / 1024);
        return -1;
    }
    if (ret->blocked && !seeds_interrupted()) {
        char time[TEXT_TIME_MAX];

        text_print(stderr,
                   "dcsim: seed %" PRIu64 " of %s blocks: it used no processor for %s, and nobody "
                   "knows what it waits for\n",
                   options->seeds[0], shrinking->file.name,
                   text_time_scn(time, options->limit_ns * WORKERS_IDLE_TIMES));
        return -1;
    }
    if (ret->breach.kind == BREACH_NONE && !seeds_interrupted()) {
        text_print(stderr,
                   "dcsim: seed %" PRIu64 " of %s does not break: there is nothing to shrink\n",
                   options->seeds[0], shrinking->file.name);
        return -1;
    }
    if (ret->breach.kind == BREACH_HANG) {
        options->event_ns = options->limit_ns < HANG_EVENT_NS ? options->limit_ns : HANG_EVENT_NS;
        return 0;
    }
    options->events_max = EVENTS_UNKNOWN;
    if (ret->events > 0 && ret->events < UINT64_MAX / EVENTS_TIMES - EVENTS_LEAST)
        options->events_max = ret->events * EVENTS_TIMES + EVENTS_LEAST;
    return 0;
}

/* With how many of its seeds the best story fails. False: time was over before that was known. */
static bool count_anew(struct shrinking *shrinking)
{
    const struct try_options *options = &shrinking->options;
    struct shrink *shrink = &shrinking->shrink;
    unsigned fails = try_fails(options, &shrink->best, &shrink->breach, 1);

    if (try_stops(options))
        return false;
    shrink_more_seeds(shrink, options->seeds_len, fails);
    return true;
}

/*
 * Up to @most of the first @tried others join those that count, but none with which it @fails.
 */
static void move_seeds(struct shrinking *shrinking, unsigned most, unsigned tried,
                       const bool *fails)
{
    struct try_options *others = &shrinking->others, *options = &shrinking->options;
    unsigned stay = 0, moved = 0;

    for (unsigned i = 0; i < others->seeds_len; i++) {
        if (i >= tried || fails[i] || moved == most) {
            others->seeds[stay++] = others->seeds[i];
        } else {
            options->seeds[options->seeds_len++] = others->seeds[i];
            moved++;
        }
    }
    others->seeds_len = stay;
}

/*
 * Up to @most other seeds join those that count: those that the story holds with, or, if
 * @any, whichever. Returns how many.
 */
static unsigned add_seeds(struct shrinking *shrinking, unsigned most, bool any)
{
    const struct try_options options = shrinking->options, others = shrinking->others;
    const struct shrink *shrink = &shrinking->shrink;
    bool fails[TRY_SEEDS_MAX] = {false};
    unsigned tried = others.seeds_len;

    if (most > TRY_SEEDS_MAX - options.seeds_len)
        most = TRY_SEEDS_MAX - options.seeds_len;
    if (most > 0 && !any)
        tried = try_each(&others, &shrink->best, &shrink->breach, most, fails);
    if (try_stops(&options))
        return 0;
    move_seeds(shrinking, most, tried, fails);
    if (shrinking->options.seeds_len > options.seeds_len && !count_anew(shrinking)) {
        shrinking->options = options;
        shrinking->others = others;
    }
    return shrinking->options.seeds_len - options.seeds_len;
}

static bool hangs_on_the_seed(const struct shrink *shrink)
{
    return shrink->fails * RARE <= shrink->judge.seeds;
}

/*
 * For a failure that hangs on the seed, and for runs that take long. A draw hangs on what it
 * is for, so without statements that do not matter all goes on as before, with that seed: one
 * run is enough to see what they are.
 */
static void shrink_alone(struct shrinking *shrinking)
{
    struct shrink *shrink = &shrinking->shrink;
    unsigned seeds = shrinking->options.seeds_len;

    if (hangs_on_the_seed(shrink))
        note(shrinking,
             "shrink: fails with %u of %u seeds: it hangs on the seed; cut with seed %" PRIu64
             " first, then what that draws is pinned\n",
             shrink->fails, seeds, shrinking->options.seeds[0]);
    shrinking->alone = true;
    shrinking->options.seeds_len = 1;
    shrink_more_seeds(shrink, 1, 1);
    shrink_all(shrink);
    if (judge_stops(shrinking))
        return; /* with how many others it fails now is not asked any more */
    shrinking->options.seeds_len = seeds;
    shrinking->alone = !count_anew(shrinking);
    if (shrinking->alone)
        shrinking->options.seeds_len = 1;
}

/* Draws take the place of what is left of luck. */
static void shrink_luck(struct shrinking *shrinking)
{
    struct shrink *shrink = &shrinking->shrink;

    if (shrink->fails < shrink->judge.seeds && !judge_stops(shrinking))
        add_seeds(shrinking, PIN_SEEDS, true); /* what is left of it should not be overlooked */
    for (unsigned round = 0; round < ROUNDS && !judge_stops(shrinking); round++) {
        if (shrink->fails == shrink->judge.seeds && add_seeds(shrinking, SEEDS, false) == 0)
            break;
        shrink_pins(shrink);
    }
    if (shrink->fails < shrink->judge.seeds && !judge_stops(shrinking))
        note(shrinking, "shrink: draws cannot be pinned: they are too many, or not all\n");
}

/* Until it fails with seeds that it was not made for. */
static void shrink_until_sure(struct shrinking *shrinking)
{
    struct shrink *shrink = &shrinking->shrink;

    if (hangs_on_the_seed(shrink) || shrink->judge.seeds < SEEDS)
        shrink_alone(shrinking);
    for (unsigned round = 0; round < ROUNDS && !judge_stops(shrinking); round++) {
        shrink_all(shrink);
        if (shrink->fails < shrink->judge.seeds || add_seeds(shrinking, SEEDS, false) == 0)
            break;
    }
    shrink_luck(shrinking);
    if (!judge_stops(shrinking))
        shrink_order(shrink);
}

/* The search is over. From here on only what is to be told is run. */
static int conclude(struct shrinking *shrinking)
{
    const char *why = why_over(shrinking);

    if (seeds_interrupted())
        return tell_interrupted(shrinking);
    if (!shrinking->settings.command.quiet) {
        if (!shrinking->said || shrinking->said_trials != shrinking->shrink.trials)
            show_progress(shrinking);
        fputs(isatty(STDERR_FILENO) ? "\n" : "", stderr);
    }
    if (why)
        note(shrinking, "shrink: %s, and not all has been tried: there may be a smaller story\n",
             why);
    shrinking->over = shrinking->options.until_ns > 0 && why;
    shrinking->options.until_ns = shrinking->others.until_ns = 0;
    return write_result(shrinking);
}

static int shrink_it(struct shrinking *shrinking)
{
    struct shrink_judge judge = {
        .fails = judge_fails,
        .breaks = judge_breach,
        .look = judge_look,
        .stops = judge_stops,
        .better = judge_better,
        .ctx = shrinking,
    };
    struct try_result first;
    struct story story;
    unsigned fails;
    int exit_code;

    if (look_at_seed(shrinking, &first) < 0)
        return EXIT_UNKNOWN;
    if (seeds_interrupted())
        return tell_interrupted(shrinking);
    choose_seeds(shrinking, first.cost);
    judge.seeds = shrinking->options.seeds_len;
    story_of_scenario(&story, &shrinking->file.scn, &shrinking->file.diags);
    shrinking->statements = story_statements(&story);
    shrinking->said_ns = progress_wall_ns();
    fails = try_fails(&shrinking->options, &story, &first.breach, 1);
    if (fails == 0 && !seeds_interrupted())
        fatal("the story does not fail as its file does");
    shrink_init(&shrinking->shrink, &judge, &story, &first.breach, fails);
    story_release(&story);
    if (shrinking->time_ns > 0 && shrinking->time_ns <= UINT64_MAX - shrinking->begun_ns)
        shrinking->options.until_ns = shrinking->others.until_ns =
            shrinking->begun_ns + shrinking->time_ns;
    shrink_until_sure(shrinking);
    exit_code = conclude(shrinking);
    shrink_release(&shrinking->shrink);
    story_release(&shrinking->written);
    free(shrinking->name);
    free(shrinking->text);
    return exit_code;
}

static int set_option(struct shrinking *shrinking, int option, const char *value)
{
    switch (option) {
    case 'h':
        cmd_help();
        return EXIT_HELD;
    case OPTION_VERSION:
        cmd_version();
        return EXIT_HELD;
    case OPTION_KEEP:
        shrinking->keep = true;
        return -1;
    case OPTION_TIME:
        if (scn_time_of_text(value, &shrinking->time_ns) < 0 || shrinking->time_ns == 0)
            return cmd_usage("--time takes a time such as 60s, not '%s'", value);
        return -1;
    case 'q':
        shrinking->settings.command.quiet = true;
        return -1;
    default:
        return settings_option(&shrinking->settings, option, value);
    }
}

static int shrink_file(struct shrinking *shrinking, const char *name)
{
    struct settings *settings = &shrinking->settings;
    int exit_code = EXIT_USAGE;

    settings->command.file = name;
    settings->command.defines = settings->defines;
    shrinking->options.limit_ns = settings->job_ns > 0 ? settings->job_ns : LIMIT_NS;
    shrinking->options.event_ns = LASTWORDS_EVENT_SECONDS * UINT64_C(1000000000);
    shrinking->begun_ns = progress_wall_ns();
    shrinking->options.place = child_share(sizeof(*shrinking->options.place));
    shrinking->options.work = &shrinking->work;
    shrinking->options.stop = seeds_stop();
    shrinking->options.words = tmpfile();
    if (!shrinking->options.words)
        fatal("no temporary file: %s", strerror(errno));
    if (cmd_file_load(&shrinking->file, name, settings->defines, settings->command.defines_len) ==
            0 &&
        open_folder(shrinking) == 0) {
        if (!settings->has_seed)
            settings->seeds.lo = shrinking->file.scn.seeds.lo;
        seeds_catch_interrupt();
        exit_code = shrink_it(shrinking);
    }
    cmd_file_release(&shrinking->file);
    outdir_close(&shrinking->dir);
    child_unshare(shrinking->options.place, sizeof(*shrinking->options.place));
    fclose(shrinking->options.words);
    return exit_code;
}

int cmd_shrink(int argc, char **argv, const char *program)
{
    struct shrinking shrinking = {
        .settings = {.command = {.program = program}, .workers = 1},
        .dir = {-1},
    };
    int exit_code = -1, option;

    shrinking.settings.defines = fatal_calloc((size_t)argc, sizeof(*shrinking.settings.defines));
    while (exit_code < 0 && (option = cmd_next_option(argc, argv, CMD_SHRINK)) != -1)
        exit_code = set_option(&shrinking, option, optarg);
    if (exit_code < 0 && argc - optind != 1)
        exit_code = cmd_usage("shrink takes one scenario file");
    if (exit_code < 0)
        exit_code = shrink_file(&shrinking, argv[optind]);
    free(shrinking.settings.defines);
    return exit_code;
}
