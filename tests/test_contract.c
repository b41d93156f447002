/* What a broken contract says of its place: the same from every build. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>

#include "core/contract.h"

Test(contract, a_place_does_not_tell_where_it_was_built)
{
    static const char *const same[] = {
        "core/mem.c",
        "../core/mem.c",
        "../../work/dcsim/core/mem.c",
        "/home/somebody/dcsim/core/mem.c",
        "/home/somebody/dcsim/build/../core/mem.c",
        "/srv/sim/tools/core/mem.c",
    };

    for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++)
        cr_expect(eq(str, (char *)contract_place(same[i]), (char *)"core/mem.c"));
    cr_expect(
        eq(str, (char *)contract_place("../sim/scenario/value.c"), (char *)"sim/scenario/value.c"));
    cr_expect(eq(str, (char *)contract_place("../mysim/value.c"), (char *)"../mysim/value.c"));
    cr_expect(eq(str, (char *)contract_place("value.c"), (char *)"value.c"));
    cr_expect(eq(str, (char *)contract_place(""), (char *)""));
}
