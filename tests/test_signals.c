/* Words for signals that no C library has a say in. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <signal.h>

#include "sim/cmd_signals.h"

Test(signals, has_words_of_its_own)
{
    cr_expect(eq(str, (char *)signal_text(SIGSEGV), (char *)"Segmentation fault"));
    cr_expect(eq(str, (char *)signal_text(SIGTERM), (char *)"Terminated"));
    /* glibc: Floating point exception; musl: Arithmetic exception */
    cr_expect(eq(str, (char *)signal_text(SIGFPE), (char *)"Arithmetic error"));
    cr_expect(eq(str, (char *)signal_text(0), (char *)"unknown signal"));
    cr_expect(eq(str, (char *)signal_text(10000), (char *)"unknown signal"));
    cr_expect(signal_is_named(SIGPROF));
    cr_expect(not(signal_is_named(10000)));
}
