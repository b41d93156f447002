/* Scenarios for seeds, from a file or from the swarm. */
#include "sim/cmd_source.h"

#include <inttypes.h>
#include <stdlib.h>

#include "sim/fatal.h"
#include "sim/swarm/swarm.h"
#include "sim/text.h"

/* What the scenario of a seed is called, until somebody writes it down under another name. */
#define SWARM_FILE "swarm.scn"

void source_of_file(struct source *source, const struct cmd_file *file,
                    const struct report_command *command)
{
    *source = (struct source){.name = file->name, .file = file, .command = *command};
    source->command.file = file->name;
}

void source_of_swarm(struct source *source, struct scn_range nodes,
                     const struct report_command *command)
{
    *source = (struct source){.name = "swarm", .nodes = nodes, .command = *command};
    source->command.file = SWARM_FILE;
    source->command.nodes = nodes;
}

void source_release(struct source *source)
{
    cmd_file_release(&source->own);
    free(source->text);
    free(source->made_by);
    *source = (struct source){0};
}

void source_print(FILE *out, const struct source *source, uint64_t seed)
{
    struct swarm_input input = {
        .seed = seed,
        .nodes_min = (uint32_t)source->nodes.lo,
        .nodes_max = (uint32_t)source->nodes.hi,
    };

    swarm_write(out, &input);
}

/* In the place of the text that is there. */
static FILE *open_text(char **ret_text, size_t *ret_len)
{
    free(*ret_text);
    return fatal_memstream(ret_text, ret_len);
}

void source_take(struct source *source, uint64_t seed)
{
    size_t len;
    FILE *out;

    if (source->nodes.hi == 0)
        return; /* a file is the same for all seeds */
    cmd_file_release(&source->own);
    out = open_text(&source->text, &len);
    source_print(out, source, seed);
    fatal_memstream_close(out, &source->text);
    if (cmd_file_of_text(&source->own, SWARM_FILE, source->text, len) < 0)
        fatal("the scenario of swarm seed %" PRIu64 " has errors", seed);
    source->file = &source->own;
    out = open_text(&source->made_by, &len);
    text_shell(out, source->command.program);
    fprintf(out, " fuzz --swarm --nodes %" PRIu64 "..%" PRIu64 " --print --seed %" PRIu64,
            source->nodes.lo, source->nodes.hi, seed);
    fatal_memstream_close(out, &source->made_by);
    source->command.made_by = source->made_by;
}
