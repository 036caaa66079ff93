/* Reading everything that a snapshot holds, so that sanitizers see each access. */
#include "lookalike/lookalike.h"
#include "snapshot/sample.h"

#include <stdlib.h>

static uint64_t sum_octets(const void *octets, size_t len)
{
	const uint8_t *p = octets;
	uint64_t sum = 0;

	for (size_t i = 0; i < len; i++)
		sum = sum * 31 + p[i];
	return sum;
}

static uint64_t sum_text(const char *text)
{
	return sum_octets(text, strlen(text));
}

static uint64_t sum_rows(const struct ps_snapshot *snapshot, uint32_t first, uint32_t count)
{
	uint64_t sum = 0;

	for (uint32_t n = 0; n < count; n++) {
		struct ps_row row = ps_snapshot_row(snapshot, first + n);

		sum += row.kind + row.source + row.valid_until;
		/* What a verdict does with it: an index into the tables. */
		if (row.kind == PS_ROW_FEED)
			sum += sum_text(ps_snapshot_feed(snapshot, row.source).id);
		if (row.kind == PS_ROW_NAMES)
			sum += ps_snapshot_condition(snapshot, row.source).kind;
	}
	return sum;
}

static uint64_t sum_tables(const struct ps_snapshot *snapshot)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ps_snapshot_feed_count(snapshot); i++) {
		struct ps_feed_view it = ps_snapshot_feed(snapshot, i);

		sum += sum_text(it.id) + sum_text(it.title) + sum_text(it.file) + it.read;
	}
	for (uint32_t i = 0; i < ps_snapshot_answer_count(snapshot); i++) {
		struct ps_answer_view it = ps_snapshot_answer(snapshot, i);

		sum += sum_text(it.name) + sum_octets(it.a, (size_t)it.a_count * 16) +
		    sum_octets(it.aaaa, (size_t)it.aaaa_count * 16) +
		    sum_octets(it.cname.wire, it.cname.len);
	}
	for (uint32_t i = 0; i < ps_snapshot_structured(snapshot).contact_count; i++)
		sum += sum_text(ps_snapshot_structured(snapshot).contacts[i]);
	if (ps_snapshot_structured(snapshot).on)
		sum += sum_text(ps_snapshot_structured(snapshot).organization) +
		    sum_text(ps_snapshot_structured(snapshot).language);
	for (uint32_t i = 0; i < ps_snapshot_rule_count(snapshot); i++) {
		struct ps_rule_view it = ps_snapshot_rule(snapshot, i);

		sum += sum_text(it.id) + sum_text(it.file) + sum_text(it.ede_text);
		sum += sum_text(ps_snapshot_answer(snapshot, it.answer).name);
		for (uint32_t k = 0; k < it.condition_count; k++)
			sum += ps_snapshot_condition(snapshot, it.first_condition + k).kind;
	}
	for (uint32_t i = 0; i < ps_snapshot_condition_count(snapshot); i++) {
		struct ps_condition_view it = ps_snapshot_condition(snapshot, i);

		sum += sum_text(it.pattern) + sum_octets(it.feeds, (size_t)it.feed_count * 2);
		for (uint32_t k = 0; k < it.feed_count; k++)
			sum += sum_text(
			    ps_snapshot_feed(snapshot, ps_load_le16(it.feeds + (size_t)k * 2)).id);
		for (uint32_t k = 0; k < it.brand_count; k++)
			sum += sum_text(ps_tables_brand(ps_snapshot_tables(snapshot),
			    ps_load_le16(it.brands + (size_t)k * 2)).id);
	}
	return sum;
}

static uint64_t sum_likeness(const struct ps_tables *tables, struct ps_name name)
{
	struct ps_likeness likeness;
	uint64_t sum;

	ps_lookalike_judge(tables, name, &likeness);
	sum = likeness.score;
	if (sum > 0)
		sum += sum_text(ps_tables_brand(tables, likeness.brand).id) +
		    ps_tables_term(tables, likeness.term).len;
	return sum;
}

static uint64_t sum_lookalike(const struct ps_tables *tables)
{
	static const char *const names[] = {"usps.top", "parcel-usps.com.top", "1npost.co.uk",
	    "usp.net", "royal-mail.a.ck", "xn--80a1acny.com", "post.uspss-douane.blogspot.com",
	    "ems1.top", "laposte.x.www.ck", "\\000usps!parcel!.top", "rnernsvv.net"};
	uint64_t sum = 0;

	for (uint32_t i = 0; i < tables->brands; i++) {
		struct ps_brand_view it = ps_tables_brand(tables, i);

		sum += sum_text(it.id) + sum_text(it.owner) + sum_text(it.file) +
		    sum_text(it.countries);
		for (const char *tail = it.tails; *tail != '\0'; tail += strlen(tail) + 1)
			sum += sum_text(tail);
	}
	for (uint32_t i = 0; i < tables->terms; i++) {
		struct ps_term it = ps_tables_term(tables, i);

		sum += sum_octets(it.text, it.len);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct sample_name name;

		sample_text_name(names[i], &name);
		sum += sum_likeness(tables, name.name);
	}
	return sum;
}

static uint64_t sum_texts(const struct ps_snapshot *snapshot)
{
	struct ps_snapshot_size size = ps_snapshot_size(snapshot);
	struct ps_entry_cursor cursor = {.snapshot = snapshot};
	struct ps_entry_text entry;
	uint64_t sum = 0;

	for (uint32_t i = 0; ps_entry_cursor_next(&cursor, &entry); i++) {
		struct ps_hits hits;

		sum += sum_octets(entry.name.wire, entry.name.len);
		ps_snapshot_find(snapshot, entry.name, &hits);
		sum += hits.count;
		/* By index as well, but not all: that goes over 64 records each. */
		if (i % 61 == 0) {
			sum += ps_snapshot_entry_text(snapshot, i).name.len;
			for (uint32_t n = 0; n < entry.row_count; n++) {
				struct ps_provenance it = ps_snapshot_provenance(snapshot, i, n);

				sum += it.line + sum_octets(it.reference.ptr, it.reference.len);
			}
		}
	}
	for (uint32_t i = 0; i < size.prefixes4 + size.prefixes6; i += 17) {
		struct ps_provenance it = ps_snapshot_prefix_provenance(snapshot, i, 0);

		sum += it.line + sum_octets(it.reference.ptr, it.reference.len);
	}
	return sum;
}

static uint64_t sum_prefixes(const struct ps_snapshot *snapshot)
{
	struct ps_snapshot_size size = ps_snapshot_size(snapshot);
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ps_snapshot_group_count(snapshot); i++) {
		struct ps_group_view view = ps_snapshot_group(snapshot, i);

		sum += sum_text(view.id) + sum_text(view.file) + view.line;
	}
	for (uint32_t i = 0; i < ps_snapshot_client_prefix_count(snapshot); i++) {
		uint32_t group, prefix = 0;
		struct ps_prefix it = ps_snapshot_client_prefix(snapshot, i, &group);

		sum += sum_text(ps_snapshot_group(snapshot, group).id) +
		       ps_snapshot_client(snapshot, &it.address, &prefix) + prefix;
	}
	for (uint32_t i = 0; i < size.prefixes4 + size.prefixes6; i++) {
		uint32_t first, count, prefix;
		struct ps_prefix it = ps_snapshot_prefix(snapshot, i, &first, &count);

		sum += sum_rows(snapshot, first, count);
		if (!ps_snapshot_find_address(snapshot, &it.address, &prefix, &first, &count))
			continue;
		do
			sum += prefix + sum_rows(snapshot, first, count);
		while (ps_snapshot_find_wider(snapshot, &prefix, &first, &count));
	}
	return sum;
}

uint64_t sample_exercise(const struct ps_snapshot *snapshot)
{
	struct sample_random random = {.state = 7};
	uint64_t sum = sum_tables(snapshot) + sum_prefixes(snapshot) +
	    sum_lookalike(ps_snapshot_tables(snapshot));

	sum += sum_octets(ps_snapshot_digest(snapshot), PS_DIGEST_SIZE);
	for (uint32_t i = 0; i < 64; i++) {
		struct sample_name name;
		struct ps_hits hits;

		sample_random_name(&random, &name);
		ps_snapshot_find(snapshot, name.name, &hits);
		sum += sum_likeness(ps_snapshot_tables(snapshot), name.name);
		for (uint32_t n = 0; n < hits.count; n++)
			sum += sum_rows(snapshot, hits.hit[n].first_row, hits.hit[n].row_count);
	}
	sum += sum_rows(snapshot, 0, (uint32_t)ps_snapshot_size(snapshot).rows);
	if (ps_snapshot_part(snapshot) == PS_SNAPSHOT_WHOLE)
		sum += sum_texts(snapshot);
	return sum;
}
