/*
 * Error codes of core: negative, one table, so that a code, its name and its
 * text cannot drift apart. The nine DC_EMSG_* codes are the ways in which a
 * frame can be wrong; they match the error classes of the wire protocol.
 */
#ifndef DC_CORE_ERR_H
#define DC_CORE_ERR_H

#define DC_ERRORS(X)                                                                               \
    X(DC_ENOMEM, -1, "out of memory")                                                              \
    X(DC_ELIMIT, -2, "a limit would be passed")                                                    \
    X(DC_EOVERFLOW, -3, "the total would pass 2^64-1")                                             \
    X(DC_ERANGE, -4, "the value does not fit into 64 bits with a sign")                            \
    X(DC_ESTOPPED, -5, "the node is not running")                                                  \
    X(DC_EFULL, -6, "no space left on the disk")                                                   \
    X(DC_EIO, -7, "the disk failed")                                                               \
    X(DC_EMSG_EMPTY, -10, "empty message")                                                         \
    X(DC_EMSG_DECOMPRESS, -11, "decompression failed")                                             \
    X(DC_EMSG_UNMARSHAL, -12, "not a well-formed message")                                         \
    X(DC_EMSG_TYPE, -13, "invalid message type")                                                   \
    X(DC_EMSG_TOO_LARGE, -14, "message exceeds the maximum size")                                  \
    X(DC_EMSG_NODE_ID, -15, "empty node id")                                                       \
    X(DC_EMSG_MAPS, -16, "a push needs increments or decrements")                                  \
    X(DC_EMSG_VALIDATION, -17, "message contradicts itself")                                       \
    X(DC_EMSG_ENCODE, -18, "message cannot be encoded")

enum dc_err {
#define X(name, code, text) name = code,
    DC_ERRORS(X)
#undef X
};

/* The text of @err, or "unknown error". Never NULL; static storage. */
const char *err_text(int err);

/* The name of @err ("DC_ENOMEM"), or "DC_?". Never NULL; static storage. */
const char *err_name(int err);

#endif
