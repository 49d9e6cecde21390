/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What could stand at the cursor. */
#ifndef LANG_COMPLETE_H
#define LANG_COMPLETE_H

#include "lang/session.h"

struct completion {
	char **word; /* owned, sorted, each once */
	size_t n;
	size_t room;
	size_t start; /* they would replace line[start] up to the cursor */
};

void complete(struct session *ss, const char *line, size_t cursor, struct completion *out);
void completion_release(struct completion *c);
/* How many characters all candidates have in common. */
size_t completion_common(const struct completion *c);
/* What the verb under way expects: "close [A[:FD]]"; NULL when there is no such verb. */
const struct cmd *completion_verb(const struct session *ss, const char *line, size_t cursor);

#endif
