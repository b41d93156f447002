/* Seeds that failed before. */
#include "sim/campaign/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/fatal.h"
#include "sim/scenario/utf8.h"
#include "sim/scenario/value.h"
#include "sim/text.h"

#define BLANKS " \t\r"
/* How a word begins that has anything in it, up to the next quote without a backslash. */
#define QUOTE "$'"
#define QUOTE_LEN 2

/* What stands behind a backslash at *@at, which moves on. */
static char escaped(const char **at)
{
    unsigned code = 0, digits = 0;

    for (; digits < 3 && **at >= '0' && **at <= '7'; digits++)
        code = code * 8 + (unsigned)(*(*at)++ - '0');
    if (digits > 0)
        return (char)code;
    return **at ? *(*at)++ : '\0';
}

/* A word that begins with QUOTE, in its own place: it only gets shorter. One without end: "". */
static char *quoted_word(char **at)
{
    char *word = *at, *to = word;
    const char *from = word + QUOTE_LEN;

    while (*from && *from != '\'') {
        char c = *from++;

        *to++ = c == '\\' ? escaped(&from) : c;
    }
    if (!*from)
        to = word;
    *at += from - word + (*from != '\0');
    *to = '\0';
    return word;
}

/* The next word of the line, cut off; NULL at its end, which may be a '#'. */
static char *next_word(char **at)
{
    char *word = *at + strspn(*at, BLANKS);
    size_t len = strcspn(word, BLANKS "#");

    if (strncmp(word, QUOTE, QUOTE_LEN) == 0) {
        *at = word;
        return quoted_word(at);
    }
    if (len == 0) {
        *at = word;
        return NULL;
    }
    if (word[len] == '#') /* nothing is behind it, for whoever asks next */
        word[len + 1] = '\0';
    *at = word + len + (word[len] != '\0');
    word[len] = '\0';
    return word;
}

static int problem(char reterr[static KNOWN_PROBLEM_MAX], const char *format, const char *word)
{
    snprintf(reterr, KNOWN_PROBLEM_MAX, format, word ? word : "nothing");
    return -1;
}

static int take_define(struct known_seed *seed, char *word, char reterr[static KNOWN_PROBLEM_MAX])
{
    char *equals = word ? strchr(word, '=') : NULL;

    if (!equals || equals == word)
        return problem(reterr, "-D takes name=value, not '%.100s'", word);
    seed->defines =
        fatal_realloc_array(seed->defines, seed->defines_len + 1, sizeof(*seed->defines));
    seed->defines[seed->defines_len++] =
        (struct scn_define){.name = word, .name_len = (size_t)(equals - word), .value = equals + 1};
    return 0;
}

static int take_nodes(struct known_seed *seed, char *word, char reterr[static KNOWN_PROBLEM_MAX])
{
    char *dots = word ? strstr(word, "..") : NULL;

    if (dots)
        *dots = '\0';
    if (!dots || scn_number_of_text(word, &seed->nodes.lo) < 0 ||
        scn_number_of_text(dots + 2, &seed->nodes.hi) < 0 || seed->nodes.lo > seed->nodes.hi)
        return problem(reterr, "--nodes takes a range such as 3..12, not '%.100s'", word);
    return 0;
}

/* What stands on a line; a line of nothing leaves @seed without a file. */
static int read_line(struct known_seed *seed, char *line, char reterr[static KNOWN_PROBLEM_MAX])
{
    char *word = NULL;

    seed->file = next_word(&line);
    if (!seed->file)
        return 0;
    word = next_word(&line);
    if (!word || scn_number_of_text(word, &seed->seed) < 0)
        return problem(reterr, "behind the file stands a seed, not '%.100s'", word);
    word = next_word(&line);
    if (!word || scn_number_of_text(word, &seed->model) < 0)
        return problem(reterr, "behind the seed stands the number of a model, not '%.100s'", word);
    while ((word = next_word(&line)) != NULL) {
        int rc;

        if (strcmp(word, "-D") == 0)
            rc = take_define(seed, next_word(&line), reterr);
        else if (strncmp(word, "-D", 2) == 0)
            rc = take_define(seed, word + 2, reterr);
        else if (strcmp(word, "--nodes") == 0)
            rc = take_nodes(seed, next_word(&line), reterr);
        else
            rc = problem(reterr, "expected -D name=value or a '#', found '%.100s'", word);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static void add(struct known *known, struct known_seed seed)
{
    if (known->len == known->cap) {
        known->cap = known->cap ? known->cap * 2 : 16;
        known->list = fatal_realloc_array(known->list, known->cap, sizeof(*known->list));
    }
    known->list[known->len++] = seed;
}

int known_read(struct known *ret, char *text, size_t len, uint32_t *ret_line,
               char reterr[static KNOWN_PROBLEM_MAX])
{
    static const char mark[] = "\xef\xbb\xbf";
    char *at = text, *end = text + len;

    *ret = (struct known){.text = text};
    *ret_line = 0;
    if (strncmp(at, mark, sizeof(mark) - 1) == 0)
        at += sizeof(mark) - 1;
    while (at < end) {
        struct known_seed seed = {.line = ++*ret_line};
        char *newline = memchr(at, '\n', (size_t)(end - at)), *line_end = newline ? newline : end;
        int rc;

        *line_end = '\0';
        rc = strlen(at) == (size_t)(line_end - at)
                 ? read_line(&seed, at, reterr)
                 : problem(reterr, "here is a byte of %s, which hides what is behind it", "0");
        if (rc == 0 && seed.file)
            add(ret, seed);
        else
            free(seed.defines);
        if (rc < 0)
            return -1;
        at = line_end + 1;
    }
    return 0;
}

void known_release(struct known *known)
{
    for (size_t i = 0; i < known->len; i++)
        free(known->list[i].defines);
    free(known->list);
    free(known->text);
    *known = (struct known){0};
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

int known_compare(const struct known_seed *a, const struct known_seed *b)
{
    int order = strcmp(a->file, b->file);

    if (order == 0)
        order = compare_numbers(a->nodes.lo, b->nodes.lo);
    if (order == 0)
        order = compare_numbers(a->nodes.hi, b->nodes.hi);
    if (order == 0)
        order = compare_numbers(a->defines_len, b->defines_len);
    for (size_t i = 0; order == 0 && i < a->defines_len; i++)
        order = strcmp(a->defines[i].name, b->defines[i].name);
    return order;
}

bool known_has(const struct known *known, const struct known_seed *seed)
{
    for (size_t i = 0; i < known->len; i++) {
        const struct known_seed *it = &known->list[i];

        if (it->seed == seed->seed && it->model == seed->model && known_compare(it, seed) == 0)
            return true;
    }
    return false;
}

/* As it is, if it is read again so. */
static void print_word(FILE *out, const char *word)
{
    bool plain = *word != '\0' && strncmp(word, QUOTE, QUOTE_LEN) != 0;

    for (size_t at = 0, len = strlen(word), step; plain && at < len; at += step) {
        uint32_t character;

        step = utf8_next(word + at, len - at, &character);
        plain = step > 0 && character > ' ' && character != '#' && utf8_is_shown(character);
    }
    if (plain)
        fputs(word, out);
    else
        text_dollar(out, word);
}

void known_print(FILE *out, const struct known_seed *seed, const char *date, const char *reason,
                 const char *build)
{
    print_word(out, seed->file);
    fprintf(out, " %" PRIu64 " %" PRIu64, seed->seed, seed->model);
    for (size_t i = 0; i < seed->defines_len; i++) {
        fputs(" -D ", out);
        print_word(out, seed->defines[i].name);
    }
    if (seed->nodes.hi > 0)
        fprintf(out, " --nodes %" PRIu64 "..%" PRIu64, seed->nodes.lo, seed->nodes.hi);
    fprintf(out, "  # %s %s (%s)\n", date, reason, build);
}
