/* A table of names, held against the list of ids. */
#include <stdlib.h>
#include <string.h>

#include "core/err.h"
#include "sim/fatal.h"
#include "sim/models/model_inner.h"

/* The name of @id, which is there. */
static void intern(struct model *it, struct model_id *id)
{
    uint32_t len = it->names.len;
    dc_name name = DC_NAME_NONE;
    int rc;

    while (model_again(it, rc = names_intern(&it->names, id->bytes, id->len, &name)) &&
           it->names.len == len && name == DC_NAME_NONE) {
    }
    if (rc != 0 || name != len || it->names.len != len + 1)
        model_wrong(it, CHECK_FRAME, "gives a new name another handle than the next", len, name);
    id->name = name;
}

/* The name of @len bytes, as the list has it. */
static dc_name look_up(const struct model *it, const uint8_t *bytes, uint32_t len)
{
    for (uint32_t i = 0; i < it->len; i++)
        if (it->ids[i].len == len && memcmp(it->ids[i].bytes, bytes, len) == 0)
            return it->ids[i].name;
    return DC_NAME_NONE;
}

static void ask(struct model *it, const uint8_t *bytes, uint32_t len)
{
    dc_name due = look_up(it, bytes, len), found = names_find(&it->names, bytes, len);

    if (found != due)
        model_wrong(it, CHECK_FRAME, "does not find a name, or finds one that is not there", due,
                    found);
}

/* Itself; without its last byte; with another one. */
static void find(struct model *it, const struct model_id *id)
{
    uint8_t *other = fatal_calloc(id->len, 1);

    memcpy(other, id->bytes, id->len);
    ask(it, other, id->len);
    ask(it, other, id->len - 1);
    other[id->len - 1] ^= 1;
    ask(it, other, id->len);
    free(other);
}

static void compare(struct model *it, uint32_t a, uint32_t b)
{
    int order = names_compare(&it->names, it->ids[a].name, it->ids[b].name);

    if ((order > 0) - (order < 0) != (a > b) - (a < b))
        model_wrong(it, CHECK_FRAME, "puts names in another order than that of their bytes", a, b);
}

/* Some are taken back, the last ones, and come again. */
static void forget(struct model *it, uint32_t len)
{
    names_forget(&it->names, len);
    for (uint32_t i = 0; i < it->len; i++)
        if (it->ids[i].name >= len)
            it->ids[i].name = DC_NAME_NONE;
    for (uint32_t i = 0; i < it->len; i++)
        ask(it, it->ids[i].bytes, it->ids[i].len);
}

static void intern_all(struct model *it)
{
    uint32_t from = (uint32_t)model_draw(it, 0, it->len - 1);

    for (uint32_t i = 0; i < it->len; i++) {
        struct model_id *id = &it->ids[(from + i) % it->len];

        if (id->name == DC_NAME_NONE)
            intern(it, id);
    }
}

/* The name of no bytes is one too. It goes again. */
static void ask_empty(struct model *it)
{
    uint32_t len = it->names.len;
    dc_name name = DC_NAME_NONE, found = names_find(&it->names, "", 0);
    int rc;

    if (found != DC_NAME_NONE)
        model_wrong(it, CHECK_FRAME, "knows the empty name", DC_NAME_NONE, found);
    while (model_again(it, rc = names_intern(&it->names, "", 0, &name)) && it->names.len == len) {
    }
    found = names_find(&it->names, "", 0);
    if (rc != 0 || name != len || found != name)
        model_wrong(it, CHECK_FRAME, "does not find the empty name", name, found);
    names_forget(&it->names, len);
    if (names_find(&it->names, "", 0) != DC_NAME_NONE)
        model_wrong(it, CHECK_FRAME, "knows the empty name", DC_NAME_NONE, name);
}

void model_ask_names(struct model *it)
{
    model_starve(it, model_draw(it, 0, 1));
    intern_all(it);
    if (!model_is_wrong(it))
        forget(it, (uint32_t)model_draw(it, 0, it->len));
    if (!model_is_wrong(it))
        intern_all(it);
    if (!model_is_wrong(it))
        ask_empty(it);
    model_starve(it, false);
    for (uint32_t i = 0; i < it->len && !model_is_wrong(it); i++) {
        find(it, &it->ids[i]);
        compare(it, i, (i + 1) % it->len);
        compare(it, i, (uint32_t)model_draw(it, 0, it->len - 1));
    }
}
