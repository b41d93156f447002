/* Runs of stories, each list of seeds in a process of its own. */
#include "sim/cmd_shrink_try.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/types.h"
#include "sim/choose.h"
#include "sim/cmd_child.h"
#include "sim/cmd_progress.h"
#include "sim/fatal.h"
#include "sim/report.h"
#include "sim/run.h"
#include "sim/cmd_signals.h"
#include "sim/cmd_workers.h"
#include "sim/text.h"

#define SECOND_NS UINT64_C(1000000000)
/* Between two looks at the stop, and at the clock of who says nothing. */
#define LOOK_MS 100

bool try_stops(const struct try_options *options)
{
    return *options->stop || (options->until_ns > 0 && progress_wall_ns() >= options->until_ns);
}

/* A story as runs need it. */
struct parsed {
    char *text; /* owned */
    size_t len;
    struct diags diags;
    struct scenario scn;
};

/* @before lines stand before the story: where its statements are, is said of all of them. */
static int parse(struct parsed *ret, const struct story *story, size_t before)
{
    FILE *out;

    *ret = (struct parsed){0};
    out = fatal_memstream(&ret->text, &ret->len);
    for (size_t i = 0; i < before; i++)
        fputc('\n', out);
    story_print(out, story);
    fatal_memstream_close(out, &ret->text);
    diags_init(&ret->diags, "story.scn", ret->text, ret->len);
    return scenario_parse(&ret->scn, &ret->diags, NULL);
}

static void parsed_release(struct parsed *parsed)
{
    scenario_release(&parsed->scn);
    diags_release(&parsed->diags);
    free(parsed->text);
}

/* ---- one run, in a child ---- */

/* Steps @run to its end, or to the limit of events. */
static void step_all(const struct try_options *options, struct run *run)
{
    for (uint64_t events = 0; events < options->events_max && run_step(run); events++)
        ;
    if (!run->over)
        run_abandon(run, REASON_LIMIT);
}

static void run_seed(const struct try_options *options, const struct scenario *scn, uint64_t seed,
                     struct try_result *ret)
{
    struct run_options run_options = {.seed = seed, .until_ns = DC_TIME_NEVER};
    struct run run;

    *ret = (struct try_result){0};
    lastwords_watch(options->place, options->event_ns, options->limit_ns);
    run_init(&run, scn, &run_options, NULL);
    lastwords_place(&run);
    step_all(options, &run);
    breach_of_run(&ret->breach, &run);
    ret->events = run.world.events;
    ret->cost = run.world.events + TRY_EVENTS_A_RUN;
    run_release(&run);
    lastwords_end();
}

/* Does a run of that seed end as that of a sober story does, if what breaks is passed over? */
static bool ends_soberly(const struct try_options *options, const struct scenario *scn,
                         uint64_t seed)
{
    struct run_options run_options = {.seed = seed, .until_ns = DC_TIME_NEVER, .goes_on = true};
    struct run run;
    bool sober;

    lastwords_watch(options->place, options->event_ns, options->limit_ns);
    run_init(&run, scn, &run_options, NULL);
    lastwords_place(&run);
    step_all(options, &run);
    sober = breach_ends_soberly(&run);
    run_release(&run);
    lastwords_end();
    return sober;
}

/* ---- children ---- */

struct trial {
    struct child child;
    FILE *to; /* in the child: what it says on its way */
    /* In the parent. */
    struct child_clock clock;
    bool killed; /* it was to stop, or waited for too long */
};

/*
 * Forks. In the child, returns 0 with the place to write to in @ret->to; stderr goes into a file.
 * In the parent, 1. -1 with errno when there is no process to be had.
 */
static int trial_start(const struct try_options *options, struct trial *ret)
{
    int rc;

    *ret = (struct trial){0};
    fflush(NULL);
    rewind(options->words);
    if (ftruncate(fileno(options->words), 0) < 0)
        return -1;
    rc = child_start(&ret->child);
    if (rc > 0)
        child_clock_begin(&ret->clock, ret->child.pid);
    if (rc != 0)
        return rc;
    signal(SIGINT, SIG_IGN); /* these are the parent's */
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    dup2(fileno(options->words), STDERR_FILENO);
    ret->to = fdopen(ret->child.fd, "wb");
    if (!ret->to)
        fatal_memory(0);
    return 0;
}

_Noreturn static void trial_exit(struct trial *trial)
{
    _exit(fflush(trial->to) == 0 ? 0 : 3);
}

static void trial_kill(struct trial *trial)
{
    kill(trial->child.pid, SIGKILL);
    trial->killed = true;
}

/* It has said nothing for @step_ns. A run that waits for something outside of it has not failed. */
static void look_at_clock(const struct try_options *options, struct trial *trial, uint64_t step_ns)
{
    child_clock_look(&trial->clock, trial->child.pid, step_ns);
    if (try_stops(options) || trial->clock.idle_ns / WORKERS_IDLE_TIMES >= options->limit_ns)
        trial_kill(trial);
}

/* In the parent: up to @len bytes of what it says. Fewer: it has ended. */
static size_t trial_read(const struct try_options *options, struct trial *trial, void *ret,
                         size_t len)
{
    struct pollfd look = {.fd = trial->child.fd, .events = POLLIN};
    char *bytes = ret;
    size_t got = 0;

    while (got < len) {
        int ready = poll(&look, 1, LOOK_MS);
        ssize_t more;

        if (ready <= 0 && !trial->killed)
            look_at_clock(options, trial, ready == 0 ? LOOK_MS * (SECOND_NS / 1000) : 0);
        if (ready <= 0)
            continue;
        more = read(trial->child.fd, bytes + got, len - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more <= 0)
            break;
        got += (size_t)more;
        child_clock_begin(&trial->clock, trial->child.pid);
    }
    return got;
}

/* What the last run said before it died, a text of less than @size bytes. Returns its length. */
static size_t read_words(const struct try_options *options, char *ret, size_t size)
{
    size_t len;

    rewind(options->words);
    len = fread(ret, 1, size - 1, options->words);
    ret[len] = '\0';
    return len;
}

/* Waits for its end. What that was, when it has not said all that it was to say: in @ret. */
static void trial_end(const struct try_options *options, struct trial *trial, struct breach *ret)
{
    char words[BREACH_TEXT_MAX * 2];
    size_t len;
    int status = 0;

    *ret = (struct breach){0};
    if (try_stops(options))
        trial_kill(trial); /* it may have more to say */
    child_close(&trial->child);
    while (waitpid(trial->child.pid, &status, 0) < 0 && errno == EINTR)
        ;
    if (options->place->had_kib > 0)
        trial->killed = true; /* it had not enough memory, so it has not failed */
    if (trial->killed)
        return;
    if (WIFSIGNALED(status)) {
        if (WTERMSIG(status) == SIGPROF)
            breach_of_hang(ret);
        else if (signal_is_of_a_crash(WTERMSIG(status)))
            breach_of_signal(ret, WTERMSIG(status));
        return;
    }
    len = read_words(options, words, sizeof(words));
    breach_of_words(ret, len > 0 ? words : "ended its process without a result");
}

/* ---- many seeds ---- */

struct counting {
    const struct try_options *options;
    const struct scenario *scn;
    const struct breach *breach;   /* NULL: any */
    unsigned need;                 /* it ends when no more than fewer can fail, */
    unsigned most_fail, most_hold; /* and with so many that fail or hold; 0: any number */
    bool *each;                    /* which of the seeds it does not hold with; NULL: nobody asks */
    unsigned at, fails, holds;     /* what was blocked does neither */
    struct breach last;            /* what was seen last, when it is what was looked for */
    uint64_t last_seed, events;
    bool blocked; /* the last one was */
};

static bool counts_on(const struct counting *counting)
{
    unsigned left = counting->options->seeds_len - counting->at;

    return left > 0 && counting->fails + left >= counting->need &&
           (counting->most_fail == 0 || counting->fails < counting->most_fail) &&
           (counting->most_hold == 0 || counting->holds < counting->most_hold);
}

/* What came of the seed that is next. */
static void count(struct counting *counting, const struct try_result *result)
{
    bool fits = counting->breach ? breach_equal(&result->breach, counting->breach)
                                 : result->breach.kind != BREACH_NONE;

    if (counting->each)
        counting->each[counting->at] = fits || result->blocked;
    if (!fits && !result->blocked)
        counting->holds++;
    if (fits) {
        counting->last = result->breach;
        counting->last_seed = counting->options->seeds[counting->at];
        counting->fails++;
    }
    counting->events = result->events;
    counting->blocked = result->blocked;
    *counting->options->work += result->cost;
    counting->at++;
}

static void count_in_child(struct counting *counting, struct trial *trial)
{
    while (counts_on(counting)) {
        struct try_result result;

        uint64_t seed = counting->options->seeds[counting->at];

        run_seed(counting->options, counting->scn, seed, &result);
        if (counting->breach && counting->breach->sober &&
            breach_equal(&result.breach, counting->breach) &&
            !ends_soberly(counting->options, counting->scn, seed))
            result.breach.kind = BREACH_NONE;
        fwrite(&result, sizeof(result), 1, trial->to);
        fflush(trial->to); /* the next one may not come back */
        count(counting, &result);
    }
    trial_exit(trial);
}

/* What it takes to see that a run hangs, in events. */
static uint64_t hang_cost(const struct try_options *options)
{
    uint64_t ns = options->event_ns < options->limit_ns ? options->event_ns : options->limit_ns;

    return ns / (SECOND_NS / TRY_EVENTS_A_SECOND);
}

/* One child after the other, as many as end before they have told all. */
static void count_all(struct counting *counting)
{
    while (counts_on(counting) && !try_stops(counting->options)) {
        struct try_result result;
        struct trial trial;
        int rc = trial_start(counting->options, &trial);

        if (rc < 0)
            fatal("no process to run a story in: %s", strerror(errno));
        if (rc == 0)
            count_in_child(counting, &trial);
        while (!try_stops(counting->options) &&
               trial_read(counting->options, &trial, &result, sizeof(result)) == sizeof(result))
            count(counting, &result);
        result = (struct try_result){.cost = TRY_EVENTS_A_RUN};
        trial_end(counting->options, &trial, &result.breach);
        result.blocked = trial.killed;
        if (!counts_on(counting) || try_stops(counting->options))
            continue;
        if (result.breach.kind == BREACH_HANG)
            result.cost = hang_cost(counting->options);
        if (counting->breach && counting->breach->sober &&
            counting->scn->quiet.at_ns == DC_TIME_NEVER)
            result.breach.kind = BREACH_NONE; /* how it would have ended, nobody can tell */
        count(counting, &result);
    }
}

void try_first(const struct try_options *options, const struct scenario *scn,
               struct try_result *ret)
{
    struct try_options one = *options;
    struct counting counting = {.options = &one, .scn = scn, .need = 1};
    uint64_t before = *options->work;

    one.seeds_len = 1;
    count_all(&counting);
    *ret = (struct try_result){
        .breach = counting.last,
        .events = counting.events,
        .cost = *options->work - before,
        .blocked = counting.blocked,
    };
}

unsigned try_fails(const struct try_options *options, const struct story *story,
                   const struct breach *breach, unsigned need)
{
    struct counting counting = {.options = options, .breach = breach, .need = need};
    struct parsed parsed;

    if (parse(&parsed, story, 0) == 0) {
        counting.scn = &parsed.scn;
        count_all(&counting);
    }
    parsed_release(&parsed);
    return counting.fails;
}

unsigned try_each(const struct try_options *options, const struct story *story,
                  const struct breach *breach, unsigned most, bool *ret)
{
    struct counting counting = {
        .options = options, .breach = breach, .most_hold = most, .each = ret};
    struct parsed parsed;

    if (parse(&parsed, story, 0) == 0) {
        counting.scn = &parsed.scn;
        count_all(&counting);
    }
    parsed_release(&parsed);
    return counting.at;
}

/* Looks for the first seed that breaks @breach (NULL: any), which stays in @ret. */
static bool find_first(const struct try_options *options, const struct scenario *scn,
                       const struct breach *breach, struct counting *ret)
{
    *ret = (struct counting){
        .options = options, .scn = scn, .breach = breach, .need = 1, .most_fail = 1};
    count_all(ret);
    return ret->fails > 0;
}

bool try_finds(const struct try_options *options, const struct story *story,
               const struct breach *breach, uint64_t *ret)
{
    struct counting counting;
    struct parsed parsed;
    bool found =
        parse(&parsed, story, 0) == 0 && find_first(options, &parsed.scn, breach, &counting);

    if (found)
        *ret = counting.last_seed;
    parsed_release(&parsed);
    return found;
}

bool try_breach(const struct try_options *options, const struct story *story, struct breach *ret)
{
    struct counting counting;
    struct parsed parsed;
    bool found = parse(&parsed, story, 0) == 0 && find_first(options, &parsed.scn, NULL, &counting);

    if (found)
        *ret = counting.last;
    parsed_release(&parsed);
    return found;
}

/* ---- what a run is made of ---- */

static void print_draw(void *ctx, uint64_t key, enum purpose purpose, uint64_t value)
{
    fprintf(ctx, "fix \"%s %016" PRIx64 "\" = %" PRIu64 "\n", choose_purpose_text(purpose), key,
            value);
}

/* What is to be known of a run. The first ones are told as it goes on, those behind at its end. */
enum telling {
    TELL_DRAWS,
    TELL_FIRINGS,
    TELL_LOSSES,
    TELL_IDLE,
    TELL_WHY,
};
#define TELLINGS_ON_THE_WAY TELL_IDLE

/* Steps to the end, and prints when "every" statements fire. */
static void print_firings(const struct try_options *options, struct run *run, FILE *out)
{
    bool more = true;

    for (uint64_t events = 0; more && events < options->events_max; events++) {
        const struct scn_stmt *stmt;

        more = run_step(run);
        if (run->event.kind != EVENT_ACTION)
            continue;
        stmt = &run->scn->stmts[timeline_stmt(&run->timeline, &run->event)];
        if (stmt->kind == SCN_STMT_EVERY)
            fprintf(out, "%" PRIu32 " %" PRIu64 "\n", stmt->pos.line, run->event.at_ns);
    }
}

/* Messages that were lost by chance, when they were sent. */
static void print_loss(void *ctx, const struct record *record)
{
    if (record->kind == RECORD_FATE && record->detail == NET_LOST_LOSS)
        fprintf(ctx, "%" PRIu64 " %" PRIu32 " %" PRIu32 "\n", record->at_ns, record->node + 1,
                record->peer + 1);
}

/* Statements that met nothing. */
static void print_idle(FILE *out, const struct run *run)
{
    const struct scenario *scn = run->scn;
    uint32_t i = met_nothing(scn, run->met, 0);

    for (; i < scn->stmts_len; i = met_nothing(scn, run->met, i + 1))
        fprintf(out, "%" PRIu32 "\n", scn->stmts[i].pos.line);
}

/* A run of @seed with what it says of itself. */
static void print_run(const struct try_options *options, const struct parsed *parsed, uint64_t seed,
                      enum telling telling, FILE *out)
{
    struct run_options run_options = {
        .seed = seed,
        .until_ns = DC_TIME_NEVER,
        .goes_on = telling == TELL_IDLE,
        .draws = {.drawn = telling == TELL_DRAWS ? print_draw : NULL, .ctx = out},
    };
    struct trace_sink sink = {.record = telling == TELL_LOSSES ? print_loss : NULL, .ctx = out};
    struct report_command command = {.program = "dcsim", .file = "story.scn"};
    struct report report = {.command = &command, .scn = &parsed->scn, .source = &parsed->diags};
    struct run run;

    lastwords_watch(options->place, options->event_ns, options->limit_ns);
    run_init(&run, &parsed->scn, &run_options, &sink);
    lastwords_place(&run);
    if (telling == TELL_FIRINGS)
        print_firings(options, &run, out);
    else
        step_all(options, &run);
    if (telling == TELL_IDLE)
        print_idle(out, &run);
    if (telling == TELL_WHY) {
        char *why = report_why(&report, &run);

        fprintf(out, "%s\n%s\n%s", run.outcome.headline, run.outcome.label, why);
        free(why);
    }
    run_release(&run);
    lastwords_end();
}

/*
 * All that it says, into @out. Returns 0, or -1 when it ends before a byte of 0; a run that is
 * to die (@dies) says none.
 */
static int hear(const struct try_options *options, struct trial *trial, bool dies, FILE *out)
{
    struct breach end;
    char bytes[4096];
    size_t len;
    int rc = -1;

    while (rc < 0 && (len = trial_read(options, trial, bytes, sizeof(bytes))) > 0) {
        rc = bytes[len - 1] == '\0' ? 0 : -1;
        fwrite(bytes, 1, rc == 0 ? len - 1 : len, out);
    }
    trial_end(options, trial, &end);
    return end.kind != BREACH_NONE && dies ? 0 : rc;
}

static int tell(const struct try_options *options, const struct story *story, size_t before,
                const struct breach *breach, enum telling telling, FILE *out)
{
    struct counting counting;
    struct parsed parsed;
    struct trial trial;
    int rc = -1;

    if (parse(&parsed, story, before) == 0 && find_first(options, &parsed.scn, breach, &counting))
        rc = trial_start(options, &trial);
    if (rc == 0) {
        setvbuf(trial.to, NULL, _IOLBF, BUFSIZ); /* what it has said is not lost if it dies */
        print_run(options, &parsed, counting.last_seed, telling, trial.to);
        fputc('\0', trial.to); /* that was all */
        trial_exit(&trial);
    }
    if (rc > 0)
        rc = hear(options, &trial, telling < TELLINGS_ON_THE_WAY, out);
    parsed_release(&parsed);
    return rc;
}

int try_look(const struct try_options *options, const struct story *story,
             const struct breach *breach, enum shrink_look look, FILE *out)
{
    static const enum telling tellings[] = {
        [SHRINK_LOOK_DRAWS] = TELL_DRAWS,
        [SHRINK_LOOK_FIRINGS] = TELL_FIRINGS,
        [SHRINK_LOOK_LOSSES] = TELL_LOSSES,
        [SHRINK_LOOK_IDLE] = TELL_IDLE,
    };

    return tell(options, story, 0, breach, tellings[look], out);
}

void try_tell(const struct try_options *options, const struct story *story, size_t before,
              const struct breach *breach, FILE *out)
{
    char words[BREACH_TEXT_MAX];

    if (tell(options, story, before, breach, TELL_WHY, out) == 0)
        return;
    read_words(options, words, sizeof(words));
    words[strcspn(words, "\n")] = '\0';
    if (breach->kind == BREACH_HANG)
        fprintf(out, "hangs: an event does not end, or the run does not");
    else if (breach->kind == BREACH_SIGNAL)
        fprintf(out, "died of signal %s (%s)", breach->text,
                signal_text((int)strtol(breach->text, NULL, 10)));
    else
        text_print(out, "%s", words[0] ? words : breach->text);
    fputc('\n', out);
    if (lastwords_knows_place(options->place)) {
        lastwords_print_place(out, options->place);
        fputc('\n', out);
    }
}
