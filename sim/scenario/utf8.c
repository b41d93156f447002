/* UTF-8, a character at a time. */
#include "sim/scenario/utf8.h"

/* Bytes that follow a first byte; -1 when it cannot be one. */
static int followers_of(unsigned char first)
{
    if (first < 0x80)
        return 0;
    if (first >= 0xC2 && first <= 0xDF)
        return 1;
    if (first >= 0xE0 && first <= 0xEF)
        return 2;
    if (first >= 0xF0 && first <= 0xF4)
        return 3;
    return -1;
}

size_t utf8_next(const char *text, size_t len, uint32_t *ret)
{
    static const unsigned char first_bits[] = {0x7F, 0x1F, 0x0F, 0x07};
    static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char first = (unsigned char)text[0];
    int followers = followers_of(first);
    uint32_t character;

    if (followers < 0 || (size_t)followers >= len)
        return 0;
    character = first & first_bits[followers];
    for (int i = 1; i <= followers; i++) {
        unsigned char byte = (unsigned char)text[i];

        if ((byte & 0xC0) != 0x80)
            return 0;
        character = character << 6 | (byte & 0x3Fu);
    }
    if (character < least[followers] || character > 0x10FFFF)
        return 0;
    if (character >= 0xD800 && character <= 0xDFFF)
        return 0;
    *ret = character;
    return (size_t)followers + 1;
}

bool utf8_is_control(uint32_t character)
{
    return (character < 0x20 && character != '\t') || (character >= 0x7F && character < 0xA0);
}

bool utf8_is_shown(uint32_t character)
{
    if (utf8_is_control(character))
        return false;
    if (character >= 0x200B && character <= 0x200F) /* no width, marks of direction */
        return false;
    if (character >= 0x2028 && character <= 0x202E) /* line ends, embeddings, overrides */
        return false;
    if (character >= 0x2060 && character <= 0x206F) /* joiners, isolates */
        return false;
    return character != 0xFEFF;
}
