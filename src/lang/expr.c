/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lang/expr.h"

#include <stdlib.h>
#include <string.h>

#include "lang/leaf.h"
#include "lang/lex.h"
#include "lang/names.h"

enum op {
	OP_NUMBER, OP_NONE, OP_LEAF, OP_NEG, OP_NOT,
	OP_OR, OP_AND, OP_BITOR, OP_BITAND, OP_EQ, OP_NE, OP_LT, OP_LE, OP_GT, OP_GE, OP_ADD, OP_SUB,
};

struct node {
	s64 n;	 /* OP_NUMBER */
	u16 left;
	u16 right;
	u16 leaf;
	u8 op;
	u8 type; /* enum value_type */
};

#define MAX_NODES 400
#define MAX_LEAVES 100
#define MAX_NESTING 40

struct expr {
	char *text;
	u16 root;
	u16 nodes;
	u16 leaves;
	struct node node[MAX_NODES];
	struct leaf leaf[MAX_LEAVES];
};

struct parser {
	struct expr *e;
	const char *text;
	size_t at;
	const struct endpoint *focus;
	struct err *err;
	u32 nesting;
	bool failed;
};

static const struct {
	char text[3];
	u8 op;
	u8 strength;
} binary[] = {
	{ "||", OP_OR, 1 }, { "&&", OP_AND, 2 }, { "|", OP_BITOR, 3 }, { "&", OP_BITAND, 4 }, { "==", OP_EQ, 5 },
	{ "!=", OP_NE, 5 }, { "<=", OP_LE, 6 }, { ">=", OP_GE, 6 }, { "<", OP_LT, 6 }, { ">", OP_GT, 6 },
	{ "+", OP_ADD, 7 }, { "-", OP_SUB, 7 },
};

/* ---- parsing ------------------------------------------------------------------------------------------------- */

__attribute__((format(printf, 2, 3))) static u16 mistake(struct parser *p, const char *format, ...)
{
	va_list ap;
	struct buf b = BUF_INIT;

	if (p->failed)
		return 0;
	p->failed = true;
	va_start(ap, format);
	buf_vprintf(&b, format, ap);
	va_end(ap);
	err_set(p->err, ST_WRONG, "%s", buf_str(&b));
	err_place(p->err, NULL, 1, (u32)p->at + 1);
	buf_release(&b);
	return 0;
}

static void skip_blanks(struct parser *p)
{
	while (p->text[p->at] == ' ' || p->text[p->at] == '\t')
		p->at++;
}

static u16 new_node(struct parser *p, struct node n)
{
	if (p->failed)
		return 0;
	if (p->e->nodes == MAX_NODES)
		return mistake(p, "the expression is too long");
	p->e->node[p->e->nodes] = n;
	return p->e->nodes++;
}

static u16 literal(struct parser *p)
{
	const char *at = p->text + p->at;
	struct node n = { .op = OP_NUMBER };
	u64 us;
	size_t used = scan_duration(at, &us);
	size_t digits = 0;
	char word[32];
	u64 bytes;

	if (used) {
		p->at += used;
		n.n = (s64)us;
		n.type = VT_US;
		return new_node(p, n);
	}
	while (digits < sizeof(word) - 1 &&
	       ((at[digits] >= '0' && at[digits] <= '9') || (digits && scan_name(at + digits))))
		digits++;
	memcpy(word, at, digits);
	word[digits] = '\0';
	if (strncmp(word, "0x", 2) == 0 && digits > 2 && strspn(word + 2, "0123456789abcdefABCDEF") == digits - 2)
		n.n = (s64)strtoll(word, NULL, 16);
	else if (parse_bytes(word, &bytes, NULL) == ST_OK)
		n.n = (s64)bytes;
	else if (!parse_number(word, &n.n))
		return mistake(p, "`%s` is no number, no size and no duration", word);
	p->at += digits;
	return new_node(p, n);
}

static u16 constant(struct parser *p, const char *name, size_t len)
{
	const struct name_info *info = name_find(name);
	struct nearest near;
	struct buf hint = BUF_INIT;
	const struct field *f;

	if (info) {
		p->at += len;
		return new_node(p, (struct node){ .op = OP_NUMBER, .n = info->value });
	}
	if (strcmp(name, "on") == 0 || strcmp(name, "off") == 0) {
		p->at += len;
		return new_node(p, (struct node){ .op = OP_NUMBER, .n = strcmp(name, "on") == 0 });
	}
	for (size_t i = 0; expr_function(i); i++)
		if (strcmp(name, expr_function(i)) == 0)
			return mistake(p, "`%s` is a function: called(tcp_fin) or errno(A), for example", name);
	nearest_init(&near, name);
	for (size_t i = 0; name_at(i); i++)
		nearest_try(&near, name_at(i)->name);
	for (size_t i = 0; (f = field_at(i)); i++)
		if (f->object <= OBJ_SOCKET)
			nearest_try(&near, f->name);
	for (size_t i = 0; expr_function(i); i++)
		nearest_try(&near, expr_function(i));
	mistake(p, "`%s` is no field, state, errno, flag or number%s", name, nearest_hint(&near, &hint));
	buf_release(&hint);
	return 0;
}

static u16 looked_at(struct parser *p)
{
	struct leaf *leaf = &p->e->leaf[p->e->leaves];

	if (p->e->leaves == MAX_LEAVES)
		return mistake(p, "the expression looks at too many things");
	if (leaf_parse(leaf, p->text, &p->at, p->focus, p->err) != ST_OK) {
		p->failed = true;
		err_place(p->err, NULL, 1, (u32)p->at + 1);
		return 0;
	}
	return new_node(p, (struct node){ .op = OP_LEAF, .leaf = p->e->leaves++, .type = leaf_type(leaf) });
}

static u16 name_operand(struct parser *p)
{
	const char *at = p->text + p->at;
	size_t len = scan_name(at);
	char name[80];

	if (len == 4 && strncmp(at, "none", 4) == 0) {
		p->at += len;
		return new_node(p, (struct node){ .op = OP_NONE });
	}
	if (len >= sizeof(name))
		return mistake(p, "no name is so long");
	memcpy(name, at, len);
	name[len] = '\0';
	/* a constant wins over a field of the focused endpoint, but `A` and `B` are endpoints */
	if (at[len] != '.' && at[len] != '(' && name_find(name))
		return constant(p, name, len);
	return leaf_starts(at) ? looked_at(p) : constant(p, name, len);
}

static u16 binary_from(struct parser *p, u8 strength);

static u16 operand(struct parser *p)
{
	char c;
	u16 inner;

	skip_blanks(p);
	c = p->text[p->at];
	if (p->failed)
		return 0;
	if (p->nesting == MAX_NESTING)
		return mistake(p, "the expression is nested too deeply");
	if (c == '!' || c == '-') {
		p->at++;
		p->nesting++;
		inner = operand(p);
		p->nesting--;
		return new_node(p, (struct node){ .op = c == '!' ? OP_NOT : OP_NEG, .left = inner,
						  .type = c == '!' ? VT_NUMBER : p->e->node[inner].type });
	}
	if (c == '(') {
		p->at++;
		p->nesting++;
		inner = binary_from(p, 1);
		p->nesting--;
		skip_blanks(p);
		if (!p->failed && p->text[p->at] != ')')
			return mistake(p, "a `)` is missing here");
		p->at++;
		return inner;
	}
	if (c >= '0' && c <= '9')
		return literal(p);
	if (scan_name(p->text + p->at))
		return name_operand(p);
	if (c == '\0')
		return mistake(p, "a field or value is missing here: A.state == TIME_WAIT, for example");
	return mistake(p, "`%c` starts no field or value: A.state == TIME_WAIT, for example", c);
}

static bool is_time(u8 type)
{
	return type == VT_US || type == VT_TIMER;
}

/* Durations meet durations, numbers meet numbers; and what is kept in jiffies or ms meets both. */
static void check_types(struct parser *p, u16 left, u16 right)
{
	const struct node *a = &p->e->node[left];
	const struct node *b = &p->e->node[right];
	const struct node *other; /* the one that is no duration by itself */

	if (p->failed || a->op == OP_NONE || b->op == OP_NONE || is_time(a->type) == is_time(b->type))
		return;
	other = is_time(b->type) ? a : b;
	if (other->type == VT_JIFFIES || other->type == VT_MSEC || (other->op == OP_NUMBER && other->n == 0))
		return;
	if (other->op == OP_NUMBER)
		mistake(p, "a duration needs a unit: %llds or %lldms, for example", (long long)other->n,
			(long long)other->n);
	else
		mistake(p, "a duration is compared with something that is none");
}

static int binary_at(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(binary); i++)
		if (strncmp(text, binary[i].text, strlen(binary[i].text)) == 0)
			return (int)i;
	return -1;
}

static u16 binary_from(struct parser *p, u8 strength)
{
	u16 left = operand(p);

	for (;;) {
		size_t end = p->at;
		u16 right;
		int i;
		struct node n;

		skip_blanks(p);
		i = p->failed ? -1 : binary_at(p->text + p->at);
		if (!p->failed && i < 0 && p->text[p->at] == '=')
			return mistake(p, "`=` compares nothing: write ==");
		if (i < 0 || binary[i].strength < strength) {
			p->at = p->failed ? p->at : end;
			return left;
		}
		p->at += strlen(binary[i].text);
		right = binary_from(p, (u8)(binary[i].strength + 1));
		if (binary[i].op != OP_OR && binary[i].op != OP_AND)
			check_types(p, left, right);
		n = (struct node){ .op = binary[i].op, .left = left, .right = right };
		if (n.op == OP_ADD || n.op == OP_SUB)
			n.type = is_time(p->e->node[left].type) || is_time(p->e->node[right].type) ? VT_US : VT_NUMBER;
		left = new_node(p, n);
	}
}

struct expr *expr_parse(const char *text, const struct endpoint *focus, size_t *used, struct err *err)
{
	struct parser p = { .e = xcalloc(1, sizeof(struct expr)), .text = text, .focus = focus, .err = err };

	p.e->root = binary_from(&p, 1);
	*used = p.at;
	if (p.failed) {
		expr_free(p.e);
		return NULL;
	}
	p.e->text = xmalloc(p.at + 1);
	memcpy(p.e->text, text, p.at);
	p.e->text[p.at] = '\0';
	return p.e;
}

void expr_free(struct expr *e)
{
	if (!e)
		return;
	free(e->text);
	free(e);
}

/* ---- values -------------------------------------------------------------------------------------------------- */

bool value_true(const struct value *v)
{
	/* an armed timer is true even when nothing is left of it */
	return !v->none && (v->n != 0 || v->type == VT_TIMER);
}

static s64 in_us(const struct value *v)
{
	return v->type == VT_JIFFIES ? v->n * (s64)USEC_PER_JIFFY : v->type == VT_MSEC ? v->n * 1000 : v->n;
}

static bool compare(u8 op, const struct value *a, const struct value *b)
{
	bool time = is_time(a->type) || is_time(b->type);
	s64 x = time ? in_us(a) : a->n;
	s64 y = time ? in_us(b) : b->n;

	if (a->none || b->none) {
		bool same = a->none && b->none;

		return op == OP_EQ ? same : op == OP_NE ? !same : false;
	}
	switch (op) {
	case OP_EQ:
		return x == y;
	case OP_NE:
		return x != y;
	case OP_LT:
		return x < y;
	case OP_LE:
		return x <= y;
	case OP_GT:
		return x > y;
	default:
		return x >= y;
	}
}

static struct value truth(bool t)
{
	return (struct value){ .n = t };
}

static struct value combine(u8 op, const struct value *a, const struct value *b)
{
	struct value v = { .none = a->none || b->none };
	bool time = is_time(a->type) || is_time(b->type);

	if (op != OP_BITAND && op != OP_BITOR)
		v.type = time ? VT_US : VT_NUMBER;
	if (v.none)
		return v;
	/* wrapping, as unsigned numbers do: no expression a person writes may stop the program */
	if (op == OP_BITAND)
		v.n = a->n & b->n;
	else if (op == OP_BITOR)
		v.n = a->n | b->n;
	else if (op == OP_ADD)
		v.n = (s64)((u64)(time ? in_us(a) : a->n) + (u64)(time ? in_us(b) : b->n));
	else
		v.n = (s64)((u64)(time ? in_us(a) : a->n) - (u64)(time ? in_us(b) : b->n));
	return v;
}

static struct value eval(const struct expr *e, u16 at, const struct expr_env *env)
{
	const struct node *n = &e->node[at];
	struct value a;
	struct value b;

	switch ((enum op)n->op) {
	case OP_NUMBER:
		return (struct value){ .n = n->n, .type = n->type };
	case OP_NONE:
		return (struct value){ .none = true };
	case OP_LEAF:
		return leaf_value(&e->leaf[n->leaf], env);
	case OP_NEG:
		a = eval(e, n->left, env);
		a.n = (s64)(0 - (u64)a.n);
		return a;
	case OP_NOT:
		a = eval(e, n->left, env);
		return truth(!value_true(&a));
	case OP_OR:
	case OP_AND:
		a = eval(e, n->left, env);
		if (value_true(&a) == (n->op == OP_OR))
			return truth(n->op == OP_OR);
		b = eval(e, n->right, env);
		return truth(value_true(&b));
	default:
		break;
	}
	a = eval(e, n->left, env);
	b = eval(e, n->right, env);
	if (n->op >= OP_EQ && n->op <= OP_GE)
		return truth(compare(n->op, &a, &b));
	return combine(n->op, &a, &b);
}

struct value expr_eval(const struct expr *e, const struct expr_env *env)
{
	return eval(e, e->root, env);
}

void add_expr_value(struct buf *b, const struct expr *e, const struct expr_env *env)
{
	const struct node *n = &e->node[e->root];
	struct value v = expr_eval(e, env);

	if (n->op == OP_LEAF)
		add_leaf_value(b, &e->leaf[n->leaf], &v, env);
	else if (v.none)
		buf_puts(b, "none");
	else if (v.type == VT_US)
		add_signed_duration(b, v.n);
	else
		buf_printf(b, "%lld", (long long)v.n);
}

bool expr_is_claim(const struct expr *e)
{
	const u8 op = e->node[e->root].op;

	return op == OP_NOT || op == OP_OR || op == OP_AND || (op >= OP_EQ && op <= OP_GE);
}

void add_expr_leaves(struct buf *b, const struct expr *e, const struct expr_env *env)
{
	for (u16 i = 0; i < e->leaves; i++) {
		const struct leaf *leaf = &e->leaf[i];
		struct value v = leaf_value(leaf, env);

		buf_printf(b, "%s%.*s is ", i ? ", " : "", (int)(leaf->end - leaf->start), e->text + leaf->start);
		add_leaf_value(b, leaf, &v, env);
	}
}

void add_expr_text(struct buf *b, const struct expr *e)
{
	u32 at = 0;

	for (u16 i = 0; i < e->leaves; i++) {
		const struct leaf *leaf = &e->leaf[i];
		const char *open = strchr(e->text + leaf->start, '(');
		u32 to = leaf->start;

		if (leaf->named || leaf->kind == LEAF_WIRE_COUNT || leaf->kind == LEAF_WIRE_LAST ||
		    leaf->kind == LEAF_TIME || leaf->kind == LEAF_CALLED)
			continue;
		if (leaf->kind >= LEAF_MIB && open)
			to = (u32)(open - e->text) + 1;
		buf_add(b, e->text + at, to - at);
		at = to;
		add_endpoint(b, &leaf->ep);
		if (leaf->kind < LEAF_MIB)
			buf_putc(b, '.');
		else if (leaf->kind == LEAF_MIB || leaf->kind == LEAF_SEEN)
			buf_puts(b, ", ");
	}
	buf_puts(b, e->text + at);
}

bool expr_counts_calls(const struct expr *e)
{
	for (u16 i = 0; i < e->leaves; i++)
		if (e->leaf[i].kind == LEAF_CALLED)
			return true;
	return false;
}
