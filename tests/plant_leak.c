/*
 * A test that leaks, and that Criterion takes for passed: what tests/leaks.sh is
 * for, and has to see. Only in sanitizer builds.
 */
#include <stdlib.h>

#include <criterion/criterion.h>

Test(plant, leak)
{
    char *volatile leaked = malloc(33);

    cr_assert(leaked != NULL);
    leaked = NULL;
}
