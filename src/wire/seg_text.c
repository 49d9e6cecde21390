/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wire/seg_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const struct {
	char letter;
	u8 flag;
} flag_letters[] = {
	{ 'F', TCPHDR_FIN }, { 'S', TCPHDR_SYN }, { 'R', TCPHDR_RST }, { 'P', TCPHDR_PSH },
	{ '.', TCPHDR_ACK }, { 'U', TCPHDR_URG }, { 'E', TCPHDR_ECE }, { 'W', TCPHDR_CWR },
};

/* ICMP type 3; the place in the table is the code. */
static const char *const unreachable_codes[] = {
	"net_unreachable", "host_unreachable", "protocol_unreachable", "port_unreachable", "frag_needed",
	"source_route_failed", "net_unknown", "host_unknown", "source_host_isolated", "net_prohibited", "host_prohibited",
	"net_unreachable_for_tos", "host_unreachable_for_tos", "packet_filtered", "precedence_violation", "precedence_cutoff",
};
enum { ICMP_DEST_UNREACH_ = 3, ICMP_SOURCE_QUENCH_ = 4, ICMP_FRAG_NEEDED_ = 4, ICMP_TIME_EXCEEDED_ = 11, ICMP_PARAMETERPROB_ = 12 };

/* Other types of errors, which have no codes here. */
static const struct {
	u8 type;
	const char *name;
} icmp_types[] = {
	{ ICMP_SOURCE_QUENCH_, "source_quench" },
	{ ICMP_TIME_EXCEEDED_, "time_exceeded" },
	{ ICMP_PARAMETERPROB_, "parameter_problem" },
};

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static void shift(struct seg *g, u32 seq, u32 ack)
{
	g->seq += seq;
	if (g->flags & TCPHDR_ACK)
		g->ack += ack;
	for (u8 i = 0; i < g->nsack && i < SEG_MAX_SACK; i++) {
		g->sack[i][0] += ack;
		g->sack[i][1] += ack;
	}
}

void seg_to_raw(struct seg *g, struct seg_origin from)
{
	if (g->proto != SEG_UDP)
		shift(g, from.seq, from.ack);
}

void seg_to_relative(struct seg *g, struct seg_origin from)
{
	if (g->proto != SEG_UDP)
		shift(g, 0u - from.seq, 0u - from.ack);
}

/* ---- options ------------------------------------------------------------------------------------------------------- */

/*
 * The kernel's order, one letter an option: m mss, n nop, k sackOK, t TS, w wscale, s sack. SACK-permitted takes the place
 * of the two NOPs before a timestamp when there is one. Everything comes out as a multiple of four bytes.
 */
#define OPT_ORDER_MAX 24

static void kernel_order(char order[OPT_ORDER_MAX], const struct seg *g)
{
	const bool ts = g->opts & SEG_OPT_TS;
	const bool sack_ok = g->opts & SEG_OPT_SACKOK;

	snprintf(order, OPT_ORDER_MAX, "%s%s%s%s%s", g->mss ? "m" : "", ts ? (sack_ok ? "kt" : "nnt") : "",
		 sack_ok && !ts ? "nnk" : "", g->opts & SEG_OPT_WSCALE ? "nw" : "", g->nsack ? "nns" : "");
}

static u32 order_len(const char *order, u8 nsack)
{
	u32 n = 0;

	for (; *order; order++) {
		switch (*order) {
		case 'm':
			n += 4;
			break;
		case 'k':
			n += 2;
			break;
		case 't':
			n += 10;
			break;
		case 'w':
			n += 3;
			break;
		case 's':
			n += 2 + 8u * nsack;
			break;
		default:
			n += 1;
			break;
		}
	}
	return n;
}

u32 seg_options_len(const struct seg *g)
{
	char order[OPT_ORDER_MAX];

	kernel_order(order, g);
	return (order_len(order, g->nsack) + 3u) & ~3u;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

struct out {
	char *text;
	size_t len;
};

__attribute__((format(printf, 2, 3))) static void put(struct out *o, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(o->text + o->len, SEG_TEXT_MAX - o->len, format, ap);
	va_end(ap);
	if (n > 0)
		o->len += (size_t)n < SEG_TEXT_MAX - o->len ? (size_t)n : SEG_TEXT_MAX - 1 - o->len;
}

static void put_option(struct out *o, char kind, const struct seg *g)
{
	switch (kind) {
	case 'm':
		put(o, "mss %u", g->mss);
		break;
	case 'k':
		put(o, "sackOK");
		break;
	case 't':
		put(o, "TS val %u ecr %u", g->tsval, g->tsecr);
		break;
	case 'w':
		put(o, "wscale %u", g->wscale);
		break;
	case 's':
		put(o, "sack");
		for (u8 i = 0; i < g->nsack && i < SEG_MAX_SACK; i++)
			put(o, " %u:%u", g->sack[i][0], g->sack[i][1]);
		break;
	default:
		put(o, "nop");
		break;
	}
}

static void put_icmp(struct out *o, const struct seg *g)
{
	size_t i = 0;

	while (i < ARRAY_LEN(icmp_types) && icmp_types[i].type != g->icmp_type)
		i++;
	if (i < ARRAY_LEN(icmp_types) && !g->icmp_code)
		put(o, "icmp %s", icmp_types[i].name);
	else if (g->icmp_type == ICMP_DEST_UNREACH_ && g->icmp_code < ARRAY_LEN(unreachable_codes))
		put(o, "icmp unreachable %s", unreachable_codes[g->icmp_code]);
	else
		put(o, "icmp type %u code %u", g->icmp_type, g->icmp_code);
	if (g->icmp_type == ICMP_DEST_UNREACH_ && g->icmp_code == ICMP_FRAG_NEEDED_)
		put(o, " mtu %u", g->len);
	if (g->opts != SEG_UDP)
		put(o, " [%u:%u(0)]", g->seq, g->seq);
}

static void put_tcp(struct out *o, const struct seg *g, unsigned parts)
{
	char order[OPT_ORDER_MAX];

	for (size_t i = 0; i < ARRAY_LEN(flag_letters); i++)
		if (g->flags & flag_letters[i].flag)
			put(o, "%c", flag_letters[i].letter);
	if (!g->flags)
		put(o, "-");
	put(o, " %u:%u(%u)", g->seq, g->seq + g->len, g->len);
	if (g->flags & TCPHDR_ACK)
		put(o, " ack %u", g->ack);
	if (parts & SEG_TEXT_WIN)
		put(o, " win %u", g->win);
	kernel_order(order, g);
	if (!(parts & SEG_TEXT_OPTS) || !order[0])
		return;
	for (const char *kind = order; *kind; kind++) {
		put(o, kind == order ? " <" : ",");
		put_option(o, *kind, g);
	}
	put(o, ">");
}

size_t seg_text(char out[SEG_TEXT_MAX], const struct seg *g, struct seg_origin from, unsigned parts)
{
	struct out o = { .text = out };
	struct seg relative = *g;

	out[0] = '\0';
	seg_to_relative(&relative, from);
	if (g->proto == SEG_ICMP)
		put_icmp(&o, &relative);
	else if (g->proto == SEG_UDP)
		put(&o, "udp (%u)", g->len);
	else
		put_tcp(&o, &relative, parts);
	return o.len;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

struct reader {
	const char *text;
	size_t len;
	size_t pos;   /* of the next byte */
	size_t token; /* where the token that was looked at last begins */
	size_t end;   /* behind the one that was taken last */
	struct err *err;
	u32 max_payload;
	const char *foreign;
	size_t no_ack; /* where an ACK number could stand */
	size_t twice;  /* behind where an option that was there already begins; 0: none was */
	u32 opt_bytes;
	bool any_opts;
	char order[OPT_ORDER_MAX]; /* kinds of the options so far */
};

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The last byte of the comment whose text begins at `pos`; that of all when it is not closed. */
static size_t comment_end(const char *text, size_t len, size_t pos)
{
	while (pos + 1 < len && (text[pos] != '*' || text[pos + 1] != '/'))
		pos++;
	return pos + 1 < len ? pos + 1 : len - 1;
}

static void skip_space(struct reader *r)
{
	for (; r->pos < r->len; r->pos++) {
		char c = r->text[r->pos];

		if (c == '/' && r->pos + 1 < r->len && r->text[r->pos + 1] == '/') {
			while (r->pos + 1 < r->len && r->text[r->pos + 1] != '\n')
				r->pos++;
			continue;
		}
		if (c == '/' && r->pos + 1 < r->len && r->text[r->pos + 1] == '*') {
			r->pos = comment_end(r->text, r->len, r->pos + 2);
			continue;
		}
		if (c != ' ' && c != '\t' && c != '\n' && c != '\r')
			break;
	}
	r->token = r->pos;
}

/* The mistake is at the token that was looked at last. */
#define WRONG(r, ...) ((r)->pos = (r)->token, err_set((r)->err, ST_WRONG, __VA_ARGS__))

static char peek(struct reader *r)
{
	skip_space(r);
	return r->pos < r->len ? r->text[r->pos] : '\0';
}

static bool take_char(struct reader *r, char c)
{
	if (peek(r) != c || r->pos >= r->len)
		return false;
	r->end = ++r->pos;
	return true;
}

static size_t word_len(struct reader *r)
{
	size_t n = 0;

	skip_space(r);
	while (r->pos + n < r->len && is_word_char(r->text[r->pos + n]))
		n++;
	return n;
}

static bool take_word(struct reader *r, const char *word)
{
	size_t n = word_len(r);

	if (n != strlen(word) || memcmp(r->text + r->pos, word, n) != 0)
		return false;
	r->pos += n;
	r->end = r->pos;
	return true;
}

static enum status expect_char(struct reader *r, char c, const char *where)
{
	return take_char(r, c) ? ST_OK : WRONG(r, "`%c` is missing %s", c, where);
}

static enum status take_number(struct reader *r, u32 min, u32 max, const char *what, u32 *out)
{
	size_t n = word_len(r);
	u64 value = 0;

	if (n == 0 || !is_digit(r->text[r->pos]))
		return WRONG(r, "%s is missing here: a number from %u to %u", what, min, max);
	for (size_t i = 0; i < n; i++) {
		char c = r->text[r->pos + i];

		if (!is_digit(c))
			return WRONG(r, "`%.*s` is no number", (int)(n < 40 ? n : 40), r->text + r->pos);
		value = value * 10 + (u64)(c - '0');
		if (value > UINT32_MAX)
			break;
	}
	if (value < min || value > max)
		return WRONG(r, "%s must be from %u to %u", what, min, max);
	r->pos += n;
	r->end = r->pos;
	*out = (u32)value;
	return ST_OK;
}

/* first:end(length) */
static enum status read_range(struct reader *r, struct seg *g, u32 max_payload)
{
	u32 end = 0;
	size_t end_token;
	enum status st;

	st = take_number(r, 0, UINT32_MAX, "the first sequence number", &g->seq);
	if (!st)
		st = expect_char(r, ':', "after the first sequence number, as in 1:101(100)");
	if (!st)
		st = take_number(r, 0, UINT32_MAX, "the sequence number after the last byte", &end);
	end_token = r->token;
	if (!st)
		st = expect_char(r, '(', "before the length, as in 1:101(100)");
	if (!st)
		st = take_number(r, 0, max_payload, "the length", &g->len);
	if (!st)
		st = expect_char(r, ')', "after the length");
	if (st)
		return st;
	if (end != g->seq + g->len) {
		r->token = end_token;
		return WRONG(r, "%u bytes from %u on end at %u, not at %u (SYN and FIN are not counted)", g->len, g->seq,
			     g->seq + g->len, end);
	}
	return ST_OK;
}

static enum status read_sack(struct reader *r, struct seg *g)
{
	enum status st;

	do {
		u32 *block;

		if (g->nsack == SEG_MAX_SACK)
			return WRONG(r, "a SACK option has room for %d blocks", SEG_MAX_SACK);
		block = g->sack[g->nsack];
		st = take_number(r, 0, UINT32_MAX, "the first number of a SACK block", &block[0]);
		if (!st)
			st = expect_char(r, ':', "inside a SACK block, as in 1001:2001");
		if (!st)
			st = take_number(r, 0, UINT32_MAX, "the number after a SACK block", &block[1]);
		if (st)
			return st;
		g->nsack++;
	} while (is_digit(peek(r)));
	return ST_OK;
}

static enum status read_timestamp(struct reader *r, struct seg *g)
{
	enum status st;

	if (!take_word(r, "val"))
		return WRONG(r, "a timestamp is written `TS val 1 ecr 2`");
	st = take_number(r, 0, UINT32_MAX, "the timestamp's value", &g->tsval);
	if (st)
		return st;
	if (!take_word(r, "ecr"))
		return WRONG(r, "`ecr` is missing: a timestamp is written `TS val 1 ecr 2`");
	g->opts |= SEG_OPT_TS;
	return take_number(r, 0, UINT32_MAX, "the timestamp's echo", &g->tsecr);
}

/* Options of extensions that no segment here can carry: past whatever belongs to them. */
static enum status read_foreign_option(struct reader *r, char *kind)
{
	static const char *const names[] = { "FO", "FOEXP", "FOEXP_EXP", "md5", "ECN", "exp", "mp_capable", "mpcapable", "AO", "ao" };
	size_t i = 0;

	while (i < ARRAY_LEN(names) && !take_word(r, names[i]))
		i++;
	if (i == ARRAY_LEN(names))
		return WRONG(r, "no such option: there are mss, nop, eol, sackOK, wscale, TS and sack");
	if (!r->foreign)
		r->foreign = names[i];
	*kind = 'n';
	while (r->pos < r->len && r->text[r->pos] != ',' && r->text[r->pos] != '>' && r->text[r->pos] != '\n')
		r->pos++;
	r->end = r->pos;
	return ST_OK;
}

static enum status read_option(struct reader *r, struct seg *g, char *kind)
{
	enum status st = ST_OK;
	u32 n = 0;

	if (take_word(r, "nop")) {
		*kind = 'n';
	} else if (take_word(r, "mss")) {
		*kind = 'm';
		st = take_number(r, 1, UINT16_MAX, "the MSS", &n);
		g->mss = (u16)n;
	} else if (take_word(r, "sackOK")) {
		*kind = 'k';
		g->opts |= SEG_OPT_SACKOK;
	} else if (take_word(r, "wscale")) {
		*kind = 'w';
		st = take_number(r, 0, UINT8_MAX, "the window scale", &n);
		g->wscale = (u8)n;
		g->opts |= SEG_OPT_WSCALE;
	} else if (take_word(r, "TS")) {
		*kind = 't';
		st = read_timestamp(r, g);
	} else if (take_word(r, "sack")) {
		*kind = 's';
		g->nsack = 0;
		st = read_sack(r, g);
	} else if (take_word(r, "eol")) {
		*kind = 'e';
	} else {
		return read_foreign_option(r, kind);
	}
	return st;
}

static enum status read_options(struct reader *r, struct seg *g)
{
	size_t n = 0;
	u32 bytes = 0;

	if (peek(r) == '.') {
		if (r->len - r->pos < 3 || memcmp(r->text + r->pos, "...", 3) != 0)
			return WRONG(r, "`...` is three dots");
		r->any_opts = true;
		r->pos += 3;
		return expect_char(r, '>', "after `...`");
	}
	do {
		size_t start;
		char kind = 'n';
		enum status st;

		skip_space(r);
		start = r->token;
		st = read_option(r, g, &kind);
		if (st)
			return st;
		r->token = start;
		if (kind != 'n' && memchr(r->order, kind, n) && !r->twice)
			r->twice = start + 1;
		bytes += order_len((const char[]){ kind, '\0' }, g->nsack);
		if (bytes > 40)
			return WRONG(r, "options may take 40 bytes, and these take %u", bytes);
		/* more kinds than the kernel ever writes: the rest need not be kept to know that the order is another */
		if (n < OPT_ORDER_MAX - 1)
			r->order[n++] = kind;
	} while (take_char(r, ','));
	r->order[n] = '\0';
	r->opt_bytes = bytes;
	return expect_char(r, '>', "after the last option");
}

static enum status read_flags(struct reader *r, struct seg *g)
{
	bool any = false;
	char c;

	if (take_char(r, '-'))
		return ST_OK;
	for (; r->pos < r->len; r->pos++, any = true) {
		u8 flag = 0;

		c = r->text[r->pos];
		if (c != '.' && !is_word_char(c))
			break;
		for (size_t i = 0; i < ARRAY_LEN(flag_letters); i++)
			if (flag_letters[i].letter == c)
				flag = flag_letters[i].flag;
		r->token = r->pos;
		if (c == 'A' || (any && c >= '0' && c <= '7')) { /* accurate ECN: AE, and its three bits as a number */
			r->foreign = r->foreign ? r->foreign : "ECN";
			continue;
		}
		if (!flag)
			return WRONG(r, "`%c` is no flag: there are F S R P U E W, and `.` for ACK", c);
		if (g->flags & flag)
			return WRONG(r, "the flag `%c` is there twice", c);
		g->flags |= flag;
	}
	r->end = r->pos;
	/* letters and dot are two tokens */
	if (any && !(g->flags & TCPHDR_ACK) && take_char(r, '.'))
		g->flags |= TCPHDR_ACK;
	return any ? ST_OK : WRONG(r, "a segment begins with its flags, as in `F. 1:1(0) ack 1`");
}

static enum status read_tcp(struct reader *r, struct seg_scan *out)
{
	struct seg *g = &out->seg;
	const bool wants_ack = g->flags & TCPHDR_ACK;
	enum status st;
	u32 win = 0;

	st = read_range(r, g, r->max_payload);
	if (st)
		return st;
	if (take_word(r, "ack")) {
		if (!wants_ack)
			return WRONG(r, "`ack` needs the ACK flag, which is written as a dot: `F.`");
		st = take_number(r, 0, UINT32_MAX, "the acknowledgement number", &g->ack);
	} else if (wants_ack) {
		out->no_ack = true;
		r->no_ack = r->end;
	}
	if (st)
		return st;
	if (take_word(r, "win")) {
		st = take_number(r, 0, UINT16_MAX, "the window", &win);
		g->win = (u16)win;
		out->has_win = true;
	}
	if (!st && take_word(r, "urg")) {
		st = take_number(r, 0, UINT16_MAX, "the urgent pointer", &win);
		r->foreign = r->foreign ? r->foreign : "urgent pointer";
	}
	if (!st && take_char(r, '<'))
		st = read_options(r, g);
	return st;
}

static enum status read_udp(struct reader *r, struct seg *g)
{
	enum status st = expect_char(r, '(', "before the datagram's length, as in `udp (100)`");

	g->proto = SEG_UDP;
	if (!st)
		st = take_number(r, 0, r->max_payload, "the datagram's length", &g->len);
	if (!st)
		st = expect_char(r, ')', "after the datagram's length");
	return st;
}

/* A word comes that is neither a number nor `mtu`. */
static bool next_is_name(struct reader *r)
{
	size_t n = word_len(r);

	return n && !is_digit(r->text[r->pos]) && (n != 3 || memcmp(r->text + r->pos, "mtu", 3) != 0);
}

/* `unreachable` and its code, 0 where there is no word for it, or another type; further words are packetdrill's, and of no use here. */
static enum status read_icmp_kind(struct reader *r, u8 *type, u8 *code)
{
	static const char *const kinds[] = { "packet_too_big", "echo_reply", "redirect", "echo_request" };
	size_t i = 0, other = 0;

	while (i < ARRAY_LEN(icmp_types) && !take_word(r, icmp_types[i].name))
		i++;
	if (i < ARRAY_LEN(icmp_types)) {
		*type = icmp_types[i].type;
		return ST_OK;
	}
	while (other < ARRAY_LEN(kinds) && !take_word(r, kinds[other]))
		other++;
	if (other < ARRAY_LEN(kinds) && !r->foreign)
		r->foreign = other ? "ICMP message that is no error" : "IPv6, which `packet_too_big` belongs to";
	if (other == ARRAY_LEN(kinds) && !take_word(r, "unreachable"))
		return WRONG(r, "ICMP messages are `icmp unreachable`, `time_exceeded`, `parameter_problem` or `source_quench`");
	while (*code < ARRAY_LEN(unreachable_codes) && !take_word(r, unreachable_codes[*code]))
		++*code;
	if (*code < ARRAY_LEN(unreachable_codes))
		return ST_OK;
	*code = 0;
	/* what a template leaves open is written in capitals: CODE */
	if (take_word(r, "CODE") && !r->foreign)
		r->foreign = "ICMP code `CODE`: packetdrill's option --define puts one in its place";
	else if (next_is_name(r))
		return WRONG(r, "what is unreachable? One of net_, host_, protocol_ or port_unreachable, or frag_needed");
	return ST_OK;
}

static enum status read_icmp(struct reader *r, struct seg *g)
{
	struct seg quoted = { 0 };
	u8 type = ICMP_DEST_UNREACH_, code = 0;
	enum status st;
	u32 mtu = 0;

	st = read_icmp_kind(r, &type, &code);
	if (!st && take_word(r, "mtu"))
		st = take_number(r, 68, UINT16_MAX, "the MTU", &mtu);
	else if (!st && type == ICMP_DEST_UNREACH_ && code == ICMP_FRAG_NEEDED_)
		return WRONG(r, "frag_needed tells the next hop's MTU, as in `frag_needed mtu 1400`");
	/* without numbers it quotes what was sent first */
	if (!st && take_char(r, '[')) {
		st = read_range(r, &quoted, r->max_payload);
		if (!st)
			st = expect_char(r, ']', "after the quoted segment");
	}
	*g = (struct seg){ .proto = SEG_ICMP, .icmp_type = type, .icmp_code = code, .opts = SEG_TCP,
			   .seq = quoted.seq, .len = mtu };
	return st;
}

enum status seg_scan(struct seg_scan *out, const char *text, size_t len, size_t *pos, u32 max_payload, struct err *err)
{
	struct reader r = { .text = text, .len = len, .pos = *pos, .err = err, .max_payload = max_payload };
	char order[OPT_ORDER_MAX];
	enum status st;

	*out = (struct seg_scan){ .seg.proto = SEG_TCP };
	if (take_word(&r, "icmp")) {
		st = read_icmp(&r, &out->seg);
	} else if (take_word(&r, "udp")) {
		st = read_udp(&r, &out->seg);
	} else {
		st = read_flags(&r, &out->seg);
		if (!st)
			st = read_tcp(&r, out);
	}
	kernel_order(order, &out->seg);
	out->kernel_order = strcmp(order, r.order) == 0;
	out->any_opts = r.any_opts;
	out->opt_bytes = r.opt_bytes;
	out->twice = r.twice != 0;
	out->twice_at = r.twice ? r.twice - 1 : 0;
	out->no_ack_at = r.no_ack;
	out->foreign = r.foreign;
	*pos = st ? r.pos : r.end;
	return st;
}

enum status seg_parse(struct seg *g, const char *text, struct seg_origin from, bool *has_win, struct err *err)
{
	const size_t len = strlen(text);
	struct seg_scan scan;
	size_t pos = 0;
	enum status st = seg_scan(&scan, text, len, &pos, SEG_MAX_PAYLOAD, err);

	if (!st) {
		struct reader r = { .text = text, .len = len, .pos = pos };

		skip_space(&r);
		pos = r.pos;
		if (pos < len)
			st = err_set(err, ST_WRONG, "the segment ends before this");
	}
	if (!st && scan.no_ack) {
		pos = scan.no_ack_at;
		st = err_set(err, ST_WRONG, "a segment with the ACK flag needs `ack` and a number here");
	}
	if (!st && scan.twice) {
		pos = scan.twice_at;
		st = err_set(err, ST_WRONG, "this option was there already");
	}
	if (!st && (scan.any_opts || scan.foreign)) {
		pos = 0;
		st = err_set(err, ST_WRONG, scan.foreign ? "a segment here has no %s" : "which options? `<...>` is for packets that a script expects",
			     scan.foreign);
	}
	if (st) {
		err_place(err, NULL, 1, (u32)pos + 1);
		return st;
	}
	*g = scan.seg;
	seg_to_raw(g, from);
	if (has_win)
		*has_win = scan.has_win;
	return ST_OK;
}
