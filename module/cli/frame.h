/* One frame of `postshield top`: lines of printable ASCII, none wider and no more than the
 * terminal has, with what matters most on top, so that a small one loses the rest.
 *
 * Threads: pure functions.
 */
#ifndef PS_CLI_FRAME_H
#define PS_CLI_FRAME_H

#include "cli/activity.h"
#include "core/buffer.h"

struct ps_frame_size {
	unsigned columns;
	unsigned lines;
};

/* Appends the frame's lines to out, "\n" behind each. styles: of the terminal that shows them;
 * its stream is not written to. Returns out's status. */
enum ps_status ps_frame_render(struct ps_buffer *out, const struct ps_activity *activity,
    struct ps_frame_size size, const struct ps_terminal *styles);

#endif
