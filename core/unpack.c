/*
 * The less common forms of msgpack values, and skipping over any of them.
 */
#include "core/unpack.h"

#include "core/mark.h"
#include "core/types.h"
#include "core/banned.h"

static size_t left(const struct unpack *unpack)
{
    return (size_t)(unpack->end - unpack->at);
}

/* Takes @bytes <= 8 bytes as one number, most significant first. */
static int take_number(struct unpack *unpack, unsigned bytes, uint64_t *ret_number)
{
    if (left(unpack) < bytes) {
        MARK(UNPACK_CUT);
        return DC_EMSG_UNMARSHAL;
    }

    uint64_t number = 0;
    for (unsigned i = 0; i < bytes; i++)
        number = number << 8 | unpack->at[i];
    unpack->at += bytes;
    *ret_number = number;

    return 0;
}

/* Takes a length of @bytes bytes and, behind it, that many plus @more bytes. */
static int take_sized(struct unpack *unpack, unsigned bytes, unsigned more,
                      const uint8_t **ret_bytes, uint32_t *ret_len)
{
    uint64_t len;
    int rc = take_number(unpack, bytes, &len);

    if (rc < 0)
        return rc;
    len += more;
    if (left(unpack) < len)
        return DC_EMSG_UNMARSHAL;
    *ret_bytes = unpack->at;
    *ret_len = (uint32_t)len;
    unpack->at += len;

    return 0;
}

int unpack_bytes_any(struct unpack *unpack, const uint8_t **ret_bytes, uint32_t *ret_len)
{
    if (left(unpack) == 0)
        return DC_EMSG_UNMARSHAL;

    uint8_t code = *unpack->at++;
    switch (code) {
    case 0xc4: /* bin 8 */
    case 0xd9: /* str 8 */
        return take_sized(unpack, 1, 0, ret_bytes, ret_len);
    case 0xc5: /* bin 16 */
    case 0xda: /* str 16 */
        return take_sized(unpack, 2, 0, ret_bytes, ret_len);
    case 0xc6: /* bin 32 */
    case 0xdb: /* str 32 */
        return take_sized(unpack, 4, 0, ret_bytes, ret_len);
    default: /* no string, or a short one that is cut off (unpack_bytes()) */
        return DC_EMSG_UNMARSHAL;
    }
}

int unpack_uint_any(struct unpack *unpack, uint64_t *ret_number)
{
    if (left(unpack) == 0)
        return DC_EMSG_UNMARSHAL;

    uint8_t code = *unpack->at++;
    if (code <= 0x7f) {
        *ret_number = code;
        return 0;
    }
    if (code >= 0xe0) {
        MARK(UNPACK_NEGATIVE);
        return DC_ERANGE;
    }
    if (code < 0xcc || code > 0xd3)
        return DC_EMSG_UNMARSHAL;

    /* cc..cf and d0..d3: 1, 2, 4 or 8 bytes, without and with a sign. */
    unsigned bytes = 1u << (code & 3u);
    uint64_t number;
    int rc = take_number(unpack, bytes, &number);
    if (rc < 0)
        return rc;
    if (code >= 0xd0 && number >> (8 * bytes - 1) != 0)
        return DC_ERANGE;
    *ret_number = number;

    return 0;
}

bool unpack_nil(struct unpack *unpack)
{
    if (left(unpack) == 0 || *unpack->at != 0xc0)
        return false;
    unpack->at++;

    return true;
}

int unpack_map(struct unpack *unpack, uint32_t *ret_len)
{
    if (left(unpack) == 0)
        return DC_EMSG_UNMARSHAL;

    uint8_t code = *unpack->at++;
    uint64_t len = code & 0x0f;
    int rc = 0;
    if (code == 0xde)
        rc = take_number(unpack, 2, &len);
    else if (code == 0xdf)
        rc = take_number(unpack, 4, &len);
    else if ((code & 0xf0) != 0x80)
        rc = DC_EMSG_UNMARSHAL;
    if (rc < 0)
        return rc;

    /* A pair takes two bytes or more. */
    if (len > left(unpack) / 2) {
        MARK(UNPACK_LONG_MAP);
        return DC_EMSG_UNMARSHAL;
    }
    *ret_len = (uint32_t)len;

    return 0;
}

int unpack_array(struct unpack *unpack, uint32_t *ret_len)
{
    if (left(unpack) == 0)
        return DC_EMSG_UNMARSHAL;

    uint8_t code = *unpack->at++;
    uint64_t len = code & 0x0f;
    int rc = 0;
    if (code == 0xdc)
        rc = take_number(unpack, 2, &len);
    else if (code == 0xdd)
        rc = take_number(unpack, 4, &len);
    else if ((code & 0xf0) != 0x90)
        rc = DC_EMSG_UNMARSHAL;
    if (rc < 0)
        return rc;

    if (len > left(unpack))
        return DC_EMSG_UNMARSHAL;
    *ret_len = (uint32_t)len;

    return 0;
}

static int skip_bytes(struct unpack *unpack, size_t len)
{
    if (left(unpack) < len)
        return DC_EMSG_UNMARSHAL;
    unpack->at += len;

    return 0;
}

/* c4..df: what follows the code, and in *ret_values how many values are inside. */
static int skip_head(struct unpack *unpack, uint8_t code, uint64_t *ret_values)
{
    const uint8_t *bytes;
    uint32_t len;
    uint64_t values = 0;
    int rc;

    if (code <= 0xc6) /* bin 8, 16, 32 */
        return take_sized(unpack, 1u << (code - 0xc4u), 0, &bytes, &len);
    if (code <= 0xc9) /* ext 8, 16, 32: and a byte of type */
        return take_sized(unpack, 1u << (code - 0xc7u), 1, &bytes, &len);
    if (code <= 0xd3) /* float 32, 64, integers: not read, only passed */
        return skip_bytes(unpack, (size_t)1 << (code & 3u));
    if (code <= 0xd8) /* fixext 1, 2, 4, 8, 16: and a byte of type */
        return skip_bytes(unpack, ((size_t)1 << (code - 0xd4u)) + 1);
    if (code <= 0xdb) /* str 8, 16, 32 */
        return take_sized(unpack, 1u << (code - 0xd9u), 0, &bytes, &len);

    /* array 16, 32, map 16, 32 */
    rc = take_number(unpack, (code & 1u) == 0 ? 2 : 4, &values);
    if (rc < 0)
        return rc;
    *ret_values = code >= 0xde ? 2 * values : values;

    return 0;
}

/* Takes one code and its bytes; *ret_values is how many values are inside it. */
static int skip_one(struct unpack *unpack, uint64_t *ret_values)
{
    if (left(unpack) == 0)
        return DC_EMSG_UNMARSHAL;

    uint8_t code = *unpack->at++;
    *ret_values = 0;
    if (code <= 0x7f || code >= 0xe0) /* a small integer */
        return 0;
    if (code <= 0x8f) { /* a small map */
        *ret_values = 2 * (code & 0x0fu);
        return 0;
    }
    if (code <= 0x9f) { /* a small array */
        *ret_values = code & 0x0fu;
        return 0;
    }
    if (code <= 0xbf) /* a small string */
        return skip_bytes(unpack, code & 0x1fu);
    if (code == 0xc1) /* never used */
        return DC_EMSG_UNMARSHAL;
    if (code <= 0xc3) /* nil, false, true */
        return 0;

    return skip_head(unpack, code, ret_values);
}

int unpack_skip(struct unpack *unpack)
{
    uint64_t open[DC_NESTING_MAX]; /* values still to come, by depth */
    uint32_t depth = 0;

    for (;;) {
        uint64_t values;
        int rc = skip_one(unpack, &values);
        if (rc < 0)
            return rc;
        if (values > 0) {
            if (depth == DC_NESTING_MAX) {
                MARK(UNPACK_DEEP);
                return DC_EMSG_UNMARSHAL;
            }
            open[depth++] = values;
            continue;
        }
        while (depth > 0 && --open[depth - 1] == 0)
            depth--;
        if (depth == 0)
            return 0;
    }
}
