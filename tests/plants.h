/*
 * Faults that make each built-in check fire. They are planted in the real core
 * at link time (--wrap, tests/meson.build): a call from one part of core into
 * another goes through the functions of plants.c, which do their work and then,
 * when a plant is set, spoil it. The code under test is not changed by a byte.
 */
#ifndef DC_TESTS_PLANTS_H
#define DC_TESTS_PLANTS_H

enum plant {
    PLANT_NONE,
    PLANT_MERGE_LOWERS,      /* a merge lowers an entry, and reports it */
    PLANT_MERGE_FORGETS,     /* a merge lowers an entry, and says nothing */
    PLANT_MERGE_INVENTS,     /* a merge adds counts that nobody asked for */
    PLANT_MERGE_SKIPS,       /* every seventh merge of the process does nothing: no run repeats */
    PLANT_MERGE_NOTHING,     /* no node ever takes anything in */
    PLANT_MERGE_CONTRACT,    /* a merge breaks a contract */
    PLANT_ADD_FORGETS,       /* a client is told ok, and nothing was counted */
    PLANT_ADD_MIXES,         /* 10 operations count as 100 */
    PLANT_ADD_MISCOUNTS,     /* 10 operations count as 60 */
    PLANT_ASK_SHOWS,         /* what is written is shown, and confirmed when it is durable */
    PLANT_ASK_CONFIRMS,      /* a client is told ok before its request is durable */
    PLANT_ASK_REFUSES,       /* every client is refused, on a healthy disk */
    PLANT_ASK_SILENT,        /* no client ever hears again */
    PLANT_ASK_EARLY,         /* a client fewer may wait than the limit says */
    PLANT_ASK_LATE,          /* or one more */
    PLANT_OWN_DOUBTS,        /* a node takes it that others know more of its counts */
    PLANT_SYNC_DOUBTS,       /* in silence, a sync that succeeded counts as failed */
    PLANT_SYNC_CONFIRMS,     /* a client is told ok, and ok again */
    PLANT_SYNC_TELLS_ALL,    /* somebody who asked for nothing is told ok */
    PLANT_DIGEST_CONSTANT,   /* all states have one digest */
    PLANT_DIGEST_OTHER,      /* digests are those of another form */
    PLANT_ENCODE_FLIPS,      /* a bit of the frame is flipped */
    PLANT_ENCODE_GROWS,      /* a frame says that it is larger than any may be */
    PLANT_ENCODE_MISCOUNTS,  /* a frame says that it has one byte more */
    PLANT_ENCODE_PADS,       /* a byte more than was reckoned stands in a frame */
    PLANT_ENCODE_LEAKS,      /* a frame takes memory of the program for good */
    PLANT_ENCODE_TAKES_ALL,  /* what nobody would read is written all the same */
    PLANT_ENCODE_CONTRACT,   /* a contract breaks before a run has begun */
    PLANT_ENCODE_PLAIN,      /* nothing is compressed */
    PLANT_DECODE_KEEPS,      /* what was read before the fault of a frame stays in the state */
    PLANT_DECODE_CHANGES,    /* the decoder reads another count than was sent */
    PLANT_DECODE_MISHEARS,   /* the decoder reads another digest in what is no push */
    PLANT_DECODE_SENDER,     /* it takes another sender */
    PLANT_DECODE_TRAILING,   /* it passes over what stands behind a message */
    PLANT_DECODE_ERROR,      /* it says something else of what it refuses */
    PLANT_OPEN_DROPS_OWN,    /* a start does not read what the node counted itself */
    PLANT_OPEN_DROPS_OTHERS, /* nor what it had from others */
    PLANT_OPEN_TRUSTS,       /* a start takes an empty log for a whole one */
    PLANT_OPEN_DOUBTS,       /* a start takes a whole log for a damaged one */
    PLANT_OPEN_CLAIMS,       /* what a start has read does not count as durable */
    PLANT_SYNC_BREAKS,       /* a segment is left behind each sync, full or not */
    PLANT_OPEN_SILENT,       /* a start takes a torn log for a whole one */
    PLANT_RAISED_ALL,        /* whatever rises, all is written */
    PLANT_COMPARE_EQUAL,     /* all states are equal */
    PLANT_OPEN_FAILS,        /* no start finds its way through a whole log */
    PLANT_ASK_LEAKS,         /* an operation takes memory for good */
    PLANT_ASK_OVERRUNS,      /* an operation writes behind a block of memory */
    PLANT_VALUE_OFF,         /* a value is one too many */
    PLANT_NAMES_CUT,         /* of a name that is too long, the beginning is taken */
    PLANT_NAMES_NOT_FOUND,   /* no name is found again */
    PLANT_DRAWS_OTHER,       /* a draw is another than its bits are for */
    PLANT_WORDS_ALIKE,       /* all answers have one word */
    PLANT_WORDS_NONE,        /* an event has no word */
    PLANT_KINDS_ALIKE,       /* all kinds of messages have one word */
    PLANT_PLACE_WHOLE,       /* a broken contract says where it was built */
    PLANT_TELLS_ALL,         /* each address can be told, however long it is */
    PLANT_BEGINS_TWICE,      /* what a base of a log says is said once more behind it */
    PLANT_KNOWS_NOBODY,      /* nobody is learned, whatever is heard */
    PLANT_HEARS_TWICE,       /* each pull is taken for two */
    PLANT_LEAVES_LATE,       /* who leaves is taken to do so in vain, from its first round */
    PLANT_LEAVES_EARLY,      /* who leaves in vain never finds that it does */
    PLANT_RAISE_ALWAYS,      /* a raise says that something rose, always */
    PLANT_RESERVE_NOTHING,   /* no room is made for one entry more */
    PLANT_COPY_NOTHING,      /* a copy stays what it was */
    PLANT_LOCAL_VALUE_OFF,   /* the value of one id is one too many */
    PLANT_HASH_OTHER,        /* the hash of a name is not the sum that it says */
    PLANT_HASH_KEY,          /* a table has another key than everybody else */
    PLANT_NAMES_TURNED,      /* names that begin alike are in the wrong order */
    PLANT_NAMES_SAME,        /* a new name has the handle of the first */
    PLANT_ALWAYS_SAFE,       /* nothing is ever said to be lost by a crash */
    PLANT_START_WRITES,      /* a start writes to the disk before it can fail */
    PLANT_EXTENTS_OFF,       /* a state has another size than its entries */
    PLANT_ADD_OVERFLOWS,     /* more is added than a total can be */
    PLANT_ASK_WRITES_MORE,   /* what is written of a request is one more than was asked for */
    PLANT_OPEN_UNREAD,       /* a start says that it cannot read its log */
    PLANT_SYNC_ANY,          /* the answer to any sync is taken for that of the last */
    PLANT_SYNC_REVERSED, /* a sync says that it changed the counter when it did not, or the reverse
                          */
    PLANT_SYNC_IGNORED,  /* no answer to a sync is taken while somebody waits */
    PLANT_NEVER_BUSY,    /* nobody is ever waited for */
    PLANT_NEVER_SAFE,    /* a crash would always take something */
    PLANT_MOVE_STAYS,    /* who would go on under a new id keeps its id */
    PLANT_MOVE_ALWAYS,   /* whoever has heard of others goes on under the id of one */
    PLANT_MOVE_MUTE,     /* who goes on under a new id answers nobody */
    PLANT_MOVE_SILENT,   /* it says nothing of its new id */
    PLANT_MOVE_HIDES,    /* what it counted before is never shown */
    PLANT_LEARN_SILENT,  /* who is learned is not said to be */
    PLANT_HEAR_SILENT,   /* what came of a claim is not said */
    PLANT_PEERS_SAME,    /* all peers are the first */
    PLANT_PEERS_FEWER,   /* a peer is not counted */
    PLANT_KNOWS_ALL,     /* everybody is known */
    PLANT_FAREWELL_NONE, /* who leaves never hears its farewell */
    PLANT_LEARN_NEWS,    /* who has no news when somebody is named to it has some then */
    PLANT_TELLS_TWICE,   /* who is told of first is told of again */
    PLANT_TELLS_OTHER,   /* who is told of first is said to be of another incarnation */
    PLANT_TELLS_NOT_ITSELF, /* nobody tells of itself */
    PLANT_TELLS_NO_OTHERS,  /* nobody tells of others */
    PLANT_PICKS_FEWER,      /* one peer less is picked */
    PLANT_PICKS_TWICE,      /* the first that is picked is also the second */
    PLANT_STUCK_NEVER,      /* nobody is ever stuck */
    PLANT_ALONE_NEVER,      /* nobody is ever alone */
    PLANT_DOUBTS_ALL,       /* who answers owes an answer all the same */
    PLANT_SKIPS_NONE,       /* nobody is ever skipped */
    PLANT_BUF_CUTS,         /* the last byte of what comes into a small buffer is another */
    PLANT_BUF_SHORT,        /* a buffer says that it has no room for its last byte */
    PLANT_BUF_KEEPS,        /* a buffer never gives memory back */
    PLANT_EMPTY_KNOWN,      /* the empty name is always known */
    PLANT_EMPTY_UNKNOWN,    /* the empty name is never known */
    PLANT_LIST_TOLD,        /* a list that is fixed is told all the same */
    PLANT_SKIPS_ANY,        /* what is no value is passed over as one */
    PLANT_SKIPS_SHORT,      /* of a value its last byte stays */
    PLANT_NUMBER_OTHER,     /* what is read of a number in any form is one more */
    PLANT_NIL_ANY,          /* whatever comes is taken for nil */
    PLANT_GROWS_WIDE,   /* there is room for as many clients, and claims, as there may ever be */
    PLANT_GROWS_MANY,   /* a list that grows has room for thousands */
    PLANT_FLUSH_LEAVES, /* a flush notes a total, and leaves it for later */
    PLANT_SIGNAL,       /* the first merge kills the process */
    PLANT_SEGV,         /* likewise, as by a bad address, but only where a count comes to 37 */
    PLANT_HANG,         /* a merge never ends, there too */
    PLANT_BLOCK,        /* a merge waits for what never comes, there too */
    PLANT_CONTRACT,     /* a contract is broken, there too */
    PLANT_LEAVE,        /* the process ends as if all were well, there too */
    PLANTS,
};

/* What is planted now. */
extern volatile enum plant plant;
/* Likewise, while models are asked (sim/models/models.h). */
extern volatile enum plant plant_of_models;

#endif
