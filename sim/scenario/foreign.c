/* A statement as words, rewritten by the rows of the table until none fits any more. */
#include "sim/scenario/foreign.h"

#include <stdio.h>
#include <string.h>

#include "sim/scenario/foreign_value.h"
#include "sim/scenario/value.h"
#include "sim/scenario/words.h"

#define WORDS_MAX 64u
#define POOL_MAX 8192u
#define WORD_MAX 256u
#define NOTES_MAX 2u
/* Rows that are applied to one statement: more than any needs, so that no two go on for ever. */
#define ROWS_MAX 8u
#define STARS_MAX 3u

struct words {
    const char *list[WORDS_MAX];
    size_t len;
};

struct line {
    char pool[POOL_MAX];
    size_t used;
    bool over; /* too much of anything: nothing is said */
    bool changed;
    bool two_readings; /* of a share: both are said */
    struct words words;
    const char *notes[NOTES_MAX];
    size_t notes_len;
};

static void add_word(struct line *line, struct words *words, const char *text, size_t len)
{
    if (words->len == WORDS_MAX || len >= WORD_MAX || len >= POOL_MAX - line->used) {
        line->over = true;
        return;
    }
    memcpy(line->pool + line->used, text, len);
    line->pool[line->used + len] = '\0';
    words->list[words->len++] = line->pool + line->used;
    line->used += len + 1;
}

static void add_text(struct line *line, struct words *words, const char *text)
{
    add_word(line, words, text, strlen(text));
}

static void add_note(struct line *line, const char *note)
{
    for (size_t i = 0; i < line->notes_len; i++)
        if (strcmp(line->notes[i], note) == 0)
            return;
    if (line->notes_len < NOTES_MAX)
        line->notes[line->notes_len++] = note;
}

static bool is_word(const struct words *words, size_t at, const char *text)
{
    return at < words->len && strcmp(words->list[at], text) == 0;
}

static bool is_value(const char *word)
{
    for (size_t i = 1; word[i]; i++)
        if (word[i] == '$' && value_is_name_char(word[i - 1]))
            return false;
    return value_is_digit(word[0]) || word[0] == '$' || (word[0] == '.' && value_is_digit(word[1]));
}

static bool is_nodes(const char *word)
{
    return (word[0] == 'n' && (value_is_digit(word[1]) || word[1] == '$')) || word[0] == '@' ||
           word[0] == '!' || word_find(words_terms, word, strlen(word)) != WORD_NONE ||
           strncmp(word, "random(", 7) == 0;
}

/* ---- from the text ---- */

/* Signs of other keyboards and hands, in the form that the language has. */
static const struct {
    const char *text, *ours;
} characters[] = {{"\xC2\xB5", "u"}, {"\xCE\xBC", "u"},      {"\xC2\xB1", "+-"},
                  {"+/-", "+-"},     {"\xE2\x86\x92", "->"}, {"\xE2\x80\x93", "-"}};

/* The statement in ASCII, without comment and line ends. Returns false if it has anything else. */
static bool take_text(const char *text, size_t len, char ret[static FOREIGN_BYTES_MAX + 1],
                      bool *ret_changed)
{
    size_t at = 0, used = 0;
    bool quoted = false;

    while (at < len && (text[at] != '#' || quoted)) {
        size_t i = 0;

        quoted = quoted != (text[at] == '"');
        for (; i < sizeof(characters) / sizeof(characters[0]); i++)
            if (len - at >= strlen(characters[i].text) &&
                memcmp(text + at, characters[i].text, strlen(characters[i].text)) == 0)
                break;
        if (used + 2 > FOREIGN_BYTES_MAX)
            return false;
        if (i < sizeof(characters) / sizeof(characters[0])) {
            memcpy(ret + used, characters[i].ours, strlen(characters[i].ours));
            used += strlen(characters[i].ours);
            at += strlen(characters[i].text);
            *ret_changed = true;
            continue;
        }
        if (text[at] == '\t' || text[at] == '\n' || text[at] == '\r' || text[at] == '\\')
            ret[used++] = ' ';
        else if (text[at] >= ' ' && text[at] <= '~')
            ret[used++] = text[at];
        else
            return false;
        at++;
    }
    ret[used] = '\0';
    return true;
}

static bool is_about(const char *text)
{
    return text[0] == '+' && text[1] == '-';
}

/* The bytes of the word at @text: to a blank, or around a "+-" or an '=' that sets something. */
static size_t word_at(const char *text)
{
    bool quoted = false;
    size_t len = 0;

    if (text[0] == '=' && text[1] != '=')
        return 1;
    if (is_about(text))
        return 2;
    for (; text[len] && (quoted || text[len] != ' '); len++) {
        quoted = quoted != (text[len] == '"');
        if (!quoted && text[len] == '=' && len > 0 && text[len + 1] != '=' && text[len + 1] &&
            value_is_name_char(text[len - 1]))
            break;
        if (!quoted && is_about(text + len))
            break;
    }
    return len;
}

/* A comma joins what is on both sides of it. */
static void take_words(struct line *line, const char *text)
{
    char joined[FOREIGN_BYTES_MAX + 1];
    size_t used = 0, len = strlen(text);

    for (; len > 0 && (text[len - 1] == ' ' || text[len - 1] == ';'); len--)
        line->changed = line->changed || text[len - 1] == ';';
    for (size_t at = 0; at < len; at++) {
        if (text[at] == ' ' && used > 0 && joined[used - 1] == ',')
            continue;
        while (text[at] == ',' && used > 0 && joined[used - 1] == ' ')
            used--;
        joined[used++] = text[at];
    }
    joined[used] = '\0';
    for (const char *at = joined + strspn(joined, " "); *at && !line->over; at += strspn(at, " ")) {
        size_t word = word_at(at);

        add_word(line, &line->words, at, word);
        at += word;
    }
}

/* ---- numbers and nodes ---- */

/* @text in the place of the word at @at. */
static void put_word(struct line *line, size_t at, const char *text)
{
    struct words one = {0};

    add_text(line, &one, text);
    if (one.len == 1)
        line->words.list[at] = one.list[0];
    line->changed = true;
}

/* Signs stay. */
static void fix_word(struct line *line, size_t at)
{
    const char *text = line->words.list[at];
    size_t sign = strspn(text, "+-");
    char fixed[WORD_MAX], ours[FOREIGN_VALUE_MAX];
    const char *note = NULL;

    if (foreign_nodes(text, strlen(text), ours)) {
        put_word(line, at, ours);
        return;
    }
    if (!foreign_value(text + sign, strlen(text + sign), ours, &note) &&
        !foreign_range(text + sign, strlen(text + sign), ours, &note))
        return;
    if (note)
        add_note(line, note);
    if ((size_t)snprintf(fixed, sizeof(fixed), "%.*s%s", (int)sign, text, ours) < sizeof(fixed))
        put_word(line, at, fixed);
}

/* "10 ms" */
static void join_unit(struct line *line, size_t at)
{
    struct words *words = &line->words;
    const char *number = words->list[at];
    const char *unit;
    char joined[2 * WORD_MAX];

    if (at + 1 >= words->len || strlen(number) != strspn(number, "+-.0123456789_"))
        return;
    unit = words->list[at + 1];
    if (!value_is_digit(number[strlen(number) - 1]) || !foreign_is_unit(unit, strlen(unit)))
        return;
    snprintf(joined, sizeof(joined), "%s%s", number, unit);
    put_word(line, at, joined);
    words->len--;
    memmove(words->list + at + 1, words->list + at + 2,
            (words->len - at - 1) * sizeof(words->list[0]));
}

static void fix_numbers(struct line *line)
{
    if (is_word(&line->words, 0, "sweep")) /* whose commas are between numbers */
        return;
    for (size_t i = 0; i < line->words.len && !line->over; i++) {
        join_unit(line, i);
        fix_word(line, i);
    }
}

/* A number in the place of a share: "0.1". In a line of tc it is a percentage. */
static void fix_share(struct line *line, size_t at, bool of_tc)
{
    const char *number = line->words.list[at];
    char share[FOREIGN_VALUE_MAX], percent[FOREIGN_VALUE_MAX], note[2 * FOREIGN_VALUE_MAX];
    struct words kept = {0};

    if (!foreign_share(number, strlen(number), true, percent) ||
        !foreign_share(number, strlen(number), of_tc, share))
        return;
    if (strcmp(share, percent) != 0 && !line->two_readings) {
        line->two_readings = true; /* once is enough */
        snprintf(note, sizeof(note), "or %s: tc takes a bare number for percent", percent);
        add_text(line, &kept, note);
        if (kept.len == 1)
            add_note(line, kept.list[0]);
    }
    put_word(line, at, share);
}

/* Numbers behind a key, and behind what says of which kind they are. */
static void fix_shares(struct line *line, bool of_tc)
{
    static const char *const keys[] = {"loss",    "dup",      "duplicate", "corrupt",
                                       "reorder", "torn",     "bitrot",    "zeroed",
                                       "fail",    "syncfail", "readfail",  NULL};
    static const char *const load_keys[] = {"inc", "dec", NULL};
    static const char *const kinds[] = {"random", "gemodel", "state", NULL};
    struct words *words = &line->words;
    bool load = is_word(words, 0, "load"), behind = false;

    for (size_t i = 0; i < words->len && !line->over; i++) {
        const char *word = words->list[i];

        if (behind && is_value(word))
            fix_share(line, i, of_tc);
        else
            behind = word_find(load ? load_keys : keys, word, strlen(word)) != WORD_NONE ||
                     (behind && word_find(kinds, word, strlen(word)) != WORD_NONE);
    }
}

/* ---- rows ---- */

struct match {
    const char *letters[26];
    size_t star_at[STARS_MAX], star_len[STARS_MAX];
    size_t stars;
};

static size_t pattern_len(const char *pattern)
{
    return strcspn(pattern, " ");
}

/* In capitals or not: "SIGKILL". */
static bool is_same(const char *pattern, const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char a = pattern[i], b = word[i];

        if ((a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) !=
            (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b))
            return false;
    }
    return true;
}

/* Does one word fit one word of a row? */
static bool word_fits(const char *pattern, const char *word, struct match *match)
{
    size_t len = pattern_len(pattern), sign = strchr("+-", pattern[0]) && len == 2;
    char letter = pattern[sign];

    if (len != 1 + sign || !strchr("MNSUVWXY", letter))
        return strlen(word) == len && is_same(pattern, word, len);
    if (sign && word[0] != pattern[0])
        return false;
    word += sign;
    if ((strchr("VWXY", letter) && !is_value(word)) || (strchr("MN", letter) && !is_nodes(word)))
        return false;
    match->letters[letter - 'A'] = word;
    return true;
}

static bool fits(const char *pattern, const struct words *words, size_t at, struct match *match)
{
    size_t len = pattern_len(pattern), star;
    const char *rest = pattern + len + (pattern[len] == ' ');

    if (len == 0)
        return at == words->len;
    if (pattern[0] != '*' || len != 1)
        return at < words->len && word_fits(pattern, words->list[at], match) &&
               fits(rest, words, at + 1, match);
    if (match->stars == STARS_MAX)
        return false;
    star = match->stars++;
    for (size_t more = 0; at + more <= words->len; more++) {
        match->star_at[star] = at;
        match->star_len[star] = more;
        if (fits(rest, words, at + more, match))
            return true;
    }
    match->stars = star;
    return false;
}

/* What @match has for the letter at @to; "V!": what is missing of it, "W-V": how much later it is.
 */
static bool fill_letter(const char *to, const struct match *match, char ret[static WORD_MAX],
                        size_t *ret_len)
{
    const char *filled = match->letters[to[0] - 'A'];
    bool later = to[1] == '-' && to[2] >= 'A' && to[2] <= 'Z';

    *ret_len = later ? 3 : to[1] == '!' ? 2 : 1;
    if (!filled)
        return false;
    if (later)
        return foreign_later(match->letters[to[2] - 'A'], filled, ret);
    if (to[1] == '!')
        return foreign_complement(filled, strlen(filled), ret);
    snprintf(ret, WORD_MAX, "%s", filled);
    return true;
}

/* A word of @to with letters in it: "+V", "V~ms", "V..W", "V!", "W-V". */
static void add_filled(struct line *line, struct words *words, const char *to, size_t len,
                       const struct match *match)
{
    char text[2 * WORD_MAX + 8] = "", filled[WORD_MAX];
    size_t used = 0, more;

    for (size_t i = 0; i < len && used < WORD_MAX; i += more) {
        more = 1;
        if (to[i] == '~') { /* the unit, unless there is one or a parameter */
            if (used > 0 && value_is_digit(text[used - 1]) && text[0] != '$')
                snprintf(text + used, sizeof(text) - used, "%.*s", (int)(len - i - 1), to + i + 1);
            break;
        }
        if (to[i] < 'A' || to[i] > 'Z') {
            text[used++] = to[i];
            continue;
        }
        if (!fill_letter(to + i, match, filled, &more)) {
            line->over = true;
            return;
        }
        used += (size_t)snprintf(text + used, WORD_MAX, "%s", filled);
    }
    add_text(line, words, text);
}

static void fill(struct line *line, const char *to, const struct match *match)
{
    struct words filled = {0};
    size_t stars = 0;

    for (size_t len; *to && !line->over; to += len + (to[len] == ' ')) {
        len = pattern_len(to);
        if (to[0] != '*' || len != 1) {
            add_filled(line, &filled, to, len, match);
            continue;
        }
        for (size_t i = 0; i < match->star_len[stars] && !line->over; i++)
            add_text(line, &filled, line->words.list[match->star_at[stars] + i]);
        stars++;
    }
    line->words = filled;
    line->changed = true;
}

static void apply(struct line *line, const struct foreign_row *rows)
{
    for (size_t times = 0; times < ROWS_MAX && !line->over; times++) {
        const struct foreign_row *row = rows;
        struct match match = {0};

        for (; row->from; row++) {
            match = (struct match){0};
            if (fits(row->from, &line->words, 0, &match))
                break;
        }
        if (!row->from)
            return;
        if (row->note)
            add_note(line, row->note);
        fill(line, row->to, &match);
    }
}

/* ---- the parts of a statement ---- */

/* How many words say when an action is. */
static size_t head_of(const struct words *words)
{
    size_t len = 0;

    if (words->len == 0)
        return 0;
    if (words->list[0][0] == '+')
        return words->list[0][1] == '\0' && words->len > 1 ? 2 : 1;
    if (words->len < 2 || !is_value(words->list[1]))
        return 0;
    if (is_word(words, 0, "at"))
        return 2;
    if (!is_word(words, 0, "every"))
        return 0;
    for (len = 2; is_word(words, len, "from") || is_word(words, len, "to");)
        len += 2;
    return len < words->len ? len : words->len;
}

static void cut_head(struct line *line, struct words *ret_head)
{
    size_t len = head_of(&line->words);

    *ret_head = line->words;
    ret_head->len = len;
    line->words.len -= len;
    memmove(line->words.list, line->words.list + len,
            line->words.len * sizeof(line->words.list[0]));
}

static void apply_all(struct line *line, struct words *ret_head)
{
    apply(line, foreign_statements);
    cut_head(line, ret_head);
    fix_numbers(line);
    if (is_word(&line->words, 0, "netem"))
        fix_shares(line, true);
    apply(line, foreign_actions);
    if (is_word(&line->words, 0, "net") || is_word(&line->words, 0, "link"))
        apply(line, foreign_rules);
    fix_shares(line, false);
    fix_numbers(line); /* also those that rows have made */
}

/* ---- into a text ---- */

struct out {
    char *text;
    size_t len;
};

static void put(struct out *out, const char *text)
{
    size_t room = FOREIGN_TEXT_MAX - out->len;
    int len = snprintf(out->text + out->len, room, "%s", text);

    out->len += (size_t)len < room ? (size_t)len : room - 1;
}

static void put_words(struct out *out, const struct words *words)
{
    for (size_t i = 0; i < words->len; i++) {
        bool ends = is_word(words, i, ";");

        put(out, ends ? "\n" : words->list[i]);
        if (!ends && i + 1 < words->len && !is_word(words, i + 1, ";"))
            put(out, " ");
    }
}

static bool needs_time(const struct words *words)
{
    return words->len > 0 && !is_word(words, 0, "net") && !is_word(words, 0, "link") &&
           word_find(words_actions, words->list[0], strlen(words->list[0])) != WORD_NONE;
}

/* An action that says no time comes at 1s; one that comes again and has two parts is repeated. */
static void put_line(struct out *out, const struct line *line, const struct words *head)
{
    const struct words *words = &line->words;
    bool two = false, again = is_word(head, 0, "every");

    for (size_t i = 0; i < words->len; i++)
        two = two || is_word(words, i, ";");
    if (two && again) {
        put(out, "repeat 5\n+");
        put(out, head->list[1]);
        put(out, " ");
    } else if (head->len > 0) {
        put_words(out, head);
        put(out, words->len > 0 ? " " : "");
    } else if (needs_time(words)) {
        put(out, "at 1s ");
    }
    put_words(out, words);
    put(out, two && again ? "\nend" : "");
}

static void put_notes(struct out *out, const struct line *line)
{
    for (size_t i = 0; i < line->notes_len; i++) {
        put(out, i == 0 ? "" : "; ");
        put(out, line->notes[i]);
    }
}

/* Lines in one. */
static void put_in_one(struct out *out, const char *lines)
{
    char piece[FOREIGN_TEXT_MAX];

    put(out, "write: ");
    for (size_t len; *lines; lines += len + (lines[len] == '\n')) {
        len = strcspn(lines, "\n");
        snprintf(piece, sizeof(piece), "%.*s%s", (int)len, lines,
                 lines[len] == '\n' ? ", then: " : "");
        put(out, piece);
    }
}

bool foreign_help(const char *text, size_t len, struct foreign_help *ret)
{
    char ascii[FOREIGN_BYTES_MAX + 1];
    struct line line = {0};
    struct words head;
    struct out lines = {.text = ret->lines}, out = {.text = ret->text};

    if (len > FOREIGN_BYTES_MAX || !take_text(text, len, ascii, &line.changed))
        return false;
    take_words(&line, ascii);
    fix_numbers(&line);
    apply_all(&line, &head);
    if (line.over || !line.changed || line.words.len + head.len == 0)
        return false;
    put(&lines, "");
    if (line.words.len == 1 && is_word(&line.words, 0, "net")) { /* no rule is left */
        put_notes(&out, &line);
        return line.notes_len > 0;
    }
    put_line(&lines, &line, &head);
    put_in_one(&out, ret->lines);
    if (line.notes_len > 0) {
        put(&out, " (");
        put_notes(&out, &line);
        put(&out, ")");
    }
    return true;
}
