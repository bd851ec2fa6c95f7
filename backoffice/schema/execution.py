"""One face of the graph, ready to answer: parse, validate, execute, with refusals as coded errors."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    lexicographic_sort_schema,
    parse,
    print_schema,
    validate,
)
from strawberry.schema.config import StrawberryConfig

from backoffice.errors import BackofficeError
from backoffice.permissions import Contract
from backoffice.resolvers.context import Context
from backoffice.schema.access import require_rules
from backoffice.schema.problems import InputProblem, StaleProblem
from backoffice.schema.queries import Query
from backoffice.schema.scalars import SCALARS
from backoffice.schema.ticket_acts import Mutation

_logger = logging.getLogger("backoffice.graph")

_MOST_TOKENS = 4_000
_REMEMBERED_DOCUMENTS = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What the graph answers. A request error has no data: the document never ran."""

    body: dict[str, Any]
    is_request_error: bool = False
    is_mutation_refused: bool = False
    """A mutation came by a way that must not change anything."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A document that was parsed and validated, or why it could not be."""

    document: DocumentNode | None
    errors: tuple[GraphQLError, ...] = ()


class Graph:
    """The schema of a contract with its caches."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.schema = _schema(contract)
        # Validation depends on the document and the contract alone, never on the viewer, so it may be remembered.
        self._prepare = lru_cache(maxsize=_REMEMBERED_DOCUMENTS)(self._parse_and_validate)

    async def execute(
        self,
        *,
        query: str,
        variables: dict[str, Any] | None,
        operation_name: str | None,
        context: Context,
        allow_mutation: bool,
    ) -> Answer:
        """Answer one request."""
        prepared = self._prepare(query)
        if prepared.document is None:
            return Answer({"errors": [_shown(error, context) for error in prepared.errors]}, is_request_error=True)
        operation = get_operation_ast(prepared.document, operation_name)
        if operation is None:
            return _unknown_operation(prepared.document, operation_name)
        if operation.operation is not OperationType.QUERY and not allow_mutation:
            return _mutation_refused()
        context.operation_name = operation.name.value if operation.name else None
        result = execute(
            self.schema._schema,
            prepared.document,
            context_value=context,
            variable_values=variables,
            operation_name=operation_name,
        )
        return _answer(result if isinstance(result, ExecutionResult) else await result, context)

    def document(self, query: str) -> DocumentNode | None:
        """The parsed document when it is valid; remembered."""
        return self._prepare(query).document

    def _parse_and_validate(self, query: str) -> _Prepared:
        try:
            document = parse(query, max_tokens=_MOST_TOKENS, no_location=False)
        except GraphQLSyntaxError as unreadable:
            return _Prepared(None, (unreadable,))
        errors = validate(self.schema._schema, document)
        return _Prepared(None, tuple(errors)) if errors else _Prepared(document)


class ContractNotServed(BackofficeError):
    """There is no graph for this contract."""

    code = "CONTRACT_NOT_SERVED"

    def __init__(self, contract: Contract) -> None:
        super().__init__(f"There is no graph for {contract.value} yet; this version serves STAFF.")


def _schema(contract: Contract) -> strawberry.Schema:
    if contract is not Contract.STAFF:
        raise ContractNotServed(contract)
    made = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[InputProblem, StaleProblem],
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    require_rules(made)
    return made


def sdl(contract: Contract) -> str:
    """The schema of a contract in the schema definition language, sorted."""
    return print_schema(lexicographic_sort_schema(_schema(contract)._schema)) + "\n"


def _unknown_operation(document: DocumentNode, name: str | None) -> Answer:
    known = [
        each.name.value for each in document.definitions if isinstance(each, OperationDefinitionNode) and each.name
    ]
    if not any(isinstance(each, OperationDefinitionNode) for each in document.definitions):
        return _refused("NO_OPERATION", "The document has no operation; write a query.")
    if name is None:
        return _refused("OPERATION_NAME_NEEDED", f"Say with 'operationName' which of {', '.join(known)} to run.")
    return _refused("UNKNOWN_OPERATION", f"The document has no such operation; it has {', '.join(known) or 'no name'}.")


def _mutation_refused() -> Answer:
    said = _refused("MUTATION_BY_GET", "A mutation must be sent by POST.")
    return Answer(said.body, is_request_error=True, is_mutation_refused=True)


def _refused(code: str, message: str) -> Answer:
    return Answer({"errors": [{"message": message, "extensions": {"code": code}}]}, is_request_error=True)


def _answer(result: ExecutionResult, context: Context) -> Answer:
    failed = result.errors or ()
    if result.data is None and failed and all(error.path is None for error in failed):
        # The document is valid and no field ran: a variable cannot be used.
        return Answer(
            {"errors": [_formatted(error, "BAD_VARIABLES", error.message) for error in failed]}, is_request_error=True
        )
    body: dict[str, Any] = {"data": result.data}
    if failed:
        body["errors"] = [_shown(error, context) for error in failed]
    return Answer(body)


def _shown(error: GraphQLError, context: Context) -> dict[str, Any]:
    """An error as it may leave: coded, and silent about what is inside."""
    cause = error.original_error
    if isinstance(cause, BackofficeError):
        return _formatted(error, cause.code, cause.message)
    if cause is None or isinstance(cause, GraphQLError):
        return _formatted(error, _document_code(error), error.message)
    _logger.error("a field failed", exc_info=cause, extra={"request_id": context.request_id})
    return _formatted(error, "INTERNAL", f"Something went wrong on our side; quote {context.request_id} to support.")


def _document_code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "SYNTAX_ERROR"
    return "VALIDATION_FAILED"


def _formatted(error: GraphQLError, code: str, message: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"message": message}
    if error.locations:
        shown["locations"] = [{"line": place.line, "column": place.column} for place in error.locations]
    if error.path is not None:
        shown["path"] = list(error.path)
    return {**shown, "extensions": {"code": code}}
