/*
 * 128-bit integers. Compilers have them under one name or another, on some targets
 * not at all; meson.build asks before anything is built. DC_WIDE_BITINT takes the
 * name of C23 where there are both, so that the gate runs with either.
 */
#ifndef DC_SIM_WIDE_H
#define DC_SIM_WIDE_H

#if defined(__SIZEOF_INT128__) && !defined(DC_WIDE_BITINT)
__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;
#else
__extension__ typedef unsigned _BitInt(128) u128;
__extension__ typedef _BitInt(128) i128;
#endif

#endif
