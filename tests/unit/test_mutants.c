/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every conformance script, broken in one place: a flag, a sequence number, a length, an acknowledgement, an option, a time, a
 * result, an errno, a value, a state. Each of these has to fail; a player that lets one pass would let a wrong kernel pass.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "drill/script.h"

/* Where the scripts are, from where tests are run. */
#define FOLDER "tests/conformance"
/* More than the tolerance: what is moved by this is at another time. */
#define FAR 0.06

struct counts {
	unsigned mutants;
	unsigned survivors;
};

/* ---- one mutant ---------------------------------------------------------------------------------------------------- */

static enum drill_verdict verdict_of(const char *name, const char *text, size_t len, struct buf *said)
{
	const struct drill_options options = { 0 };
	enum drill_verdict verdict;
	struct err err = { 0 };
	struct drill *d;

	if (drill_parse(&d, name, text, len, NULL, &err))
		fail_msg("%s:%u:%u: %s\n%.*s", name, err.line, err.column, err.message, (int)len, text);
	verdict = drill_run(d, &options, said);
	drill_free(d);
	return verdict;
}

/* The script with text[start..start + n) replaced. */
static void try_mutant(struct counts *c, const struct drill *d, size_t start, size_t n, const char *with)
{
	struct buf text = BUF_INIT, said = BUF_INIT;

	buf_add(&text, d->text, start);
	buf_puts(&text, with);
	buf_add(&text, d->text + start + n, d->len - start - n);
	c->mutants++;
	if (verdict_of(d->file, buf_str(&text), text.len, &said) != DRILL_FAILED) {
		u32 line = 1;

		for (size_t i = 0; i < start; i++)
			line += d->text[i] == '\n';
		print_error("survives: %s:%u: `%.*s` as `%s`\n", d->file, line, (int)n, d->text + start, with);
		c->survivors++;
	}
	buf_release(&text);
	buf_release(&said);
}

/* The number at text[at] one larger; returns how many characters it has. */
static size_t one_more(struct counts *c, const struct drill *d, size_t at)
{
	char *end;
	const unsigned long value = strtoul(d->text + at, &end, 10);
	char with[24];

	snprintf(with, sizeof(with), "%lu", value + 1);
	try_mutant(c, d, at, (size_t)(end - (d->text + at)), with);
	return (size_t)(end - (d->text + at));
}

/* ---- packets ------------------------------------------------------------------------------------------------------- */

static void mutate_flags(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const u8 flags = ev->packet.seg.flags;
	const size_t at = ev->start + 1 + strspn(d->text + ev->start + 1, " \t");
	const size_t n = strcspn(d->text + at, " \t");
	char with[12];

	/* PSH and FIN the other way round; ACK stays, since a number hangs on it */
	snprintf(with, sizeof(with), "%s%s%s%s%s", flags & TCPHDR_SYN ? "S" : "", flags & TCPHDR_FIN ? "F" : "",
		 flags & TCPHDR_RST ? "R" : "", flags & TCPHDR_PSH ? "" : "P", flags & TCPHDR_ACK ? "." : "");
	if (with[0])
		try_mutant(c, d, at, n, with);
	snprintf(with, sizeof(with), "%s%s%s%s%s", flags & TCPHDR_SYN ? "S" : "", flags & TCPHDR_FIN ? "" : "F",
		 flags & TCPHDR_RST ? "R" : "", flags & TCPHDR_PSH ? "P" : "", flags & TCPHDR_ACK ? "." : "");
	if (with[0])
		try_mutant(c, d, at, n, with);
}

static void mutate_numbers(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const struct seg *g = &ev->packet.seg;
	const char *colon = strchr(d->text + ev->start, ':');
	const char *first = colon, *close = strchr(colon, ')');
	const char *ack = strstr(d->text + ev->start, " ack ");
	char with[64];

	while (first[-1] >= '0' && first[-1] <= '9')
		first--;
	snprintf(with, sizeof(with), "%u:%u(%u)", g->seq + 1, g->seq + g->len + 1, g->len);
	try_mutant(c, d, (size_t)(first - d->text), (size_t)(close + 1 - first), with);
	snprintf(with, sizeof(with), "%u:%u(%u)", g->seq, g->seq + g->len + 1, g->len + 1);
	try_mutant(c, d, (size_t)(first - d->text), (size_t)(close + 1 - first), with);
	if (ack && ack < d->text + ev->start + ev->len)
		one_more(c, d, (size_t)(ack + 5 - d->text));
}

/* Every number among the options but a timestamp's own value, which is a name in these scripts. */
static void mutate_options(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const char *end = d->text + ev->start + ev->len;
	const char *p = memchr(d->text + ev->start, '<', ev->len);

	if (!p)
		return;
	try_mutant(c, d, (size_t)(p - d->text), (size_t)(end - p), "");
	for (; p < end; p++) {
		if (p[0] < '0' || p[0] > '9' || (p[-1] >= '0' && p[-1] <= '9'))
			continue;
		if (strncmp(p - 4, "val ", 4) != 0)
			one_more(c, d, (size_t)(p - d->text));
	}
}

/* ---- times --------------------------------------------------------------------------------------------------------- */

/* The event's time as it stands in the line. */
static size_t time_start(const struct drill *d, const struct script_event *ev)
{
	size_t at = ev->start;

	while (at > 0 && d->text[at - 1] != '\n')
		at--;
	return at + strspn(d->text + at, " \t");
}

static void mutate_time(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const size_t at = time_start(d, ev);
	const double from = (double)ev->at / 1e6, to = (double)ev->until / 1e6, width = to - from;
	const char *sign = ev->absolute ? "" : "+";
	char with[64];

	if (ev->blocking) { /* the end: the call returns at another time */
		snprintf(with, sizeof(with), "%s%.6f...%.6f ", sign, from, to + FAR);
		try_mutant(c, d, at, ev->start - at, with);
		return;
	}
	snprintf(with, sizeof(with), "%s%.6f~%s%.6f ", sign, from + width + FAR, sign, to + width + FAR);
	try_mutant(c, d, at, ev->start - at, with);
	if (from < width + FAR)
		return;
	snprintf(with, sizeof(with), "%s%.6f~%s%.6f ", sign, from - width - FAR, sign, to - width - FAR);
	try_mutant(c, d, at, ev->start - at, with);
}

/* ---- calls and code ------------------------------------------------------------------------------------------------ */

static void mutate_result(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const struct call *call = &ev->call;
	const char *result = d->text + call->start + call->len;
	const char *end = d->text + ev->start + ev->len;
	const char *word;

	result += strspn(result, " \t=");
	if (call->result < 0)
		try_mutant(c, d, (size_t)(result - d->text), (size_t)(end - result), "0");
	else if (!call->gives_fd && !call->is_dup) /* which number a descriptor has is the script's business */
		one_more(c, d, (size_t)(result - d->text));
	word = result + strcspn(result, "E");
	if (call->errno_wanted && word < end)
		try_mutant(c, d, (size_t)(word - d->text), strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"),
			   strncmp(word, "EPIPE", 5) == 0 ? "ECONNRESET" : "EPIPE");
}

/* What stands behind `member` in the call from `from` on; NULL: it has none (any more). */
static const char *member_of(const struct drill *d, const struct call *call, const char *from, const char *member)
{
	const char *at = strstr(from, member);

	return at && at < d->text + call->start + call->len ? at + strlen(member) : NULL;
}

/* The bits behind `member`, wherever the call has it: others. */
static void mutate_bits(struct counts *c, const struct drill *d, const struct call *call, const char *member, const char *other)
{
	const char *at = d->text + call->start;

	while ((at = member_of(d, call, at, member)) != NULL) {
		const size_t n = strcspn(at, ",}");

		try_mutant(c, d, (size_t)(at - d->text), n, n == strlen(other) && memcmp(at, other, n) == 0 ? "0" : other);
	}
}

static void mutate_number(struct counts *c, const struct drill *d, const struct call *call, const char *member)
{
	const char *at = member_of(d, call, d->text + call->start, member);

	if (at && *at >= '0' && *at <= '9')
		one_more(c, d, (size_t)(at - d->text));
}

/* The event, and its data: a descriptor's number that nobody else has. */
static void mutate_epoll_event(struct counts *c, const struct drill *d, const struct call *call)
{
	const char *fd = member_of(d, call, d->text + call->start, "fd=");

	mutate_bits(c, d, call, "events=", "EPOLLPRI");
	if (fd)
		try_mutant(c, d, (size_t)(fd - d->text), strcspn(fd, "}"), "999");
	mutate_number(c, d, call, "u32=");
	mutate_number(c, d, call, "u64=");
	mutate_number(c, d, call, "ptr=");
}

static void mutate_value(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const struct call *call = &ev->call;

	if (call->nr == SYS_poll)
		mutate_bits(c, d, call, "revents=", "POLLIN");
	else if (call->nr == SYS_epoll_wait)
		mutate_epoll_event(c, d, call);
	else if (call->nr == SYS_getsockopt || call->nr == SYS_ioctl)
		mutate_number(c, d, call, "[");
	else if (call->is_recvmsg)
		mutate_bits(c, d, call, "msg_flags=", "MSG_CTRUNC");
	mutate_number(c, d, call, "cmsg_data=");
}

static void mutate_state(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const char *at = strstr(d->text + ev->code, "TCP_");

	if (at && at < d->text + ev->code + ev->code_len)
		try_mutant(c, d, (size_t)(at - d->text), strspn(at, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"),
			   strncmp(at, "TCP_CLOSING", 11) == 0 ? "TCP_CLOSE" : "TCP_CLOSING");
}

/* What a counter must have gained. */
static void mutate_count(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	const char *at = strstr(d->text + ev->start, "-q \" ");

	if (ev->nstat.count >= 0 && at)
		one_more(c, d, (size_t)(at + strlen("-q \" ") - d->text));
}

/* ---- all ----------------------------------------------------------------------------------------------------------- */

static void mutate_event(struct counts *c, const struct drill *d, const struct script_event *ev)
{
	switch (ev->kind) {
	case EV_EXPECT:
		mutate_flags(c, d, ev);
		mutate_numbers(c, d, ev);
		mutate_options(c, d, ev);
		mutate_time(c, d, ev);
		break;
	case EV_CALL:
		mutate_result(c, d, ev);
		mutate_value(c, d, ev);
		if (ev->blocking)
			mutate_time(c, d, ev);
		break;
	case EV_ASSERT:
		mutate_state(c, d, ev);
		break;
	case EV_SHELL:
		mutate_count(c, d, ev);
		break;
	case EV_INJECT:
		break;
	}
}

static void mutate_script(struct counts *c, const char *name)
{
	struct buf path = BUF_INIT, text = BUF_INIT, said = BUF_INIT;
	struct err err = { 0 };
	struct drill *d;

	buf_printf(&path, "%s/%s", FOLDER, name);
	assert_int_equal(file_read(buf_str(&path), FILE_LIMIT, &text, &err), ST_OK);
	assert_int_equal(verdict_of(name, buf_str(&text), text.len, &said), DRILL_PASSED);
	assert_int_equal(drill_parse(&d, name, buf_str(&text), text.len, NULL, &err), ST_OK);
	for (size_t i = 0; i < d->n; i++)
		mutate_event(c, d, &d->ev[i]);
	drill_free(d);
	buf_release(&path);
	buf_release(&text);
	buf_release(&said);
}

static void t_no_mutant_survives(void **state)
{
	DIR *folder = opendir(FOLDER);
	struct counts c = { 0 };
	const struct dirent *e;
	unsigned scripts = 0;

	(void)state;
	assert_non_null(folder);
	while ((e = readdir(folder)) != NULL) {
		const size_t n = strlen(e->d_name);

		if (n < 4 || strcmp(e->d_name + n - 4, ".pkt") != 0)
			continue;
		mutate_script(&c, e->d_name);
		scripts++;
	}
	closedir(folder);
	print_message("%u scripts, %u mutants, %u survive\n", scripts, c.mutants, c.survivors);
	assert_true(scripts >= 100 && c.mutants >= 3000);
	assert_int_equal(c.survivors, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(t_no_mutant_survives) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
