/* The names of signals, which each C library words in its own way. */
#ifndef DC_SIM_CMD_SIGNALS_H
#define DC_SIM_CMD_SIGNALS_H

/* "Segmentation fault", or "unknown signal". Static storage. */
const char *signal_text(int number);

#endif
