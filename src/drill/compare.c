/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the script wants against what was sent. */
#include "drill/script.h"

#include <string.h>

static bool same_options(const struct seg *want, const struct seg *have)
{
	if (want->mss != have->mss || want->opts != have->opts || want->nsack != have->nsack)
		return false;
	if ((want->opts & SEG_OPT_WSCALE) && want->wscale != have->wscale)
		return false;
	/* the timestamp's own value is only noted */
	if ((want->opts & SEG_OPT_TS) && want->tsecr != have->tsecr)
		return false;
	for (u8 i = 0; i < want->nsack && i < SEG_MAX_SACK; i++)
		if (want->sack[i][0] != have->sack[i][0] || want->sack[i][1] != have->sack[i][1])
			return false;
	return true;
}

static bool same_packet(const struct seg_scan *want, const struct sent *have)
{
	const struct seg *w = &want->seg;
	const struct seg *h = &have->seg;

	if (w->flags != h->flags || w->seq != h->seq || w->len != h->len)
		return false;
	if (w->flags & TCPHDR_ACK ? w->ack != h->ack : have->raw_ack != 0)
		return false;
	if (want->has_win && w->win != h->win)
		return false;
	return want->any_opts || (want->kernel_order && same_options(w, h));
}

/* The script's own words, on one line: for a list of options in an order that no text of ours would show. */
static void put_as_written(struct buf *b, const struct drill *d, const struct script_event *ev)
{
	bool blank = true;

	for (size_t i = 1; i < ev->len; i++) {
		char c = d->text[ev->start + i];

		if (c == '\n' || c == '\t' || c == '\r')
			c = ' ';
		if (c != ' ' || !blank)
			buf_putc(b, c);
		blank = c == ' ';
	}
}

/* A caret under each place of `have` from the first difference to the last. */
static void put_marks(struct buf *why, size_t indent, const char *want, const char *have)
{
	const size_t want_len = strlen(want);
	const size_t have_len = strlen(have);
	size_t first = 0;
	size_t tail = 0;

	while (first < want_len && first < have_len && want[first] == have[first])
		first++;
	while (tail < want_len - first && tail < have_len - first &&
	       want[want_len - 1 - tail] == have[have_len - 1 - tail])
		tail++;
	buf_fill(why, ' ', indent + first);
	buf_fill(why, '^', have_len - tail > first ? have_len - tail - first : 1);
	buf_putc(why, '\n');
}

bool packet_matches(const struct drill *d, const struct script_event *ev, const struct sent *actual, struct buf *why)
{
	static const struct seg_origin relative = { 0, 0 };
	static const char label[] = "  expected  > ";
	const unsigned parts = SEG_TEXT_OPTS | (ev->packet.has_win ? SEG_TEXT_WIN : 0u);
	struct seg shown = actual->seg;
	struct buf want = BUF_INIT;
	char text[SEG_TEXT_MAX];

	if (same_packet(&ev->packet, actual))
		return true;
	if (ev->packet.kernel_order) {
		seg_text(text, &ev->packet.seg, relative, parts);
		buf_puts(&want, text);
	} else {
		put_as_written(&want, d, ev);
	}
	/* not compared, so not to be marked */
	if (shown.opts & ev->packet.seg.opts & SEG_OPT_TS)
		shown.tsval = ev->packet.seg.tsval;
	seg_text(text, &shown, relative, parts);
	buf_printf(why, "%s%s\n  actual    > %s\n", label, buf_str(&want), text);
	if (strcmp(buf_str(&want), text) != 0)
		put_marks(why, sizeof(label) - 1, buf_str(&want), text);
	else if (!(shown.flags & TCPHDR_ACK))
		buf_printf(why, "  The acknowledgement field must be 0 without the ACK flag, and is %u.\n", actual->raw_ack);
	buf_release(&want);
	return false;
}
