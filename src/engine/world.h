/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Everything that a world contains: two hosts, the wire between them, and the kernel's objects on both.
 *
 * Plain data of fixed capacity. There are no pointers: an object is named by a handle, which is its place in its
 * pool plus one (0 is "none"). There is no implicit padding, so that worlds can be compared as bytes. A pool hands out
 * its lowest free slot and zeroes a freed one; only slots below `high` are live, and only those are copied, compared
 * and hashed (world.c).
 *
 * Times are microseconds on the world's clock. The clock starts at WORLD_EPOCH, so that 0 can mean "never".
 */
#ifndef ENGINE_WORLD_H
#define ENGINE_WORLD_H

#include "base/types.h"
#include "engine/mib.h"
#include "engine/sysctl.h"
#include "wire/seg.h"

typedef u16 hnd;

#define HZ 1000u
#define USEC_PER_JIFFY (1000000u / HZ)
#define USEC_PER_SEC 1000000ull
#define WORLD_EPOCH (1000ull * USEC_PER_SEC)
#define FOREVER UINT64_MAX /* a time that never comes; also MAX_SCHEDULE_TIMEOUT */

#define NR_HOSTS 2
#define NR_OPEN 32 /* descriptors a process */

/* Capacities. What is full is said as an error of the command, never hidden. */
enum {
	MAX_SOCK = 96,
	MAX_TW = 96,
	MAX_REQ = 64,
	MAX_SKB = 768,
	MAX_FLIGHT = 256,
	MAX_FILE = 96,
	MAX_SOCKET = 96,
	MAX_PROC = 16,
	MAX_TASK = 32,
	MAX_BIND = 64,
	MAX_EVENTPOLL = 8,
	MAX_EPITEM = 32,
	MAX_POLLFD = 4, /* descriptors that one poll() looks at */
};

/* ---- small parts --------------------------------------------------------------------------------------------- */

struct timer_list {
	u64 expires; /* 0: not pending */
};

/* A queue of sk_buffs, in order of sequence number or of arrival. */
struct skq {
	hnd head;
	hnd tail;
	u16 qlen;
	u16 pad_;
};

/* A queue of segments that arrived while a process held the socket. */
struct backlog {
	hnd head; /* flight */
	hnd tail;
	u16 qlen;
	u16 pad_;
};

struct sack_block {
	u32 start_seq;
	u32 end_seq;
};

/* ---- struct sk_buff ------------------------------------------------------------------------------------------ */

/* TCP_SKB_CB(skb)->sacked */
enum {
	TCPCB_SACKED_ACKED = 0x01,
	TCPCB_SACKED_RETRANS = 0x02,
	TCPCB_LOST = 0x04,
	TCPCB_TAGBITS = 0x07,
	TCPCB_EVER_RETRANS = 0x80,
	TCPCB_RETRANS = TCPCB_SACKED_RETRANS | TCPCB_EVER_RETRANS,
};

struct skb {
	u64 skb_mstamp_us; /* latest transmission */
	u32 seq;
	u32 end_seq;
	u32 gso_size;
	u32 truesize;
	hnd next; /* in its queue */
	hnd prev;
	hnd tsorted_next; /* in tsorted_sent_queue */
	hnd tsorted_prev;
	hnd sk;		/* the sock whose queue it is in */
	u16 gso_segs;	/* tcp_skb_pcount() */
	u16 tx_delivered_;
	u8 live;
	u8 host;
	u8 tcp_flags;
	u8 sacked;
	u8 tsorted;	/* is in tsorted_sent_queue */
	u8 eor;		/* MSG_EOR */
	u8 udp_;	/* a datagram: seq..end_seq counts its bytes */
	u8 pad_;
	u16 tailroom_;	/* of a received one: how much payload the head of its last part could still take */
};

/* ---- struct sock --------------------------------------------------------------------------------------------- */

enum tcp_state {
	TCP_NONE_ = 0,
	TCP_ESTABLISHED = 1,
	TCP_SYN_SENT,
	TCP_SYN_RECV,
	TCP_FIN_WAIT1,
	TCP_FIN_WAIT2,
	TCP_TIME_WAIT,
	TCP_CLOSE,
	TCP_CLOSE_WAIT,
	TCP_LAST_ACK,
	TCP_LISTEN,
	TCP_CLOSING,
	TCP_NEW_SYN_RECV,
	TCP_MAX_STATES,
};

#define TCPF(state) (1u << (state))

enum { RCV_SHUTDOWN = 1, SEND_SHUTDOWN = 2, SHUTDOWN_MASK = 3 };

/* sock_flag(): bits of sk_flags */
enum {
	SOCK_DEAD = 0x0001,
	SOCK_DONE = 0x0002,
	SOCK_URGINLINE = 0x0004,
	SOCK_KEEPOPEN = 0x0008,
	SOCK_LINGER = 0x0010,
	SOCK_USE_WRITE_QUEUE = 0x0020,
	SOCK_FASYNC = 0x0040,
	SOCK_NOSPACE = 0x0080,
	SOCK_RECVERR = 0x0100, /* IP_RECVERR */
	SOCK_RCU_FREE = 0x0200, /* the last steps of freeing come later, from RCU */
};

enum { SOCK_SNDBUF_LOCK = 1, SOCK_RCVBUF_LOCK = 2, SOCK_BINDADDR_LOCK = 4, SOCK_BINDPORT_LOCK = 8 };

/* icsk_pending: the role of the one physical retransmit timer */
enum {
	ICSK_TIME_NONE_ = 0,
	ICSK_TIME_RETRANS = 1,
	ICSK_TIME_DACK = 2,
	ICSK_TIME_PROBE0 = 3,
	ICSK_TIME_LOSS_PROBE = 5,
	ICSK_TIME_REO_TIMEOUT = 6,
};

/* icsk_ack.pending */
enum {
	ICSK_ACK_SCHED = 1,
	ICSK_ACK_TIMER = 2,
	ICSK_ACK_PUSHED = 4,
	ICSK_ACK_PUSHED2 = 8,
	ICSK_ACK_NOW = 16,
	ICSK_ACK_NOMEM = 32,
};

enum { TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss };

/* tp->nonagle */
enum { TCP_NAGLE_OFF = 1, TCP_NAGLE_CORK = 2, TCP_NAGLE_PUSH = 4 };

/* work put off until the owner lets go: sk_tsq_flags */
enum {
	TCPF_WRITE_TIMER_DEFERRED = 1,
	TCPF_DELACK_TIMER_DEFERRED = 2,
	TCPF_MTU_REDUCED_DEFERRED = 4,
	TCPF_ACK_DEFERRED = 8,
};

/* which table a sock is in */
enum { UNHASHED = 0, HASHED_EHASH = 1, HASHED_LISTEN = 2, HASHED_UDP = 3 };

/* which lock a sock is held by: sk_lock.owned */
enum { NOT_OWNED = 0, OWNED_BY_CALL = 1, OWNED_BY_LOCK = 2 /* the `lock` command */ };

enum { CA_RENO = 0, CA_CUBIC = 1 };

#define TCP_NUM_SACKS 4

struct sock {
	/* identity */
	u8 live;
	u8 host;
	u8 sk_protocol; /* SEG_TCP, SEG_UDP */
	u8 sk_state;
	u8 sk_shutdown;
	u8 sk_hashed;
	u8 sk_lock_owned;
	u8 sk_userlocks;
	u8 sk_reuse;
	u8 inet_rcv_saddr; /* host + 1; 0 is INADDR_ANY */
	u8 inet_daddr;
	u8 sk_tsq_flags;
	u16 num_;	/* the number by which people name it (A%2) */
	u16 inet_num;	/* local port */
	u16 inet_dport;
	u16 sk_flags;
	u16 sk_refcnt;
	u16 seen_;	/* TCPF() of each state it has been in */
	hnd sk_socket;	/* 0 after sock_orphan */
	hnd bind_hash;	/* inet_csk(sk)->icsk_bind_hash */
	s16 sk_err;
	s16 sk_err_soft;
	s16 errqueue_;	/* error queue: one errno, 0 empty */
	u16 sk_disconnects;
	u32 sk_lingertime; /* jiffies; UINT32_MAX is MAX_SCHEDULE_TIMEOUT */
	u32 sk_rcvtimeo;   /* jiffies, UINT32_MAX: none */
	u32 sk_sndtimeo;
	s32 sk_rcvbuf;
	s32 sk_sndbuf;
	s32 sk_rmem_alloc;
	s32 sk_wmem_queued;
	s32 sk_rcvlowat;
	u32 sk_write_pending;
	u32 app_read_;	  /* payload bytes that processes took out */
	u32 app_written_; /* and put in */

	/* queues */
	struct skq sk_receive_queue;
	struct skq sk_write_queue;     /* unsent */
	struct skq tcp_rtx_queue;      /* sent, not acknowledged */
	struct skq out_of_order_queue; /* by sequence number */
	struct backlog sk_backlog;
	hnd tsorted_head; /* tsorted_sent_queue: by latest transmission */
	hnd tsorted_tail;

	/* listener */
	u16 sk_ack_backlog;
	u16 sk_max_ack_backlog;
	hnd rskq_accept_head; /* request_sock */
	hnd rskq_accept_tail;
	u16 syn_qlen_;	/* reqsk_queue_len() */
	u8 rskq_defer_accept; /* attempts */
	u8 connect_bind_;

	/* struct tcp_sock: receive */
	u32 rcv_nxt;
	u32 copied_seq;
	u32 rcv_wup;
	u32 rcv_wnd;
	u32 rcv_ssthresh;
	u32 window_clamp;
	u32 rcv_tstamp;	 /* jiffies */
	u32 last_oow_ack_time; /* jiffies */
	struct sack_block selective_acks[TCP_NUM_SACKS];
	struct sack_block duplicate_sack;
	u8 num_sacks;
	u8 dsack;	/* rx_opt.dsack: a D-SACK waits */
	u8 saw_tstamp;
	u8 is_sack_reneg; /* this one of the sender: the peer threw away what it had SACKed */

	/* rx_opt */
	u32 ts_recent;
	u32 ts_recent_stamp; /* seconds; 0: none */
	u32 rcv_tsval;
	u32 rcv_tsecr;
	u8 tstamp_ok;
	u8 sack_ok;
	u8 wscale_ok;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 repair;
	u16 user_mss;
	u16 mss_clamp;
	u16 advmss;
	u32 tsoffset;

	/* struct tcp_sock: send */
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_sml;
	u32 write_seq;
	u32 pushed_seq;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 max_window;
	u32 mss_cache;
	u32 lsndtime;	/* jiffies */
	u32 retrans_stamp; /* ms of tcp_clock, 0: none */
	u32 undo_marker;
	s32 undo_retrans;
	u32 total_retrans;
	u32 dsack_dups;	/* segments that D-SACKs reported */
	u32 retrans_twice_; /* how much of retrans_out was counted twice: repeated while still marked as repeated */
	u32 high_seq;
	u32 tlp_high_seq;
	u32 bytes_acked;
	u32 bytes_received;
	u32 delivered;
	u32 lost;
	u32 packets_out;
	u32 retrans_out;
	u32 sacked_out;
	u32 lost_out;
	u32 reordering;
	u32 snd_ssthresh;
	u32 prior_ssthresh;
	u32 snd_cwnd;
	u32 snd_cwnd_cnt;
	u32 prior_cwnd;
	u32 prr_delivered;
	u32 prr_out;
	u32 max_packets_out;
	u32 cwnd_usage_seq;
	u32 highest_sack; /* end_seq of the highest SACKed skb; means something while sacked_out is not 0 */
	u8 is_cwnd_limited;
	u8 reord_seen;
	u8 tlp_retrans;
	u8 frto;

	/* RTT */
	u32 srtt_us;	/* 8 * SRTT */
	u32 mdev_us;
	u32 mdev_max_us;
	u32 rttvar_us;
	u32 rtt_seq;
	u32 rtt_min_us;	/* windowed minimum; UINT32_MAX: none */
	u32 mtu_info;	/* path MTU that an ICMP error told */
	u64 rtt_min_stamp;

	/* rack */
	u64 rack_mstamp;
	u32 rack_rtt_us;
	u32 rack_end_seq;
	u32 rack_last_delivered;
	u8 rack_reo_wnd_steps;
	u8 rack_reo_wnd_persist;
	u8 rack_dsack_seen;
	u8 rack_advanced;

	/* inet_connection_sock */
	struct timer_list tcp_retransmit_timer;
	struct timer_list icsk_delack_timer;
	struct timer_list icsk_keepalive_timer;
	u64 icsk_timeout;	/* when the pending role is due */
	u64 synq_scan_;	/* Linux 2.4 and 3.10, a listener: when its SYN queue began to fill, from where the scans count */
	u64 icsk_delack_timeout_;
	u32 icsk_rto;		/* jiffies, as all durations below */
	u32 icsk_rto_min;
	u32 icsk_rto_max;
	u32 icsk_delack_max;
	u32 icsk_user_timeout;	/* ms */
	u32 icsk_probes_tstamp; /* jiffies */
	u32 icsk_ack_ato;
	u32 icsk_ack_lrcvtime;	/* jiffies */
	u16 icsk_ack_last_seg_size;
	u16 icsk_ack_rcv_mss;
	u8 icsk_pending;
	u8 icsk_retransmits;
	u8 icsk_backoff;
	u8 icsk_probes_out;
	u8 icsk_syn_retries;
	u8 icsk_ca_state;
	u8 icsk_ca_ops;
	u8 icsk_ca_initialized;
	u8 icsk_ack_pending;
	u8 icsk_ack_quick;
	u8 icsk_ack_pingpong;
	u8 icsk_ack_retry;
	s32 linger2;		/* jiffies; < 0: -1 */
	u32 keepalive_time;	/* jiffies, 0: sysctl */
	u32 keepalive_intvl;
	u8 keepalive_probes;
	u8 dst_quickack;	/* the route has the quickack metric */
	u8 udp_corkflag;
	u8 nonagle;
	u32 udp_pending_len;	/* corked, unsent bytes */
	hnd rsk_listener_;	/* for a child not yet accepted: its listener */
	u16 inet_sport;	/* local port in what is sent; unlike inet_num it outlives the binding */
	u32 total_rto;
	u32 isn_;		/* first sequence number of ours, for people */
	u32 peer_isn_;
	u32 icsk_pmtu_cookie;	/* the path MTU that mss_cache was made for */
	u32 notsent_lowat;	/* TCP_NOTSENT_LOWAT; 0: sysctl */
	u8 recvmsg_inq;		/* TCP_INQ */
	u8 scaling_ratio;	/* of 256ths of the receive buffer, what is worth a window */
	u8 icsk_ca_setsockopt;	/* TCP_CONGESTION chose the algorithm */
	u8 pad_;
};

/* ---- struct tcp_timewait_sock -------------------------------------------------------------------------------- */

struct tw {
	struct timer_list tw_timer;
	u8 live;
	u8 host;
	u8 tw_state;	/* TCP_TIME_WAIT */
	u8 tw_substate; /* TCP_FIN_WAIT2, TCP_TIME_WAIT */
	u8 tw_rcv_saddr;
	u8 tw_daddr;
	u8 tw_rcv_wscale;
	u8 tw_reuse;
	u8 tw_hashed;
	u8 tw_connect_bind;
	u16 num_;
	u16 tw_num;	/* local port */
	u16 tw_dport;
	u16 tw_refcnt;
	hnd tw_tb;	/* bind bucket */
	u16 seen_;
	u8 tw_short_life_; /* it counts as TWKilled */
	u8 pad_;
	u32 tw_timeout; /* once the FIN is there: 60 s, or 3.5 RTO (tcp_tw_recycle) */
	u32 pad2_;
	u32 tw_rcv_nxt;
	u32 tw_snd_nxt;
	u32 tw_rcv_wnd;
	u32 tw_ts_offset;
	u32 tw_ts_recent;
	u32 tw_ts_recent_stamp; /* seconds */
	u32 tw_entry_stamp;	/* ms */
	u32 tw_last_oow_ack_time; /* jiffies */
	u32 isn_;
	u32 peer_isn_;
	u32 app_read_;
	u32 app_written_;
};

/* ---- struct tcp_request_sock --------------------------------------------------------------------------------- */

struct req {
	struct timer_list rsk_timer;
	u64 snt_synack;	/* when the first SYN-ACK left */
	u8 live;
	u8 host;
	u8 ir_loc_addr;
	u8 ir_rmt_addr;
	u8 num_retrans;
	u8 num_timeout;
	u8 tstamp_ok;
	u8 sack_ok;
	u8 wscale_ok;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 acked;
	u8 rsk_hashed;
	u8 pad_;
	u16 num_;
	u16 ir_num;	/* local port */
	u16 ir_rmt_port;
	u16 mss;
	u16 rsk_refcnt;
	hnd rsk_listener;
	hnd sk;		/* the child, once it waits to be accepted */
	hnd dl_next;	/* accept queue */
	u16 pad1_;
	u32 rcv_isn;
	u32 snt_isn;
	u32 rcv_nxt;
	u32 rsk_rcv_wnd;
	u32 rsk_window_clamp;
	u32 ts_recent;
	u32 ts_off;
	u32 timeout;	/* jiffies */
	u32 last_oow_ack_time;
	u32 snt_tsval_last;	/* of the last SYN-ACK */
};

/* ---- the wire ------------------------------------------------------------------------------------------------ */

enum { FLIGHT_WIRE = 0, FLIGHT_BACKLOG = 1 };

struct flight {
	u64 sent_at;
	u64 due;	/* arrives by itself then; FOREVER: waits for `deliver` */
	struct seg seg;
	u32 number;	/* #7 */
	u32 order;	/* oldest first: lower is older; `swap` exchanges it */
	u32 dup_of;	/* number of the segment that this is a copy of, 0 */
	hnd next;	/* backlog */
	u8 live;
	u8 from;	/* host */
	u8 where;	/* FLIGHT_WIRE, FLIGHT_BACKLOG */
	u8 pad_[3];
};

struct link {
	u64 delay;	/* µs; net auto */
	u64 rng;	/* the dice travel with the state */
	u32 loss_ppm;
	u32 dup_ppm;
	u32 reorder_ppm;
	u32 next_number;
	u32 next_order;
	u8 net_auto;
	u8 partition;
	u8 last_from;	/* host of the last sent segment + 1 */
	u8 pad_[1];
	struct seg last[NR_HOSTS]; /* sent last, by each host; flags 0 and proto 0: none yet */
	u32 last_number[NR_HOSTS];
};

/* ---- files, processes, calls --------------------------------------------------------------------------------- */

enum { SS_FREE = 0, SS_UNCONNECTED, SS_CONNECTING, SS_CONNECTED, SS_DISCONNECTING };

struct socket {
	u8 live;
	u8 host;
	u8 state;	/* SS_* */
	u8 type;	/* SEG_TCP (stream), SEG_UDP (datagram) */
	hnd sk;
	hnd file;
};

enum { FILE_NONBLOCK = 1, FILE_FASYNC = 2 };

struct file {
	u8 live;
	u8 host;
	u8 f_flags;	/* FILE_* */
	u8 pad_;
	u16 f_count;
	hnd private_data; /* struct socket */
	hnd ep_;	  /* struct eventpoll, of a file of epoll, which has no socket */
	u16 pad1_;
};

/* struct eventpoll: what epoll_create() makes */
struct eventpoll {
	u8 live;
	u8 host;
	hnd rdl_head; /* items that have something to tell, oldest first */
	hnd rdl_tail;
};

/* struct epitem: a descriptor that an eventpoll watches */
struct epitem {
	u64 data;
	u32 events;	/* EPOLLIN ... and EPOLLET, EPOLLONESHOT */
	u8 live;
	u8 host;
	u8 ready;	/* is in rdllist */
	u8 pad_;
	hnd ep;
	hnd file;	/* what is watched; holds no reference */
	s16 fd;
	hnd rdl_next;
};

enum { PF_EXITING = 1 };

struct proc {
	u8 live;
	u8 host;
	u8 flags;	/* PF_* */
	u8 pad_;
	u16 pid;
	u16 pad1_;
	hnd fd[NR_OPEN];
};

/* How a task sleeps: on a wait queue of the sock, or for the sock's lock. */
enum { TASK_ASLEEP = 1, TASK_WANTS_LOCK = 2 };

/* One of the descriptors of a poll(): a reference is held while it sleeps. */
struct polled_file {
	hnd file;
	s16 fd;
	u16 events;
	u16 revents;
};

/* A thread inside a system call. Only calls that sleep outlive the command that made them. */
struct task {
	u64 deadline;	/* when the sleep times out; FOREVER */
	u64 since;	/* when the call was made */
	u8 live;
	u8 host;
	u8 nr;		/* enum sysnr */
	u8 asleep;	/* TASK_* */
	u8 woken;
	u8 signal;	/* pending signal, 0 */
	u8 task_work;	/* the result is there; a release as task work comes before the return */
	u8 exclusive_;	/* only one such sleeper is woken at a time */
	hnd proc;
	hnd file;	/* the reference that the call holds */
	hnd sk;		/* what it waits on */
	u16 tid;	/* thread of its process, 0 is the main one */
	u16 sleep_fn;	/* enum fn_id: the kernel function it sleeps in */
	s16 fd;
	s32 arg[3];
	u32 copied;	/* bytes done before the sleep */
	u32 timeo;	/* jiffies that were left when the sleep ended; UINT32_MAX: it had no end */
	s64 result;	/* errors so far while it sleeps in connect() */
	u16 disconnects; /* sk_disconnects when it fell asleep */
	hnd newfile;	/* accept(): the file made before the wait; counts as a reference */
	s16 newfd;	/* and the descriptor kept for it */
	hnd releasing;	/* the file whose last reference this call dropped: it is inside __fput() */
	struct polled_file pollfd[MAX_POLLFD]; /* poll() */
	u16 nfds;
	u8 files_due; /* poll() had the last reference to some of its files */
	u8 pad_;
	u32 queued;	/* its place among those who sleep: higher than that of all who slept before */
	u8 pad2_[4];
	u32 event_events; /* epoll_wait(): the first event that it delivers; epoll_ctl(): the one that is given */
	u64 event_data;
};

/* inet_bind_bucket */
struct bind {
	u8 live;
	u8 host;
	u8 fastreuse;
	u8 protocol;
	u16 port;
	u16 owners;	/* socks and minisockets in it */
};

/* ---- hosts --------------------------------------------------------------------------------------------------- */

/* What `fault` orders: that something fails, or (SOFTIRQ) that segments arrive while close() holds the socket. */
enum fault { FAULT_ALLOC_SKB, FAULT_ALLOC_TW, FAULT_ROUTE, FAULT_PORT, FAULT_QDISC, FAULT_SOFTIRQ, NR_FAULTS };
#define FAULT_ALWAYS 255 /* as a count: it does not come to an end */

struct host {
	s32 sysctl[SYSCTL_MAX];
	u32 mib[MIB_MAX];
	u32 orphan_period; /* number of the period in which orphan_count changed last */
	u32 pad3_[1 + ((int)SYSCTL_MAX + (int)MIB_MAX) % 2]; /* whatever their number: to a multiple of eight */
	u64 tw_tick;	/* Linux 2.4 and 3.10: when the slow timer of minisockets began, while there are any */
	u64 challenge_stamp; /* second of the current challenge-ACK budget */
	s64 last_ret;	/* of the last finished system call */
	u32 challenge_count;
	u32 isn_next;	/* the next connection's initial sequence number */
	u32 main_read;	/* app_read_ of the main connection, kept when it is gone */
	u32 main_written;
	u32 main_isn;	/* its isn_: what was sent is read by it when the connection is gone */
	u32 main_peer_isn;
	u16 main_num;	/* number of the main socket, 0 none */
	u16 main_seen;	/* its seen_ */
	u16 next_num;
	u16 next_port;	/* ephemeral */
	u16 next_pid;
	u16 orphan_count;
	u16 orphan_cache; /* tcp_orphan_cache: the count before its first change in this period */
	u16 tw_count;
	s16 last_errno;
	u8 fault[NR_FAULTS];
	u8 profile;	/* enum profile_id */
	u8 pad1_;
	s16 main_fd;	/* descriptor by which the main socket was reached last: for EBADF */
	u8 pad2_[4];
};

/* ---- the whole ----------------------------------------------------------------------------------------------- */

enum pool_id {
	POOL_SOCK,
	POOL_TW,
	POOL_REQ,
	POOL_SKB,
	POOL_FLIGHT,
	POOL_FILE,
	POOL_SOCKET,
	POOL_PROC,
	POOL_TASK,
	POOL_BIND,
	POOL_EVENTPOLL,
	POOL_EPITEM,
	NR_POOLS,
};

struct pool {
	u16 high; /* slots in use lie below */
	u16 used;
};

struct world {
	u64 now;
	struct pool pool[NR_POOLS];
	struct host host[NR_HOSTS];
	struct link link;
	struct sock sock[MAX_SOCK];
	struct tw tw[MAX_TW];
	struct req req[MAX_REQ];
	struct skb skb[MAX_SKB];
	struct flight flight[MAX_FLIGHT];
	struct file file[MAX_FILE];
	struct socket socket[MAX_SOCKET];
	struct proc proc[MAX_PROC];
	struct task task[MAX_TASK];
	struct bind bind[MAX_BIND];
	struct eventpoll eventpoll[MAX_EVENTPOLL];
	struct epitem epitem[MAX_EPITEM];
};

/* Where a pool lies in the world, and how large its slots are. */
struct pool_geometry {
	const char *name;     /* "sock" */
	const char *name_pl;  /* "sockets": for "this world holds 96 sockets" */
	u32 offset;
	u16 size;
	u16 capacity;
	u16 live_offset;      /* of the slot's `live` byte */
	u16 pad_[3];
};
extern const struct pool_geometry pool_geometry[NR_POOLS];

/* ---- looking at worlds (world.c); writing goes through sim.h -------------------------------------------------- */

/* Copies what is live in `from`; `to` may hold another world before. Slots above `high` are left as they are. */
void world_copy(struct world *to, const struct world *from);
/* True when two worlds are the same, byte for byte, in all that is live. */
bool world_equal(const struct world *a, const struct world *b);
/* A 64-bit hash (xxh3) of all that is live. */
u64 world_hash(const struct world *w);
/* How many bytes are live, that is, what a snapshot costs. */
size_t world_live_size(const struct world *w);
/* Writes the live bytes to `buf` (world_live_size() of them), and back. */
void world_pack(const struct world *w, void *buf);
void world_unpack(struct world *w, const void *buf, size_t size);
/*
 * What must always hold (architecture.md lists it). Returns NULL, or the sentence that says what is broken;
 * `where` (may be NULL) gets the world offset of the object.
 */
const char *world_check(const struct world *w, u32 *where);

/* Objects by handle; a handle of 0, or of a free slot, gives NULL. */
#define WORLD_OBJECT_FN(type, member, cap)                                                       \
	static inline const struct type *type##_of(const struct world *w, hnd h)                  \
	{                                                                                         \
		return (h != 0 && h <= (cap) && w->member[h - 1].live) ? &w->member[h - 1] : NULL; \
	}
WORLD_OBJECT_FN(sock, sock, MAX_SOCK)
WORLD_OBJECT_FN(tw, tw, MAX_TW)
WORLD_OBJECT_FN(req, req, MAX_REQ)
WORLD_OBJECT_FN(skb, skb, MAX_SKB)
WORLD_OBJECT_FN(flight, flight, MAX_FLIGHT)
WORLD_OBJECT_FN(file, file, MAX_FILE)
WORLD_OBJECT_FN(socket, socket, MAX_SOCKET)
WORLD_OBJECT_FN(proc, proc, MAX_PROC)
WORLD_OBJECT_FN(task, task, MAX_TASK)
WORLD_OBJECT_FN(bind, bind, MAX_BIND)
WORLD_OBJECT_FN(eventpoll, eventpoll, MAX_EVENTPOLL)
WORLD_OBJECT_FN(epitem, epitem, MAX_EPITEM)

#endif
