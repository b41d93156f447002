/* Actions on processes, their clocks, disks and memory. */
#include "sim/scenario/facts.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/words.h"

static const char *const words_for_as[] = {"for", "as", NULL};
static const char *const words_for[] = {"for", NULL};
static const char *const words_as[] = {"as", NULL};

/* crash SEL [lose state] [for T] [as NAME] */
static int parse_crash(struct parser *p, struct scn_action *ret)
{
    static const char *const words[] = {"lose", "for", "as", NULL};

    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    ret->lose_state = parse_take(p, "lose");
    if (ret->lose_state && parse_need(p, "state") < 0)
        return -1;
    if (parse_for(p, &ret->has_for, &ret->for_ns) < 0 || names_give(p, SCN_CRASH, &ret->name) < 0)
        return -1;
    if (parse_sees(p, "for") && ret->name != SCN_NO_NAME)
        return parse_fail(p, p->tok.pos, "'for' stands before 'as'");
    if (parse_sees(p, "lose") && !ret->lose_state)
        return parse_fail(p, p->tok.pos, "'lose state' stands before 'for' and 'as'");
    return parse_end_near(p, ret->lose_state ? words_for_as : words);
}

/* pause SEL [for T] */
static int parse_pause(struct parser *p, struct scn_action *ret)
{
    if (parse_selector(p, &ret->sel) < 0 || parse_for(p, &ret->has_for, &ret->for_ns) < 0)
        return -1;
    return parse_end_near(p, words_for);
}

/* [for T [as NAME]], of a clock, a disk or a memory, unless what is done to it happens once. */
static int parse_lasting(struct parser *p, struct scn_action *ret)
{
    const char *once = scn_once(ret);

    if (once && parse_sees(p, "for"))
        return parse_fail(p, p->tok.pos, "%s", once);
    if (once)
        return parse_end(p);
    if (parse_for(p, &ret->has_for, &ret->for_ns) < 0)
        return -1;
    if (!ret->has_for && parse_sees(p, "as"))
        return parse_fail(p, p->tok.pos,
                          "a NAME stands for what has an end: 'for TIME' stands before 'as'");
    if (names_give(p, ret->kind, &ret->name) < 0)
        return -1;
    return parse_end_near(p, ret->has_for ? words_as : words_for);
}

/* Does the text alone say which nodes these are? Groups nest at most PARSE_DEPTH_MAX deep. */
static bool is_by_number(const struct scn_sel *sel)
{
    for (size_t i = 0; i < sel->len; i++) {
        const struct scn_term *term = &sel->terms[i];

        if (term->kind == SCN_TERM_GROUP ? !is_by_number(term->of) : term->kind != SCN_TERM_NODES)
            return false;
    }
    return true;
}

/* join SEL */
static int parse_join(struct parser *p, struct scn_action *ret)
{
    struct scn_pos pos = p->tok.pos;

    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    if (ret->sel.terms[0].minus || !is_by_number(&ret->sel))
        return parse_fail(p, parse_since(p, pos),
                          "'join' takes nodes by their numbers, such as n4, n4..n6 or a group of "
                          "these: they are not there before");
    return parse_end(p);
}

/* clock SEL (skew +-T | drift +-Nppm) [for T [as NAME]], clock SEL jump +-T */
static int parse_clock(struct parser *p, struct scn_action *ret)
{
    struct amount amount = {.type = VALUE_TIME, .other = VALUE_TIME};
    struct scn_range range;
    struct scn_pos pos;
    size_t index;

    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    index = parse_take_of(p, words_clocks);
    if (index == WORD_NONE)
        return parse_unknown(p, "change of a clock", words_clocks, "skew, drift or jump");
    ret->clock = (enum scn_clock)index;
    pos = p->tok.pos;
    ret->clock_back = parse_take_kind(p, TOKEN_MINUS);
    if (!ret->clock_back && !parse_take_kind(p, TOKEN_PLUS))
        return parse_expected(p, "'+' or '-'");
    amount.key = words_clocks[index];
    amount.max = UINT64_MAX;
    if (ret->clock == SCN_CLOCK_DRIFT)
        amount.type = amount.other = VALUE_SHARE;
    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    ret->clock_amount = range.lo;
    if (ret->clock != SCN_CLOCK_DRIFT)
        return parse_lasting(p, ret);
    pos = parse_since(p, pos);
    if (ret->clock_back && range.lo >= SCN_PPB)
        return parse_fail(p, pos, "a clock that drifts by -100 %% or more does not go forward");
    if (range.lo > SCN_DRIFT_PPB_MAX)
        return parse_fail(p, pos, "a clock drifts by at most 1000000 %%");
    return parse_lasting(p, ret);
}

/* Those that say no more than their word. */
static bool is_all_said(enum scn_disk disk)
{
    return disk == SCN_DISK_FULL || disk == SCN_DISK_BACKUP || disk == SCN_DISK_RESTORE ||
           disk == SCN_DISK_OK;
}

/*
 * disk SEL (torn P | bitrot P | zeroed P | full | syncfail P | readfail P | slow T)
 *          [for T [as NAME]]
 * disk SEL lose N | backup | restore | ok
 */
static int parse_disk(struct parser *p, struct scn_action *ret)
{
    struct amount amount = {.type = VALUE_SHARE, .other = VALUE_SHARE};
    struct scn_range range;
    size_t index;

    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    index = parse_take_of(p, words_disks);
    if (index == WORD_NONE)
        return parse_unknown(p, "state of a disk", words_disks,
                             "torn, bitrot, zeroed, full, syncfail, readfail, slow, lose, backup, "
                             "restore or ok");
    ret->disk = (enum scn_disk)index;
    if (is_all_said(ret->disk))
        return parse_lasting(p, ret);
    amount.key = words_disks[index];
    if (ret->disk == SCN_DISK_SLOW)
        amount.type = amount.other = VALUE_TIME;
    if (ret->disk == SCN_DISK_LOSE) {
        amount.type = amount.other = VALUE_NUMBER;
        amount.nonzero = true;
        amount.max = SCN_TIMES_MAX;
    }
    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    ret->disk_amount = range.lo;
    return parse_lasting(p, ret);
}

/* memory SEL fail P [for T [as NAME]] | ok */
static int parse_memory(struct parser *p, struct scn_action *ret)
{
    struct amount amount = {.key = "fail", .type = VALUE_SHARE, .other = VALUE_SHARE};
    struct scn_range range;
    size_t index;

    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    index = parse_take_of(p, words_memories);
    if (index == WORD_NONE)
        return parse_unknown(p, "state of a memory", words_memories, "fail or ok");
    ret->memory = (enum scn_memory)index;
    if (ret->memory == SCN_MEMORY_OK)
        return parse_lasting(p, ret);
    if (parse_amount(p, &amount, &range) < 0)
        return -1;
    ret->memory_ppb = range.lo;
    return parse_lasting(p, ret);
}

int parse_process(struct parser *p, struct scn_action *ret)
{
    if (ret->kind == SCN_CRASH)
        return parse_crash(p, ret);
    if (ret->kind == SCN_PAUSE)
        return parse_pause(p, ret);
    if (ret->kind == SCN_JOIN)
        return parse_join(p, ret);
    if (ret->kind == SCN_CLOCK)
        return parse_clock(p, ret);
    if (ret->kind == SCN_DISK)
        return parse_disk(p, ret);
    if (ret->kind == SCN_MEMORY)
        return parse_memory(p, ret);
    /* restart, resume, leave, stopnode: whose is all they say */
    if (parse_selector(p, &ret->sel) < 0)
        return -1;
    return parse_end(p);
}
