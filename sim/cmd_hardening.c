/*
 * Linkers leave what they were told in the headers of the program, which the system shows
 * to it; compilers leave macros. Only of -fstack-clash-protection there is no trace: that
 * it was given is known from the build.
 */
#include "sim/cmd_hardening.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "sim/version.h"

#ifdef __linux__
#include <link.h>
#include <sys/auxv.h>
#endif

struct linked {
    bool pie;
    bool relro;
    bool now;
    bool no_exec_stack;
};

#ifdef __linux__
static void read_dynamic(struct linked *ret, const ElfW(Dyn) * at)
{
    for (; at->d_tag != DT_NULL; at++) {
        ret->now |= at->d_tag == DT_BIND_NOW;
        ret->now |= at->d_tag == DT_FLAGS && (at->d_un.d_val & DF_BIND_NOW);
        ret->now |= at->d_tag == DT_FLAGS_1 && (at->d_un.d_val & DF_1_NOW);
    }
}

static struct linked linked(void)
{
    const uintptr_t at = getauxval(AT_PHDR);
    const ElfW(Phdr) *headers = (const ElfW(Phdr) *)at;
    const size_t len = at ? getauxval(AT_PHNUM) : 0;
    struct linked ret = {0};
    uintptr_t base = 0;

    for (size_t i = 0; i < len; i++)
        if (headers[i].p_type == PT_PHDR)
            base = at - headers[i].p_vaddr;
    ret.pie = base != 0;
    for (size_t i = 0; i < len; i++) {
        if (headers[i].p_type == PT_DYNAMIC)
            read_dynamic(&ret, (const ElfW(Dyn) *)(base + headers[i].p_vaddr));
        ret.relro |= headers[i].p_type == PT_GNU_RELRO;
        ret.no_exec_stack |= headers[i].p_type == PT_GNU_STACK && !(headers[i].p_flags & PF_X);
    }
    return ret;
}
#else
static struct linked linked(void)
{
    return (struct linked){0};
}
#endif

/* glibc says which level it took; of others there is only what they were given. */
static int fortify_level(void)
{
#if defined(__USE_FORTIFY_LEVEL)
    return __USE_FORTIFY_LEVEL;
#elif defined(_FORTIFY_SOURCE)
    return _FORTIFY_SOURCE;
#else
    return 0;
#endif
}

static bool stack_protector(void)
{
#if defined(__SSP_STRONG__) || defined(__SSP_ALL__)
    return true;
#else
    return false;
#endif
}

/* Are indirect jumps held to places that expect one: of x86, and of arm64? */
static bool control_flow(void)
{
#if defined(__CET__)
    return (__CET__ & 1) != 0;
#elif defined(__ARM_FEATURE_BTI_DEFAULT)
    return true;
#else
    return false;
#endif
}

void hardening_print(void)
{
    const struct linked it = linked();
    const int level = fortify_level();
    char fortify[32] = "";
    const struct {
        bool is;
        const char *text;
    } all[] = {
        {it.pie, "PIE"},
        {it.relro, it.now ? "full RELRO" : "RELRO"},
        {it.no_exec_stack, "no executable stack"},
        {stack_protector(), "strong stack protector"},
        {DCSIM_STACK_CLASH, "stack clash protection"},
        {control_flow(), "control-flow protection"},
        {level > 0, fortify},
    };
    const char *between = "";

    snprintf(fortify, sizeof(fortify), "fortified (%d)", level);
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (!all[i].is)
            continue;
        printf("%s%s", between, all[i].text);
        between = ", ";
    }
    puts(*between ? "" : "none");
}
