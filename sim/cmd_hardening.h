/*
 * What protects this program from what strangers' files could do to it, as far as it can
 * tell: read from the program itself and from what its compiler says, not from what the
 * build was asked for.
 */
#ifndef DC_SIM_CMD_HARDENING_H
#define DC_SIM_CMD_HARDENING_H

/* "PIE, full RELRO, ..." and the end of the line, to stdout; "none" when there is nothing. */
void hardening_print(void);

#endif
