"""The `relumax` command: runs the click commands, and turns every way a run can end into its exit code.

0 proved / valid, 1 refuted / invalid, 2 bad input or usage, 3 unknown, 70 internal error, 130 interrupted.
"""

from __future__ import annotations

import gc
import os
import sys

OK, REFUTED, BAD_INPUT, UNKNOWN, INTERNAL, INTERRUPTED = 0, 1, 2, 3, 70, 130


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit code; errors are one line on standard error."""
    try:
        import click

        from relumax.errors import BudgetExceeded, RelumaxError
    except KeyboardInterrupt:
        return INTERRUPTED
    try:
        from relumax.cli import cli

        result = cli.main(arguments, prog_name="relumax", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else OK
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.UsageError as problem:
        where = f" (see {problem.ctx.command_path} --help)" if problem.ctx else ""
        return _say(f"{problem.format_message()}{where}", BAD_INPUT)
    except click.ClickException as problem:
        return _say(problem.format_message(), BAD_INPUT)
    except (KeyboardInterrupt, click.exceptions.Abort):
        return _say("interrupted", INTERRUPTED)
    except BudgetExceeded as problem:
        return _say(str(problem), UNKNOWN)
    except RelumaxError as problem:
        return _say(str(problem), BAD_INPUT)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nobody listens: what is left goes nowhere
        return OK
    except OSError as problem:
        place = f"{problem.filename}: " if problem.filename else ""
        return _say(f"{place}{problem.strerror or problem}", BAD_INPUT)
    except MemoryError:
        return _say("out of memory", UNKNOWN)
    except Exception as problem:
        if os.environ.get("RELUMAX_DEBUG"):
            import traceback

            traceback.print_exc()
        text = " ".join(str(problem).split())
        return _say(f"internal error, please report: {type(problem).__name__}: {text} (RELUMAX_DEBUG=1 shows where)", INTERNAL)


def _say(message: str, code: int) -> int:
    printable = "".join(c if c.isprintable() else " " for c in message)
    print(f"relumax: {printable}", file=sys.stderr)
    return code


def run() -> None:
    """Entry point: a short run needs no garbage collector, and no tidying up once all is written."""
    gc.disable()
    code = main()
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        pass
    os._exit(code)


if __name__ == "__main__":
    run()
