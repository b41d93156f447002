/* 128-bit integers, which both compilers have and ISO C does not name. */
#ifndef DC_SIM_WIDE_H
#define DC_SIM_WIDE_H

__extension__ typedef unsigned __int128 u128;
__extension__ typedef __int128 i128;

#endif
