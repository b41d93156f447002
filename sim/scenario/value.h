/*
 * Numbers with units, as scenarios and the command line write them: exact,
 * bounded, without floats and without a locale.
 */
#ifndef DC_SIM_SCENARIO_VALUE_H
#define DC_SIM_SCENARIO_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nodeset;

enum value_type {
    VALUE_NUMBER, /* 42, 4k, 2M */
    VALUE_TIME,   /* 1.5s; in ns */
    VALUE_SIZE,   /* 64KiB; in bytes */
    VALUE_SHARE,  /* 5%, 200ppm; in parts per billion */
    VALUE_PER_S,  /* 10/s */
    VALUE_BITS,   /* 10mbit; in bits a second */
    VALUE_WORD,
    VALUE_STRING,
};

struct value {
    enum value_type type;
    uint64_t amount;
};

/* Room for what value_parse() says about a text of any length. */
#define VALUE_PROBLEM_MAX 160u
/* Room for what value_text() writes. */
#define VALUE_TEXT_MAX 48u
/* Room for a time as value_time_text() writes it. */
#define VALUE_TIME_TEXT_MAX 32u

/*
 * The value of @len bytes at @text: digits, perhaps a point and digits, a unit
 * without a blank; no sign, no range. Returns 0, or -1 with the reason in
 * @reterr_problem, a line such as "'0.1ns' is finer than 1 ns". @wanted is only
 * for that reason: VALUE_WORD when any type will do.
 */
int value_parse(const char *text, size_t len, enum value_type wanted, struct value *ret,
                char reterr_problem[static VALUE_PROBLEM_MAX]);

/* "a number", "a time", ... */
const char *value_type_text(enum value_type type);

/* As a scenario would say it, in the largest unit that is exact: "1500ms". Returns @buf. */
char *value_time_text(char buf[static VALUE_TIME_TEXT_MAX], uint64_t ns);

/* A number of any type as a scenario would say it, exact: "4000", "0.25%", "10mbit". Returns @buf.
 */
char *value_text(char buf[static VALUE_TEXT_MAX], struct value value);

/* Letters of a name, of which the first is no digit: [A-Za-z_][A-Za-z0-9_]*. */
bool value_is_name(const char *text, size_t len);
bool value_is_name_start(char c);
bool value_is_name_char(char c);
bool value_is_digit(char c);

/*
 * The N of "n3" or "x5", for @letter 'n' or 'x'. Returns 1; 0 when the text is
 * not of that form; -1 when it is, but N is over 2^64-1 or has leading zeros.
 */
int value_numbered(char letter, const char *text, size_t len, uint64_t *ret);

/* For options of the command: the whole of a terminated text. Return 0 or -1. */
int scn_number_of_text(const char *text, uint64_t *ret);
int scn_time_of_text(const char *text, uint64_t *ret_ns);

/*
 * Nodes such as "n3", "n1..n5,n9", "all" or "!n2", of @nodes in all, into the
 * set @ret (initialised). Returns 0, or -1 when it is not of that form or names
 * a node that does not exist.
 */
int scn_nodes_of_text(const char *text, uint32_t nodes, struct nodeset *ret);

#endif
