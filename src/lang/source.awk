# SPDX-License-Identifier: GPL-2.0-or-later
# The engine's source as a table of lines in C, for `list`: awk -f source.awk FILE.c... >source_lines.c
FNR == 1 {
	if (files)
		print "};"
	names[files] = FILENAME
	printf "static const char *const file_%d[] = {\n", files++
}
{
	gsub(/\\/, "&&")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	gsub(/\?/, "\\?")
	printf "\t\"%s\",\n", $0
	lines[files - 1] = FNR
}
BEGIN {
	files = 0
	print "/* Made by source.awk. */"
	print "#include \"lang/source.h\"\n"
}
END {
	print "};\n\nconst struct source_file source_files[] = {"
	for (i = 0; i < files; i++)
		printf "\t{ \"%s\", file_%d, %d },\n", names[i], i, lines[i]
	print "};"
	printf "const size_t source_files_n = %d;\n", files
}
