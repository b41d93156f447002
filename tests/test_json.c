/* The strict reader of JSON: what it takes, what it refuses, and where. */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/json.h"

static void expect_refused(const char *text, size_t at, const char *why)
{
    struct arena arena = {0};
    struct json_error err = {0};

    cr_assert(json_read(&arena, text, strlen(text), &err) == NULL, "%s", text);
    cr_assert(eq(sz, err.at, at), "%s: %s", text, err.text);
    cr_assert(strstr(err.text, why) != NULL, "%s: %s", text, err.text);
    arena_release(&arena);
}

Test(json, reads_every_kind_of_value)
{
    static const char text[] =
        " {\"a\":[1,true,null,[]],\"b\":{\"c\":\"x\\n\\u00e9\\ud83d\\ude00\"},\"d\":0,\"e\":"
        "18446744073709551615,\"f\":false} ";
    struct arena arena = {0};
    struct json_error err;
    const struct json *value = json_read(&arena, text, strlen(text), &err);
    const struct json *list = json_get_kind(value, "a", JSON_ARRAY);
    const struct json *inner = json_get_kind(json_get(value, "b"), "c", JSON_STRING);

    cr_assert(value != NULL && list != NULL && inner != NULL);
    cr_assert(eq(sz, value->len, 5));
    cr_assert(eq(sz, list->len, 4));
    cr_assert(eq(u64, list->in->number, 1));
    cr_assert(list->in->next->kind == JSON_BOOL && list->in->next->truth);
    cr_assert(list->in->next->next->kind == JSON_NULL);
    cr_assert(eq(str, (char *)inner->string, (char *)"x\n\xc3\xa9\xf0\x9f\x98\x80"));
    cr_assert(eq(u64, json_get(value, "e")->number, UINT64_MAX));
    cr_assert(eq(sz, json_get(value, "e")->raw_len, 20));
    cr_assert(json_get(value, "none") == NULL);
    cr_assert(json_get_kind(value, "d", JSON_STRING) == NULL);
    cr_assert(json_get(list, "a") == NULL && json_get(NULL, "a") == NULL);
    arena_release(&arena);
}

Test(json, refuses_what_dcsim_does_not_write)
{
    expect_refused("", 0, "missing");
    expect_refused("  ", 2, "missing");
    expect_refused("-1", 0, "below 0");
    expect_refused("1.5", 1, "whole");
    expect_refused("1e5", 1, "whole");
    expect_refused("01", 2, "begins with 0");
    expect_refused("18446744073709551616", 19, "above");
    expect_refused("nul", 0, "begins");
    expect_refused("truth", 0, "begins");
    expect_refused("[1,]", 3, "begins");
    expect_refused("[1 2]", 3, "','");
    expect_refused("[1", 2, "','");
    expect_refused("{1:2}", 1, "string");
    expect_refused("{\"a\" 2}", 5, "':'");
    expect_refused("{\"a\":1,\"a\":2}", 12, "twice");
    expect_refused("{} {}", 3, "follows");
    expect_refused("\"a", 2, "no end");
    expect_refused("\"a\\", 3, "cut off");
    expect_refused("\"\\x\"", 2, "escape");
    expect_refused("\"\\u12g4\"", 5, "four digits");
    expect_refused("\"\\ud800x\"", 7, "half");
    expect_refused("\"\\udc00\"", 7, "half");
    expect_refused("\"\t\"", 1, "control");
    expect_refused("\"\xc3\"", 1, "UTF-8");
    expect_refused("\"\\u0000\"", 7, "NUL");
}

/* Values in each other, names and values in all have limits: no bytes take long, or much. */
Test(json, has_limits)
{
    char deep[64], names[2048] = "{";

    memset(deep, '[', sizeof(deep) - 1);
    deep[sizeof(deep) - 1] = '\0';
    expect_refused(deep, JSON_DEPTH_MAX, "within each other");
    for (size_t i = 0; i <= JSON_NAMES_MAX; i++)
        snprintf(names + strlen(names), 16, "%s\"n%zu\":1", i ? "," : "", i);
    strcat(names, "}");
    {
        struct arena arena = {0};
        struct json_error err;

        cr_assert(json_read(&arena, names, strlen(names), &err) == NULL);
        cr_assert(strstr(err.text, "too many names") != NULL);
        arena_release(&arena);
    }
}

/* Every beginning of a value is refused; none is read beyond its end. */
Test(json, a_beginning_is_not_a_value)
{
    static const char text[] = "{\"a\":[1,true,null,\"\\u00e9\\n\"],\"b\":{\"c\":[]}}";

    for (size_t len = 0; len < strlen(text); len++) {
        struct arena arena = {0};
        struct json_error err;
        char *exact = malloc(len ? len : 1);

        memcpy(exact, text, len);
        cr_assert(json_read(&arena, exact, len, &err) == NULL, "%.*s", (int)len, text);
        cr_assert(le(sz, err.at, len));
        arena_release(&arena);
        free(exact);
    }
}
