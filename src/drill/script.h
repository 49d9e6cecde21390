/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a script looks like inside the player: lexer, names, and the events. */
#ifndef DRILL_SCRIPT_H
#define DRILL_SCRIPT_H

#include "drill/drill.h"
#include "engine/fs.h"
#include "wire/seg_text.h"

/* ---- tokens (lex.c) ------------------------------------------------------------------------------------------------ */

enum token_kind {
	TOK_END,
	TOK_INT,      /* value */
	TOK_FLOAT,
	TOK_WORD,
	TOK_ELLIPSIS, /* ... */
	TOK_SHELL,    /* what stands between backticks */
	TOK_CODE,     /* what stands between %{ and }% */
	TOK_STRING,
	TOK_CHAR,     /* any other: its first byte is the character */
};

struct token {
	enum token_kind kind;
	u32 line;
	u32 column;
	size_t start; /* in the script's text */
	size_t len;
	s64 value;    /* TOK_INT; held at S64's ends when it is larger */
};

struct lexer {
	const char *text;
	size_t len;
	size_t pos;
	u32 line;
	size_t line_start;
	struct token token; /* the one at hand */
	size_t behind;	    /* where the one before it ended */
	struct err *err;
	bool wrong;	    /* an unclosed block: no more tokens */
};

/* Reads the first token. */
void lex_start(struct lexer *lx, const char *text, size_t len, struct err *err);
/* Goes on to the next token. */
void lex_next(struct lexer *lx);
/* Goes on to the first token at or behind `pos`. */
void lex_jump(struct lexer *lx, size_t pos);
/* Goes behind the next `end` of the present line without looking at what stands before it. False when there is none. */
bool lex_skip_past(struct lexer *lx, char end);
/* Whether the word stands between the token at hand and the next `end`. */
bool lex_finds(const struct lexer *lx, const char *word, char end);
/* Whether the byte is what comes behind the token at hand, blanks apart. */
bool lex_follows(const struct lexer *lx, char c);
bool lex_is_char(const struct lexer *lx, char c);
bool lex_is_word(const struct lexer *lx, const char *word);
/* Takes the token when it is that. */
bool lex_take_char(struct lexer *lx, char c);
bool lex_take_word(struct lexer *lx, const char *word);
/* ST_WRONG with the place of the token at hand (or of byte `pos`). */
enum status lex_error(struct lexer *lx, const char *format, ...) __attribute__((format(printf, 2, 3)));
enum status lex_error_at(struct lexer *lx, size_t pos, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The token as a message may show it: cut when it is long. */
struct shown {
	char text[48];
};
struct shown lex_shown(const struct lexer *lx);

/* ---- names (names.c) ----------------------------------------------------------------------------------------------- */

enum name_class {
	NAME_NONE,
	NAME_INTEGER, /* not a name but a number */
	NAME_SOCK,
	NAME_PROTO,
	NAME_FAMILY,
	NAME_HOW,
	NAME_MSG,
	NAME_MSG_OUT, /* of what recvmsg() tells; value: the kernel's */
	NAME_FCNTL,
	NAME_FILE,
	NAME_SOCKFLAG, /* SOCK_NONBLOCK, SOCK_CLOEXEC */
	NAME_IOCTL,
	NAME_LEVEL,
	NAME_OPTION, /* value: enum opt */
	NAME_POLL,
	NAME_EPOLL,
	NAME_EPOLL_CTL,
	NAME_ERRNO,
	NAME_STATE,
	NAME_FOREIGN, /* known to packetdrill, not to this engine */
};

struct name {
	const char *name;
	s32 value;
	u32 class; /* enum name_class */
};

/* What recvmsg() tells in msg_flags, as the kernel has it. */
enum { MSG_CTRUNC_OUT = 8 };

enum { FCNTL_SETFL = 1, FCNTL_DUPFD = 2, FCNTL_GETFL = 3, FILE_RDWR = 2, FILE_NONBLOCK_FLAG = 04000 };

/* NULL when nobody knows it. */
const struct name *script_name(const char *text, size_t len);
/* "ECONNRESET"; "errno N" for one without a name here, in `spare`. */
const char *script_errno(s64 error, struct shown *spare);
/* "FIN_WAIT1" */
const char *script_state(u8 state);
/* "reno"; NULL behind the last one. */
const char *script_congestion(u8 ca);

/* ---- events --------------------------------------------------------------------------------------------------------- */

/* A look at the counters: what they gained since the last one. */
struct nstat {
	bool asked;
	bool updates; /* the next one counts from here */
	int mib;      /* the counter that must have gained something; -1: none */
	s64 count;    /* just so much; -1: any */
};

enum event_kind { EV_INJECT, EV_EXPECT, EV_CALL, EV_ASSERT, EV_SHELL };

/* One argument of a call, and what its text said. */
enum arg_kind { ARG_ANY, ARG_STRING, ARG_NULL, ARG_VALUE, ARG_BRACKETS, ARG_LINGER, ARG_POLL, ARG_EPOLLEV, ARG_IOV, ARG_MSG };

struct arg {
	enum arg_kind kind;
	enum name_class class; /* NAME_INTEGER for a number, 0 included */
	s64 value;	       /* flags joined; onoff; events; bytes of an iovec; how many are polled */
	s64 second;	       /* linger; an epoll event's data; numbers among flags */
	size_t pos;
	size_t text;	       /* ARG_STRING: where what stands between the quotes begins, */
	size_t len;	       /* and its length */
};

#define MAX_ARGS 6
#define MAX_SCRIPT_FD 1024

/* A descriptor that poll() looks at, with what it shall find; the event of an epoll call. */
struct polled {
	s16 fd;	     /* of the script */
	u16 pad_;
	u32 events;
	u32 revents;
	u32 pad1_;
	u64 data;
};

/* A call, ready for the engine. */
struct call {
	const char *name;
	size_t start;	   /* of its text, without the result */
	size_t len;
	u8 nr;		   /* enum sysnr */
	u8 gives_fd;	   /* a result that is not negative names a new descriptor */
	u8 has_value;	   /* getsockopt, ioctl: `value` must come out */
	u8 has_linger;	   /* and `linger` with it */
	u8 too_short;	   /* the value has fewer bytes than the option takes: EINVAL */
	u8 reads_nothing;  /* read() of no bytes: 0, whatever became of the socket */
	s32 linger;
	u8 is_dup;
	u8 asks_flags;	   /* fcntl(F_GETFL): answered from the world, without a call */
	u8 nonblock;	   /* the new descriptor is set so */
	s16 fd;		   /* of the script; -1 for socket() */
	s16 errno_wanted;  /* 0: none was named */
	u32 a;
	u32 b;
	u64 t;
	s64 result;
	s64 value;	   /* SO_ERROR and other options */
	u8 is_recvmsg;	   /* has msg_flags that must come out, */
	u8 has_inq;	   /* and perhaps TCP_CM_INQ */
	u8 n_polled;
	u8 is_epoll;	   /* the new descriptor is one of epoll */
	s64 msg_flags;
	s64 inq;
	struct polled polled[MAX_POLLFD];
};

struct script_event {
	enum event_kind kind;
	u32 line;
	u32 column;
	size_t start; /* of its text behind the time */
	size_t len;
	bool absolute;
	bool any_time;	/* `*` */
	bool blocking;	/* +T...E */
	u64 at;		/* µs after the event before, or since the start */
	u64 until;	/* EV_EXPECT: the end of a range; blocking calls: when it returns, from the same origin as `at` */
	struct seg_scan packet; /* numbers as written */
	struct call call;
	size_t code;	/* EV_ASSERT: where what stands between the marks begins, */
	size_t code_len;/* and its length */
	size_t sysctl;	/* EV_SHELL: the first of its settings, */
	size_t sysctls; /* and how many */
	struct nstat nstat; /* EV_SHELL: asked in it */
	u8 device;	    /* EV_SHELL: enum device_order */
};

struct sysctl_line {
	u32 line;
	u32 id; /* enum sysctl_id */
	s32 value;
};

/* What a script does to the queue of the device. */
enum device_order { DEVICE_AS_IS, DEVICE_OPENS, DEVICE_SHUTS };

struct drill {
	char *file;
	char *text;
	size_t len;
	struct script_event *ev;
	size_t n;
	size_t capacity;
	struct sysctl_line *sysctl;
	size_t sysctl_n;
	size_t sysctl_capacity;
	size_t first_sysctls; /* those that count before the first event */
	const struct drill_files *files; /* the caller's, while the script is read */
	struct buf notices;
	u16 mss; /* injected packets that are larger are trains of segments of that size; 0: none are */
	bool segments; /* the device cuts nothing: each segment is a packet */
	u32 tolerance; /* µs, as the script itself wants it; 0: it does not say */
	u32 percent;   /* of the time since the event before, when that is more */
	u32 ts_tick;   /* µs that the script's timestamps count; 0: what they are is not looked at */
	bool ecr_scaled; /* an echo may lie between the timestamps that were sent */
	bool strict_segments; /* what is expected is one packet, not several */
	u32 skip_line; /* 0: nothing that would have to be skipped */
	char skip[200];
	struct nstat nstat; /* while a shell block is read, */
	u8 device;	    /* likewise */
};

/* Notes why the script cannot be played here; the first reason is kept. */
void drill_skip(struct drill *d, u32 line, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* parse_shell.c: the text between the backticks, which begins at text[start]; only sysctl settings are taken from it. */
enum status parse_shell(struct drill *d, struct lexer *lx, size_t start, size_t len);
/* parse_call.c: from the call's name on. `known` says which descriptors the script has by now, and is kept up to date. */
enum status parse_call(struct drill *d, struct lexer *lx, struct call *call, u8 known[MAX_SCRIPT_FD]);

/* ---- comparing (compare.c) ------------------------------------------------------------------------------------------ */

/* A packet that host A sent, as a script sees it: numbers relative, several wire segments put together. */
struct sent {
	struct seg seg; /* relative */
	u32 raw_ack;
	u64 at;
};

/*
 * True when the packet is what the script wants. Else appends the reason to `why`: expected and actual one under the other,
 * with the difference marked.
 */
bool packet_matches(const struct drill *d, const struct script_event *ev, const struct sent *actual, struct buf *why);

#endif
