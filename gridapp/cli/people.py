"""`gridapp people`: accounts, one or many."""

import sys
from pathlib import Path

import click
from pydantic import SecretStr

from geodata.io import read_table
from gridapp.access import ROLES, SYSTEM
from gridapp.cli.application import use_case
from gridapp.cli.output import FINDINGS, answer, json_option, language, patience
from gridapp.cli.params import READ
from gridapp.services import drafts
from gridapp.services.staff import people, people_import


@click.group()
def command() -> None:
    """People: add and import.

    Example: gridapp people add li.na --role chief --scope 511502001001
    """


@command.command()
@click.argument("username", metavar="NAME")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What the person does.")
@click.option("--scope", required=True, help="Code of the area that the person sees.")
@click.option("--full-name", help="The person's name; NAME where not given.")
@click.option("--unit", help="Code of the unit of a handler.")
@click.option("--phone", help="Telephone number.")
@json_option
def add(
    username: str,
    *,
    role: str,
    scope: str,
    full_name: str | None,
    unit: str | None,
    phone: str | None,
    as_json: bool,
) -> None:
    """Add a person; the password is asked for, or read from standard input.

    Example: gridapp people add li.na --role handler --scope 511502 --unit d_water < password.txt
    """
    said = {"username": username, "name": full_name or username, "role": role, "scope": scope}
    password = _password()
    with use_case():
        draft = drafts.parse(people.PersonDraft, {**said, "unit": unit, "phone": phone})
        made = people.add_person(SYSTEM, draft, SecretStr(password))
        document = {"id": str(made.person.id), "username": made.person.username, "role": role, "scope": scope}
    answer(document, as_json=as_json, words=[f"{document['username']} may sign in."])


def _password() -> str:
    if sys.stdin.isatty():
        typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        return typed
    read = sys.stdin.readline().rstrip("\r\n")
    if not read:
        raise click.ClickException("standard input holds no password: write it there, or call this on a terminal")
    return read


@command.command("import")
@click.argument("file", type=READ)
@click.option("--dry-run", is_flag=True, help="Show what would happen.")
@json_option
def import_(file: Path, *, dry_run: bool, as_json: bool) -> int | None:
    """Persons from CSV or XLSX: username, name, role, scope, and unit, phone, titles, language, password where known.

    A password that is not in the file is made up and shown once.

    Example: gridapp people import staff.xlsx --json
    """
    table = read_table(file)
    with patience(f"Importing {file.name}"), use_case(dry_run=dry_run):
        result = people_import.import_people(table, file)
    chinese = language() == "zh_CN"
    refused = [{"row": one.row, "reason": one.zh if chinese else one.en} for one in result.refused]
    document = {"rows": result.rows, "created": result.created, "passwords": result.passwords, "refused": refused}
    words = [f"row {one['row']}: {one['reason']}" for one in refused]
    words += [f"{name}: {password}" for name, password in result.passwords.items()]
    words.append(f"rows {result.rows}, created {result.created}, refused {len(refused)}.")
    answer(document, as_json=as_json, words=words)
    return FINDINGS if refused else None
