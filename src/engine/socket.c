/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket calls and the way from an open file to its socket (net/socket.c). */
#include "engine/fs.h"

#include <errno.h>
#include <stdlib.h>

#include "engine/inet.h"
#include "engine/sock.h"
#include "engine/tcp.h"

#define MAX_RW_COUNT 0x7ffff000u

/* ---- sockets and files ------------------------------------------------------------------------------------------ */

struct socket *sock_from_file(struct sim *s, const struct file *file)
{
	return socket_at(s, file->private_data);
}

static struct socket *sock_alloc(struct sim *s, u8 host, u8 type)
{
	struct socket *sock;

	FN(sock_alloc, host, NULL);
	sock = pool_alloc(s, POOL_SOCKET, host);
	SET(sock->type, type);
	return sock;
}

struct file *sock_alloc_file(struct sim *s, struct socket *sock)
{
	struct file *file;

	FN(sock_alloc_file, sock->host, sock);
	file = pool_alloc(s, POOL_FILE, sock->host);
	SET(file->f_count, 1);
	SET(file->private_data, pool_handle(s, POOL_SOCKET, sock));
	SET(sock->file, pool_handle(s, POOL_FILE, file));
	return file;
}

/* The struct socket is part of its inode and goes with it; the struct sock may live on as an orphan. */
void sock_free_inode(struct sim *s, struct socket *sock)
{
	FN(sock_free_inode, sock->host, sock);
	pool_free(s, POOL_SOCKET, sock);
}

static int __sock_release(struct sim *s, struct socket *sock)
{
	FN(__sock_release, sock->host, sock);
	if (inet_release(s, sock) == SLEEPS)
		return SLEEPS;
	if (sock->file)
		SET(sock->file, 0);
	else
		sock_free_inode(s, sock);
	return 0;
}

/* For a socket that never got a file. */
static void sock_release(struct sim *s, struct socket *sock)
{
	FN(sock_release, sock->host, sock);
	__sock_release(s, sock);
}

int sock_close(struct sim *s, struct file *file)
{
	FN(sock_close, file->host, file);
	return __sock_release(s, sock_from_file(s, file));
}

static struct sock *sock_of_file(struct sim *s, const struct file *file)
{
	return sock_at(s, sock_from_file(s, file)->sk);
}

/* Why no socket call can be made on what the descriptor names; 0: one can. */
static int no_socket(const struct file *file)
{
	return !file ? -EBADF : file->ep_ ? -ENOTSOCK : 0;
}

/* Whether the call must not sleep: O_NONBLOCK of the file, or MSG_DONTWAIT of the call. */
static bool is_nonblock(const struct file *file, u32 msg_flags)
{
	return (file->f_flags & FILE_NONBLOCK) || (msg_flags & MSG_DONTWAIT_);
}

/* ---- socket, bind, listen, accept, connect, shutdown ------------------------------------------------------------ */

/* The socket that the host's name stands for from now on. */
static void new_main(struct sim *s, const struct sock *sk, s16 fd)
{
	struct host *h = host_of(s, sk->host);

	SET(h->main_num, sk->num_);
	SET(h->main_seen, sk->seen_);
	SET(h->main_read, sk->app_read_);
	SET(h->main_written, sk->app_written_);
	SET(h->main_isn, sk->isn_);
	SET(h->main_peer_isn, sk->peer_isn_);
	SET(h->main_fd, fd);
	EMIT(TREC_NEW_MAIN, sk->host, 0, world_off(s, sk), 0, sk->num_, 0);
}

static struct socket *sock_create(struct sim *s, u8 host, u8 protocol)
{
	struct socket *sock;

	FN(sock_create, host, NULL);
	sock = sock_alloc(s, host, protocol);
	inet_create(s, sock, protocol);
	return sock;
}

static int sock_map_fd(struct sim *s, struct proc *p, struct socket *sock)
{
	FN(sock_map_fd, sock->host, sock);
	if (get_unused_fd(s, p) < 0) {
		sock_release(s, sock);
		return -EMFILE;
	}
	return fd_install_new(s, p, sock_alloc_file(s, sock));
}

static int __sys_socket(struct sim *s, struct task *t)
{
	struct socket *sock;
	int fd;

	FN(__sys_socket, t->host, t);
	if (t->arg[0] != SEG_TCP && t->arg[0] != SEG_UDP)
		return -EPROTONOSUPPORT;
	sock = sock_create(s, t->host, (u8)t->arg[0]);
	fd = sock_map_fd(s, proc_at(s, t->proc), sock);
	if (fd >= 0)
		new_main(s, sock_at(s, sock->sk), (s16)fd);
	return fd;
}

int sys_socket(struct sim *s, struct task *t)
{
	FN(sys_socket, t->host, t);
	return __sys_socket(s, t);
}

static int __sys_bind(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);

	FN(__sys_bind, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	return inet_bind(s, sock_from_file(s, file), (u8)t->arg[1], (u16)t->arg[0]);
}

int sys_bind(struct sim *s, struct task *t)
{
	FN(sys_bind, t->host, t);
	return __sys_bind(s, t);
}

static int __sys_listen(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	u32 backlog = (u32)t->arg[0];
	struct socket *sock;

	FN(__sys_listen, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	if (backlog > KP(t->host, somaxconn))
		backlog = KP(t->host, somaxconn);
	sock = sock_from_file(s, file);
	return sock->type == SEG_TCP ? inet_listen(s, sock, (s32)backlog) : -EOPNOTSUPP;
}

int sys_listen(struct sim *s, struct task *t)
{
	FN(sys_listen, t->host, t);
	return __sys_listen(s, t);
}

/* Descriptor, socket and file of the coming connection are made before there is one. */
static int accept_prepare(struct sim *s, struct task *t, const struct socket *sock)
{
	s16 fd = get_unused_fd(s, proc_at(s, t->proc));
	struct socket *newsock;

	if (fd < 0)
		return fd;
	newsock = sock_alloc(s, t->host, sock->type);
	SET(t->newfile, pool_handle(s, POOL_FILE, sock_alloc_file(s, newsock)));
	SET(t->newfd, fd);
	return 0;
}

static int do_accept(struct sim *s, struct task *t, struct file *file)
{
	struct socket *sock = sock_from_file(s, file);
	int err = 0;

	FN(do_accept, t->host, file);
	if (!t->newfile)
		err = accept_prepare(s, t, sock);
	if (err)
		return err;
	err = sock->type == SEG_TCP ? inet_accept(s, sock, sock_from_file(s, file_at(s, t->newfile)), is_nonblock(file, 0))
				    : -EOPNOTSUPP;
	if (err && err != SLEEPS)
		fput(s, file_at(s, t->newfile)); /* its release follows as task work */
	return err;
}

static int __sys_accept4(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	struct file *newfile;
	int err;

	FN(__sys_accept4, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	err = do_accept(s, t, file);
	if (err)
		return err;
	newfile = file_at(s, t->newfile);
	LEAF(fd_install, t->host, newfile);
	SET(proc_at(s, t->proc)->fd[t->newfd], t->newfile);
	SET(t->newfile, 0);
	new_main(s, sock_of_file(s, newfile), t->newfd);
	return t->newfd;
}

int sys_accept(struct sim *s, struct task *t)
{
	FN(sys_accept, t->host, t);
	return __sys_accept4(s, t);
}

static int __sys_connect(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	struct socket *sock;

	FN(__sys_connect, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	sock = sock_from_file(s, file);
	if (sock->type == SEG_UDP)
		return inet_dgram_connect(s, sock, (u8)t->arg[1], (u16)t->arg[0]);
	return inet_stream_connect(s, sock, (u8)t->arg[1], (u16)t->arg[0], is_nonblock(file, 0));
}

int sys_connect(struct sim *s, struct task *t)
{
	FN(sys_connect, t->host, t);
	return __sys_connect(s, t);
}

static int __sys_shutdown(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);

	FN(__sys_shutdown, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	return inet_shutdown(s, sock_from_file(s, file), t->arg[0]);
}

int sys_shutdown(struct sim *s, struct task *t)
{
	FN(sys_shutdown, t->host, t);
	return __sys_shutdown(s, t);
}

/* ---- send and recv ---------------------------------------------------------------------------------------------- */

/* A TCP socket needs no port to be told that it is not connected; a datagram socket gets one now. */
static int inet_sendmsg(struct sim *s, struct sock *sk, const struct file *file, u32 size, u32 msg_flags)
{
	bool nonblock = is_nonblock(file, msg_flags);
	int err;

	FN_SK(inet_sendmsg, sk);
	if (sk->sk_protocol == SEG_TCP)
		return tcp_sendmsg(s, sk, size, msg_flags, nonblock);
	/* the port may have come while the call waited for the lock */
	err = sk->inet_num && !s->resuming ? 0 : inet_autobind(s, sk);
	return err ? err : udp_sendmsg(s, sk, size, msg_flags);
}

static int sock_sendmsg(struct sim *s, struct file *file, u32 size, u32 msg_flags)
{
	FN(sock_sendmsg, file->host, file);
	return inet_sendmsg(s, sock_of_file(s, file), file, size, msg_flags);
}

static u32 io_size(const struct task *t)
{
	u32 size = (u32)t->arg[0];

	return size < MAX_RW_COUNT ? size : MAX_RW_COUNT;
}

static int __sys_sendto(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);

	FN(__sys_sendto, t->host, file);
	return no_socket(file) ? no_socket(file) : sock_sendmsg(s, file, io_size(t), (u32)t->arg[1]);
}

int sys_send(struct sim *s, struct task *t)
{
	FN(sys_sendto, t->host, t);
	return __sys_sendto(s, t);
}

static int inet_recvmsg(struct sim *s, struct sock *sk, const struct file *file, u32 size, u32 msg_flags)
{
	bool nonblock = is_nonblock(file, msg_flags);

	FN_SK(inet_recvmsg, sk);
	if (sk->sk_protocol == SEG_TCP)
		return tcp_recvmsg(s, sk, size, msg_flags, nonblock);
	return udp_recvmsg(s, sk, size, msg_flags, nonblock);
}

static int sock_recvmsg(struct sim *s, struct file *file, u32 size, u32 msg_flags)
{
	FN(sock_recvmsg, file->host, file);
	return inet_recvmsg(s, sock_of_file(s, file), file, size, msg_flags);
}

static int __sys_recvfrom(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);

	FN(__sys_recvfrom, t->host, file);
	return no_socket(file) ? no_socket(file) : sock_recvmsg(s, file, io_size(t), (u32)t->arg[1]);
}

int sys_recv(struct sim *s, struct task *t)
{
	FN(sys_recvfrom, t->host, t);
	return __sys_recvfrom(s, t);
}

/* ---- options, poll, ioctl --------------------------------------------------------------------------------------- */

static int sock_setsockopt(struct sim *s, struct sock *sk, struct task *t)
{
	FN_SK(sock_setsockopt, sk);
	return sk_setsockopt(s, sk, (u8)t->arg[0], t->arg[1], t->arg[2]);
}

static int __sys_setsockopt(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	u8 opt = (u8)t->arg[0];
	struct sock *sk;

	FN(__sys_setsockopt, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	if (t->arg[0] < 0 || t->arg[0] >= NR_OPT)
		return -ENOPROTOOPT;
	sk = sock_of_file(s, file);
	if (sockopt_info[opt].level == OPT_SOL_SOCKET)
		return sock_setsockopt(s, sk, t);
	if (sockopt_info[opt].level == OPT_SOL_IP)
		return ip_setsockopt(s, sk, opt, t->arg[1]);
	return sk->sk_protocol == SEG_TCP ? tcp_setsockopt(s, sk, opt, t->arg[1]) : -ENOPROTOOPT;
}

int sys_setsockopt(struct sim *s, struct task *t)
{
	FN(sys_setsockopt, t->host, t);
	return __sys_setsockopt(s, t);
}

static int __sys_getsockopt(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	u8 opt = (u8)t->arg[0];
	s32 val = 0, val2 = 0;
	struct sock *sk;
	int err;

	FN(__sys_getsockopt, t->host, file);
	if (no_socket(file))
		return no_socket(file);
	if (t->arg[0] < 0 || t->arg[0] >= NR_OPT)
		return -ENOPROTOOPT;
	sk = sock_of_file(s, file);
	if (sockopt_info[opt].level == OPT_SOL_SOCKET)
		err = sk_getsockopt(s, sk, opt, &val, &val2);
	else if (sockopt_info[opt].level == OPT_SOL_IP)
		err = ip_getsockopt(s, sk, opt, &val);
	else
		err = sk->sk_protocol == SEG_TCP ? tcp_getsockopt(s, sk, opt, &val) : -EOPNOTSUPP;
	SET(t->arg[1], val);
	SET(t->arg[2], val2);
	return err;
}

int sys_getsockopt(struct sim *s, struct task *t)
{
	FN(sys_getsockopt, t->host, t);
	return __sys_getsockopt(s, t);
}

int sock_poll(struct sim *s, struct file *file)
{
	struct sock *sk = sock_of_file(s, file);

	FN(sock_poll, file->host, file);
	return sk->sk_protocol == SEG_TCP ? tcp_poll(s, sk) : udp_poll(s, sk);
}

static int sock_ioctl(struct sim *s, struct file *file, u32 which, s32 *val)
{
	struct sock *sk = sock_of_file(s, file);

	FN(sock_ioctl, file->host, file);
	return sk->sk_protocol == SEG_TCP ? tcp_ioctl(s, sk, which, val) : udp_ioctl(s, sk, which, val);
}

int sys_ioctl(struct sim *s, struct task *t)
{
	struct file *file = fdget(s, t);
	s32 val = 0;
	int err;

	FN(sys_ioctl, t->host, t);
	if (no_socket(file))
		return no_socket(file);
	err = sock_ioctl(s, file, (u32)t->arg[0], &val);
	SET(t->arg[1], val);
	return err;
}
