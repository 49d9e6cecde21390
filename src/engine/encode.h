/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The canonical encoding of a world, for a search that asks "was I here before?": only what can still make a difference.
 * Live objects alone, renumbered by age; sequence numbers relative to what each side has acknowledged, times relative to
 * now; no counters, no segment numbers, no clocks of options, nothing that is only history. Ages count up to four minutes,
 * the longest that any kernel function looks back.
 */
#ifndef ENGINE_ENCODE_H
#define ENGINE_ENCODE_H

#include "engine/world.h"

/* A world of two endpoints and a few segments takes some 200 bytes. */
#define ENCODE_MAX 4096

/* Writes the encoding to `buf` (ENCODE_MAX bytes) and returns its length; 0 when it does not fit. */
size_t world_encode(const struct world *w, u8 *buf);

#endif
