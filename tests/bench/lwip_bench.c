/* SPDX-License-Identifier: GPL-2.0-or-later */
/* lwIP as the distribution packages it (liblwip-dev), in one process: raw API under
 * the core lock, over a netif's own loopback, its timer called by hand.
 *
 *   cycles N    open, 1 write, active close, passive close; after every 16 the
 *               timer runs through TIME_WAIT (2 x 60 s in 250 ms ticks)
 *   timewait N  the timer runs through TIME_WAIT after each
 *   bulk BYTES  one connection, that many bytes one way, then both closes
 *
 * Packets are counted in a first, untimed part by a raw control block that lets
 * each one pass.  cc -O2 bench.c -I/usr/include/lwip -llwip -o lwipbench
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <time.h>
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/tcp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/tcpip.h"
#include "lwip/prot/ip.h"

static unsigned long long packets, received, ticks;
static u8_t count(void *a, struct raw_pcb *r, struct pbuf *p, const ip_addr_t *from) { (void)a; (void)r; (void)p; (void)from; packets++; return 0; }
static err_t nowhere(struct netif *n, struct pbuf *p, const ip4_addr_t *a) { (void)n; (void)p; (void)a; abort(); }
static err_t up(struct netif *n) { n->name[0] = 'b'; n->name[1] = 'n'; n->output = nowhere; n->mtu = 1500; return ERR_OK; }

static unsigned long long tosend; static int server_closed, client_done;
static char block[1460];

static void pump(struct tcp_pcb *c)
{
	while (tosend) {
		u16_t n = tcp_sndbuf(c);
		if (n > sizeof block) n = sizeof block;
		if (n > tosend) n = (u16_t)tosend;
		if (!n || tcp_write(c, block, n, 0) != ERR_OK) break;
		tosend -= n;
	}
	tcp_output(c);
	if (!tosend && !client_done) { client_done = 1; tcp_sent(c, 0); if (tcp_close(c) != ERR_OK) abort(); }
}
static err_t c_connected(void *a, struct tcp_pcb *c, err_t e) { (void)a; (void)e; pump(c); return ERR_OK; }
static err_t c_sent(void *a, struct tcp_pcb *c, u16_t n) { (void)a; (void)n; if (!client_done) pump(c); return ERR_OK; }
static err_t c_recv(void *a, struct tcp_pcb *c, struct pbuf *p, err_t e)
{ (void)a; (void)c; (void)e; if (p) pbuf_free(p); return ERR_OK; }
static err_t s_recv(void *a, struct tcp_pcb *s, struct pbuf *p, err_t e)
{
	(void)a; (void)e;
	if (!p) { server_closed = 1; return tcp_close(s); }
	received += p->tot_len; tcp_recved(s, p->tot_len); pbuf_free(p);
	return ERR_OK;
}
static err_t s_accept(void *a, struct tcp_pcb *s, err_t e) { (void)a; (void)e; tcp_recv(s, s_recv); return ERR_OK; }

static void tick(void) { tcp_tmr(); ticks++; }

static void connection(struct netif *lo, unsigned long long bytes)
{
	ip_addr_t ip;
	struct tcp_pcb *c = tcp_new();
	if (!c) abort();
	IP_ADDR4(&ip, 10, 0, 0, 1);
	tosend = bytes; server_closed = client_done = 0;
	tcp_recv(c, c_recv); tcp_sent(c, c_sent);
	if (tcp_connect(c, &ip, 7777, c_connected) != ERR_OK) abort();
	for (;;) {
		while (lo->loop_first) netif_poll(lo);
		if (client_done && server_closed && !tcp_active_pcbs) break;
		tick();
	}
}
static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec * 1e-9; }

int main(int argc, char **argv)
{
	unsigned long long n = argc > 2 ? strtoull(argv[2], 0, 0) : 100000, perrun;
	static struct netif nif, *lo = &nif;
	ip4_addr_t a, m, g;
	ip_addr_t ip;
	double t, t0 = now();
	tcpip_init(0, 0);
	LOCK_TCPIP_CORE();
	IP4_ADDR(&a, 10, 0, 0, 1); IP4_ADDR(&m, 255, 255, 255, 0); IP4_ADDR(&g, 0, 0, 0, 0);
	netif_add(lo, &a, &m, &g, 0, up, tcpip_input); netif_set_default(lo); netif_set_link_up(lo); netif_set_up(lo);
	struct tcp_pcb *l = tcp_new();
	IP_ADDR4(&ip, 10, 0, 0, 1);
	ip_set_option(l, SOF_REUSEADDR);
	if (tcp_bind(l, &ip, 7777) != ERR_OK || !(l = tcp_listen(l))) abort();
	tcp_accept(l, s_accept);
	struct raw_pcb *r = raw_new(IP_PROTO_TCP);
	raw_recv(r, count, 0); raw_bind(r, IP_ADDR_ANY);
	int bulk = argc > 1 && !strcmp(argv[1], "bulk"), tw = argc > 1 && !strcmp(argv[1], "timewait");
	connection(lo, bulk ? 10000000 : 100);
	while (tcp_tw_pcbs) tick();
	perrun = packets; raw_remove(r); ticks = received = 0;
	double init = now() - t0;
	t0 = now();
	if (bulk) {
		connection(lo, n);
		t = now() - t0;
		printf("bulk %llu B, received %llu, %.3f s, about %.0f packets/s, %.1f MB/s, ticks %llu, init %.6f s\n", n, received, t, perrun * (n / 1e7) / t, received / t / 1e6, ticks, init);
	} else {
		for (unsigned long long i = 0; i < n; i++) {
			connection(lo, 100);
			if (tw || i % 16 == 15) while (tcp_tw_pcbs) tick();
		}
		t = now() - t0;
		printf("%s %llu, %.3f s, %.0f cycles/s, %.0f packets/s (%llu a cycle), %.0f ticks/s, virtual %.0f s = %.0f x wall\n",
			tw ? "timewait" : "cycles", n, t, n / t, n * perrun / t, perrun, ticks / t, ticks * 0.25, ticks * 0.25 / t);
	}
	fflush(stdout);
	_exit(0);
}
