# shellcheck shell=bash
# Made from the table of options by postshield --completion bash.

_postshield() {
    local current=${COMP_WORDS[COMP_CWORD]}
    local previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command='' words='' files=no i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -*) ;;
        *)
            command=${COMP_WORDS[i]}
            break
            ;;
        esac
    done
    case $previous in
    --man)
        mapfile -t COMPREPLY < <(compgen -W 'postshield check build explain index status test scan diff events top rollback disable enable allow' -- "$current")
        return
        ;;
    --completion)
        mapfile -t COMPREPLY < <(compgen -W 'bash zsh fish' -- "$current")
        return
        ;;
    --policies | -p)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --output | -o)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --accept | -a)
        COMPREPLY=()
        return
        ;;
    --now)
        COMPREPLY=()
        return
        ;;
    --type | -t)
        mapfile -t COMPREPLY < <(compgen -W 'A AAAA CNAME HTTPS MX NS PTR SOA SRV SVCB TXT' -- "$current")
        return
        ;;
    --snapshot | -s)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --top | -n)
        COMPREPLY=()
        return
        ;;
    --junit)
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
        ;;
    --format | -f)
        mapfile -t COMPREPLY < <(compgen -W 'names zone ct' -- "$current")
        return
        ;;
    --jobs | -j)
        COMPREPLY=()
        return
        ;;
    --client | -c)
        COMPREPLY=()
        return
        ;;
    --answer | -A)
        COMPREPLY=()
        return
        ;;
    --server | -S)
        COMPREPLY=()
        return
        ;;
    --since)
        COMPREPLY=()
        return
        ;;
    --frames | -n)
        COMPREPLY=()
        return
        ;;
    --interval | -i)
        COMPREPLY=()
        return
        ;;
    --for | -f)
        COMPREPLY=()
        return
        ;;
    --reason | -r)
        COMPREPLY=()
        return
        ;;
    --rule | -R)
        COMPREPLY=()
        return
        ;;
    esac
    case $command in
    '') words='check build explain index status test scan diff events top rollback disable enable allow --help --version --man --completion --no-color'
        ;;
    check) words='--policies --fix --dry-run --plain --strict --json --no-color --help' files=yes
        ;;
    build) words='--policies --output --accept --now --verbose --quiet --json --no-color --help'
        ;;
    explain) words='--type --client --answer --server --policies --snapshot --now --json --no-color --help'
        ;;
    index) words='info verify lookup --snapshot --json --no-color --help'
        ;;
    status) words='--top --now --json --no-color --help'
        ;;
    test) words='--policies --only-failures --junit --now --json --no-color --help'
        ;;
    scan) words='--policies --snapshot --client --format --only-findings --jobs --now --strict --json --no-color --help' files=yes
        ;;
    diff) words='--events --since --client --format --jobs --now --tsv --json --no-color --help' files=yes
        ;;
    events) words='--follow --since --now --tsv --json --no-color --help'
        ;;
    top) words='--frames --interval --follow --now --json --no-color --help'
        ;;
    rollback) words='--list --json --no-color --help'
        ;;
    disable) words='--for --rule --reason --now --json --no-color --help'
        ;;
    enable) words='--rule --now --json --no-color --help'
        ;;
    allow) words='--for --reason --remove --now --json --no-color --help'
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    if [[ $files == yes && $current != -* ]]; then
        mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
    fi
}
complete -o filenames -F _postshield postshield
