/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * System calls (syscall.c; socket.c: net/socket.c), descriptors and files (file.c: fs/open.c, file.c, file_table.c),
 * processes and signals (exit.c: kernel/exit.c, fork.c, signal.c), as far as a socket meets them.
 */
#ifndef ENGINE_FS_H
#define ENGINE_FS_H

#include "engine/sim.h"

/* Calls, in struct action: nr. What a, b and t mean stands beside each. */
enum sysnr {
	SYS_none_,
	SYS_socket,	/* a = SEG_TCP or SEG_UDP */
	SYS_bind,	/* a = port, b = host + 1 (0: any address) */
	SYS_listen,	/* a = backlog */
	SYS_connect,	/* a = port, b = host + 1; b = 0: AF_UNSPEC */
	SYS_accept,
	SYS_send,	/* a = bytes, b = MSG_* bits, t = 1: the buffer is no memory of the process */
	SYS_recv,	/* a = bytes at most, b and t likewise; with TCP_INQ what is left to read is in arg[2] afterwards */
	SYS_shutdown,	/* a = 0 rd, 1 wr, 2 rdwr */
	SYS_close,
	SYS_dup,
	SYS_fork,
	SYS_exit_group,
	SYS_fcntl,	/* a = 1 sets, 0 clears O_NONBLOCK */
	SYS_setsockopt, /* a = enum opt, b = value (s32), t = second value (SO_LINGER: b = l_onoff, t = l_linger, s) */
	SYS_getsockopt, /* a = enum opt; the value is in arg[1] and arg[2] when it returns */
	SYS_poll,	/* one look at fd: the bits; with a payload as poll(), b = timeout, ms: how many have any; t->pollfd tells */
	SYS_epoll_create, /* a = size, of which nothing follows */
	SYS_epoll_ctl,	/* a = EPOLL_CTL_*; payload: one struct pollfd_arg */
	SYS_epoll_wait, /* a = how many events at most, b = timeout, ms; the first is in t->event when it returns */
	SYS_ioctl,	/* a = 0 SIOCINQ, 1 SIOCOUTQ; the value is in arg[1] when it returns */
	NR_SYS,
};

/* signal numbers; all but KILL have a handler that does nothing */
enum { SIGKILL_ = 9, SIGPIPE_ = 13 };

enum { MSG_PEEK_ = 1, MSG_DONTWAIT_ = 2, MSG_NOSIGNAL_ = 4, MSG_MORE_ = 8, MSG_OOB_ = 16, MSG_WAITALL_ = 32, MSG_EOR_ = 64,
       MSG_TRUNC_ = 128 };

enum { POLLIN_ = 0x001, POLLPRI_ = 0x002, POLLOUT_ = 0x004, POLLERR_ = 0x008, POLLHUP_ = 0x010, POLLNVAL_ = 0x020,
       POLLRDNORM_ = 0x040, POLLRDBAND_ = 0x080, POLLWRNORM_ = 0x100, POLLWRBAND_ = 0x200, POLLRDHUP_ = 0x2000 };

/* Of an epoll event beside the bits of poll(). kernel: include/uapi/linux/eventpoll.h */
#define EPOLLONESHOT_ (1u << 30)
#define EPOLLET_ (1u << 31)
enum { EPOLL_CTL_ADD_ = 1, EPOLL_CTL_DEL_ = 2, EPOLL_CTL_MOD_ = 3 };

/* Payload of SYS_poll: what is looked at, one each; of SYS_epoll_ctl: the descriptor that is meant, and the event. */
struct pollfd_arg {
	u64 data; /* epoll_ctl() */
	u32 events;
	s16 fd;
	u16 pad_;
};

enum opt_level { OPT_SOL_SOCKET, OPT_SOL_TCP, OPT_SOL_IP };

enum opt {
#define SOCKOPT(id, name, level, kind, text) OPT_##id,
#include "engine/sockopts.def"
#undef SOCKOPT
	NR_OPT
};

/* What a value looks like: for the language. */
enum opt_kind { KIND_SWITCH, KIND_INT, KIND_BYTES, KIND_SEC, KIND_MSEC, KIND_USEC, KIND_LINGER, KIND_CA, KIND_ERRNO, KIND_INFO };

struct sockopt_info {
	const char *name;   /* "linger2" as in the language */
	const char *kernel; /* "TCP_LINGER2" */
	const char *text;
	u8 level; /* enum opt_level */
	u8 kind;  /* enum opt_kind */
	u8 pad_[6];
};
extern const struct sockopt_info sockopt_info[NR_OPT];
int sockopt_find(const char *name); /* by either name; -1 when there is none */

/* ---- processes and threads ------------------------------------------------------------------------------------- */

/* A new process with an empty descriptor table. */
struct proc *proc_create(struct sim *s, u8 host);
struct proc *proc_by_pid(struct sim *s, u8 host, u16 pid); /* pid 0: the first that lives */
/*
 * The lowest descriptor, in the first process by pid, that refers to the host's main socket. `proc` gets the process.
 * -1 when there is none.
 */
s16 main_fd(struct sim *s, u8 host, struct proc **proc);
/* The same in one process. */
s16 proc_main_fd(struct sim *s, struct proc *p);

/* Begins a system call: makes its task, runs it until it returns or sleeps. The payload is that of poll() and epoll_ctl(). */
enum status syscall_run(struct sim *s, const struct action *a, const void *payload, size_t len, struct err *err);
/* Runs every woken call to its end or its next sleep. */
void tasks_run_woken(struct sim *s);
/*
 * Makes the task of a call by process `p`: the running one until task_end(). What it was before is kept in `outer`.
 */
struct outer_call {
	hnd current;
	u16 resuming;
	u8 exiting;
	u8 pad_[3];
};
struct task *task_begin(struct sim *s, struct proc *p, u8 nr, struct outer_call *outer);
void task_end(struct sim *s, struct task *t, const struct outer_call *outer);
/* A sleep's time is up. */
void task_timed_out(struct sim *s, struct task *t);
/* exit_group() and signals (kernel/exit.c, kernel/signal.c). */
enum status process_exit(struct sim *s, struct proc *p);
enum status process_kill(struct sim *s, struct proc *p, u8 signal);

static inline struct task *current_task(struct sim *s)
{
	return s->current ? task_at(s, s->current) : NULL;
}

/* ---- files (fs/file_table.c, fs/open.c) ------------------------------------------------------------------------- */

struct file *fget(struct sim *s, struct proc *p, s16 fd); /* NULL: EBADF. Takes no reference. */
/* The file that a call works on: by descriptor, once it has slept by the reference it took. NULL: EBADF. */
struct file *fdget(struct sim *s, struct task *t);
s16 get_unused_fd(struct sim *s, const struct proc *p); /* lowest free descriptor (3 on), -EMFILE */
s16 fd_install_new(struct sim *s, struct proc *p, struct file *file); /* the same, and puts the file there */
/* Drops a reference. True: it was the last; ____fput() is due as task work, before the call returns. */
bool fput(struct sim *s, struct file *file);
/* kernel: filp_close(), fs/open.c, of an exiting process. True: that was the last reference, ____fput() is due. */
bool filp_close(struct sim *s, struct file *file);
/* The release as task work: kernel: ____fput(), fs/file_table.c. 0 or SLEEPS. */
int ____fput(struct sim *s, struct file *file);
struct file *sock_alloc_file(struct sim *s, struct socket *sock);
struct socket *sock_from_file(struct sim *s, const struct file *file); /* NULL: a file of epoll */
int sock_poll(struct sim *s, struct file *file);

/* ---- epoll (fs/eventpoll.c) and poll (fs/select.c) -------------------------------------------------------------- */

/* Takes the file out of every eventpoll, and an eventpoll apart: both when the last reference goes. */
void eventpoll_release(struct sim *s, struct file *file);
void ep_eventpoll_release(struct sim *s, struct file *file);
int ep_eventpoll_poll(struct sim *s, struct file *file);
/* Tells the eventpolls that watch the socket of `sk`, and who sleeps in poll(), of the bits in `key` (0: anything). */
void poll_wake(struct sim *s, const struct sock *sk, u32 key);
/* The same of sleepers in poll() on one file. */
void pollwake(struct sim *s, const struct file *file, u32 key);
/* When a wait of that many milliseconds ends that began with the call: FOREVER for a negative one. */
u64 poll_deadline(const struct task *t, s32 timeout);
/* Files that others closed while poll() held them: ____fput() is due for each. 0 or SLEEPS. */
int poll_release_files(struct sim *s, struct task *t);

/* kernel: sock_close() .. __sock_release(), net/socket.c; inet_release(), net/ipv4/af_inet.c. 0 or SLEEPS. */
int sock_close(struct sim *s, struct file *file);
int inet_release(struct sim *s, struct socket *sock);
int inet_shutdown(struct sim *s, struct socket *sock, int how);
void sock_free_inode(struct sim *s, struct socket *sock);

/* ---- the calls (socket.c, file.c, exit.c): the result, a negative errno or SLEEPS ------------------------------- */

int sys_socket(struct sim *s, struct task *t);
int sys_bind(struct sim *s, struct task *t);
int sys_listen(struct sim *s, struct task *t);
int sys_connect(struct sim *s, struct task *t);
int sys_accept(struct sim *s, struct task *t);
int sys_send(struct sim *s, struct task *t);
int sys_recv(struct sim *s, struct task *t);
int sys_shutdown(struct sim *s, struct task *t);
int sys_close(struct sim *s, struct task *t);
int sys_dup(struct sim *s, struct task *t);
int sys_fork(struct sim *s, struct task *t);
int sys_fcntl(struct sim *s, struct task *t);
int sys_setsockopt(struct sim *s, struct task *t);
int sys_getsockopt(struct sim *s, struct task *t);
int sys_poll(struct sim *s, struct task *t);
int sys_ioctl(struct sim *s, struct task *t);
int sys_epoll_create(struct sim *s, struct task *t);
int sys_epoll_ctl(struct sim *s, struct task *t);
int sys_epoll_wait(struct sim *s, struct task *t);

#endif
