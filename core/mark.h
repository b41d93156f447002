/*
 * Marks at rare branches: has any run been there? MARK(name) stands in the
 * branch, and CORE_MARKS lists it, in the order in which marks are shown, by
 * module; a mark that is not listed does not compile, and one that is listed
 * and placed nowhere tests/layering/marks.sh finds.
 *
 * A mark says that a branch was taken and nothing else: nobody asks it, so no
 * run depends on one. Built with -Dmarks=disabled, which defines
 * DC_MARKS_DISABLED, marks are nothing at all.
 */
#ifndef DC_CORE_MARK_H
#define DC_CORE_MARK_H

/* X(name, what it says) */
#define CORE_MARKS(X)                                                                              \
    X(CHAIN_FAR, "an id is not near the one before it in the chain")                               \
    X(CHAIN_FORGOTTEN, "links to ids of a broken frame are taken back")                            \
    X(CHAIN_RESTARTED, "links are made anew behind a sweep of names")                              \
    X(CLAIM_BAD_FORM, "a claim that is none")                                                      \
    X(CLAIM_BAD_SUM, "claims whose sum is another")                                                \
    X(CLAIM_NO_ROOM, "a claim of an address that finds no room")                                   \
    X(COMPRESS_BAD_FRAME, "a compressed frame that is none")                                       \
    X(COMPRESS_NO_GAIN, "a payload that does not get smaller")                                     \
    X(COUNTER_LARGE, "a state of over 64 entries grows")                                           \
    X(DIGEST_IN_PIECES, "a digest without a form that is kept")                                    \
    X(DIGEST_LONG_ID, "an id that is longer than the chunk")                                       \
    X(DOUBTS_FULL, "a doubt makes way for another")                                                \
    X(DOUBTS_SKIPPED, "a silent peer is skipped for some rounds")                                  \
    X(LEDGER_GIVEN_UP, "a client is told that nobody knows")                                       \
    X(LEDGER_LOG_DAMAGED, "a log that lacks what was durable")                                     \
    X(LEDGER_LOG_EMPTY, "a log that is empty, and was not")                                        \
    X(LEDGER_LOG_TORN, "a log with a torn end")                                                    \
    X(LEDGER_MOVED, "counts come along to a new id")                                               \
    X(LEDGER_NEW_ID, "counts go on under a new id")                                                \
    X(LEDGER_NO_BASE, "a start that cannot write its base")                                        \
    X(LEDGER_OVERFLOW, "more than a total can hold")                                               \
    X(LEDGER_OWN_LOST, "others know more of our counts than we")                                   \
    X(LEDGER_UNREADABLE, "a log that cannot be read")                                              \
    X(LEDGER_WAITING_FULL, "too many clients wait for the disk")                                   \
    X(LEDGER_WAITING_MANY, "over a thousand clients wait for the disk")                            \
    X(MERGE_NOTHING, "other ids, and nothing new in them")                                         \
    X(MESSAGE_BAD_DIGEST, "a state that is not what its digest says")                              \
    X(MESSAGE_BAD_FLAG, "a frame with an unknown flag")                                            \
    X(MESSAGE_HIDES_DIGEST, "an unknown field that may have swallowed the digest")                 \
    X(MESSAGE_LONG_ID, "an id beyond the limit in a frame")                                        \
    X(MESSAGE_NO_ID, "a message from nobody")                                                      \
    X(MESSAGE_NO_MAPS, "a push without an entry")                                                  \
    X(MESSAGE_NO_ROOM, "a push with more names than there is room for")                            \
    X(MESSAGE_NO_TYPE, "a message of no type")                                                     \
    X(MESSAGE_PACKED, "a frame above the threshold is compressed")                                 \
    X(MESSAGE_TOO_LARGE, "a message beyond the limit")                                             \
    X(MESSAGE_TRAILING, "bytes behind the end of a message")                                       \
    X(NAMES_BLOCK_BACK, "a whole block of names is taken back")                                    \
    X(NAMES_FULL, "a name more than the table may hold")                                           \
    X(NAMES_LONG, "a name beyond the limit")                                                       \
    X(NAMES_SWEPT, "names that nobody holds are given back")                                       \
    X(NODE_ALONE, "nobody is heard for many rounds")                                               \
    X(NODE_BACK, "one that is said to have left asks")                                             \
    X(NODE_CLIENT_STOPPED, "a client asks a node that ends")                                       \
    X(NODE_LEAVE_ALONE, "a node gives up leaving in order")                                        \
    X(NODE_LEAVER_WAITS, "one that leaves waits until its state is durable here")                  \
    X(NODE_LEFT_CONFIRMED, "a node leaves, and its state is elsewhere")                            \
    X(NODE_MISSED_TICK, "a timer fires so late that a period was missed")                          \
    X(NODE_OWN_ECHO, "a message from the own address")                                             \
    X(NODE_PUSH_KNOWN, "a push brings what is here")                                               \
    X(NODE_PUSH_NOBODY, "a push time with nothing to give")                                        \
    X(NODE_STUCK, "others differ for many rounds, and nothing changes")                            \
    X(PEERS_ALL_SKIPPED, "all peers are silent: one is asked all the same")                        \
    X(PEERS_FOUND_AGAIN, "a peer that had left is there again")                                    \
    X(PEERS_FULL, "a peer more than there may be")                                                 \
    X(PEERS_LOST_STRANGER, "a peer beyond the list leaves")                                        \
    X(PEERS_OLDER_FAREWELL, "a node that leaves hears of a later incarnation of its own")          \
    X(PEERS_REFUTED, "a node hears that it left, and refutes it")                                  \
    X(PEERS_REFUTED_AGAIN, "a node hears once more that it left")                                  \
    X(PEERS_TOLD_PART, "a message has no room for all that there is to tell")                      \
    X(UNPACK_CUT, "a number that the end of the frame cuts")                                       \
    X(UNPACK_DEEP, "values nested too deep")                                                       \
    X(UNPACK_LONG_MAP, "a map longer than the frame")                                              \
    X(UNPACK_NEGATIVE, "a number below zero")                                                      \
    X(WAL_BASE_FAILED, "a segment whose base cannot be written")                                   \
    X(WAL_GROWS_IN_SYNC, "records come while a sync is under way")                                 \
    X(WAL_RETIRED, "a segment that cannot be removed")                                             \
    X(WAL_SEGMENT_FULL, "a full segment: another begins")                                          \
    X(WAL_SYNC_FAILED, "a sync fails: another segment begins")                                     \
    X(WAL_UNCUT, "a segment that cannot be cut")                                                   \
    X(WAL_WRITE_FAILED, "a record that cannot be written")                                         \
    X(WAL_OPEN_BAD_BYTES, "bytes of a log that are no record")                                     \
    X(WAL_OPEN_BAD_FRONT, "a segment that begins with no record")                                  \
    X(WAL_OPEN_GAP, "a segment begins behind a gap")                                               \
    X(WAL_OPEN_LATE_ECHO, "an echo beyond what counts is taken")                                   \
    X(WAL_OPEN_NO_BASE, "segments without a base")                                                 \
    X(WAL_OPEN_SUPERSEDED, "a segment that a later start took the place of")

enum core_mark {
#define CORE_MARK_NAME(name, text) CORE_MARK_##name,
    CORE_MARKS(CORE_MARK_NAME)
#undef CORE_MARK_NAME
    CORE_MARKS_COUNT
};

/*
 * A branch was taken. core/mark.c has a version that does nothing; a host that
 * counts defines the same function in its own program, which then takes its
 * place at link time, as with contract_failed(): no hook, no global in core.
 */
void mark_reached(unsigned mark);

#ifdef DC_MARKS_DISABLED
/* Still parsed, so that a mark cannot rot. */
#define MARK(name) ((void)sizeof(CORE_MARK_##name))
#else
#define MARK(name) mark_reached(CORE_MARK_##name)
#endif

#endif
