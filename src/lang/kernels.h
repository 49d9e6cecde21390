/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Comparing kernels: the matrix of what their profiles say, and a session replayed in two of them. */
#ifndef LANG_KERNELS_H
#define LANG_KERNELS_H

#include "engine/profile.h"
#include "lang/session.h"

/* A kernel's name, like 2.4; it becomes the next word's place. */
enum status args_kernel(struct args *a, enum profile_id *id, struct err *err);
/* Appends what a kernel has in a row of its profile, as people read it: "yes", "120 s", "2304 bytes". */
void add_profile_value(struct buf *b, enum profile_id id, enum profile_row row);
/* Prints how all kernels differ: rows of the profiles, sysctls, and what is not run. */
void print_kernel_matrix(struct session *ss);

/* Replays the session's commands since its scenario began in both kernels, and prints what differs. */
enum status diff_kernels(struct session *ss, enum profile_id a, enum profile_id b, struct err *err);

#endif
