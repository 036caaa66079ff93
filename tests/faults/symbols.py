"""M12: the module's symbols: what it exports, and whom it listens to."""

import re
import subprocess

from harness import Broken, NoAnswer, Outcome, died_of, tail, wait_generation

EXPORTS = {"init", "deinit", "operate", "inform_super", "clear", "get_mem"}
# Names that other libraries of the same process are known to fight over.
NOTORIOUS = ["inflate", "inflateInit2_", "deflate", "crc32", "adler32", "compress2", "uncompress", "hash_init",
             "hash_update", "siphash", "arena_init", "arena_alloc", "buffer_init", "buffer_append", "base64_encode",
             "xmalloc", "xcalloc", "die", "fatal", "warn", "verify", "lookup", "judge", "activate", "reject", "render"]


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Broken(f"{command[0]} failed: {tail(done.stderr)}")
    return done.stdout


def exported(module):
    lines = run("nm", "-D", "--defined-only", module).splitlines()
    return {line.split()[2].split("@")[0] for line in lines if len(line.split()) >= 3}


def own_functions(module):
    """Every function in the module, static ones too: its own table of symbols tells."""
    lines = run("nm", "--defined-only", module).splitlines()
    return {line.split()[2] for line in lines
            if len(line.split()) == 3 and line.split()[1] in "tT" and re.fullmatch(r"[A-Za-z]\w*", line.split()[2])}


def taken_elsewhere(program):
    """What the resolver and its libraries need or give: a preload that took these would break
    them, which is not what is asked here."""
    taken = set()
    libraries = re.findall(r"(/\S+)", run("ldd", program))
    for image in [program, *libraries]:
        for line in run("nm", "-D", image).splitlines():
            taken.add(line.split()[-1].split("@")[0])
    # What the C library keeps to itself, under names that programs may use.
    return taken | {"main", "exit", "abort", "write", "_init", "_fini"}


def hostile(context, module, program):
    """A library that gives every name of ours, and ends the process when one is called."""
    names = sorted((own_functions(module) | set(NOTORIOUS)) - EXPORTS - taken_elsewhere(program))
    names = [name for name in names if not name.startswith(("_", "frame_dummy", "register_tm", "deregister_tm"))]
    folder = context.scratch("hostile")
    source = folder / "hostile.c"
    source.write_text(
        "#include <stdlib.h>\n#include <unistd.h>\n"
        "static _Noreturn void caught(const char *name, unsigned long len) {\n"
        '\t(void)!write(2, "hostile preload called: ", 24);\n\t(void)!write(2, name, len);\n'
        '\t(void)!write(2, "\\n", 1);\n\tabort();\n}\n'
        + "".join(f'void {name}(void);\nvoid {name}(void) {{ caught("{name}", {len(name)}); }}\n' for name in names),
        encoding="ascii")
    library = folder / "hostile.so"
    run("cc", "-shared", "-fPIC", "-O1", "-w", "-fno-builtin", "-o", library, source)
    return library, names


def ask_all(unbound):
    """Six questions whose ways lead through all of the module; what went wrong."""
    wrong = []
    for name, rdtype, expected in (
            ("n00000.bulk.top", "A", "NXDOMAIN"), ("n00100.bulk.top", "A", "NODATA"),
            ("n00101.bulk.top", "A", "REFUSED"), ("canary.lab", "A", "NOERROR"),
            ("n00103.bulk.top", "A", "NOERROR"), ("parcel-123456.top", "A", "NOERROR"),
            ("n00200.bulk.top", "A", "NOERROR"), ("not-there.bulk.top", "A", "NXDOMAIN")):
        try:
            said = unbound.query(name, rdtype, timeout=3).short.split()[0]
        except NoAnswer:
            said = "nothing"
        if said != expected:
            wrong.append(f"{name}: {said}")
    return wrong


def with_preload(context, module):
    """What the preload got hold of: bindings from the module to it, wrong answers, its end."""
    with context.lab() as lab:
        unbound = lab.unbound
        library, names = hostile(context, module, unbound.program("unbound"))
        bindings = context.scratch("bindings")
        context.publish(context.snapshot(1), unbound.state)
        wrong, died = [], None
        try:
            unbound.start(module=module, env={
                "LD_PRELOAD": str(library), "LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(bindings / "ld")})
            if not wait_generation(unbound, 1, 5):
                wrong.append("the snapshot was not taken")
            context.publish(context.snapshot(2), unbound.state)
            if not wait_generation(unbound, 2, 5):
                wrong.append("the next snapshot was not taken")
            wrong += ask_all(unbound)
            unbound.reload()
            wrong += ask_all(unbound)
            died = died_of(unbound)
        except Exception as error:  # pylint: disable=broad-except
            died = died_of(unbound) or str(error)
        unbound.stop()
        caught = re.findall(r"hostile preload called: (\S+)", unbound.log())
        text = "".join(path.read_text(errors="replace") for path in bindings.iterdir())
        ours = [line for line in text.splitlines() if "binding file " + str(module) in line]
        stolen = [line for line in ours if f" to {library}" in line]
        # A symbol of ours that was looked up at all was not bound inside.
        leaked = [line for line in ours if re.search(r"symbol `ps_", line)]
    return dict(names=len(names), ours=len(ours), stolen=len(stolen), leaked=len(leaked), caught=caught, died=died,
                wrong=wrong)


def good(exports, result):
    return (exports == EXPORTS and result["ours"] > 0 and not result["stolen"] and not result["leaked"]
            and not result["caught"] and not result["died"] and not result["wrong"])


def m12(context):
    module, control = context.builds.module(), context.builds.module("m12_control")
    exports, result = exported(module), with_preload(context, module)
    bad_exports, bad = exported(control), with_preload(context, control)
    said = "; ".join(result["wrong"] + result["caught"] + ([result["died"]] if result["died"] else []))
    return Outcome(
        f"{len(exports)} symbols exported; under a preload of {result['names']} names of ours {result['stolen']} of "
        f"{result['ours']} bindings went to it, {result['leaked']} of our names were looked up"
        f"{': ' + said if said else ''}; control (default visibility, no version script): {len(bad_exports)} exported, "
        f"{bad['stolen']} bindings to the preload, called {bad['caught'][0] if bad['caught'] else 'none'}",
        good(exports, result), not good(bad_exports, bad))
