/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/language.h"

#include <string.h>

const char *const languages[NR_LANGUAGES] = { "en", "zh", "ja" };

int language_find(const char *locale)
{
	const size_t n = strcspn(locale, "_.@-");

	for (int i = 0; i < NR_LANGUAGES; i++)
		if (strlen(languages[i]) == n && memcmp(languages[i], locale, n) == 0)
			return i;
	return -1;
}
