/* No memory, and nobody is there who could say more of it. */
#include "sim/fatal.h"

_Noreturn void fatal_memory(size_t size)
{
    if (size > 0)
        fatal("no memory for %zu bytes", size);
    fatal("out of memory");
}
