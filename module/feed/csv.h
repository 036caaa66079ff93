/* CSV as RFC 4180 has it, columns found by the names in the first record.
 *
 * Quoted fields, doubled quotes, line breaks inside quotes, CR LF or LF, any
 * delimiter of one octet. Column names are compared without regard to ASCII case.
 * A record may have 64 KiB and 1,024 fields; longer ones are passed over. A record whose
 * number of fields is not the header's is refused: its columns may have shifted. A
 * quote inside an unquoted field, or text behind a closing quote, is a bad line, which
 * ends at the next line break. A quote that is never closed ends the feed: it may
 * have swallowed any number of records.
 * The name column holds what a line of a plain list holds (feed/plain.h); dates are
 * RFC 3339, a date alone, or Unix seconds; confidence is 0 to 100; an empty field
 * means the feed's default.
 */
#ifndef PS_FEED_CSV_H
#define PS_FEED_CSV_H

#include "feed/reading.h"

#define PS_CSV_RECORD_MAX 65536
#define PS_CSV_FIELDS_MAX 1024

PS_MUST_USE enum ps_status ps_csv_read(struct ps_reading *reading);

#endif
