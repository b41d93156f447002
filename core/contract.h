/*
 * Design by contract: what a caller inside the program must guarantee (PRE),
 * what a function guarantees in return (POST) and what holds between calls
 * (INVARIANT). A broken contract is a bug in this program, never bad input:
 * bytes, files and users are answered with errors (core/err.h).
 *
 * Conditions are pure. They are on unless built with -Dcontracts=disabled,
 * which defines DC_CONTRACTS_DISABLED; NDEBUG does not touch them.
 *
 * Source: Meyer, "Applying Design by Contract", IEEE Computer 25(10), 1992.
 */
#ifndef DC_CORE_CONTRACT_H
#define DC_CORE_CONTRACT_H

/*
 * Called when a contract is broken; does not return. core/contract.c has a
 * version that writes one line to stderr and aborts. A host that wants to say
 * more defines the same function in its own program, which then takes its
 * place at link time: no hook, no global.
 */
_Noreturn void contract_failed(const char *kind, const char *condition, const char *message,
                               const char *file, int line);

/*
 * Of the __FILE__ of a source of ours, the part from the folder of its layer on:
 * "core/mem.c", wherever the compiler was started. For who prints it.
 */
const char *contract_place(const char *file);

#ifdef DC_CONTRACTS_DISABLED
/* Still parsed, so that a condition cannot rot; never evaluated. */
#define DC_CONTRACT(kind, cond, message) ((void)sizeof((cond) ? 1 : 0))
#else
#define DC_CONTRACT(kind, cond, message)                                                           \
    ((cond) ? (void)0 : contract_failed((kind), #cond, (message), __FILE__, __LINE__))
#endif

#define PRE(cond, message) DC_CONTRACT("precondition", cond, message)
#define POST(cond, message) DC_CONTRACT("postcondition", cond, message)
#define INVARIANT(cond, message) DC_CONTRACT("invariant", cond, message)

#endif
