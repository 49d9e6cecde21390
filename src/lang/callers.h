/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who calls a kernel function, read off the engine's own source, whose call tree is the kernel's. */
#ifndef LANG_CALLERS_H
#define LANG_CALLERS_H

#include "base/types.h"
#include "engine/trace.h"

/* Sets called_by[f] for each kernel function f that calls `fn` in the engine. What the engine puts in between does not count. */
void callers_find(u16 fn, bool called_by[NR_FN]);

#endif
