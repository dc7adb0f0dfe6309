"""The kernel as a program: `python -I -S path/to/kernel FILE...` or `python -I -m relumax.kernel FILE...`.

The first form works from a copy of this folder, and loads nothing else but the standard library: the folder is loaded
as a package of a private name, and leaves `sys.path` before anything is imported. Exit codes: 0 every file is a
theorem, 1 some file is malformed or proves nothing, 2 a path is no readable regular file (or there is none), 3 some
file needs more work than its size allows, and nothing worse.
"""

import sys

VALID, INVALID, NOTHING, REFUSED = 0, 1, 2, 3


def load():
    """The package `relumax.kernel`, or this very folder as a package of its own."""
    if __package__:
        return sys.modules[__package__]
    import os

    folder = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [one for one in sys.path if os.path.abspath(one) != folder]
    from importlib.util import module_from_spec, spec_from_file_location

    door = os.path.join(folder, "__init__.py")
    spec = spec_from_file_location("relumax_kernel", door, submodule_search_locations=[folder])
    if spec is None or spec.loader is None:
        raise ImportError(door)
    kernel = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(kernel)
    return kernel


def read(path, most):
    """The bytes of a regular file, read once; one more than `most` if there are more."""
    import os
    import stat

    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(handle, "rb") as stream:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError("not a regular file")
        return stream.read(most + 1)


def theorem(kernel, data):
    """The lines of the theorem that `data` proves: the identity's if it has terms, else the certificate's."""
    if b'"terms"' in data and b'"relumax-certificate"' not in data:
        from importlib import import_module

        return [import_module(f"{kernel.__name__}.identity").check_identity(data).text]
    found = kernel.check(data)
    return [*found.statements, f"network SHA-256 {found.network_sha256}, claim SHA-256 {found.claim_sha256}"]


def main(paths):
    """Check every file, print what it proves or why it does not, and return the exit code."""
    if not paths:
        print("usage: python -I -S path/to/kernel FILE...", file=sys.stderr)
        return NOTHING
    kernel = load()
    worst = VALID
    for path in paths:
        try:
            code, lines = VALID, theorem(kernel, read(path, kernel.MAX_BYTES))
        except kernel.KernelError as problem:
            code, lines = REFUSED if isinstance(problem, kernel.Refused) else INVALID, [str(problem)]
        except (OSError, ValueError) as problem:  # ValueError: a null character in the path
            code, lines = NOTHING, [getattr(problem, "strerror", None) or str(problem)]
        except MemoryError:
            code, lines = REFUSED, ["refused: out of memory"]
        for line in lines:
            print(f"{ascii(path)[1:-1]}: {line}")
        worst = min(worst or code, code or worst)
    return worst


def run():
    """`main`, with nothing but an exit code where nothing can be said (a full disk, a reader that has gone, no output
    at all) or the user has had enough."""
    try:
        code = main(sys.argv[1:])
        if sys.stdout is not None:
            sys.stdout.flush()
    except OSError:
        import os

        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = NOTHING
    except KeyboardInterrupt:
        code = 130
    return code


if __name__ == "__main__":
    sys.exit(run())
