# SPDX-License-Identifier: MIT
# shellcheck shell=sh
#
# Debian packages that a script needs; to be sourced by POSIX shells.
#
#   need_packages THING:PACKAGE ...   makes sure that every THING is there; installs the packages of
#                                     those that are missing, as root or through sudo without a
#                                     password; where it may not, names them and returns 1
#   python_with MODULE                prints a python3 that can import MODULE; 1 where there is none
#
# THING is one of
#   gcc             a program on the PATH
#   /usr/include/x  a file or folder
#   cmocka.pc       a library, known to pkg-config by that name
#   python3/numpy   a module of some python3 (see python_with)

python_with()
{
    for python_with_candidate in python3 /usr/bin/python3; do
        if command -v "$python_with_candidate" >/dev/null 2>&1 &&
            "$python_with_candidate" -c "import $1" >/dev/null 2>&1; then
            printf '%s\n' "$python_with_candidate"
            return 0
        fi
    done
    return 1
}

packages_have()
{
    case $1 in
    python3/*) python_with "${1#python3/}" >/dev/null ;;
    /*) [ -e "$1" ] ;;
    *.pc) command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "${1%.pc}" ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
    esac
}

# Prints the packages of the things that are missing, in one line.
packages_missing()
{
    packages_list=
    for packages_spec in "$@"; do
        packages_have "${packages_spec%:*}" && continue
        case " $packages_list " in
        *" ${packages_spec##*:} "*) ;;
        *) packages_list="$packages_list ${packages_spec##*:}" ;;
        esac
    done
    printf '%s\n' "${packages_list# }"
}

# The package lists of a fresh machine or container are empty or too old: one update, one more try.
packages_install()
{
    packages_get="$1 env DEBIAN_FRONTEND=noninteractive apt-get -qq"
    shift
    $packages_get install -y --no-install-recommends "$@" >/dev/null 2>&1 && return 0
    $packages_get update >&2 && $packages_get install -y --no-install-recommends "$@" >/dev/null
}

need_packages()
{
    packages_todo=$(packages_missing "$@")
    [ -z "$packages_todo" ] && return 0

    packages_as=none
    if command -v apt-get >/dev/null 2>&1; then
        if [ "$(id -u)" = 0 ]; then
            packages_as=
        elif command -v sudo >/dev/null 2>&1 && sudo -n true >/dev/null 2>&1; then
            packages_as='sudo -n'
        fi
    fi
    if [ "$packages_as" = none ]; then
        echo "missing packages: $packages_todo" >&2
        echo "install them, for example with: sudo apt-get install $packages_todo" >&2
        return 1
    fi

    echo "installing: $packages_todo" >&2
    # shellcheck disable=SC2086
    packages_install "$packages_as" $packages_todo || {
        echo "could not install: $packages_todo" >&2
        return 1
    }
    packages_todo=$(packages_missing "$@")
    [ -z "$packages_todo" ] && return 0
    echo "still missing after the installation: $packages_todo" >&2
    return 1
}
