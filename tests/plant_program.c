/*
 * Linked, with plants.c, into a copy of the program: $DCSIM_PLANT says what is
 * planted, so that tests see what a user would see.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/plants.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER
#endif

#ifdef HAS_ADDRESS_SANITIZER
/* Crashes that are planted are for dcsim to tell, and not for the sanitizer. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0";
}
#endif

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
        [PLANT_HASH_OTHER] = "hash-other",
        [PLANT_HASH_KEY] = "hash-key",
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
        [PLANT_EXTENTS_OFF] = "extents-off",
        [PLANT_ADD_OVERFLOWS] = "add-overflows",
        [PLANT_ASK_WRITES_MORE] = "ask-writes-more",
        [PLANT_OPEN_UNREAD] = "open-unread",
        [PLANT_SYNC_ANY] = "sync-any",
        [PLANT_SYNC_REVERSED] = "sync-reversed",
        [PLANT_SYNC_IGNORED] = "sync-ignored",
        [PLANT_NEVER_BUSY] = "never-busy",
        [PLANT_NEVER_SAFE] = "never-safe",
        [PLANT_MOVE_STAYS] = "move-stays",
        [PLANT_MOVE_ALWAYS] = "move-always",
        [PLANT_MOVE_MUTE] = "move-mute",
        [PLANT_MOVE_SILENT] = "move-silent",
        [PLANT_MOVE_HIDES] = "move-hides",
        [PLANT_LEARN_SILENT] = "learn-silent",
        [PLANT_HEAR_SILENT] = "hear-silent",
        [PLANT_PEERS_SAME] = "peers-same",
        [PLANT_PEERS_FEWER] = "peers-fewer",
        [PLANT_KNOWS_ALL] = "knows-all",
        [PLANT_FAREWELL_NONE] = "farewell-none",
        [PLANT_LEARN_NEWS] = "learn-news",
        [PLANT_TELLS_TWICE] = "tells-twice",
        [PLANT_TELLS_OTHER] = "tells-other",
        [PLANT_TELLS_NOT_ITSELF] = "tells-not-itself",
        [PLANT_TELLS_NO_OTHERS] = "tells-no-others",
        [PLANT_PICKS_FEWER] = "picks-fewer",
        [PLANT_PICKS_TWICE] = "picks-twice",
        [PLANT_STUCK_NEVER] = "stuck-never",
        [PLANT_ALONE_NEVER] = "alone-never",
        [PLANT_DOUBTS_ALL] = "doubts-all",
        [PLANT_SKIPS_NONE] = "skips-none",
        [PLANT_BUF_CUTS] = "buf-cuts",
        [PLANT_BUF_SHORT] = "buf-short",
        [PLANT_BUF_KEEPS] = "buf-keeps",
        [PLANT_EMPTY_KNOWN] = "empty-known",
        [PLANT_EMPTY_UNKNOWN] = "empty-unknown",
        [PLANT_LIST_TOLD] = "list-told",
        [PLANT_SKIPS_ANY] = "skips-any",
        [PLANT_SKIPS_SHORT] = "skips-short",
        [PLANT_NUMBER_OTHER] = "number-other",
        [PLANT_NIL_ANY] = "nil-any",
        [PLANT_GROWS_WIDE] = "grows-wide",
        [PLANT_GROWS_MANY] = "grows-many",
        [PLANT_FLUSH_LEAVES] = "flush-leaves",
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
