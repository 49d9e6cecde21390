/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The socket layer under the protocols: lock, wake-ups, orphaning, waiting, memory. Files: sock.c (net/core/sock.c),
 * stream.c (net/core/stream.c).
 *
 * A call that must wait. The functions on the way down are entered again from the top when the call is woken, with
 * `s->resuming` set to the function that sleeps; each skips what it has already done:
 *
 *	if (!s->resuming) { first half }
 *	if (deeper(...) == SLEEPS)
 *		return SLEEPS;
 *	second half
 *
 * and the function that slept clears `s->resuming` (woken_in()) and goes on behind its sleep. SLEEPS must be handed up
 * at once, without touching anything.
 */
#ifndef ENGINE_SOCK_H
#define ENGINE_SOCK_H

#include "engine/fs.h"
#include "engine/sim.h"
#include "engine/skb.h"
#include "engine/timer.h"

#define SLEEPS (-9999)

/* One small buffer, the least that SO_RCVBUF takes. kernel: include/net/sock.h */
#define SOCK_MIN_RCVBUF (2048 + 256)

/* Puts the running call to sleep on `sk` inside kernel function `fn` until woken or `deadline`. Returns SLEEPS. */
int sleep_on(struct sim *s, struct sock *sk, u16 fn, u64 deadline);
/* The same with the frame of wait_woken(), kernel/sched/wait.c, around it. */
int wait_woken(struct sim *s, struct sock *sk, u16 fn, u64 deadline);
/* True when a woken call comes back into `fn`; clears s->resuming then. */
bool woken_in(struct sim *s, u16 fn);
/*
 * Wakes every call that sleeps on `sk`, and who polls it for one of the bits in `key` (0: for anything). kernel:
 * wake_up_interruptible_all(), kernel/sched/wait.c
 */
void wake_sleepers(struct sim *s, struct sock *sk, u32 key);
/* Puts the running call to sleep in `fn` until something that it polls happens. Returns SLEEPS. */
int sleep_polling(struct sim *s, u16 fn, u64 deadline);
/* Wakes one call. */
void wake_task(struct sim *s, struct task *t, u32 by);
/* kernel: signal_pending(current). Softirq: false. */
bool signal_pending(const struct sim *s);

/*
 * kernel: lock_sock_nested(), net/core/sock.c. 0, or SLEEPS when another process holds the sock. To be called whether
 * or not the call resumes: it does nothing when the call slept further down.
 */
int lock_sock(struct sim *s, struct sock *sk);
/* The same inside a wait, on the way back from a sleep: SLEEPS puts the call back to sleep in `fn`. */
int relock_sock(struct sim *s, struct sock *sk, u16 fn, u64 deadline);
/* kernel: release_sock(): backlog, tcp_release_cb, ownership given up, lock waiters woken. */
void release_sock(struct sim *s, struct sock *sk);
/* kernel: __release_sock(): the backlog only, ownership kept. */
void __release_sock(struct sim *s, struct sock *sk);
static inline bool sock_owned_by_user(const struct sock *sk)
{
	return sk->sk_lock_owned != NOT_OWNED;
}

static inline bool sock_flag(const struct sock *sk, u16 flag)
{
	return (sk->sk_flags & flag) != 0;
}
void sock_set_flag(struct sim *s, struct sock *sk, u16 flag);
void sock_reset_flag(struct sim *s, struct sock *sk, u16 flag);

void sock_hold(struct sim *s, struct sock *sk);
/* Drops a reference; the last one frees the sock (sk_free .. inet_sock_destruct). */
void sock_put(struct sim *s, struct sock *sk);
void sk_free(struct sim *s, struct sock *sk); /* kernel: sk_free(), net/core/sock.c: the last reference is gone */

/* A new sock: kernel: sk_alloc() and sock_init_data(). Reference count 1, no socket. */
struct sock *sk_alloc(struct sim *s, u8 host, u8 protocol);
/* kernel: sock_orphan(), include/net/sock.h: SOCK_DEAD, no socket, no wait queue. */
void sock_orphan(struct sim *s, struct sock *sk);
/* Ties sock and socket. kernel: sock_graft() */
void sock_graft(struct sim *s, struct sock *sk, struct socket *sock);

/* Wake-ups: sk->sk_state_change, sk->sk_data_ready, sk->sk_write_space, sk_error_report(). */
void sock_def_wakeup(struct sim *s, struct sock *sk);
void sock_def_readable(struct sim *s, struct sock *sk);
void sk_stream_write_space(struct sim *s, struct sock *sk);
void sk_error_report(struct sim *s, struct sock *sk);
void sk_wake_async(struct sim *s, struct sock *sk);

/* kernel: sk_stream_wait_close() etc., net/core/stream.c. Timeouts in jiffies, UINT32_MAX without end. */
int sk_stream_wait_close(struct sim *s, struct sock *sk, u32 timeout);   /* 0 or SLEEPS */
int sk_stream_wait_connect(struct sim *s, struct sock *sk, u32 timeo);   /* 0, -errno or SLEEPS */
int sk_stream_wait_memory(struct sim *s, struct sock *sk, u32 timeo);    /* 0, -errno or SLEEPS */
int sk_wait_data(struct sim *s, struct sock *sk, u32 timeo);		 /* 0, -EPIPE (disconnected meanwhile) or SLEEPS */
/*
 * kernel: sk_wait_event(), include/net/sock.h: lets the sock go, sleeps in `fn` unless done(sk, arg), takes it again.
 * 1 done, 0 not yet, -EPIPE disconnected meanwhile, or SLEEPS; `timeo` gets the jiffies that are left.
 */
int sk_wait_event(struct sim *s, struct sock *sk, u16 fn, u32 *timeo, bool (*done)(const struct sim *, const struct sock *, u32),
		  u32 arg);
/* When a sleep of `timeo` jiffies that begins now ends. */
u64 sleep_deadline(const struct sim *s, u32 timeo);
int sk_stream_error(struct sim *s, struct sock *sk, int flags, int err); /* both errnos positive; raises SIGPIPE */
void sk_stream_kill_queues(struct sim *s, struct sock *sk);
/*
 * kernel: __sk_stream_memory_free(), with tcp_stream_memory_free() in it: room in the send buffer, and less unsent than
 * TCP_NOTSENT_LOWAT allows. Who waits for room (`wake`) hears of it only at half of that.
 */
bool __sk_stream_memory_free(const struct sim *s, const struct sock *sk, bool wake);
static inline bool sk_stream_memory_free(const struct sim *s, const struct sock *sk)
{
	return __sk_stream_memory_free(s, sk, false);
}
/* kernel: __sk_stream_is_writeable(), include/net/sock.h, as poll() and wake-ups ask */
bool sk_stream_is_writeable(const struct sim *s, const struct sock *sk);
/* Takes and clears sk_err, as a negative errno. kernel: sock_error() */
int sock_error(struct sim *s, struct sock *sk);
/* Time left of the sleep that just ended, in jiffies; UINT32_MAX when it had no end. */
u32 sleep_left(const struct sim *s);
/* sock_rcvtimeo()/sock_sndtimeo(): 0 when non-blocking */
u32 sock_rcvtimeo(const struct sock *sk, bool noblock);
u32 sock_sndtimeo(const struct sock *sk, bool noblock);
/* -EINTR for both finite and infinite waits (no SA_RESTART). kernel: sock_intr_errno() */
int sock_intr_errno(u32 timeo);
/* kernel: sk_common_release(), net/core/sock.c: UDP's way out. */
void sk_common_release(struct sim *s, struct sock *sk);
/* Bytes that a process gave to the sock, or took out of it; the main connection's are kept with the host. */
void sk_app_wrote(struct sim *s, struct sock *sk, u32 bytes);
void sk_app_got(struct sim *s, struct sock *sk, u32 bytes);
/* The first sequence numbers of both sides, as far as they are known (0); the main connection's are kept likewise. */
void sk_isn_known(struct sim *s, struct sock *sk, u32 isn, u32 peer_isn);
/*
 * setsockopt/getsockopt of level SOL_SOCKET; -ENOPROTOOPT when unknown. Options are enum opt of fs.h. SO_LINGER: val is
 * l_onoff, val2 l_linger in seconds; SO_RCVTIMEO, SO_SNDTIMEO: ms. Setting may return SLEEPS.
 */
int sk_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val, s32 val2);
int sk_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val, s32 *val2);
/* The same of level SOL_IP. kernel: ip_setsockopt(), ip_getsockopt(), net/ipv4/ip_sockglue.c */
int ip_setsockopt(struct sim *s, struct sock *sk, u8 opt, s32 val);
int ip_getsockopt(struct sim *s, struct sock *sk, u8 opt, s32 *val);

#endif
