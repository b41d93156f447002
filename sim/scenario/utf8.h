/*
 * UTF-8, a character at a time. Strict: no overlong forms, no surrogates,
 * nothing above U+10FFFF.
 */
#ifndef DC_SIM_SCENARIO_UTF8_H
#define DC_SIM_SCENARIO_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The length in bytes of the character at @text, and the character in *ret.
 * @len > 0. Returns 0 when the bytes there are no character; *ret is then
 * untouched, and the byte counts as one column.
 */
size_t utf8_next(const char *text, size_t len, uint32_t *ret);

/* C0 without tab, DEL, and C1: what a scenario may not contain. */
bool utf8_is_control(uint32_t character);

/*
 * May stand in a message as it is: no control, and none that turns the
 * direction of the text around or takes no room, so that what is shown is what
 * is there.
 */
bool utf8_is_shown(uint32_t character);

#endif
