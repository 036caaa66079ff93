#include "feed/reader.h"

#include "feed/collect.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>

static void check_reads(int fd, const char *want, uint64_t lines)
{
	struct ps_reader *reader = ps_reader_open(fd, 1 << 20);
	size_t len = strlen(want);

	ck_assert_ptr_nonnull(reader);
	for (size_t i = 0; i < len; i++) {
		ck_assert(ps_reader_more(reader));
		ck_assert_uint_eq(ps_reader_peek(reader), (uint8_t)want[i]);
		ck_assert_uint_eq(ps_reader_take(reader), (uint8_t)want[i]);
	}
	ck_assert(!ps_reader_more(reader));
	ck_assert(!ps_reader_more(reader));
	ck_assert_int_eq(reader->status, PS_OK);
	ck_assert_uint_eq(reader->line, lines);
	ps_reader_close(reader);
}

static void check_memory(const char *in, const char *want, uint64_t lines)
{
	int fd = collect_memory(in, strlen(in));

	check_reads(fd, want, lines);
	close(fd);
}

START_TEST(octets_come_in_order_with_their_lines)
{
	check_memory("", "", 1);
	check_memory("a\nb\r\nc", "a\nb\r\nc", 3);
	check_memory("\n\n", "\n\n", 3);
}
END_TEST

START_TEST(a_byte_order_mark_is_dropped_at_the_beginning_alone)
{
	check_memory("\xef\xbb\xbf" "a\xef\xbb\xbf", "a\xef\xbb\xbf", 1);
	check_memory("\xef\xbb\xbf", "", 1);
	check_memory("\xef\xbb", "\xef\xbb", 1);
	check_memory("\xef\xbb" "a", "\xef\xbb" "a", 1);
}
END_TEST

START_TEST(a_pipe_gives_the_same_octets_one_by_one)
{
	static const char text[] = "\xef\xbb\xbf" "ab\ncd";
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	if (fork() == 0) {
		for (size_t i = 0; i < sizeof(text) - 1; i++) {
			if (write(ends[1], text + i, 1) != 1)
				_exit(1);
			sched_yield();
		}
		_exit(0);
	}
	close(ends[1]);
	check_reads(ends[0], "ab\ncd", 2);
	close(ends[0]);
}
END_TEST

START_TEST(more_than_one_buffer_is_read)
{
	static char text[3 * PS_READER_SIZE + 10];
	uint64_t lines = 1;

	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		text[i] = i % 97 == 0 ? '\n' : (char)('a' + i % 26);
		lines += text[i] == '\n';
	}
	check_memory(text, text, lines);
}
END_TEST

START_TEST(the_limit_is_an_error_that_sticks)
{
	int fd = collect_memory("abc", 3);
	struct ps_reader *reader = ps_reader_open(fd, 2);

	ck_assert(!ps_reader_more(reader));
	ck_assert_int_eq(reader->status, PS_LIMIT);
	ck_assert(!ps_reader_more(reader));
	ps_reader_close(reader);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	check_reads(fd, "abc", 1);
	close(fd);
}
END_TEST

START_TEST(a_read_error_keeps_its_number)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);
	struct ps_reader *reader = ps_reader_open(fd, 2);

	ck_assert(!ps_reader_more(reader));
	ck_assert_int_eq(reader->status, PS_IO);
	ck_assert_int_eq(reader->sys_errno, EISDIR);
	ps_reader_close(reader);
	ps_reader_close(NULL);
	close(fd);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    octets_come_in_order_with_their_lines,
	    a_byte_order_mark_is_dropped_at_the_beginning_alone,
	    a_pipe_gives_the_same_octets_one_by_one,
	    more_than_one_buffer_is_read,
	    the_limit_is_an_error_that_sticks,
	    a_read_error_keeps_its_number,
	};

	return RUN_TESTS("feed.reader", tests);
}
