/*
 * One script for each shell. Each holds the table in the shell's own form, and as few lines
 * that do something as there can be: those are no different for another table.
 */
#include "sim/cmd_completion.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "sim/cmd_options.h"

/* What the value of an option is. */
enum value {
    VALUE_NONE,
    VALUE_WORD, /* of cmd_option_words() */
    VALUE_FILE,
    VALUE_OTHER, /* nobody can guess it */
};

static enum value value_of(const struct cmd_option *it)
{
    if (!it->argument)
        return VALUE_NONE;
    if (cmd_option_words(it->id))
        return VALUE_WORD;
    return strcmp(it->argument, "FILE") == 0 || strcmp(it->argument, "PATH") == 0 ? VALUE_FILE
                                                                                  : VALUE_OTHER;
}

static void print_words(const struct cmd_option *it)
{
    const char *const *words = cmd_option_words(it->id);

    for (size_t i = 0; words[i]; i++)
        printf("%s%s", i == 0 ? "" : " ", words[i]);
}

/* @text within two quotes: @quote stands for one of its own, \ comes before each of @special. */
static void print_quoted(const char *text, const char *quote, const char *special)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, stdout);
        else
            printf("%s%c", strchr(special, *text) ? "\\" : "", *text);
    }
}

/* The commands, with @between. */
static void print_commands(const char *between)
{
    for (size_t i = 0; i < cmd_names_len; i++)
        printf("%s%s", i == 0 ? "" : between, cmd_names[i].name);
}

/* ---- bash ---- */

static void print_bash_options(const struct cmd_name *command)
{
    for (size_t i = 0; i < cmd_options_len; i++) {
        const struct cmd_option *it = &cmd_options[i];

        if (!(it->commands & (unsigned)command->command))
            continue;
        if (it->id < 256)
            printf(" -%c", it->id);
        if (it->name)
            printf(" --%s", it->name);
    }
}

/* "-o | --junit", those with such a value; of words only that one of them. */
static void print_bash_names(enum value value, const struct cmd_option *only)
{
    const char *between = "";

    for (size_t i = 0; i < cmd_options_len; i++) {
        const struct cmd_option *it = &cmd_options[i];

        if (only ? it != only : value_of(it) != value)
            continue;
        if (it->id < 256) {
            printf("%s-%c", between, it->id);
            between = " | ";
        }
        if (it->name)
            printf("%s--%s", between, it->name);
        between = " | ";
    }
}

static void print_bash_values(void)
{
    for (size_t i = 0; i < cmd_options_len; i++) {
        if (value_of(&cmd_options[i]) != VALUE_WORD)
            continue;
        fputs("    ", stdout);
        print_bash_names(VALUE_WORD, &cmd_options[i]);
        fputs(") mapfile -t COMPREPLY < <(compgen -W '", stdout);
        print_words(&cmd_options[i]);
        puts("' -- \"$cur\"); return ;;");
    }
    fputs("    ", stdout);
    print_bash_names(VALUE_FILE, NULL);
    puts(") suffix='' value=yes ;;");
    fputs("    ", stdout);
    print_bash_names(VALUE_OTHER, NULL);
    puts(") return ;;");
}

static void print_bash(void)
{
    puts("_dcsim()\n"
         "{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "    local options suffix file value=\n"
         "    COMPREPLY=()\n"
         "    # --name=value comes as three words.\n"
         "    if [[ $cur == = ]]; then\n"
         "        cur=\n"
         "    elif [[ $prev == = && $COMP_CWORD -ge 2 ]]; then\n"
         "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
         "    fi\n"
         "    case ${COMP_WORDS[1]} in");
    /* The first command is the one that nobody has to name. */
    for (size_t i = cmd_names_len; i-- > 0;) {
        printf("    %s) options='", i == 0 ? "*" : cmd_names[i].name);
        print_bash_options(&cmd_names[i]);
        printf("' suffix='%s' ;;\n", cmd_names[i].suffix);
    }
    puts("    esac\n"
         "    # Behind a -- there are files only.\n"
         "    for file in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "        [[ $file == -- ]] && value=yes prev=\n"
         "    done\n"
         "    case $prev in");
    print_bash_values();
    fputs("    esac\n"
          "    if [[ ! $value && $cur == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$cur\")\n"
          "        return\n"
          "    fi\n"
          "    compopt -o filenames 2>/dev/null\n"
          "    mapfile -t COMPREPLY < <(\n"
          "        if [[ ! $value && $COMP_CWORD -eq 1 ]]; then compgen -W '",
          stdout);
    print_commands(" ");
    /* Names come one a line, so one that has two is not offered: its parts are no files. */
    puts("' -- \"$cur\"; fi\n"
         "        compgen -d -- \"$cur\"\n"
         "        compgen -f -X \"!*$suffix\" -- \"$cur\" |\n"
         "            while IFS= read -r file; do\n"
         "                [[ -d $file || ! -e ${file/#\\~\\//$HOME/} ]] || printf '%s\\n' "
         "\"$file\"\n"
         "            done)\n"
         "}\n"
         "complete -F _dcsim dcsim");
}

/* ---- zsh ---- */

static void print_zsh_option(const struct cmd_option *it, const char *name, const char *glue)
{
    enum value value = value_of(it);

    printf("            '*%s%s[", name, value == VALUE_NONE ? "" : glue);
    print_quoted(it->text, "'\\''", "[]\\");
    putchar(']');
    if (value != VALUE_NONE)
        printf(":%s:", it->argument);
    if (value == VALUE_FILE)
        fputs("_files", stdout);
    if (value == VALUE_OTHER)
        putchar(' ');
    if (value == VALUE_WORD) {
        putchar('(');
        print_words(it);
        putchar(')');
    }
    puts("' \\");
}

static void print_zsh_command(const struct cmd_name *command)
{
    printf("    %s)\n        _arguments -s -S : \\\n", command->name);
    for (size_t i = 0; i < cmd_options_len; i++) {
        const struct cmd_option *it = &cmd_options[i];
        char name[64];

        if (!(it->commands & (unsigned)command->command))
            continue;
        if (it->id < 256) {
            snprintf(name, sizeof(name), "-%c", it->id);
            print_zsh_option(it, name, "+");
        }
        if (it->name) {
            snprintf(name, sizeof(name), "--%s", it->name);
            print_zsh_option(it, name, "=");
        }
    }
    printf("            '*: :{_dcsim_operands \"*%s\"}'\n        ;;\n", command->suffix);
}

static void print_zsh(void)
{
    puts("_dcsim_operands()\n"
         "{\n"
         "    (( CURRENT > 2 || ! $#commands )) || _describe command commands\n"
         "    _files -g \"$1(-.)\"\n"
         "}\n"
         "_dcsim()\n"
         "{\n"
         "    local command=run\n"
         "    local -a commands\n"
         "    commands=(");
    for (size_t i = 0; i < cmd_names_len; i++) {
        printf("        '%s:", cmd_names[i].name);
        print_quoted(cmd_names[i].text, "'\\''", ":\\");
        puts("'");
    }
    fputs("    )\n"
          "    if (( CURRENT > 2 )); then\n"
          "        case $words[2] in\n"
          "        ",
          stdout);
    print_commands("|");
    puts(")\n"
         "            command=$words[2]\n"
         "            commands=()\n"
         "            shift words\n"
         "            (( CURRENT-- ))\n"
         "            ;;\n"
         "        esac\n"
         "    fi\n"
         "    case $command in");
    for (size_t i = 0; i < cmd_names_len; i++)
        print_zsh_command(&cmd_names[i]);
    puts("    esac\n"
         "}\n"
         "if [[ $funcstack[1] == _dcsim ]]; then\n"
         "    _dcsim \"$@\"\n"
         "else\n"
         "    compdef _dcsim dcsim\n"
         "fi");
}

/* ---- fish ---- */

static void print_fish_option(const struct cmd_option *it)
{
    static const char *const values[] = {
        [VALUE_NONE] = "", [VALUE_WORD] = " -x", [VALUE_FILE] = " -r -F", [VALUE_OTHER] = " -x"};

    fputs("complete -c dcsim -n '__dcsim_is", stdout);
    for (size_t i = 0; i < cmd_names_len; i++)
        if (it->commands & (unsigned)cmd_names[i].command)
            printf(" %s", cmd_names[i].name);
    putchar('\'');
    if (it->id < 256)
        printf(" -s %c", it->id);
    if (it->name)
        printf(" -l %s", it->name);
    fputs(values[value_of(it)], stdout);
    if (value_of(it) == VALUE_WORD) {
        fputs(" -a '", stdout);
        print_words(it);
        putchar('\'');
    }
    fputs(" -d '", stdout);
    print_quoted(it->text, "\\'", "\\");
    puts("'");
}

static void print_fish_command(const struct cmd_name *it)
{
    printf("complete -c dcsim -n 'test (count (commandline -opc)) -eq 1' -a %s -d '", it->name);
    print_quoted(it->text, "\\'", "\\");
    puts("'");
    printf("complete -c dcsim -n '__dcsim_is %s' -a '(__dcsim_files \"%s\")'\n", it->name,
           it->suffix);
}

static void print_fish(void)
{
    fputs("function __dcsim_is\n"
          "    set -l words (commandline -opc)\n"
          "    set -l command run\n"
          "    contains -- \"$words[2]\" ",
          stdout);
    print_commands(" ");
    /* Words come one a line, and their descriptions behind a tab. */
    puts("; and set command $words[2]\n"
         "    contains -- $command $argv\n"
         "end\n"
         "function __dcsim_files\n"
         "    set -l suffix (string escape --style=regex -- \"$argv[1]\")\n"
         "    set -l word (commandline -ct)\n"
         "    for file in \"$word\"*\n"
         "        string match -qr '[\\n\\t]' -- \"$file\"; and continue\n"
         "        if test -d \"$file\"\n"
         "            printf '%s/\\n' \"$file\"\n"
         "        else if string match -qr -- \"$suffix\"'$' \"$file\"\n"
         "            printf '%s\\n' \"$file\"\n"
         "        end\n"
         "    end\n"
         "end\n"
         "complete -c dcsim -f");
    for (size_t i = 0; i < cmd_names_len; i++)
        print_fish_command(&cmd_names[i]);
    for (size_t i = 0; i < cmd_options_len; i++)
        print_fish_option(&cmd_options[i]);
}

void completion_print(const char *shell)
{
    /* zsh looks for its word in the first line. */
    printf("%s# Completion for %s, made by: dcsim --completion %s\n",
           strcmp(shell, "zsh") == 0 ? "#compdef dcsim\n" : "", shell, shell);
    if (strcmp(shell, "bash") == 0)
        print_bash();
    else if (strcmp(shell, "zsh") == 0)
        print_zsh();
    else
        print_fish();
}
