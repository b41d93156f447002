/* The names of signals, which each C library words in its own way. */
#ifndef DC_SIM_CMD_SIGNALS_H
#define DC_SIM_CMD_SIGNALS_H

#include <stdbool.h>

/* "Segmentation fault", or "unknown signal". Static storage. */
const char *signal_text(int number);

/* Is it one of those that have a name here? Others have none that is the same everywhere. */
bool signal_is_named(int number);

/* Does it come from what the program itself does? Others come from outside of it. */
bool signal_is_of_a_crash(int number);

#endif
