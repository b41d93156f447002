/* Actions. */
#include "sim/scenario/parse.h"

#include "sim/scenario/words.h"

/* ---- clients and peers ---- */

/* [xN] */
static int parse_times_x(struct parser *p, uint64_t *ret)
{
    char found[TOKEN_TEXT_MAX];
    uint64_t times = 0;
    int rc = 0;

    if (p->tok.kind == TOKEN_WORD)
        rc = value_numbered('x', p->tok.text, p->tok.len, &times);
    if (rc == 0)
        return 0;
    token_text(found, &p->tok);
    if (rc < 0 && p->tok.text[1] == '0')
        return parse_fail(p, p->tok.pos, "%s has leading zeros", found);
    if (rc > 0 && times == 0)
        return parse_fail(p, p->tok.pos, "%s is no time at all; x1 is the least", found);
    if (rc < 0 || times > SCN_TIMES_MAX)
        return parse_fail(p, p->tok.pos, "%s is over the limit of x1000000", found);
    _Static_assert(SCN_TIMES_MAX == 1000000, "the message above names the limit");
    parse_advance(p);
    *ret = times;
    return 0;
}

static const char *const words_by[] = {"by", NULL};
static const char *const words_for[] = {"for", NULL};
static const char *const words_for_as[] = {"for", "as", NULL};

/* [as NAME], which is the last */
static int parse_name(struct parser *p, enum scn_action_kind kind, uint32_t *ret)
{
    if (names_give(p, kind, ret) < 0)
        return -1;
    if (parse_sees(p, "for"))
        return parse_fail(p, p->tok.pos, "'for' stands before 'as'");
    return parse_end_near(p, words_for_as);
}

/* inc SEL [by N] [xN] */
static int parse_client(struct parser *p, struct scn_action *ret)
{
    static const struct amount by = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "by", .range = true};

    ret->by = (struct scn_range){.lo = 1, .hi = 1};
    ret->times = 1;
    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    if (parse_take(p, "by") && parse_amount(p, &by, &ret->by) < 0)
        return -1;
    if (parse_times_x(p, &ret->times) < 0)
        return -1;
    if (parse_sees(p, "by"))
        return parse_fail(p, p->tok.pos, "'by' stands before the 'x'");
    return parse_end_near(p, words_by);
}

static int parse_meet(struct parser *p, struct scn_action *ret)
{
    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    return parse_selector(p, &ret->other);
}

/* ---- partitions ---- */

/* SEL | SEL [| SEL ...], SEL -> SEL */
static int parse_sides(struct parser *p, struct scn_cut *ret)
{
    struct scn_sel *sides = NULL;
    size_t cap = 0;

    ret->kind = SCN_CUT_SIDES;
    do {
        sides = arena_grow(p->arena, sides, ret->sides_len, &cap, sizeof(*sides));
        if (parse_selector(p, &sides[ret->sides_len]) < 0)
            return -1;
        ret->sides = sides;
        ret->sides_len++;
        if (ret->sides_len == 1 && parse_take_kind(p, TOKEN_TO)) {
            ret->kind = SCN_CUT_ONE_WAY;
            ret->sides_len++;
            return parse_selector(p, &sides[1]);
        }
    } while (parse_take_kind(p, TOKEN_BAR));
    if (ret->sides_len == 1)
        return parse_expected(p, "a second side: '| SEL' or '-> SEL'");
    return 0;
}

/* bridge SEL, isolate SEL */
static int parse_one_side(struct parser *p, struct scn_cut *ret)
{
    struct scn_sel *side = arena_alloc(p->arena, sizeof(*side));

    ret->sides = side;
    ret->sides_len = 1;
    return parse_selector(p, side);
}

static int parse_cut(struct parser *p, struct scn_cut *ret)
{
    static const char *const words[] = {"halves", "majority", "thirds", "ring",
                                        "bridge", "isolate",  "random", NULL};
    static const enum scn_cut_kind kinds[] = {SCN_CUT_HALVES, SCN_CUT_MAJORITY, SCN_CUT_THIRDS,
                                              SCN_CUT_RING,   SCN_CUT_BRIDGE,   SCN_CUT_ISOLATE,
                                              SCN_CUT_RANDOM};
    bool is_selector = parse_sees(p, "random") && lexer_sees(&p->lexer, '(');
    size_t index;

    if (is_selector)
        return parse_sides(p, ret);
    index = parse_take_of(p, words);
    if (index == WORD_NONE) {
        if (p->tok.kind == TOKEN_WORD && !parse_sees_selector(p))
            return parse_unknown(p, "shape of a partition", words_cuts,
                                 "halves, majority, thirds, ring, bridge, isolate, random, or "
                                 "sides such as n1 | n2,n3");
        return parse_sides(p, ret);
    }
    ret->kind = kinds[index];
    if (ret->kind == SCN_CUT_BRIDGE || ret->kind == SCN_CUT_ISOLATE)
        return parse_one_side(p, ret);
    return 0;
}

static int parse_partition(struct parser *p, struct scn_action *ret)
{
    if (parse_cut(p, &ret->cut) < 0 || parse_for(p, &ret->has_for, &ret->for_ns) < 0)
        return -1;
    return parse_name(p, SCN_PARTITION, &ret->name);
}

static int parse_heal(struct parser *p, struct scn_action *ret)
{
    if (p->tok.kind == TOKEN_END)
        return 0;
    return names_refer(p, SCN_PARTITION, false, &ret->name);
}

/* ---- links ---- */

static int parse_hold(struct parser *p, struct scn_action *ret)
{
    ret->has_link = true;
    if (parse_link(p, &ret->link) < 0 || parse_for(p, &ret->has_for, &ret->for_ns) < 0)
        return -1;
    return parse_name(p, SCN_HOLD, &ret->name);
}

static int parse_release(struct parser *p, struct scn_action *ret)
{
    if (p->tok.kind == TOKEN_WORD && !parse_sees_selector(p))
        return names_refer(p, SCN_HOLD, false, &ret->name);
    if (!parse_sees_selector(p))
        return parse_expected(p, "a link such as n1 -> n2, or a NAME");
    ret->has_link = true;
    return parse_link(p, &ret->link);
}

/* net RULE... [for T], link LINK RULE... [for T] */
static int parse_lay(struct parser *p, struct scn_action *ret)
{
    if (ret->kind == SCN_LINK) {
        ret->has_link = true;
        if (parse_link(p, &ret->link) < 0)
            return -1;
    }
    if (parse_rules(p, false, &ret->rules) < 0)
        return -1;
    if (parse_for(p, &ret->has_for, &ret->for_ns) < 0)
        return -1;
    return parse_end_near(p, words_for);
}

/* drop (next N | while T) LINK, delay (next N | while T) LINK by T */
static int parse_script(struct parser *p, struct scn_action *ret)
{
    static const char *const words[] = {"next", "while", NULL};
    static const struct amount next = {
        .type = VALUE_NUMBER, .other = VALUE_NUMBER, .key = "next", .range = true, .nonzero = true};
    struct scn_pos pos = p->tok.pos;
    size_t index = parse_take_of(p, words);

    if (index == WORD_NONE)
        return parse_unknown(p, "word", words, "'next N' or 'while T'");
    ret->has_next = index == 0;
    if (ret->has_next) {
        if (parse_amount(p, &next, &ret->next) < 0)
            return -1;
    } else if (parse_times(p, "while", &ret->while_ns) < 0 ||
               parse_check_sum(p, parse_since(p, pos), p->base_ns, ret->while_ns.hi) < 0) {
        return -1;
    }
    ret->has_link = true;
    if (parse_link(p, &ret->link) < 0)
        return -1;
    if (ret->kind != SCN_DELAY)
        return 0;
    if (parse_need(p, "by") < 0)
        return -1;
    return parse_times(p, "by", &ret->by);
}

/* forge KIND LINK */
static int parse_forge(struct parser *p, struct scn_action *ret)
{
    size_t index = parse_take_of(p, words_forges);

    if (index == WORD_NONE)
        return parse_unknown(p, "kind of frame", words_forges,
                             "what is wrong with a frame, such as trailing, or random");
    ret->forge = (enum scn_forge)index;
    ret->has_link = true;
    return parse_link(p, &ret->link);
}

/* ---- */

int parse_action(struct parser *p, struct scn_action *ret)
{
    size_t index = parse_take_of(p, words_actions);

    if (index == WORD_NONE)
        return parse_unknown(p, "action", words_actions,
                             "an action such as inc, partition or crash");
    *ret = (struct scn_action){.kind = (enum scn_action_kind)index, .name = SCN_NO_NAME};
    switch (ret->kind) {
    case SCN_INC:
    case SCN_DEC:
        return parse_client(p, ret);
    case SCN_MEET:
        return parse_meet(p, ret);
    case SCN_PARTITION:
        return parse_partition(p, ret);
    case SCN_HEAL:
        return parse_heal(p, ret);
    case SCN_HOLD:
        return parse_hold(p, ret);
    case SCN_RELEASE:
        return parse_release(p, ret);
    case SCN_NET:
    case SCN_LINK:
        return parse_lay(p, ret);
    case SCN_CRASH:
    case SCN_RESTART:
    case SCN_PAUSE:
    case SCN_RESUME:
    case SCN_JOIN:
    case SCN_LEAVE:
    case SCN_STOPNODE:
    case SCN_CLOCK:
    case SCN_DISK:
    case SCN_MEMORY:
        return parse_process(p, ret);
    case SCN_FORGE:
        return parse_forge(p, ret);
    case SCN_DROP:
    case SCN_DELAY:
    case SCN_DUP:
    case SCN_CORRUPT:
        break;
    }
    return parse_script(p, ret);
}
