/* Error codes: one table, from which names and texts come. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/err.h"
#include "tests/lib_core.h"

/*
 * A host prints both for any code it is given. Each code of the table has its
 * own name and a text that is not the one for strangers.
 */
Test(err, each_code_has_its_own_name_and_a_text)
{
    static const struct {
        int err;
        const char *name;
    } table[] = {
#define X(name, code, text) {name, #name},
        DC_ERRORS(X)
#undef X
    };
    size_t len = sizeof(table) / sizeof(table[0]);

    for (size_t i = 0; i < len; i++) {
        cr_assert(lt(int, table[i].err, 0), "codes are negative");
        expect_text(err_name(table[i].err), table[i].name);
        cr_assert(ne(str, (char *)err_text(table[i].err), (char *)"unknown error"));
        for (size_t k = 0; k < i; k++)
            cr_assert(ne(int, table[i].err, table[k].err), "codes differ");
    }
}

/* Any int may come, also one that is no error: neither function returns NULL. */
Test(err, a_stranger_has_a_name_and_a_text_too)
{
    int strangers[] = {0, 1, -999, 2147483647};

    for (size_t i = 0; i < 4; i++) {
        expect_text(err_name(strangers[i]), "DC_?");
        expect_text(err_text(strangers[i]), "unknown error");
    }
}
