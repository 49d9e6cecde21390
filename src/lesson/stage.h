/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where a lesson's commands run: in a session of their own that nobody sees, or silently in that of the learner. */
#ifndef LESSON_STAGE_H
#define LESSON_STAGE_H

#include "lang/session.h"
#include "lesson/lesson.h"

struct stage {
	struct session ss;
	struct buf said; /* what was printed since it was cleared, line by line */
};

/* A session in scenario `established`; owned. NULL: memory is short. */
struct stage *stage_new(void);
void stage_free(struct stage *st);

/*
 * Runs commands that begin in line `line` of the lesson's file, with full words; the first that fails ends them,
 * with its place in `err`.
 */
enum status run_commands(struct session *ss, const struct lesson *l, const char *commands, u32 line, struct err *err);
/* The same, and nothing is printed. */
enum status run_silently(struct session *ss, const struct lesson *l, const char *commands, u32 line, struct err *err);
/* What a step begins with: the scenario, the setup; host A is in focus. Silent. */
enum status begin_situation(struct session *ss, const struct lesson *l, const struct step *s, struct err *err);
/* The situation after the first `n` predictions of the step (SIZE_MAX: after all). Silent. */
enum status begin_after(struct session *ss, const struct lesson *l, const struct step *s, size_t n, struct err *err);

#endif
