/*
 * What selectors may come to, and those that come to no node. A selector is worked out over ranges
 * of node numbers: those that it may come to, whatever is drawn, and whether it always comes to all
 * of them.
 */
#include "sim/scenario/hints.h"

#include "sim/scenario/parse.h"

/* More than these, and nothing is said: a bound on the work, which nobody's selector comes near. */
#define RANGES_MAX 32u
#define TERMS_MAX 64u

struct numbers {
    struct {
        uint32_t first, last;
    } ranges[RANGES_MAX]; /* they may overlap */
    size_t len;
    bool exact;   /* it comes to all of these; else to some */
    bool unknown; /* it was too much */
};

static void add_range(struct numbers *numbers, uint32_t first, uint32_t last)
{
    if (numbers->len == RANGES_MAX) {
        numbers->unknown = true;
        return;
    }
    numbers->ranges[numbers->len].first = first;
    numbers->ranges[numbers->len++].last = last;
}

static void take_range_away(struct numbers *numbers, uint32_t first, uint32_t last)
{
    struct numbers left = {.exact = numbers->exact, .unknown = numbers->unknown};

    for (size_t i = 0; i < numbers->len; i++) {
        uint32_t from = numbers->ranges[i].first, to = numbers->ranges[i].last;

        if (first > to || last < from) {
            add_range(&left, from, to);
            continue;
        }
        if (from < first)
            add_range(&left, from, first - 1);
        if (to > last)
            add_range(&left, last + 1, to);
    }
    *numbers = left;
}

static struct numbers all_nodes(const struct parser *p, bool exact)
{
    struct numbers numbers = {.exact = exact};

    add_range(&numbers, 1, p->scn->nodes);
    return numbers;
}

static struct numbers numbers_of(const struct parser *p, const struct scn_sel *sel,
                                 unsigned *terms);

static struct numbers numbers_of_term(const struct parser *p, const struct scn_term *term,
                                      unsigned *terms)
{
    struct numbers numbers = {.exact = true};

    switch (term->kind) {
    case SCN_TERM_NODES:
        add_range(&numbers, term->first, term->last);
        break;
    case SCN_TERM_ALL:
        numbers = all_nodes(p, true);
        break;
    case SCN_TERM_UP:
    case SCN_TERM_DOWN:
    case SCN_TERM_REST:
        numbers = all_nodes(p, false);
        break;
    case SCN_TERM_GROUP:
        numbers = numbers_of(p, term->of, terms);
        break;
    case SCN_TERM_RANDOM:
        numbers = term->of ? numbers_of(p, term->of, terms) : all_nodes(p, false);
        numbers.exact = false;
        break;
    }
    return numbers;
}

static struct numbers numbers_of(const struct parser *p, const struct scn_sel *sel, unsigned *terms)
{
    struct numbers sum = {.exact = true};

    if (sel->len > 0 && sel->terms[0].minus)
        sum = all_nodes(p, true);
    for (size_t i = 0; i < sel->len && !sum.unknown; i++) {
        struct numbers numbers;

        if (++*terms > TERMS_MAX) {
            sum.unknown = true;
            break;
        }
        numbers = numbers_of_term(p, &sel->terms[i], terms);
        sum.unknown = sum.unknown || numbers.unknown;
        sum.exact = sum.exact && numbers.exact;
        for (size_t r = 0; r < numbers.len && !sum.unknown; r++) {
            if (!sel->terms[i].minus)
                add_range(&sum, numbers.ranges[r].first, numbers.ranges[r].last);
            else if (numbers.exact)
                take_range_away(&sum, numbers.ranges[r].first, numbers.ranges[r].last);
        }
    }
    return sum;
}

/* ---- what two selectors have in common ---- */

/* All that is up counts as all. */
static struct numbers numbers_with_up(const struct parser *p, const struct scn_sel *sel)
{
    unsigned terms = 0;

    if (!sel || sel->len == 0)
        return all_nodes(p, true);
    if (sel->len == 1 && !sel->terms[0].minus && sel->terms[0].kind == SCN_TERM_UP)
        return all_nodes(p, true);
    return numbers_of(p, sel, &terms);
}

static void take_away(struct numbers *numbers, const struct numbers *others)
{
    for (size_t i = 0; i < others->len && !numbers->unknown; i++)
        take_range_away(numbers, others->ranges[i].first, others->ranges[i].last);
}

bool hints_meet(const struct parser *p, const struct scn_sel *a, const struct scn_sel *b)
{
    struct numbers one = numbers_with_up(p, a), two = numbers_with_up(p, b);

    if (one.unknown || two.unknown)
        return true;
    for (size_t i = 0; i < one.len; i++)
        for (size_t k = 0; k < two.len; k++)
            if (one.ranges[i].first <= two.ranges[k].last &&
                two.ranges[k].first <= one.ranges[i].last)
                return true;
    return false;
}

bool hints_covers(const struct parser *p, const struct scn_sel *outer, const struct scn_sel *inner)
{
    struct numbers by = numbers_with_up(p, outer), left = numbers_with_up(p, inner);

    if (!by.exact || by.unknown)
        return false;
    take_away(&left, &by);
    return !left.unknown && left.len == 0;
}

bool hints_leaves(const struct parser *p, const struct scn_sel *sel, const struct scn_sel *away)
{
    struct numbers left = numbers_with_up(p, sel), by = numbers_with_up(p, away);

    if (!left.exact || by.unknown)
        return false;
    take_away(&left, &by);
    return !left.unknown && left.len > 0;
}

uint32_t hints_count(const struct parser *p, const struct scn_sel *sel)
{
    struct numbers all = all_nodes(p, true), numbers = numbers_with_up(p, sel);
    uint32_t left = 0;

    take_away(&all, &numbers);
    if (!numbers.exact || numbers.unknown || all.unknown)
        return 0;
    for (size_t i = 0; i < all.len; i++)
        left += all.ranges[i].last - all.ranges[i].first + 1;
    return p->scn->nodes - left;
}

static bool has_down(const struct scn_sel *sel, unsigned *terms)
{
    for (size_t i = 0; sel && i < sel->len; i++)
        if (++*terms > TERMS_MAX || sel->terms[i].kind == SCN_TERM_DOWN ||
            has_down(sel->terms[i].of, terms))
            return true;
    return false;
}

bool hints_may_be_down(const struct scn_sel *sel)
{
    unsigned terms = 0;

    return has_down(sel, &terms);
}

/* ---- selectors of nobody ---- */

static bool is_nobody(const struct parser *p, const struct scn_sel *sel)
{
    unsigned terms = 0;
    struct numbers numbers;

    if (!sel || sel->len == 0)
        return false;
    numbers = numbers_of(p, sel, &terms);
    return !numbers.unknown && numbers.len == 0;
}

static void say(const struct parser *p, const struct scn_sel *sel, const char *consequence)
{
    if (is_nobody(p, sel))
        diag_warning(p->diags, sel->pos,
                     "this comes to no node: all that it names is taken away again%s; "
                     "take away less",
                     consequence);
}

static void say_link(const struct parser *p, const struct scn_link *link)
{
    say(p, &link->from, "");
    say(p, &link->to, "");
}

static void say_action(const struct parser *p, const struct scn_action *action)
{
    say(p, &action->sel, "");
    say(p, &action->other, "");
    say_link(p, &action->link);
    for (size_t i = 0; i < action->cut.sides_len; i++)
        say(p, &action->cut.sides[i], "");
}

void hints_say_nobody(const struct parser *p, const struct scn_stmt *stmt)
{
    say(p, &stmt->sel, "");
    say(p, &stmt->load.on, "");
    say_link(p, &stmt->link);
    say_action(p, &stmt->action);
    say(p, stmt->pred.of, "");
    say(p, stmt->pred.on,
        stmt->kind == SCN_STMT_EXPECT ? ", and the expectation is never evaluated" : "");
}
