/* show and quiet: what is looked at, and when. */
#include "sim/scenario/parse.h"

#include "sim/scenario/words.h"

/* at TIME, at end */
static int parse_when(struct parser *p, struct scn_show *show)
{
    struct scn_pos pos;

    if (parse_need(p, "at") < 0)
        return -1;
    pos = p->tok.pos;
    if (parse_take(p, "end")) {
        show->at_end = true;
        return 0;
    }
    if (p->tok.kind != TOKEN_NUMBER)
        return parse_expected(p, "a time such as 2s, or 'end'");
    if (parse_time(p, "at", &show->at_ns) < 0)
        return -1;
    parse_note_deadline(p, show->at_ns, pos, false);
    return 0;
}

int parse_show(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos start = p->tok.pos;
    size_t what = parse_take_of(p, words_shows);

    if (what == WORD_NONE)
        return parse_unknown(p, "thing to show", words_shows, "values, net or checks");
    stmt->show.what = (enum scn_show_what)what;
    if (parse_when(p, &stmt->show) < 0)
        return -1;
    stmt->arg_pos = parse_since(p, start);
    return 0;
}

void parse_golden(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_golden *lines = NULL, line;
    size_t len = 0, cap = 0;

    stmt->show.end = p->lexer.text + p->lexer.at;
    while (lexer_golden(&p->lexer, &line.text, &line.len, &line.pos)) {
        lines = arena_grow(p->arena, lines, len, &cap, sizeof(*lines));
        lines[len++] = line;
    }
    stmt->show.lines = lines;
    stmt->show.lines_len = len;
}

int parse_quiet(struct parser *p, struct scn_stmt *stmt)
{
    struct scn_pos pos = p->tok.pos;

    if (parse_once(p, "quiet", &p->quiet_pos) < 0 || parse_time(p, "quiet", &stmt->when.lo) < 0)
        return -1;
    stmt->when.hi = stmt->when.lo;
    stmt->arg_pos = parse_since(p, pos);
    parse_note_deadline(p, stmt->when.lo, pos, false);
    return 0;
}
