/*
 * The words of the language, in lists that end with NULL, as diag_nearest()
 * wants them. The order of those that stand for an enum is that of the enum.
 */
#ifndef DC_SIM_SCENARIO_WORDS_H
#define DC_SIM_SCENARIO_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORD_NONE SIZE_MAX

extern const char *const words_actions[]; /* enum scn_action_kind */
extern const char *const words_node_keys[];
extern const char *const words_peers[];       /* enum scn_peers */
extern const char *const words_rules[];       /* delay, loss, down, reset */
extern const char *const words_dists[];       /* enum scn_dist */
extern const char *const words_after_rules[]; /* what a rule may be followed by */
extern const char *const words_terms[];       /* of selectors: all, up, down, rest, random */
extern const char *const words_cuts[];        /* halves, ..., random */
extern const char *const words_metrics[];     /* enum scn_metric */
extern const char *const words_preds[];       /* what a predicate begins with */
extern const char *const words_conditions[];  /* enum scn_condition */
extern const char *const words_disks[];       /* enum scn_disk */
extern const char *const words_clocks[];      /* enum scn_clock */
extern const char *const words_memories[];    /* enum scn_memory */
extern const char *const words_forges[];
extern const char *const words_shows[]; /* enum scn_show_what */

/* The index of @len bytes at @text in @words, WORD_NONE when they are none of them. */
size_t word_find(const char *const *words, const char *text, size_t len);

/* Is it a word of the language? Is it, or will it be: no NAME may be one. */
bool word_is_keyword(const char *text, size_t len);
bool word_is_reserved(const char *text, size_t len);

#endif
