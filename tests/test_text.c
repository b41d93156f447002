/* Words for people: names that are long, and the article before one. */
#include "sim/text.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/names.h"

static void expect_name(const char *bytes, size_t len, const char *expected)
{
    struct names names;
    char text[TEXT_NAME_MAX];
    dc_name name;

    names_init(&names, mem_heap());
    cr_assert(names_intern(&names, bytes, len, &name) == 0);
    cr_expect(eq(str, text_name(text, &names, name), (char *)expected));
    names_release(&names);
}

Test(text, a_short_name_is_shown_as_it_is)
{
    expect_name("n1", 2, "n1");
    expect_name("", 0, "");
    expect_name("a b\\\x1b[31m", 9, "a\\x20b\\x5c\\x1b[31m");
}

/* Of ids that are long it is the end that differs. */
Test(text, a_long_name_keeps_its_end)
{
    char bytes[200], expected[TEXT_NAME_MAX];

    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes + sizeof(bytes) - 2, "n7", 2);
    memset(expected, 'x', sizeof(expected));
    memcpy(expected, "...", 3);
    memcpy(expected + sizeof(expected) - 3, "n7", 3);
    expect_name(bytes, sizeof(bytes), expected);
    expect_name(bytes + sizeof(bytes) - (TEXT_NAME_MAX - 4), TEXT_NAME_MAX - 4, expected + 3);
}

Test(text, an_article_goes_by_the_word)
{
    cr_expect(eq(str, (char *)text_article("ack"), (char *)"an"));
    cr_expect(eq(str, (char *)text_article("push"), (char *)"a"));
}
