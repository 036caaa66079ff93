/* The two tables of options.h. */
#include "cli/options.h"

static const struct ps_option options[PS_OPTION_COUNT] = {
    {PS_OPTION_HELP, 'h', "help", NULL, PS_TAKES_NONE, NULL, false, "show this help"},
    {PS_OPTION_VERSION, 'V', "version", NULL, PS_TAKES_NONE, NULL, false, "show the version"},
    {PS_OPTION_MAN, 0, "man", "COMMAND", PS_TAKES_WORDS,
        "postshield check build explain index status test scan diff events top rollback "
        "disable enable allow", false,
        "print a command's man page; 'postshield' names the program's own"},
    {PS_OPTION_COMPLETION, 0, "completion", "SHELL", PS_TAKES_WORDS, "bash zsh fish", false,
        "print the completions for bash, zsh or fish"},
    {PS_OPTION_NO_COLOR, 0, "no-color", NULL, PS_TAKES_NONE, NULL, false,
        "no colours, even on a terminal"},
    {PS_OPTION_JSON, 0, "json", NULL, PS_TAKES_NONE, NULL, false,
        "print the facts as JSON, for programs"},
    {PS_OPTION_PLAIN, 0, "plain", NULL, PS_TAKES_NONE, NULL, false,
        "one line a message, for screen readers and editors"},
    {PS_OPTION_STRICT, 0, "strict", NULL, PS_TAKES_NONE, NULL, false,
        "exit with 1 when there are warnings"},
    {PS_OPTION_POLICY, 'p', "policies", "PATH", PS_TAKES_FILE, NULL, false,
        "the policy: a file, or a folder of *.postshield.yaml; otherwise ./policies, or "
        "/etc/postshield/policies where that does not exist"},
    {PS_OPTION_OUTPUT, 'o', "output", "FILE", PS_TAKES_FILE, NULL, false,
        "where to put the snapshot, instead of snapshot.ps in the state folder"},
    {PS_OPTION_ACCEPT, 'a', "accept", "FEED", PS_TAKES_OTHER, NULL, true,
        "take this feed's new entries although their number jumped; may be repeated"},
    {PS_OPTION_NOW, 0, "now", "TIME", PS_TAKES_OTHER, NULL, false,
        "go by this time instead of the clock: 2025-11-21, 2025-11-21T22:41:05Z (UTC), "
        "or seconds since 1970"},
    {PS_OPTION_QUIET, 'q', "quiet", NULL, PS_TAKES_NONE, NULL, false,
        "no table and no progress: only what went wrong"},
    {PS_OPTION_VERBOSE, 'v', "verbose", NULL, PS_TAKES_NONE, NULL, false,
        "also show up to five places for each reason of refusal"},
    {PS_OPTION_TYPE, 't', "type", "TYPE", PS_TAKES_WORDS,
        "A AAAA CNAME HTTPS MX NS PTR SOA SRV SVCB TXT", false,
        "the record type asked for; otherwise A"},
    {PS_OPTION_SNAPSHOT, 's', "snapshot", "FILE", PS_TAKES_FILE, NULL, false,
        "the snapshot to read, instead of snapshot.ps in the state folder"},
    {PS_OPTION_TOP, 'n', "top", "N", PS_TAKES_OTHER, NULL, false,
        "how many rules and feeds to show, those with most hits first; otherwise 10"},
    {PS_OPTION_ONLY_FAILURES, 0, "only-failures", NULL, PS_TAKES_NONE, NULL, false,
        "leave out the tests that passed"},
    {PS_OPTION_JUNIT, 0, "junit", "FILE", PS_TAKES_FILE, NULL, false,
        "also write the results to FILE as JUnit's XML, for a CI system"},
    {PS_OPTION_FORMAT, 'f', "format", "FORMAT", PS_TAKES_WORDS, "names zone ct", false,
        "what the input is: names, one a line, which is what it is otherwise; zone, a zone "
        "file's owner names; ct, certificate-transparency logs as JSON lines (certstream, "
        "crt.sh)"},
    {PS_OPTION_JOBS, 'j', "jobs", "N", PS_TAKES_OTHER, NULL, false,
        "how many names to judge at once; otherwise one a processor"},
    {PS_OPTION_ONLY_FINDINGS, 0, "only-findings", NULL, PS_TAKES_NONE, NULL, false,
        "leave out the names that pass"},
    {PS_OPTION_TSV, 0, "tsv", NULL, PS_TAKES_NONE, NULL, false,
        "print tab-separated columns without head and summary, for programs"},
    {PS_OPTION_CLIENT, 'c', "client", "ADDRESS", PS_TAKES_OTHER, NULL, false,
        "the IPv4 or IPv6 address that asks; otherwise one that is in no group of clients"},
    {PS_OPTION_ANSWER, 'A', "answer", "NAME|ADDRESS", PS_TAKES_OTHER, NULL, true,
        "what the answer shows: a name that it leads to, or an address in it; may be repeated. "
        "Otherwise there is no answer yet"},
    {PS_OPTION_SERVER, 'S', "server", "NAME|ADDRESS", PS_TAKES_OTHER, NULL, true,
        "a name server that was seen on the way to the answer, by name or address; may be "
        "repeated"},
    {PS_OPTION_FIX, 0, "fix", NULL, PS_TAKES_NONE, NULL, false,
        "correct what can be corrected without changing what is meant"},
    {PS_OPTION_DRY_RUN, 0, "dry-run", NULL, PS_TAKES_NONE, NULL, false,
        "with --fix: show the corrections as a difference, and write nothing"},
    {PS_OPTION_FOLLOW, 'f', "follow", NULL, PS_TAKES_NONE, NULL, false,
        "go on with what comes, until Ctrl-C"},
    {PS_OPTION_EVENTS, 0, "events", NULL, PS_TAKES_NONE, NULL, false,
        "compare by the names of the resolver's events instead of files"},
    {PS_OPTION_SINCE, 0, "since", "TIME", PS_TAKES_OTHER, NULL, false,
        "leave out events that ended before: 15m, 2h or 7d ago, 2025-11-21, or "
        "2025-11-21T22:41:05Z (UTC)"},
    {PS_OPTION_FRAMES, 'n', "frames", "N", PS_TAKES_OTHER, NULL, false,
        "end after N frames; otherwise go on until q or Ctrl-C, or, with --json and where the "
        "output is no terminal, end after one (with --follow: go on)"},
    {PS_OPTION_INTERVAL, 'i', "interval", "SECONDS", PS_TAKES_OTHER, NULL, false,
        "the time from frame to frame, from 0.1 to 3600; otherwise 2"},
    {PS_OPTION_LIST, 'l', "list", NULL, PS_TAKES_NONE, NULL, false,
        "show what there is, and change nothing"},
    {PS_OPTION_FOR, 'f', "for", "SPAN", PS_TAKES_OTHER, NULL, false,
        "how long: 90s, 15m, 2h, 7d; at most 30d; otherwise 10m (disable) or 1h (allow)"},
    {PS_OPTION_REASON, 'r', "reason", "TEXT", PS_TAKES_OTHER, NULL, false,
        "why; it stands in the resolver's log and in status"},
    {PS_OPTION_RULE, 'R', "rule", "ID", PS_TAKES_OTHER, NULL, false,
        "this rule alone; otherwise every rule that blocks"},
    {PS_OPTION_REMOVE, 0, "remove", NULL, PS_TAKES_NONE, NULL, false,
        "take it back: the policy decides on the name again"},
};

#define STATE_TEXT \
	"the state folder, which holds snapshot.ps and module.prom; otherwise the one " \
	"that was compiled in"
#define NO_COLOR_NOTE {"NO_COLOR", "when set and not empty: no colours"}
#define STATE_NOTE {"POSTSHIELD_STATE", STATE_TEXT}

static const struct ps_note state_places[] = {STATE_NOTE, NO_COLOR_NOTE, {NULL, NULL}};

/* --- the program itself ------------------------------------------------------ */

static const enum ps_option_id program_options[] = {PS_OPTION_HELP, PS_OPTION_VERSION,
    PS_OPTION_MAN, PS_OPTION_COMPLETION, PS_OPTION_NO_COLOR, PS_OPTION_COUNT};

static const struct ps_note program_exits[] = {
    {"0", "done, nothing to report"},
    {"1", "done, with findings: something blocked, held, stale or not found"},
    {"2", "the policy, the input or the command line is wrong"},
    {"3", "an outside system failed: a disk, the memory, a permission"},
    {NULL, NULL},
};

static const struct ps_note program_examples[] = {
    {"postshield check policies", "is the policy right?"},
    {"postshield build", "make the snapshot; the resolver takes it by itself"},
    {"postshield explain track-lnpost.top", "what becomes of a name, and why"},
    {"postshield status", "does the resolver protect?"},
    {NULL, NULL},
};

/* --- check ------------------------------------------------------------------- */

static const enum ps_option_id check_options[] = {PS_OPTION_POLICY, PS_OPTION_FIX, PS_OPTION_DRY_RUN,
    PS_OPTION_PLAIN, PS_OPTION_STRICT, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note check_exits[] = {
    {"0", "the policy is good; there may be warnings"},
    {"1", "with --strict: it is good, but there are warnings; with --fix --dry-run: it "
          "would be good, and there is something to correct"},
    {"2", "the policy has errors (with --fix: some are left), or there is none"},
    {"3", "its folder could not be read, or a correction not written"},
    {NULL, NULL},
};

static const struct ps_note check_places[] = {
    {"./policies", "the policy, when no PATH is given"},
    {"/etc/postshield/policies", "the policy where ./policies does not exist"},
    {"/usr/share/dict/words", "a dictionary: protected names that are words of it are warned of; "
                              "there need be none"},
    {"PS_DICTIONARY_FILE", "another one, a word a line; empty: none"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note check_examples[] = {
    {"postshield check", "the policy that build would take"},
    {"postshield check --plain us.postshield.yaml", "one file, one line a message"},
    {"postshield check --fix --dry-run", "what could be corrected, as a difference"},
    {"postshield check --strict --json", "for a pipeline"},
    {NULL, NULL},
};

/* --- build ------------------------------------------------------------------- */

static const enum ps_option_id build_options[] = {PS_OPTION_POLICY, PS_OPTION_OUTPUT,
    PS_OPTION_ACCEPT, PS_OPTION_NOW, PS_OPTION_VERBOSE, PS_OPTION_QUIET, PS_OPTION_JSON,
    PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note build_exits[] = {
    {"0", "the snapshot is made from the whole of every feed"},
    {"1", "the snapshot is made, but a feed is held or could not be read"},
    {"2", "the policy has errors, or the command line; nothing was written"},
    {"3", "the snapshot could not be written; the last one stands"},
    {NULL, NULL},
};

static const struct ps_note build_places[] = {
    STATE_NOTE,
    {"PS_PUBLIC_SUFFIX_FILE", "a public suffix list to use where it is newer than the "
                              "built-in one"},
    {".build.lock", "in the output's folder: one build at a time"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note build_examples[] = {
    {"postshield build", "from the default policy into the state folder"},
    {"postshield build -p policies -o /tmp/trial.ps", "a snapshot to try out"},
    {"postshield build --accept post-isac", "a feed's jump in size is meant"},
    {NULL, NULL},
};

/* --- explain ----------------------------------------------------------------- */

static const enum ps_option_id explain_options[] = {PS_OPTION_TYPE, PS_OPTION_CLIENT,
    PS_OPTION_ANSWER, PS_OPTION_SERVER,
    PS_OPTION_POLICY, PS_OPTION_SNAPSHOT, PS_OPTION_NOW, PS_OPTION_JSON, PS_OPTION_NO_COLOR,
    PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note explain_exits[] = {
    {"0", "the name passes"},
    {"1", "the name is blocked"},
    {"2", "NAME is no domain name, ADDRESS no address, or there is no good snapshot or policy"},
    {"3", "the snapshot could not be read"},
    {NULL, NULL},
};

static const struct ps_note explain_examples[] = {
    {"postshield explain track-lnpost.top", "the decision, and what led to it"},
    {"postshield explain --policies policies track-lnpost.top",
        "what a change would do, before it is built"},
    {"postshield explain --json Track-LNpost.top.", "case and final dot do not matter"},
    {"postshield explain --client 10.20.0.7 shop.example", "for this client"},
    {"postshield explain shop.example --answer x.tracker.example --answer 192.0.2.7",
        "with what its answer shows"},
    {"postshield explain --now 2025-12-24 shop.example", "what it will be at Christmas"},
    {NULL, NULL},
};

/* --- index ------------------------------------------------------------------- */

static const struct ps_verb index_verbs[] = {
    {"info", "", 0, 0, "what the snapshot holds: sizes, feeds, rules, answers"},
    {"verify", "", 0, 0, "check every octet of it, as the resolver does"},
    {"lookup", "NAME|ADDRESS...", 1, PS_UNLIMITED,
        "every entry that covers a name or an address, and where it came from"},
    {NULL, NULL, 0, 0, NULL},
};

static const enum ps_option_id index_options[] = {
    PS_OPTION_SNAPSHOT, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note index_exits[] = {
    {"0", "done; lookup: every argument has an entry that covers it"},
    {"1", "verify: the file is refused; lookup: an argument is covered by no entry"},
    {"2", "an argument is neither name nor address, or there is no good snapshot"},
    {"3", "the snapshot could not be read"},
    {NULL, NULL},
};

static const struct ps_note index_examples[] = {
    {"postshield index info", "the state folder's snapshot"},
    {"postshield index verify --snapshot trial.ps", "would the resolver take it?"},
    {"postshield index lookup shop.example 192.0.2.80", "listed where, by whom?"},
    {NULL, NULL},
};

/* --- status ------------------------------------------------------------------ */

static const enum ps_option_id status_options[] = {PS_OPTION_TOP, PS_OPTION_NOW, PS_OPTION_JSON,
    PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note status_exits[] = {
    {"0", "the resolver protects with the snapshot that lies on disk"},
    {"1", "something is wrong: it does not run, or refused the snapshot"},
    {"2", "the command line or the counters file is wrong"},
    {"3", "a file could not be read"},
    {NULL, NULL},
};

static const struct ps_note status_examples[] = {
    {"postshield status", "the resolver on this machine"},
    {"postshield status --json", "for a monitoring system"},
    {NULL, NULL},
};

/* --- test -------------------------------------------------------------------- */

static const enum ps_option_id test_options[] = {PS_OPTION_POLICY, PS_OPTION_ONLY_FAILURES,
    PS_OPTION_JUNIT, PS_OPTION_NOW, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP,
    PS_OPTION_COUNT};

static const struct ps_note test_exits[] = {
    {"0", "every test passed"},
    {"1", "a test failed"},
    {"2", "the policy has errors, or the command line"},
    {"3", "a file could not be read or written"},
    {NULL, NULL},
};

static const struct ps_note test_places[] = {
    {"PS_PUBLIC_SUFFIX_FILE", "a public suffix list to use where it is newer than the "
                              "built-in one"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note test_examples[] = {
    {"postshield test", "the tests of the default policy"},
    {"postshield test -p policies --only-failures", "quiet when all is well"},
    {"postshield test --junit results.xml", "for a CI system"},
    {NULL, NULL},
};

/* --- scan -------------------------------------------------------------------- */

static const enum ps_option_id scan_options[] = {PS_OPTION_POLICY, PS_OPTION_SNAPSHOT,
    PS_OPTION_CLIENT, PS_OPTION_FORMAT, PS_OPTION_ONLY_FINDINGS, PS_OPTION_JOBS, PS_OPTION_NOW,
    PS_OPTION_STRICT,
    PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note scan_exits[] = {
    {"0", "every name is judged, whatever was found"},
    {"1", "with --strict: so they are, but lines hold no names"},
    {"2", "the policy has errors, or the command line, or there is no such file"},
    {"3", "a file could not be read, or the output not written"},
    {NULL, NULL},
};

static const struct ps_note scan_places[] = {
    {"./policies", "the policy, when neither --policies nor --snapshot is given"},
    {"/etc/postshield/policies", "the policy where ./policies does not exist"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note scan_examples[] = {
    {"postshield scan names.txt", "what the policy says of each"},
    {"cut -f1 top.tsv | postshield scan --only-findings", "what it would block"},
    {"zcat top.zone.gz | postshield scan --format zone --json", "a registry's own zone"},
    {NULL, NULL},
};

/* --- diff -------------------------------------------------------------------- */

static const enum ps_option_id diff_options[] = {PS_OPTION_EVENTS, PS_OPTION_SINCE, PS_OPTION_CLIENT,
    PS_OPTION_FORMAT, PS_OPTION_JOBS, PS_OPTION_NOW, PS_OPTION_TSV, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP,
    PS_OPTION_COUNT};

static const struct ps_note diff_exits[] = {
    {"0", "every name has the same verdict in both"},
    {"1", "some have another verdict in NEW"},
    {"2", "a policy has errors, or the command line, or there is no such file"},
    {"3", "a file could not be read, or the output not written"},
    {NULL, NULL},
};

static const struct ps_note diff_places[] = {
    STATE_NOTE,
    {"PS_PUBLIC_SUFFIX_FILE", "a public suffix list to use where it is newer than the "
                              "built-in one"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note diff_examples[] = {
    {"postshield diff /etc/postshield/policies policies -- names.txt",
        "what a change would do"},
    {"cut -f1 top.tsv | postshield diff old.yaml new.yaml -- -", "names from a pipe"},
    {"postshield diff --tsv snapshot.ps policies -- names.txt",
        "against what the resolver goes by"},
    {"postshield diff --events --since 1d /etc/postshield/policies policies",
        "over what was blocked since yesterday"},
    {NULL, NULL},
};

/* --- events ------------------------------------------------------------------ */

static const enum ps_option_id events_options[] = {PS_OPTION_FOLLOW, PS_OPTION_SINCE,
    PS_OPTION_NOW, PS_OPTION_TSV, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP,
    PS_OPTION_COUNT};

static const struct ps_note events_exits[] = {
    {"0", "all there is was shown; there may be none"},
    {"1", "so it was, but some are damaged or missing"},
    {"2", "the command line is wrong, or events are of a newer version"},
    {"3", "a file could not be read, or the output not written"},
    {NULL, NULL},
};

static const struct ps_note events_places[] = {
    {"POSTSHIELD_STATE", "the state folder, which holds events and snapshot.ps; otherwise the "
                         "one that was compiled in"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note events_examples[] = {
    {"postshield events --since 1h", "what was blocked in the last hour"},
    {"postshield events --follow", "as it happens, some seconds behind"},
    {"postshield events --json | jq -r 'select(.feed) | .name'", "listed names alone"},
    {NULL, NULL},
};

/* --- top --------------------------------------------------------------------- */

static const enum ps_option_id top_options[] = {PS_OPTION_FRAMES, PS_OPTION_INTERVAL,
    PS_OPTION_FOLLOW, PS_OPTION_NOW, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note top_exits[] = {
    {"0", "ended by N, q, Ctrl-C or SIGTERM; whatever was seen"},
    {"2", "the command line is wrong"},
    {"3", "the terminal is gone, or there is no memory"},
    {NULL, NULL},
};

static const struct ps_note top_places[] = {
    {"POSTSHIELD_STATE", "the state folder, which holds module.prom and events; otherwise the "
                         "one that was compiled in"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note top_examples[] = {
    {"postshield top", "what is blocked now, until q"},
    {"postshield top --interval 10", "for a screen on the wall"},
    {"postshield top | mail -s 'blocked' noc", "one frame"},
    {"postshield top --json | jq -r '.names[] | [.count, .name] | @tsv'", "for a script"},
    {"postshield top --json --follow --interval 60 >> /var/log/blocked.jsonl", "a line a minute"},
    {NULL, NULL},
};

/* --- rollback ---------------------------------------------------------------- */

static const enum ps_option_id rollback_options[] = {
    PS_OPTION_LIST, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};

static const struct ps_note rollback_exits[] = {
    {"0", "the earlier snapshot is published, or the list is shown"},
    {"2", "there is none to go back to, or the command line is wrong; nothing was changed"},
    {"3", "a file could not be read or written; what served serves on"},
    {NULL, NULL},
};

static const struct ps_note rollback_places[] = {
    STATE_NOTE,
    {"generations", "in the state folder: the snapshots that are kept"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note rollback_examples[] = {
    {"postshield rollback", "to what served before"},
    {"postshield rollback --list", "what is kept, and which one serves"},
    {"postshield rollback 4cca95f2", "to that one"},
    {NULL, NULL},
};

/* --- disable, enable, allow --------------------------------------------------- */

static const enum ps_option_id disable_options[] = {PS_OPTION_FOR, PS_OPTION_RULE,
    PS_OPTION_REASON, PS_OPTION_NOW, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP,
    PS_OPTION_COUNT};
static const enum ps_option_id enable_options[] = {PS_OPTION_RULE, PS_OPTION_NOW, PS_OPTION_JSON,
    PS_OPTION_NO_COLOR, PS_OPTION_HELP, PS_OPTION_COUNT};
static const enum ps_option_id allow_options[] = {PS_OPTION_FOR, PS_OPTION_REASON,
    PS_OPTION_REMOVE, PS_OPTION_NOW, PS_OPTION_JSON, PS_OPTION_NO_COLOR, PS_OPTION_HELP,
    PS_OPTION_COUNT};

static const struct ps_note relief_exits[] = {
    {"0", "done: the resolver goes by it within a second"},
    {"1", "there was nothing to take back"},
    {"2", "the name, the rule, the span or the command line is wrong"},
    {"3", "the state folder cannot be written"},
    {NULL, NULL},
};

static const struct ps_note relief_places[] = {
    STATE_NOTE,
    {"relief.ps", "in the state folder: what is let through, and until when"},
    NO_COLOR_NOTE,
    {NULL, NULL},
};

static const struct ps_note disable_examples[] = {
    {"postshield disable --reason 'is it us?'", "nothing is blocked for ten minutes"},
    {"postshield disable --for 2h --rule lookalikes", "that rule blocks nothing for two hours"},
    {NULL, NULL},
};

static const struct ps_note enable_examples[] = {
    {"postshield enable", "takes back postshield disable"},
    {"postshield enable --rule lookalikes", "takes back that of a rule"},
    {NULL, NULL},
};

static const struct ps_note allow_examples[] = {
    {"postshield allow shop.example --for 24h --reason 'ticket 4711'", "until tomorrow"},
    {"postshield allow --remove shop.example", "not any more"},
    {NULL, NULL},
};

/* --- the table ---------------------------------------------------------------- */

static const struct ps_command commands[PS_COMMAND_COUNT] = {
    {.id = PS_COMMAND_PROGRAM,
        .name = "postshield",
        .summary = "refuses lookalike and abuse-listed domains in Unbound, and says why",
        .arguments = "COMMAND [ARGUMENT...]",
        .arguments_max = 0,
        .description =
            "Turns policies and feeds into the snapshot that the resolver's module goes "
            "by, and shows what it does and why.\n\n"
            "The resolver watches snapshot.ps in the state folder: a new file is checked "
            "whole and taken while queries flow; a bad one is refused and the last good "
            "one goes on serving.",
        .options = program_options,
        .exits = program_exits,
        .places = state_places,
        .examples = program_examples},
    {.id = PS_COMMAND_CHECK,
        .name = "check",
        .summary = "read the policy and show every mistake in it",
        .arguments = "[PATH]",
        .arguments_max = 1,
        .takes_files = true,
        .description =
            "Reads the policy at PATH, a file or a folder of *.postshield.yaml, to its "
            "end and shows all errors and warnings at once, each with its place. Also "
            "warns of feed files that cannot be read. Writes nothing but with --fix.\n\n"
            "Warned of is what is valid and hardly meant: rules that are never asked, names "
            "that an earlier rule decides, one rule blocking what another lets through, "
            "conditions that never hold together, popular names, official domains and "
            "exceptions that a rule blocks, and more.\n\n"
            "--fix corrects what is only spelt wrong or said twice, and nothing that would "
            "change a verdict: a key or word that is near to one other and no other, letter "
            "case and the final dot of names, tabs in front of lines, repeated entries of "
            "lists. It edits these places alone, so that remarks and layout stay; reads the "
            "policy again, and leaves out whatever would make something worse; writes each "
            "file beside its place, with its mode, and renames it. What is left is shown as "
            "ever.",
        .options = check_options,
        .exits = check_exits,
        .places = check_places,
        .examples = check_examples},
    {.id = PS_COMMAND_BUILD,
        .name = "build",
        .summary = "make the snapshot from the policy and its feeds",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Reads the policy and every feed in it, leaves out what must never be "
            "blocked, and writes one snapshot file. The file is written beside its place, "
            "verified as the resolver does, and then put in place at once: a resolver "
            "sees the old one or the new one, whole.\n\n"
            "A feed is held, and its entries of the last snapshot are kept, when it lost "
            "or gained more than its limits say (counted from 100 entries; a feed that "
            "became empty is held whatever its size), until --accept takes it. A feed "
            "that cannot be read keeps its entries of the last snapshot as well. In both "
            "cases the build exits with 1.\n\n"
            "A listed name that is also among the popular ones is put on trial: counted "
            "and shown, never blocked.",
        .options = build_options,
        .exits = build_exits,
        .places = build_places,
        .examples = build_examples},
    {.id = PS_COMMAND_EXPLAIN,
        .name = "explain",
        .summary = "what becomes of a name, and why",
        .arguments = "NAME",
        .arguments_min = 1,
        .arguments_max = 1,
        .description =
            "Judges NAME with the resolver's own evaluator over the snapshot that the resolver "
            "goes by, or another one, or a policy with its feeds as they are now, and shows "
            "the decision, the lists and feeds that speak of the name, the rules that "
            "were asked, the answer, and what to do next. A lookalike stands above the "
            "protected name, with what differs in colour, or marked by ^ where there are no "
            "colours.\n\n"
            "Asks no network: what is shown is what the snapshot or the policy says.",
        .options = explain_options,
        .exits = explain_exits,
        .places = state_places,
        .examples = explain_examples},
    {.id = PS_COMMAND_INDEX,
        .name = "index",
        .summary = "look into a snapshot file",
        .arguments = "VERB [ARGUMENT...]",
        .arguments_min = 0,
        .arguments_max = PS_UNLIMITED,
        .description = "Shows what a snapshot file holds, whether it is good, and which of its "
                       "entries cover a name or an address. Every verb reads the file whole and "
                       "checks it first.",
        .verbs = index_verbs,
        .options = index_options,
        .exits = index_exits,
        .places = state_places,
        .examples = index_examples},
    {.id = PS_COMMAND_STATUS,
        .name = "status",
        .summary = "does the resolver protect, and what did it decide",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Reads what the module wrote into the state folder and compares it with the "
            "snapshot there: is it alive, does it go by that snapshot, how did it decide, "
            "which rules and feeds had how many hits. Asks neither network nor resolver.",
        .options = status_options,
        .exits = status_exits,
        .places = state_places,
        .examples = status_examples},
    {.id = PS_COMMAND_TEST,
        .name = "test",
        .summary = "run the tests that stand in the policy",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Makes a snapshot in memory from the policy and its feeds, judges the name of "
            "every test under tests: with the resolver's own evaluator, and shows what "
            "differs from what the test expects: action, rule, technique, brand.\n\n"
            "Writes nothing but what --junit names, and leaves the resolver's snapshot "
            "alone. A feed that cannot be read lists nothing here, which is said.",
        .options = test_options,
        .exits = test_exits,
        .places = test_places,
        .examples = test_examples},
    {.id = PS_COMMAND_SCAN,
        .name = "scan",
        .summary = "judge a stream of names, one row each",
        .arguments = "[FILE...]",
        .arguments_max = PS_UNLIMITED,
        .takes_files = true,
        .description =
            "Judges the names in each FILE, or on standard input (also as '-'), with the "
            "resolver's own evaluator on all processors, and writes a row for each in the "
            "order of the input. The policy is made into a snapshot in memory, unless "
            "--snapshot names one; the resolver's is left alone.\n\n"
            "A row has seven columns with tabs between them and no head: the name as given; "
            "the action (pass, log, nxdomain, nodata, refused, drop, truncate, sinkhole); "
            "the rule; what the rule rests on (listed, lookalike, pattern, none); the "
            "technique; the id of the protected name; the score from 0 to 100. Where there "
            "is none stands '-'. Technique, protected name and score are also told of a "
            "name that passes, where a rule asked for lookalikes.\n\n"
            "In a name, control characters and octets that are no UTF-8 are written as "
            "\\xNN. A line that holds no name gets a row, too, and passes; how many there "
            "were is told at the end. Of a line over 8,192 octets the beginning is "
            "shown. A certificate may have 1 MiB; a line that holds an array of them, as "
            "crt.sh answers, may be of any length.",
        .options = scan_options,
        .exits = scan_exits,
        .places = scan_places,
        .examples = scan_examples},
    {.id = PS_COMMAND_DIFF,
        .name = "diff",
        .summary = "which verdicts a change of policy alters, name by name",
        .arguments = "OLD NEW [--] [NAMES...]",
        .arguments_min = 2,
        .arguments_max = PS_UNLIMITED,
        .takes_files = true,
        .description =
            "Judges the names in each file NAMES, or on standard input (also as '-'), by OLD "
            "and by NEW, with the resolver's own evaluator on all processors, and shows those "
            "whose verdict differs, in the order of the input, and at the end how many. OLD "
            "and NEW are each a policy (a folder or a file), from which a snapshot is made in "
            "memory with the feeds as they are now, or a snapshot file. Nothing is written, "
            "and the resolver's snapshot is left alone: so the effect of a change is seen "
            "before it goes live.\n\n"
            "A verdict differs when the name is newly blocked, or newly let through, or when "
            "it is changed otherwise: another action (nxdomain for refused, log for pass), "
            "another rule, another answer of the same rule (addresses, TTL), or another "
            "Extended DNS Error. A rule on trial (mode: shadow) changes no verdict.\n\n"
            "With --tsv a row has nine columns with tabs between them: the name as given; the "
            "change (blocked, passes, action, rule, answer, tell); the old action and rule; "
            "the new action and rule; the technique; the id of the protected name; the score. "
            "Where there is none stands '-'. The last three are NEW's, or OLD's where NEW has "
            "none. With --json each line is an object with name, change, old and new, and "
            "the last has a summary instead.\n\n"
            "With --events the names are those that the resolver blocked, logged or had on trial "
            "lately, each once, from the events in the state folder: so is seen what a change "
            "takes away or lets through of it. Events are kept of such names alone: what a change "
            "newly blocks of all that clients ask, only a file of names shows.",
        .options = diff_options,
        .exits = diff_exits,
        .places = diff_places,
        .examples = diff_examples},
    {.id = PS_COMMAND_EVENTS,
        .name = "events",
        .summary = "what the resolver blocked, logged or had on trial",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Shows the events that the module keeps in the state folder, oldest first: one for "
            "each name, rule and client group within some five seconds, with how often that "
            "was decided. So a storm of queries for one name is one event with a count. Events "
            "are taken away by nobody who looks; they stay until the reporter has taken them, "
            "or up to the size that the policy says (events: {keep: 64MiB}).\n\n"
            "Of a flood of names that one rule blocks, those that come first have events of their "
            "own; the rest is one event with a count, whose name is what they stand under "
            "(*.evil.top; its scope is subtree): the listed name, the last two labels, or the "
            "root (*) where those differ as well. So other events keep their room.\n\n"
            "With --tsv a row has 24 columns with tabs between them: first and last time, the "
            "count, the name, the type of the first query, the action, the mode (enforce, "
            "shadow), the rule, what it rests on (listed, lookalike, pattern, none), the "
            "technique, the id of the protected name, the score, the feed, the listed name, "
            "the feed's reference, the EDE, the first 16 digits of the snapshot's digest, the "
            "client group, the client as far as the policy keeps it (with + when others "
            "asked, too), the key of the case, the serial number, the scope (name, subtree), and "
            "of a rule about answers what it found: its kind (target: a name that the answer leads "
            "to; address; server: a name server's name; server-address) and the name or address. "
            "Where there is none stands '-'. With --json each line is an object.\n\n"
            "The feed's reference is looked up in snapshot.ps, and shown while that is still "
            "the one by which was decided.",
        .options = events_options,
        .exits = events_exits,
        .places = events_places,
        .examples = events_examples},
    {.id = PS_COMMAND_TOP,
        .name = "top",
        .summary = "what the resolver blocks now, on a screen to leave open",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Shows, and every two seconds anew: does the resolver run, since when does it go by "
            "its snapshot, how many queries does it judge and block a second, what was lost; "
            "and which names, rules and feeds blocked most in the last five minutes, with as "
            "many lines as the terminal has. q or Ctrl-C ends it and leaves the terminal as it "
            "was.\n\n"
            "Queries that the resolver answers from its cache are not judged, so they are not "
            "counted. Names, rules and feeds come from the events, which are some seconds "
            "behind; of a flood of names that come once each, those that come often are kept "
            "apart from the rest. *.evil.top stands for names under evil.top that came too many to "
            "be kept one by one.\n\n"
            "With --json it shows no screen: each look is an object on a line of its own, with up to "
            "100 names, rules and feeds, and keys as in postshield status --json. One look, unless "
            "--frames or --follow says otherwise; rates are known from the second one on.\n\n"
            "It needs a fixed amount of memory, asks neither network nor resolver, and goes on "
            "when the resolver is restarted or the state folder goes and comes again.",
        .options = top_options,
        .exits = top_exits,
        .places = top_places,
        .examples = top_examples},
    {.id = PS_COMMAND_ROLLBACK,
        .name = "rollback",
        .summary = "publish a snapshot that served before",
        .arguments = "[DIGEST]",
        .arguments_max = 1,
        .description =
            "Publishes the snapshot that served before the one that serves now, or the kept one "
            "whose digest begins with DIGEST (four digits and more). It is copied beside its "
            "place, verified as the resolver does, and put in place at once; the resolver takes "
            "it by itself, and removes cached answers that are blocked by it.\n\n"
            "postshield build keeps each snapshot that it publishes in the state folder, and "
            "the three that served before it (not with --output elsewhere). One that is damaged is left out with a word. "
            "Again and again, rollback goes further back; what was rolled back from is kept "
            "until the next build.\n\n"
            "Neither policy nor feeds are changed: the next postshield build, also one that a "
            "timer starts, publishes what they say then.",
        .options = rollback_options,
        .exits = rollback_exits,
        .places = rollback_places,
        .examples = rollback_examples},
    {.id = PS_COMMAND_DISABLE,
        .name = "disable",
        .summary = "block nothing for a while, or nothing by one rule",
        .arguments = "",
        .arguments_max = 0,
        .description =
            "Puts every rule that blocks on trial for a while, or one rule: what it would "
            "block is resolved, counted and kept as events. It ends by itself to the second, "
            "also when nobody runs a command and when the resolver is restarted; then cached "
            "answers that are blocked again are removed. Said again, it holds for the new "
            "span.\n\n"
            "status shows it as a problem, the resolver's log and explain tell it, and the "
            "metrics postshield_disabled and postshield_rules_disabled count it.",
        .options = disable_options,
        .exits = relief_exits,
        .places = relief_places,
        .examples = disable_examples},
    {.id = PS_COMMAND_ENABLE,
        .name = "enable",
        .summary = "take back postshield disable",
        .arguments = "",
        .arguments_max = 0,
        .description = "Ends what postshield disable began before it ends by itself; with --rule, "
                       "what disable --rule began. Names that are allowed stay so.",
        .options = enable_options,
        .exits = relief_exits,
        .places = relief_places,
        .examples = enable_examples},
    {.id = PS_COMMAND_ALLOW,
        .name = "allow",
        .summary = "let a name pass for a while",
        .arguments = "NAME",
        .arguments_min = 1,
        .arguments_max = 1,
        .description =
            "Lets NAME and all below it pass for a while, whatever rules and feeds say. It ends "
            "by itself to the second, also when nobody runs a command and when the resolver is "
            "restarted; then cached answers that are blocked again are removed. A client may "
            "keep what it was told for the answer's TTL.\n\n"
            "What is to pass for good belongs into the policy, under never:, where it has a "
            "place, a history and tests.\n\n"
            "status and explain show it, the resolver's log tells it with the reason, and the "
            "metrics postshield_names_allowed and postshield_allowed_hits_total count it.",
        .options = allow_options,
        .exits = relief_exits,
        .places = relief_places,
        .examples = allow_examples},
};

const struct ps_option *ps_option(enum ps_option_id id)
{
	return &options[id];
}

const struct ps_command *ps_command(enum ps_command_id id)
{
	return &commands[id];
}
