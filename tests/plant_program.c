/*
 * Linked, with plants.c, into a copy of the program: $DCSIM_PLANT says what is
 * planted, so that tests see what a user would see.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/plants.h"

__attribute__((constructor)) static void take_plant(void)
{
    static const char *const names[PLANTS] = {
        [PLANT_NONE] = "",
        [PLANT_MERGE_LOWERS] = "merge-lowers",
        [PLANT_MERGE_FORGETS] = "merge-forgets",
        [PLANT_MERGE_INVENTS] = "merge-invents",
        [PLANT_MERGE_SKIPS] = "merge-skips",
        [PLANT_MERGE_NOTHING] = "merge-nothing",
        [PLANT_MERGE_CONTRACT] = "merge-contract",
        [PLANT_ADD_FORGETS] = "add-forgets",
        [PLANT_ADD_MIXES] = "add-mixes",
        [PLANT_ADD_MISCOUNTS] = "add-miscounts",
        [PLANT_ASK_SHOWS] = "ask-shows",
        [PLANT_ASK_CONFIRMS] = "ask-confirms",
        [PLANT_ASK_REFUSES] = "ask-refuses",
        [PLANT_ASK_SILENT] = "ask-silent",
        [PLANT_ASK_EARLY] = "ask-early",
        [PLANT_ASK_LATE] = "ask-late",
        [PLANT_OWN_DOUBTS] = "own-doubts",
        [PLANT_SYNC_DOUBTS] = "sync-doubts",
        [PLANT_SYNC_CONFIRMS] = "sync-confirms",
        [PLANT_SYNC_TELLS_ALL] = "sync-tells-all",
        [PLANT_DIGEST_CONSTANT] = "digest-constant",
        [PLANT_DIGEST_OTHER] = "digest-other",
        [PLANT_ENCODE_FLIPS] = "encode-flips",
        [PLANT_ENCODE_GROWS] = "encode-grows",
        [PLANT_ENCODE_MISCOUNTS] = "encode-miscounts",
        [PLANT_ENCODE_PADS] = "encode-pads",
        [PLANT_ENCODE_LEAKS] = "encode-leaks",
        [PLANT_ENCODE_TAKES_ALL] = "encode-takes-all",
        [PLANT_ENCODE_CONTRACT] = "encode-contract",
        [PLANT_ENCODE_PLAIN] = "encode-plain",
        [PLANT_DECODE_KEEPS] = "decode-keeps",
        [PLANT_DECODE_CHANGES] = "decode-changes",
        [PLANT_DECODE_MISHEARS] = "decode-mishears",
        [PLANT_DECODE_SENDER] = "decode-sender",
        [PLANT_DECODE_TRAILING] = "decode-trailing",
        [PLANT_DECODE_ERROR] = "decode-error",
        [PLANT_OPEN_DROPS_OWN] = "open-drops-own",
        [PLANT_OPEN_DROPS_OTHERS] = "open-drops-others",
        [PLANT_OPEN_TRUSTS] = "open-trusts",
        [PLANT_OPEN_DOUBTS] = "open-doubts",
        [PLANT_OPEN_CLAIMS] = "open-claims",
        [PLANT_SYNC_BREAKS] = "sync-breaks",
        [PLANT_OPEN_SILENT] = "open-silent",
        [PLANT_RAISED_ALL] = "raised-all",
        [PLANT_COMPARE_EQUAL] = "compare-equal",
        [PLANT_OPEN_FAILS] = "open-fails",
        [PLANT_ASK_LEAKS] = "ask-leaks",
        [PLANT_ASK_OVERRUNS] = "ask-overruns",
        [PLANT_VALUE_OFF] = "value-off",
        [PLANT_NAMES_CUT] = "names-cut",
        [PLANT_NAMES_NOT_FOUND] = "names-not-found",
        [PLANT_DRAWS_OTHER] = "draws-other",
        [PLANT_WORDS_ALIKE] = "words-alike",
        [PLANT_WORDS_NONE] = "words-none",
        [PLANT_KINDS_ALIKE] = "kinds-alike",
        [PLANT_PLACE_WHOLE] = "place-whole",
        [PLANT_RAISE_ALWAYS] = "raise-always",
        [PLANT_RESERVE_NOTHING] = "reserve-nothing",
        [PLANT_COPY_NOTHING] = "copy-nothing",
        [PLANT_LOCAL_VALUE_OFF] = "local-value-off",
        [PLANT_NAMES_TURNED] = "names-turned",
        [PLANT_NAMES_SAME] = "names-same",
        [PLANT_ALWAYS_SAFE] = "always-safe",
        [PLANT_START_WRITES] = "start-writes",
        [PLANT_TELLS_ALL] = "tells-all",
        [PLANT_BEGINS_TWICE] = "begins-twice",
        [PLANT_KNOWS_NOBODY] = "knows-nobody",
        [PLANT_HEARS_TWICE] = "hears-twice",
        [PLANT_LEAVES_LATE] = "leaves-late",
        [PLANT_LEAVES_EARLY] = "leaves-early",
        [PLANT_SIGNAL] = "signal",
        [PLANT_SEGV] = "segv",
        [PLANT_HANG] = "hang",
        [PLANT_BLOCK] = "block",
        [PLANT_CONTRACT] = "contract",
        [PLANT_LEAVE] = "leave",
    };
    const char *wish = getenv("DCSIM_PLANT");

    for (int i = 0; wish && i < PLANTS; i++)
        if (strcmp(wish, names[i]) == 0)
            plant = (enum plant)i;
}
