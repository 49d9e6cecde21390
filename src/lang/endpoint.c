/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/endpoint.h"

/* Digits at `p` as a number up to `max`; returns how many, 0: none or too large. */
static size_t scan_digits(const char *p, u32 max, u32 *n)
{
	size_t i = 0;

	for (*n = 0; p[i] >= '0' && p[i] <= '9'; i++) {
		*n = *n * 10 + (u32)(p[i] - '0');
		if (*n > max)
			return 0;
	}
	return i;
}

static bool continues_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

size_t endpoint_scan(const char *text, struct endpoint *ep)
{
	size_t at = 1;
	size_t n;
	u32 value;

	if (text[0] != 'A' && text[0] != 'B')
		return 0;
	*ep = (struct endpoint){ .host = (u8)(text[0] - 'A'), .kind = EP_MAIN, .fd = -1 };
	if (text[at] == '%') {
		n = scan_digits(text + at + 1, UINT16_MAX, &value);
		if (!n || !value)
			return 0;
		ep->kind = EP_NUM;
		ep->num = (u16)value;
		at += n + 1;
	} else if (text[at] == '/' || text[at] == ':') {
		ep->kind = EP_FD;
		if (text[at] == '/') {
			n = scan_digits(text + at + 1, UINT16_MAX, &value);
			if (!n || !value || text[at + 1 + n] != ':')
				return 0;
			ep->pid = (u16)value;
			at += n + 1;
		}
		n = scan_digits(text + at + 1, INT16_MAX, &value);
		if (!n)
			return 0;
		ep->fd = (s16)value;
		at += n + 1;
	}
	return continues_name(text[at]) ? 0 : at;
}

void add_endpoint(struct buf *b, const struct endpoint *ep)
{
	buf_putc(b, host_letter(ep->host));
	if (ep->kind == EP_NUM)
		buf_printf(b, "%%%u", ep->num);
	if (ep->kind == EP_FD && ep->pid)
		buf_printf(b, "/%u", ep->pid);
	if (ep->kind == EP_FD)
		buf_printf(b, ":%d", ep->fd);
}

const struct proc *proc_find(const struct world *w, u8 host, u16 pid)
{
	const struct proc *found = NULL;

	for (u16 i = 0; i < w->pool[POOL_PROC].high; i++) {
		const struct proc *p = &w->proc[i];

		if (!p->live || p->host != host || (pid && p->pid != pid))
			continue;
		if (!found || p->pid < found->pid)
			found = p;
	}
	return found;
}

const struct file *proc_file(const struct world *w, const struct proc *p, s16 fd)
{
	return p && fd >= 0 && fd < NR_OPEN ? file_of(w, p->fd[fd]) : NULL;
}

static const struct sock *file_sock(const struct world *w, const struct file *f)
{
	const struct socket *sock = f ? socket_of(w, f->private_data) : NULL;

	return sock ? sock_of(w, sock->sk) : NULL;
}

s16 sock_fd(const struct world *w, const struct sock *sk, u16 *pid)
{
	const struct proc *best = NULL;
	s16 best_fd = -1;

	for (u16 i = 0; i < w->pool[POOL_PROC].high; i++) {
		const struct proc *p = &w->proc[i];

		if (!p->live || p->host != sk->host || (best && p->pid > best->pid))
			continue;
		for (s16 fd = 0; fd < NR_OPEN; fd++) {
			if (file_sock(w, proc_file(w, p, fd)) != sk)
				continue;
			best = p;
			best_fd = fd;
			break;
		}
	}
	if (pid)
		*pid = best ? best->pid : 0;
	return best_fd;
}

struct conn conn_by_num(const struct world *w, u8 host, u16 num)
{
	struct conn c = { .host = host, .num = num };

	if (!num)
		return c;
	for (u16 i = 0; i < w->pool[POOL_SOCK].high; i++)
		if (w->sock[i].live && w->sock[i].host == host && w->sock[i].num_ == num)
			c.sk = &w->sock[i];
	for (u16 i = 0; i < w->pool[POOL_TW].high; i++)
		if (w->tw[i].live && w->tw[i].host == host && w->tw[i].num_ == num)
			c.tw = &w->tw[i];
	for (u16 i = 0; i < w->pool[POOL_REQ].high; i++)
		if (w->req[i].live && w->req[i].host == host && w->req[i].num_ == num)
			c.req = &w->req[i];
	return c;
}

struct conn conn_of(const struct world *w, const struct endpoint *ep)
{
	const struct sock *sk;

	if (ep->kind == EP_MAIN)
		return conn_by_num(w, ep->host, w->host[ep->host].main_num);
	if (ep->kind == EP_NUM)
		return conn_by_num(w, ep->host, ep->num);
	sk = file_sock(w, proc_file(w, proc_find(w, ep->host, ep->pid), ep->fd));
	return conn_by_num(w, ep->host, sk ? sk->num_ : 0);
}

const void *conn_object(const struct world *w, const struct conn *c, enum field_object o)
{
	const struct socket *sock = c->sk ? socket_of(w, c->sk->sk_socket) : NULL;

	switch (o) {
	case OBJ_SOCK:
		return c->sk;
	case OBJ_TW:
		return c->tw;
	case OBJ_REQ:
		return c->req;
	case OBJ_FILE:
		return sock ? file_of(w, sock->file) : NULL;
	case OBJ_SOCKET:
		return sock;
	default:
		return NULL;
	}
}

u8 conn_state(const struct conn *c)
{
	if (c->tw)
		return c->tw->tw_state;
	if (c->sk)
		return c->sk->sk_state;
	return c->req ? TCP_NEW_SYN_RECV : TCP_CLOSE;
}

u32 conn_isn(const struct conn *c)
{
	return c->sk ? c->sk->isn_ : c->tw ? c->tw->isn_ : c->req ? c->req->snt_isn : 0;
}

u32 conn_peer_isn(const struct conn *c)
{
	return c->sk ? c->sk->peer_isn_ : c->tw ? c->tw->peer_isn_ : c->req ? c->req->rcv_isn : 0;
}

u16 conn_port(const struct conn *c)
{
	return c->sk ? c->sk->inet_num : c->tw ? c->tw->tw_num : c->req ? c->req->ir_num : 0;
}

u16 conn_peer_port(const struct conn *c)
{
	return c->sk ? c->sk->inet_dport : c->tw ? c->tw->tw_dport : c->req ? c->req->ir_rmt_port : 0;
}

u64 conn_timer(const struct conn *c, u8 kind)
{
	switch (kind) {
	case TMR_RETRANSMIT:
		return c->sk && c->sk->icsk_pending ? c->sk->tcp_retransmit_timer.expires : 0;
	case TMR_DELACK:
		return c->sk && (c->sk->icsk_ack_pending & ICSK_ACK_TIMER) ? c->sk->icsk_delack_timer.expires : 0;
	case TMR_KEEPALIVE:
		return c->sk ? c->sk->icsk_keepalive_timer.expires : 0;
	case TMR_TW:
		return c->tw ? c->tw->tw_timer.expires : 0;
	case TMR_RSK:
		return c->req ? c->req->rsk_timer.expires : 0;
	default:
		return 0;
	}
}

bool event_is_idle(const struct world *w, const struct event *ev)
{
	const struct conn c = { .sk = (const struct sock *)(const void *)((const char *)w + ev->off) };

	return (ev->kind == TMR_RETRANSMIT || ev->kind == TMR_DELACK) && !conn_timer(&c, ev->kind);
}

s64 conn_unread(const struct world *w, const struct sock *sk)
{
	s64 sum = 0;

	for (const struct skb *skb = skb_of(w, sk->sk_receive_queue.head); skb; skb = skb_of(w, skb->next)) {
		u32 seq = skb->seq;
		u32 end = skb->end_seq;

		if (!skb->udp_) {
			seq += (skb->tcp_flags & TCPHDR_SYN) ? 1u : 0u;
			end -= (skb->tcp_flags & TCPHDR_FIN) ? 1u : 0u;
			if (after(sk->copied_seq, seq))
				seq = before(sk->copied_seq, end) ? sk->copied_seq : end;
		}
		sum += (s64)(end - seq);
	}
	return sum;
}

void add_conn_name(struct buf *b, const struct world *w, u8 host, u16 num)
{
	buf_putc(b, host_letter(host));
	if (num != w->host[host].main_num)
		buf_printf(b, "%%%u", num);
}

struct conn conn_at(const struct world *w, u32 off)
{
	struct field_place p;
	struct conn none = { .host = 0 };

	if (!off || !field_locate(w, off, &p))
		return none;
	if (p.pool == POOL_SOCK)
		return conn_by_num(w, p.host, w->sock[p.index].num_);
	if (p.pool == POOL_TW)
		return conn_by_num(w, p.host, w->tw[p.index].num_);
	if (p.pool == POOL_REQ)
		return conn_by_num(w, p.host, w->req[p.index].num_);
	if (p.pool == POOL_SKB)
		return conn_at(w, pool_geometry[POOL_SOCK].offset +
					  (u32)pool_geometry[POOL_SOCK].size * (u32)(w->skb[p.index].sk - 1u));
	return none;
}
