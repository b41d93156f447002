/* The canonical text of statements, their keys, and the hash of a scenario. */
#include "sim/scenario/canonical.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <string.h>

#include <xxhash.h>

#include "tests/lib_scenario.h"

static void expect_text(const char *found, const char *expected)
{
    cr_expect(strcmp(found, expected) == 0, "expected '%s', found '%s'", expected, found);
}

Test(canonical, one_blank_between_tokens_and_none_where_the_language_glues)
{
    struct parsed parsed =
        parsed_body("group g = n5\nat   1s\\\n\t inc n1 , n2 .. n3,! n4 , @ g , random ( 2 ) of ( "
                    "n1 , n2 ) # x\n"
                    "+ 1s inc *\nexpect value of n1==- 5+-5% on n1 at end\n"
                    "link n1->n2,n3 delay 1ms .. 2ms\nat 1s partition n1|n2|rest");

    expect_text(parsed.scn.stmts[0].text, "at 1s inc n1,n2..n3,!n4,@g,random(2) of (n1,n2)");
    expect_text(parsed.scn.stmts[1].text, "+1s inc *");
    expect_text(parsed.scn.stmts[2].text, "expect value of n1 == -5 +- 5% on n1 at end");
    expect_text(parsed.scn.stmts[3].text, "link n1 -> n2,n3 delay 1ms..2ms");
    expect_text(parsed.scn.stmts[4].text, "at 1s partition n1 | n2 | rest");
    parsed_release(&parsed);
}

/* The key of a statement depends on its text and on how often it came before, on nothing else. */
Test(canonical, keys_are_of_the_text_and_its_number)
{
    struct parsed a = parsed_body("at 1s inc n1\nat 1s inc n1\nat 1s inc n2\nat 1s inc n1");
    struct parsed b = parsed_body("seed 9\nat  1s   inc n1 # why\nload 1/s even inc 1% on all\n"
                                  "at 1s inc n2");

    cr_expect(a.scn.stmts[0].key == b.scn.stmts[0].key);
    cr_expect(a.scn.stmts[2].key == b.scn.stmts[2].key);
    cr_expect(a.scn.stmts[0].key != a.scn.stmts[1].key);
    cr_expect(a.scn.stmts[1].key != a.scn.stmts[3].key);
    cr_expect(a.scn.stmts[0].key != a.scn.stmts[3].key);
    cr_expect(a.scn.stmts[0].key != a.scn.stmts[2].key);
    parsed_release(&a);
    parsed_release(&b);
}

/* A key is part of what a seed means: if it changes, old seeds say something else. */
Test(canonical, keys_stay_what_they_are)
{
    struct parsed parsed = parsed_body("at 1s inc n1\nat 1s inc n1");

    cr_expect(parsed.scn.stmts[0].key == UINT64_C(0xF7F7A732FB165533), "%016" PRIx64,
              parsed.scn.stmts[0].key);
    cr_expect(parsed.scn.stmts[1].key == UINT64_C(0x72C0D58DF1A599B2), "%016" PRIx64,
              parsed.scn.stmts[1].key);
    cr_expect(parsed.scn.hash == UINT64_C(0x88CDAE096334CCE6), "%016" PRIx64, parsed.scn.hash);
    parsed_release(&parsed);
}

/* Keys are of the text as written, the hash is of the values in force. */
Test(canonical, parameters_change_the_hash_and_no_key)
{
    struct parsed a = parsed_body("param k = 1\nat 1s inc n$k");
    struct parsed b = parsed_body("param k = 2\nat 1s inc n$k");

    cr_expect(a.scn.stmts[0].key == b.scn.stmts[0].key);
    cr_expect(a.scn.hash != b.scn.hash);
    parsed_release(&a);
    parsed_release(&b);
}

Test(canonical, the_hash_is_of_what_is_said_and_not_of_how_it_is_laid_out)
{
    struct parsed a = parsed_whole("scn 1\nnodes 5\nat 1s inc n1\nstop 10s\n");
    struct parsed b = parsed_whole("\xEF\xBB\xBF# a comment\r\nscn 1\r\n\r\nnodes   5 # five\r\n"
                                   "at 1s \\\r\n\tinc n1\r\nstop 10s");
    struct parsed c = parsed_whole("scn 1\nnodes 5\nat 1s inc n2\nstop 10s\n");
    struct parsed d = parsed_whole("scn 1\nat 1s inc n1\nnodes 5\nstop 10s\n");

    cr_expect(a.scn.hash == b.scn.hash);
    cr_expect(a.scn.hash != c.scn.hash);
    cr_expect(a.scn.hash != d.scn.hash);
    parsed_release(&a);
    parsed_release(&b);
    parsed_release(&c);
    parsed_release(&d);
}

/* By hand, so that a change of the form is seen: one statement a line, all of them. */
Test(canonical, key_and_hash_are_xxh64_of_the_canonical_text)
{
    static const char text[] = "at 1s inc n1";
    static const char filled[] = "scn 1\nparam s = \"a  b\"\nparam k = 1\nnodes 5\nat 1s inc n1\n"
                                 "at 1s inc n1\nstop 10s\n";
    static const unsigned char first[8] = {0};
    struct parsed parsed =
        parsed_whole("scn 1\nparam s=\"a  b\" # c\nparam k = 1\n\nnodes 5\nat 1s inc n$k\n"
                     "at  1s inc n1\nstop 10s");

    cr_expect(parsed.scn.hash == XXH64(filled, strlen(filled), 0));
    cr_expect(parsed.scn.stmts[1].key == XXH64(first, sizeof(first), XXH64(text, strlen(text), 0)));
    parsed_release(&parsed);
}
