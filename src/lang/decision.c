/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/decision.h"

#include <string.h>

#include "lang/fields.h"
#include "lang/lex.h"
#include "lang/names.h"

/* A value that a decision names `T, ms` or `RTT, us` is a time. */
static bool add_decision_time(struct buf *b, const char *name, u64 raw)
{
	const char *comma = strstr(name, ", ");
	u64 unit = !comma ? 0 : strcmp(comma, ", ms") == 0 ? 1000 : strcmp(comma, ", us") == 0 ? 1 : 0;

	if (!unit)
		return false;
	buf_printf(b, "%.*s ", (int)(comma - name), name);
	if ((s64)raw < 0)
		buf_puts(b, "none");
	else if (unit == 1000 && raw == UINT32_MAX)
		buf_puts(b, "without end");
	else
		add_duration(b, raw * unit);
	return true;
}

/* Sequence numbers come relative already: the function that decides knows whose they are. */
static void add_decision_value(struct buf *b, const char *name, u64 raw)
{
	const struct field_view view = { .now = 0 };
	const struct field *f;

	if (add_decision_time(b, name, raw))
		return;
	/* of the segment, that is */
	f = field_by_full_name(strcmp(name, "flags") == 0 ? "tcp_flags" : name);
	buf_printf(b, "%s ", name);
	if (f && field_is_seq(f))
		buf_printf(b, "%d", (s32)raw);
	else if (f)
		add_field_value(b, f, (s64)raw, &view);
	else if (strstr(name, "state") && raw < TCP_MAX_STATES)
		buf_puts(b, state_name((u8)raw));
	else
		buf_printf(b, "%lld", (long long)raw);
}

const char *fn_name_at(const struct world *w, u8 host, u16 fn)
{
	return fn_info[fn_holding(fn, w->host[host].profile)].name;
}

void add_decision(struct buf *b, const struct trec *r)
{
	const struct decision_info *d = &decision_info[r->id];

	buf_puts(b, r->x ? d->yes : d->no);
	if (!d->value1)
		return;
	buf_puts(b, " (");
	add_decision_value(b, d->value1, r->a);
	if (d->value2) {
		buf_puts(b, ", ");
		add_decision_value(b, d->value2, r->b);
	}
	buf_putc(b, ')');
}
