/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/mib.h"

#include <string.h>

#include "engine/trace.h"

/* Kernels that lack a counter; net/ipv4/proc.c of each says which there are. */


static const u8 lacking[MIB_MAX] = {
	[MIB_TCPAbortOnSyn] = V_SINCE310,
	[MIB_InCsumErrors] = V24,
	[MIB_TCPSACKDiscard] = V24,
	[MIB_TCPDSACKIgnoredOld] = V24,
	[MIB_TCPDSACKIgnoredNoUndo] = V24,
	[MIB_TCPSpuriousRTOs] = V24,
	[MIB_TCPBacklogDrop] = V24,
	[MIB_TCPDeferAcceptDrop] = V24,
	[MIB_TCPTimeWaitOverflow] = V24,
	[MIB_TCPReqQFullDrop] = V24,
	[MIB_TCPRetransFail] = V24,
	[MIB_TCPRcvCoalesce] = V24,
	[MIB_TCPOFOQueue] = V24,
	[MIB_TCPOFODrop] = V24,
	[MIB_TCPOFOMerge] = V24,
	[MIB_TCPChallengeACK] = V24,
	[MIB_TCPSYNChallenge] = V24,
	[MIB_TCPLossProbes] = V24,
	[MIB_TCPLossProbeRecovery] = V24,
	[MIB_TCPToZeroWindowAdv] = V_UNTIL310,
	[MIB_TCPFromZeroWindowAdv] = V_UNTIL310,
	[MIB_TCPWantZeroWindowAdv] = V_UNTIL310,
	[MIB_TCPSynRetrans] = V_UNTIL310,
	[MIB_TCPOrigDataSent] = V_UNTIL310,
	[MIB_TCPACKSkippedSynRecv] = V_UNTIL310,
	[MIB_TCPACKSkippedPAWS] = V_UNTIL310,
	[MIB_TCPACKSkippedSeq] = V_UNTIL310,
	[MIB_TCPACKSkippedFinWait2] = V_UNTIL310,
	[MIB_TCPACKSkippedTimeWait] = V_UNTIL310,
	[MIB_TCPACKSkippedChallenge] = V_UNTIL310,
	[MIB_TCPWinProbe] = V_UNTIL310,
	[MIB_TCPKeepAlive] = V_UNTIL310,
	[MIB_TCPDelivered] = V_UNTIL310,
	[MIB_TCPZeroWindowDrop] = V_UNTIL310,
	[MIB_TCPRcvQDrop] = V_UNTIL310,
	[MIB_TcpTimeoutRehash] = V_UNTIL310,
	[MIB_TCPBacklogCoalesce] = V_UNTIL310,
	[MIB_TCPDSACKRecvSegs] = V_UNTIL58,
	[MIB_TCPDSACKIgnoredDubious] = V_UNTIL58,
	[MIB_TCPMigrateReqSuccess] = V_UNTIL58,
	[MIB_TCPMigrateReqFailure] = V_UNTIL58,
	[MIB_PAWSTimewait] = V_UNTIL58,
	[MIB_PAWSOldAck] = V_UNTIL58,
	[MIB_TSEcrRejected] = V_UNTIL58,
	[MIB_BeyondWindow] = V_UNTIL58,
};

const struct mib_info mib_info[MIB_MAX] = {
#define MIB(name_, prefix_, text_) [MIB_##name_] = { #name_, prefix_, text_ },
#include "engine/mib.def"
#undef MIB
};

bool mib_exists(enum mib_id id, u8 profile)
{
	return !(lacking[id] & 1u << profile);
}

int mib_find(const char *name)
{
	for (int i = 0; i < MIB_MAX; i++) {
		size_t n = strlen(mib_info[i].prefix);

		if (strcmp(name, mib_info[i].name) == 0)
			return i;
		if (strncmp(name, mib_info[i].prefix, n) == 0 && strcmp(name + n, mib_info[i].name) == 0)
			return i;
	}
	return -1;
}
