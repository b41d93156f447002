/*
 * Texts and names of the error codes, from the one table in err.h.
 */
#include "core/err.h"

#include "core/banned.h"

const char *err_text(int err)
{
    switch (err) {
#define X(name, code, text)                                                                        \
    case name:                                                                                     \
        return text;
        DC_ERRORS(X)
#undef X
    default: /* an int, not an enum: any value may come */
        return "unknown error";
    }
}

const char *err_name(int err)
{
    switch (err) {
#define X(name, code, text)                                                                        \
    case name:                                                                                     \
        return #name;
        DC_ERRORS(X)
#undef X
    default:
        return "DC_?";
    }
}
