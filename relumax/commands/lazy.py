"""A group of commands, each imported when it is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """`modules` tells the module of each command by its name; `command` in there is the command."""

    def __init__(self, *arguments: Any, modules: dict[str, str], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the help."""
        return sorted(self.modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name in self.modules and cmd_name not in self.commands:
            self.add_command(import_module(self.modules[cmd_name]).command, cmd_name)
        return super().get_command(ctx, cmd_name)
