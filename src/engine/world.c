/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying, comparing and hashing what is live in a world. What must always hold is in world_check.c. */
#include "engine/world.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#define POOL(member, plural, cap)                                                                       \
	{                                                                                               \
		.name = #member, .name_pl = plural, .offset = (u32)offsetof(struct world, member),      \
		.size = (u16)sizeof(struct member), .capacity = (cap),                                  \
		.live_offset = (u16)offsetof(struct member, live)                                       \
	}

const struct pool_geometry pool_geometry[NR_POOLS] = {
	[POOL_SOCK] = POOL(sock, "sockets", MAX_SOCK),
	[POOL_TW] = POOL(tw, "TIME_WAIT minisockets", MAX_TW),
	[POOL_REQ] = POOL(req, "connection requests", MAX_REQ),
	[POOL_SKB] = POOL(skb, "queued buffers", MAX_SKB),
	[POOL_FLIGHT] = POOL(flight, "segments", MAX_FLIGHT),
	[POOL_FILE] = POOL(file, "open files", MAX_FILE),
	[POOL_SOCKET] = POOL(socket, "socket inodes", MAX_SOCKET),
	[POOL_PROC] = POOL(proc, "processes", MAX_PROC),
	[POOL_TASK] = POOL(task, "calls in progress", MAX_TASK),
	[POOL_BIND] = POOL(bind, "bound ports", MAX_BIND),
	[POOL_EVENTPOLL] = POOL(eventpoll, "epoll instances", MAX_EVENTPOLL),
	[POOL_EPITEM] = POOL(epitem, "descriptors that epoll watches", MAX_EPITEM),
};

/* Everything before the pools is always live. */
#define HEAD_SIZE offsetof(struct world, sock)

static size_t pool_live_size(const struct world *w, int p)
{
	return (size_t)w->pool[p].high * pool_geometry[p].size;
}

static const char *pool_base(const struct world *w, int p)
{
	return (const char *)w + pool_geometry[p].offset;
}

void world_copy(struct world *to, const struct world *from)
{
	memcpy(to, from, HEAD_SIZE);
	for (int p = 0; p < NR_POOLS; p++)
		if (from->pool[p].high)
			memcpy((char *)to + pool_geometry[p].offset, pool_base(from, p), pool_live_size(from, p));
}

bool world_equal(const struct world *a, const struct world *b)
{
	if (memcmp(a, b, HEAD_SIZE) != 0)
		return false;
	for (int p = 0; p < NR_POOLS; p++)
		if (memcmp(pool_base(a, p), pool_base(b, p), pool_live_size(a, p)) != 0)
			return false;
	return true;
}

u64 world_hash(const struct world *w)
{
	u64 h = XXH3_64bits(w, HEAD_SIZE);

	for (int p = 0; p < NR_POOLS; p++)
		if (w->pool[p].high)
			h = XXH3_64bits_withSeed(pool_base(w, p), pool_live_size(w, p), h);
	return h;
}

size_t world_live_size(const struct world *w)
{
	size_t size = HEAD_SIZE;

	for (int p = 0; p < NR_POOLS; p++)
		size += pool_live_size(w, p);
	return size;
}

void world_pack(const struct world *w, void *buf)
{
	char *at = buf;

	memcpy(at, w, HEAD_SIZE);
	at += HEAD_SIZE;
	for (int p = 0; p < NR_POOLS; p++) {
		memcpy(at, pool_base(w, p), pool_live_size(w, p));
		at += pool_live_size(w, p);
	}
}

void world_unpack(struct world *w, const void *buf, size_t size)
{
	const char *at = buf;
	const char *end = at + size;

	memcpy(w, at, HEAD_SIZE);
	at += HEAD_SIZE;
	for (int p = 0; p < NR_POOLS; p++) {
		size_t n = pool_live_size(w, p);

		if ((size_t)(end - at) < n)
			return;
		memcpy((char *)w + pool_geometry[p].offset, at, n);
		at += n;
	}
}
