/*
 * What a run that broke says about the cluster, without the accidents of that
 * run: two runs with equal breaches failed the same way.
 *
 * Some claims hold of every scenario whatever it is made of: a check, a contract,
 * a crash; and, in a sober one, that the cluster converges to what clients were
 * told. While a story that breaks such a claim is cut, anything may go: what still
 * breaks it is still a bug. An expectation of the file itself is about that very
 * file: "value == 28" fails at once when an inc is taken away.
 *
 * A sober story has a "quiet", after which it runs to its stop with all nodes
 * up that have not left for good, each fault of it touches something, and all it
 * expects is looked at. So it holds once the bug is gone.
 */
#ifndef DC_SIM_SHRINK_BREACH_H
#define DC_SIM_SHRINK_BREACH_H

#include <stdbool.h>

struct run;

#define BREACH_TEXT_MAX 256u

enum breach_kind {
    BREACH_NONE = 0, /* it did not break */
    BREACH_CHECK,
    BREACH_CONTRACT, /* or the end of the process by an internal error */
    BREACH_SIGNAL,
    BREACH_HANG,      /* it does not come to an end */
    BREACH_CONVERGES, /* after quiet */
    BREACH_ORACLE,    /* likewise */
    BREACH_OWN,       /* an expectation of the file */
};

struct breach {
    enum breach_kind kind;
    char text[BREACH_TEXT_MAX]; /* the check, the statement, ... */
    bool sober;                 /* only of a sober story; this is no part of being equal */
};

/* Of a run that is over. */
void breach_of_run(struct breach *ret, const struct run *run);

/* Of a process that said @text on stderr and ended, or that died of a signal. */
void breach_of_words(struct breach *ret, const char *text);
void breach_of_signal(struct breach *ret, int signal_number);
void breach_of_hang(struct breach *ret);

bool breach_equal(const struct breach *a, const struct breach *b);

/* Is it one of every scenario, or of every sober one if that is what it asks for? */
bool breach_is_general(const struct breach *breach);

/* Did the story end as a sober one does? Of a run to the stop, whatever broke (goes_on). */
bool breach_ends_soberly(const struct run *run);

#endif
