"""The `relumax` command: runs the click commands, and turns every way a run can end into its exit code.

0 proved / valid, 1 refuted / invalid, 2 bad input or usage, 3 unknown, 70 internal error, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from relumax.words import BAD_INPUT, FAILURES, INTERNAL, INTERRUPTED, OK, UNSETTLED, USER_FILE

PROGRAMS = {"relumax": "relumax.commands", "relumax-vnnlib": "relumax.commands.solver"}
"""The two scripts, and where the click commands of each are."""


def main(arguments: list[str] | None = None, program: str = "relumax") -> int:
    """Run the command line of a program and return its exit code; errors are one line on standard error."""
    try:
        import click

        from relumax.clock import TimeUp
        from relumax.errors import BudgetExceeded, RelumaxError
    except KeyboardInterrupt:
        return INTERRUPTED
    except ModuleNotFoundError as problem:
        print(f"relumax: {_missing(problem)}", file=sys.stderr)
        return BAD_INPUT
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        from importlib import import_module

        from relumax.commands.output import begin, heard

        cli = import_module(PROGRAMS[program]).cli
        begin()

        asked = os.environ.get("_RELUMAX_COMPLETE")
        if asked and program == "relumax":
            from click.shell_completion import shell_complete

            return shell_complete(cli, {}, "relumax", "_RELUMAX_COMPLETE", asked)
        # not cli.main(): that ends a closed pipe with exit code 1, and calls an EOFError an interruption
        with cli.make_context(program, list(given)) as context:
            result = cli.invoke(context)
        with heard():
            sys.stdout.flush()
        return result if isinstance(result, int) else OK
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as problem:
        where = f" (see {problem.ctx.command_path} --help)" if problem.ctx else ""
        return _say(f"{problem.format_message()}{where}", BAD_INPUT, given)
    except click.ClickException as problem:
        return _say(problem.format_message(), BAD_INPUT, given)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _say("interrupted", INTERRUPTED, given)
    except (BudgetExceeded, TimeUp) as problem:
        return _say(str(problem), UNSETTLED, given)
    except RelumaxError as problem:
        said, shown = getattr(problem, "said", str(problem)), getattr(problem, "shown", ())
        return _say(_placed(problem, said), BAD_INPUT, given, shown)
    except BrokenPipeError:  # one that no `heard` met: what is left to write goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as problem:
        place = f"{problem.filename}: " if problem.filename else ""
        return _say(_placed(problem, f"{place}{problem.strerror or problem}"), BAD_INPUT, given)
    except MemoryError:
        return _say("out of memory", UNSETTLED, given)
    except BaseException as problem:
        return _unforeseen(problem, given)


def _unforeseen(problem: BaseException, given: list[str]) -> int:
    """What no part of relumax raises on purpose: the fault of a user's file, or ours."""
    if os.environ.get("RELUMAX_DEBUG"):
        import traceback

        traceback.print_exc()
    text = f"{type(problem).__name__}: {' '.join(str(problem).split())}"
    if _user_line(problem):
        return _say(_placed(problem, text), BAD_INPUT, given)
    if isinstance(problem, ModuleNotFoundError) and not str(problem.name).startswith("relumax"):
        return _say(_missing(problem), BAD_INPUT, given)
    return _say(f"internal error, please report: {text} (RELUMAX_DEBUG=1 shows where)", INTERNAL, given)


def _missing(problem: ModuleNotFoundError) -> str:
    package = str(problem.name).partition(".")[0]
    return f"the Python package {package} is not installed here: pip install in the checkout brings what relumax needs"


def _placed(problem: BaseException, text: str) -> str:
    """The text, after the place in a user's file and the n where it happened, unless it says a place itself."""
    user = _user_line(problem)
    if not user or text.startswith(user.partition(":")[0]):
        return text
    return "".join([user, *(f"{note}: " for note in getattr(problem, "__notes__", [])[:1]), text])


def _user_line(problem: BaseException) -> str:
    """The last place in a user's file on the way to the problem, as "FILE: line N, "; empty if there is none."""
    found, trace = "", problem.__traceback__
    while trace is not None:
        if trace.tb_frame.f_globals.get("__name__") == USER_FILE:
            found = f"{trace.tb_frame.f_code.co_filename}: line {trace.tb_lineno}, "
        trace = trace.tb_next
    return found


def _say(message: str, code: int, given: list[str], shown: tuple[str, ...] = ()) -> int:
    """One line on standard error; where JSON was asked for and none came yet, an object on standard output too.

    Below the line stands the place in a sentence that it is about, if it is about one (`shown`).
    """
    printable = "".join(c if c.isprintable() else " " for c in message)
    with suppress(OSError):  # nobody listens there either: the exit code says it
        print(f"relumax: {printable}", *shown, sep="\n", file=sys.stderr, flush=True)
    if "--json" in given:
        from relumax.commands.output import print_failure

        with suppress(OSError):
            print_failure(FAILURES[code], printable)
    return code


def run_solver() -> None:
    """Entry point of relumax-vnnlib."""
    run("relumax-vnnlib")


def run(program: str = "relumax") -> None:
    """Entry point: a short run needs no garbage collector, and no tidying up once all is written."""
    gc.disable()
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed by the caller
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115
        elif mode == "w":  # a file name that the terminal's encoding lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    code = main(program=program)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()
