#include "policy/diagnostic_code.h"

#include <strings.h>

static const struct ps_code_info codes[PS_CODE_COUNT] = {
    [PS_CODE_UNREADABLE] = {"PS001", "the file cannot be read",
        "A policy file must be a regular file that the user who runs PostShield may read. A "
        "folder, device or pipe with a policy file's name is refused. Look at its permissions, "
        "and run the check as the service's user."},
    [PS_CODE_EMPTY_FOLDER] = {"PS002", "the folder holds no policy",
        "A policy folder, or a folder in it, needs at least one file whose name ends in "
        ".postshield.yaml. Files with other names are not read, and neither is what lies "
        "deeper."},
    [PS_CODE_TOO_LARGE] = {"PS003", "the file is too large",
        "A policy file may have 1 MiB. Rules are few; long lists of names belong into a feed, "
        "which may be as large as you like."},
    [PS_CODE_TOO_MANY] = {"PS004", "there is too much of something",
        "A policy may have 1024 files of 16 MiB together, 4096 rules, 1024 answers, 1024 feeds, "
        "30000 brands, 20000 keywords, 200000 common words and 100000 tests; a sinkhole 8 "
        "addresses of a kind. Long lists of names belong into a feed."},
    [PS_CODE_NOT_UTF8] = {"PS005", "the file is not UTF-8",
        "Policy files are UTF-8 text. Save the file as UTF-8 in your editor (not as UTF-16, "
        "Latin-1 or a Windows code page)."},
    [PS_CODE_CONTROL] = {"PS006", "a control character stands in the file",
        "NUL and other control characters have no place in a policy: they can hide text from "
        "the reader. Delete the character."},
    [PS_CODE_HIDDEN] = {"PS007", "an invisible character stands in the file",
        "Characters that turn the direction of writing, or that cannot be seen, make a file "
        "look different from what it says (CVE-2021-42574). They often come in with text copied "
        "from a web page. Delete the character and type the text anew."},
    [PS_CODE_SYNTAX] = {"PS008", "the file is not well-formed YAML",
        "What stands here breaks the rules of YAML. The usual causes are indentation, a "
        "bracket or quote that is never closed, and a value with ': ', '#', '*', '>' or '@' that "
        "needs quotes. What stands above the place was checked, what stands below was not."},
    [PS_CODE_TAB] = {"PS009", "a tab is used for indentation",
        "YAML indents with spaces only. Replace the tab by spaces, and let your editor do so."},
    [PS_CODE_ANCHOR] = {"PS010", "anchors are not allowed",
        "YAML's anchors (&name) let one part of a file stand for another: a reader no longer "
        "sees what a rule says, and small files can grow without end. Write the value out. A "
        "value that begins with & needs quotes."},
    [PS_CODE_ALIAS] = {"PS011", "aliases are not allowed",
        "YAML's aliases (*name) let one part of a file stand for another. Write the value out. "
        "A value that begins with * needs quotes, as in \"*.upu.post\"."},
    [PS_CODE_TAG] = {"PS012", "tags are not allowed",
        "YAML's tags (!name) change what a value is. PostShield knows from the key what a value "
        "must be. A value that begins with ! needs quotes."},
    [PS_CODE_MERGE] = {"PS013", "merge keys are not allowed",
        "The key << copies the keys of another mapping. Write the keys out."},
    [PS_CODE_UNKNOWN_KEY] = {"PS014", "unknown key",
        "A key that PostShield does not know is an error, never ignored: a slip in a key must "
        "not silently change what a rule does."},
    [PS_CODE_DUPLICATE_KEY] = {"PS015", "the same key stands twice",
        "In one mapping each key stands once. To give several values, write a list: [a, b]."},
    [PS_CODE_TOO_DEEP] = {"PS016", "the file is nested too deeply",
        "A policy needs about eight levels; more than 16 are refused."},
    [PS_CODE_DOCUMENTS] = {"PS017", "the file holds more than one document",
        "A line of three hyphens begins a new YAML document. Use one file for each, or "
        "remove the line."},
    [PS_CODE_DIRECTIVE] = {"PS018", "directives are not allowed",
        "Lines that begin with % change how YAML is read. Remove the line."},
    [PS_CODE_KEY_SHAPE] = {"PS019", "a key must be text",
        "What stands before a ':' is a key, and every key of a policy is a plain word or name."},
    [PS_CODE_SHAPE] = {"PS020", "another kind of value is needed here",
        "There are three kinds of values: text (usps.com), a list ([a, b], or lines that begin "
        "with '- '), and a mapping of keys to values ({is: usps.com}, or indented lines with "
        "'key: value'). This key takes another kind than was written."},
    [PS_CODE_MISSING_KEY] = {"PS021", "a key is missing",
        "The mapping needs this key to mean something."},
    [PS_CODE_NO_VALUE] = {"PS022", "a key has no value",
        "After the ':' stands nothing. Write a value, or remove the key. An empty list is []."},
    [PS_CODE_NO_VERSION] = {"PS023", "the version is missing",
        "Every policy file begins with the line 'postshield: 1'. It says which version of the "
        "language the file is written in, so that a newer program never reads it differently."},
    [PS_CODE_VERSION] = {"PS024", "the version is not known",
        "This program reads version 1 of the policy language. A file with a higher number needs "
        "a newer PostShield."},
    [PS_CODE_WORD] = {"PS025", "not one of the words allowed here",
        "This key takes one of a few words, which the message lists."},
    [PS_CODE_NUMBER] = {"PS026", "not a number that is allowed here",
        "Numbers are written in digits without blanks or separators, sizes with KiB, MiB or GiB, "
        "shares with a percent sign."},
    [PS_CODE_ID] = {"PS027", "not an id",
        "Rules, answers, feeds and brands have ids of lower-case letters, digits and hyphens, "
        "beginning with a letter or digit, at most 64 long. They appear in logs and metrics."},
    [PS_CODE_DUPLICATE_ID] = {"PS028", "the same id is used twice",
        "Ids of rules, answers, feeds and brands are unique over all files of a policy, so that "
        "a log line names one rule and not two."},
    [PS_CODE_UNKNOWN_REFERENCE] = {"PS029", "the thing named here does not exist",
        "A rule names an answer that is neither built in (pass, log, nxdomain, nodata, refused, "
        "drop, truncate) nor defined under 'answers', a feed that is not defined under 'feeds', or a brand "
        "that is not defined under 'brands'; or a test names a rule that is not there."},
    [PS_CODE_NAME] = {"PS030", "not a domain name",
        "A domain name is labels of letters, digits, hyphens and underscores joined by dots, each "
        "of at most 63 characters, 253 in all. Letters of any script are allowed and turned to "
        "the form that the DNS uses (xn--)."},
    [PS_CODE_WILDCARD] = {"PS031", "a wildcard is not allowed here",
        "Rules say in words how far a name reaches: 'is' for this name alone, 'under' for the "
        "name and everything below it, 'below' for everything below but not the name. "
        "The never list takes \"*.name\" in quotes, for everything below the name."},
    [PS_CODE_URL] = {"PS032", "a URL where a domain name is needed",
        "The DNS knows only the host's name, not the path of a page. Write the host alone."},
    [PS_CODE_ADDRESS] = {"PS033", "not an IP address",
        "'a' takes IPv4 addresses as 192.0.2.80, 'aaaa' IPv6 addresses as \"2001:db8::80\" (in "
        "quotes inside brackets). 'clients' takes addresses, and prefixes whose bits behind the "
        "length are zero: 10.20.0.0/16, not 10.20.0.7/16."},
    [PS_CODE_CONFLICT] = {"PS034", "these keys cannot stand together",
        "Together the two would mean nothing, or could be understood in two ways. Write two "
        "rules, one for each."},
    [PS_CODE_NO_CONDITION] = {"PS035", "the rule does not say when it applies",
        "A rule that applies to every query must say so: 'when: everything'. So a rule whose "
        "condition was lost by mistake cannot answer everything."},
    [PS_CODE_CONFIDENCE] = {"PS036", "not a range of confidence",
        "Confidence goes from 0 to 100. Write \">= 60\", \"> 60\", \"<= 30\", \"< 30\" (in quotes) "
        "or 60-80 (both included)."},
    [PS_CODE_TELL] = {"PS037", "nothing can be told with this action",
        "'tell' puts an Extended DNS Error (RFC 8914) into an answer of ours. 'pass' and 'log' "
        "leave the answer as it is, and so does 'truncate' in the end; 'drop' sends none."},
    [PS_CODE_TEXT] = {"PS038", "the text cannot be used",
        "The text must be one line without control characters. The text of an Extended DNS Error "
        "may have 96 bytes, so that it fits beside the answer."},
    [PS_CODE_EDE] = {"PS039", "not an Extended DNS Error",
        "'ede' takes a name of the RFC 8914 registry in small letters with hyphens (blocked, "
        "censored, filtered, prohibited, forged-answer, ...), its number, or 'none'."},
    [PS_CODE_ANSWER] = {"PS040", "an answer must say one thing",
        "An answer has exactly one of: pass, log, nxdomain, nodata, refused, drop, truncate, "
        "sinkhole; and beside it a ttl if you like. As in 'quiet: {nodata: {}, ttl: 300}'."},
    [PS_CODE_SINKHOLE] = {"PS041", "a sinkhole needs somewhere to lead",
        "A sinkhole leads to addresses (a, aaaa, or both) or to another name (cname), not to "
        "both: a name that has a CNAME record has no other (RFC 1034 section 3.6.2)."},
    [PS_CODE_PATTERN] = {"PS042", "the pattern is not a regular expression",
        "Patterns are PCRE2 regular expressions. Put them between single quotes, where a "
        "backslash stays a backslash."},
    [PS_CODE_PATTERN_REFUSED] = {"PS043", "the pattern uses what is refused",
        "Recursion, subroutine calls, callouts and verbs such as (*UTF) can make a pattern cost "
        "without bound or change what it means. Patterns work on ASCII octets."},
    [PS_CODE_PATTERN_LENGTH] = {"PS044", "the pattern is too long",
        "A pattern may have 1024 bytes. Many names belong into 'is' or 'under' lists, or a feed."},
    [PS_CODE_WHOLE_SUFFIX] = {"PS045", "the rule would block a whole suffix",
        "Everything below a top-level domain or a public suffix such as co.uk belongs to very "
        "many owners. If you mean it, write 'confirm: whole-suffix' in the rule."},
    [PS_CODE_FEED_KEY] = {"PS046", "the key does not go with the feed's format",
        "'columns' and 'delimiter' belong to csv feeds, which need columns.name; hosts files "
        "and zone files say themselves how far a name reaches, so that they take no 'scope'."},
    [PS_CODE_PATH] = {"PS047", "not a usable path",
        "Paths are taken from the folder of the policy file, or from the root when they begin "
        "with '/'. '~' and variables are not expanded."},
    [PS_CODE_PUBLISHER] = {"PS048", "not a publisher",
        "'publisher' is the host, or any URL, of who publishes the feed. It is never blocked, so "
        "that a feed cannot cut itself off."},
    [PS_CODE_EMPTY_LIST] = {"PS049", "the list is empty",
        "An empty list in a condition matches nothing, so the rule would never apply. Remove the "
        "key or fill the list."},
    [PS_CODE_ROOT] = {"PS050", "the root cannot be meant",
        "'.' is the root of all names. For every query write 'when: everything'."},
    [PS_CODE_MORE] = {"PS051", "there are more problems than are shown",
        "After 1000 problems the rest is only counted. Correct these first."},
    [PS_CODE_TERM] = {"PS052", "not a name or word that can be looked for",
        "Protected names, keywords and common words are letters and digits of any script, with "
        "blanks, hyphens, apostrophes, dots and & between them: at least two letters or "
        "digits, at most 63 bytes as UTF-8. Other punctuation becomes a blank; symbols such as "
        "+ or $ are refused, because a domain name cannot hold them."},
    [PS_CODE_LANGUAGE] = {"PS053", "not a language",
        "Languages are the codes of ISO 639 in two or three small letters, as in en, pt or fil; "
        "without script and country."},
    [PS_CODE_TLD] = {"PS054", "not a top-level domain",
        "'abused-tlds' takes what stands behind the last dot of a name, as in top. A domain "
        "below which anybody may put a name belongs under 'free-hosting'."},
    [PS_CODE_DATE] = {"PS055", "not a date",
        "Dates are written as year, month and day with hyphens, as in 2027-01-31. What expires "
        "holds through that day, by UTC."},
    [PS_CODE_SCORE] = {"PS056", "not a range of score",
        "The score of a lookalike goes from 0 to 100. Write \">= 80\", \"> 80\", \"<= 60\", "
        "\"< 60\" (in quotes) or 60-80 (both included)."},
    [PS_CODE_NO_TERM] = {"PS057", "the brand has no name",
        "A brand needs at least one name under 'names', or under 'weak' when it is too short or "
        "too common to count without a second sign."},
    [PS_CODE_TYPE] = {"PS058", "not a record type",
        "A test asks for a record type by its name (A, AAAA, MX, HTTPS) or by its number, as in "
        "TYPE65 (RFC 3597)."},
    [PS_CODE_TWO_GROUPS] = {"PS059", "the prefix is in two client groups",
        "A client is in one group: that of the longest prefix that covers its address. The same "
        "prefix in two groups would leave it to chance. Prefixes of different lengths may lie "
        "within one another: a longer one in another group is how a part of a network is "
        "taken out."},

    [PS_CODE_UNREACHABLE] = {"PS060", "the rule is never asked",
        "Rules are asked from top to bottom, and the first that matches decides. Earlier rules "
        "decide everything that this one could match. Move it up, or remove it."},
    [PS_CODE_PATTERN_IS_NAME] = {"PS061", "the pattern is a plain name",
        "A pattern matches anywhere in a name: 'usps.com' also matches 'usps-com.example' and "
        "'notusps.com'. For a name use 'is' or 'under'."},
    [PS_CODE_PATTERN_DOT] = {"PS062", "a dot in the pattern matches any character",
        "In a regular expression '.' stands for any character. For a dot write '\\.'."},
    [PS_CODE_PATTERN_UPPER] = {"PS063", "the pattern has capital letters",
        "Names are compared in small letters, so a capital letter in a pattern never matches."},
    [PS_CODE_PATTERN_ALL] = {"PS064", "the pattern matches every name",
        "A pattern that can match nothing at all, such as 'a*', is found in every name. If "
        "every query is meant, write 'when: everything'."},
    [PS_CODE_NEVER_MATCHES] = {"PS065", "the rule can never match",
        "Every feed that the rule names gives all its names the same confidence or category, and "
        "the rule asks for another; or there is no feed, or no brand, for it to ask."},
    [PS_CODE_EVERYTHING] = {"PS066", "the rule answers every query",
        "This rule does not let any query through that reaches it: the DNS stops for everything "
        "that no earlier rule passes."},
    [PS_CODE_PROTECTED] = {"PS067", "the never list protects the name",
        "No rule and no feed crosses the never list, so the rule cannot block this name."},
    [PS_CODE_UNUSED_FEED] = {"PS068", "no rule uses the feed",
        "A feed does nothing by itself: a rule with 'listed' must say what happens to its names. "
        "To try a feed without effect, say 'trial: yes'."},
    [PS_CODE_DUPLICATE_NAME] = {"PS069", "the list says the same twice",
        "One of the two can be removed. Often another name was meant."},
    [PS_CODE_NO_RULES] = {"PS070", "the policy has no rules",
        "Without rules every query passes and nothing is recorded."},
    [PS_CODE_NEVER_TLD] = {"PS071", "a whole suffix is let through",
        "Everything below this name is kept from every feed and rule, or is never judged, whoever "
        "registers it."},
    [PS_CODE_FILE_NAME] = {"PS072", "the file is not read",
        "In a policy folder only files whose names end in .postshield.yaml are read. Rename the "
        "file if it belongs to the policy."},
    [PS_CODE_COMMON_NAME] = {"PS073", "the protected name is a common word",
        "A word that stands in names for what it means, or as a top-level domain, is no sign of "
        "an imitation by itself. Put it under 'weak': it then counts only beside a second sign, "
        "such as a keyword or an abused top-level domain."},
    [PS_CODE_SHORT_NAME] = {"PS074", "the protected name is short",
        "Three letters stand in very many names by chance. Put the name under 'weak': it then "
        "counts only beside a second sign, such as a keyword or an abused top-level domain."},
    [PS_CODE_NO_DOMAINS] = {"PS075", "the brand has no domains",
        "What an owner uses is never judged, but only what the policy names under 'domains': "
        "without them the owner's own sites look like imitations of themselves. For an owner "
        "that has none write 'domains: []'."},
    [PS_CODE_SHARED_NAME] = {"PS076", "two brands have the same name",
        "A name that imitates it is then told as an imitation of one of the two. Keep it where "
        "it belongs, or put it under 'weak' in both."},
    [PS_CODE_EXCEPTION_IDLE] = {"PS077", "the exception does nothing",
        "The domains of a brand, and all below them, are never judged: they need no exception."},
    [PS_CODE_SHADOWED] = {"PS078", "an earlier rule decides the name",
        "Rules are asked from top to bottom, and the first that matches decides. An earlier rule "
        "names this name, or what it stands below, so that this rule is never asked about it. "
        "Move the rule up, or take the name off its list."},
    [PS_CODE_CONTRARY] = {"PS079", "one rule blocks what another lets through",
        "Two rules name the same name, and one of them blocks it while the other lets it "
        "through. The first decides. Take the name off one of the two."},
    [PS_CODE_EXCLUDING] = {"PS080", "the conditions never hold together",
        "All that stands under 'when' must hold at once. Here one condition leaves nothing for "
        "the other: a pattern that asks for another ending than the names have, or lookalikes "
        "among names that are never judged, since they are official, popular or excepted."},
    [PS_CODE_KNOWN_GOOD] = {"PS081", "the rule blocks a name that is known to be good",
        "The policy counts the name among the popular ones, the official domains or the "
        "exceptions, and this rule blocks it. To let it through, name it in a rule with "
        "'then: pass' above this one, or under 'never'. To have it blocked all the same, take "
        "it off the other list."},
    [PS_CODE_UNUSED_GROUP] = {"PS082", "no rule uses the client group",
        "A group of clients does nothing by itself: a rule says with 'client' that it is for "
        "them. It is no error, and has one effect: clients of this group are not in the group "
        "of a shorter prefix around it."},
    [PS_CODE_TOO_LATE] = {"PS083", "a rule below blocks before there is an answer",
        "A rule that asks about the answer cannot let a name through that another rule blocks by "
        "the name alone, wherever the two stand: such a name is blocked at once, and nobody asks "
        "for its answer. Let it through by its name, in a rule above the one that blocks, or "
        "under 'never'. To protect names from other rules about answers alone, move this one below "
        "the rule that blocks: then it looks like what it does."},
    [PS_CODE_SPECIAL_ADDRESSES] = {"PS084", "the prefix takes in more than it seems to",
        "Answers with addresses of local networks are what a network's own names have, and a "
        "prefix that is very short takes in a good part of the Internet. If you mean it, write "
        "'confirm: special-addresses' in the rule."},
    [PS_CODE_PATTERN_FINAL_DOT] = {"PS085", "the pattern wants a dot at the name's end",
        "Patterns see a name without its final dot, so what asks for one at the end never "
        "matches. Write '\\.top$' for what ends in .top, not '\\.top\\.$'."},
    [PS_CODE_SUB_ERROR_IDLE] = {"PS086", "the sub-error is told to nobody",
        "A sub-error is a part of structured errors, and no file of the policy has "
        "'structured-errors'. Without that, answers carry the error's code and text alone."},
};

struct ps_code_info ps_code_info(unsigned number)
{
	if (number >= PS_CODE_COUNT)
		return (struct ps_code_info){0};
	return codes[number];
}

struct ps_code_info ps_code_find(const char *code)
{
	for (unsigned i = 0; i < PS_CODE_COUNT; i++)
		if (codes[i].code != NULL && strcasecmp(codes[i].code, code) == 0)
			return codes[i];
	return (struct ps_code_info){0};
}
