#include "policy/pattern_match.h"

#include "policy/plan.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdlib.h>

#include "policy/pattern_options.h"

struct ps_pattern_match {
	pcre2_code *code;
	pcre2_match_data *data;
	pcre2_match_context *limits;
};

struct ps_pattern_match *ps_pattern_open(struct ps_bytes pattern)
{
	struct ps_pattern_match *match = calloc(1, sizeof(*match));
	PCRE2_SIZE offset;
	int error;

	if (match == NULL)
		return NULL;
	match->code = pcre2_compile(
	    pattern.ptr, pattern.len, PS_PATTERN_COMPILE_OPTIONS, &error, &offset, NULL);
	match->data = pcre2_match_data_create(1, NULL);
	match->limits = pcre2_match_context_create(NULL);
	if (match->code == NULL || match->data == NULL || match->limits == NULL) {
		ps_pattern_close(match);
		return NULL;
	}
	(void)pcre2_set_match_limit(match->limits, PS_PATTERN_MATCH_LIMIT);
	(void)pcre2_set_depth_limit(match->limits, PS_PATTERN_DEPTH_LIMIT);
	(void)pcre2_set_heap_limit(match->limits, PS_PATTERN_HEAP_KIB);
	return match;
}

void ps_pattern_close(struct ps_pattern_match *match)
{
	if (match == NULL)
		return;
	pcre2_match_context_free(match->limits);
	pcre2_match_data_free(match->data);
	pcre2_code_free(match->code);
	free(match);
}

bool ps_pattern_matches(struct ps_pattern_match *match, struct ps_bytes text)
{
	return pcre2_match(match->code, text.ptr, text.len, 0, 0, match->data, match->limits) >= 0;
}

bool ps_pattern_matches_all(struct ps_pattern_match *match)
{
	return ps_pattern_matches(match, ps_bytes_of_text("q")) &&
	       ps_pattern_matches(match, ps_bytes_of_text("7--x.zz")) &&
	       ps_pattern_matches(match, ps_bytes_of_text("a_b.xn--k1aw.0.example"));
}
