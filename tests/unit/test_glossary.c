/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The glossary's files: what is found under a name, and that the names of older write-ups are there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/utf8.h"
#include "engine/fs.h"
#include "engine/mib.h"
#include "lang/fields.h"
#include "lang/glossary.h"
#include "lang/language.h"
#include "lang/names.h"

static const char sample[] = "# Head\n\nWords before.\n\n## one, two\nFirst line\nsecond line.\n\nMore.\n## three\n## four\nlast";

static void finds(const char *text, const char *word, const char *expected)
{
	struct buf b = BUF_INIT;

	assert_true(glossary_find_in(text, word, &b));
	assert_string_equal(buf_str(&b), expected);
	buf_release(&b);
}

static void has_not(const char *text, const char *word)
{
	struct buf b = BUF_INIT;

	assert_false(glossary_find_in(text, word, &b));
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void t_headings_and_texts(void **state)
{
	(void)state;
	finds(sample, "one", "First line second line. More.");
	finds(sample, "two", "First line second line. More.");
	finds(sample, "three", "");
	finds(sample, "four", "last");
	has_not(sample, "Head");
	has_not(sample, "on");
	has_not(sample, "one,");
	has_not(sample, "five");
	has_not("", "one");
	has_not("##", "");
	has_not("## ", "one");
	finds("## a", "a", "");
	finds("## a\n发出\n了，\n`FIN`\n。", "a", "发出了，`FIN`。");
}

/* The names that older texts use, the wrong ones as well. */
static void t_names_of_older_texts(void **state)
{
	static const char *const names[] = {
		/* 2000, of a test series of 2.4 */
		"fin_seq", "tcp_v4_unhash", "sock_wmalloc", "tcp_rcvmsg", "tcp_tw_schedule", "tcp_tw_bucket",
		"tcp_time_state_process", "tcp_twcal_tick", "send_head",
		/* 2000, of 2.2 */
		"net_timer", "net_reset_timer", "net_delete_timer", "TIME_DESTROY", "TIME_DONE", "TIME_CLOSE", "destroy_sock",
		"tcp_reset_msl_timer", "openreq", "sys_wait_queue", "state_change", "tcp_slt_array", "tcp_slttimer_handler",
		"tcp_inc_slow_timer", "tcp_dec_slow_timer", "tcp_syn_recv_timer", "tcp_keep_alive", "TCP_SLT_SYNACK",
		"TCP_SLT_KEEPALIVE", "TCP_SLT_TWKILL", "2MSL", "EOF",
		/* 2014 and later */
		"sock_destroy_inode", "inet_twdr_twcal_tick", "inet_twdr_twkill_work", "tcp_death_row", "inet_twsk_purge",
		"inet_timewait_sock", "tcp_timewait_sock", "request_sock", "icsk_accept_queue", "tcp_prot", "inet_stream_ops",
		"socket_file_ops", "socket_alloc", "sk_wq", "tcp_sock", "tcp_hashinfo", "new_state", "adjudge_to_death",
		"do_time_wait", "delayed_fput", "sk_wmem_alloc", "tcp_prequeue", "TIMER_PINNED", "tcp_tw_isn",
	};
	struct buf text = BUF_INIT;

	(void)state;
	assert_int_equal(file_read("assets/glossary/write-ups.md", 1u << 20, &text, NULL), ST_OK);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct buf b = BUF_INIT;

		if (!glossary_find_in(buf_str(&text), names[i], &b) || b.len < 40)
			fail_msg("%s is not told about", names[i]);
		buf_release(&b);
	}
	buf_release(&text);
}

/* ---- the names of the program ---------------------------------------------------------------------------------- */

/* Calls `see` with each name that a part has to tell about. Verbs are not asked for here: tests/program does. */
static void names_of(enum glossary part, void (*see)(void *ctx, const char *name), void *ctx)
{
	for (u16 fn = 1; part == GLOSSARY_FUNCTIONS && fn < NR_FN; fn++)
		see(ctx, fn_info[fn].name);
	for (size_t i = 0; name_at(i); i++)
		if (part == (name_at(i)->class == NAME_STATE ? GLOSSARY_STATES :
			     name_at(i)->class == NAME_FLAG  ? GLOSSARY_FLAGS :
							       GLOSSARY_ERRNOS))
			see(ctx, name_at(i)->name);
	for (size_t i = 0; part == GLOSSARY_ERRNOS && signal_at(i); i++)
		see(ctx, signal_at(i)->name);
	for (size_t i = 0; part == GLOSSARY_FIELDS && field_at(i); i++)
		see(ctx, field_at(i)->name);
	for (size_t i = 0; part == GLOSSARY_WORDS && word_at(i); i++)
		see(ctx, word_at(i)->name);
	for (int i = 0; part == GLOSSARY_SYSCTLS && i < SYSCTL_MAX; i++)
		see(ctx, sysctl_info[i].name);
	for (int i = 0; part == GLOSSARY_OPTIONS && i < NR_OPT; i++) {
		see(ctx, sockopt_info[i].name);
		see(ctx, sockopt_info[i].kernel);
	}
	for (int i = 0; part == GLOSSARY_COUNTERS && i < MIB_MAX; i++)
		see(ctx, mib_info[i].name);
}

struct search {
	const char *name;
	enum glossary part;
	u32 missing;
	bool found;
};

static bool read_part(const char *language, const char *file, struct buf *text)
{
	struct buf path = BUF_INIT;
	bool there;

	buf_printf(&path, "assets/glossary/%s%s", language, file);
	there = file_read(buf_str(&path), 1u << 20, text, NULL) == ST_OK;
	buf_release(&path);
	return there;
}

static void must_have_text(void *ctx, const char *name)
{
	struct search *s = ctx;
	struct buf b = BUF_INIT;

	for (const char *const *f = glossary_files(s->part); *f && !b.len; f++) {
		struct buf text = BUF_INIT;

		if (read_part("", *f, &text))
			glossary_find_in(buf_str(&text), name, &b);
		buf_release(&text);
	}
	if (b.len < 60) {
		print_message("%s %s\n", name, b.len ? "has hardly a text" : "has no text");
		s->missing++;
	}
	buf_release(&b);
}

static void t_every_name_has_a_text(void **state)
{
	(void)state;
	for (int part = 0; part < GLOSSARY_COMMANDS; part++) {
		struct search s = { .part = (enum glossary)part };

		names_of(s.part, must_have_text, &s);
		assert_int_equal(s.missing, 0);
	}
}

static void compare(void *ctx, const char *name)
{
	struct search *s = ctx;

	s->found = s->found || strcmp(name, s->name) == 0;
}

/* Calls `see` with each name in the headings of a text. */
static void headings_of(const char *text, void (*see)(const char *name, void *ctx), void *ctx)
{
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		char line[200], *rest = line;
		const size_t n = strcspn(p, "\n");

		if (strncmp(p, "## ", 3) != 0)
			continue;
		assert_true(n - 3 < sizeof(line));
		memcpy(line, p + 3, n - 3);
		line[n - 3] = '\0';
		for (char *name = strtok_r(line, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest))
			see(name, ctx);
	}
}

static void must_be_known(const char *name, void *ctx)
{
	struct search s = { .name = name };

	names_of(*(enum glossary *)ctx, compare, &s);
	if (!s.found)
		fail_msg("the glossary tells about %s, which nothing here is called", name);
}

static void t_no_text_without_a_name(void **state)
{
	(void)state;
	for (int part = 0; part < GLOSSARY_COMMANDS; part++)
		for (const char *const *f = glossary_files((enum glossary)part); *f; f++) {
			enum glossary p = (enum glossary)part;
			struct buf text = BUF_INIT;

			assert_true(read_part("", *f, &text));
			headings_of(buf_str(&text), must_be_known, &p);
			buf_release(&text);
		}
}

/* ---- translations ------------------------------------------------------------------------------------------------ */

struct translation {
	const char *original, *text;
	u32 n;
};

static void must_be_translated(const char *name, void *ctx)
{
	struct translation *t = ctx;
	struct buf english = BUF_INIT, b = BUF_INIT;
	u32 c = 0;

	assert_true(glossary_find_in(t->original, name, &english));
	assert_true(glossary_find_in(t->text, name, &b));
	for (size_t at = 0; at < b.len && utf8_columns(c) != 2;)
		at += utf8_next(buf_str(&b) + at, b.len - at, &c);
	if (utf8_columns(c) != 2)
		fail_msg("%s is not translated", name);
	t->n++;
	buf_release(&b);
	buf_release(&english);
}

static void t_translations_are_of_what_is_there(void **state)
{
	(void)state;
	for (int k = 1; k < NR_LANGUAGES; k++) {
		struct buf folder = BUF_INIT;
		struct translation t = { .n = 0 };

		buf_printf(&folder, "%s/", languages[k]);
		for (int part = 0; part < NR_GLOSSARY; part++)
			for (const char *const *f = glossary_files((enum glossary)part); *f; f++) {
				struct buf original = BUF_INIT, text = BUF_INIT;

				if (read_part(buf_str(&folder), *f, &text)) {
					assert_true(read_part("", *f, &original));
					t.original = buf_str(&original);
					t.text = buf_str(&text);
					headings_of(t.text, must_be_translated, &t);
				}
				buf_release(&text);
				buf_release(&original);
			}
		assert_true(t.n > 50);
		buf_release(&folder);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(t_headings_and_texts),
		cmocka_unit_test(t_names_of_older_texts),
		cmocka_unit_test(t_every_name_has_a_text),
		cmocka_unit_test(t_no_text_without_a_name),
		cmocka_unit_test(t_translations_are_of_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
